"""What records give to the tables, as text of COPY: their own columns, the change, what they are found and recognised by.

All of it follows from a record's values alone. A long import works it out in another process, ahead of the writing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from functools import cache, lru_cache
from typing import Any, NamedTuple

import orjson
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.base import ModelState

from guanxi.base.words import tokens, tsvector
from guanxi.entity.entity import Entity
from guanxi.entity.field import Field
from guanxi.entity.kinds import Kind
from guanxi.record.copying import text_of

Adapt = Callable[[Any], Any] | None
SAID = "_said"
"""Set on a new record when what is kept beside it was worked out before."""
STAMPED = ("id", "created_at", "created_by_id", "changed_at", "changed_by_id")
"""The columns of a new record that it gets while it is written."""
OF_ITS_OWN = (*STAMPED, "_state")
"""The attributes that are never as those of another record."""


class Said(NamedTuple):
    """What a new record gives to the tables, complete but for its key and the moment: worked out from its values alone, perhaps by another process.

    Each is the text of a line of COPY, or what is left of one.
    """

    values: dict[str, Any]
    """Its attributes, those that are not as every new record has them. The one part that is no text."""
    row: str
    """Its own columns."""
    change: str
    """What its history begins with: where it is shown besides, its title, [nothing, value] by field."""
    document: str
    """What it is found by; empty where nothing is."""
    identities: tuple[str, ...]
    """What it is recognised by."""


def unlike_new(record: Any) -> dict[str, Any]:
    """The attributes of a new record that are not as every new one has them, but for those it gets while it is written."""
    usual = _usual(record.__class__).values
    values = {name: value for name, value in record.__dict__.items() if name not in usual or usual[name] != value}
    for name in OF_ITS_OWN:
        values.pop(name, None)
    return values


def said(entity: Entity, record: Any) -> Said:
    """What a new record gives to the tables; it must be called something, or have its key."""
    values = unlike_new(record)
    return Said(
        values,
        _row_text(type(record), values),
        told_text(entity, record, as_json(_first_diff(entity, record, values))),
        document_text(entity, record) if entity.searchable else "",
        tuple(identity_texts(entity, record)),
    )


def _beforehand(record: Any) -> Said | None:
    """What was said of a new record already."""
    found: Said | None = record.__dict__.get(SAID)
    return found


def stamps(record: Any) -> str:
    """The columns that are stamped."""
    values = record.__dict__
    made, changed = values["created_at"], values["changed_at"]
    first = time_text(made)
    last = first if changed is made else time_text(changed)
    return f"{values['id']}\t{first}\t{text_of(values['created_by_id'])}\t{last}\t{text_of(values['changed_by_id'])}"


@lru_cache(maxsize=64)
def time_text(moment: dt.datetime) -> str:
    """A moment; the same one comes again and again."""
    return moment.isoformat()


def row_text(record: Any) -> str:
    """The columns of a new record but those that are stamped."""
    said = _beforehand(record)
    return said.row if said else _row_text(type(record), unlike_new(record))


def _row_text(model: type[models.Model], values: Mapping[str, Any]) -> str:
    """The same when only these attributes are not as every new record has them."""
    usual = _usual(model)
    texts = usual.texts.copy()
    for attribute, value in values.items():
        place = usual.places.get(attribute)
        if place is not None:
            adapt = usual.adapt[place]
            texts[place] = text_of(adapt(value) if adapt else value)
    return "\t".join(texts)


class _Usual(NamedTuple):
    """A new record of which nothing is known."""

    values: dict[str, Any]
    """Its attributes."""
    texts: list[str]
    """Its columns that are not stamped."""
    places: dict[str, int]
    """Of attributes among the texts."""
    adapt: list[Adapt]


@cache
def _usual(model: Any) -> _Usual:
    new = blank(model).__dict__
    columns = [(attribute, adapt) for column, attribute, adapt in columns_of(model) if column not in STAMPED]
    return _Usual(
        new,
        [text_of(adapt(new[attribute]) if adapt else new[attribute]) for attribute, adapt in columns],
        {attribute: place for place, (attribute, _adapt) in enumerate(columns)},
        [adapt for _attribute, adapt in columns],
    )


def document_text(entity: Entity, record: Any, files: Iterable[str] = ()) -> str:
    """A record's search document: title, words, owner, team, with whom it is shared."""
    if said := _beforehand(record):
        return said.document
    shared = [*getattr(record, "co_workers", ()), *getattr(record, "readers", ())] or None
    values = (
        entity.title_of(record)[:255], words_of(entity, record, files), getattr(record, "owner_id", None), getattr(record, "team_id", None), shared
    )  # fmt: skip
    return "\t".join(map(text_of, values))


def identity_texts(entity: Entity, record: Any) -> Iterable[str]:
    """What a record is recognised by."""
    if said := _beforehand(record):
        return said.identities
    return (f"{text_of(what)}\t{text_of(value)}" for what, value in identities_of(entity, record))


def told_text(entity: Entity, record: Any, diff: str) -> str:
    """What a change tells: where it is shown besides, the record's title, the diff; of a new record it is all said."""
    if said := _beforehand(record):
        return said.change
    parent = entity.bound.get(entity.parent) if entity.parent else None
    path = (parent.k.linked() or "") if parent else ""
    return "\t".join(map(text_of, (path, parent.of(record) if parent else None, entity.title_of(record)[:255], diff)))


