"""What rules gave to people who are away now goes to others, by the same rules, as far as each rule wants it."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator
from typing import Any

from django.db import transaction
from django.db.models import F, OuterRef, Q, Subquery, TextField
from django.db.models.fields.json import KT
from django.db.models.functions import Cast

from guanxi.access.models import User
from guanxi.crm.assignment.assigning import OPEN, TOLD_AS, Decision, decide_by, give, tell_assigned
from guanxi.crm.assignment.model import AssignmentRule
from guanxi.crm.assignment.queries import away, rules
from guanxi.crm.conditions import condition_of
from guanxi.entity.actors import SYSTEM
from guanxi.entity.conditions import ConditionError
from guanxi.entity.entity import Entity
from guanxi.entity.registry import entity_named
from guanxi.record.changes import Origin
from guanxi.record.models import Change
from guanxi.surfaces.inbox.telling import tell

log = logging.getLogger(__name__)

AT_ONCE = 1000
"""Records of a rule that are handed over in one transaction."""


def cover() -> int:
    """Hand over what waits for people who are away; how many records. Safe to call again at any moment."""
    absent = away()
    if not absent:
        return 0
    covered = 0
    for rule in list(rules().values()):
        if rule.active and rule.while_away != "keep" and rule.way != "pool":
            covered += sum(_cover(rule, entity_named(rule.of), sorted(absent)))
    return covered


def _cover(rule: AssignmentRule, entity: Entity, absent: list[int]) -> Iterator[int]:
    """Chunk by chunk, as long as somebody is there to take them."""
    after = 0
    while True:
        with transaction.atomic():
            waiting = _waiting(rule, entity, absent, after)
            if not waiting:
                return
            after = max(waiting)
            made = Decision()
            decide_by(rule, entity, list(waiting), made)
            for key, told in made.told.items():
                made.told[key] = {**told, "away": waiting[key]}
            give(entity, made, by=SYSTEM, origin=Origin("system").batched())
            tell_assigned(entity, made, by=None)
            _tell_absent(entity, Counter(waiting[key] for key in made.owners))
            yield len(made.owners)


def _waiting(rule: AssignmentRule, entity: Entity, absent: list[int], after: int) -> dict[int, int]:
    """The records of people who are away that this rule gave them last, by key, with whose they are; locked."""
    try:
        where = condition_of(rule.counted or OPEN.get(entity.path, ""), entity)
    except ConditionError as wrong:
        log.warning("Nothing is handed over by the assignment rule “%s”: %s", rule.name, wrong)
        return {}
    found = entity.model._default_manager.filter(where, owner__in=absent, deleted_at__isnull=True, pk__gt=after)
    given = Change.objects.filter(entity=entity.path, record_id=OuterRef("pk"), event__endswith=".assigned", diff__has_key=TOLD_AS)
    latest = given.annotate(rule=KT(f"diff__{TOLD_AS}__1__rule"), to=KT(f"diff__{TOLD_AS}__1__to")).order_by("-id")
    found = found.annotate(**{f"given_{name}": Subquery(latest.values(name)[:1]) for name in ("at", "rule", "to")})
    found = found.filter(given_rule=str(rule.pk), given_to=Cast("owner", TextField()))
    if rule.while_away == "untouched":
        found = found.filter(_untouched(entity))
    rows: Any = found.order_by("pk").select_for_update(of=("self",), skip_locked=True)
    return dict(rows.values_list("pk", "owner_id")[:AT_ONCE])


def _untouched(entity: Entity) -> Q:
    """Nothing was written on the record since, and nobody has been in contact."""
    still = Q(changed_at__lte=F("given_at"))
    if "last_contact_at" in entity.bound:
        still &= Q(last_contact_at__isnull=True) | Q(last_contact_at__lte=F("given_at"))
    return still


def _tell_absent(entity: Entity, counts: Counter[int]) -> None:
    """Whoever comes back finds what became of theirs."""
    there = set(User.objects.filter(pk__in=counts, is_active=True).values_list("pk", flat=True))
    for person, count in counts.items():
        if person in there:
            tell([person], "covered", entity=entity.path, count=count)
