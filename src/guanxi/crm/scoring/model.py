"""What a score is made of, what it has counted, and of which records."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from guanxi.record.model import Record


class Score(Record):
    """How leads or deals are judged: by which facts. The rest is learnt."""

    name = models.CharField(_("Name"), max_length=120)
    of = models.CharField(_("Of"), max_length=10, default="leads")
    pipeline = models.ForeignKey("Pipeline", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Pipeline"))
    uses = ArrayField(models.CharField(max_length=60), default=list, blank=True, verbose_name=_("Learns from"))
    active = models.BooleanField(_("In use"), default=True)
    learnt_at = models.DateTimeField(_("Learnt anew"), null=True, editable=False)
    won = models.PositiveIntegerField(_("Learnt from won"), default=0, editable=False)
    lost = models.PositiveIntegerField(_("Learnt from lost"), default=0, editable=False)
    edges = models.JSONField(default=dict, editable=False)
    """Where the ranges of each number begin."""
    counted = models.JSONField(default=list, editable=False)
    """The facts that were counted: what was chosen when it was learnt anew."""
    cursor = models.CharField(max_length=60, default="0-0", editable=False)
    """Up to which change outcomes are counted."""
    quality = models.JSONField(default=dict, editable=False)
    """How well it foretold the newest outcomes from the older ones: auc, brier, base, held_out, tenths; and the auc of each fact alone."""

    class Meta(Record.Meta):
        ordering = ["of", "id"]

    def __str__(self) -> str:
        return self.name


class ScoreCount(models.Model):
    """How often one fact was seen among what was won and what was lost."""

    score = models.ForeignKey(Score, models.CASCADE, related_name="counts", db_index=False)
    field = models.CharField(max_length=60)
    value = models.CharField(max_length=100)
    won = models.IntegerField(default=0)
    lost = models.IntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["score", "field", "value"], name="score_count_once")]


class ScoreSeen(models.Model):
    """A record that was counted, and by which facts; so that it can be counted otherwise when it changes."""

    score = models.ForeignKey(Score, models.CASCADE, related_name="seen", db_index=False)
    record_id = models.BigIntegerField()
    won = models.BooleanField()
    facts = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["score", "record_id"], name="score_seen_once")]
