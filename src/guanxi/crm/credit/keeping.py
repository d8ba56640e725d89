"""Accounts say which class and limit they have now: kept with each review, and nightly for those that begin or run out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db import transaction
from django.db.models import Q
from procrastinate.contrib.django import app

from guanxi.crm.accounts.model import Account
from guanxi.crm.credit.model import CreditReview
from guanxi.crm.credit.queries import converted, review_of
from guanxi.crm.starting import company_day, own_currency
from guanxi.entity.actors import SYSTEM, Actor
from guanxi.entity.registry import entity_named
from guanxi.record.changes import UI, Origin, update
from guanxi.record.memory import keep_up

CHUNK = 500


def keep_accounts(keys: Iterable[int], day: dt.date, *, by: Actor, origin: Origin | None) -> int:
    """Class, limit and days as the newest valid review says; how many accounts said otherwise."""
    pairs = []
    with transaction.atomic():
        for account in Account.objects.filter(pk__in=list(keys)).order_by("pk").select_for_update(of=("self",)):
            review, currency = review_of(account.pk, day), account.currency or own_currency(by)
            limit = converted([(review.limit, review.currency)], currency, day) if review is not None and review.limit is not None else None
            values = {"credit_class": review.grade if review else "", "credit_limit": limit, "credit_days": review.days if review else None}
            pairs.append((account, values))
        return len(update(entity_named("accounts"), pairs, by=by, event="edited", origin=origin or UI))


@app.periodic(cron="17 3 * * *")
@app.task(name="keep_credit", queueing_lock="keep_credit")
def keep_credit(timestamp: int) -> None:
    """Nightly: reviews that ran out yesterday count no more, those that begin today do."""
    keep_up()
    day, last = company_day(), 0
    turning = Q(valid_until__lt=day, account__credit_class__gt="") | Q(reviewed_on__range=(day - dt.timedelta(days=7), day))
    found = CreditReview.objects.filter(turning, deleted_at__isnull=True).order_by("account")
    while keys := list(dict.fromkeys(found.filter(account__gt=last).values_list("account", flat=True)[:CHUNK])):
        keep_accounts(keys, day, by=SYSTEM, origin=Origin("system"))
        last = keys[-1]
