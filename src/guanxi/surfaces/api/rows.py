"""Records as JSON: which fields the caller gets, and each record as a plain dict."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.utils.translation import gettext as _

from guanxi.access.sight import clear, readable
from guanxi.access.titles import titles_for
from guanxi.base.words import similar
from guanxi.entity.actors import Actor, Titles
from guanxi.entity.entity import Entity
from guanxi.entity.field import Field
from guanxi.entity.kinds import Day, Kind, Moment, Whole
from guanxi.surfaces.api.problems import Problem

Read = Callable[[Any], Any]

AS_IT_STANDS = {Kind.dump, Day.dump, Moment.dump, Whole.dump}
"""Kinds whose values orjson writes just as the kind would: it knows days and moments."""


class Sheet:
    """What of an entity's records one caller gets: fields, and links told with their titles."""

    def __init__(self, entity: Entity, to: Actor, fields: str = "", expand: str = "") -> None:
        self.entity, self.to = entity, to
        known = {one.name: one for one in readable(entity, entity.data_fields, to=to)}
        self.fields = [_named(entity, known, name, "fields") for name in _split(fields)] or list(known.values())
        self.chosen = bool(fields.strip())
        self.expanded = [_expandable(entity, known, name, to) for name in _split(expand)]
        plain = [one for one in self.fields if one not in self.expanded and one.name != "id"]
        self.reads = [(one.name, _reading(entity, one, to)) for one in plain]

    def tell(self, records: Iterable[Any]) -> list[dict[str, Any]]:
        """The records in order."""
        records = list(records)
        reads = self.reads
        told = [{"id": one.pk, "version": one.version, **{name: read(one) for name, read in reads}} for one in records]
        if self.expanded:
            titles = titles_for(records, self.expanded, to=self.to)
            for record, values in zip(records, told, strict=True):
                values.update({one.name: _with_titles(one, one.of(record), titles) for one in self.expanded})
        return told

    @property
    def columns(self) -> list[str] | None:
        """The model's columns to fetch; None for all of them."""
        if not self.chosen:
            return None
        fields = [*self.fields, *self.expanded]
        named = {"custom" if one.custom else one.name for one in fields}
        # Money is read together with the currency that stands beside it.
        named.update(one.k.currency for one in fields if hasattr(one.k, "currency") and not one.custom)
        return [*sorted(name for name in named if _is_column(self.entity, name)), "version"]


def _is_column(entity: Entity, name: str) -> bool:
    return any(one.name == name for one in entity.model._meta.concrete_fields)


def _split(names: str) -> list[str]:
    return list(dict.fromkeys(name.strip() for name in names.split(",") if name.strip()))


def _named(entity: Entity, known: dict[str, Field], name: str, parameter: str) -> Field:
    if name in known:
        return known[name]
    near = similar(name[:60], list(known))
    message = _("%(entity)s has no field “%(name)s”.") % {"entity": entity.path, "name": name[:60]}
    if near:
        message += " " + _("Did you mean “%(near)s”?") % {"near": near[0]}
    raise Problem("bad-request", message, errors=[(parameter, message)])


def _expandable(entity: Entity, known: dict[str, Field], name: str, to: Actor) -> Field:
    field = _named(entity, known, name, "expand")
    if field.k.linked() is None or not clear(entity, field, to=to):
        message = _("“%(name)s” does not lead to other records.") % {"name": name}
        raise Problem("bad-request", message, errors=[("expand", message)])
    return field


def _reading(entity: Entity, field: Field, to: Actor) -> Read:
    """How the field's JSON value is read off a record; without calls where the kind takes the value as it stands."""
    kind = field.k
    if not clear(entity, field, to=to):
        return lambda record: kind.mask(kind.of(field, record))
    if field.custom or type(kind).of is not Kind.of:
        return lambda record: kind.dump(kind.of(field, record))
    attribute = field.attribute
    if type(kind).dump in AS_IT_STANDS:
        return lambda record: record.__dict__[attribute]
    return lambda record: kind.dump(record.__dict__[attribute])


def _with_titles(field: Field, value: Any, titles: Titles) -> Any:
    target = field.k.linked() or ""

    def titled(key: int) -> dict[str, Any]:
        return {"id": key, "title": titles.get((target, key))}

    if isinstance(value, (tuple, list)):
        return [titled(key) for key in value]
    return None if value is None else titled(value)
