"""Who is told when records leave their owner: the owner, and those who manage the owner's team."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy

from guanxi.access.models import User
from guanxi.crm.managing import managers
from guanxi.crm.pools.model import Pool
from guanxi.entity.actors import Actor
from guanxi.entity.registry import entity_of
from guanxi.surfaces.inbox.telling import tell
from guanxi.surfaces.inbox.words import Said

NEWS: Mapping[str, Said] = {
    "returned": Said("pool", gettext_lazy("%(by)s gave %(record)s back to %(pool)s: %(reason)s"), "warn"),
    "given out": Said("pool", gettext_lazy("%(count)s %(many)s from %(pool)s are yours now"), "info"),
    "recycled": Said("recycle", gettext_lazy("%(count)s %(many)s of %(owner)s went back to %(pool)s"), "warn"),
    "recycled mine": Said("recycle", gettext_lazy("%(count)s of your %(many)s went back to %(pool)s"), "warn"),
    "recycle warning": Said("hourglass", gettext_lazy("%(count)s of your %(many)s go back to %(pool)s within %(days)s days"), "warn"),
}


def tell_returned(record: Any, pool: Pool, owner: int | None, team: int | None, *, by: Actor, reason: str) -> None:
    """Of one record given back by hand."""
    path = entity_of(record).path
    told = [*([owner] if owner else []), *managers().get((path, team or 0), ())]
    tell(told, "returned", record, by=by, pool=pool.name, reason=reason or "–")


def tell_recycled(path: str, pool: Pool, counts: Mapping[tuple[int, int | None], int]) -> None:
    """Of records that went back by rules: each owner of theirs, each manager of each owner's. Counts by (owner, team)."""
    names = dict(User.objects.filter(pk__in={owner for owner, _team in counts}).values_list("pk", "name"))
    for (owner, team), count in counts.items():
        tell([owner], "recycled mine", entity=path, count=count, pool=pool.name)
        others = [key for key in managers().get((path, team or 0), ()) if key != owner]
        tell(others, "recycled", entity=path, count=count, pool=pool.name, owner=names.get(owner, "–"))


def tell_warned(path: str, pool: Pool, counts: Mapping[int, int], days: int) -> None:
    """Of records that will go back unless something happens."""
    for owner, count in counts.items():
        tell([owner], "recycle warning", entity=path, count=count, pool=pool.name, days=days)


def tell_given(path: str, pool: Pool, counts: Mapping[int, int]) -> None:
    """Of records given out: each new owner."""
    for owner, count in sorted(counts.items()):
        tell([owner], "given out", entity=path, count=count, pool=pool.name)
