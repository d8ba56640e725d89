"""Follows a condition's paths through the registry, as far as a reader's rights let it see."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.base.words import similar
from guanxi.entity.actors import Actor, Level
from guanxi.entity.conditions.errors import ConditionError
from guanxi.entity.conditions.printing import print_path
from guanxi.entity.conditions.tree import AGGREGATES, Aggregate, Compare, Rows, Tree
from guanxi.entity.entity import Entity, Related
from guanxi.entity.field import Field
from guanxi.entity.kinds import Address, Day, Duration, Kind, Link, Links, Moment, MoneyKind, Number, Percent, Text, Whole
from guanxi.entity.kinds.links import LARGEST
from guanxi.entity.registry import entity_named

if TYPE_CHECKING:
    from guanxi.entity.conditions.checking import Bound

KEY = Field("id", kind=Whole(1, LARGEST), label=gettext_lazy("Number"), attribute="id", indexed=True)
"""Every record's key, declared or not."""


@dataclass(frozen=True, slots=True)
class Hop:
    """One step to other records."""

    via: Literal["link", "links", "related"]
    """By a link or links of this record, or to those whose link leads here."""
    origin: Entity
    entity: Entity
    """Where it leads."""
    field: Field
    """The link here; for related records the link there that leads back."""
    order: str = ""
    where: Bound | None = None
    pick: Literal["", "first", "last"] = ""
    """Only the first or last of them in the list's order."""

    @property
    def single(self) -> bool:
        """Whether it leads to one record at most."""
        return self.via == "link" or bool(self.pick)


@dataclass(frozen=True, slots=True)
class Column:
    """A field's value; of an address possibly one part."""

    entity: Entity
    field: Field
    kind: Kind
    part: str = ""


@dataclass(frozen=True, slots=True)
class Total:
    """One value out of related records; without a field their number."""

    function: str
    hop: Hop
    kind: Kind
    field: Field | None = None


@dataclass(frozen=True, slots=True)
class Presence:
    """Whether there are such records at all."""

    hop: Hop


Target = Column | Total | Presence
Binder = Callable[[Tree, Entity], "Bound"]


def visible(entity: Entity, field: Field, actor: Actor) -> bool:
    """Whether the reader may compare with the field's values."""
    return actor.rights.level(entity.path, field.name) >= Level.READ


def visible_fields(entity: Entity, actor: Actor) -> list[Field]:
    """The fields the reader may compare with."""
    return [one for one in entity.fields.values() if visible(entity, one, actor)]


def visible_relations(entity: Entity, actor: Actor) -> list[tuple[Related, Hop]]:
    """The related lists the reader may look into."""
    found = ((one, _related(entity, one, actor)) for one in entity.related)
    return [(one, hop) for one, hop in found if hop is not None]


def _related(entity: Entity, related: Related | None, actor: Actor) -> Hop | None:
    if related is None:
        return None
    there = entity_named(related.entity)
    back = there.fields.get(related.by)
    if back is None or not actor.rights.may("see", there.path) or not visible(there, back, actor):
        return None
    return Hop("related", entity, there, back, related.order)


def field_named(entity: Entity, name: str, actor: Actor) -> Field | None:
    """The field of that name, if there is one that the reader may compare with."""
    field = entity.fields.get(name)
    if field is None:
        return KEY if name == "id" else None
    return field if visible(entity, field, actor) else None


def follow(term: Compare, entity: Entity, actor: Actor, bind: Binder) -> tuple[tuple[Hop, ...], Target]:
    """The hops of a comparison's path and what it compares. ConditionError."""
    return _Walk(term, entity, actor, bind).run()


