"""How an account stands: what it may owe, owes, and owes too long; and how it has paid until now."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import F, Max, Min, Q, Sum
from django.db.models.functions import Coalesce, Greatest

from guanxi.access.rights import company
from guanxi.base.money import Money
from guanxi.crm.credit.model import CreditPolicy, CreditReview
from guanxi.crm.orders.model import Order
from guanxi.crm.payments.model import Instalment
from guanxi.crm.rates.converting import Converter
from guanxi.record.memory import remember

LATEST = 500
"""Paid instalments by which it is judged how an account pays."""


def policy() -> CreditPolicy | None:
    """The rules in use."""
    found: CreditPolicy | None = remember(
        "credit policy", lambda: CreditPolicy.objects.filter(active=True, deleted_at__isnull=True).order_by("pk").first()
    )
    return found


def review_of(account: int, day: dt.date) -> CreditReview | None:
    """The newest review that is valid on a day."""
    valid = Q(valid_until__isnull=True) | Q(valid_until__gte=day)
    found = CreditReview.objects.filter(valid, account=account, deleted_at__isnull=True, reviewed_on__lte=day)
    return found.order_by("-reviewed_on", "-pk").first()


def converted(sums: Iterable[tuple[Decimal | None, str]], currency: str, day: dt.date) -> Decimal | None:
    """Amounts of several currencies in one; nothing while a rate is missing. One query at most."""
    told, converter, total = [(amount, source) for amount, source in sums if amount], Converter(currency), Decimal(0)
    converter.learn((source, day) for _amount, source in told)
    for amount, source in told:
        rate = converter.rate(source, day)
        if rate is None:
            return None
        total += amount * rate
    return Money(total, currency).rounded().amount


@dataclass(frozen=True)
class Standing:
    """How far an account may owe and does, in its own currency. None is not known, for the limit: there is none."""

    currency: str
    limit: Decimal | None
    used: Decimal | None
    overdue: Decimal | None
    """Due and not received."""
    late: Decimal | None
    """Of it, what is overdue longer than the rules allow."""

    @property
    def free(self) -> Decimal | None:
        return None if self.limit is None or self.used is None else self.limit - max(self.used, Decimal(0))


def standing(account: Any, day: dt.date) -> Standing:
    """How an account stands on a day: owed, and what is ordered and not billed yet."""
    rules, currency = policy(), account.currency or company().currency
    review = review_of(account.pk, day)
    if review is not None and review.limit is not None:
        limit = converted([(review.limit, review.currency or currency)], currency, day)
    elif review is None and rules is not None and rules.unreviewed is not None:
        limit = converted([(rules.unreviewed, company().currency)], currency, day)
    else:
        limit = None
    unbilled = Greatest(F("total") - Coalesce(F("billed"), Decimal(0)), Decimal(0))
    orders = Order.objects.filter(account=account.pk, status="confirmed", deleted_at__isnull=True).order_by()
    ordered = converted(
        [(row["sum"], row["currency"] or currency) for row in orders.values("currency").annotate(sum=Sum(unbilled))], currency, day
    )
    used = None if ordered is None or account.owed is None else account.owed + ordered
    due = Instalment.objects.filter(account=account.pk, open__gt=0, due_on__lt=day, deleted_at__isnull=True).order_by()
    patience = rules.overdue_days if rules is not None else None
    too_long = Q(due_on__lt=day - dt.timedelta(days=patience or 0))
    sums = list(due.values("currency").annotate(all=Sum("open"), late=Sum("open", filter=too_long)))
    overdue = converted([(row["all"], row["currency"] or currency) for row in sums], currency, day)
    late = converted([(row["late"], row["currency"] or currency) for row in sums], currency, day) if patience is not None else Decimal(0)
    return Standing(currency, limit, used, overdue, late)


@dataclass(frozen=True)
class Behaviour:
    """How an account paid, over its latest instalments."""

    paid: int
    on_time: int
    average_late: float
    """Days, those paid in time counted as none."""
    overdue_days: int
    """Of what is longest due now."""

    @property
    def character(self) -> int | None:
        """What it proposes for character: the share paid in time, less a point a day of usual delay, and for what is overdue now."""
        if not self.paid:
            return None
        return max(0, min(100, round(100 * self.on_time / self.paid - min(self.average_late, 40) - min(self.overdue_days / 3, 30))))


def behaviour(instalments: Any, day: dt.date) -> Behaviour:
    """How these instalments were paid; the caller has narrowed them to one account and to what the reader may see."""
    living = Q(matches__deleted_at__isnull=True, matches__payment__deleted_at__isnull=True)
    paid = instalments.filter(state="paid").order_by("-due_on").annotate(paid_on=Max("matches__payment__received_on", filter=living))
    late = [max((paid_on - due_on).days, 0) for due_on, paid_on in paid.values_list("due_on", "paid_on")[:LATEST] if paid_on is not None]
    oldest = instalments.filter(open__gt=0, due_on__lt=day).aggregate(day=Min("due_on"))["day"]
    average = sum(late) / len(late) if late else 0.0
    return Behaviour(len(late), sum(not days for days in late), average, (day - oldest).days if oldest else 0)
