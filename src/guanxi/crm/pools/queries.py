"""Which pools there are and whose they are; few, and remembered."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from guanxi.access.rights import team_tree
from guanxi.crm.pools.model import Pool, PoolRule
from guanxi.entity.actors import Action
from guanxi.entity.entity import Veil
from guanxi.entity.registry import entity_named
from guanxi.record.memory import remember


def pools() -> dict[int, Pool]:
    """Every living pool by key, in order."""
    return remember("pools", lambda: {one.pk: one for one in Pool.objects.filter(deleted_at__isnull=True).order_by("position", "id")})


def rules_of(pool: int) -> list[PoolRule]:
    """A pool's recycle rules in order."""

    def read() -> dict[int, list[PoolRule]]:
        found: dict[int, list[PoolRule]] = {}
        for rule in PoolRule.objects.filter(deleted_at__isnull=True).order_by("position", "id"):
            found.setdefault(rule.pool_id, []).append(rule)
        return found

    return remember("pool rules", read).get(pool, [])


def administers(user: Any, pool: Pool) -> bool:
    """Whether the limits of the pool do not hold for the user, and whether they may tend what is in it."""
    return bool(user.rights.everything or user.pk in pool.admin_people or set(pool.admin_roles) & set(user.roles))


def belongs(user: Any, pool: Pool) -> bool:
    """Whether the user may take from the pool; one that names nobody is everybody's."""
    if not (pool.people or pool.teams or pool.roles) or administers(user, pool):
        return True
    below = {key for team in pool.teams for key in team_tree().get(team, (team,))}
    return user.pk in pool.people or bool(below & set(user.team_ids)) or bool(set(pool.roles) & set(user.roles))


def open_to(path: str, user: Any, action: Action) -> Q | None:
    """The pooled records of an entity that a member may see and an administrator may tend, beyond what they own."""
    may = remember(("pools of", path, user.pk), lambda: _may(path, user))
    keys = may["see"] if action in {"see", "bulk"} else may["tend"]
    return Q(pool__in=keys) if keys else None


def _may(path: str, user: Any) -> dict[str, list[int]]:
    several = [one for one in pools().values() if one.of == path and one.active]
    return {
        "see": [one.pk for one in several if belongs(user, one)],
        "tend": [one.pk for one in several if administers(user, one)],
    }


def veil(path: str, user: Any) -> Veil | None:
    """What pooled records keep from those who do not administer their pool."""
    return remember(("veil", path, user.pk), lambda: _veil(path, user))


def _veil(path: str, user: Any) -> Veil | None:
    hidden: dict[str, frozenset[int]] = {}
    masked: dict[str, frozenset[int]] = {}
    known = entity_named(path).fields
    for pool in pools().values():
        if pool.of == path and not administers(user, pool):
            for kept, names in ((hidden, pool.hidden), (masked, pool.masked)):
                kept.update({name: kept.get(name, frozenset()) | {pool.pk} for name in names if name in known})
    return Veil("pool_id", hidden, masked) if hidden or masked else None


def pool_for(path: str, user: Any | None) -> Pool | None:
    """The pool that a person's records go back to: the first that names them, else the first that is everybody's."""
    several = [one for one in pools().values() if one.of == path and one.active]
    named = [one for one in several if user is not None and (one.people or one.teams or one.roles) and belongs(user, one)]
    return next(iter([*named, *(one for one in several if not (one.people or one.teams or one.roles))]), None)
