"""Links for people outside, what became of each, and how often somebody asked."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class PublicLink(models.Model):
    """A way to one record for somebody outside, until it ends. Its secret is not kept: see `links.token_of`."""

    entity = models.CharField(max_length=40)
    record_id = models.BigIntegerField()
    nonce = models.CharField(max_length=64)
    """What makes the signature unguessable even to those who know the server's key."""
    note = models.CharField(_("For whom"), max_length=200, blank=True)
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    expires_at = models.DateTimeField(_("Expires"))
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    opened = models.PositiveIntegerField(default=0)
    first_opened_at = models.DateTimeField(null=True)
    last_opened_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "public_link"
        indexes = [models.Index(fields=["record_id", "entity"], name="public_link_record")]

    def __str__(self) -> str:
        return f"{self.entity} {self.record_id}"

    @property
    def living(self) -> bool:
        """Whether it still leads anywhere."""
        return self.revoked_at is None and self.expires_at > timezone.now()


class PublicVisit(models.Model):
    """One opening of a link, or an answer by it. Of openings the first few hundred are kept one by one, all are counted."""

    link = models.ForeignKey(PublicLink, models.CASCADE, related_name="visits")
    at = models.DateTimeField(default=timezone.now)
    what = models.CharField(max_length=40, default="opened")
    """“opened”, or the verb."""
    name = models.CharField(max_length=200, blank=True)
    """Who answered, as they called themselves."""
    language = models.CharField(max_length=10, blank=True)
    agent = models.CharField(max_length=200, blank=True)

    class Meta:
        db_table = "public_visit"
        indexes = [models.Index(fields=["link", "-at"], name="public_visit_link")]


class Attempt(models.Model):
    """How often somebody asked for something within a stretch of time."""

    key = models.CharField(max_length=64)
    """A digest of what was asked and from where: no address is kept."""
    starts_at = models.DateTimeField(db_index=True)
    count = models.PositiveIntegerField(default=1)

    class Meta:
        db_table = "attempt"
        constraints = [models.UniqueConstraint(fields=["key", "starts_at"], name="attempt_once")]
