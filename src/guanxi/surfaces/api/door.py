"""What stands around every call: problems told as JSON whatever goes wrong, a language and a zone that end with the call."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from guanxi.surfaces.api.problems import Problem, answer, problem_of

View = Callable[..., HttpResponse]


def through_the_door(view: View) -> View:
    """The view, with every failure told as a problem. Neither session nor CSRF token is asked for here: `callers` sees to both."""

    @wraps(view)
    def respond(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "HEAD":
            request.method = "GET"  # the server leaves out the body
        with translation.override(translation.get_language()), timezone.override(timezone.get_current_timezone()):
            try:
                _check_address(request)
                response = view(request, *args, **kwargs)
                if response.status_code == 405:
                    response = _wrong_method(request, response)
            except Exception as error:  # noqa: BLE001 - nothing else may answer for the API
                response = answer(problem_of(error), request)
            request.close()  # whatever files it brought
            response["Content-Language"] = translation.get_language() or ""
        response["Cache-Control"] = "no-store"
        return response

    respond.csrf_exempt = True  # type: ignore[attr-defined]
    respond.login_required = False  # type: ignore[attr-defined]
    return respond


def nothing_here(request: HttpRequest, rest: str = "") -> HttpResponse:
    """Any address below the API's that leads nowhere."""
    raise Problem("missing", _("There is nothing at this address."))


def _check_address(request: HttpRequest) -> None:
    """No text in PostgreSQL holds a NUL character, so no question may."""
    for name in request.GET:
        if "\x00" in name or any("\x00" in value for value in request.GET.getlist(name)):
            message = _("Contains a character that cannot be stored (NUL).")
            raise Problem("bad-request", message, errors=[(name.replace("\x00", "\ufffd")[:60], message)])


def _wrong_method(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    allowed = response["Allow"]
    words = _("Use one of %(methods)s.") % {"methods": allowed}
    return answer(Problem("wrong-method", words, headers={"Allow": allowed}), request)
