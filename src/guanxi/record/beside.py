"""Rows beside records: tables that are no entities but belong to a record (who owned it when, notices about it).

They have no history of their own, so a merge keeps them as they were before and after; an unmerge gives back those that
nobody touched since.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from django.apps import apps
from django.db import connection, models
from django.db.models import Q
from django.utils import timezone

from guanxi.entity.entity import Entity
from guanxi.entity.registry import path_of
from guanxi.record.leading import doubles
from guanxi.record.models import Change, Identity, Merge, SearchDocument

OWN = (Change, Identity, SearchDocument, Merge)
"""What is kept by the write path itself."""

Rows = dict[str, dict[str, Any]]
"""By table, by key: the whole row as JSON."""


@dataclass(frozen=True)
class Beside:
    """A table, and the column that says which record its rows belong to."""

    model: type[models.Model]
    column: str
    where: Q

    @property
    def table(self) -> str:
        return self.model._meta.db_table

    def of(self, keys: Iterable[int]) -> Any:
        """The rows of these records."""
        return self.model._base_manager.filter(self.where, **{f"{self.column}__in": list(keys)})


def beside(entity: Entity) -> Iterator[Beside]:
    """The tables with a column that leads to the entity's table, and those with an entity and a record's key; not those that say they stay."""
    for relation in entity.model._meta.get_fields(include_hidden=True):
        other: Any = relation.related_model if relation.auto_created and not relation.concrete else None
        if other is None or not (relation.one_to_many or relation.one_to_one) or path_of(other) or not other._meta.managed:
            continue
        if getattr(other, "stays", False):
            continue
        yield Beside(other, relation.field.attname, Q())  # type: ignore[union-attr]
    for model in apps.get_models():
        names = {one.attname for one in model._meta.concrete_fields}
        if {"entity", "record_id"} <= names and model not in OWN and not path_of(model):
            yield Beside(model, "record_id", Q(entity=entity.path))


def rows_beside(entity: Entity, keys: Iterable[int]) -> Rows:
    """All rows beside these records."""
    found: Rows = {}
    keys = list(keys)
    for one in beside(entity):
        numbers = list(one.of(keys).values_list("pk", flat=True))
        if numbers:
            with connection.cursor() as cursor:
                cursor.execute(f'SELECT id, to_jsonb(t)::text FROM "{one.table}" t WHERE id = ANY(%s)', [numbers])
                found.setdefault(one.table, {}).update({str(key): orjson.loads(row) for key, row in cursor.fetchall()})
    return found


def move_beside(entity: Entity, kept: int, gone: int) -> None:
    """The rows beside `gone` belong to `kept`; a time that was still running ends. What would be there twice stays where it is."""
    for one in beside(entity):
        names = {column.attname for column in one.model._meta.concrete_fields}
        rows = one.of([gone])
        if {"began_at", "ended_at"} <= names:
            rows.filter(ended_at__isnull=True).update(ended_at=timezone.now())
        keys = list(rows.values_list("pk", flat=True))
        if keys:
            keys = sorted(set(keys) - doubles(one.model, one.column, keys, kept, gone))
            one.model._base_manager.filter(pk__in=keys).update(**{one.column: kept})


def give_back(entity: Entity, journal: Mapping[str, Rows], present: Rows, kept: int, gone: int) -> None:
    """The rows as they were before the merge. `present` are those of now, before anything was undone.

    A row that was touched since stays as it is, but belongs again to the record it belonged to. What undoing itself wrote goes.
    """
    before, after = journal["before"], journal["after"]
    tables = {one.table: one for one in beside(entity)}
    written = rows_beside(entity, [kept, gone])
    for table, one in tables.items():
        was, then, now = before.get(table, {}), after.get(table, {}), present.get(table, {})
        made_by_undoing = written.get(table, {}).keys() - now.keys()
        made_by_merging = {key for key in then.keys() - was.keys() if now.get(key) == then[key]}
        untouched = {key: row for key, row in was.items() if now.get(key, then.get(key)) == then.get(key)}
        back = {**{key: row for key, row in now.items() if key not in made_by_merging}, **untouched}
        for key in was.keys() & now.keys() - untouched.keys():
            back[key] = {**now[key], one.column: was[key][one.column]}
        doomed = made_by_undoing | made_by_merging | back.keys()
        _replace(table, sorted(map(int, doomed)), list(back.values()))


def _replace(table: str, doomed: list[int], rows: list[Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f'DELETE FROM "{table}" WHERE id = ANY(%s)', [doomed])
        if rows:
            cursor.execute(
                f'INSERT INTO "{table}" SELECT * FROM jsonb_populate_recordset(NULL::"{table}", %s::jsonb)', [orjson.dumps(rows).decode()]
            )
