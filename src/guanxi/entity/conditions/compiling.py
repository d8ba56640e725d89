"""A bound condition as one Django `Q`.

Every step to other records is an EXISTS over those the reader may see and that are not in the trash,
so what is hidden neither shows nor can be found out by asking. Negation is exact: `not` holds for
precisely the records for which its part does not.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.expressions import Combinable
from django.db.models.fields import BigIntegerField

from guanxi.entity.actors import Actor
from guanxi.entity.conditions.checking import Bound, Every, Except, Term, bind
from guanxi.entity.conditions.comparisons import compare, filled, spans, summable
from guanxi.entity.conditions.paths import Column, Hop, Presence, Total
from guanxi.entity.conditions.spans import Span
from guanxi.entity.conditions.sql import ALL, NONE, IsNotTrue, Sql, json_at
from guanxi.entity.conditions.tree import Tree
from guanxi.entity.conditions.values import MyTeam, Nobody, Titled
from guanxi.entity.entity import Entity
from guanxi.entity.field import Field
from guanxi.entity.kinds import AnyRecord, Link, Links, Text
from guanxi.entity.registry import entity_named, entity_of

Outer = Callable[[str], Any]


def compile(tree: Tree, entity: Entity, actor: Actor, *, now: dt.datetime | None = None) -> Q:  # noqa: A001
    """The records of an entity's model for which the tree holds, as the actor sees them. ConditionError."""
    bound = bind(tree, entity, actor, now)
    return Q() if bound == Every(()) else _Compiler(actor).condition(bound)


def matches(tree: Tree, record: Any, actor: Actor, *, now: dt.datetime | None = None) -> bool:
    """Whether the tree holds for a saved record: asked of the database, by its key. ConditionError."""
    entity = entity_of(record)
    where = compile(tree, entity, actor, now=now)
    return bool(entity.model._base_manager.filter(where, pk=record.pk).exists())


