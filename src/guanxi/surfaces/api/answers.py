"""What callers get: JSON bytes by orjson."""

from __future__ import annotations

from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from guanxi.record.refusals import Forbidden
from guanxi.surfaces.api.callers import Caller


def caller_of(request: HttpRequest) -> Caller:
    """The caller whom authentication let in."""
    caller: Caller = request.auth  # type: ignore[attr-defined] # ninja puts there what `authenticate` found
    return caller


def administrator(request: HttpRequest) -> Caller:
    """The caller, who is an administrator with all rights. Forbidden."""
    caller = caller_of(request)
    if not caller.user.rights.everything:
        raise Forbidden(_("Only administrators may do this."))
    return caller


def json_answer(told: Any, status: int = 200, **headers: str) -> HttpResponse:
    """A JSON response; header names are written with underscores."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    content = orjson.dumps(told, option=orjson.OPT_UTC_Z)
    return HttpResponse(content, status=status, content_type="application/json", headers=named)


def nothing() -> HttpResponse:
    """Done, and nothing to tell."""
    return HttpResponse(status=204)
