"""What people say of a forecast, kept apart from what the deals add up to."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone


class Judgement(models.Model):
    """What a seller expects of their own deals, or a manager of a person's or a team's. Only ever added to: an undo is a row too."""

    kind = models.CharField(max_length=8)
    """`own`: by the person it is about; `override`: by one who manages them."""
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+", db_index=False)
    team = models.ForeignKey("access.Team", models.CASCADE, null=True, related_name="+", db_index=False)
    period = models.CharField(max_length=7)
    """2026, 2026-Q4 or 2026-11."""
    pipeline = models.ForeignKey("Pipeline", models.CASCADE, null=True, related_name="+", db_index=False)
    """Empty: of all pipelines."""
    amount = models.DecimalField(max_digits=20, decimal_places=4, null=True)
    """Empty on an undo only."""
    currency = models.CharField(max_length=3)
    note = models.TextField(blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False)
    at = models.DateTimeField(default=timezone.now)
    undoes = models.OneToOneField("self", models.CASCADE, null=True, related_name="undone")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(person__isnull=False, team__isnull=True) | models.Q(person__isnull=True, team__isnull=False),
                name="judgement_of_one",
            ),
            models.CheckConstraint(condition=models.Q(amount__isnull=False) | models.Q(undoes__isnull=False), name="judgement_says"),
        ]
        indexes = [models.Index(fields=["period", "pipeline"], name="judgement_period")]


class DealState(models.Model):
    """What a deal was at the end of a day, kept by a job where it is not what it was before: a snapshot of all deals at little cost."""

    stays = True
    """Merging deals leaves each its own states: two at a time would count twice."""

    deal = models.ForeignKey("Deal", models.CASCADE, related_name="+", db_index=False)
    taken_on = models.DateField()
    """The company's day."""
    until = models.DateField(null=True)
    """The day of the deal's next state; nothing while this one holds."""
    first_on = models.DateField()
    """The day of the deal's first state."""
    outcome = models.CharField(max_length=5)
    """As the deal's; `gone` for one in the trash."""
    category = models.CharField(max_length=10)
    amount = models.DecimalField(max_digits=20, decimal_places=4)
    currency = models.CharField(max_length=3)
    due_on = models.DateField(null=True)
    """The day it was closed, or is to close."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["deal", "taken_on"], name="deal_state_once")]
        indexes = [models.Index(fields=["due_on", "taken_on"], name="deal_state_due")]
