"""What a product is."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from guanxi.record.model import Record


class Product(Record):
    """Something that is sold, with its list price."""

    name = models.CharField(_("Name"), max_length=200)
    code = models.CharField(_("Code"), max_length=60, blank=True)
    family = models.CharField(_("Family"), max_length=80, blank=True)
    unit = models.CharField(_("Unit"), max_length=20, blank=True)
    price = models.DecimalField(_("List price"), max_digits=20, decimal_places=4, null=True, blank=True)
    currency = models.CharField(_("Currency"), max_length=3, blank=True)
    active = models.BooleanField(_("On sale"), default=True)
    description = models.TextField(_("Description"), blank=True)

    class Meta(Record.Meta):
        indexes = [*Record.Meta.indexes, models.Index(fields=["name", "id"], name="product_name")]
