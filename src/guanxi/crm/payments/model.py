"""What instalments, payments and their matches are."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Case, F, Value, When
from django.utils.translation import gettext_lazy as _

from guanxi.record.model import Owned, Record


def money(label: Any, **more: Any) -> models.DecimalField:  # type: ignore[type-arg]
    """A column for an amount."""
    return models.DecimalField(label, max_digits=20, decimal_places=4, **more)


def computed(label: Any, expression: Any) -> models.GeneratedField:
    """An amount that the database computes from others of the row."""
    column = models.DecimalField(max_digits=20, decimal_places=4)
    return models.GeneratedField(expression=expression, output_field=column, db_persist=True, verbose_name=label)


class Owing(models.Model):
    """What is billed and paid by: billed = received + owed, always. Empty where a rate to convert by is missing."""

    planned = money(_("Planned"), null=True, blank=True, default=0)
    billed = money(_("Billed"), null=True, blank=True, default=0)
    received = money(_("Received"), null=True, blank=True, default=0)
    owed = computed(_("Owed"), F("billed") - F("received"))

    class Meta:
        abstract = True


class Instalment(Owned):
    """An amount that falls due on a day, by a contract or an order."""

    name = models.CharField(_("Name"), max_length=200, blank=True)
    account = models.ForeignKey("Account", models.PROTECT, null=True, blank=True, related_name="instalments", verbose_name=_("Account"))
    contract = models.ForeignKey("Contract", models.PROTECT, null=True, blank=True, related_name="instalments", verbose_name=_("Contract"))
    order = models.ForeignKey("Order", models.PROTECT, null=True, blank=True, related_name="instalments", verbose_name=_("Order"))
    due_on = models.DateField(_("Due"))
    amount = money(_("Amount"))
    currency = models.CharField(_("Currency"), max_length=3, blank=True)
    note = models.TextField(_("Notes"), blank=True)
    received = money(_("Received"), default=0)
    open = computed(_("Still open"), F("amount") - F("received"))
    state = models.GeneratedField(
        expression=Case(
            When(received__gte=F("amount"), then=Value("paid")), When(received__gt=0, then=Value("part")), default=Value("open")
        ),
        output_field=models.CharField(max_length=10),
        db_persist=True,
        verbose_name=_("State"),
    )

    class Meta(Owned.Meta):
        indexes = [
            *Owned.Meta.indexes,
            models.Index(fields=["due_on", "id"], name="instalment_due"),
            models.Index(fields=["owner", "due_on"], name="instalment_open", condition=~models.Q(state="paid")),
            models.Index(fields=["open", "currency"], name="instalment_amount", condition=~models.Q(state="paid")),
        ]


class Payment(Owned):
    """Money that a customer paid, or that was paid back to them (less than nothing)."""

    number = models.CharField(_("Number"), max_length=60, blank=True)
    account = models.ForeignKey("Account", models.PROTECT, related_name="payments", verbose_name=_("Account"))
    received_on = models.DateField(_("Received on"))
    amount = money(_("Amount"))
    currency = models.CharField(_("Currency"), max_length=3, blank=True)
    method = models.CharField(_("Method"), max_length=20, blank=True)
    payer = models.CharField(_("Paid by"), max_length=200, blank=True)
    reference = models.CharField(_("Bank reference"), max_length=120, blank=True)
    bank_line = models.ForeignKey(
        "crm.BankLine", models.PROTECT, null=True, blank=True, related_name="payments", db_index=False, verbose_name=_("Bank line")
    )
    note = models.TextField(_("Notes"), blank=True)
    matched = money(_("Matched"), default=0)
    left = computed(_("Not matched"), F("amount") - F("matched"))

    class Meta(Owned.Meta):
        indexes = [
            *Owned.Meta.indexes,
            models.Index(fields=["received_on", "id"], name="payment_received"),
            models.Index(fields=["payer"], name="payment_payer", condition=~models.Q(payer="")),
            models.Index(fields=["bank_line"], name="payment_bank_line", condition=models.Q(bank_line__isnull=False)),
        ]


class Match(Record):
    """How much of a payment settles how much of an instalment; the two differ when the currencies do."""

    payment = models.ForeignKey(Payment, models.CASCADE, related_name="matches", verbose_name=_("Payment"))
    instalment = models.ForeignKey(Instalment, models.PROTECT, related_name="matches", verbose_name=_("Instalment"))
    name = models.CharField(_("Name"), max_length=200, blank=True, editable=False)
    amount = money(_("Amount"), null=True, blank=True)
    currency = models.CharField(_("Currency"), max_length=3, blank=True)
    settled = money(_("Settles"), null=True, blank=True)
    settled_currency = models.CharField(_("Settled in"), max_length=3, blank=True)
