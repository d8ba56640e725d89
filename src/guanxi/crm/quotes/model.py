"""What quotes and their lines are."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from guanxi.base.ordering import InOrder
from guanxi.crm.lines.model import Lined, TaxedLine
from guanxi.record.model import Shared


class Quote(Lined, Shared):
    """What was offered to a customer. A sent quote stands; another edition replaces it."""

    name = models.CharField(_("Name"), max_length=200, blank=True)
    number = models.CharField(_("Number"), max_length=40, blank=True)
    edition = models.PositiveIntegerField(_("Edition"), default=1)
    replaces = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="replaced_by", verbose_name=_("Replaces"))
    account = models.ForeignKey("crm.Account", models.PROTECT, related_name="quotes", verbose_name=_("Account"))
    contact = models.ForeignKey("crm.Contact", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("Contact"))
    deal = models.ForeignKey("crm.Deal", models.SET_NULL, null=True, blank=True, related_name="quotes", verbose_name=_("Deal"))
    book = models.ForeignKey("crm.PriceBook", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("Price book"))
    currency = models.CharField(_("Currency"), max_length=3, blank=True)
    rate = models.DecimalField(_("Rate when sent"), max_digits=20, decimal_places=10, null=True, blank=True)
    valid_until = models.DateField(_("Valid until"), null=True, blank=True)
    status = models.CharField(_("Status"), max_length=10, default="draft")
    sent_on = models.DateField(_("Sent"), null=True, blank=True)
    answered_on = models.DateField(_("Answered"), null=True, blank=True)
    answered_by = models.CharField(_("Answered by"), max_length=200, blank=True)
    reason = models.CharField(_("Reason"), max_length=255, blank=True)
    credit_note = models.CharField(_("Why beyond the credit limit"), max_length=255, blank=True, default="", db_default="")
    terms = models.TextField(_("Terms"), blank=True)

    class Meta(Shared.Meta):
        indexes = [
            *Shared.Meta.indexes,
            models.Index(fields=["name", "id"], name="quote_name"),
            models.Index(InOrder("name"), "id", name="quote_in_order"),
            models.Index(fields=["status", "valid_until", "id"], name="quote_status"),
        ]


class QuoteLine(TaxedLine):
    """A product that is offered; an optional one does not count until it is taken."""

    quote = models.ForeignKey(Quote, models.CASCADE, related_name="lines", verbose_name=_("Quote"))
    optional = models.BooleanField(_("Optional"), default=False)
    taken = models.BooleanField(_("Taken"), default=False, db_default=False)
    """An optional one that the customer took when they accepted."""
