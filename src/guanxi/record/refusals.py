"""Why a write was refused: each says what, where, and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

NO_FIELDS: Mapping[str, Any] = {}


class Refused(Exception):
    """Values that cannot be written; `errors` maps a field's name to what is wrong with it.

    As text it is for people: names are for programs, and told by the labels of `fields` or not at all.
    """

    def __init__(self, errors: Mapping[str, str], fields: Mapping[str, Any] = NO_FIELDS) -> None:
        self.errors = {name: str(message) for name, message in errors.items()}
        self.fields = fields
        super().__init__(self.errors)

    def __str__(self) -> str:
        return self.told(self.fields)

    def told(self, fields: Mapping[str, Any]) -> str:
        """What is wrong in sentences, with these fields called by their labels."""
        parts = []
        for name, message in self.errors.items():
            one = fields.get(name.partition(".")[0])
            if name != "#":
                parts.append(_("%(field)s: %(message)s") % {"field": one.label, "message": message} if one else message)
        return " ".join(parts)


class Forbidden(Exception):
    """The actor may not do this."""


class Stale(Exception):
    """The record changed since the actor read it; `meanwhile` are the changes, newest first."""

    def __init__(self, record: Any, meanwhile: list[Any]) -> None:
        self.record, self.meanwhile = record, meanwhile
        super().__init__(_("Somebody else changed this record meanwhile."))


class Missing(Exception):
    """No such record, as far as this actor may know."""
