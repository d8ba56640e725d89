"""What happens around every request: what is remembered is kept up, the person's language and zone apply, set-up comes first."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone, translation

from guanxi.access.models import User
from guanxi.access.rights import company
from guanxi.base.zones import zone_named
from guanxi.record.memory import keep_up

Next = Callable[[HttpRequest], HttpResponse]
OPEN = ("/static/", "/health", "/set-up")


def present(get_response: Next) -> Next:
    """Keep up with the epoch; send people to set-up while there is no company."""

    def respond(request: HttpRequest) -> HttpResponse:
        if request.path.startswith("/static/") or request.path == "/health":
            return get_response(request)
        keep_up()
        if company().pk is None and not request.path.startswith(OPEN):
            return redirect("set-up")
        return get_response(request)

    return respond


def in_their_language(get_response: Next) -> Next:
    """Speak the signed-in person's language and tell time in their zone."""

    def respond(request: HttpRequest) -> HttpResponse:
        user = request.user
        if not isinstance(user, User):
            return get_response(request)
        with translation.override(user.language), timezone.override(zone_named(user.zone)):
            request.LANGUAGE_CODE = user.language
            response = get_response(request)
        response.headers.setdefault("Content-Language", user.language)
        response.headers.setdefault("Cache-Control", "no-store" if not settings.DEBUG else "no-cache")
        return response

    return respond
