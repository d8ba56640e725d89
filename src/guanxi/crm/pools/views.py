"""How many records of a pool a person may look at a day: those they open, and those of which a file or program learns how to reach them.

A list in the browser is what one chooses from, and is not counted; what must not be read there, the pool keeps back.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from guanxi.access.models import User
from guanxi.access.sight import clear
from guanxi.crm.pools.model import Pool, PoolViews
from guanxi.crm.pools.queries import administers, pools
from guanxi.entity.actors import Actor
from guanxi.entity.field import Field
from guanxi.entity.kinds import Address, Email, Emails, Phone, Phones
from guanxi.entity.registry import entity_named, path_of
from guanxi.record.refusals import Forbidden

REACHED_BY = (Phones, Phone, Emails, Email, Address)


def opened(record: Any, by: Actor) -> None:
    """A person opens a record: one that waits in a pool is counted, once a day. Forbidden when it is one too many."""
    pool = pools().get(record.pool_id or 0)
    if pool is None or not _counts(pool, by) or _look_at(pool, [record.pk], by):
        return
    said = ngettext(
        "You have opened %(count)d record of “%(pool)s” today, as many as it allows. It opens again tomorrow; claim what you need.",
        "You have opened %(count)d records of “%(pool)s” today, as many as it allows. It opens again tomorrow; claim what you need.",
        pool.views_a_day or 0,
    )
    raise Forbidden(said % {"count": pool.views_a_day, "pool": pool.name})


def taken_along(found: Any, fields: Sequence[Field], by: Actor) -> None:
    """Records leave in a file or to a program: where these fields tell how to reach those of a pool, each is counted once a day.

    Forbidden when they are too many, and then none of them is.
    """
    entity = entity_named(path_of(found.model) or "")
    telling = {one.name for one in fields if isinstance(one.k, REACHED_BY) and clear(entity, one, to=by)}
    with transaction.atomic():
        for pool in pools().values():
            if pool.of != entity.path or telling <= {*pool.hidden, *pool.masked} or not _counts(pool, by):
                continue
            keys = found.filter(pool=pool).order_by().values_list("pk", flat=True)
            if not _look_at(pool, keys[: (pool.views_a_day or 0) + 1], by):
                said = _(
                    "This would tell how to reach more records of “%(pool)s” than the %(count)d a day it allows. "
                    "Ask for fewer, or without phones, e-mails and addresses."
                )
                raise Forbidden(said % {"count": pool.views_a_day, "pool": pool.name})


def _counts(pool: Pool, by: Actor) -> bool:
    return pool.views_a_day is not None and isinstance(by, User) and not administers(by, pool)


def _look_at(pool: Pool, keys: Collection[int], by: Any) -> bool:
    """Whether the person may look at these records today, which are counted then."""
    place, asked = {"user": by, "pool": pool, "day": by.locale.today}, set(keys)
    if not asked or PoolViews.objects.filter(**place, records__contains=sorted(asked)).exists():
        return True
    with transaction.atomic():
        PoolViews.objects.bulk_create([PoolViews(**place)], ignore_conflicts=True)
        seen = PoolViews.objects.select_for_update(of=("self",)).get(**place)
        new = sorted(asked - set(seen.records))
        if len(seen.records) + len(new) > (pool.views_a_day or 0):
            return False
        seen.records = [*seen.records, *new]
        seen.save(update_fields=["records"])
    return True
