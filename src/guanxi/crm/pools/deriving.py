"""What being in a pool means for a record: no owner; and what having an owner means: no pool."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from guanxi.crm.pools.queries import pools


def derive_pool(record: Any, changed: set[str]) -> None:
    """Owner and pool exclude each other; since when it is in one or the other."""
    if record.pool_id is not None and "pool" in changed and "owner" not in (changed if record.pk is None else ()):
        record.owner_id = record.team_id = record.owned_since = record.warned_at = None
        record.pooled_at = timezone.now()
    elif record.owner_id is not None and ("owner" in changed or record.pk is None):
        if record.pk is not None:
            record.pool_id = record.pooled_at = None
        record.owned_since, record.warned_at = timezone.now(), None
    elif record.owner_id is None and "owner" in changed:
        record.owned_since = record.warned_at = None


def settle_pool(kept: Any, gone: Any) -> dict[str, Any]:
    """Of two records that are one: what has an owner leaves its pool, and what has none waits in the pool that one of them was in."""
    return {"pool": None if kept.owner_id is not None else kept.pool_id or gone.pool_id}


def check_pool(record: Any, path: str, changed: set[str]) -> Mapping[str, str]:
    """A pool is for one kind of record, and what is in it has no owner."""
    if record.pool_id is None or "pool" not in changed:
        return {}
    pool = pools().get(record.pool_id)
    if pool is None or pool.of != path:
        return {"pool": _("This pool is for something else.")}
    return {"pool": _("What has an owner is in no pool.")} if record.owner_id is not None else {}
