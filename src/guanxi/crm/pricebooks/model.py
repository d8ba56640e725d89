"""What price books and their prices are."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from guanxi.record.model import Record


class PriceBook(Record):
    """Prices in one currency, for some customers or some time."""

    name = models.CharField(_("Name"), max_length=120)
    currency = models.CharField(_("Currency"), max_length=3)
    starts_on = models.DateField(_("From"), null=True, blank=True)
    ends_on = models.DateField(_("Until"), null=True, blank=True)
    active = models.BooleanField(_("In use"), default=True)


class Price(Record):
    """What one piece of a product costs from a quantity on."""

    book = models.ForeignKey(PriceBook, models.CASCADE, related_name="prices", verbose_name=_("Price book"))
    product = models.ForeignKey("crm.Product", models.CASCADE, related_name="prices", verbose_name=_("Product"))
    name = models.CharField(_("Name"), max_length=200, blank=True, editable=False)
    from_quantity = models.DecimalField(_("From quantity"), max_digits=14, decimal_places=4, default=1)
    price = models.DecimalField(_("Price"), max_digits=20, decimal_places=4)
    currency = models.CharField(_("Currency"), max_length=3, blank=True, editable=False)

    class Meta(Record.Meta):
        indexes = [*Record.Meta.indexes, models.Index(fields=["book", "product", "from_quantity"], name="price_tier")]
