"""Keeps declared roll-ups: what a record counts, sums or takes over related ones, always as if asked afresh.

The write path calls `keep`. Whoever moves rows by hand (a merge) calls `recompute` with the keys of the records whose
roll-ups may have changed. The records are locked before they are asked for, so that of two transactions that add to the
same sum at the same time the later one sees what the earlier one did; the lock does not stand in the way of new rows that
lead to the record.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.db.models import BigIntegerField, DecimalField, F, OuterRef, Q, Subquery, TextField, Value
from django.db.models.functions import Coalesce

from guanxi.entity.actors import Locale, System
from guanxi.entity.conditions import compile as compile_condition
from guanxi.entity.conditions import parse
from guanxi.entity.conditions.sql import Sql
from guanxi.entity.conditions.tree import Tree, terms
from guanxi.entity.entity import Entity, Write
from guanxi.entity.field import Field
from guanxi.entity.kinds import Link, MoneyKind
from guanxi.entity.registry import entities, entity_named
from guanxi.entity.rollup import Rollup

CHUNK = 2000


@dataclass(frozen=True)
class Kept:
    """A roll-up with what it stands on."""

    entity: Entity
    field: Field
    rollup: Rollup
    over: Entity
    link: Field
    """The field of the related records that leads to the entity."""
    where: Tree
    reads: frozenset[str]
    """Fields of the related records on which the value depends."""

    @property
    def currencies(self) -> tuple[str, str] | None:
        """The fields with the currency here and there, when money is converted."""
        there = self.over.fields.get(self.rollup.field)
        if isinstance(self.field.k, MoneyKind) and there is not None and isinstance(there.k, MoneyKind):
            return self.field.k.currency, there.k.currency
        return None


# ——— what the write path calls ———


def keep(entity: Entity, writes: Sequence[Write]) -> None:
    """Bring every roll-up that these writes concern up to date, in their transaction."""
    moved = [one.record.pk for one in writes if "deleted_at" in one.before]
    wanted: dict[str, tuple[list[Kept], set[int]]] = {}
    for one in over(entity):
        keys = {key for write in writes if _concerns(one, write) for key in _led_to(one, write)}
        if keys:
            _want(wanted, one, keys)
    for one in _through(entity) if moved else ():
        rows = one.over.model._base_manager.filter(**{f"{one.over.part_of}__in": moved, f"{one.link.attribute}__isnull": False})
        _want(wanted, one, set(rows.values_list(one.link.attribute, flat=True)))
    for one in of(entity):
        if one.currencies:
            _want(wanted, one, {write.record.pk for write in writes if not write.created and one.currencies[0] in write.before})
    for path, (kept, keys) in wanted.items():
        recompute(entity_named(path), keys, kept)


def _want(wanted: dict[str, tuple[list[Kept], set[int]]], one: Kept, keys: set[int]) -> None:
    several, all_keys = wanted.setdefault(one.entity.path, ([], set()))
    if keys:
        several.append(one)
        all_keys.update(keys)


def _concerns(one: Kept, write: Write) -> bool:
    return write.created or not one.reads.isdisjoint(write.before)


def _led_to(one: Kept, write: Write) -> Iterator[int]:
    """The record it leads to, and the one it led to before."""
    for key in (getattr(write.record, one.link.attribute), write.before.get(one.link.name)):
        if key is not None:
            yield key


def recompute(entity: Entity, keys: Iterable[int], kept: Sequence[Kept] | None = None, *, onward: bool = True) -> int:
    """Roll-ups of these records asked afresh, all of them unless some are named; how many records had another value.

    What rolls up over them follows (`onward`). To be called in the transaction of what changed them.
    """
    several = of(entity) if kept is None else kept
    wanted = sorted(set(keys))
    if not several or not wanted:
        return 0
    changed: list[int] = []
    with transaction.atomic():
        for start in range(0, len(wanted), CHUNK):
            changed += _refresh(entity, wanted[start : start + CHUNK], several)
        if changed:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_notify('guanxi_change', %s)", [entity.path])
            if onward:
                _go_on(entity, changed, {one.field.name for one in several})
    return len(changed)


def _go_on(entity: Entity, changed: Sequence[int], names: set[str]) -> None:
    """The roll-ups over records whose own roll-ups have just changed."""
    for one in over(entity):
        if not names.isdisjoint(one.reads):
            rows = entity.model._base_manager.filter(**{"pk__in": changed, f"{one.link.attribute}__isnull": False})
            recompute(one.entity, rows.values_list(one.link.attribute, flat=True).distinct(), [one])


def recompute_all(only: Sequence[Entity] = (), *, converted: bool = False) -> Iterator[tuple[Entity, int, int]]:
    """Every roll-up of every record asked afresh, lowest first; yields (entity, records looked at, records put right) by pieces.

    `converted` takes only those in which currencies may be converted, for when a rate has changed.
    """
    for level in _levels():
        for path, kept in level.items():
            entity = entity_named(path)
            several = [one for one in kept if one.currencies or not converted]
            if several and (not only or entity in only):
                yield from _all_of(entity, several)


def _all_of(entity: Entity, several: Sequence[Kept]) -> Iterator[tuple[Entity, int, int]]:
    rows, last = entity.model._base_manager.order_by("pk"), 0
    while keys := list(rows.filter(pk__gt=last).values_list("pk", flat=True)[:CHUNK]):
        yield entity, len(keys), recompute(entity, keys, several)
        last = keys[-1]


def _levels() -> list[dict[str, list[Kept]]]:
    """Roll-ups by entity, those that stand on others after them."""
    left = {(one.entity.path, one.field.name): one for entity in entities() for one in of(entity)}
    levels: list[dict[str, list[Kept]]] = []
    while left:
        ready = {name: one for name, one in left.items() if not any((one.over.path, read) in left for read in one.reads)}
        if not ready:
            raise LookupError(f"These roll-ups stand on each other: {', '.join('.'.join(name) for name in left)}.")
        level: dict[str, list[Kept]] = {}
        for name, one in ready.items():
            level.setdefault(one.entity.path, []).append(one)
            del left[name]
        levels.append(level)
    return levels


# ——— which there are ———


def of(entity: Entity) -> Sequence[Kept]:
    """The roll-ups of an entity. LookupError for a declaration that cannot be kept."""
    return entity.once("roll-ups", lambda: [bind(entity, one) for one in entity.fields.values() if one.rollup is not None])


def over(entity: Entity) -> Sequence[Kept]:
    """The roll-ups over an entity's records."""
    return entity.once("rolled up", lambda: [one for other in entities() for one in of(other) if one.over is entity])


