"""Rows into PostgreSQL: COPY for new ones, one statement for many updates, and what is kept beside a record.

Only `changes` calls this.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson
from django.contrib.postgres.fields import ArrayField
from django.db import connection, models
from django.db.models.base import ModelState

from guanxi.base.words import tokens, tsvector
from guanxi.entity.entity import Entity, Write
from guanxi.entity.field import Field
from guanxi.record.models import File

if TYPE_CHECKING:
    from guanxi.record.changes import Origin

Adapt = Callable[[Any], Any] | None
FILES = "+files"
"""Under this name a change tells of files; no field can be called so."""
SAID = "_said"
"""Set on a new record when what is kept beside it was worked out before."""


class Said(NamedTuple):
    """What a new record gives to the tables beside its own: worked out from its values alone, perhaps by another process."""

    diff: str
    """[nothing, value] by field, as JSON."""
    words: str
    """A tsvector as text."""
    identities: tuple[tuple[str, str], ...]


def insert_rows(entity: Entity, records: Sequence[Any]) -> None:
    """New records by COPY; their keys are taken from the sequence first."""
    model = entity.model
    table = model._meta.db_table
    with connection.cursor() as cursor:
        bare = [record for record in records if record.pk is None]
        if bare:
            cursor.execute(
                "WITH keys AS MATERIALIZED (SELECT pg_get_serial_sequence(%s, 'id')::regclass AS name) "
                "SELECT nextval(name) FROM keys, generate_series(1, %s)",
                [table, len(bare)],
            )
            for record, (key,) in zip(bare, cursor.fetchall(), strict=True):
                record.pk = key
    columns = _columns(model)
    names = ", ".join(f'"{column}"' for column, _attribute, _adapt in columns)
    _copy(f'"{table}" ({names})', (_row(record, columns) for record in records))
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


def record_of_writes(
    entity: Entity,
    writes: Sequence[Write],
    diffs: Iterable[str],
    *,
    event: str,
    origin: Origin,
) -> None:
    """The change of each write with its diff (JSON), the search documents and identities, and the notice on commit."""
    parent = entity.bound.get(entity.parent) if entity.parent else None
    parent_entity = parent.k.linked() if parent else ""
    _copy(
        "change (at, by_id, origin, event, entity, record_id, parent_entity, parent_id, batch, title, diff)",
        (
            (
                write.record.changed_at, write.record.changed_by_id, origin.via, event, entity.path, write.record.pk, parent_entity or "",
                parent.of(write.record) if parent else None, origin.batch, entity.title_of(write.record)[:255], diff,
            )
            for write, diff in zip(writes, diffs, strict=True)
        ),
    )  # fmt: skip
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
        _copy(
            "search_document (entity, record_id, title, words, owner_id, team_id, shared)",
            (document(entity, one, files.get(one.pk, ())) for one in records),
        )
    _copy("identity (entity, record_id, what, value)", (row for one in records for row in identities(entity, one)))


def document(entity: Entity, record: Any, files: Iterable[str] = ()) -> tuple[Any, ...]:
    """A record's search document as a row."""
    said = record.__dict__.get(SAID)
    shared = [*getattr(record, "co_workers", ()), *getattr(record, "readers", ())] or None
    return (
        entity.path, record.pk, entity.title_of(record)[:255], said.words if said else words_of(entity, record, files),
        getattr(record, "owner_id", None), getattr(record, "team_id", None), shared,
    )  # fmt: skip


def words_of(entity: Entity, record: Any, files: Iterable[str] = ()) -> str:
    """The words by which a record is found, those of its files' names among them, as a tsvector."""
    parts: list[tuple[str, list[str]]] = [(one.search, one.k.tokens(one.of(record))) for one in _chosen(entity, "search")]
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


def identities(entity: Entity, record: Any) -> Iterable[tuple[Any, ...]]:
    """The values by which a record is recognised, as rows."""
    said = record.__dict__.get(SAID)
    for what, value in said.identities if said else identities_of(entity, record):
        yield entity.path, record.pk, what, value


def identities_of(entity: Entity, record: Any) -> Iterable[tuple[str, str]]:
    """(what, value) pairs by which a record is recognised."""
    return (pair for one in _chosen(entity, "identity") for pair in one.k.identities(one.of(record)))


def _chosen(entity: Entity, trait: str) -> list[Field]:
    """The entity's fields that have a trait, `search` or `identity`."""
    if trait not in entity.memo:
        entity.memo[trait] = [one for one in entity.fields.values() if getattr(one, trait)]
    return entity.memo[trait]  # type: ignore[no-any-return]


def _copy(target: str, rows: Iterable[Sequence[Any]]) -> None:
    """Rows by COPY, or by INSERT when there is but one: the same rows, one round trip less."""
    first_two = []
    rows = iter(rows)
    for row in rows:
        first_two.append(row)
        if len(first_two) == 2:
            break
    if not first_two:
        return
    with connection.cursor() as cursor:
        if len(first_two) == 1:
            places = ", ".join(["%s"] * len(first_two[0]))
            cursor.execute(f"INSERT INTO {target} VALUES ({places})", first_two[0])
            return
        with cursor.copy(f"COPY {target} FROM STDIN") as copy:
            for row in first_two:
                copy.write_row(row)
            for row in rows:
                copy.write_row(row)


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
