"""The tables of this room: changes, search documents, identities, files, custom fields, saved views, notifications, exchange rates."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from guanxi.record.model import Record


class TransactionId(models.Field):  # type: ignore[type-arg]
    """PostgreSQL's xid8: the order in which writes may be consumed."""

    def db_type(self, connection: Any) -> str:
        return "xid8"


class TextVector(models.Field):  # type: ignore[type-arg]
    """A tsvector that we build ourselves (words, pinyin, digits)."""

    def db_type(self, connection: Any) -> str:
        return "tsvector"


class Change(models.Model):
    """One write to one record. Partitioned by month; made by SQL in the first migration."""

    id = models.BigAutoField(primary_key=True)
    xid = TransactionId(editable=False)
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.DO_NOTHING, null=True, db_constraint=False, related_name="+")
    origin = models.CharField(max_length=10)
    event = models.CharField(max_length=60)
    entity = models.CharField(max_length=40)
    record_id = models.BigIntegerField()
    parent_entity = models.CharField(max_length=40, default="")
    parent_id = models.BigIntegerField(null=True)
    batch = models.UUIDField(null=True)
    title = models.CharField(max_length=255, default="")
    diff = models.JSONField(default=dict)
    """{field: [before, after]} as the kinds dump values."""

    class Meta:
        db_table = "change"


class SearchDocument(models.Model):
    """The words by which a record is found, with the keys that decide who may."""

    id = models.BigAutoField(primary_key=True)
    entity = models.CharField(max_length=40)
    record_id = models.BigIntegerField()
    title = models.CharField(max_length=255)
    words = TextVector()
    owner_id = models.BigIntegerField(null=True)
    team_id = models.BigIntegerField(null=True)
    shared = ArrayField(models.BigIntegerField(), null=True)

    class Meta:
        db_table = "search_document"
        constraints = [models.UniqueConstraint(fields=["record_id", "entity"], name="search_document_record")]


class Identity(models.Model):
    """A normalised value by which a record is recognised: an e-mail, a phone, a registration number."""

    pk = models.CompositePrimaryKey("record_id", "entity", "what", "value")
    entity = models.CharField(max_length=40)
    record_id = models.BigIntegerField()
    what = models.CharField(max_length=10)
    value = models.CharField(max_length=255)

    class Meta:
        db_table = "identity"
        indexes = [models.Index(fields=["value", "what", "entity"], name="identity_value")]


class File(models.Model):
    """A file of a record. Its bytes are kept once for all that have the same content."""

    id = models.BigAutoField(primary_key=True)
    entity = models.CharField(max_length=40)
    record_id = models.BigIntegerField()
    name = models.CharField(_("Name"), max_length=255)
    size = models.BigIntegerField(_("Size"))
    media_type = models.CharField(_("Media type"), max_length=100)
    """Found by its content."""
    sha256 = models.CharField(max_length=64, db_index=True)
    at = models.DateTimeField(_("Added"), default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, db_index=False, related_name="+", verbose_name=_("By"))
    deleted_at = models.DateTimeField(null=True)
    copied_from = models.ForeignKey("self", models.SET_NULL, null=True, related_name="+")
    """The file of another record that it was carried from: a lead's, when it became a deal."""

    class Meta:
        db_table = "file"
        indexes = [models.Index(fields=["record_id", "entity"], name="file_record")]


class Merge(models.Model):
    """Two records that were found to be one: which was kept, which is gone, and all it takes to have both back."""

    entity = models.CharField(max_length=40)
    kept_id = models.BigIntegerField()
    gone_id = models.BigIntegerField()
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    batch = models.UUIDField()
    """Of the changes it made."""
    values = models.JSONField(default=dict)
    """The values that were chosen for the kept record, as they were sent."""
    journal = models.JSONField(default=dict)
    """What was before and after: see `merging`."""
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    undone_batch = models.UUIDField(null=True)

    class Meta:
        db_table = "merge"
        constraints = [
            models.UniqueConstraint(fields=["gone_id", "entity"], condition=models.Q(undone_at__isnull=True), name="merge_gone_once")
        ]
        indexes = [
            models.Index(fields=["kept_id", "entity"], name="merge_kept", condition=models.Q(undone_at__isnull=True)),
            models.Index(fields=["batch"], name="merge_batch"),
            models.Index(fields=["undone_batch"], name="merge_undone_batch", condition=models.Q(undone_batch__isnull=False)),
        ]


