"""Finding an owner by rules, and giving the record to them through the write path, with the reason kept in its history.

The rules of an entity are asked in order; the first whose condition holds and that has somebody present takes the record. Whose
turn it is stands in one row a rule, locked until the transaction ends: two at once get two different people.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Case, Count, IntegerField, Q, Value, When
from django.utils import timezone

from guanxi.crm.assignment.choosing import ByLoad, ByWeight, InOrder, InTurn, Picked, Turn
from guanxi.crm.assignment.model import AssignmentRule, AssignmentTurn, Territory
from guanxi.crm.assignment.queries import able, asks, away, depth_of, named, people_of, rules_for, skilled, territories, weights_of, within
from guanxi.crm.conditions import condition_of
from guanxi.crm.pools.model import PoolMove
from guanxi.crm.pools.queries import pools
from guanxi.entity.actors import Actor
from guanxi.entity.conditions import ConditionError
from guanxi.entity.entity import Entity
from guanxi.entity.registry import entity_named, entity_of
from guanxi.record.changes import Origin, update
from guanxi.record.cleaning import team_of
from guanxi.record.sweeping import sweep
from guanxi.surfaces.inbox.telling import tell

log = logging.getLogger(__name__)

TOLD_AS = "assignment"
"""The name under which a change keeps why this person."""
FEW = 20
"""Up to so many are written one by one; more in sweeps."""
OPEN: Mapping[str, str] = {
    "leads": 'status in ("new", "working", "nurturing", "qualified")',
    "deals": 'outcome = "open"',
}
"""What counts as a person's load where the rule does not say."""


@dataclass
class Decision:
    """What the rules say of some records: whose they become, or into which pool they go, each with the reason."""

    owners: dict[int, int] = field(default_factory=dict)
    pools: dict[int, int] = field(default_factory=dict)
    told: dict[int, Mapping[str, Any]] = field(default_factory=dict)

    def give(self, key: int, rule: AssignmentRule, picked: Picked, **more: Any) -> None:
        self.owners[key] = picked.person
        self.told[key] = {"rule": rule.pk, "name": rule.name, "way": rule.way, "to": picked.person, **picked.why, **more}


# ——— deciding ———


def decide(entity: Entity, keys: Iterable[int]) -> Decision:
    """Whose these records become by the entity's rules; those no rule is for are left out. In a transaction."""
    made, left = Decision(), set(keys)
    for rule in rules_for(entity.path):
        if not left:
            break
        try:
            where = condition_of(rule.condition, entity)
        except ConditionError as wrong:  # a field it asks for is gone; what arrives must not be lost for that
            log.warning("The assignment rule “%s” is passed over: %s", rule.name, wrong)
            continue
        found = entity.model._default_manager.filter(where, pk__in=left).order_by("pk")
        matched = list(found.values_list("pk", flat=True))
        if matched:
            decide_by(rule, entity, matched, made)
            left -= made.told.keys()
    return made


def decide_by(
    rule: AssignmentRule,
    entity: Entity,
    keys: Sequence[int],
    made: Decision,
    *,
    people: Sequence[int] | None = None,
    room: Mapping[int, int] | None = None,
    barred: Mapping[int, Collection[int]] | None = None,
    loads: dict[int, int] | None = None,
    counting: Collection[int] | None = None,
) -> None:
    """What one rule says of records it is for. `people` instead of those it names; `room` is how many each may get.

    `loads`, how many each person has, is kept up to date from call to call; `counting` are those of the records that count as load.
    """
    if rule.way == "pool":
        pool = pools().get(rule.pool_id or 0)
        if pool is not None and pool.active:
            made.pools |= dict.fromkeys(keys, pool.pk)
            made.told |= {key: {"rule": rule.pk, "name": rule.name, "way": rule.way, "pool": pool.pk} for key in keys}
        return
    if rule.way == "parent":
        _to_parents(rule, entity, keys, made)
        return
    held = turn_of(rule)
    several = skilled(able(people_of(rule) if people is None else people, entity.path), rule)
    barred = barred or {}
    if rule.way == "territory":
        _by_territory(rule, entity, keys, made, held.turn, several if people is not None else None, room, barred)
    else:
        chooser = _chooser(rule, entity, keys, held.turn, several, room, loads)
        if counting is None:
            counting = _counting(rule, entity, keys) if isinstance(chooser, ByLoad) else frozenset()
        for key in keys:
            picked = chooser.pick(barred.get(key, ()))
            if picked is not None:
                made.give(key, rule, picked)
                if isinstance(chooser, ByLoad) and key in counting:
                    chooser.took(picked.person)
    held.save(update_fields=["turn"])


