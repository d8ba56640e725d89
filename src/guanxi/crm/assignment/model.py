"""Rules of assignment, territories, and whose turn it is."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from guanxi.record.model import Record


def _keys(label: Any) -> ArrayField[Any, Any]:
    return ArrayField(models.BigIntegerField(), default=list, blank=True, verbose_name=label)


class AssignmentRule(Record):
    """Records of one entity that match a condition, and how their owner is chosen."""

    name = models.CharField(_("Name"), max_length=120)
    of = models.CharField(_("Of"), max_length=40, default="leads")
    active = models.BooleanField(_("In use"), default=True)
    position = models.IntegerField(_("Position"), default=0)
    condition = models.TextField(_("Condition"), blank=True)
    way = models.CharField(_("Way"), max_length=12, default="in_turn")
    people = _keys(_("People"))
    teams = _keys(_("Teams, with those below"))
    skills = ArrayField(models.CharField(max_length=60), default=list, db_default=[], blank=True, verbose_name=_("With the skills"))
    weights = models.CharField(_("Weights"), max_length=200, blank=True)
    counted = models.TextField(_("Counted are"), blank=True)
    while_away = models.CharField(_("While its owner is away"), max_length=10, default="untouched", db_default="untouched")
    """What becomes of what the rule gave to somebody who is away now."""
    pool = models.ForeignKey("Pool", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Pool"))

    class Meta(Record.Meta):
        ordering = ["of", "position", "id"]

    def __str__(self) -> str:
        return self.name


class Territory(Record):
    """A part of the market and whose it is: by region, industry, size and tags. Territories stand in a tree."""

    name = models.CharField(_("Name"), max_length=120)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("Part of"))
    regions = ArrayField(models.CharField(max_length=60), default=list, blank=True, verbose_name=_("Regions"))
    industries = ArrayField(models.CharField(max_length=40), default=list, blank=True, verbose_name=_("Industries"))
    tags = ArrayField(models.CharField(max_length=60), default=list, blank=True, verbose_name=_("Tags"))
    employees_from = models.PositiveIntegerField(_("Employees from"), null=True, blank=True)
    employees_to = models.PositiveIntegerField(_("Employees up to"), null=True, blank=True)
    people = _keys(_("People"))
    position = models.IntegerField(_("Position"), default=0)

    class Meta(Record.Meta):
        verbose_name_plural = "territories"
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.name


class AssignmentTurn(models.Model):
    """What a rule remembers: who had the last, how much credit each has. Locked while somebody is chosen by it."""

    rule = models.OneToOneField(AssignmentRule, models.CASCADE, related_name="turn")
    turn = models.JSONField(default=dict)