def merged(entity: str) -> models.QuerySet[Merge]:
    """The merges of an entity's records that hold."""
    return Merge.objects.filter(entity=entity, undone_at__isnull=True)


class CustomField(models.Model):
    """A field an administrator added in the browser."""

    entity = models.CharField(max_length=40)
    key = models.CharField(_("Key"), max_length=40)
    kind = models.CharField(_("Kind"), max_length=20)
    label_en = models.CharField(_("Label in English"), max_length=80)
    label_zh = models.CharField(_("Label in Chinese"), max_length=80, blank=True)
    hint = models.CharField(_("Hint"), max_length=200, blank=True)
    options = models.JSONField(_("Choices"), default=list, blank=True)
    """For a choice: [[value, label_en, label_zh]]. For a link: [entity]."""
    required = models.BooleanField(_("Required"), default=False)
    glance = models.BooleanField(_("Shown in the list"), default=False)
    search = models.BooleanField(_("Found by search"), default=False)
    indexed = models.BooleanField(_("Indexed"), default=False)
    position = models.IntegerField(default=0)
    retired_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ["position", "id"]
        constraints = [models.UniqueConstraint(fields=["entity", "key"], name="custom_field_key")]

    def __str__(self) -> str:
        return f"{self.entity}.{self.key}"


class SavedView(models.Model):
    """A condition, columns, order and shape that someone keeps, for themselves or for all."""

    entity = models.CharField(max_length=40, db_index=True)
    name = models.CharField(_("Name"), max_length=80)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="views")
    shared = models.BooleanField(_("Shared with everyone"), default=False)
    condition = models.JSONField(null=True, blank=True)
    columns = models.JSONField(default=list, blank=True)
    order = models.JSONField(default=list, blank=True)
    shape = models.CharField(max_length=10, default="table")
    chart = models.JSONField(default=dict, blank=True)
    position = models.IntegerField(default=0)

    class Meta:
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.name


class Notification(models.Model):
    """Something a person should know: a mention, a finished import, a record handed to them."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="notifications")
    at = models.DateTimeField(default=timezone.now)
    what = models.CharField(max_length=30)
    entity = models.CharField(max_length=40, blank=True)
    record_id = models.BigIntegerField(null=True)
    values = models.JSONField(default=dict)
    read_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["user", "-at"], name="notification_user")]


class Epoch(models.Model):
    """One row whose number rises when rights, teams, custom fields or pipelines change: what processes remember is of an epoch."""

    number = models.BigIntegerField(default=1)

    class Meta:
        db_table = "epoch"


class ExchangeRate(Record):
    """What one unit of a currency is worth in another from a day on, until the next rate says otherwise; of one day's the newest.

    SQL asks `exchange_rate_on(source, target, day)`: that rate, its inverse, or the cross rate by a third currency.
    """

    currency = models.CharField(_("Currency"), max_length=3)
    base = models.CharField(_("Counted in"), max_length=3)
    starts_on = models.DateField(_("From"))
    rate = models.DecimalField(_("Rate"), max_digits=20, decimal_places=10)
    name = models.CharField(_("Name"), max_length=20, blank=True, editable=False)

    class Meta(Record.Meta):
        db_table = "exchange_rate"
        constraints = [models.CheckConstraint(condition=models.Q(rate__gt=0), name="exchange_rate_positive")]
        indexes = [*Record.Meta.indexes, models.Index(fields=["currency", "base", "starts_on"], name="exchange_rate_day")]