class _Compiler:
    def __init__(self, actor: Actor) -> None:
        self.actor = actor

    def condition(self, bound: Bound, negated: bool = False) -> Q:
        """The Q of a condition, or of its exact complement."""
        if isinstance(bound, Term):
            return self.term(bound, negated)
        if isinstance(bound, Except):
            return self.condition(bound.part, not negated)
        parts = [self.condition(part, negated) for part in bound.parts]
        conjunction = isinstance(bound, Every) is not negated
        if not parts:
            return ALL if conjunction else NONE
        return Q(*parts, _connector=Q.AND if conjunction else Q.OR)

    def term(self, term: Term, negated: bool) -> Q:
        """Through lists, some record has to do; from there on, a value is what it is, or empty."""
        several = max((index + 1 for index, hop in enumerate(term.hops) if not hop.single), default=0)
        lists, links = term.hops[:several], term.hops[several:]
        flipped = term.negated if lists else term.negated is not negated
        held = self.value(term, flipped and not links)
        if links:
            held = _through(self.exists(links, held), flipped)
        return _through(self.exists(lists, held), negated) if lists else held

    # Other records

    def exists(self, hops: Sequence[Hop], held: Q) -> Exists:
        """That there are records along the hops, the last of which holds."""
        for hop in reversed(hops[1:]):
            held = Q(Exists(self.rows(hop, held)))
        return Exists(self.rows(hops[0], held))

    def rows(self, hop: Hop, held: Q | None = None, outer: Outer = OuterRef) -> QuerySet[Any]:
        """The records a hop leads to that the reader may see, narrowed by what holds there."""
        if hop.pick:
            picked = self.picked(hop, lambda name: OuterRef(OuterRef(name)))
            return hop.entity.model._base_manager.filter(*_parts(held), pk=Subquery(picked))
        where = [*_parts(held), *self.seen(hop), _joined(hop, outer), *self.told(hop, outer)]
        if hop.where is not None:
            where.append(self.condition(hop.where))
        return hop.entity.model._base_manager.filter(*where)

    def picked(self, hop: Hop, outer: Outer) -> QuerySet[Any]:
        """The key of the first or last record in the list's order."""
        field = hop.entity.fields.get(hop.order.removeprefix("-"))
        column = F(field.lookup) if field is not None and not field.custom else F("pk")
        last = hop.pick == "last"
        order = [one.desc(nulls_last=True) if last else one.asc(nulls_last=True) for one in (column, F("pk"))]
        return self.rows(replace(hop, pick=""), outer=outer).order_by(*order).values("pk")[:1]

    def seen(self, hop: Hop) -> list[Q]:
        """The reader's rights there, and not in the trash. A part of the record itself follows it in both."""
        entity = hop.entity
        own = hop.via == "related" and hop.field.name == entity.part_of
        where = [] if own else [self.actor.rights.where("see", entity.path)]
        if not entity.settings:
            where.append(_alive(entity, beyond=not own))
        return [one for one in where if one]

    def told(self, hop: Hop, outer: Outer) -> list[Q]:
        """A link that its record keeps from the reader leads nowhere."""
        there = hop.via == "related"
        veil = (hop.entity if there else hop.origin).veil_for(self.actor)
        if veil is None or hop.field.name not in veil.names:
            return []
        if there:
            return [Q(IsNotTrue(veil.of(hop.field.name)))]
        keys = sorted(veil.keys(hop.field.name))
        return [Q(Sql(f"({{}} IN ({', '.join(map(str, keys))})) IS NOT TRUE", outer(veil.column)))]

    # Values

    def value(self, term: Term, negated: bool) -> Q:
        """What a comparison holds for; whether it does or does not, not for records that keep the field from the reader."""
        target, held = term.target, self.compared(term, negated)
        veil = target.entity.veil_for(self.actor) if isinstance(target, Column) else None
        return held if veil is None or target.field.name not in veil.names else held & Q(IsNotTrue(veil.of(target.field.name)))  # type: ignore[union-attr]

    def compared(self, term: Term, negated: bool) -> Q:
        target = term.target
        if isinstance(target, Presence):
            return _through(Exists(self.rows(target.hop)), negated)
        if isinstance(target, Total):
            return self.total(target, term.op, term.values, negated)
        if term.op == "is not empty" and negated:
            return _empty(target)
        if isinstance(target.kind, (Link, Links)) and term.values:
            held = self.links(target, term.op, term.values)
        else:
            held = compare(target, term.op, term.values)
        return Q(IsNotTrue(held)) if negated else held

    def links(self, column: Column, op: str, values: Sequence[Any]) -> Q:
        """Keys compare as they are; titles and teams are looked up where the link leads."""
        keys = [one for one in values if isinstance(one, int)]
        others = [self.led_to(column, one) for one in values if not isinstance(one, int)]
        held = list(others)
        if keys:
            plain = {"=": "=", "in": "in", "has": "has", "has any": "has any", "has all": "has all"}[op]
            held.append(compare(column, plain, keys))
        return Q(*held, _connector=Q.AND if op == "has all" else Q.OR)

    def led_to(self, column: Column, value: MyTeam | Titled | Nobody) -> Q:
        """The records that link to what is looked up: those of a title, a team and its people, nobody."""
        if isinstance(value, Nobody):
            return NONE
        single = isinstance(column.kind, Link)
        there = entity_named(column.kind.linked() or "")
        hop = Hop("link" if single else "links", column.entity, there, column.field)
        if isinstance(value, Titled):
            title = there.fields[there.title]
            named = compare(Column(there, title, Text()), "=", [value.title])
            return Q(Exists(self.rows(hop, named)))
        if there.path == "teams":
            return compare(column, "in" if single else "has any", value.team_ids) if value.team_ids else NONE
        team = there.fields.get("team")
        if team is None:
            return NONE
        members = Q(**{f"{team.lookup}__in": value.team_ids})
        return Q(Exists(there.model._base_manager.filter(members, _joined(hop, OuterRef))))

    def total(self, total: Total, op: str, values: Sequence[Any], negated: bool) -> Q:
        if total.function == "count" and (exists := _as_presence(op, values)) is not None:
            return _through(Exists(self.rows(total.hop)), exists is negated)
        number = self.number(total)
        if op == "is not empty":
            held = Q(Sql("{} IS NOT NULL", number))
        elif isinstance(values[0], Span):
            held = spans(lambda lookup, value: Q(Sql(f"{{}} {_SIGNS[lookup]} {{}}", number, Value(value))), op, values)
        elif op == "in":
            held = Q(Sql(f"{{}} IN ({', '.join(['{}'] * len(values))})", number, *map(Value, values)))
        elif op == "between":
            held = Q(Sql("{} BETWEEN {} AND {}", number, *map(Value, values)))
        else:
            held = Q(Sql(f"{{}} {op} {{}}", number, Value(values[0])))
        return Q(IsNotTrue(held)) if negated else held

    def number(self, total: Total) -> Combinable:
        """One number a record, by a subquery; nothing adds up to 0, and has no average, least or most."""
        rows = self.rows(total.hop).order_by()
        veil = total.hop.entity.veil_for(self.actor)
        if veil is not None and total.field is not None and total.field.name in veil.names:
            rows = rows.filter(IsNotTrue(veil.of(total.field.name)))
        if total.field is None:
            made = Sql("COUNT(*)", output=BigIntegerField())
        else:
            made = Sql(f"{total.function.upper()}({{}})", summable(total.field))
        number = Subquery(rows.annotate(made=made).values("made"))
        return Sql("COALESCE({}, 0)", number) if total.function in {"count", "sum"} else number


