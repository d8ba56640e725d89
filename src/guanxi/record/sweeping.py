"""Sweeps: the same new values for very many records, by SQL alone, with the changes and search documents of single writes.

For values the system sets by its own reasons, not a person: no field rights, no `derive`, no `check`; who calls says all that
follows. Only values that are the same for all records, of kinds whose JSON SQL can write, and of fields that no search
document, identity or roll-up is made of. Tested equal to `update`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from django.db import connection, transaction
from django.utils import timezone

from guanxi.entity.actors import Actor
from guanxi.entity.entity import Entity
from guanxi.entity.field import Field
from guanxi.entity.kinds import Choice, Day, Link, Moment, Text, Whole, YesNo
from guanxi.record import events, rollups
from guanxi.record.changes import Origin, event_name

SWEPT = "swept"
"""The temporary table of what a sweep changed: `id`, `title`, and each field's column before as `before_<column>`."""
ASKED = "asked_of_a_sweep"
"""The temporary table of what a sweep is asked to change: `id`, what is new of each as `new_<column>`, and what its change tells."""
LINES = 5000


def sweep(
    entity: Entity,
    keys: Sequence[int],
    guard: str,
    values: Mapping[str, Any],
    *,
    by: Actor,
    event: type[events.Event] | str,
    origin: Origin,
    each: Mapping[str, Mapping[int, int | None]] | None = None,
    besides: Mapping[int, Mapping[str, Any]] | None = None,
) -> int:
    """New values for those of these records that are neither locked by others nor out of `guard`; how many were changed.

    `guard` is SQL over the entity's table `t` that must still hold when the record is locked; it comes from the caller's code.
    `each` are values that are not the same for all: by field and key, links only. `besides` is what the change of each record tells
    apart from values, as `update` has it. In one transaction; the caller may go on with the temporary table `swept` in it.
    """
    assert connection.in_atomic_block, "a sweep and what follows from it are one transaction"
    each = each or {}
    fields = {name: _checked(entity, name) for name in (*values, *each)}
    columns = {name: _column(entity, name) for name in fields}
    table, moment = f'"{entity.model._meta.db_table}"', timezone.now()
    parent = entity.bound.get(entity.parent) if entity.parent else None
    with transaction.atomic(), connection.cursor() as cursor:
        _ask(cursor, keys, {columns[name]: by_key for name, by_key in each.items()}, besides or {})
        cursor.execute(f"DROP TABLE IF EXISTS {SWEPT}")
        cursor.execute(_seized(entity, table, guard, columns, each, parent), [*values.values()])
        cursor.execute(f"SELECT count(*) FROM {SWEPT}")
        (number,) = cursor.fetchone()
        if not number:
            return 0
        cursor.execute(f"ANALYZE {SWEPT} (id)")
        new_of = {name: f"s.new_{columns[name]}" if name in each else "%s" for name in fields}
        settings = ", ".join(f'"{columns[name]}" = {new_of[name]}' for name in fields)
        cursor.execute(
            f"UPDATE {table} t SET {settings}, version = t.version + 1, changed_at = %s, changed_by_id = %s FROM {SWEPT} s WHERE t.id = s.id",
            [*values.values(), moment, by.pk],
        )
        _tell(cursor, entity, fields, values, parent, moment, by, event, origin)
        if {"owner", "team"} & set(fields):
            kept = [name for name in ("owner", "team") if name in fields]
            cursor.execute(
                f"UPDATE search_document d SET {', '.join(f'{name}_id = {new_of[name]}' for name in kept)} FROM {SWEPT} s "
                "WHERE d.entity = %s AND d.record_id = s.id",
                [*(values[name] for name in kept if name in values), entity.path],
            )
        cursor.execute("SELECT pg_notify('guanxi_change', %s)", [entity.path])
        if entity.follow_sweep:
            entity.follow_sweep(SWEPT, frozenset(fields))
    return int(number)


def _column(entity: Entity, name: str) -> str:
    """The column of a field."""
    return next(str(one.column) for one in entity.model._meta.concrete_fields if one.name == name)


