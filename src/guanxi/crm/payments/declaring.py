"""What accounts, contracts and orders declare alike: billed, received, owed."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from guanxi.base.money import Money
from guanxi.entity.actors import Locale, Titles
from guanxi.entity.entity import Related
from guanxi.entity.field import Field
from guanxi.entity.kinds import MoneyKind
from guanxi.entity.rollup import Rollup

CONVERTED = _("Other currencies are converted by the rate of the day; empty while such a rate is missing.")
MONEY = ("planned", "billed", "received", "owed")
PLANNED = Field("planned", kind=MoneyKind(), rollup=Rollup("instalments", sum="amount", on="due_on"), hint=CONVERTED)
BILLED = Field(
    "billed", kind=MoneyKind(), rollup=Rollup("invoices", sum="total", where='status = "issued"', on="issued_on"), hint=CONVERTED
)


class Debt(MoneyKind):
    """What somebody owes; less than nothing is told as paid ahead."""

    def format(self, value: Any, locale: Locale, titles: Titles) -> str:
        amount = value.amount if isinstance(value, Money) else value
        if amount is None or amount >= 0:
            return super().format(value, locale, titles)
        ahead = Money(-amount, value.currency) if isinstance(value, Money) else -amount
        return gettext("%(amount)s paid ahead") % {"amount": super().format(ahead, locale, titles)}


OWED = Field("owed", kind=Debt(), total=True, hint=_("Billed and not yet received; less than nothing is paid ahead."))


def owing_fields() -> list[Field]:
    """The money of a contract or order: received is what its instalments received."""
    received = Rollup("instalments", sum="received", on="due_on")
    return [PLANNED, BILLED, Field("received", kind=MoneyKind(), rollup=received, hint=CONVERTED, total=True), OWED]


def owing_lists(by: str) -> list[Related]:
    """The lists it stands on."""
    return [
        Related("instalments", "instalments", by, _("Instalments"), ("due_on", "state", "amount"), "due_on"),
        Related("invoices", "invoices", by, _("Invoices"), ("number", "status", "issued_on", "total"), "-issued_on"),
    ]
