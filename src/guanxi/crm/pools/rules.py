"""When records can be taken from a pool or given back."""

from __future__ import annotations

from django.db.models import Q

from guanxi.crm.pools.queries import pools
from guanxi.entity.actors import Actor


def may_claim(user: Actor) -> Q:
    """Records in a pool that is in use."""
    return Q(pool__in=[key for key, pool in pools().items() if pool.active])


def may_give_back(user: Actor) -> Q:
    """Records somebody owns, where there is a pool for them."""
    kinds = {pool.of for pool in pools().values() if pool.active}
    return Q(owner__isnull=False, pool__isnull=True) if kinds else Q(pk__in=[])
