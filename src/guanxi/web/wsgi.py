"""Django as a WSGI application; `asgi.py` runs it in threads."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guanxi.web.settings")
application = get_wsgi_application()