def _ask(cursor: Any, keys: Sequence[int], each: Mapping[str, Mapping[int, int | None]], besides: Mapping[int, Mapping[str, Any]]) -> None:
    """What is asked, in a table: so many values are no arguments of a statement."""
    columns = ["id", *(f"new_{column}" for column in each), "told"]
    kinds = ", ".join(f"{column} {'jsonb' if column == 'told' else 'bigint'}" for column in columns)
    cursor.execute(f"DROP TABLE IF EXISTS {ASKED}")
    cursor.execute(f"CREATE TEMP TABLE {ASKED} ({kinds}) ON COMMIT DROP")
    keys = list(dict.fromkeys(keys))
    told: dict[int, str] = {key: orjson.dumps(one).decode().replace("\\", "\\\\") for key, one in besides.items()}
    several = list(each.values())
    with cursor.copy(f"COPY {ASKED} ({', '.join(columns)}) FROM STDIN") as copy:
        for start in range(0, len(keys), LINES):
            lines = []
            for key in keys[start : start + LINES]:
                new = [by_key[key] for by_key in several]
                values = [str(key), *("\\N" if one is None else str(one) for one in new), told.get(key, "\\N")]
                lines.append("\t".join(values) + "\n")
            copy.write("".join(lines))
    cursor.execute(f"ANALYZE {ASKED} (id)")


def _seized(
    entity: Entity, table: str, guard: str, columns: Mapping[str, str], each: Mapping[str, Any], parent: Field | None
) -> str:  # fmt: skip
    """The statement that locks what is to be changed and keeps it as it was, with what is new of each."""
    told = f't."{parent.attribute}"' if parent else "NULL::bigint"
    before = ", ".join(f't."{column}" AS before_{column}' for column in columns.values())
    new = "".join(f", e.new_{columns[name]}" for name in each)
    differs = " OR ".join(
        f't."{column}" IS DISTINCT FROM ' + (f"e.new_{column}" if name in each else "%s") for name, column in columns.items()
    )
    return (
        f'CREATE TEMP TABLE {SWEPT} ON COMMIT DROP AS SELECT t.id, left(t."{_column(entity, entity.title)}", 255) AS title, {told} AS parent_id, '
        f"{before}{new}, e.told FROM {table} t JOIN {ASKED} e ON e.id = t.id WHERE t.deleted_at IS NULL AND ({guard}) AND ({differs}) "
        "ORDER BY t.id FOR UPDATE OF t SKIP LOCKED"
    )


def _checked(entity: Entity, name: str) -> Field:
    """The field, when a sweep can set it."""
    one = entity.field(name)
    plain = isinstance(one.k, (Link, Moment, Day, Choice, Whole, YesNo)) or (type(one.k) is Text)
    read = {field for kept in rollups.over(entity) for field in kept.reads}
    if one.custom or not plain or one.search or one.identity or name in read or name in {entity.title, entity.parent}:
        raise ValueError(f"A sweep cannot set {entity.path}.{name}.")
    return one


def _tell(
    cursor: Any, entity: Entity, fields: Mapping[str, Field], values: Mapping[str, Any], parent: Field | None, moment: Any, by: Actor,
    event: type[events.Event] | str, origin: Origin,
) -> None:  # fmt: skip
    """One change for each record, with the same diff a single write has."""
    pairs, parameters = [], list[Any]()
    for name, one in fields.items():
        place = _column(entity, name)
        column, new, dumped = f"s.before_{place}", "%s", "%s::jsonb"
        if name in values:
            parameters += [values[name], orjson.dumps(one.k.dump(values[name])).decode()]
        else:
            new, dumped = f"s.new_{place}", f"to_jsonb(s.new_{place})"
        pairs.append(
            f"CASE WHEN {column} IS DISTINCT FROM {new} THEN jsonb_build_object('{name}', jsonb_build_array({_dumped(one, column)}, {dumped})) "
            "ELSE '{}'::jsonb END"
        )
    pairs.append("coalesce(s.told, '{}'::jsonb)")
    cursor.execute(
        "INSERT INTO change (at, by_id, origin, event, entity, record_id, parent_entity, parent_id, batch, title, diff) "
        f"SELECT %s, %s, %s, %s, %s, s.id, %s, s.parent_id, %s, coalesce(nullif(s.title, ''), '#' || s.id), {' || '.join(pairs)} "
        f"FROM {SWEPT} s",
        [
            moment, by.pk, origin.via, event_name(entity, event), entity.path,
            (parent.k.linked() if parent else "") or "", origin.batch, *parameters,
        ],
    )  # fmt: skip


def _dumped(one: Field, column: str) -> str:
    """SQL for a column's value as the kind dumps it."""
    if isinstance(one.k, Moment):
        exact = f"""to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US')"""
        return f"to_jsonb(replace({exact}, '.000000', '') || 'Z')"
    return f"to_jsonb({column})"
