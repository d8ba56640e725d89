"""What an invoice is."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from guanxi.crm.payments.model import money
from guanxi.record.model import Owned


class Invoice(Owned):
    """A request for an invoice, and the invoice when it is issued. Net + tax = total, in whole coins."""

    number = models.CharField(_("Number"), max_length=60, blank=True)
    account = models.ForeignKey("Account", models.PROTECT, null=True, blank=True, related_name="invoices", verbose_name=_("Account"))
    contract = models.ForeignKey("Contract", models.PROTECT, null=True, blank=True, related_name="invoices", verbose_name=_("Contract"))
    order = models.ForeignKey("Order", models.PROTECT, null=True, blank=True, related_name="invoices", verbose_name=_("Order"))
    kind = models.CharField(_("Kind"), max_length=20, default="ordinary")
    status = models.CharField(_("Status"), max_length=10, default="requested")
    buyer = models.CharField(_("Invoice title"), max_length=200, blank=True)
    tax_number = models.CharField(_("Tax number"), max_length=40, blank=True)
    buyer_details = models.TextField(_("Address and bank"), blank=True)
    total = money(_("Total"))
    tax_rate = models.DecimalField(_("Tax rate"), max_digits=5, decimal_places=4, default=0)
    net = money(_("Without tax"), default=0)
    tax = money(_("Tax"), default=0)
    currency = models.CharField(_("Currency"), max_length=3, blank=True)
    issued_on = models.DateField(_("Issued"), null=True, blank=True)
    reason = models.CharField(_("Reason"), max_length=255, blank=True)
    note = models.TextField(_("Notes"), blank=True)

    class Meta(Owned.Meta):
        indexes = [
            *Owned.Meta.indexes,
            models.Index(fields=["number", "id"], name="invoice_number"),
            models.Index(fields=["issued_on", "id"], name="invoice_issued"),
        ]
