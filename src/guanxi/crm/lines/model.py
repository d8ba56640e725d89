"""What a line is. Abstract; the tables stand with the nouns whose lines they are."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from guanxi.record.model import Record

LAST = 1000
"""Where a new line stands: after those that were put in order, and in the order in which it came."""


class Line(Record):
    """A product with quantity and price; the total is without tax."""

    product = models.ForeignKey("crm.Product", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Product"))
    name = models.CharField(_("Description"), max_length=255, blank=True)
    quantity = models.DecimalField(_("Quantity"), max_digits=14, decimal_places=4, default=1)
    price = models.DecimalField(_("Price"), max_digits=20, decimal_places=4, null=True, blank=True)
    discount = models.DecimalField(_("Discount"), max_digits=5, decimal_places=4, default=0)
    total = models.DecimalField(_("Total"), max_digits=20, decimal_places=4, null=True, blank=True)
    currency = models.CharField(_("Currency"), max_length=3, blank=True)
    contents = models.TextField(_("Consists of"), blank=True, default="", db_default="")
    """Of a bundle: its parts, as they were when it was sold."""
    position = models.IntegerField(_("Position"), default=LAST)

    class Meta(Record.Meta):
        abstract = True
        ordering = ["position", "id"]


class TaxedLine(Line):
    """A line that says its tax: total + tax = gross, each in whole coins of the currency."""

    tax_rate = models.DecimalField(_("Tax rate"), max_digits=5, decimal_places=4, default=0)
    tax = models.DecimalField(_("Tax"), max_digits=20, decimal_places=4, default=0)
    gross = models.DecimalField(_("With tax"), max_digits=20, decimal_places=4, default=0)

    class Meta(Line.Meta):
        abstract = True


class Lined(models.Model):
    """What has taxed lines and is worth what they add up to."""

    net = models.DecimalField(_("Without tax"), max_digits=20, decimal_places=4, default=0)
    tax = models.DecimalField(_("Tax"), max_digits=20, decimal_places=4, default=0)
    total = models.DecimalField(_("Total"), max_digits=20, decimal_places=4, default=0)

    class Meta:
        abstract = True
