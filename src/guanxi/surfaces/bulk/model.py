"""A bulk action that runs as a job: what it does, to which records, how far it is."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from guanxi.access.models import ApiKey


class BulkRun(models.Model):
    """One bulk action in the background. Its progress is written with every chunk, so it goes on where a killed worker left it."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    api_key = models.ForeignKey(ApiKey, models.CASCADE, null=True, related_name="+")
    """The key of the program that began it."""
    entity = models.CharField(max_length=40)
    what = models.CharField(max_length=10)
    """`edit`, `verb` or `delete`."""
    verb = models.CharField(max_length=40, blank=True)
    values = models.JSONField(default=dict)
    """Raw values by field, as they were sent."""
    keys = models.JSONField(null=True)
    """The records, when they were picked one by one."""
    condition = models.JSONField(null=True)
    search = models.CharField(max_length=200, blank=True)
    upto = models.BigIntegerField(default=0)
    """Records made after the start are not touched."""
    after = models.BigIntegerField(default=0)
    """The last record that is done."""
    batch = models.UUIDField()
    total = models.IntegerField(null=True)
    done = models.IntegerField(default=0)
    failed = models.IntegerField(default=0)
    failures = models.JSONField(default=list)
    """The first ones: [key, title, reason]."""
    problem = models.TextField(blank=True)
    """Why it stopped before its end."""
    begun_at = models.DateTimeField(default=timezone.now)
    stopped_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "bulk_run"

    def __str__(self) -> str:
        return f"{self.what} {self.entity}"

    @property
    def progress(self) -> int:
        """How many are behind it, done or not."""
        return self.done + self.failed
