"""What a target is."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from guanxi.record.model import Owned


class Target(Owned):
    """What is aimed for by a person (the owner), a team (without an owner) or the whole company (with neither)."""

    name = models.CharField(_("Name"), max_length=200, blank=True, editable=False)
    measure = models.CharField(_("Measure"), max_length=20, default="won_amount")
    period = models.CharField(_("Period"), max_length=7)
    """2026, 2026-Q4 or 2026-11; years and quarters of the company."""
    pipeline = models.ForeignKey("Pipeline", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Pipeline"))
    product = models.ForeignKey("Product", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Product"))
    family = models.CharField(_("Product family"), max_length=80, blank=True)
    value = models.DecimalField(_("Target"), max_digits=20, decimal_places=4)
    currency = models.CharField(_("Currency"), max_length=3, blank=True)
    """Empty where things are counted."""
    weight = models.DecimalField(_("Weight"), max_digits=9, decimal_places=4, null=True, blank=True)
    note = models.TextField(_("Notes"), blank=True)

    class Meta(Owned.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "period", "measure", "pipeline", "product", "family"], name="target_of_person", nulls_distinct=False,
                condition=models.Q(deleted_at__isnull=True, owner__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["team", "period", "measure", "pipeline", "product", "family"], name="target_of_team", nulls_distinct=False,
                condition=models.Q(deleted_at__isnull=True, owner__isnull=True),
            ),
        ]  # fmt: skip
        indexes = [*Owned.Meta.indexes, models.Index(fields=["period", "measure"], name="target_period")]
