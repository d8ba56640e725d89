"""Why a row could not be written, by field, in words a person understands."""

from __future__ import annotations

from django.db import DataError, IntegrityError
from django.utils.translation import gettext as _

from guanxi.record.refusals import Forbidden, Missing, Refused

REFUSALS = (Refused, Forbidden, Missing, IntegrityError, DataError)
"""What a row may be refused with; anything else is a fault of ours and ends the import."""


def why(refusal: Exception) -> dict[str, str]:
    """The reasons of a refusal by field; "" for the row as a whole."""
    if isinstance(refusal, Refused):
        return dict(refusal.errors)
    if isinstance(refusal, IntegrityError):
        return {"": _("It does not fit what is there already.")}
    if isinstance(refusal, DataError):
        return {"": _("A value is too large or of the wrong form.")}
    return {"": str(refusal)}
