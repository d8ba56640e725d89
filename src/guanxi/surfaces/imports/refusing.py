"""Why a row could not be written, by field, in words a person understands."""

from __future__ import annotations

import re
from typing import Any

from django.db import DataError, IntegrityError
from django.utils.translation import gettext as _

from guanxi.entity.entity import Entity
from guanxi.record.refusals import Forbidden, Missing, Refused

REFUSALS = (Refused, Forbidden, Missing, IntegrityError, DataError)
"""What a row may be refused with; anything else is a fault of ours and ends the import."""


def why(refusal: Exception, entity: Entity) -> dict[str, str]:
    """The reasons of a refusal by field; "" for the row as a whole."""
    if isinstance(refusal, Refused):
        return dict(refusal.errors)
    if isinstance(refusal, IntegrityError):
        return _taken(refusal, entity)
    if isinstance(refusal, DataError):
        return {"": _("A value is too large or of the wrong form.")}
    return {"": str(refusal)}


def _taken(refusal: IntegrityError, entity: Entity) -> dict[str, str]:
    """The fields whose value another record has, out of PostgreSQL's `Key (column, …)=(…)`."""
    cause: Any = refusal.__cause__
    if getattr(cause, "sqlstate", "") != "23505":
        return {"": _("It does not fit what is there already.")}
    found = re.search(r"\(([^)]*)\)=\(", cause.diag.message_detail or "")
    columns = [one.strip(' "') for one in found[1].split(",")] if found else []
    names = {one.attribute: one.name for one in entity.bound.values()}
    message = _("Another record has this; it may be in the trash, or out of your sight.")
    return {names[column]: message for column in columns if column in names} or {"": message}
