"""What leads to a record: links of other records, whatever kind holds them; moved to another record, and told how many."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from guanxi.entity.actors import Actor
from guanxi.entity.entity import Entity
from guanxi.entity.field import Field
from guanxi.entity.kinds import AnyRecord
from guanxi.entity.registry import entities
from guanxi.record.changes import CHUNK, Origin, update
from guanxi.record.hierarchy import leads_to, upward


def links_to(path: str) -> Iterator[tuple[Entity, list[Field]]]:
    """The entities with links to records of this one, and those fields; custom ones too."""
    for entity in entities():
        fields = [one for one in entity.fields.values() if one.k.linked() == path or isinstance(one.k, AnyRecord)]
        if fields:
            yield entity, fields


def leading(entity: Entity, fields: Iterable[Field], path: str, key: int) -> Any:
    """The records of an entity, the trash included, of which one of these fields leads to the record."""
    where = Q(pk__in=[])
    for one in fields:
        if isinstance(one.k, AnyRecord):
            where |= Q(**{one.lookup: f"{path}:{key}"})
        elif one.k.listed:
            where |= Q(**{f"{one.lookup}__contains": [key]})
        else:
            where |= Q(**{one.lookup: key})
    return entity.model._default_manager.filter(where)


def move_links(entity: Entity, kept: Any, gone: Any, *, by: Actor, origin: Origin) -> None:
    """Everything that leads to `gone` leads to `kept`. What would be there twice goes to the trash."""
    for other, fields in links_to(entity.path):
        found = leading(other, fields, entity.path, gone.pk)
        if other is entity:
            found = found.exclude(pk=gone.pk)  # it is given back as it was
        keys = list(found.order_by("pk").values_list("pk", flat=True))
        for start in range(0, len(keys), CHUNK):
            rows = other.model._default_manager.filter(pk__in=keys[start : start + CHUNK]).order_by("pk")
            records: list[Any] = list(rows.select_for_update(of=("self",)))
            twice = _twice(other, fields, records, kept.pk, gone.pk)
            moment = timezone.now()
            doubled = [(one, {"deleted_at": moment}) for one in records if one.pk in twice and one.deleted_at is None]
            update(other, doubled, by=by, event="deleted", origin=origin)
            moved = [(one, _relinked(other, one, fields, entity.path, kept.pk, gone.pk)) for one in records if one.pk not in twice]
            update(other, [(one, _not_to_itself(other, one, values)) for one, values in moved], by=by, event="relinked", origin=origin)


def _relinked(entity: Entity, record: Any, fields: Iterable[Field], path: str, kept: int, gone: int) -> dict[str, Any]:
    """The values of these fields with one record in place of the other."""
    values: dict[str, Any] = {}
    for one in fields:
        value = one.of(record)
        if isinstance(one.k, AnyRecord):
            if value == f"{path}:{gone}":
                values[one.name] = f"{path}:{kept}"
        elif one.k.listed:
            if gone in (value or ()):
                several = dict.fromkeys(kept if key == gone else key for key in value)
                values[one.name] = type(value)(several)
        elif value == gone:
            itself = entity.path == path and record.pk == kept
            values[one.name] = None if itself else kept
    return values


def _not_to_itself(entity: Entity, record: Any, values: dict[str, Any]) -> dict[str, Any]:
    """The values, without a link by which the record would lead to itself, however many steps on."""
    circular = [one.name for one in upward(entity) if values.get(one.name) and leads_to(entity, one, [values[one.name]], record.pk)]
    return {**values, **dict.fromkeys(circular)}


def _twice(entity: Entity, fields: Iterable[Field], records: Iterable[Any], kept: int, gone: int) -> set[int]:
    """Those of the records which a rule against doubles would refuse beside those that lead to `kept` already."""
    columns = {one.attribute for one in fields if not one.custom and not one.k.listed and not isinstance(one.k, AnyRecord)}
    keys = [one.pk for one in records]
    return {key for column in columns for key in doubles(entity.model, column, keys, kept, gone)}


def doubles(model: type[models.Model], column: str, keys: list[int], kept: int, gone: int) -> set[int]:
    """The rows whose `column` cannot be moved from `gone` to `kept`, because a unique constraint has the like of it there."""
    found: set[int] = set()
    for names, condition in _unique_with(model, column):
        others = {name: OuterRef(name) for name in names if name != column}
        there = model._default_manager.filter(condition, **{**others, column: kept})
        rows = model._default_manager.filter(condition, Exists(there), pk__in=keys, **{column: gone})
        found.update(rows.values_list("pk", flat=True))
    return found


def _unique_with(model: type[models.Model], column: str) -> Iterator[tuple[list[str], Q]]:
    """The unique constraints a column is part of: columns, and the condition under which they hold."""
    for one in model._meta.constraints:
        if isinstance(one, models.UniqueConstraint) and one.fields:
            names = [model._meta.get_field(name).attname for name in one.fields]  # type: ignore[union-attr]
            if column in names:
                yield names, one.condition or Q()
    for group in model._meta.unique_together:
        names = [model._meta.get_field(name).attname for name in group]  # type: ignore[union-attr]
        if column in names:
            yield names, Q()
    field: Any = next((one for one in model._meta.concrete_fields if one.attname == column), None)
    if field is not None and field.unique and not field.primary_key:
        yield [column], Q()
