"""Every address of the site."""

from importlib.util import find_spec

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, include, path

from guanxi.web.set_up import set_up


@login_not_required
def health(_request: HttpRequest) -> HttpResponse:
    """Answers while the web process is able to answer; asks nothing of the database."""
    return HttpResponse("ok\n", content_type="text/plain")


@login_not_required
def events(_request: HttpRequest) -> HttpResponse:
    """Named here so that pages find it; `asgi.py` answers it with a stream, which WSGI cannot."""
    return HttpResponse("The event stream is served over ASGI.\n", content_type="text/plain", status=501)


ROOMS = ("api", "public", "home", "inbox", "palette", "search", "administration", "arranging", "history", "imports", "exports", "views", "board", "chart", "dashboards",
         "calendar", "bulk", "listing", "dedupe", "trash", "timeline", "forms", "files", "detail")  # fmt: skip

urlpatterns: list[URLPattern | URLResolver] = [
    path("health", health, name="health"),
    path("events", events, name="events"),
    path("set-up", set_up, name="set-up"),
    path("", include("allauth.urls")),
    path("", include("guanxi.crm.urls")),
    *(
        path("", include(f"guanxi.surfaces.{room}.urls"))
        for room in ROOMS
        if find_spec(f"guanxi.surfaces.{room}") and find_spec(f"guanxi.surfaces.{room}.urls")
    ),
]
if settings.DEBUG:
    urlpatterns.append(path("specimen/", include(("guanxi.web.specimen.pages", "specimen"))))
