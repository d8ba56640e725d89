"""Distribution: what waits in a pool is given to people by the pool's rule, so many to each a round, within their limits.

The records of a round are locked where nobody else has them locked; claims by those who are being given some wait for it. A
round with a limit for each person is one transaction, so that one that was killed and begins again gives nobody more.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence

from django.db import connection, transaction
from django.db.models import Case, Q, Value, When
from django.utils import timezone

from guanxi.access.models import User
from guanxi.crm.assignment.assigning import TOLD_AS, Decision, counted, decide_by, loads_of, of_each, values_for
from guanxi.crm.assignment.model import AssignmentRule
from guanxi.crm.assignment.queries import able, away, named, people_of, rules, territories
from guanxi.crm.conditions import condition_of
from guanxi.crm.leads.choices import OPEN
from guanxi.crm.pools.events import AccountGiven, LeadGiven
from guanxi.crm.pools.model import Pool, PoolMove
from guanxi.crm.pools.queries import belongs
from guanxi.crm.pools.telling import tell_given
from guanxi.crm.pools.verbs import one_at_a_time, owned_of, taken_today
from guanxi.entity.actors import SYSTEM
from guanxi.entity.entity import Entity
from guanxi.entity.registry import entity_named
from guanxi.record.changes import Origin
from guanxi.record.sweeping import SWEPT, sweep

AT_ONCE = 20_000
GIVEN = {"leads": LeadGiven, "accounts": AccountGiven}
ONLY: Mapping[str, Q] = {"leads": Q(status__in=OPEN)}
NO_LIMIT = 2**31
ORIGIN = Origin("system")


def distribute(pool: Pool, *, now: dt.datetime | None = None) -> int:
    """One round of a pool; how many records were given out."""
    rule, moment = rules().get(pool.given_by_id or 0), now or timezone.now()
    if not pool.active or rule is None:
        return 0
    entity, counts, after = entity_named(pool.of), Counter[int](), 0
    limited = any(limit is not None for limit in (pool.each_round, pool.capacity, pool.claims_a_day))
    if limited:
        with transaction.atomic():
            _pieces(pool, rule, entity, moment, counts)
            tell_given(entity.path, pool, counts)
        return counts.total()
    loads = _loads(rule, entity, candidates(pool, rule))
    while True:
        with transaction.atomic():
            last = _piece(pool, rule, entity, moment, counts, candidates(pool, rule), None, after, loads)
        if last is None:
            break
        after = last
    tell_given(entity.path, pool, counts)
    return counts.total()


def candidates(pool: Pool, rule: AssignmentRule) -> list[int]:
    """Those who can be given something now: whom the rule chooses among, of the pool, and there."""
    people = people_of(rule)
    if rule.way == "territory":
        people = named(sorted({person for one in territories().values() for person in one.people}), ())
    users = {user.pk: user for user in User.objects.filter(pk__in=people)}
    absent = away()
    return [key for key in able(people, pool.of) if key not in absent and belongs(users[key], pool)]


def _pieces(pool: Pool, rule: AssignmentRule, entity: Entity, now: dt.datetime, counts: Counter[int]) -> None:
    people = candidates(pool, rule)
    for person in sorted(people):
        one_at_a_time(pool, person)
    room, after, loads = room_of(pool, entity, people), 0, _loads(rule, entity, people)
    while any(left > 0 for left in room.values()):
        last = _piece(pool, rule, entity, now, counts, people, room, after, loads)
        if last is None:
            return
        after = last


def _counting(rule: AssignmentRule, entity: Entity, loads: dict[int, int] | None) -> Case | Value:
    """Whether a record counts as load; no matter where the rule does not go by that."""
    where = counted(rule, entity) if loads is not None else Q()
    return Case(When(where, then=Value(True)), default=Value(False)) if where else Value(loads is not None)


def _loads(rule: AssignmentRule, entity: Entity, people: Sequence[int]) -> dict[int, int] | None:
    """How many each has, asked once a round, where the rule goes by that."""
    return loads_of(rule, entity, people) if rule.way == "least_loaded" else None


def room_of(pool: Pool, entity: Entity, people: Sequence[int]) -> dict[int, int]:
    """How many each may still get in a round: what a round allows, what they may own, what they may take today."""
    users = {user.pk: user for user in User.objects.filter(pk__in=people)}
    room = {}
    for person in people:
        limits = [NO_LIMIT if pool.each_round is None else pool.each_round]
        if pool.capacity is not None:
            limits.append(pool.capacity - owned_of(pool, entity, person)[: pool.capacity].count())
        if pool.claims_a_day is not None:
            limits.append(pool.claims_a_day - taken_today(pool, users[person]))
        room[person] = max(min(limits), 0)
    return room


def _piece(
    pool: Pool, rule: AssignmentRule, entity: Entity, now: dt.datetime, counts: Counter[int], people: Sequence[int],
    room: dict[int, int] | None, after: int, loads: dict[int, int] | None,
) -> int | None:  # fmt: skip
    """Records after a key, given out; the last key looked at, None when there are no more. Lowers `room`, raises `loads`."""
    waiting = entity.model._default_manager.filter(
        ONLY.get(entity.path, Q()),
        condition_of(rule.condition, entity, now=now),
        Q(pooled_at__isnull=True) | Q(pooled_at__lte=now - dt.timedelta(days=pool.embargo_days)),
        pool=pool, owner__isnull=True, deleted_at__isnull=True, pk__gt=after,
    )  # fmt: skip
    wanted = AT_ONCE if room is None else min(AT_ONCE, sum(room.values()))
    locked = waiting.order_by("pk").select_for_update(of=("self",), skip_locked=True)
    found = dict(locked.annotate(counting=_counting(rule, entity, loads)).values_list("pk", "counting")[:wanted])
    if not found:
        return None
    if loads is not None and (new := set(people) - loads.keys()):
        loads |= loads_of(rule, entity, sorted(new))
    made, keys = Decision(), list(found)
    counting = {key for key, counts in found.items() if counts}
    decide_by(
        rule, entity, keys, made, people=people, room=room, barred=_barred(pool, entity, keys, now), loads=loads, counting=counting
    )  # fmt: skip
    _write(pool, entity, made, now, counts)
    if room is not None:
        for person in made.owners.values():
            room[person] -= 1
    return int(keys[-1])


def _barred(pool: Pool, entity: Entity, keys: Sequence[int], now: dt.datetime) -> dict[int, set[int]]:
    """Who had which of these records too lately."""
    if not pool.cooling_days:
        return {}
    since = now - dt.timedelta(days=pool.cooling_days)
    moves = PoolMove.objects.filter(
        entity=entity.path, record_id__in=keys, owner_before__isnull=False, owner_after__isnull=True, at__gt=since
    )
    barred: dict[int, set[int]] = {}
    for key, owner in moves.values_list("record_id", "owner_before"):
        barred.setdefault(key, set()).add(owner)
    return barred


def _write(pool: Pool, entity: Entity, made: Decision, now: dt.datetime, counts: Counter[int]) -> None:
    guard = f"t.pool_id = {int(pool.pk)} AND t.owner_id IS NULL"
    each = of_each(made.owners)
    besides = {key: {TOLD_AS: [None, told]} for key, told in made.told.items()}
    values = values_for(entity, now)
    done = sweep(
        entity, list(made.owners), guard, values, by=SYSTEM, event=GIVEN[entity.path], origin=ORIGIN, each=each, besides=besides
    )  # fmt: skip
    if not done:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {PoolMove._meta.db_table} (entity, record_id, at, why, reason, owner_after_id, pool_before_id) "
            f"SELECT %s, id, %s, 'give', '', new_owner_id, %s FROM {SWEPT}",
            [entity.path, now, pool.pk],
        )
        cursor.execute(f"SELECT new_owner_id, count(*) FROM {SWEPT} GROUP BY 1")
        counts.update(dict(cursor.fetchall()))
    if entity.path == "accounts":
        _with_contacts()


def _with_contacts() -> None:
    """The contacts of accounts just given that had no owner either."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT c.id, s.new_owner_id FROM crm_contact c JOIN {SWEPT} s ON c.account_id = s.id AND c.owner_id IS NULL")
        owners = dict(cursor.fetchall())
    if owners:
        sweep(entity_named("contacts"), list(owners), "true", {}, by=SYSTEM, event="edited", origin=ORIGIN, each=of_each(owners))