class _Walk:
    def __init__(self, term: Compare, entity: Entity, actor: Actor, bind: Binder) -> None:
        self.term, self.here, self.actor, self.bind = term, entity, actor, bind
        self.hops: list[Hop] = []

    def run(self) -> tuple[tuple[Hop, ...], Target]:
        target: Target | None = None
        for index in range(len(self.term.path)):
            if target is None:
                target = self.step(index)
            elif not (isinstance(target, Column) and target.part):  # a part has taken its step already
                raise self.error(index, self.nothing_follows(index - 1))
        if target is None:
            target = self.end()
        return tuple(self.hops), target

    def step(self, index: int) -> Target | None:
        """Take one step; the target when the path must end with it."""
        step = self.term.path[index]
        if isinstance(step, Aggregate):
            return self.aggregate(index, step)
        after = self.term.path[index + 1] if index + 1 < len(self.term.path) else None
        if isinstance(step, Rows):
            hop = self.several(index, step.name)
            self.go(replace(hop, where=self.bind(step.where, hop.entity)))
            return None
        if isinstance(after, Aggregate):
            self.go(self.several(index, step))
            return None
        field = field_named(self.here, step, self.actor)
        if field is None:
            self.go(self.relation(index, step))
            return None
        if after is None:
            return Column(self.here, field, field.k)
        if isinstance(field.k, Address) and isinstance(after, str):
            return self.part(index, field, after)
        self.go(self.link(index, field))
        return None

    def go(self, hop: Hop) -> None:
        self.hops.append(hop)
        self.here = hop.entity

    def end(self) -> Presence:
        """A path that ends with a list asks whether anything is in it."""
        if self.hops[-1].single:
            raise self.error(len(self.term.path) - 1, _("This leads to one record; name one of its fields."))
        return Presence(self.hops.pop())

    def link(self, index: int, field: Field) -> Hop:
        if not isinstance(field.k, (Link, Links)):
            raise self.error(index + 1, self.nothing_follows(index))
        try:
            there = entity_named(field.k.linked())
        except LookupError:
            raise self.error(index, _("Nothing is known of what this leads to; compare it with a key.")) from None
        if not self.actor.rights.may("see", there.path):
            raise self.error(index, _("You may not look into %(many)s.") % {"many": there.noun.many})
        return Hop("link" if isinstance(field.k, Link) else "links", self.here, there, field)

    def relation(self, index: int, name: str) -> Hop:
        hop = _related(self.here, self.here.relation(name), self.actor)
        if hop is None:
            raise self.unknown(index, name)
        return hop

    def several(self, index: int, name: str) -> Hop:
        """The hop to several records, for brackets and aggregates."""
        hop = _related(self.here, self.here.relation(name), self.actor)
        field = field_named(self.here, name, self.actor)
        if hop is None and field is not None and isinstance(field.k, Links):
            hop = self.link(index, field)
        if hop is None:
            if field is None:
                raise self.unknown(index, name)
            message = _("“%(name)s” is no list of records: brackets, count() and the like need one.") % {"name": name}
            lists = [related.name for related, _hop in visible_relations(self.here, self.actor)]
            raise self.error(index, message, *similar(name, lists))
        return hop

    def part(self, index: int, field: Field, part: str) -> Column:
        if part not in Address.parts:
            message = _("An address has no part “%(part)s”.") % {"part": part[:40]}
            raise self.error(index + 1, message, *similar(part, Address.parts))
        if index + 2 < len(self.term.path):
            raise self.error(index + 2, self.nothing_follows(index + 1))
        return Column(self.here, field, Text(), part)

    def aggregate(self, index: int, step: Aggregate) -> Target:
        if step.function not in AGGREGATES or not self.hops:
            raise self.error(index, _("There is no %(function)s() here.") % {"function": step.function[:40]})
        hop = self.hops.pop()
        if step.function == "count":
            return Total("count", hop, Whole(-LARGEST, LARGEST))
        field = field_named(hop.entity, step.field, self.actor)
        if field is None:
            self.here = hop.entity
            raise self.unknown(index, step.field, fields_only=True)
        if step.function in {"first", "last"}:
            if field.k.listed:
                raise self.error(index, _("%(function)s() needs a field with one value.") % {"function": step.function})
            self.go(replace(hop, pick=step.function))  # type: ignore[arg-type]
            return Column(hop.entity, field, field.k)
        kind = kind_of_total(step.function, field.k)
        if kind is None:
            near = [one.name for one in visible_fields(hop.entity, self.actor) if kind_of_total(step.function, one.k)]
            message = _("%(function)s(%(field)s) means nothing: that field cannot be added up.")
            if step.function in {"min", "max"}:
                message = _("%(function)s(%(field)s) means nothing: that field is neither a number nor a date.")
            raise self.error(index, message % {"function": step.function, "field": step.field}, *near[:3])
        return Total(step.function, hop, kind, field)

    def nothing_follows(self, index: int) -> str:
        step = self.term.path[index]
        return _("Nothing can follow “%(name)s”: it leads to no other record.") % {
            "name": step if isinstance(step, str) else print_path((step,))
        }

    def unknown(self, index: int, name: str, fields_only: bool = False) -> ConditionError:
        candidates = [one.name for one in visible_fields(self.here, self.actor)]
        if not fields_only:
            candidates += [related.name for related, _hop in visible_relations(self.here, self.actor)]
        near = similar(name[:60], candidates)
        if name.lower() in AGGREGATES and self.hops and not self.hops[-1].single:
            near = [f"{name.lower()}()" if name.lower() == "count" else f"{name.lower()}(…)", *near]
        message = _("There is no field “%(name)s” in %(many)s.") % {"name": name[:60], "many": self.here.noun.many}
        return self.error(index, message, *near)

    def error(self, index: int, message: str, *suggestions: str) -> ConditionError:
        place = print_path(self.term.path[: index + 1])[:120]
        return ConditionError(message, self.term.origin.step(index), place=place, suggestions=suggestions)


def kind_of_total(function: str, kind: Kind) -> Kind | None:
    """The kind of sum, avg, min or max over a kind; None when there is none."""
    if function in {"min", "max"}:
        return kind if isinstance(kind, (Number, Day, Moment)) else None
    if not isinstance(kind, Number):
        return None
    if function == "avg" and isinstance(kind, Percent):
        return kind
    if isinstance(kind, MoneyKind):
        return MoneyKind(kind.currency, digits=38, places=6)
    if isinstance(kind, Duration):
        total = Duration()
        total.highest = LARGEST
        return total
    if isinstance(kind, Whole) and function == "sum":
        return Whole(-LARGEST, LARGEST)
    return Number(38, 6)
