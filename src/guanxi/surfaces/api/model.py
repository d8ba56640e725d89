"""Answers kept for a day, so that a call sent twice is done once."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class KeptAnswer(models.Model):
    """The answer to a call with an `Idempotency-Key`; made before the call is done, in the same transaction."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    api_key = models.ForeignKey("access.ApiKey", models.CASCADE, null=True, related_name="+")
    key = models.CharField(max_length=255)
    digest = models.CharField(max_length=64)
    """Of method, address and body: the same key for something else is a mistake."""
    status = models.PositiveSmallIntegerField(default=0)
    headers = models.JSONField(default=dict)
    body = models.BinaryField(default=b"")
    made_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "kept_answer"
        constraints = [models.UniqueConstraint(fields=["user", "api_key", "key"], name="kept_answer_once", nulls_distinct=False)]

    def __str__(self) -> str:
        return self.key
