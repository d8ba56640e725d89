"""How many records of a pool a person may open a day."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import ngettext

from guanxi.access.models import User
from guanxi.crm.pools.model import PoolViews
from guanxi.crm.pools.queries import administers, pools
from guanxi.entity.actors import Actor
from guanxi.record.refusals import Forbidden


def opened(record: Any, by: Actor) -> None:
    """A person opens a record: one that waits in a pool is counted, once a day. Forbidden when it is one too many."""
    pool = pools().get(record.pool_id or 0)
    if pool is None or pool.views_a_day is None or not isinstance(by, User) or administers(by, pool):
        return
    place = {"user": by, "pool": pool, "day": by.locale.today}
    if PoolViews.objects.filter(**place, records__contains=[record.pk]).exists():
        return
    with transaction.atomic():
        PoolViews.objects.bulk_create([PoolViews(**place)], ignore_conflicts=True)
        seen = PoolViews.objects.select_for_update(of=("self",)).get(**place)
        if record.pk in seen.records:
            return
        if len(seen.records) >= pool.views_a_day:
            said = ngettext(
                "You have opened %(count)d record of “%(pool)s” today, as many as it allows. It opens again tomorrow; claim what you need.",
                "You have opened %(count)d records of “%(pool)s” today, as many as it allows. It opens again tomorrow; claim what you need.",
                pool.views_a_day,
            )
            raise Forbidden(said % {"count": pool.views_a_day, "pool": pool.name})
        seen.records = [*seen.records, record.pk]
        seen.save(update_fields=["records"])
