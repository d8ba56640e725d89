"""What is special about showing accounts: what they are worth, and who is going cold on the first page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, Sum
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from guanxi.access.models import User
from guanxi.access.sight import clear
from guanxi.base.moments import format_day
from guanxi.base.money import format_money
from guanxi.entity.registry import entity_named
from guanxi.record.reach import visible
from guanxi.surfaces.detail.asides import Aside, Figure
from guanxi.surfaces.home.blocks import Attention

YEAR = dt.timedelta(days=365)
MOST = 6


def value(account: Any, reader: User) -> Sequence[Figure]:
    """What was won in a year and ever, what is open, and how often deals are won; of the deals the reader may see. One query."""
    deals = entity_named("deals")
    if not clear(deals, deals.fields["amount"], to=reader):
        return []
    since = reader.locale.today - YEAR
    won, lost, open_ = Q(outcome="won"), Q(outcome="lost"), Q(outcome="open")
    found = (
        visible(deals, to=reader)
        .filter(account=account.pk)
        .order_by()
        .values("currency")
        .annotate(
            year=Sum("amount", filter=won & Q(closed_on__gte=since)), ever=Sum("amount", filter=won), open=Sum("amount", filter=open_),
            weighted=Sum("weighted", filter=open_), wins=Count("pk", filter=won), losses=Count("pk", filter=lost),
        )
    )  # fmt: skip
    rows = list(found)
    figures = [
        Figure(str(label), _amounts(rows, name, reader))
        for name, label in (
            ("year", _("Won in 12 months")), ("ever", _("Won altogether")), ("open", _("Open deals")), ("weighted", _("Weighted")),
        )
        if any(row[name] for row in rows)
    ]  # fmt: skip
    wins, losses = sum(row["wins"] for row in rows), sum(row["losses"] for row in rows)
    if wins + losses:
        share = round(100 * wins / (wins + losses))
        figures.append(Figure(_("Deals won"), f"{wins} / {wins + losses}", share=share))
    return figures


def _amounts(rows: Sequence[dict[str, Any]], name: str, reader: User) -> str:
    """The sums by currency, largest first; at most two."""
    sums = sorted(((row[name] or Decimal(0), row["currency"]) for row in rows if row[name]), reverse=True)
    shown = [format_money(amount, currency or reader.locale.currency, reader.locale.language) for amount, currency in sums[:2]]
    return " + ".join(shown) + (" + …" if len(sums) > 2 else "")


def owners(account: Any, reader: User) -> Sequence[Figure]:
    """Who answered for the account and since when, newest first; nothing while it has always been one. One query."""
    entity = entity_named("accounts")
    if not clear(entity, entity.fields["owner"], to=reader):
        return []
    periods = list(account.owner_periods.select_related("owner").order_by("-began_at", "-id")[:MOST])
    if len(periods) < 2:
        return []
    zone, today, language = reader.locale.zone, reader.locale.today, reader.locale.language

    def span(period: Any) -> str:
        days = [moment.astimezone(zone).date() if moment else None for moment in (period.began_at, period.ended_at)]
        began, ended = (format_day(day, today, language) if day else pgettext("until", "now") for day in days)
        return f"{began} – {ended}"

    return [Figure(period.owner.name, span(period)) for period in periods]


OWNERS = Aside("accounts", "owners", gettext_lazy("Owners"), owners, later=True)
VALUE = Aside("accounts", "value", gettext_lazy("Value"), value, needs=("deals",))

COLD = Attention(
    "cold",
    "accounts",
    gettext_lazy("Going cold"),
    'relationship = "customer" and owner = me and last_contact_at < -60d',
    ("last_contact_at",),
    ("industry", "last_contact_at"),
    icon="snowflake",
    tone="info",
    empty=gettext_lazy("You have been in touch with every customer within 60 days."),
    rank=30,
)
