"""How exchange rates are shown, and that sums follow them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.crm.starting import own_currency, today
from guanxi.entity.actors import Actor
from guanxi.entity.entity import Entity, Noun, Section, Write
from guanxi.entity.field import Field
from guanxi.entity.kinds import Currency
from guanxi.record.models import ExchangeRate
from guanxi.record.tasks import recompute_later


def derive(rate: Any, changed: set[str]) -> None:
    """A rate is called after its two currencies."""
    rate.name = f"{rate.currency}/{rate.base}"


def check(rate: Any, changed: set[str], by: Actor) -> Mapping[str, str]:
    """A rate is between two currencies, and above nothing."""
    if rate.currency == rate.base:
        return {"base": _("Choose two different currencies.")}
    if rate.rate is not None and rate.rate <= 0:
        return {"rate": _("A rate is greater than zero.")}
    return {}


def follow(writes: Sequence[Write], by: Actor) -> None:
    """Converted sums are asked afresh by a job, once the rates are committed."""
    recompute_later(converted=True)


RATES = Entity(
    path="rates",
    model=ExchangeRate,
    noun=Noun(gettext_lazy("exchange rate"), gettext_lazy("exchange rates")),
    icon="arrows-exchange",
    title="name",
    settings=True,
    searchable=False,
    order=("-starts_on",),
    fields_declared=[
        Field("name", read_only=True, glance=True),
        Field("currency", kind=Currency(), glance=True, required=True),
        Field("base", kind=Currency(), glance=True, default=own_currency),
        Field("starts_on", glance=True, default=today),
        Field("rate", glance=True, hint=gettext_lazy("What one unit of the currency is worth in the other one.")),
        Field("external_id"),
        Field("id", read_only=True),
    ],
    sections=[Section(gettext_lazy("Exchange rate"), ("currency", "base", "rate", "starts_on"))],
    derive=derive,
    check=check,
    follow=follow,
)
