"""How long money is overdue: current, 1–30 days, 31–60, 61–90, over 90."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db.models import Case, CharField, Sum, Value, When
from django.utils.translation import gettext_lazy

from guanxi.access.models import User
from guanxi.access.sight import clear
from guanxi.base.money import format_money
from guanxi.entity.registry import entity_named
from guanxi.record.reach import visible
from guanxi.surfaces.detail.asides import Aside, Figure

BUCKETS: tuple[tuple[str, int, Any, str], ...] = (
    ("current", 0, gettext_lazy("Not yet due"), ""),
    ("1–30", 30, gettext_lazy("1–30 days late"), "warn"),
    ("31–60", 60, gettext_lazy("31–60 days late"), "warn"),
    ("61–90", 90, gettext_lazy("61–90 days late"), "bad"),
    (">90", 10**6, gettext_lazy("Over 90 days late"), "bad"),
)
"""(name, most days late, what it is called, tone)."""


def bucket(due_on: dt.date, today: dt.date) -> str:
    """How late an amount is on a day."""
    late = (today - due_on).days
    return next(name for name, most, _label, _tone in BUCKETS if late <= most)


def aged(account: Any, reader: User) -> Sequence[Figure]:
    """The account's open instalments that the reader may see, by how late they are and currency. One query."""
    instalments = entity_named("instalments")
    if not clear(instalments, instalments.fields["open"], to=reader):
        return []
    today = reader.locale.today
    late = Case(
        *(When(due_on__gte=today - dt.timedelta(days=most), then=Value(name)) for name, most, _label, _tone in BUCKETS[:-1]),
        default=Value(BUCKETS[-1][0]),
        output_field=CharField(),
    )
    open_ones = visible(instalments, to=reader).filter(account=account.pk, open__gt=0).order_by()
    sums: dict[str, list[tuple[Decimal, str]]] = {}
    for row in open_ones.annotate(late=late).values("late", "currency").annotate(sum=Sum("open")):
        sums.setdefault(row["late"], []).append((row["sum"], row["currency"] or reader.locale.currency))
    return [
        Figure(str(label), " + ".join(format_money(*one, reader.locale.language) for one in sorted(sums[name], reverse=True)), tone=tone)
        for name, _most, label, tone in BUCKETS
        if name in sums
    ]


AGEING = Aside("accounts", "ageing", gettext_lazy("To receive"), aged, needs=("instalments",))
