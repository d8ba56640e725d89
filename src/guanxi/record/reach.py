"""The read path's root: the records an actor may act on."""

from __future__ import annotations

from typing import Any

from guanxi.entity.actors import Action, Actor
from guanxi.entity.entity import Entity
from guanxi.record.veiling import veiled


def reachable(entity: Entity, action: Action, by: Actor) -> Any:
    """The queryset of records, trash aside, on which the actor may do so."""
    return entity.model._default_manager.filter(by.rights.where(action, entity.path), deleted_at__isnull=True)


def visible(entity: Entity, *, to: Actor) -> Any:
    """The queryset of records the actor may see. Everything that reads begins here."""
    found = reachable(entity, "see", to)
    veil = entity.veil_for(to)
    return found if veil is None else veiled(found, entity, veil)