_SIGNS = {"exact": "=", "lt": "<", "lte": "<=", "gt": ">", "gte": ">="}


def _through(exists: Exists, negated: bool) -> Q:
    return Q(~exists) if negated else Q(exists)


def _parts(held: Q | None) -> tuple[Q, ...]:
    return () if held is None else (held,)


def _as_presence(op: str, values: Sequence[Any]) -> bool | None:
    """Whether a comparison of a count asks that there is one, or none; None when it asks more."""
    if (op, values[0]) in {(">", 0), (">=", 1)}:
        return True
    return False if (op, values[0]) in {("=", 0), ("<", 1), ("<=", 0)} else None


def _empty(column: Column) -> Q:
    """The records whose value is empty; where it is stored as NULL alone, an index serves it."""
    held = filled(column)
    if len(held.children) == 1 and isinstance(held.children[0], tuple):
        return Q(**{f"{column.field.lookup}__isnull": True})
    return Q(IsNotTrue(held))


def _alive(entity: Entity, beyond: bool = True) -> Q:
    """Not in the trash; a part follows the record it is a part of."""
    where = Q()
    if _has_trash(entity):
        where &= Q(deleted_at__isnull=True)
    above = entity.bound.get(entity.part_of) if entity.part_of and beyond else None
    if above is not None and isinstance(above.k, Link) and _has_trash(entity_named(above.k.linked())):
        where &= Q(**{f"{above.name}__deleted_at__isnull": True})
    return where


def _has_trash(entity: Entity) -> bool:
    return any(one.name == "deleted_at" for one in entity.model._meta.concrete_fields)


def _joined(hop: Hop, outer: Outer) -> Q:
    """How the records of a hop belong to the one before it."""
    field = hop.field
    if hop.via == "related":
        return _leads_back(field, hop.origin, outer)
    if hop.via == "links":
        if field.custom:
            return Q(Sql("{} @> to_jsonb({})", json_at(outer("custom"), field.name), F("pk")))
        return Q(Sql("{} = ANY({})", F("pk"), outer(field.lookup)))
    if field.custom:
        held = json_at(outer("custom"), field.name)
        return Q(Sql("{} = CASE WHEN jsonb_typeof({}) = 'number' THEN ({})::bigint END", F("pk"), held, held))
    return Q(pk=outer(field.lookup))


def _leads_back(field: Field, origin: Entity, outer: Outer) -> Q:
    """The records there whose link leads back here."""
    if isinstance(field.k, AnyRecord):
        return Q(Sql("{} = {} || {}::text", F(field.lookup), Value(f"{origin.path}:"), outer("pk")))
    if field.custom:
        return Q(Sql("{} @> to_jsonb({})" if field.k.listed else "{} = to_jsonb({})", json_at(F("custom"), field.name), outer("pk")))
    if isinstance(field.k, Links):
        return Q(Sql("{} @> ARRAY[{}]", F(field.lookup), outer("pk")))
    return Q(**{field.lookup: outer("pk")})
