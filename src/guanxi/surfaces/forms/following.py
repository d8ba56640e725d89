"""What follows a write in the browser for other people: they are told when they are named or get a record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from guanxi.entity.actors import Actor
from guanxi.entity.entity import Entity
from guanxi.entity.kinds import LongText
from guanxi.surfaces.inbox.telling import tell_mentioned, tell_new_owner


def follow_up(entity: Entity, record: Any, before: Mapping[str, Any], *, by: Actor, created: bool = False) -> list[str]:
    """Tell those newly named in long texts and a new owner. The names of those who may not see the record."""
    untold: list[str] = []
    for one in entity.fields.values():
        if isinstance(one.k, LongText) and not one.custom:
            after, was = one.of(record) or "", before.get(one.name) or ""
            if "@" in after and after != was:
                untold += tell_mentioned(record, after, by=by, before=was)
    if entity.owned and (created or before.get("owner", record.owner_id) != record.owner_id):
        tell_new_owner(entity, [record], by=by)
    return untold
