"""Owners are reminded of contracts about which one has to decide soon; of each such day once."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext_lazy
from procrastinate.contrib.django import app

from guanxi.crm.contracts.events import ContractReminded
from guanxi.crm.contracts.model import Contract
from guanxi.crm.starting import company_day
from guanxi.entity.actors import SYSTEM
from guanxi.entity.registry import entity_named
from guanxi.record.changes import Origin, update
from guanxi.record.memory import keep_up
from guanxi.surfaces.inbox.telling import tell
from guanxi.surfaces.inbox.words import Said

NEWS = {"contract ending": Said("contract", gettext_lazy("%(record)s: decide by %(day)s how it goes on"), "warn")}
FURTHEST = dt.timedelta(days=3650)
CHUNK = 200


def remind(today: dt.date) -> int:
    """Tell owners of contracts whose day is near; how many contracts. Told again only when the day is another one."""
    reminded = 0
    near = Contract.objects.filter(
        Q(reminded_for__isnull=True) | ~Q(reminded_for=F("notice_on")), status="signed", deleted_at__isnull=True, owner__isnull=False,
        owner__is_active=True, remind_days__isnull=False, notice_on__range=(today, today + FURTHEST),
    ).order_by("pk")  # fmt: skip
    last = 0
    while True:
        with transaction.atomic():
            rows: list[Any] = list(near.filter(pk__gt=last)[:CHUNK].select_for_update(of=("self",), skip_locked=True))
            due = [one for one in rows if one.notice_on - dt.timedelta(days=one.remind_days) <= today]
            for one in due:
                tell([one.owner_id], "contract ending", one, day=one.notice_on.isoformat())
            pairs = [(one, {"reminded_for": one.notice_on}) for one in due]
            update(entity_named("contracts"), pairs, by=SYSTEM, event=ContractReminded, origin=Origin("system"))
        reminded += len(due)
        if len(rows) < CHUNK:
            return reminded
        last = rows[-1].pk


@app.periodic(cron="37 6 * * *")
@app.task(name="remind_of_contracts", queueing_lock="remind_of_contracts")
def remind_of_contracts(timestamp: int) -> None:
    """Every morning."""
    keep_up()
    remind(company_day())
