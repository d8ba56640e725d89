"""Whose a new record becomes when nobody says: asked of the room that declared to know it. The rules stand on a higher floor."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from guanxi.entity.actors import Actor
from guanxi.entity.entity import Entity

if TYPE_CHECKING:
    from guanxi.record.changes import Origin

Assigner = Callable[[Entity, Sequence[Any], Actor, "Origin"], None]
OWNERLESS = "_ownerless"
"""Set on a new record for which no owner was given: `said` when it was said to have none, `left` when nothing was said."""

_assigners: list[Assigner] = []


def put_assigner(assigner: Assigner) -> None:
    """Declare who finds owners. It is told of new records just written, in their transaction."""
    if assigner not in _assigners:
        _assigners.append(assigner)


def assign_new(entity: Entity, records: Sequence[Any], *, by: Actor, origin: Origin) -> None:
    """Have owners found for those of these new records that were given none. What a person makes by hand is theirs unless they say so."""
    if not entity.owned or not _assigners:
        return
    wanted = {"said"} if origin.via == "ui" else {"said", "left"}
    several = [one for one in records if one.__dict__.get(OWNERLESS) in wanted and not one.__dict__.get("pool_id")]
    for assigner in _assigners if several else ():
        assigner(entity, several, by, origin)
