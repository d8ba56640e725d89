"""What is special about showing pooled records: how their events are said, and where they were."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.access.models import User
from guanxi.access.sight import clear
from guanxi.access.titles import people
from guanxi.base.moments import format_day
from guanxi.crm.pools.model import PoolMove
from guanxi.crm.pools.queries import pools
from guanxi.entity.registry import entity_named
from guanxi.surfaces.detail.asides import Aside, Figure
from guanxi.surfaces.history.told import Saying

SAYINGS = {
    f"{noun}.{event}": saying
    for noun in ("lead", "account")
    for event, saying in (
        ("claimed", Saying(gettext_lazy("%(who)s claimed %(what)s"), "hand-grab", "good")),
        ("returned", Saying(gettext_lazy("%(who)s gave %(what)s back to a pool"), "pool", "warn")),
        ("given", Saying(gettext_lazy("%(what)s was given out of its pool"), "pool", "info")),
        ("recycled", Saying(gettext_lazy("A rule sent %(what)s back to a pool"), "recycle", "warn")),
    )
}
MOST = 8


def ways(path: str) -> Callable[[Any, User], Sequence[Figure]]:
    """The record's way between owners and pools, newest first. One query."""

    def figures(record: Any, reader: User) -> Sequence[Figure]:
        entity = entity_named(path)
        if not any(pool.of == path for pool in pools().values()) or not clear(entity, entity.fields["owner"], to=reader):
            return []
        zone, today = reader.locale.zone, reader.locale.today
        moves = PoolMove.objects.filter(entity=path, record_id=record.pk).select_related("rule").order_by("-at", "-id")[:MOST]
        return [Figure(_said(move), format_day(move.at.astimezone(zone).date(), today, reader.locale.language)) for move in moves]

    return figures


def _said(move: PoolMove) -> str:
    names, known = people(), pools()
    owner = names.get(move.owner_after_id or move.owner_before_id or 0, "–")
    pool = known[key].name if (key := move.pool_after_id or move.pool_before_id or 0) in known else "–"
    if move.why == "claim":
        return _("%(owner)s claimed it from %(pool)s") % {"owner": owner, "pool": pool}
    if move.why == "give":
        return _("Given to %(owner)s from %(pool)s") % {"owner": owner, "pool": pool}
    if move.why == "recycle":
        return _("Back to %(pool)s from %(owner)s: %(rule)s") % {"owner": owner, "pool": pool, "rule": move.rule.name if move.rule else "–"}
    if move.why == "return":
        return _("%(owner)s gave it back to %(pool)s: %(reason)s") % {"owner": owner, "pool": pool, "reason": move.reason or "–"}
    return _("Put into %(pool)s") % {"pool": pool}


WAYS = (
    Aside("leads", "ways", gettext_lazy("Owners and pools"), ways("leads"), later=True),
    Aside("accounts", "ways", gettext_lazy("Owners and pools"), ways("accounts"), later=True),
)
