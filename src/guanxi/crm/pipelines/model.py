"""What pipelines, stages and loss reasons are."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from guanxi.crm.payments.model import money
from guanxi.record.model import Record


class Pipeline(Record):
    """A road to a sale, as a sequence of stages."""

    name = models.CharField(_("Name"), max_length=80)
    position = models.IntegerField(_("Position"), default=0)
    large_from = money(_("Large from"), null=True, blank=True)
    """From which amount on people are told of a deal; empty: of none."""
    currency = models.CharField(_("Currency"), max_length=3, blank=True, default="", db_default="")

    class Meta(Record.Meta):
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.name


class Stage(Record):
    """A step on a pipeline."""

    pipeline = models.ForeignKey(Pipeline, models.CASCADE, related_name="stages", verbose_name=_("Pipeline"))
    name = models.CharField(_("Name"), max_length=80)
    position = models.IntegerField(_("Position"), default=0)
    probability = models.DecimalField(_("Probability"), max_digits=5, decimal_places=4, default=0)
    outcome = models.CharField(_("Outcome"), max_length=5, default="open")
    forecast = models.CharField(_("Forecast category"), max_length=10, default="", blank=True)
    requires = ArrayField(models.CharField(max_length=60), default=list, blank=True, verbose_name=_("Fields required to enter"))
    moves_to = ArrayField(models.BigIntegerField(), default=list, blank=True, verbose_name=_("May move to"))
    """Empty: to every stage of the pipeline."""
    stuck_after = models.PositiveIntegerField(_("Days until stuck"), null=True, blank=True)
    tone = models.CharField(_("Colour"), max_length=5, blank=True)

    class Meta(Record.Meta):
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.name


class LossReason(Record):
    """Why deals are lost."""

    name = models.CharField(_("Name"), max_length=120)
    position = models.IntegerField(_("Position"), default=0)

    class Meta(Record.Meta):
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.name
