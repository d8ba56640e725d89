"""Checks a tree against the registry and a reader's rights: fields, operators and values.

What comes out is bound: paths followed, values read. It is what the compiler and the sentences work on.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext as _

from guanxi.base.words import similar
from guanxi.entity.actors import Actor
from guanxi.entity.conditions.errors import ConditionError
from guanxi.entity.conditions.grammar import LISTS, OPERATORS
from guanxi.entity.conditions.literals import write_value
from guanxi.entity.conditions.paths import Column, Hop, Presence, Target, Total, follow
from guanxi.entity.conditions.printing import print_path
from guanxi.entity.conditions.tree import (
    MOST_DEPTH,
    MOST_STEPS,
    MOST_TERMS,
    MOST_VALUES,
    And,
    Compare,
    Not,
    Or,
    Rows,
    Scalar,
    Tree,
    Value,
    all_of,
    any_of,
    too_deep,
    too_many_terms,
    too_many_values,
)
from guanxi.entity.conditions.values import MyTeam, Reader
from guanxi.entity.entity import Entity
from guanxi.entity.kinds import Kind, YesNo
from guanxi.entity.kinds.base import EMPTINESS, EQUALITY, ORDER

NEGATED = {"!=": "=", "not in": "in", "not contains": "contains", "not has": "has", "is empty": "is not empty"}
"""Operators that hold exactly where another one does not."""


@dataclass(frozen=True, slots=True)
class Every:
    """Every part holds."""

    parts: tuple[Bound, ...]


@dataclass(frozen=True, slots=True)
class Some:
    """At least one part holds."""

    parts: tuple[Bound, ...]


@dataclass(frozen=True, slots=True)
class Except:
    """The part does not hold."""

    part: Bound


@dataclass(frozen=True, slots=True)
class Term:
    """One comparison, ready to be asked."""

    hops: tuple[Hop, ...]
    target: Target
    op: str
    """Never one of the negated operators."""
    negated: bool
    values: tuple[Any, ...]
    tree: Compare
    """The comparison as it is written canonically."""


Bound = Every | Some | Except | Term


def check(tree: Tree, entity: Entity, actor: Actor) -> Tree:
    """The tree with values as the fields' kinds write them. ConditionError says what is wrong, where, and what is near."""
    return canonical(bind(tree, entity, actor))


def canonical(bound: Bound) -> Tree:
    """The tree of a bound condition."""
    if isinstance(bound, Term):
        return bound.tree
    if isinstance(bound, Except):
        return Not(canonical(bound.part))
    parts = [canonical(part) for part in bound.parts]
    return all_of(parts) if isinstance(bound, Every) else any_of(parts)


def bind(tree: Tree, entity: Entity, actor: Actor, now: dt.datetime | None = None) -> Bound:
    """The condition bound to an entity as a reader sees it. ConditionError."""
    return _Binder(actor, now or actor.locale.now).tree(tree, entity)