def turn_of(rule: AssignmentRule) -> AssignmentTurn:
    """What the rule remembers, locked until the transaction ends."""
    AssignmentTurn.objects.bulk_create([AssignmentTurn(rule=rule)], ignore_conflicts=True)
    return AssignmentTurn.objects.select_for_update().get(rule=rule)


def _chooser(
    rule: AssignmentRule, entity: Entity, keys: Sequence[int], turn: Turn, people: Sequence[int], room: Mapping[int, int] | None,
    loads: dict[int, int] | None,
) -> InTurn:  # fmt: skip
    absent = away()
    if rule.way == "weighted":
        return ByWeight(people, turn, weights=weights_of(rule), absent=absent, room=room)
    if rule.way == "least_loaded":
        known = loads_of(rule, entity, people, keys) if loads is None else loads
        return ByLoad(people, turn, loads=known, absent=absent, room=room)
    if rule.way == "person":
        return InOrder(people, {}, absent=absent, room=room)
    return InTurn(people, turn, absent=absent, room=room)


def loads_of(rule: AssignmentRule, entity: Entity, people: Sequence[int], besides: Sequence[int] = ()) -> dict[int, int]:
    """How many records of each person the rule counts, besides those that are being given."""
    owned = entity.model._default_manager.filter(counted(rule, entity), owner__in=people, deleted_at__isnull=True)
    if besides:
        owned = owned.exclude(pk__in=besides)
    return dict(owned.order_by().values("owner").annotate(number=Count("pk")).values_list("owner", "number"))


def _counting(rule: AssignmentRule, entity: Entity, keys: Sequence[int]) -> frozenset[int]:
    """Those of these records that count as load."""
    return frozenset(entity.model._default_manager.filter(counted(rule, entity), pk__in=keys).values_list("pk", flat=True))


def counted(rule: AssignmentRule, entity: Entity) -> Q:
    """Which records count as a person's load."""
    where: Q = condition_of(rule.counted or OPEN.get(entity.path, ""), entity)
    return where


def _to_parents(rule: AssignmentRule, entity: Entity, keys: Sequence[int], made: Decision) -> None:
    link = entity.bound.get(entity.parent) if entity.parent else None
    above = entity_named(link.k.linked() or "") if link is not None else None
    if link is None or above is None or not above.owned:
        return
    absent = away()
    rows = entity.model._default_manager.filter(pk__in=keys).order_by("pk").values_list("pk", link.name, f"{link.name}__owner")
    owners = [(key, parent, owner) for key, parent, owner in rows if owner is not None]
    working = set(able(named(sorted({owner for _key, _parent, owner in owners}), ()), entity.path))
    for key, parent, owner in owners:
        if owner in working and owner not in absent:
            made.give(key, rule, Picked(owner), parent=parent, parent_of=above.path)


