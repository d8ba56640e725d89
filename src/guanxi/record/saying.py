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


def say(entity: Entity, record: Any, values: dict[str, Any], diff: Mapping[str, Any]) -> Said:
    """What a new record gives to the tables; it must be called something, or have its key."""
    return Said(
        values,
        _row_text(type(record), values),
        told_text(entity, record, as_json(diff)),
        document_text(entity, record) if entity.searchable else "",
        tuple(identity_texts(entity, record)),
    )


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
    said = record.__dict__.get(SAID)
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
    if said := record.__dict__.get(SAID):
        return said.document  # type: ignore[no-any-return]
    shared = [*getattr(record, "co_workers", ()), *getattr(record, "readers", ())] or None
    values = (
        entity.title_of(record)[:255], words_of(entity, record, files), getattr(record, "owner_id", None), getattr(record, "team_id", None), shared
    )  # fmt: skip
    return "\t".join(map(text_of, values))


def identity_texts(entity: Entity, record: Any) -> Iterable[str]:
    """What a record is recognised by."""
    if said := record.__dict__.get(SAID):
        return said.identities  # type: ignore[no-any-return]
    return (f"{text_of(what)}\t{text_of(value)}" for what, value in identities_of(entity, record))


def told_text(entity: Entity, record: Any, diff: str) -> str:
    """What a change tells: where it is shown besides, the record's title, the diff."""
    parent = entity.bound.get(entity.parent) if entity.parent else None
    path = (parent.k.linked() or "") if parent else ""
    return "\t".join(map(text_of, (path, parent.of(record) if parent else None, entity.title_of(record)[:255], diff)))


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
    if trait not in entity.memo:
        entity.memo[trait] = [one for one in entity.fields.values() if getattr(one, trait)]
    return entity.memo[trait]  # type: ignore[no-any-return]


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