# ——— values in the history ———


def snapshot(entity: Entity, record: Any) -> dict[str, Any]:
    """Every value of the record as its kind dumps it, and whether it is in the trash."""
    known = record.__dict__  # without what was not fetched, and of a stand-in such as `request.user` nothing
    values = {one.name: one.k.dump(known[kept] if kept in known else one.of(record)) for one, kept in _told(entity)}
    values["deleted_at"] = record.deleted_at.isoformat() if record.deleted_at else None
    return values


UNTOLD = frozenset({"id", "created_at", "created_by", "changed_at", "changed_by", "version"})
"""Fields of the write itself: a diff does not repeat them."""


def _told(entity: Entity) -> list[tuple[Field, str]]:
    """The fields of which a diff tells, each with the attribute of a record that is its value as it stands, if there is one."""
    fields = (one for one in entity.fields.values() if one.name not in UNTOLD and not one.follows)
    return entity.once("told", lambda: [(one, one.attribute if not one.custom and type(one.k).of is Kind.of else "") for one in fields])


def _first_diff(entity: Entity, record: Any, values: Mapping[str, Any]) -> dict[str, Any]:
    """What a new record says, of which these attributes are not as usual: [nothing, value] of every field that has one."""
    usual, kept, others = _told_first(entity)
    told = dict(usual)
    for attribute, value in values.items():
        one = kept.get(attribute)
        if one is not None and _says(value):
            told[one.name] = [None, one.k.dump(value)]
        elif one is not None:
            told.pop(one.name, None)
    for one in others:
        value = one.of(record)
        if _says(value):
            told[one.name] = [None, one.k.dump(value)]
    return told


def _told_first(entity: Entity) -> tuple[dict[str, Any], dict[str, Field], list[Field]]:
    """What every new record says; the fields of which a diff tells by the attribute that is their value; those that have none."""

    def make() -> tuple[dict[str, Any], dict[str, Field], list[Field]]:
        kept = {attribute: one for one, attribute in _told(entity) if attribute}
        new = blank(entity.model).__dict__
        usual = {one.name: [None, one.k.dump(new[attribute])] for attribute, one in kept.items() if _says(new[attribute])}
        return usual, kept, [one for one, attribute in _told(entity) if not attribute]

    return entity.once("told first", make)


def _says(value: Any) -> bool:
    return bool(value) or not (value is None or value is False or value == "" or isinstance(value, (list, dict, tuple)))


# ——— words and identities ———


def words_of(entity: Entity, record: Any, files: Iterable[str] = ()) -> str:
    """The words by which a record is found, those of its files' names among them, as a tsvector."""
    parts = [(one.search, one.k.tokens(value)) for one in _chosen(entity, "search") if (value := one.of(record))]
    return tsvector([*parts, *map(file_words, files)])


def file_words(name: str) -> tuple[str, list[str]]:
    """What of a file's name its record is found by, and how heavily."""
    return "D", tokens(f"{name} {name.replace('_', ' ').replace('.', ' ')}")


def identities_of(entity: Entity, record: Any) -> Iterable[tuple[str, str]]:
    """(what, value) pairs by which a record is recognised, each once."""
    return dict.fromkeys([pair for one in _chosen(entity, "identity") for pair in one.k.identities(one.of(record))])


def _chosen(entity: Entity, trait: str) -> list[Field]:
    """The entity's fields that have a trait, `search` or `identity`."""
    return entity.once(trait, lambda: [one for one in entity.fields.values() if getattr(one, trait)])


def as_json(value: Any) -> str:
    """A value of plain parts as JSON."""
    return orjson.dumps(value).decode()


def _array(value: Any) -> Any:
    return list(value) if value else "{}"


def blank(model: type[models.Model]) -> Any:
    """A new instance with its columns' defaults, without the cost of Django's constructor: imports make millions."""
    record = model.__new__(model)
    record._state = ModelState()
    record.__dict__.update(_plain_defaults(model))
    for attribute, make in _made_defaults(model):
        record.__dict__[attribute] = make()
    return record


def _makes(column: Any) -> bool:
    return column.has_default() and callable(column.default)


@cache
def _plain_defaults(model: type[models.Model]) -> dict[str, Any]:
    columns = (one for one in model._meta.concrete_fields if not _makes(one))
    return {one.attname: None if one.generated else one.get_default() for one in columns}


@cache
def _made_defaults(model: type[models.Model]) -> list[tuple[str, Callable[[], Any]]]:
    return [(one.attname, one.default) for one in model._meta.concrete_fields if _makes(one)]


@cache
def columns_of(model: type[models.Model]) -> list[tuple[str, str, Adapt]]:
    """(column, attribute, how to adapt its value) of every stored field."""
    return [(one.column or one.name, one.attname, _adapter(one)) for one in model._meta.concrete_fields if not one.generated]


def _adapter(column: Any) -> Adapt:
    if isinstance(column, models.JSONField):
        return as_json
    if isinstance(column, ArrayField):
        return _array
    return None