class _Binder:
    def __init__(self, actor: Actor, now: dt.datetime) -> None:
        self.actor, self.now = actor, now
        self.depth = 0
        self.terms = 0

    def tree(self, tree: Tree, entity: Entity) -> Bound:
        self.depth += 1
        if self.depth > MOST_DEPTH:
            raise too_deep()
        bound: Bound
        if isinstance(tree, Compare):
            bound = self.term(tree, entity)
        elif isinstance(tree, Not):
            bound = Except(self.tree(tree.part, entity))
        elif isinstance(tree, (And, Or)):
            parts = tuple(self.tree(part, entity) for part in tree.parts)
            bound = Every(parts) if isinstance(tree, And) else Some(parts)
        else:
            raise TypeError(f"{type(tree).__name__} is no part of a condition.")
        self.depth -= 1
        return bound

    def term(self, term: Compare, entity: Entity) -> Term:
        self.terms += 1
        if self.terms > MOST_TERMS:
            raise too_many_terms(term.origin.step(0))
        if not 0 < len(term.path) <= MOST_STEPS:
            raise ConditionError(_("A path has at most %(most)d steps.") % {"most": MOST_STEPS}, term.origin.step(0))
        hops, target = follow(term, entity, self.actor, self.tree)
        op, value = self.operator(term, target)
        if op in EMPTINESS:
            values: tuple[Any, ...] = ()
            written: Value = None
        else:
            values, written = self.values(term, target, op, value)
            op = "in" if op == "=" and isinstance(values[0], MyTeam) else op
            op = "not in" if op == "!=" and isinstance(values[0], MyTeam) else op
            written = (written,) if op in LISTS and not isinstance(written, tuple) else written
        tree = Compare(_canonical_path(term, hops, target), op, written, term.origin)
        return Term(hops, target, NEGATED.get(op, op), op in NEGATED, values, tree)

    def operator(self, term: Compare, target: Target) -> tuple[str, Value]:
        """The operator, if the target knows it; `= null` means is empty."""
        known = operators_of(target)
        op, value = term.op, term.value
        if op in {"=", "!="} and (value is None or (value == "" and EMPTINESS[0] in known)):
            op, value = ("is empty" if op == "=" else "is not empty"), None
        if op in known:
            return op, value
        near = [one for one in _instead(op, value) if one in known] or similar(op, known) or list(known[:3])
        if op not in OPERATORS:
            message = _("“%(word)s” is no operator.") % {"word": op[:40]}
        else:
            message = _("“%(op)s” does not go with this field.") % {"op": op}
        place = print_path(term.path)[:120]
        raise ConditionError(message, term.origin.operator(), place=place, suggestions=tuple(near))

    def values(self, term: Compare, target: Target, op: str, value: Value) -> tuple[tuple[Any, ...], Value]:
        reader = Reader(kind_of(target), op, self.actor, self.now, term)
        if op not in LISTS and op != "between":
            if isinstance(value, tuple):
                raise reader.fault(_("A single value is needed here."), None)
            read, written = reader.read(value)
            return (read,), written
        several: Sequence[Scalar] = value if isinstance(value, tuple) else (value,)
        if len(several) > MOST_VALUES:
            raise too_many_values(term.origin.value())
        if not several or (op == "between" and len(several) != 2):
            raise reader.fault(_("A value is missing here."), None)
        pairs = [reader.read(one, index) for index, one in enumerate(several)]
        values, written_values = tuple(pair[0] for pair in pairs), tuple(pair[1] for pair in pairs)
        if op == "between" and _wrong_way_round(values, kind_of(target)):
            turned = " and ".join(write_value(one) for one in reversed(written_values))
            raise reader.fault(_("Between takes the smaller value first."), None, turned)
        return values, written_values


def kind_of(target: Target) -> Kind:
    """The kind of what is compared."""
    return YesNo() if isinstance(target, Presence) else target.kind


def operators_of(target: Target) -> tuple[str, ...]:
    """The operators that go with what is compared."""
    if isinstance(target, Presence):
        return EMPTINESS
    if isinstance(target, Total):
        plain = (*EQUALITY, *ORDER)
        if target.function in {"count", "sum"}:
            return plain
        return (*target.kind.operators, *(one for one in EMPTINESS if one not in target.kind.operators))
    if target.field.name == "id":
        return tuple(one for one in target.kind.operators if one not in EMPTINESS)
    return target.kind.operators


def _instead(op: str, value: Value) -> list[str]:
    """What a person may have meant by an operator that does not go with a field."""
    if op in {"contains", "has", "starts"}:
        return ["has", "contains", "="]
    if op in {"=", "in"}:
        return ["has" if op == "=" else "has any", "contains", "within"]
    if op in {"!=", "not in"}:
        return ["not has", "not contains"]
    if op in {"has any", "has all"}:
        return ["in", "contains"]
    if op in {"not contains", "not has"}:
        return ["not has", "not contains", "!="]
    if op in {"within", "between"}:
        return ["=", "between"]
    return []


def _wrong_way_round(values: tuple[Any, ...], kind: Kind) -> bool:
    low, high = values
    if isinstance(low, str):
        return False
    return bool(low.start > high.start) if hasattr(low, "start") else bool(low > high)


def _canonical_path(term: Compare, hops: tuple[Hop, ...], target: Target) -> tuple[Any, ...]:
    """The path with the conditions in brackets as they are written canonically."""
    if not any(isinstance(step, Rows) for step in term.path):
        return term.path
    bound = [hop.where for hop in hops if hop.where is not None]
    if not isinstance(target, Column) and target.hop.where is not None:
        bound.append(target.hop.where)
    inside = iter(bound)
    return tuple(replace(step, where=canonical(next(inside))) if isinstance(step, Rows) else step for step in term.path)