def _through(entity: Entity) -> Sequence[Kept]:
    """The roll-ups over parts of an entity's records that lead elsewhere: a part is in the trash with what it is a part of."""

    def make() -> list[Kept]:
        parts = [other for other in entities() if other.part_of and other.field(other.part_of).k.linked() == entity.path]
        return [one for part in parts for one in over(part) if one.link.name != part.part_of]

    return entity.once("rolled up through", make)


def bind(entity: Entity, field: Field) -> Kept:
    """The roll-up with what it stands on. LookupError says what is wrong with the declaration."""
    rollup, place = field.rollup, f"{entity.path}.{field.name}"
    assert rollup is not None
    related = entity.relation(rollup.over)
    if related is None:
        raise LookupError(f"{place} rolls up “{rollup.over}”, which is no related list of {entity.path}.")
    there = entity_named(related.entity)
    link = there.field(related.by)
    if link.custom or not isinstance(link.k, Link):
        raise LookupError(f"{place} rolls up by {there.path}.{link.name}, which is no link in a column.")
    names = {name for name in (rollup.field, rollup.order.removeprefix("-"), rollup.on) if name}
    for name in names:
        there.field(name)
    where = parse(rollup.where)
    for term in terms(where):
        if len(term.path) > 1 or not isinstance(term.path[0], str):
            raise LookupError(f"{place} looks beyond the related record: “{rollup.where}”.")
        names.add(there.field(term.path[0]).name)
    one = Kept(entity, field, rollup, there, link, where, frozenset(names))
    if one.currencies:
        names.add(one.currencies[1])
    stands_on = {under for name in names for under in _under(there, name)}
    one = replace(one, reads=frozenset({*names, *stands_on, link.name, "deleted_at"}))
    if _condition(one, 2020) != _condition(one, 2030):
        raise LookupError(f"{place} depends on the day: “{rollup.where}”.")
    return one


def _condition(one: Kept, year: int) -> Q:
    now = dt.datetime(year, 6, 15, tzinfo=dt.UTC)
    return compile_condition(one.where, one.over, System(locale=Locale(zone=ZoneInfo("UTC"))), now=now)


def _under(entity: Entity, name: str) -> Iterator[str]:
    """The fields from which the database computes this one."""
    column = next((one for one in entity.model._meta.concrete_fields if one.name == name), None)
    if column is not None and column.generated:
        by_column = {one.attribute: one.name for one in entity.fields.values()}
        for under in _named_in(column.expression):  # type: ignore[attr-defined]
            yield by_column.get(under, under)


def _named_in(expression: Any) -> Iterator[str]:
    if isinstance(expression, F):
        yield expression.name  # type: ignore[attr-defined]
    elif isinstance(expression, Q):
        for child in expression.children:
            if isinstance(child, tuple):
                yield child[0].partition("__")[0]
                yield from _named_in(child[1])
            else:
                yield from _named_in(child)
    elif hasattr(expression, "get_source_expressions"):
        for part in expression.get_source_expressions():
            yield from _named_in(part)


# ——— asking and setting ———


KEYS = "the keys"


