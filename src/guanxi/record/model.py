"""What every record has. Abstract; the tables stand with their nouns."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Record(models.Model):
    """A row with an author, a version, a place in the trash and custom values."""

    id = models.BigAutoField(primary_key=True, verbose_name=_("Number"))
    created_at = models.DateTimeField(_("Created"), default=timezone.now, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        db_index=False,
        verbose_name=_("Created by"),
    )
    changed_at = models.DateTimeField(_("Changed"), default=timezone.now, editable=False)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        db_index=False,
        verbose_name=_("Changed by"),
    )
    version = models.PositiveIntegerField(_("Version"), default=1, editable=False)
    deleted_at = models.DateTimeField(_("Deleted"), null=True, editable=False)
    external_id = models.CharField(_("External key"), max_length=100, null=True, blank=True, unique=True)
    custom = models.JSONField(default=dict, editable=False)

    class Meta:
        abstract = True
        indexes = [
            models.Index(fields=["deleted_at"], name="%(class)s_trash", condition=models.Q(deleted_at__isnull=False)),
        ]


class Owned(Record):
    """A record someone answers for. The team is the owner's, so scopes need no join."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Owner"))
    team = models.ForeignKey("access.Team", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Team"))

    class Meta(Record.Meta):
        abstract = True


class Shared(Owned):
    """A record others may read or work on besides its owner."""

    co_workers = ArrayField(models.BigIntegerField(), default=list, blank=True, verbose_name=_("Co-workers"))
    readers = ArrayField(models.BigIntegerField(), default=list, blank=True, verbose_name=_("Readers"))

    class Meta(Owned.Meta):
        abstract = True
        indexes = [
            *Record.Meta.indexes,
            GinIndex(fields=["co_workers"], name="%(class)s_co_workers"),
            GinIndex(fields=["readers"], name="%(class)s_readers"),
        ]
