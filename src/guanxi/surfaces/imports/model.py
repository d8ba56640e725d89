"""What an import is: a file, how it is read, where its columns go, how far it came."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from guanxi.access.models import ApiKey
from guanxi.entity.registry import entity_named
from guanxi.surfaces.exports.heads import head_of

STATES = (
    ("draft", _("Being prepared")),
    ("waiting", _("Waiting")),
    ("running", _("Running")),
    ("done", _("Done")),
    ("failed", _("Failed")),
    ("stopped", _("Stopped")),
    ("reverting", _("Being reverted")),
    ("reverted", _("Reverted")),
)
UNFINISHED = ("draft", "waiting", "running", "stopped", "failed")
OVER = ("done", "stopped", "failed")
"""States from which an import can be reverted."""


class Import(models.Model):
    """One file brought into one entity. Each chunk's records and the position reached are written in one transaction."""

    entity = models.CharField(max_length=40)
    name = models.CharField(max_length=255)
    """The file's name as the person has it."""
    path = models.CharField(max_length=500)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+")
    """Who imports; nobody when the system itself does."""
    api_key = models.ForeignKey(ApiKey, models.CASCADE, null=True, related_name="+")
    """The key by which a program imports: its role may narrow what the user may."""
    state = models.CharField(max_length=10, choices=STATES, default="draft")
    reading = models.JSONField(default=dict)
    """What the person chose over what was found: encoding, delimiter, header_row, sheet, quote."""
    found = models.JSONField(default=dict)
    """What was found in the file, as `study.Study` keeps it."""
    mapping = models.JSONField(default=list)
    """For each column `[field, part]`, or None to leave it out."""
    wishes = models.JSONField(default=dict)
    """See `plan.Wishes`."""
    batch = models.UUIDField(default=uuid.uuid4)
    row = models.BigIntegerField(default=0)
    """The number, in the file, of the last row that is done."""
    total = models.BigIntegerField(default=0)
    done = models.BigIntegerField(default=0)
    created = models.BigIntegerField(default=0)
    updated = models.BigIntegerField(default=0)
    skipped = models.BigIntegerField(default=0)
    rejected = models.BigIntegerField(default=0)
    reverted = models.BigIntegerField(default=0)
    left = models.JSONField(default=list)
    """What a revert left, and why: [[entity, key, title, reason]], the first thousand."""
    error = models.TextField(blank=True)
    made_at = models.DateTimeField(default=timezone.now)
    began_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "import"
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.name

    @property
    def counts(self) -> dict[str, Any]:
        """How far it is."""
        return {name: getattr(self, name) for name in ("done", "total", "created", "updated", "skipped", "rejected")}

    @property
    def share(self) -> int:
        """How much is done, in per cent."""
        return min(100, 100 * self.done // self.total) if self.total else 0


class RejectedRow(models.Model):
    """A row that could not be brought in, and why."""

    of = models.ForeignKey(Import, models.CASCADE, related_name="rejections", db_column="import_id")
    number = models.BigIntegerField()
    values = models.JSONField()
    reasons = models.JSONField()
    """[[column or field, message]]"""

    class Meta:
        db_table = "import_rejected_row"
        ordering = ["number", "id"]

    def __str__(self) -> str:
        return f"{self.number}"

    @property
    def told(self) -> str:
        """The reasons in a sentence, each with its field, in the language in force."""
        return self.worded(labels_of(self.of.entity))

    def worded(self, labels: Mapping[str, str]) -> str:
        """The same with the fields called so."""
        return " ".join(f"{labels.get(name, name)}: {message}" if name else message for name, message in self.reasons)


def labels_of(path: str) -> dict[str, str]:
    """What an entity's fields are called."""
    entity = entity_named(path)
    return {one.name: head_of(entity, one) for one in entity.fields.values()}