def _by_territory(
    rule: AssignmentRule,
    entity: Entity,
    keys: Sequence[int],
    made: Decision,
    turn: Turn,
    people: Sequence[int] | None,
    room: Mapping[int, int] | None,
    barred: Mapping[int, Collection[int]],
) -> None:
    """The narrowest territory a record lies in, or the one above it where nobody is there."""
    known, places = territories(), territories_of(entity, keys)
    turns: dict[str, Turn] = turn.setdefault("territories", {})
    choosers: dict[int, InTurn] = {}
    given = None if room is None else dict(room)
    for key in keys:
        at = known.get(places.get(key) or 0)
        while at is not None:
            chooser = choosers.get(at.pk)
            if chooser is None:
                there = skilled(able(named(at.people, ()), entity.path), rule)
                several = [person for person in there if people is None or person in people]
                chooser = choosers[at.pk] = InTurn(several, turns.setdefault(str(at.pk), {}), absent=away(), room=given)
                chooser.room = given
            picked = chooser.pick(barred.get(key, ()))
            if picked is not None:
                made.give(key, rule, picked, territory=at.pk, territory_name=at.name)
                break
            at = known.get(at.parent_id or 0)


def territories_of(entity: Entity, keys: Sequence[int]) -> dict[int, int]:
    """The territory each of these records lies in: the deepest, then the one that asks for most, then the first. One query."""
    order = sorted(territories().values(), key=lambda one: (-depth_of(one), -asks(one), one.position, one.pk))
    whens = [When(where, then=Value(one.pk)) for one, where in _places(order, entity)]
    if not whens:
        return {}
    rows = entity.model._default_manager.filter(pk__in=keys).annotate(lies_in=Case(*whens, default=None, output_field=IntegerField()))
    return dict(rows.order_by().filter(lies_in__isnull=False).values_list("pk", "lies_in"))


def _places(order: Sequence[Territory], entity: Entity) -> list[tuple[Territory, Any]]:
    known = territories()
    found = []
    for one in order:
        where, at, steps = within(one, entity), known.get(one.parent_id or 0), 0
        while where is not None and at is not None and steps < 50:
            above = within(at, entity)
            where = None if above is None else where & above
            at, steps = known.get(at.parent_id or 0), steps + 1
        if where:
            found.append((one, where))
    return found


# ——— giving ———


def values_for(entity: Entity, moment: Any) -> dict[str, Any]:
    """What is written besides owner and team when records become somebody's."""
    return {"pool": None, "pooled_at": None, "owned_since": moment, "warned_at": None} if "pool" in entity.bound else {}


def of_each(owners: Mapping[int, int]) -> dict[str, Mapping[int, int | None]]:
    """The owner of each record, and with it the team."""
    return {"owner": owners, "team": {key: team_of(owner) for key, owner in owners.items()}}


def give(entity: Entity, made: Decision, *, by: Actor, origin: Origin, new: bool = False) -> int:
    """Write what was decided; how many changed. In the transaction in which it was decided. `new` records were nobody's before."""
    _note_ways(entity, made, by=by, new=new)
    together = {key: {TOLD_AS: [None, told]} for key, told in made.told.items()}
    if len(together) > FEW and can_sweep(entity):
        return _swept(entity, made, together, by=by, origin=origin)
    records: Any = entity.model._default_manager.filter(pk__in=together).order_by("pk").select_for_update(of=("self",))
    pairs = [
        (one, {"pool": made.pools[one.pk], "owner": None} if one.pk in made.pools else {"owner": made.owners[one.pk]}) for one in records
    ]
    pairs = [(one, values) for one, values in pairs if values.get("owner") is None or one.owner_id != values["owner"]]
    return len(update(entity, pairs, by=by, event="assigned", origin=origin, besides=lambda record: together[record.pk]))


