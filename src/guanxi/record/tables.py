"""Rows into PostgreSQL: COPY for new ones, one statement for many updates, and what is kept beside a record.

Only `changes` calls this.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson
from django.contrib.postgres.fields import ArrayField
from django.db import connection, models
from django.db.models.base import ModelState

from guanxi.base.words import tokens, tsvector
from guanxi.entity.entity import Entity, Write
from guanxi.entity.field import Field
from guanxi.record.copying import copy_lines, text_of
from guanxi.record.models import File

if TYPE_CHECKING:
    from guanxi.record.changes import Origin

Adapt = Callable[[Any], Any] | None
FILES = "+files"
"""Under this name a change tells of files; no field can be called so."""
SAID = "_said"
"""Set on a new record when what is kept beside it was worked out before."""


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


def take_keys(entity: Entity, records: Sequence[Any]) -> None:
    """Keys from the sequence for those that have none."""
    bare = [record for record in records if record.pk is None]
    if bare:
        with connection.cursor() as cursor:
            cursor.execute(
                "WITH keys AS MATERIALIZED (SELECT pg_get_serial_sequence(%s, 'id')::regclass AS name) "
                "SELECT nextval(name) FROM keys, generate_series(1, %s)",
                [entity.model._meta.db_table, len(bare)],
            )
            for record, (key,) in zip(bare, cursor.fetchall(), strict=True):
                record.pk = key


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
        _told_text(entity, record, as_json(diff)),
        _document_text(entity, record) if entity.searchable else "",
        tuple(_identity_texts(entity, record)),
    )


def insert_rows(entity: Entity, records: Sequence[Any]) -> None:
    """New records, of which everything was said, by COPY."""
    model = entity.model
    columns = [*STAMPED, *(column for column, _attribute, _adapt in _columns(model) if column not in STAMPED)]
    names = ", ".join(f'"{column}"' for column in columns)
    copy_lines(f'"{model._meta.db_table}" ({names})', (f"{_stamps(record)}\t{record.__dict__[SAID].row}" for record in records))
    for record in records:
        record._state.adding = False
        record._state.db = connection.alias
    _take_computed(model, records)


def update_rows(entity: Entity, writes: Sequence[Write]) -> None:
    """Changed columns of locked records; writes with the same changed columns go in one pipeline."""
    groups: dict[tuple[str, ...], list[Any]] = {}
    always = {"version", "changed_at", "changed_by_id"}
    for write in writes:
        touched = set(always)
        for name in write.before:
            one = entity.fields.get(name)
            touched.add("custom" if one is not None and one.custom else one.attribute if one is not None else name)
        groups.setdefault(tuple(sorted(touched)), []).append(write.record)
    by_attribute = {attribute: (column, attribute, adapt) for column, attribute, adapt in _columns(entity.model)}
    table = entity.model._meta.db_table
    with connection.cursor() as cursor:
        for touched_columns, records in groups.items():
            columns = [by_attribute[attribute] for attribute in touched_columns]
            assignments = ", ".join(f'"{column}" = %s' for column, _attribute, _adapt in columns)
            statement = f'UPDATE "{table}" SET {assignments} WHERE id = %s'
            cursor.executemany(statement, [(*_row(record, columns), record.pk) for record in records])
    _take_computed(entity.model, [write.record for write in writes])


def _take_computed(model: type[models.Model], records: Sequence[Any]) -> None:
    """The columns that the database computes, from the rows as they are now; one query, and only where there are any."""
    computed = [one.attname for one in model._meta.concrete_fields if one.generated]
    if computed and records:
        by_key = {record.pk: record for record in records}
        for key, *values in model._base_manager.filter(pk__in=by_key).values_list("pk", *computed):
            by_key[key].__dict__.update(zip(computed, values, strict=True))


def record_of_writes(entity: Entity, writes: Sequence[Write], diffs: Iterable[str] = (), *, event: str, origin: Origin) -> None:
    """The change of each write with its diff (JSON), the search documents and identities, and the notice on commit.

    What new records say of themselves has their diffs in it.
    """
    told = (
        [write.record.__dict__[SAID].change for write in writes]
        if writes[0].created
        else [_told_text(entity, write.record, diff) for write, diff in zip(writes, diffs, strict=True)]
    )
    same = f"{text_of(origin.batch)}\t{origin.via}\t{event}\t{entity.path}"
    copy_lines(
        "change (at, by_id, record_id, batch, origin, event, entity, parent_entity, parent_id, title, diff)",
        (
            f"{_time_text(write.record.changed_at)}\t{text_of(write.record.changed_by_id)}\t{write.record.pk}\t{same}\t{said}"
            for write, said in zip(writes, told, strict=True)
        ),
    )
    _index(entity, [write for write in writes if write.created or _concerns_search(entity, write)])
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify('guanxi_change', %s)", [entity.path])


def _concerns_search(entity: Entity, write: Write) -> bool:
    kept = {entity.title, "owner", "team", "co_workers", "readers", "deleted_at", FILES}
    return any(
        name in kept or (name in entity.fields and (entity.fields[name].search or entity.fields[name].identity)) for name in write.before
    )


def index_again(entity: Entity, records: Sequence[Any]) -> None:
    """Search documents and identities as the records, and the files beside them, are now."""
    _index(entity, [Write(record, False, {}) for record in records])


def _index(entity: Entity, writes: Sequence[Write]) -> None:
    """Search documents and identities made anew for these records; those in the trash lose theirs."""
    if not writes:
        return
    old = [write.record.pk for write in writes if not write.created]
    if old:
        with connection.cursor() as cursor:
            for table in ("search_document", "identity"):
                cursor.execute(f"DELETE FROM {table} WHERE entity = %s AND record_id = ANY(%s)", [entity.path, old])
    records = [write.record for write in writes if write.record.deleted_at is None]
    if entity.searchable:
        files = file_names(entity, old)
        copy_lines(
            "search_document (record_id, entity, title, words, owner_id, team_id, shared)",
            (f"{one.pk}\t{entity.path}\t{_document_text(entity, one, files.get(one.pk, ()))}" for one in records),
        )
    copy_lines(
        "identity (record_id, entity, what, value)",
        (f"{one.pk}\t{entity.path}\t{said}" for one in records for said in _identity_texts(entity, one)),
    )


def _document_text(entity: Entity, record: Any, files: Iterable[str] = ()) -> str:
    """A record's search document: title, words, owner, team, with whom it is shared."""
    if said := record.__dict__.get(SAID):
        return said.document  # type: ignore[no-any-return]
    shared = [*getattr(record, "co_workers", ()), *getattr(record, "readers", ())] or None
    values = (
        entity.title_of(record)[:255], words_of(entity, record, files), getattr(record, "owner_id", None), getattr(record, "team_id", None), shared
    )  # fmt: skip
    return "\t".join(map(text_of, values))


