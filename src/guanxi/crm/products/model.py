"""What a product is."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from guanxi.base.ordering import InOrder
from guanxi.record.model import Record


class Product(Record):
    """Something that is sold, with its list price."""

    name = models.CharField(_("Name"), max_length=200)
    code = models.CharField(_("Code"), max_length=60, blank=True)
    family = models.CharField(_("Family"), max_length=80, blank=True)
    unit = models.CharField(_("Unit"), max_length=20, blank=True)
    price = models.DecimalField(_("List price"), max_digits=20, decimal_places=4, null=True, blank=True)
    currency = models.CharField(_("Currency"), max_length=3, blank=True)
    priced_as = models.CharField(_("Price of a bundle"), max_length=5, default="own", db_default="own")
    bundle_discount = models.DecimalField(_("Discount on the parts"), max_digits=5, decimal_places=4, default=0, db_default=0)
    active = models.BooleanField(_("On sale"), default=True)
    description = models.TextField(_("Description"), blank=True)

    class Meta(Record.Meta):
        indexes = [
            *Record.Meta.indexes,
            models.Index(fields=["name", "id"], name="product_name"),
            models.Index(InOrder("name"), "id", name="product_in_order"),
        ]


class Component(Record):
    """So many of a product in one of a bundle."""

    bundle = models.ForeignKey(Product, models.CASCADE, related_name="components", verbose_name=_("Bundle"))
    part = models.ForeignKey(Product, models.PROTECT, related_name="in_bundles", verbose_name=_("Part"))
    name = models.CharField(_("Name"), max_length=255, blank=True, editable=False)
    quantity = models.DecimalField(_("Quantity"), max_digits=14, decimal_places=4, default=1)
    position = models.IntegerField(_("Position"), default=0)

    class Meta(Record.Meta):
        db_table = "product_component"
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["bundle", "part"], condition=models.Q(deleted_at__isnull=True), name="component_once")
        ]
