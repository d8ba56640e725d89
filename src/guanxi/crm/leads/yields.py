"""What each prospecting method yields: leads, those qualified and won, revenue, cost, and days from lead to deal won.

Of the leads and deals the reader may see. Sums stand by currency; nothing is converted.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Avg, Count, DurationField, ExpressionWrapper, F, Q, Sum
from django.db.models.functions import TruncDate

from guanxi.access.models import User
from guanxi.access.sight import clear
from guanxi.access.titles import titles
from guanxi.entity.registry import entity_named
from guanxi.record.reach import visible

Amounts = list[tuple[Decimal, str]]


@dataclass
class Yield:
    """One method's figures; `method` is None for leads of no method."""

    method: int | None
    name: str
    leads: int = 0
    qualified: int = 0
    won: int = 0
    days: int | None = None
    """On average from the lead's creation to its deal being won."""
    revenue: Amounts = field(default_factory=list)
    cost: Amounts = field(default_factory=list)

    @property
    def rate(self) -> int:
        """Deals won of a hundred leads."""
        return round(100 * self.won / self.leads) if self.leads else 0


def yields(reader: User, *, since: dt.date | None = None) -> Sequence[Yield]:
    """Each method with leads created since a day, the one that yields most first."""
    leads, deals = entity_named("leads"), entity_named("deals")
    found = visible(leads, to=reader).order_by()
    if since is not None:
        found = found.filter(created_at__gte=dt.datetime.combine(since, dt.time(), reader.locale.zone))
    won = Q(deal__in=visible(deals, to=reader), deal__outcome="won")
    took = ExpressionWrapper(F("deal__closed_on") - TruncDate("created_at", tzinfo=reader.locale.zone), DurationField())
    rows: list[dict[str, Any]] = list(
        found.values("method").annotate(
            leads=Count("pk"), qualified=Count("pk", filter=Q(qualified_at__isnull=False)), won=Count("pk", filter=won), days=Avg(took, filter=won)
        )
    )  # fmt: skip
    names = titles({"methods": {row["method"] for row in rows if row["method"]}}, to=reader)
    by_method = {
        row["method"]: Yield(
            row["method"], names.get(("methods", row["method"] or 0), ""), row["leads"], row["qualified"], row["won"],
            None if row["days"] is None else max(row["days"].days, 0),
        )
        for row in rows
    }  # fmt: skip
    if clear(leads, leads.fields["cost"], to=reader):
        for key, currency, amount in found.filter(cost__isnull=False).values_list("method", "currency").annotate(Sum("cost")):
            by_method[key].cost.append((amount, currency))
    if clear(deals, deals.fields["amount"], to=reader):
        earned = found.filter(won, deal__amount__isnull=False).values_list("method", "deal__currency").annotate(Sum("deal__amount"))
        for key, currency, amount in earned:
            by_method[key].revenue.append((amount, currency))
    for one in by_method.values():
        one.revenue.sort(reverse=True)
        one.cost.sort(reverse=True)
    return sorted(by_method.values(), key=lambda one: (one.method is None, -one.won, -one.leads, one.name))
