"""Why a write was refused: each says what, where, and what to do."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.db import IntegrityError
from django.utils.translation import gettext as _

from guanxi.entity.registry import entities

UNIQUE = "23505"
"""PostgreSQL's word for a value that is there already."""
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


class Taken(Refused):
    """Another record has a value that only one may have."""


@contextmanager
def one_has_it() -> Iterator[None]:
    """Around a transaction: a value that another record has already is refused by the name of its field. Taken."""
    try:
        yield
    except IntegrityError as broken:
        cause: Any = broken.__cause__
        if getattr(cause, "sqlstate", "") != UNIQUE:
            raise
        found = re.search(r"\((.*?)\)=\(", cause.diag.message_detail or "")  # Key (column, upper(column::text), …)=(…)
        columns = re.findall(r"\w+", found[1]) if found else []
        entity = next((one for one in entities() if one.model._meta.db_table == cause.diag.table_name), None)
        fields = {one.attribute: one for one in entity.bound.values()} if entity else {}
        message = _("Another record has this; it may be in the trash, or out of your sight.")
        names = [fields[column].name for column in columns if column in fields]
        raise Taken(dict.fromkeys(names or [""], message), entity.fields if entity else NO_FIELDS) from broken


class Forbidden(Exception):
    """The actor may not do this."""


class Stale(Exception):
    """The record changed since the actor read it; `meanwhile` are the changes, newest first."""

    def __init__(self, record: Any, meanwhile: list[Any]) -> None:
        self.record, self.meanwhile = record, meanwhile
        super().__init__(_("Somebody else changed this record meanwhile."))


class Missing(Exception):
    """No such record, as far as this actor may know."""
