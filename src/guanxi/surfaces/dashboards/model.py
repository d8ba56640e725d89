"""A dashboard and its tiles."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models


class Dashboard(models.Model):
    """A page of tiles that someone keeps: for themselves, for roles, or for everyone."""

    name = models.CharField(max_length=80)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="dashboards")
    """None for those that came with Guanxi."""
    everyone = models.BooleanField(default=False)
    roles = models.ManyToManyField("access.Role", related_name="dashboards", blank=True)
    position = models.IntegerField(default=0)

    class Meta:
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.name


class Tile(models.Model):
    """One question on a dashboard: which records, and whether they are counted, summed, drawn or listed."""

    dashboard = models.ForeignKey(Dashboard, models.CASCADE, related_name="tiles")
    position = models.IntegerField(default=0)
    name = models.CharField(max_length=80)
    entity = models.CharField(max_length=40)
    shape = models.CharField(max_length=10)
    width = models.PositiveSmallIntegerField(default=1)
    """Of four columns."""
    asked: Any = models.JSONField(default=dict)
    """The address's parameters that ask for the records: condition, order, group, sum …"""

    class Meta:
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.name
