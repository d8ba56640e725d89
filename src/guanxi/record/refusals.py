"""Why a write was refused: each says what, where, and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _


class Refused(Exception):
    """Values that cannot be written; `errors` maps a field's name to what is wrong with it."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        self.errors = {name: str(message) for name, message in errors.items()}
        super().__init__("; ".join(f"{name}: {message}" if name else message for name, message in self.errors.items()))


class Forbidden(Exception):
    """The actor may not do this."""


class Stale(Exception):
    """The record changed since the actor read it; `meanwhile` are the changes, newest first."""

    def __init__(self, record: Any, meanwhile: list[Any]) -> None:
        self.record, self.meanwhile = record, meanwhile
        super().__init__(_("Somebody else changed this record meanwhile."))


class Missing(Exception):
    """No such record, as far as this actor may know."""
