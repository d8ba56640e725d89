"""What an expense claim is."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from guanxi.crm.payments.model import money
from guanxi.record.model import Owned


class Claim(Owned):
    """Money that a person (its owner) spent for the company, perhaps for a deal, an account or a campaign. It is theirs to submit and others' to approve."""

    number = models.CharField(_("Number"), max_length=40, blank=True)
    deal = models.ForeignKey("Deal", models.SET_NULL, null=True, blank=True, related_name="claims", verbose_name=_("Deal"))
    account = models.ForeignKey("Account", models.SET_NULL, null=True, blank=True, related_name="claims", verbose_name=_("Account"))
    campaign = models.CharField(_("Campaign"), max_length=120, blank=True, default="", db_default="")
    kind = models.CharField(_("Kind"), max_length=20, default="travel")
    spent_on = models.DateField(_("Spent"))
    amount = money(_("Amount"))
    currency = models.CharField(_("Currency"), max_length=3, blank=True)
    note = models.TextField(_("Notes"), blank=True)
    receipts = models.PositiveIntegerField(_("Receipts"), default=0, db_default=0, editable=False)
    status = models.CharField(_("Status"), max_length=10, default="draft")
    reason = models.CharField(_("Reason"), max_length=255, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, db_index=False, related_name="+", verbose_name=_("Decided by")
    )
    decided_on = models.DateField(_("Decided"), null=True, blank=True)
    paid_on = models.DateField(_("Paid back"), null=True, blank=True)

    class Meta(Owned.Meta):
        indexes = [
            *Owned.Meta.indexes,
            models.Index(fields=["spent_on", "id"], name="claim_spent"),
            models.Index(fields=["status", "id"], name="claim_status"),
            models.Index(fields=["number", "id"], name="claim_number"),
        ]
