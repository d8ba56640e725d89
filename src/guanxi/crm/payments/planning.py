"""Dividing an amount into instalments that fall due one after another."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.base.money import Money, minor_units, split
from guanxi.crm.starting import today
from guanxi.entity.actors import Actor
from guanxi.entity.field import Field
from guanxi.entity.kinds import Day, Whole
from guanxi.entity.registry import entity_named
from guanxi.record.changes import Origin, create_many
from guanxi.record.refusals import Refused

MOST = 120
PLAN = (
    Field("parts", kind=Whole(1, MOST), label=gettext_lazy("Instalments"), default=1, required=True),
    Field("first_on", kind=Day(), label=gettext_lazy("First due"), default=today, required=True),
    Field("months", kind=Whole(1, 60), label=gettext_lazy("Months between them"), default=1, required=True),
)
"""What a verb that plans asks for."""


def plan_instalments(
    about: Mapping[str, Any], amount: Decimal, currency: str, parts: int, first_on: dt.date, months: int, *, by: Actor, origin: Origin
) -> list[Any]:
    """Instalments of almost the same size, in whole coins, that add up to the amount. Refused when there is nothing to divide."""
    if amount <= 0:
        raise Refused({"": _("There is nothing left to plan.")})
    whole = Money(amount, currency).rounded().amount
    rows = [
        {
            **about, "name": _("Instalment %(number)d of %(parts)d") % {"number": number + 1, "parts": parts}, "amount": part,
            "currency": currency, "due_on": months_after(first_on, number * months),
        }
        for number, part in enumerate(split(whole if whole == amount else amount, [1] * parts, minor_units(currency)))
        if part
    ]  # fmt: skip
    return create_many(entity_named("instalments"), rows, by=by, origin=origin)


def months_after(day: dt.date, months: int) -> dt.date:
    """The same day so many months later, or that month's last."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return day.replace(year=year, month=month, day=min(day.day, calendar.monthrange(year, month)[1]))
