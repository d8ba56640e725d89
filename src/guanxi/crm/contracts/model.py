"""What a contract is."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from guanxi.base.ordering import InOrder
from guanxi.crm.payments.model import Owing, money
from guanxi.record.model import Shared


class Contract(Owing, Shared):
    """What was agreed with an account, from when to when, and how it goes on."""

    name = models.CharField(_("Name"), max_length=200)
    number = models.CharField(_("Number"), max_length=40, blank=True)
    account = models.ForeignKey("Account", models.PROTECT, related_name="contracts", verbose_name=_("Account"))
    contact = models.ForeignKey("Contact", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("Signed by"))
    our_party = models.CharField(_("Our party"), max_length=200, blank=True)
    parties = ArrayField(models.BigIntegerField(), default=list, blank=True, verbose_name=_("Other parties"))
    deal = models.ForeignKey("Deal", models.SET_NULL, null=True, blank=True, related_name="contracts", verbose_name=_("Deal"))
    kind = models.CharField(_("Kind"), max_length=20, default="sale")
    status = models.CharField(_("Status"), max_length=10, default="draft")
    value = money(_("Value"), null=True, blank=True)
    quote = models.ForeignKey("crm.Quote", models.SET_NULL, null=True, blank=True, related_name="contracts", verbose_name=_("Quote"))
    currency = models.CharField(_("Currency"), max_length=3, blank=True)
    signed_on = models.DateField(_("Signed"), null=True, blank=True)
    starts_on = models.DateField(_("Begins"), null=True, blank=True)
    ends_on = models.DateField(_("Ends"), null=True, blank=True)
    renewal = models.CharField(_("Renewal"), max_length=10, default="none")
    notice_days = models.PositiveIntegerField(_("Days of notice"), null=True, blank=True)
    notice_on = models.DateField(_("Decide by"), null=True, blank=True)
    terms = models.TextField(_("Terms"), blank=True)
    reason = models.CharField(_("Reason"), max_length=255, blank=True)
    remind_days = models.PositiveIntegerField(_("Remind so many days before"), null=True, blank=True, default=30)
    reminded_for = models.DateField(_("Reminded for"), null=True, blank=True, editable=False)
    ordered = money(_("Ordered"), null=True, blank=True, default=0)

    class Meta(Shared.Meta):
        indexes = [
            *Shared.Meta.indexes,
            models.Index(fields=["name", "id"], name="contract_name"),
            models.Index(InOrder("name"), "id", name="contract_in_order"),
            models.Index(fields=["number"], name="contract_number"),
            models.Index(fields=["notice_on", "id"], name="contract_notice"),
            models.Index(fields=["status", "ends_on", "id"], name="contract_status"),
        ]


class Agreement(models.Model):
    """What a contract said when it was signed or renewed, as it was then; never changed."""

    contract = models.ForeignKey(Contract, models.CASCADE, related_name="agreements")
    why = models.CharField(max_length=10)
    """signed, renewed"""
    terms = models.JSONField(default=dict)
    lines = models.JSONField(default=list)
    files = models.JSONField(default=list, db_default=[])
    """What was attached: name, size, SHA-256."""
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, db_index=False, related_name="+")
