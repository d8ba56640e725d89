"""Rows into PostgreSQL: COPY for new ones, one statement for many updates, and what is kept beside a record.

Only `changes` calls this.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from django.db import connection, models

from guanxi.entity.entity import Entity, Write
from guanxi.record.copying import copy_lines, text_of
from guanxi.record.models import File
from guanxi.record.saying import STAMPED, Adapt, columns_of, document_text, identity_texts, row_text, stamps, time_text, told_text

if TYPE_CHECKING:
    from guanxi.record.changes import Origin

FILES = "+files"
"""Under this name a change tells of files; no field can be called so."""


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


def insert_rows(entity: Entity, records: Sequence[Any]) -> None:
    """New records that have their keys, by COPY."""
    model = entity.model
    columns = [*STAMPED, *(column for column, _attribute, _adapt in columns_of(model) if column not in STAMPED)]
    names = ", ".join(f'"{column}"' for column in columns)
    copy_lines(f'"{model._meta.db_table}" ({names})', (f"{stamps(record)}\t{row_text(record)}" for record in records))
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
    by_attribute = {attribute: (column, attribute, adapt) for column, attribute, adapt in columns_of(entity.model)}
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


def record_of_writes(entity: Entity, writes: Sequence[Write], diffs: Iterable[str], *, event: str, origin: Origin) -> None:
    """The change of each write with its diff (JSON; any for new records, which have said theirs), search documents, identities, and the notice on commit."""
    same = f"{text_of(origin.batch)}\t{origin.via}\t{event}\t{entity.path}"
    copy_lines(
        "change (at, by_id, record_id, batch, origin, event, entity, parent_entity, parent_id, title, diff)",
        (
            f"{time_text(write.record.changed_at)}\t{text_of(write.record.changed_by_id)}\t{write.record.pk}\t{same}\t{told_text(entity, write.record, diff)}"
            for write, diff in zip(writes, diffs, strict=True)
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


def file_names(entity: Entity, keys: Sequence[int]) -> dict[int, list[str]]:
    """The names of the files that records have, by record."""
    found: dict[int, list[str]] = {}
    if keys and not entity.settings and not entity.part_of:
        rows = File.objects.filter(entity=entity.path, record_id__in=keys, deleted_at__isnull=True)
        for key, name in rows.values_list("record_id", "name"):
            found.setdefault(key, []).append(name)
    return found


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
            (f"{one.pk}\t{entity.path}\t{document_text(entity, one, files.get(one.pk, ()))}" for one in records),
        )
    copy_lines(
        "identity (record_id, entity, what, value)",
        (f"{one.pk}\t{entity.path}\t{said}" for one in records for said in identity_texts(entity, one)),
    )


def _row(record: Any, columns: Sequence[tuple[str, str, Adapt]]) -> list[Any]:
    values = record.__dict__
    return [adapt(values[attribute]) if adapt else values[attribute] for _column, attribute, adapt in columns]
