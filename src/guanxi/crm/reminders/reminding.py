"""Every morning owners are told of their records for which a condition has come to hold.

What is told and that it was told are one transaction, owner by owner: whoever kills the job and begins it again tells
nobody twice. When the condition holds no more, or somebody else owns the record, it may be told again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from django.db import connection, transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy
from procrastinate.contrib.django import app

from guanxi.access.models import User
from guanxi.crm.conditions import condition_of
from guanxi.crm.reminders.model import Reminded, Reminder
from guanxi.entity.conditions import ConditionError, parse
from guanxi.entity.conditions import compile as compile_condition
from guanxi.entity.entity import Entity
from guanxi.entity.registry import entity_named
from guanxi.record.memory import keep_up
from guanxi.record.reach import visible
from guanxi.surfaces.inbox.telling import tell
from guanxi.surfaces.inbox.words import Said

NEWS: Mapping[str, Said] = {
    "reminder": Said("bell", gettext_lazy("%(reminder)s: %(record)s"), "warn"),
    "reminders": Said("bell", gettext_lazy("%(reminder)s: %(count)s %(many)s"), "warn"),
}
OVER = """
    DELETE FROM crm_reminded told WHERE reminder_id = %s
        AND NOT EXISTS (SELECT 1 FROM ({holding}) held WHERE held.id = told.record_id AND held.owner_id = told.owner_id)
"""


def remind() -> int:
    """Tell owners what the reminders in use find; of how many records."""
    found = Reminder.objects.filter(active=True, deleted_at__isnull=True).order_by("position", "pk")
    return sum(_remind(one) for one in found)


def _remind(one: Reminder) -> int:
    entity = entity_named(one.of)
    try:
        where = condition_of(one.condition, entity)
    except ConditionError:
        return 0  # a field of it is gone; its page says so
    holding = entity.model._default_manager.filter(where, deleted_at__isnull=True, owner__isnull=False).order_by()
    _forget_what_is_over(one, holding)
    told = Reminded.objects.filter(reminder=one, record_id=OuterRef("pk"))
    by_owner: dict[int, list[int]] = {}
    for owner, key in holding.filter(~Exists(told)).values_list("owner_id", "pk").iterator():
        by_owner.setdefault(owner, []).append(key)
    people = User.objects.filter(pk__in=by_owner, is_active=True, deleted_at__isnull=True).order_by("pk")
    return sum(_tell(one, entity, person, by_owner[person.pk]) for person in people)


def _forget_what_is_over(one: Reminder, holding: Any) -> None:
    sql, values = holding.values("id", "owner_id").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(OVER.format(holding=sql), [one.pk, *values])


def _tell(one: Reminder, entity: Entity, person: User, keys: Sequence[int]) -> int:
    """Of those records, the ones that the person would find by the condition."""
    try:
        seen = visible(entity, to=person).filter(compile_condition(parse(one.condition), entity, person), pk__in=keys).order_by("pk")
    except ConditionError:
        return 0  # it is about what this person may not read
    name = one.said(person.language)
    with transaction.atomic():
        records = list(seen)
        marks = [Reminded(reminder=one, record_id=record.pk, owner_id=person.pk) for record in records]
        Reminded.objects.bulk_create(marks, ignore_conflicts=True)
        if len(records) == 1:
            tell([person.pk], "reminder", records[0], reminder=name)
        elif records:
            asked = {"view": "all", "where": f"owner = me and ({one.condition})"}
            tell(
                [person.pk],
                "reminders",
                entity=entity.path,
                count=len(records),
                reminder=name,
                url=f"/{entity.path}?{urlencode(asked)}",
            )
    return len(records)


@app.periodic(cron="25 6 * * *")
@app.task(name="remind_owners", queueing_lock="remind_owners")
def remind_owners(timestamp: int) -> None:
    """Every morning."""
    keep_up()
    remind()