def _refresh(entity: Entity, keys: list[int], several: Sequence[Kept]) -> list[int]:
    """Lock the records, then set what differs from the present answer; which had another value."""
    statement, params = _statement(entity, several)
    table = connection.ops.quote_name(entity.model._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT FROM {table} WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE", [keys])
        cursor.execute(statement, [keys if one is KEYS else one for one in params])
        return [key for (key,) in cursor.fetchall()]


def _statement(entity: Entity, several: Sequence[Kept]) -> tuple[str, tuple[Any, ...]]:
    """UPDATE … FROM the fresh values, for records whose keys stand where KEYS is among the parameters."""
    names = " ".join(["roll-ups:", *sorted(one.field.name for one in several)])
    return entity.once(names, lambda: _written(entity, sorted(several, key=lambda one: one.field.name)))


def _written(entity: Entity, several: Sequence[Kept]) -> tuple[str, tuple[Any, ...]]:
    asked = {f"fresh_{number}": fresh(one) for number, one in enumerate(several)}
    among = Q(Sql("{} = ANY({}::bigint[])", F("pk"), Value(KEYS, TextField())))
    rows = entity.model._base_manager.filter(among).order_by().values("pk").annotate(**asked).values_list("pk", *asked)
    inner, params = rows.query.sql_with_params()
    quote = connection.ops.quote_name
    columns = [quote(_column(one).column) for one in several]
    pairs = ", ".join(f"{column} = found.{name}" for column, name in zip(columns, asked, strict=True))
    differ = " OR ".join(f"kept.{column} IS DISTINCT FROM found.{name}" for column, name in zip(columns, asked, strict=True))
    statement = (
        f"UPDATE {quote(entity.model._meta.db_table)} kept SET {pairs} FROM ({inner}) AS found(id, {', '.join(asked)}) "
        f"WHERE kept.id = found.id AND ({differ}) RETURNING kept.id"
    )
    return statement, tuple(params)


def fresh(one: Kept) -> Any:
    """The value asked of the database, as an expression on the entity's records."""
    rollup, empty = one.rollup, _column(one).get_default()
    rows = one.over.model._base_manager.filter(*_counted(one)).order_by()
    if rollup.function == "count":
        return Subquery(rows.annotate(made=Sql("COUNT(*)", output=BigIntegerField())).values("made"))
    if rollup.function == "last":
        order = rollup.order or rollup.field
        by = F(order.removeprefix("-"))
        first = by.asc(nulls_last=True) if order.startswith("-") else by.desc(nulls_last=True)
        value: Any = Subquery(rows.order_by(first, "-pk").values(one.over.field(rollup.field).attribute)[:1])
        return value if empty is None else Coalesce(value, Value(empty))
    amount = _in_our_currency(one) if one.currencies else F(rollup.field)
    template = f"{rollup.function.upper()}({{}})"
    if rollup.function == "sum":
        template = (
            "CASE WHEN bool_or({} IS NULL AND {} IS NOT NULL) THEN NULL ELSE COALESCE(SUM({}), 0) END"
            if one.currencies
            else "COALESCE(SUM({}), 0)"
        )
    parts = [amount, F(rollup.field), amount] if "bool_or" in template else [amount]
    return Subquery(rows.annotate(made=Sql(template, *parts, output=_output(one))).values("made"))


def _output(one: Kept) -> Any:
    column = _column(one)
    return column if not isinstance(column, DecimalField) else DecimalField(max_digits=38, decimal_places=4)


def _column(one: Kept) -> Any:
    return one.entity.model._meta.get_field(one.field.name)


def _counted(one: Kept) -> list[Q]:
    """Which related records count: those that lead here, match, and are not in the trash, themselves or by what they are a part of."""
    where = [Q(**{one.link.attribute: OuterRef("pk")}, deleted_at__isnull=True), _condition(one, 2020)]
    if one.over.part_of and one.over.part_of != one.link.name:
        where.append(Q(**{f"{one.over.part_of}__deleted_at__isnull": True}))
    return [part for part in where if part]


def _in_our_currency(one: Kept) -> Any:
    """An amount in the currency of the record it is rolled up on; NULL where no rate is known for the day."""
    assert one.currencies is not None
    ours, theirs = one.currencies
    here: Any = OuterRef(one.entity.field(ours).attribute)
    there = F(one.over.field(theirs).attribute)
    made = Sql("({} AT TIME ZONE 'UTC')::date", F("created_at"), output=TextField())
    day = Coalesce(F(one.rollup.on), made, output_field=TextField()) if one.rollup.on else made
    rate = "exchange_rate_on({}, {}, {})"
    amount = F(one.rollup.field)
    template = f"CASE WHEN {{}} = {{}} THEN {{}} ELSE round({{}} * {rate}, 4) END"
    return Sql(template, there, here, amount, amount, there, here, day, output=DecimalField(max_digits=38, decimal_places=4))


def problems() -> Mapping[str, str]:
    """What is wrong with declared roll-ups, by field."""
    found: dict[str, str] = {}
    for entity in entities():
        for field in entity.fields.values():
            if field.rollup is not None:
                try:
                    bind(entity, field)
                except (LookupError, ValueError) as wrong:
                    found[f"{entity.path}.{field.name}"] = str(wrong)
    if not found:
        try:
            _levels()
        except LookupError as wrong:
            found["roll-ups"] = str(wrong)
    return found
