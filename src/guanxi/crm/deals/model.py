"""What a deal is."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from guanxi.base.ordering import InOrder
from guanxi.crm.lines.model import Line
from guanxi.crm.payments.model import money
from guanxi.record.model import Record, Shared


class Deal(Shared):
    """An opportunity to sell."""

    name = models.CharField(_("Name"), max_length=200)
    account = models.ForeignKey("Account", models.PROTECT, null=True, blank=True, related_name="deals", verbose_name=_("Account"))
    contact = models.ForeignKey("Contact", models.SET_NULL, null=True, blank=True, related_name="deals", verbose_name=_("Contact"))
    product = models.ForeignKey("Product", models.PROTECT, null=True, blank=True, related_name="deals", verbose_name=_("Product"))
    pipeline = models.ForeignKey("Pipeline", models.PROTECT, related_name="deals", verbose_name=_("Pipeline"), db_index=False)
    stage = models.ForeignKey("Stage", models.PROTECT, related_name="deals", verbose_name=_("Stage"), db_index=False)
    outcome = models.CharField(_("Outcome"), max_length=5, default="open")
    last_open = models.ForeignKey(
        "Stage", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Last open stage"), editable=False, db_index=False
    )
    """Where an open deal stands, and from where a closed one was won or lost; empty for those that came in closed."""
    furthest = models.ForeignKey(
        "Stage", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Furthest stage"), editable=False, db_index=False
    )
    """Of the open stages of its pipeline that it ever stood in, the last in their order."""
    amount = models.DecimalField(_("Amount"), max_digits=20, decimal_places=4, null=True, blank=True)
    currency = models.CharField(_("Currency"), max_length=3, blank=True)
    probability = models.DecimalField(_("Probability"), max_digits=5, decimal_places=4, null=True, blank=True)
    score = models.DecimalField(_("Score"), max_digits=5, decimal_places=4, null=True, blank=True, editable=False)
    weighted = models.DecimalField(_("Weighted amount"), max_digits=20, decimal_places=4, null=True, blank=True)
    forecast = models.CharField(_("Own forecast category"), max_length=10, blank=True, default="", db_default="")
    """What the seller says against the stage; empty: as the stage."""
    opened_on = models.DateField(_("Opened"), null=True, blank=True)
    closes_on = models.DateField(_("Closes"), null=True, blank=True)
    closed_on = models.DateField(_("Closed"), null=True, blank=True)
    stage_since = models.DateTimeField(_("In stage since"), null=True, blank=True)
    stuck_at = models.DateTimeField(_("Stuck from"), null=True, blank=True)
    loss_reason = models.ForeignKey("LossReason", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Reason lost"))
    loss_note = models.TextField(_("How it was lost"), blank=True)
    competitor = models.ForeignKey("Account", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("Competitor"))
    source = models.CharField(_("Source"), max_length=40, blank=True)
    campaign = models.CharField(_("Campaign"), max_length=120, blank=True, default="", db_default="")
    claimed = money(_("Expenses"), null=True, blank=True, default=0)
    next_step = models.CharField(_("Next step"), max_length=255, blank=True)
    description = models.TextField(_("Description"), blank=True)

    class Meta(Shared.Meta):
        indexes = [
            *Shared.Meta.indexes,
            models.Index(fields=["name", "id"], name="deal_name"),
            models.Index(InOrder("name"), "id", name="deal_in_order"),
            models.Index(OpClass(Upper("name"), name="text_pattern_ops"), name="deal_name_typed"),
            models.Index(fields=["closes_on", "id"], name="deal_closes"),
            models.Index(fields=["amount", "id"], name="deal_amount"),
            models.Index(fields=["stage", "closes_on", "id"], name="deal_stage"),
            # A board of open deals finds nothing in the lanes of won and lost ones without looking through them.
            models.Index(
                fields=["stage", "closes_on", "id"], name="deal_stage_open", condition=models.Q(outcome="open", deleted_at__isnull=True)
            ),
            models.Index(fields=["owner", "outcome", "closes_on"], name="deal_mine"),
            models.Index(fields=["pipeline", "id"], name="deal_pipeline"),
            models.Index(fields=["score", "id"], name="deal_score"),
            models.Index(fields=["pipeline", "opened_on"], name="deal_opened"),
            models.Index(
                fields=["closed_on"], name="deal_closed", condition=models.Q(outcome__in=["won", "lost"], deleted_at__isnull=True)
            ),
            models.Index(fields=["stuck_at"], name="deal_stuck", condition=models.Q(outcome="open", deleted_at__isnull=True)),
            models.Index(fields=["closed_on"], name="deal_won", condition=models.Q(outcome="won", deleted_at__isnull=True)),
        ]


class DealContact(Record):
    """A contact's part in a deal."""

    deal = models.ForeignKey(Deal, models.CASCADE, related_name="contacts", verbose_name=_("Deal"))
    contact = models.ForeignKey("Contact", models.CASCADE, related_name="deal_parts", verbose_name=_("Contact"))
    name = models.CharField(_("Name"), max_length=255, blank=True, editable=False)
    buying_role = models.CharField(_("Buying role"), max_length=20, blank=True)

    class Meta(Record.Meta):
        constraints = [
            models.UniqueConstraint(fields=["deal", "contact"], condition=models.Q(deleted_at__isnull=True), name="deal_contact_once")
        ]


class DealLine(Line):
    """A product in a deal, with quantity and price."""

    deal = models.ForeignKey(Deal, models.CASCADE, related_name="lines", verbose_name=_("Deal"))


class StagePeriod(models.Model):
    """A deal's time in a stage, kept by the system."""

    deal = models.ForeignKey(Deal, models.CASCADE, related_name="stage_periods")
    stage = models.ForeignKey("Stage", models.PROTECT, related_name="+")
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    hours = models.IntegerField(null=True)
    """How long it was, once it ended."""
    stuck_told_at = models.DateTimeField(null=True)
    """When people were told that the deal is stuck here."""

    class Meta:
        indexes = [models.Index(fields=["deal", "began_at"], name="stage_period_deal")]
