"""What a lead is, and what it became."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from guanxi.base.ordering import InOrder
from guanxi.crm.pools.model import Pooled


class Lead(Pooled):
    """An unqualified chance: somebody who may need what we sell."""

    name = models.CharField(_("Name"), max_length=160, blank=True)
    company = models.CharField(_("Company"), max_length=200, blank=True)
    title = models.CharField(_("Job title"), max_length=120, blank=True)
    phones = models.JSONField(_("Phones"), default=list, blank=True)
    emails = models.JSONField(_("E-mails"), default=list, blank=True)
    website = models.CharField(_("Website"), max_length=500, blank=True)
    address = models.JSONField(_("Address"), default=dict, blank=True)
    industry = models.CharField(_("Industry"), max_length=40, blank=True)
    employees = models.PositiveIntegerField(_("Employees"), null=True, blank=True)

    source = models.CharField(_("Source"), max_length=40, blank=True)
    method = models.ForeignKey("Method", models.PROTECT, null=True, blank=True, related_name="leads", verbose_name=_("Prospecting method"))
    campaign = models.CharField(_("Campaign"), max_length=120, blank=True)
    cost = models.DecimalField(_("Cost"), max_digits=20, decimal_places=4, null=True, blank=True)
    currency = models.CharField(_("Currency"), max_length=3, blank=True)

    need = models.TextField(_("Need"), blank=True)
    budget = models.DecimalField(_("Budget"), max_digits=20, decimal_places=4, null=True, blank=True)
    timeline = models.CharField(pgettext_lazy("lead", "Timeline"), max_length=10, blank=True)

    has_money = models.CharField(_("Has the money"), max_length=10, default="unknown")
    money_note = models.CharField(_("About the money"), max_length=255, blank=True)
    money_by = models.CharField(_("Who said so (money)"), max_length=120, blank=True)
    has_authority = models.CharField(_("May decide"), max_length=10, default="unknown")
    authority_note = models.CharField(_("About the authority"), max_length=255, blank=True)
    authority_by = models.CharField(_("Who said so (authority)"), max_length=120, blank=True)
    has_need = models.CharField(_("Has the need"), max_length=10, default="unknown")
    need_note = models.CharField(_("About the need"), max_length=255, blank=True)
    need_by = models.CharField(_("Who said so (need)"), max_length=120, blank=True)
    prospect = models.CharField(_("Class"), max_length=10, default="unknown", editable=False)

    status = models.CharField(_("Status"), max_length=12, default="new")
    reason = models.CharField(_("Why disqualified"), max_length=12, blank=True)
    reason_note = models.TextField(_("About the reason"), blank=True)
    qualified_at = models.DateTimeField(_("Qualified"), null=True, blank=True, editable=False)
    converted_at = models.DateTimeField(_("Converted"), null=True, blank=True, editable=False)
    account = models.ForeignKey("Account", models.SET_NULL, null=True, blank=True, related_name="leads", verbose_name=_("Account"))
    contact = models.ForeignKey("Contact", models.SET_NULL, null=True, blank=True, related_name="leads", verbose_name=_("Contact"))
    deal = models.ForeignKey("Deal", models.SET_NULL, null=True, blank=True, related_name="leads", verbose_name=_("Deal"))

    score = models.DecimalField(_("Score"), max_digits=5, decimal_places=4, null=True, blank=True, editable=False)
    next_step = models.CharField(_("Next step"), max_length=255, blank=True)
    description = models.TextField(_("Description"), blank=True)
    tags = ArrayField(models.CharField(max_length=60), verbose_name=_("Tags"), default=list, blank=True)
    last_contact_at = models.DateTimeField(_("Last contact"), null=True, blank=True)
    next_contact_at = models.DateTimeField(_("Next contact"), null=True, blank=True)

    class Meta(Pooled.Meta):
        indexes = [
            *Pooled.Meta.indexes,
            models.Index(fields=["pool", "pooled_at"], name="lead_pool", condition=models.Q(pool__isnull=False)),
            models.Index(fields=["name", "id"], name="lead_name"),
            models.Index(InOrder("name"), "id", name="lead_in_order"),
            models.Index(OpClass(Upper("name"), name="text_pattern_ops"), name="lead_name_typed"),
            models.Index(fields=["status", "id"], name="lead_status"),
            models.Index(fields=["owner", "status"], name="lead_mine"),
            models.Index(fields=["created_at", "id"], name="lead_created"),
            models.Index(fields=["score", "id"], name="lead_score"),
            GinIndex(fields=["tags"], name="lead_tags"),
        ]


class Conversion(models.Model):
    """A lead made into an account, a contact and a deal: what was made for it, what was there, and what went along."""

    lead = models.ForeignKey(Lead, models.CASCADE, related_name="conversions")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    status_before = models.CharField(max_length=12)
    account = models.ForeignKey("Account", models.SET_NULL, null=True, related_name="+")
    contact = models.ForeignKey("Contact", models.SET_NULL, null=True, related_name="+")
    deal = models.ForeignKey("Deal", models.SET_NULL, null=True, related_name="+")
    made = ArrayField(models.CharField(max_length=10), default=list)
    """Which of account, contact and deal did not exist before."""
    activities = ArrayField(models.BigIntegerField(), default=list)
    """The lead's activities that were led to them too."""
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["lead", "-at"], name="conversion_lead")]
