"""Every entity by name. Rooms register theirs when the application starts; custom fields join here."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django.db import models

from guanxi.base.words import similar
from guanxi.entity.entity import Entity
from guanxi.entity.field import Field, bind, named

_entities: dict[str, Entity] = {}
_by_model: dict[type[models.Model], Entity] = {}
_pending: list[Entity] = []


def register(*entities: Entity) -> None:
    """Make entities known. Fields are bound when all of them are (`complete`)."""
    for entity in entities:
        if entity.path in _entities:
            raise ValueError(f"The entity “{entity.path}” is registered twice.")
        _entities[entity.path] = entity
        _by_model[entity.model] = entity
        _pending.append(entity)


def complete() -> None:
    """Bind the fields of entities registered since the last call; links need their targets to be known."""
    while _pending:
        entity = _pending.pop(0)
        entity.bound = named(bind(one, entity.model, path_of) for one in entity.fields_declared)
        entity.fields = dict(entity.bound)
    _forget_memos()


def forget(path: str) -> None:
    """Take an entity out again; for tests that bring their own."""
    entity = _entities.pop(path)
    del _by_model[entity.model]
    _forget_memos()


def _forget_memos() -> None:
    """What entities worked out, of each other too, is worked out again."""
    for entity in _entities.values():
        entity.memo.clear()


def entities() -> list[Entity]:
    """All of them, in order of registration."""
    return list(_entities.values())


def entity_named(path: str) -> Entity:
    """The entity of that name; LookupError with near names when there is none."""
    try:
        return _entities[path]
    except KeyError:
        near = similar(path, list(_entities))
        hint = f" Did you mean {' or '.join(near)}?" if near else ""
        raise LookupError(f"There is no entity “{path}”.{hint}") from None


def entity_of(record: models.Model) -> Entity:
    """The entity a record belongs to."""
    return _by_model[type(record)]


def kin_of(entity: Entity) -> list[Entity]:
    """Those among which the same person or company may be, whichever of the two says so."""
    named = [entity_named(one.entity) for one in entity.kin]
    return named + [other for other in _entities.values() if any(one.entity == entity.path for one in other.kin)]


def path_of(model: type[models.Model]) -> str | None:
    """The name of the entity over a model, or None."""
    entity = _by_model.get(model)
    return entity.path if entity else None


def set_custom(fields_of: Callable[[str], Sequence[Field]]) -> None:
    """Join custom fields to every entity's declared ones; called again when they change."""
    for entity in _entities.values():
        entity.fields = named([*entity.bound.values(), *fields_of(entity.path)])
        entity.memo.clear()
