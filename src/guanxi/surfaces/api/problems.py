"""Refusals as problem details (RFC 9457): one shape for everything that can go wrong with a call."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.db import DataError, Error, IntegrityError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from ninja.errors import AuthenticationError, ValidationError

from guanxi.entity.conditions import ConditionError
from guanxi.record.refusals import UNIQUE, Forbidden, Missing, Refused, Stale, Taken
from guanxi.surfaces.ordering import Unanswerable

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
TYPES = "/api/v1/docs#problem-"

KINDS: dict[str, tuple[int, str | Promise]] = {
    "bad-request": (400, gettext_lazy("The request cannot be read")),
    "unauthenticated": (401, gettext_lazy("Say who you are")),
    "forbidden": (403, gettext_lazy("You may not do this")),
    "missing": (404, gettext_lazy("There is no such thing")),
    "wrong-method": (405, gettext_lazy("This address does not take this method")),
    "conflict": (409, gettext_lazy("This conflicts with what is there")),
    "stale": (412, gettext_lazy("Somebody else changed this meanwhile")),
    "too-large": (413, gettext_lazy("The request is too large")),
    "wrong-type": (415, gettext_lazy("Send JSON")),
    "refused": (422, gettext_lazy("These values cannot be saved")),
    "fault": (500, gettext_lazy("Something went wrong on our side")),
}
"""Every problem by the name in its type: status and title."""


class Problem(Exception):
    """A refusal of the API itself; `errors` are (path, message) pairs or whole objects, `more` further members."""

    def __init__(
        self,
        kind: str,
        detail: str = "",
        *,
        errors: Iterable[tuple[str, str] | Mapping[str, Any]] = (),
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> None:
        self.kind = kind
        self.detail = detail
        self.errors = [one if isinstance(one, Mapping) else {"path": one[0], "message": one[1]} for one in errors]
        self.headers = dict(headers or {})
        self.more = more
        super().__init__(detail or kind)

    @property
    def status(self) -> int:
        return KINDS[self.kind][0]

    def as_json(self, instance: str = "") -> dict[str, Any]:
        """The members of the problem."""
        told: dict[str, Any] = {"type": TYPES + self.kind, "title": str(KINDS[self.kind][1]), "status": self.status}
        if self.detail:
            told["detail"] = self.detail
        if instance:
            told["instance"] = instance
        return {**told, "errors": self.errors, **self.more}


def answer(problem: Problem, request: HttpRequest) -> HttpResponse:
    """The problem as a response."""
    # A path may hold characters that came as broken UTF-8; they are told as they were sent.
    instance = request.get_full_path() if problem.status != 413 else request.path
    content = orjson.dumps(problem.as_json(instance[:500].encode("utf-8", "replace").decode()))
    return HttpResponse(content, status=problem.status, content_type=MEDIA_TYPE, headers=problem.headers)


def problem_of(error: Exception) -> Problem:
    """What an exception tells the caller."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, Taken):
        return Problem("conflict", _("There is such a record already."), errors=pairs(error))
    if isinstance(error, Refused):
        return Problem("refused", _counted(error.errors), errors=pairs(error))
    if isinstance(error, Forbidden):
        return Problem("forbidden", str(error))
    if isinstance(error, (Missing, Http404)):
        return Problem("missing", str(error) if isinstance(error, Missing) else _("There is nothing at this address."))
    if isinstance(error, Stale):
        return Problem("stale", str(error))
    if isinstance(error, ConditionError):
        return Problem("bad-request", str(error), errors=[{"path": "condition", **error.as_json()}])
    if isinstance(error, Unanswerable):
        return Problem("bad-request", str(error))
    if isinstance(error, ValidationError):
        return Problem("bad-request", _("A parameter is wrong."), errors=[_parameter_error(one) for one in error.errors])
    if isinstance(error, AuthenticationError):
        words = _("Send “Authorization: Bearer …” with an API key, or sign in.")
        return Problem("unauthenticated", words, headers={"WWW-Authenticate": 'Bearer realm="Guanxi"'})
    return _of_request(error) or _of_database(error) or _fault(error)


def pairs(error: Refused) -> list[tuple[str, str]]:
    """A refusal's errors as (path, message)."""
    return [(name, message) for name, message in error.errors.items() if name != "#"]


def _counted(errors: Mapping[str, str]) -> str:
    number = len([name for name in errors if name != "#"])
    return ngettext("One value was refused.", "%(number)d values were refused.", number) % {"number": number}


def _of_request(error: Exception) -> Problem | None:
    if isinstance(error, RequestDataTooBig):
        return Problem("too-large", _("Send less at once."))
    if isinstance(error, (SuspiciousOperation, UnreadablePostError)):
        return Problem("bad-request", _("The request broke off or is malformed."))
    return None


def _of_database(error: Exception) -> Problem | None:
    if not isinstance(error, Error):
        return None
    cause = error.__cause__
    state = getattr(cause, "sqlstate", None)
    if isinstance(error, IntegrityError) and state == UNIQUE:
        return Problem("conflict", _("There is such a record already."))
    if isinstance(error, OperationalError) and state in {"55P03", "40P01"}:
        words = _("Somebody else is at work on the same records; try again.")
        return Problem("conflict", words, headers={"Retry-After": "1"})
    if isinstance(error, DataError):
        # Kinds and conditions refuse what does not fit before the database has to; this is the net below them.
        log.warning("A value reached the database that it cannot hold: %s", cause)
        return Problem("bad-request", _("A value is too large or of the wrong form."))
    return None


def _fault(error: Exception) -> Problem:
    log.error("A call of the API failed", exc_info=error)
    return Problem("fault", _("It was noted in the log. Nothing was saved."))


def _parameter_error(error: Mapping[str, Any]) -> tuple[str, str]:
    """One of pydantic's findings in our words; only parameters are its business, and they are numbers and yes/no."""
    place = [str(one) for one in error["loc"]]
    limits = error.get("ctx") or {}
    kind = error["type"]
    if kind.startswith("int_"):
        message = _("Send a whole number.")
    elif kind.startswith("bool_"):
        message = _("Send true or false.")
    elif kind == "greater_than_equal":
        message = _("At least %(least)s.") % {"least": limits["ge"]}
    elif kind == "less_than_equal":
        message = _("At most %(most)s.") % {"most": limits["le"]}
    elif kind == "string_too_long":
        message = _("At most %(most)s characters.") % {"most": limits["max_length"]}
    elif kind == "missing":
        message = _("Fill this in.")
    else:
        message = str(error["msg"])
    return place[-1], message
