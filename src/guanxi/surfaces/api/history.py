"""Changes as callers get them: of records in their sight, with the values they may read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from guanxi.access.titles import people
from guanxi.entity.actors import Actor, Level
from guanxi.entity.registry import entity_named
from guanxi.record.history import files_told, readable_diff
from guanxi.record.models import Change


def in_sight(changes: Sequence[Change], *, to: Actor) -> set[tuple[str, int]]:
    """(entity, key) of the changed records that the reader may see, deleted or not; one query an entity."""
    keys: dict[str, set[int]] = {}
    for change in changes:
        keys.setdefault(change.entity, set()).add(change.record_id)
    seen: set[tuple[str, int]] = set()
    for path, wanted in keys.items():
        where = to.rights.where("see", path)
        # `visible` leaves out the trash, and that a record was deleted is just what a copy must learn.
        found = entity_named(path).model._default_manager.filter(where, pk__in=wanted)
        seen.update((path, key) for key in found.values_list("pk", flat=True))
    return seen


def described(change: Change, *, to: Actor) -> dict[str, Any]:
    """A change as JSON, with the values that the reader may read."""
    name = people().get(change.by_id) if change.by_id is not None else None
    files = files_told(change, to=to)
    told = {} if files is None else {"files": files}
    return {
        "id": change.pk,
        "at": change.at,
        "event": change.event,
        "by": {"id": change.by_id, "title": name} if change.by_id is not None else None,
        "via": change.origin,
        "batch": change.batch,
        "changes": readable_diff(change, to=to),
        **told,
    }


def title_then(change: Change, to: Actor) -> str | None:
    """What the record was called then, for those who may read the field it comes from."""
    entity = entity_named(change.entity)
    return change.title if to.rights.level(entity.path, entity.title) > Level.MASKED else None
