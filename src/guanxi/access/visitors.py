"""Somebody outside who holds a link to one record: an actor whose rights are what that record's entity declares as public."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q

from guanxi.access.rights import NOTHING, company
from guanxi.base.zones import zone_named
from guanxi.entity.actors import Action, Level, Locale
from guanxi.entity.entity import Entity
from guanxi.entity.registry import entity_named


def locale_of(language: str) -> Locale:
    """How a visitor reads: their language; the day, the currency and the country are the company's."""
    here = company()
    return Locale(language, zone_named(here.zone), here.currency, here.region)


@dataclass(frozen=True)
class Visitor:
    """Whoever holds the link. Nobody by name: what they write carries no user, and the origin `portal`."""

    entity: Entity
    key: int
    locale: Locale
    links: Mapping[str, frozenset[int]] = field(default_factory=dict)
    """Keys of the records that shown links lead to, by entity: their titles are shown, nothing else of them."""
    pk: None = None
    team_id: None = None
    team_ids: tuple[int, ...] = ()
    roles: tuple[int, ...] = ()
    """None: where records keep something from whoever has no role for it, they keep it from a visitor."""

    @property
    def rights(self) -> VisitorRights:
        return VisitorRights(self)

    def knowing(self, record: Any) -> Visitor:
        """The same visitor, who may read what the links of this record lead to are called."""
        public = self.entity.public
        found: dict[str, frozenset[int]] = {}
        for name in public.named if public else ():
            target, value = self.entity.fields[name].k.linked(), self.entity.fields[name].of(record)
            if target and isinstance(value, int):
                found[target] = found.get(target, frozenset()) | {value}
        return Visitor(self.entity, self.key, self.locale, found)


@dataclass(frozen=True)
class VisitorRights:
    """One record while it is open, its lines, the titles of what it leads to; the fields declared, and no other."""

    visitor: Visitor
    everything: bool = False

    def may(self, action: Action, entity: str) -> bool:
        if entity == self.visitor.entity.path:
            return action in {"see", "edit"}
        return action == "see" and (entity == self._lines()[0] or entity in self.visitor.links)

    def where(self, action: Action, entity: str) -> Q:
        visitor, public = self.visitor, self.visitor.entity.public
        if public is None or not self.may(action, entity):
            return NOTHING
        if entity == visitor.entity.path:
            return Q(pk=visitor.key) & public.open(visitor)
        lines, by = self._lines()
        if entity == lines:
            return Q(**{by: visitor.key})
        return Q(pk__in=visitor.links[entity])

    def level(self, entity: str, field: str) -> Level:
        public = self.visitor.entity.public
        if public is not None and entity == self.visitor.entity.path and field in public.named:
            return Level.READ
        if public is not None and entity == self._lines()[0] and field in {*public.columns, public.beneath, public.marked, public.chosen}:
            return Level.READ
        titled = entity in self.visitor.links and field == entity_named(entity).title
        return Level.READ if titled else Level.HIDDEN

    def _lines(self) -> tuple[str, str]:
        """The entity of the lines that are shown, and the field by which they lead to the record."""
        public = self.visitor.entity.public
        related = self.visitor.entity.relation(public.lines) if public and public.lines else None
        return (related.entity, related.by) if related else ("", "")