def _identity_texts(entity: Entity, record: Any) -> Iterable[str]:
    if said := record.__dict__.get(SAID):
        return said.identities  # type: ignore[no-any-return]
    return (f"{text_of(what)}\t{text_of(value)}" for what, value in identities_of(entity, record))


def _told_text(entity: Entity, record: Any, diff: str) -> str:
    """What a change tells: where it is shown besides, the record's title, the diff."""
    parent = entity.bound.get(entity.parent) if entity.parent else None
    path = (parent.k.linked() or "") if parent else ""
    return "\t".join(map(text_of, (path, parent.of(record) if parent else None, entity.title_of(record)[:255], diff)))


def words_of(entity: Entity, record: Any, files: Iterable[str] = ()) -> str:
    """The words by which a record is found, those of its files' names among them, as a tsvector."""
    parts = [(one.search, one.k.tokens(value)) for one in _chosen(entity, "search") if (value := one.of(record))]
    return tsvector([*parts, *map(file_words, files)])


def file_names(entity: Entity, keys: Sequence[int]) -> dict[int, list[str]]:
    """The names of the files that records have, by record."""
    found: dict[int, list[str]] = {}
    if keys and not entity.settings and not entity.part_of:
        rows = File.objects.filter(entity=entity.path, record_id__in=keys, deleted_at__isnull=True)
        for key, name in rows.values_list("record_id", "name"):
            found.setdefault(key, []).append(name)
    return found


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


STAMPED = ("id", "created_at", "created_by_id", "changed_at", "changed_by_id")
"""The columns of a new record that it gets while it is written."""
OF_ITS_OWN = (*STAMPED, "_state")


def _stamps(record: Any) -> str:
    values = record.__dict__
    made, changed = values["created_at"], values["changed_at"]
    first = _time_text(made)
    last = first if changed is made else _time_text(changed)
    return f"{values['id']}\t{first}\t{text_of(values['created_by_id'])}\t{last}\t{text_of(values['changed_by_id'])}"


@lru_cache(maxsize=64)
def _time_text(moment: dt.datetime) -> str:
    return moment.isoformat()


def _row_text(model: type[models.Model], values: Mapping[str, Any]) -> str:
    """The columns of a new record but those that are stamped, of which these values are not as usual."""
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
    columns = [(attribute, adapt) for column, attribute, adapt in _columns(model) if column not in STAMPED]
    return _Usual(
        new,
        [text_of(adapt(new[attribute]) if adapt else new[attribute]) for attribute, adapt in columns],
        {attribute: place for place, (attribute, _adapt) in enumerate(columns)},
        [adapt for _attribute, adapt in columns],
    )


def _row(record: Any, columns: Sequence[tuple[str, str, Adapt]]) -> list[Any]:
    values = record.__dict__
    return [adapt(values[attribute]) if adapt else values[attribute] for _column, attribute, adapt in columns]


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
def _columns(model: type[models.Model]) -> list[tuple[str, str, Adapt]]:
    """(column, attribute, how to adapt its value) of every stored field."""
    return [(one.column or one.name, one.attname, _adapter(one)) for one in model._meta.concrete_fields if not one.generated]


def _adapter(column: Any) -> Adapt:
    if isinstance(column, models.JSONField):
        return as_json
    if isinstance(column, ArrayField):
        return _array
    return None
