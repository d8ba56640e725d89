"""A condition as the chips above a list: Amount over ¥10,000 · Stage is not Lost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import override

from guanxi.entity.actors import SYSTEM, Actor, Titles
from guanxi.entity.conditions.checking import Term, bind, kind_of
from guanxi.entity.conditions.errors import ConditionError
from guanxi.entity.conditions.paths import Presence
from guanxi.entity.conditions.printing import print_path, print_values
from guanxi.entity.conditions.tree import Aggregate, And, Compare, Not, Or, Rows, Tree
from guanxi.entity.conditions.wording import (
    ARROW,
    address_part,
    aggregate_words,
    joined,
    label_of,
    list_label,
    operator_words,
    value_words,
)
from guanxi.entity.entity import Entity
from guanxi.entity.registry import entity_named

_OPPOSITE = {"=": "!=", "in": "not in", "contains": "not contains", "has": "not has", "is empty": "is not empty"}
OPPOSITE = _OPPOSITE | {negative: positive for positive, negative in _OPPOSITE.items()}


class Chip(NamedTuple):
    """One part of a condition in words. What cannot be split has its words in `value` alone."""

    label: str
    operator: str
    value: str

    def __str__(self) -> str:
        return " ".join(part for part in self if part)


def sentence(tree: Tree, entity: Entity, language: str, *, actor: Actor = SYSTEM, titles: Titles | None = None) -> list[Chip]:
    """The parts of a condition in words, one for each part of an `And`, in its order.

    `actor` decides currency and time zone; `titles` names the records compared by key.
    """
    with override(language):
        speaker = _Speaker(actor, language, titles or {})
        return [speaker.chip(part, entity) for part in (tree.parts if isinstance(tree, And) else (tree,))]


def keys_in(tree: Tree, entity: Entity, actor: Actor = SYSTEM) -> dict[str, set[int]]:
    """The keys of records that a condition names, by entity: those whose titles its sentence needs."""
    found: dict[str, set[int]] = {}
    speaker = _Speaker(actor, actor.locale.language, {})
    speaker.collect(tree, entity, found)
    return found


class _Speaker:
    def __init__(self, actor: Actor, language: str, titles: Mapping[tuple[str, int], str]) -> None:
        self.actor = actor
        self.locale = replace(actor.locale, language=language)
        self.titles = titles

    def chip(self, tree: Tree, entity: Entity) -> Chip:
        if isinstance(tree, Compare):
            return self.comparison(tree, entity)
        if isinstance(tree, Not):
            return self.negation(tree.part, entity)
        words = [self.within(part, entity) for part in tree.parts]
        return Chip("", "", (_(" or ") if isinstance(tree, Or) else _(" and ")).join(words))

    def within(self, part: Tree, entity: Entity) -> str:
        words = str(self.chip(part, entity))
        return f"({words})" if isinstance(part, (And, Or)) else words

    def negation(self, part: Tree, entity: Entity) -> Chip:
        if isinstance(part, Compare) and part.op in OPPOSITE and all(isinstance(step, str) for step in part.path[:-1]):
            term = self.bound(part, entity)
            if term is not None and all(hop.single for hop in term.hops):
                return self.comparison(replace(part, op=OPPOSITE[part.op]), entity)
        return Chip("", _("not"), self.within(part, entity))

    def bound(self, term: Compare, entity: Entity) -> Term | None:
        """The comparison bound; None when it no longer fits the entity."""
        try:
            bound = bind(term, entity, self.actor)
        except ConditionError:
            return None
        return bound if isinstance(bound, Term) else None

    def comparison(self, term: Compare, entity: Entity) -> Chip:
        bound = self.bound(term, entity)
        if bound is None:
            value = "" if term.value is None else print_values(term)
            return Chip(print_path(term.path), term.op, value)
        kind = None if isinstance(bound.target, Presence) else kind_of(bound.target)
        op, written = bound.tree.op, bound.tree.value
        label = self.path(bound.tree, entity)
        if op in {"is empty", "is not empty"} or kind is None:
            return Chip(label, operator_words(op, kind), "")
        values = written if isinstance(written, tuple) else (written,)
        words = [value_words(kind, op, one, self.locale, self.titles) for one in values]
        return Chip(label, operator_words(op, kind), joined(words, both=op in {"between", "has all"}))

    def path(self, term: Compare, entity: Entity) -> str:
        """The labels along a path: Account › Industry; Orders (Placed on after 90 days ago) › sum of Total."""
        labels: list[str] = []
        here = entity
        for index, step in enumerate(term.path):
            if isinstance(step, Aggregate):
                label = label_of(here.fields[step.field]) if step.field in here.fields else step.field
                labels.append(aggregate_words(step.function, label))
                continue
            name = step.name if isinstance(step, Rows) else step
            follows = term.path[index + 1] if index + 1 < len(term.path) else None
            if isinstance(step, Rows) or isinstance(follows, Aggregate) or name not in here.fields:
                label = list_label(here, name) if name != "id" else _("Number")
            else:
                label = label_of(here.fields[name])
            there = self.leads_to(here, name)
            if isinstance(step, Rows) and there is not None:
                label = f"{label} ({self.chip(step.where, there)})"
            labels.append(label)
            if there is None:
                labels += [address_part(str(part)) for part in term.path[index + 1 :]]
                break
            here = there
        return ARROW.join(labels)

    def leads_to(self, entity: Entity, name: str) -> Entity | None:
        related = entity.relation(name)
        if related is not None and name not in entity.fields:
            return entity_named(related.entity)
        field = entity.fields.get(name)
        to = field.k.linked() if field is not None else None
        try:
            return entity_named(to) if to else None
        except LookupError:
            return None

    def collect(self, tree: Tree, entity: Entity, found: dict[str, set[int]]) -> None:
        if isinstance(tree, Compare):
            bound = self.bound(tree, entity)
            if bound is None:
                return
            here = entity
            for step in tree.path:
                there = self.leads_to(here, step.name if isinstance(step, Rows) else str(step))
                if isinstance(step, Rows) and there is not None:
                    self.collect(step.where, there, found)
                here = there or here
            to = None if isinstance(bound.target, Presence) else kind_of(bound.target).linked()
            if to:
                found.setdefault(to, set()).update(one for one in bound.values if isinstance(one, int))
        else:
            for part in (tree.part,) if isinstance(tree, Not) else tree.parts:
                self.collect(part, entity, found)