def _note_ways(entity: Entity, made: Decision, *, by: Actor, new: bool) -> None:
    """The steps of records into pools and out of them."""
    if "pool" not in entity.bound:
        return
    concerned = Q(pk__in=made.pools) | Q(pk__in=made.owners, pool__isnull=False)
    known = (
        {}
        if new
        else {key: (owner, pool) for key, owner, pool in entity.model._default_manager.filter(concerned).values_list("pk", "owner", "pool")}
    )
    moment = timezone.now()
    steps = [
        PoolMove(why="put", record_id=key, owner_before_id=known.get(key, (None, None))[0], pool_after_id=pool)
        for key, pool in made.pools.items()
        if known.get(key) != (None, pool)
    ]
    steps += [
        PoolMove(why="give", record_id=key, owner_after_id=made.owners[key], pool_before_id=pool)
        for key, (_owner, pool) in known.items()
        if key in made.owners
    ]
    for step in steps:
        step.entity, step.at, step.by_id, step.reason = entity.path, moment, by.pk, made.told[step.record_id]["name"]
    PoolMove.objects.bulk_create(steps)


def can_sweep(entity: Entity) -> bool:
    """Whether a sweep does all that follows from a new owner: what is left to `derive` is only what pools do."""
    return entity.follow is None or entity.follow_sweep is not None


def _swept(entity: Entity, made: Decision, together: Mapping[int, Any], *, by: Actor, origin: Origin) -> int:
    moment, done = timezone.now(), 0
    if made.owners:
        besides = {key: together[key] for key in made.owners}
        each, values = of_each(made.owners), values_for(entity, moment)
        done += sweep(entity, list(made.owners), "true", values, by=by, event="assigned", origin=origin, each=each, besides=besides)
    pools: dict[int, list[int]] = {}
    for key, pool in made.pools.items():
        pools.setdefault(pool, []).append(key)
    for pool, keys in sorted(pools.items()):
        values = {"owner": None, "team": None, "pool": pool, "pooled_at": moment, "owned_since": None, "warned_at": None}
        besides = {key: together[key] for key in keys}
        done += sweep(entity, keys, "true", values, by=by, event="assigned", origin=origin, besides=besides)
    return done


def assign_new(entity: Entity, records: Sequence[Any], by: Actor, origin: Origin) -> None:
    """New records to whom the rules say, in the transaction that made them; those no rule is for stay whose they are."""
    if not rules_for(entity.path):
        return
    made = decide(entity, [record.pk for record in records])
    if not made.told:
        return
    give(entity, made, by=by, origin=origin, new=True)
    _take_over(entity, [record for record in records if record.pk in made.told])
    if origin.via != "ui":  # a form tells the new owner by itself
        tell_assigned(entity, made, by=by)


def _take_over(entity: Entity, records: Sequence[Any]) -> None:
    """The records as they now are in the database, for whoever goes on with them."""
    names = [
        name for name in ("owner_id", "team_id", "version", "pool_id", "pooled_at", "owned_since", "warned_at") if hasattr(records[0], name)
    ]
    rows = entity.model._default_manager.filter(pk__in=[record.pk for record in records]).values_list("pk", *names)
    now = {key: values for key, *values in rows}
    for record in records:
        record.__dict__.update(zip(names, now[record.pk], strict=True))


def tell_assigned(entity: Entity, made: Decision, *, by: Actor | None) -> None:
    """Each new owner is told of the record, or of how many there are."""
    theirs: dict[int, list[int]] = {}
    for key, owner in made.owners.items():
        theirs.setdefault(owner, []).append(key)
    for owner, keys in sorted(theirs.items()):
        if by is not None and owner == by.pk:
            continue
        if len(keys) == 1:
            tell([owner], "assigned", entity.model._default_manager.get(pk=keys[0]), rule=made.told[keys[0]]["name"])
        else:
            tell([owner], "assigned many", entity=entity.path, count=len(keys))


def assign(record: Any, *, by: Actor, origin: Origin) -> bool:
    """One locked record to whom the rules say; whether a rule was for it."""
    entity = entity_of(record)
    made = decide(entity, [record.pk])
    if not made.told:
        return False
    give(entity, made, by=by, origin=origin)
    _take_over(entity, [record])
    tell_assigned(entity, made, by=by)
    return True
