"""Serves the specimen pages under the product's own settings (CSP, static files), without a database. Prints its port."""

import os
import sys
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guanxi.web.settings")

from django.conf import settings
from django.core.wsgi import get_wsgi_application

settings.INSTALLED_APPS = ["guanxi.web", "django.contrib.staticfiles", "csp", "django_htmx", "template_partials"]
settings.ROOT_URLCONF = "guanxi.web.specimen.pages"
settings.MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
settings.TEMPLATES[0]["OPTIONS"]["context_processors"] = ["django.template.context_processors.request"]
settings.ALLOWED_HOSTS = ["127.0.0.1"]


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class Quiet(WSGIRequestHandler):
    def log_message(self, *_args: object) -> None:
        """Requests are not told; faults still go to stderr through Django."""


server = make_server("127.0.0.1", int(sys.argv[1]) if len(sys.argv) > 1 else 0, get_wsgi_application(), Server, Quiet)
sys.stdout.write(f"{server.server_port}\n")
sys.stdout.flush()
server.serve_forever()
