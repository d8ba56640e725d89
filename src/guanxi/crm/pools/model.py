"""What a pool is, by which rules records come back to it, and where they were."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from guanxi.record.model import Record, Shared


def _keys(label: Any) -> ArrayField[Any, Any]:
    return ArrayField(models.BigIntegerField(), default=list, blank=True, verbose_name=label)


class Pool(Record):
    """Where records without an owner wait, who may take them, and how many."""

    name = models.CharField(_("Name"), max_length=80)
    of = models.CharField(_("Of"), max_length=10, default="leads")
    active = models.BooleanField(_("In use"), default=True)
    position = models.IntegerField(_("Position"), default=0)
    people = _keys(_("People"))
    teams = _keys(_("Teams, with those below"))
    roles = _keys(_("Roles"))
    admin_people = _keys(_("Administrators"))
    admin_roles = _keys(_("Roles that administer"))
    claims_a_day = models.PositiveIntegerField(_("Claims a day"), null=True, blank=True)
    capacity = models.PositiveIntegerField(_("Records a person may own"), null=True, blank=True)
    not_counted = models.TextField(_("Not counted are"), blank=True)
    hidden = ArrayField(models.CharField(max_length=60), default=list, blank=True, verbose_name=_("Hidden until claimed"))
    masked = ArrayField(models.CharField(max_length=60), default=list, blank=True, verbose_name=_("Masked until claimed"))
    cooling_days = models.PositiveIntegerField(_("Days until a former owner may claim again"), default=0)
    embargo_days = models.PositiveIntegerField(_("Days until what is new here may be claimed"), default=0)
    protect_days = models.PositiveIntegerField(_("Days without recycling after a claim"), default=0)

    given_by = models.ForeignKey(
        "AssignmentRule", models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name=_("Given out by the rule")
    )
    each_round = models.PositiveIntegerField(_("To each person a round"), null=True, blank=True)
    rounds = models.CharField(_("Rounds"), max_length=6, default="hand", db_default="hand")
    views_a_day = models.PositiveIntegerField(_("Views a day"), null=True, blank=True)

    class Meta(Record.Meta):
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.name


class PoolRule(Record):
    """When a record comes back to the pool by itself: a condition over any of its clocks and facts."""

    pool = models.ForeignKey(Pool, models.CASCADE, related_name="rules", verbose_name=_("Pool"))
    name = models.CharField(_("Name"), max_length=120)
    condition = models.TextField(_("Condition"))
    warn_days = models.PositiveIntegerField(_("Warn days ahead"), default=0)
    position = models.IntegerField(_("Position"), default=0)

    class Meta(Record.Meta):
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.name


class Pooled(Shared):
    """A record that is owned or waits in a pool."""

    pool = models.ForeignKey(Pool, models.PROTECT, null=True, blank=True, related_name="%(class)ss", db_index=False, verbose_name=_("Pool"))
    pooled_at = models.DateTimeField(_("In the pool since"), null=True, blank=True, editable=False)
    owned_since = models.DateTimeField(_("Owned since"), null=True, blank=True, editable=False)
    warned_at = models.DateTimeField(_("Warned of its return"), null=True, blank=True, editable=False)

    class Meta(Shared.Meta):
        abstract = True


class PoolMove(models.Model):
    """A record's way between owners and pools: who had it, who or which pool got it, when, why."""

    entity = models.CharField(max_length=40)
    record_id = models.BigIntegerField()
    at = models.DateTimeField()
    why = models.CharField(max_length=10)
    """claim, give, return, recycle, put"""
    owner_before = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, db_index=False, related_name="+")
    owner_after = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, db_index=False, related_name="+")
    pool_before = models.ForeignKey(Pool, models.SET_NULL, null=True, db_index=False, related_name="+")
    pool_after = models.ForeignKey(Pool, models.SET_NULL, null=True, db_index=False, related_name="+")
    rule = models.ForeignKey(PoolRule, models.SET_NULL, null=True, db_index=False, related_name="+")
    reason = models.TextField(blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, db_index=False, related_name="+")

    class Meta:
        indexes = [
            models.Index(fields=["record_id", "entity", "-at"], name="pool_move_record"),
            models.Index(fields=["owner_after", "at"], name="pool_move_taken", condition=Q(why__in=["claim", "give"])),
        ]


class PoolViews(models.Model):
    """Which pooled records a person opened on one day of theirs."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    pool = models.ForeignKey(Pool, models.CASCADE, related_name="+", db_index=False)
    day = models.DateField()
    records = ArrayField(models.BigIntegerField(), default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "pool", "day"], name="pool_views_once")]
