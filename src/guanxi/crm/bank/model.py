"""What a line of a bank statement is."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from guanxi.crm.payments.model import computed, money
from guanxi.record.model import Owned

STATE = Case(
    When(amount__lt=0, then=Value("out")),
    When(used__gte=F("amount"), then=Value("matched")),
    When(~Q(aside=""), then=Value("aside")),
    When(used__gt=0, then=Value("part")),
    default=Value("open"),
)


class BankLine(Owned):
    """Money that came into an account of ours, or left it (less than nothing), as the bank tells it."""

    name = models.CharField(_("Name"), max_length=200, blank=True, editable=False)
    booked_on = models.DateField(_("Booked"))
    amount = money(_("Amount"))
    currency = models.CharField(_("Currency"), max_length=3, blank=True)
    payer = models.CharField(_("Paid by"), max_length=200, blank=True)
    payer_account = models.CharField(_("Account of the payer"), max_length=80, blank=True)
    text = models.CharField(_("Text"), max_length=1000, blank=True)
    reference = models.CharField(_("Bank reference"), max_length=120, blank=True)
    own_account = models.CharField(_("Our bank account"), max_length=80, blank=True)
    source = models.CharField(_("File"), max_length=200, blank=True, editable=False)
    fingerprint = models.CharField(max_length=64, blank=True, editable=False)
    """By which a line of a file is known again; empty for lines typed by hand."""
    aside = models.CharField(_("Set aside because"), max_length=255, blank=True)
    used = money(_("Matched"), default=0)
    left = computed(_("Not matched"), F("amount") - F("used"))
    state = models.GeneratedField(expression=STATE, output_field=models.CharField(max_length=10), db_persist=True, verbose_name=_("State"))

    class Meta(Owned.Meta):
        indexes = [
            *Owned.Meta.indexes,
            models.Index(fields=["booked_on", "id"], name="bankline_booked"),
            models.Index(fields=["state", "booked_on", "id"], name="bankline_state"),
            models.Index(fields=["fingerprint"], name="bankline_fingerprint", condition=~Q(fingerprint="")),
        ]


class StatementLayout(models.Model):
    """Which columns of a bank's files are what, as somebody said. The latest counts; by the earlier ones lines are known again that were read so."""

    header = models.CharField(max_length=64)
    """Tells one header from others, see `layouts.header_of`."""
    columns = models.JSONField()
    """For each role the places of its columns, from 0."""
    day_first = models.BooleanField(null=True)
    """Of dates such as 01/02/2026; nothing when there were none."""
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "statement_layout"
        indexes = [models.Index(fields=["header", "-id"], name="statement_layout_header")]

    def __str__(self) -> str:
        return self.header
