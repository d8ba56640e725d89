"""A search for duplicates, and the pairs it found with what people said of them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

STAGES = (
    ("waiting", _("Waiting")),
    ("reading", _("Reading")),
    ("pairing", _("Pairing")),
    ("comparing", _("Comparing")),
    ("done", _("Done")),
)
DECISIONS = (("", _("Open")), ("later", _("Later")), ("different", _("Not the same")))


class DuplicateScan(models.Model):
    """One search through all records of an entity, or through these and those of its kin. Taken up after a kill, it goes on where it was."""

    entity = models.CharField(max_length=40)
    other = models.CharField(max_length=40, default="", blank=True)
    """The kin with which records are compared; empty: with each other."""
    part_of = models.ForeignKey("self", models.CASCADE, null=True, related_name="parts")
    """The search among the records themselves, with which this one was begun."""
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    stage = models.CharField(max_length=10, choices=STAGES, default="waiting")
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(default=0)
    """How far the stage is."""
    records = models.BigIntegerField(default=0)
    compared = models.BigIntegerField(default=0)
    found = models.BigIntegerField(default=0)
    begun_at = models.DateTimeField(default=timezone.now)
    stopped_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "duplicate_scan"

    def __str__(self) -> str:
        return f"{self.entity} {self.begun_at:%Y-%m-%d}"

    @property
    def state(self) -> str:
        """`running`, `done`, `stopped` by somebody, or `failed`: it broke off."""
        if self.stage == "done":
            return "done"
        return "stopped" if self.stopped_at else "failed" if self.finished_at else "running"

    @property
    def share(self) -> int:
        """How much of the stage is done, in per cent."""
        return min(100, 100 * self.done // self.total) if self.total else 0


class DuplicatePair(models.Model):
    """Two records that may be one: how likely, why, and what somebody decided. A decision outlives every later search."""

    entity = models.CharField(max_length=40)
    other = models.CharField(max_length=40, default="", blank=True)
    """The entity of the second record, when that is another one."""
    first_id = models.BigIntegerField()
    second_id = models.BigIntegerField()
    """The greater key, of two of one entity."""
    bits = models.FloatField()
    """The evidence, see `likeness`."""
    why = models.JSONField(default=list)
    """[[field, part it plays, “same”, “alike” or “differs”]]; of two entities the field of the second record besides."""
    scan = models.ForeignKey(DuplicateScan, models.SET_NULL, null=True, related_name="+")
    decision = models.CharField(max_length=10, choices=DECISIONS, default="", blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "duplicate_pair"
        constraints = [models.UniqueConstraint(fields=["entity", "other", "first_id", "second_id"], name="duplicate_pair_of_kin_once")]
        indexes = [models.Index(fields=["entity", "decision", "-bits", "id"], name="duplicate_pair_queue")]

    def __str__(self) -> str:
        return f"{self.entity} {self.first_id} = {self.second_id}"
