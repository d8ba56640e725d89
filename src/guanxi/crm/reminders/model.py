"""What people are reminded of, and of which records they were."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from guanxi.record.model import Record


class Reminder(Record):
    """Owners are told of a record when the condition comes to hold, once for as long as it does."""

    name = models.CharField(_("Name"), max_length=120)
    name_zh = models.CharField(_("Name in Chinese"), max_length=120, blank=True)
    of = models.CharField(_("Of"), max_length=60)
    condition = models.TextField(_("Condition"))
    active = models.BooleanField(_("In use"), default=True)
    position = models.IntegerField(_("Position"), default=0)

    class Meta(Record.Meta):
        ordering = ["position", "id"]

    def said(self, language: str) -> str:
        """What people who use that language read."""
        return self.name_zh if self.name_zh and language.startswith("zh") else self.name


class Reminded(models.Model):
    """A record of which somebody was told, while the condition holds."""

    reminder = models.ForeignKey(Reminder, models.CASCADE, related_name="+", db_index=False)
    record_id = models.BigIntegerField()
    owner_id = models.BigIntegerField()
    """Who was told; whoever owns it later is told again."""
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["reminder", "record_id"], name="reminded_once")]
