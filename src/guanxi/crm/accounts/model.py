"""What an account is."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from guanxi.base.ordering import InOrder
from guanxi.crm.payments.model import Owing, money
from guanxi.crm.pools.model import Pooled


class Account(Owing, Pooled):
    """A company or person we deal with."""

    name = models.CharField(_("Name"), max_length=200)
    kind = models.CharField(_("Kind"), max_length=10, default="company")
    relationship = models.CharField(_("Relationship"), max_length=20, default="customer")
    parent = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="children", verbose_name=_("Part of"))
    industry = models.CharField(_("Industry"), max_length=40, blank=True)
    employees = models.PositiveIntegerField(_("Employees"), null=True, blank=True)
    revenue = models.DecimalField(_("Yearly revenue"), max_digits=20, decimal_places=2, null=True, blank=True)
    currency = models.CharField(_("Currency"), max_length=3, blank=True)
    founded = models.PositiveSmallIntegerField(_("Founded"), null=True, blank=True)
    source = models.CharField(_("Source"), max_length=40, blank=True)
    phones = models.JSONField(_("Phones"), default=list, blank=True)
    emails = models.JSONField(_("E-mails"), default=list, blank=True)
    website = models.CharField(_("Website"), max_length=500, blank=True)
    address = models.JSONField(_("Address"), default=dict, blank=True)
    registration_number = models.CharField(_("Registration number"), max_length=40, blank=True)
    tags = ArrayField(models.CharField(max_length=60), verbose_name=_("Tags"), default=list, blank=True)
    description = models.TextField(_("Description"), blank=True)
    last_contact_at = models.DateTimeField(_("Last contact"), null=True, blank=True)
    next_contact_at = models.DateTimeField(_("Next contact"), null=True, blank=True)
    open_deals = models.PositiveIntegerField(_("Open deals"), default=0)
    open_amount = models.DecimalField(_("Open amount"), max_digits=20, decimal_places=4, null=True, blank=True, default=0)
    won_amount = models.DecimalField(_("Won amount"), max_digits=20, decimal_places=4, null=True, blank=True, default=0)
    claimed = money(_("Expenses"), null=True, blank=True, default=0)
    credit_class = models.CharField(_("Credit class"), max_length=1, blank=True, default="", db_default="")
    credit_limit = money(_("Credit limit"), null=True, blank=True)
    credit_days = models.PositiveIntegerField(_("Days to pay"), null=True, blank=True)
    to_receive = money(_("Still to receive"), null=True, blank=True, default=0)
    last_won_on = models.DateField(_("Last won"), null=True, blank=True)

    class Meta(Pooled.Meta):
        indexes = [
            *Pooled.Meta.indexes,
            models.Index(fields=["pool", "pooled_at"], name="account_pool", condition=models.Q(pool__isnull=False)),
            models.Index(fields=["name", "id"], name="account_name"),
            models.Index(InOrder("name"), "id", name="account_in_order"),
            models.Index(OpClass(Upper("name"), name="text_pattern_ops"), name="account_name_typed"),
            models.Index(fields=["industry", "id"], name="account_industry"),
            models.Index(fields=["last_contact_at", "id"], name="account_last_contact"),
            models.Index(fields=["owner", "last_contact_at"], name="account_cold"),
            GinIndex(fields=["tags"], name="account_tags"),
        ]


class OwnerPeriod(models.Model):
    """Who answered for an account, from when to when."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="owner_periods")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["account", "-began_at"], name="owner_period_account")]
