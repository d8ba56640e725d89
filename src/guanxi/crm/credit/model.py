"""What a review of an account's credit is, the rules a company reviews and stops by, and a release from them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from guanxi.crm.payments.model import money
from guanxi.record.model import Record

MARKS = ("character", "capacity", "capital", "collateral", "conditions")
"""The five C of credit."""


def _weight(label: Any, default: str) -> models.DecimalField[Any, Any]:
    return models.DecimalField(label, max_digits=5, decimal_places=4, default=Decimal(default))


def _mark(label: Any) -> models.PositiveSmallIntegerField[Any, Any]:
    return models.PositiveSmallIntegerField(label, null=True, blank=True)


class CreditPolicy(Record):
    """How much each mark weighs, from where on each class begins, and what stops an order. The first one in use counts."""

    name = models.CharField(_("Name"), max_length=80)
    active = models.BooleanField(_("In use"), default=True)
    mode = models.CharField(_("Beyond the limit"), max_length=10, default="none")
    overdue_days = models.PositiveIntegerField(_("Days overdue that count as beyond it"), null=True, blank=True)
    unreviewed = money(_("Limit without a review"), null=True, blank=True)
    character_weight = _weight(_("Weight of character"), "0.3")
    capacity_weight = _weight(_("Weight of capacity"), "0.25")
    capital_weight = _weight(_("Weight of capital"), "0.2")
    collateral_weight = _weight(_("Weight of collateral"), "0.1")
    conditions_weight = _weight(_("Weight of conditions"), "0.15")
    a_from = models.PositiveSmallIntegerField(_("Class A from"), default=80)
    b_from = models.PositiveSmallIntegerField(_("Class B from"), default=65)
    c_from = models.PositiveSmallIntegerField(_("Class C from"), default=50)

    class Meta(Record.Meta):
        ordering = ["id"]


class CreditReview(Record):
    """What somebody found on a day about an account: five marks out of 100 with the evidence, and the limit that follows. The newest valid one counts."""

    account = models.ForeignKey("Account", models.CASCADE, related_name="credit_reviews", verbose_name=_("Account"))
    name = models.CharField(_("Name"), max_length=80, blank=True, editable=False)
    reviewed_on = models.DateField(_("Reviewed"))
    valid_until = models.DateField(_("Valid until"), null=True, blank=True)
    character = _mark(_("Character"))
    character_note = models.CharField(_("Evidence of character"), max_length=500, blank=True)
    capacity = _mark(_("Capacity"))
    capacity_note = models.CharField(_("Evidence of capacity"), max_length=500, blank=True)
    capital = _mark(_("Capital"))
    capital_note = models.CharField(_("Evidence of capital"), max_length=500, blank=True)
    collateral = _mark(_("Collateral"))
    collateral_note = models.CharField(_("Evidence of collateral"), max_length=500, blank=True)
    conditions = _mark(_("Conditions"))
    conditions_note = models.CharField(_("Evidence of conditions"), max_length=500, blank=True)
    score = models.DecimalField(_("Score"), max_digits=5, decimal_places=2, default=0)
    grade = models.CharField(_("Class"), max_length=1, blank=True)
    limit = money(_("Credit limit"), null=True, blank=True)
    currency = models.CharField(_("Currency"), max_length=3, blank=True)
    days = models.PositiveIntegerField(_("Days to pay"), null=True, blank=True)


class CreditRelease(models.Model):
    """An order or quote let through although it goes beyond the limit: who, when, why, and how things stood."""

    entity = models.CharField(max_length=40)
    record_id = models.BigIntegerField()
    account = models.ForeignKey("Account", models.CASCADE, related_name="+")
    amount = money("")
    currency = models.CharField(max_length=3)
    used = money("", null=True)
    limit = money("", null=True)
    overdue = money("", null=True)
    reason = models.CharField(max_length=255)
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, db_index=False, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["record_id", "entity", "-at"], name="credit_release_record")]
