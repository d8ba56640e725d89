"""How invoices are shown."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.base.money import Money
from guanxi.crm.invoices.model import Invoice
from guanxi.crm.invoices.verbs import issue, may_delete, void
from guanxi.crm.payments.belonging import belong, check_belonging
from guanxi.entity.actors import Actor
from guanxi.entity.entity import Board, Entity, Noun, Preset, Section
from guanxi.entity.field import Field
from guanxi.entity.kinds import Choice, CreditCode, Currency, MoneyKind, Percent, options
from guanxi.record.together import linked

KINDS = Choice(
    options(
        ("ordinary", gettext_lazy("Ordinary VAT invoice")),
        ("special", gettext_lazy("Special VAT invoice")),
        ("commercial", gettext_lazy("Commercial invoice")),
        ("credit", gettext_lazy("Credit note")),
    ),
    plain=True,
)
STATUSES = Choice(
    options(
        ("requested", gettext_lazy("Requested"), "info"), ("issued", gettext_lazy("Issued"), "good"), ("void", gettext_lazy("Void"), "bad")
    )
)
SETTLED = frozenset({"account", "contract", "order", "kind", "buyer", "tax_number", "total", "tax_rate", "currency"})


def derive(invoice: Any, changed: set[str]) -> None:
    """Whose it is and in which name; the tax that is in the total, in whole coins."""
    belong(invoice, changed)
    account = linked(invoice, "account") if not invoice.buyer else None
    if account is not None:
        invoice.buyer = account.name
        invoice.tax_number = invoice.tax_number or account.registration_number
    if invoice.total is not None and 0 <= invoice.tax_rate <= 1:
        net = Money(Decimal(invoice.total) / (1 + Decimal(invoice.tax_rate)), invoice.currency).rounded().amount
        invoice.net, invoice.tax = net, Decimal(invoice.total) - net


def check(invoice: Any, changed: set[str], by: Actor) -> Mapping[str, str]:
    """Somebody is billed; a credit note is below zero; what was issued stands."""
    wrong = check_belonging(invoice, changed)
    if wrong:
        return wrong
    if not 0 <= invoice.tax_rate <= 1:
        return {"tax_rate": _("A tax rate is between 0% and 100%.")}
    if not invoice.total or (invoice.total < 0) != (invoice.kind == "credit"):
        return {"total": _("Type an amount above zero; a credit note is below zero.")}
    if invoice.pk and invoice.status != "requested":
        return {name: _("This was issued; void it and ask for another one.") for name in changed & SETTLED}
    return {}


INVOICES = Entity(
    path="invoices",
    model=Invoice,
    noun=Noun(gettext_lazy("invoice"), gettext_lazy("invoices")),
    icon="file-invoice",
    title="buyer",
    group="sell",
    order=("-id",),
    subtitle=("number", "status"),
    fields_declared=[
        Field("buyer", glance=True, search="A"),
        Field("number", glance=True, search="A", read_only=True),
        Field("status", kind=STATUSES, glance=True, read_only=True),
        Field("order"),
        Field("contract"),
        Field("kind", kind=KINDS, glance=True),
        Field("total", kind=MoneyKind(), glance=True, total=True),
        Field("tax_rate", kind=Percent()),
        Field("net", kind=MoneyKind(), read_only=True, total=True),
        Field("tax", kind=MoneyKind(), read_only=True, total=True),
        Field("currency", kind=Currency()),
        Field("issued_on", read_only=True, glance=True),
        Field("account", glance=True),
        Field("tax_number", kind=CreditCode(40)),
        Field("buyer_details"),
        Field("reason", read_only=True),
        Field("note"),
        Field("owner", glance=True),
        Field("team"),
        Field("external_id", search="D"),
        Field("created_at", read_only=True),
        Field("created_by", read_only=True),
        Field("id", read_only=True),
    ],
    sections=[
        Section(gettext_lazy("Invoice"), ("order", "contract", "account", "kind", "total", "currency", "tax_rate", "net", "tax")),
        Section(gettext_lazy("Buyer"), ("buyer", "tax_number", "buyer_details", "note", "reason")),
        Section(gettext_lazy("Responsible"), ("owner", "team")),
    ],
    verbs=(issue, void),
    board=Board(by="status", total="total"),
    calendar="issued_on",
    parent="account",
    views=[
        Preset("requested", gettext_lazy("To issue"), 'status = "requested"', ("id",)),
        Preset("issued", gettext_lazy("Issued"), 'status = "issued"', ("-issued_on",)),
        Preset("all", gettext_lazy("All invoices"), "", ("-id",)),
    ],
    derive=derive,
    check=check,
    may_delete=may_delete,
)
