"""Which fields a reader sees of an entity, and how much of each."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from guanxi.entity.actors import Actor, Level, Locale, Titles
from guanxi.entity.entity import Entity
from guanxi.entity.field import Field


def readable(entity: Entity, fields: Iterable[Field], *, to: Actor) -> list[Field]:
    """The fields the reader may know of, masked ones included."""
    return [one for one in fields if to.rights.level(entity.path, one.name) > Level.HIDDEN]


def writable(entity: Entity, fields: Iterable[Field], *, by: Actor) -> list[Field]:
    """The fields the actor may set."""
    return [one for one in fields if not one.read_only and one.data and by.rights.level(entity.path, one.name) == Level.EDIT]


def changeable(entity: Entity, fields: Iterable[Field], *, by: Actor) -> list[Field]:
    """The fields the actor may set on records that are there: whoever may not hand over leaves the owner."""
    may_hand_over = by.rights.may("reassign", entity.path)
    return [one for one in writable(entity, fields, by=by) if one.name != "owner" or may_hand_over]


def clear(entity: Entity, field: Field, *, to: Actor) -> bool:
    """Whether the reader sees the values themselves: what may be filtered, sorted, summed and grouped by."""
    return to.rights.level(entity.path, field.name) > Level.MASKED


def clear_throughout(entity: Entity, field: Field, *, to: Actor) -> bool:
    """Whether the reader sees the values of all records they see: what may be grouped by. In a pool some may keep the field back."""
    veil = entity.veil_for(to)
    return clear(entity, field, to=to) and (veil is None or field.name not in veil.names)


def shown_html(entity: Entity, field: Field, record: Any, *, to: Actor, locale: Locale, titles: Titles, whole: bool = False) -> SafeString:
    """One value as HTML for this reader; `whole` where there is room for all of it."""
    value = field.of(record)
    if not clear(entity, field, to=to):
        return escape(field.k.mask(value))
    html = field.k.whole(value, locale, titles) if whole else field.k.html(value, locale, titles)
    return mark_safe(html)  # noqa: S308 - kinds escape


def dumped(entity: Entity, field: Field, record: Any, *, to: Actor) -> Any:
    """One value as JSON for this reader."""
    value = field.of(record)
    return field.k.dump(value) if clear(entity, field, to=to) else field.k.mask(value)
