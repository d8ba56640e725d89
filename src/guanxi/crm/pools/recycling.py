"""Recycling: records that match a rule of their owner's pool go back to it, and owners are warned of those that soon will.

One scan finds what all rules of a pool match; what is found is written in sweeps of many records, each a transaction of its
own. A run that is killed is simply run again. Exactly what matched when the run began goes back: not what was written to or
contacted since.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from django.db import connection, transaction
from django.db.models import BooleanField, Case, IntegerField, Q, Value, When
from django.utils import timezone

from guanxi.access.models import User
from guanxi.crm.conditions import condition_of
from guanxi.crm.leads.choices import OPEN
from guanxi.crm.pools.events import AccountRecycled, LeadRecycled
from guanxi.crm.pools.model import Pool, PoolMove, PoolRule
from guanxi.crm.pools.queries import pool_for, pools, rules_of
from guanxi.crm.pools.telling import tell_recycled, tell_warned
from guanxi.entity.actors import SYSTEM
from guanxi.entity.entity import Entity
from guanxi.entity.registry import entity_named
from guanxi.record.changes import Origin
from guanxi.record.sweeping import SWEPT, sweep

AT_ONCE = 20_000
RECYCLED = {"leads": LeadRecycled, "accounts": AccountRecycled}
ONLY: Mapping[str, Q] = {"leads": Q(status__in=OPEN)}
"""What can be recycled at all: a converted lead is an account's history."""


def recycle(only: Pool | None = None, *, now: dt.datetime | None = None) -> int:
    """Every pool's rules, or one pool's; how many records went back. Warns of those that will."""
    moment, done = now or timezone.now(), 0
    for pool in pools().values():
        if pool.active and rules_of(pool.pk) and (only is None or pool.pk == only.pk):
            done += _recycle(pool, moment)
            _warn(pool, moment)
    return done


def _owned(pool: Pool, entity: Entity, now: dt.datetime) -> Any:
    """The records whose owners' pool it is and that are not protected."""
    rows = entity.model._default_manager.filter(ONLY.get(entity.path, Q()), owner__isnull=False, deleted_at__isnull=True)
    users = list(User.objects.all())
    theirs = [user.pk for user in users if (found := pool_for(entity.path, user)) is not None and found.pk == pool.pk]
    if len(theirs) < len(users):
        rows = rows.filter(owner__in=theirs)
    if pool.protect_days:
        protected = now - dt.timedelta(days=pool.protect_days)
        rows = rows.filter(Q(owned_since__isnull=True) | Q(owned_since__lte=protected))
    return rows


def _recycle(pool: Pool, now: dt.datetime) -> int:
    entity = entity_named(pool.of)
    whens = [When(condition_of(rule.condition, entity, now=now), then=Value(rule.pk)) for rule in rules_of(pool.pk)]
    matched = _owned(pool, entity, now).annotate(pool_rule=Case(*whens, default=None, output_field=IntegerField()))
    found = matched.filter(pool_rule__isnull=False).order_by().values_list("pk", "pool_rule")
    counts, done = Counter[tuple[int, int | None]](), 0
    for rows in _in_pieces(found):
        with transaction.atomic():
            done += _take(pool, entity, rows, now, counts)
    tell_recycled(entity.path, pool, counts)
    return done


def _in_pieces(found: Any) -> Iterator[Sequence[tuple[int, int]]]:
    """Rows of two numbers, many at once. The cursor outlives the transactions between its pieces."""
    rows = found.iterator(chunk_size=AT_ONCE)
    while piece := list(islice(rows, AT_ONCE)):
        yield piece


def _take(pool: Pool, entity: Entity, rows: Sequence[tuple[int, int]], now: dt.datetime, counts: Counter[tuple[int, int | None]]) -> int:
    keys, rules = [key for key, _rule in rows], [rule for _key, rule in rows]
    values = {"owner": None, "team": None, "pool": pool.pk, "pooled_at": now, "owned_since": None, "warned_at": None}
    untouched = f"'{now.isoformat()}'::timestamptz"
    guard = f"t.owner_id IS NOT NULL AND t.changed_at <= {untouched} AND coalesce(t.last_contact_at, '-infinity') <= {untouched}"
    number = sweep(entity, keys, guard, values, by=SYSTEM, event=RECYCLED[entity.path], origin=Origin("system"))
    if not number:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {PoolMove._meta.db_table} (entity, record_id, at, why, reason, owner_before_id, pool_after_id, rule_id) "
            f"SELECT %s, s.id, %s, 'recycle', '', s.before_owner_id, %s, m.rule FROM {SWEPT} s "
            "JOIN unnest(%s::bigint[], %s::bigint[]) AS m(id, rule) ON m.id = s.id",
            [entity.path, now, pool.pk, keys, rules],
        )
        cursor.execute(f"SELECT before_owner_id, before_team_id, count(*) FROM {SWEPT} GROUP BY 1, 2")
        for owner, team, several in cursor.fetchall():
            counts[owner, team] += several
        if entity.path == "accounts":
            cursor.execute(f"SELECT c.id FROM crm_contact c JOIN {SWEPT} s ON c.account_id = s.id AND c.owner_id = s.before_owner_id")
            contacts = [key for (key,) in cursor.fetchall()]
            sweep(
                entity_named("contacts"),
                contacts,
                "true",
                {"owner": None, "team": None},
                by=SYSTEM,
                event="edited",
                origin=Origin("system"),
            )
    return number


def _warn(pool: Pool, now: dt.datetime) -> None:
    """Owners are told once of what will go back within a rule's days; what will not after all is not warned of any more."""
    entity = entity_named(pool.of)
    warning: list[tuple[PoolRule, Q]] = [
        (rule, condition_of(rule.condition, entity, now=now + dt.timedelta(days=rule.warn_days)))
        for rule in rules_of(pool.pk)
        if rule.warn_days
    ]
    owned = _owned(pool, entity, now)
    soon = Case(*(When(where, then=Value(True)) for _rule, where in warning), default=Value(False), output_field=BooleanField())
    owned.filter(warned_at__isnull=False).annotate(goes_soon=soon).filter(goes_soon=False).update(warned_at=None)
    for rule, where in warning:
        counts = Counter[int]()
        for rows in _in_pieces(owned.filter(where, warned_at__isnull=True).order_by().values_list("pk", "owner_id")):
            entity.model._default_manager.filter(pk__in=[key for key, _owner in rows]).update(warned_at=now)
            counts.update(owner for _key, owner in rows)
        tell_warned(entity.path, pool, counts, rule.warn_days)
