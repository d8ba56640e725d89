"""What a search compares: the records of one entity with each other, or with those of one of its kin.

Of two entities the keys of the other one's records are negative, so that all that is kept by key is kept alike.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.db.models import QuerySet

from guanxi.entity.actors import SYSTEM, Actor
from guanxi.entity.entity import Entity, Kin
from guanxi.entity.registry import entity_named
from guanxi.surfaces.dedupe.likeness import Verdict
from guanxi.surfaces.dedupe.model import DuplicateScan
from guanxi.surfaces.dedupe.traits import Features, Trait, columns_of, reader_of, said, traits_across, traits_of

Told = Iterator[tuple[int, list[list[str]]]]


def subject_of(run: DuplicateScan) -> Within | Across:
    """What this search compares."""
    entity = entity_named(run.entity)
    return Across(entity, next(one for one in entity.kin if one.entity == run.other)) if run.other else Within(entity)


def _living(entity: Entity) -> QuerySet[Any]:
    return entity.model._default_manager.filter(deleted_at__isnull=True).order_by("pk")


class Within:
    """The records of an entity with each other."""

    blocks = "count(*) > 1"
    pair = "true"

    def __init__(self, entity: Entity) -> None:
        self.entity, self.traits = entity, traits_of(entity)
        self.read = reader_of(entity, self.traits)
        self.rows = _living(entity).values("pk", *columns_of(entity, self.traits))

    def after(self, last: int) -> int:
        """How many come after a key."""
        return self.rows.filter(pk__gt=last).count()

    def told(self, last: int, most: int) -> Told:
        """What the records say that come after a key, at most so many; nothing at the end."""
        for row in self.rows.filter(pk__gt=last)[:most]:
            yield row["pk"], self.read(row)

    def ready(self, one: Features, other: Features) -> tuple[Features, Features]:
        """Both as they are compared."""
        return one, other

    def because(self, verdict: Verdict) -> list[list[str]]:
        """For each trait that both have, whether they agree."""
        return [[trait.field, trait.role, told] for trait, told in zip(self.traits, verdict.told, strict=True) if told]


class Across:
    """The records of an entity that can still go into one of their kin, with these."""

    blocks = "min(id) < 0 AND max(id) > 0"
    pair = "ids[a] < 0 AND ids[b] > 0"

    def __init__(self, entity: Entity, kin: Kin) -> None:
        self.entity, self.kin, self.other = entity, kin, entity_named(kin.entity)
        pairs = traits_across(entity, kin)
        self.traits, self.theirs = [ours for ours, _theirs in pairs], [theirs for _ours, theirs in pairs]
        title = Trait(entity.title, "name")
        self.rows = joinable(_living(entity), entity, SYSTEM).values("pk", *columns_of(entity, [*self.traits, title]))
        self.others = _living(self.other).values("pk", *columns_of(self.other, self.theirs))
        self.read, self.read_other = reader_of(entity, self.traits), reader_of(self.other, self.theirs)
        self.apart = kin.called != entity.title

    def after(self, last: int) -> int:
        """How many come after a key."""
        ours = self.rows.filter(pk__gt=last).count() if last >= 0 else 0
        return ours + self.others.filter(pk__gt=max(-last, 0)).count()

    def told(self, last: int, most: int) -> Told:
        """What our records say that come after a key, then the others, at most so many; nothing at the end."""
        number = 0
        if last >= 0:
            for row in self.rows.filter(pk__gt=last)[:most]:
                number += 1
                yield row["pk"], self._called(row)
        if number < most:
            for row in self.others.filter(pk__gt=max(-last, 0))[: most - number]:
                yield -row["pk"], self.read_other(row)

    def _called(self, row: Mapping[str, Any]) -> list[list[str]]:
        """What one of ours says; it is called by its title when it does not say what it is called there."""
        found = self.read(row)
        if not found[0]:
            found[0] = said("name", row[self.entity.fields[self.entity.title].attribute])
        return found

    def ready(self, one: Features, other: Features) -> tuple[Features, Features]:
        """Both as they are compared. That a person has another phone than the company says nothing against it."""
        if not self.apart:
            return other, one
        both = zip(self.traits, other, one, strict=True)
        ours = [[] if trait.role in {"phone", "email"} and set(mine).isdisjoint(theirs) else mine for trait, mine, theirs in both]
        return ours, one

    def because(self, verdict: Verdict) -> list[list[str]]:
        """For each trait that both have, whether they agree, and the other's field."""
        both = zip(self.traits, self.theirs, verdict.told, strict=True)
        return [[ours.field, ours.role, told, theirs.field] for ours, theirs, told in both if told]


def joinable(found: QuerySet[Any], entity: Entity, by: Actor) -> QuerySet[Any]:
    """Those to which the verb can be done by which they go into one of their kin."""
    rule = entity.verb(entity.joins).rule
    return found if rule is None else found.filter(rule(by))
