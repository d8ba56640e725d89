"""What orders, their lines and deliveries are."""

from __future__ import annotations

from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.utils.translation import gettext_lazy as _

from guanxi.crm.lines.model import Lined, TaxedLine
from guanxi.crm.payments.model import Owing
from guanxi.record.model import Record, Shared

STATE = Case(
    When(~Q(status="confirmed"), then=F("status")),
    When(delivered__lte=0, then=Value("confirmed")),
    When(delivered__gte=F("ordered"), then=Value("fulfilled")),
    default=Value("partly"),
)


class Order(Lined, Owing, Shared):
    """What a customer ordered. How far it is delivered and paid are two tracks of their own."""

    number = models.CharField(_("Number"), max_length=40, blank=True)
    account = models.ForeignKey("Account", models.PROTECT, related_name="orders", verbose_name=_("Account"))
    contact = models.ForeignKey("Contact", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("Contact"))
    deal = models.ForeignKey("Deal", models.SET_NULL, null=True, blank=True, related_name="orders", verbose_name=_("Deal"))
    contract = models.ForeignKey("Contract", models.SET_NULL, null=True, blank=True, related_name="orders", verbose_name=_("Contract"))
    quote = models.ForeignKey("crm.Quote", models.SET_NULL, null=True, blank=True, related_name="orders", verbose_name=_("Quote"))
    currency = models.CharField(_("Currency"), max_length=3, blank=True)
    ordered_on = models.DateField(_("Ordered"), null=True, blank=True)
    due_on = models.DateField(_("Delivery due"), null=True, blank=True)
    delivery_address = models.JSONField(_("Delivery address"), default=dict, blank=True)
    status = models.CharField(_("Status"), max_length=10, default="draft")
    reason = models.CharField(_("Reason"), max_length=255, blank=True)
    credit_note = models.CharField(_("Why beyond the credit limit"), max_length=255, blank=True, default="", db_default="")
    description = models.TextField(_("Notes"), blank=True)
    ordered = models.DecimalField(_("Pieces ordered"), max_digits=18, decimal_places=4, default=0)
    delivered = models.DecimalField(_("Pieces delivered"), max_digits=18, decimal_places=4, default=0)
    returned = models.DecimalField(_("Pieces returned"), max_digits=18, decimal_places=4, default=0)
    state = models.GeneratedField(expression=STATE, output_field=models.CharField(max_length=10), db_persist=True, verbose_name=_("State"))

    class Meta(Shared.Meta):
        indexes = [
            *Shared.Meta.indexes,
            models.Index(fields=["number", "id"], name="order_number"),
            models.Index(fields=["ordered_on", "id"], name="order_ordered"),
            models.Index(fields=["state", "due_on", "id"], name="order_state"),
        ]


class OrderLine(TaxedLine):
    """A product of an order, with how much of it was delivered and came back."""

    order = models.ForeignKey(Order, models.CASCADE, related_name="lines", verbose_name=_("Order"))
    delivered = models.DecimalField(_("Delivered"), max_digits=14, decimal_places=4, default=0)
    returned = models.DecimalField(_("Returned"), max_digits=14, decimal_places=4, default=0)


class Delivery(Record):
    """Goods of one line that went out, or came back."""

    order = models.ForeignKey(Order, models.CASCADE, related_name="deliveries", verbose_name=_("Order"))
    line = models.ForeignKey(OrderLine, models.CASCADE, related_name="deliveries", verbose_name=_("Line"))
    name = models.CharField(_("Name"), max_length=255, blank=True, editable=False)
    kind = models.CharField(_("Kind"), max_length=10, default="delivery")
    quantity = models.DecimalField(_("Quantity"), max_digits=14, decimal_places=4)
    moved_on = models.DateField(_("Day"))
    tracking = models.CharField(_("Tracking number"), max_length=80, blank=True)
    reason = models.CharField(_("Reason"), max_length=255, blank=True)
