"""What a mail in the outbox, a mail that came in, and a template are."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from guanxi.record.model import Record


class Mail(models.Model):
    """One message on its way out. What people see of it is its activity, which says how far it got."""

    activity = models.OneToOneField("Activity", models.CASCADE, related_name="mail")
    sender = models.CharField(max_length=400)
    """Name and address, as the message carries them."""
    reply_to = models.CharField(max_length=254, blank=True)
    to = ArrayField(models.CharField(max_length=254))
    cc = ArrayField(models.CharField(max_length=254), default=list)
    subject = models.CharField(max_length=255)
    text = models.TextField()
    language = models.CharField(max_length=10)
    message_id = models.CharField(max_length=255, unique=True)
    """The same at every try, so that a mailbox which got it twice can tell."""
    entity = models.CharField(max_length=40, blank=True)
    record_id = models.BigIntegerField(null=True)
    """The record whose paper is attached, in the mail's language; none without."""
    link = models.ForeignKey("surfaces.PublicLink", models.SET_NULL, null=True, related_name="+")
    """The link that stands in it, and in no other mail."""
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=10, default="queued")
    """queued, sending, sent, failed, or unsure: the process ended while the server was taking it."""
    tries = models.PositiveIntegerField(default=0)
    next_try_at = models.DateTimeField(default=timezone.now)
    handed_at = models.DateTimeField(null=True)
    """When the message itself began to be handed to the server; before that, it certainly was not sent."""
    sent_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True)

    class Meta:
        db_table = "mail"
        indexes = [
            models.Index(fields=["next_try_at", "id"], name="mail_waiting", condition=models.Q(state__in=["queued", "sending"])),
            models.Index(fields=["handed_at"], name="mail_handed"),
            models.Index(fields=["link"], name="mail_by_link", condition=models.Q(link__isnull=False)),
        ]


class MailIn(models.Model):
    """A message that came in, once: what became of it."""

    message_id = models.CharField(max_length=300, unique=True)
    """Its Message-ID, or a digest of all of it where it has none."""
    at = models.DateTimeField(default=timezone.now)
    sender = models.CharField(max_length=254, blank=True)
    subject = models.CharField(max_length=255, blank=True)
    outcome = models.CharField(max_length=10)
    """lead, activity or left."""
    why = models.CharField(max_length=40, blank=True)
    """Why it was left: automatic, list, bounce, own, no sender, too many."""
    activity = models.ForeignKey("Activity", models.SET_NULL, null=True, related_name="+")
    lead = models.ForeignKey("Lead", models.SET_NULL, null=True, related_name="+")

    class Meta:
        db_table = "mail_in"
        indexes = [models.Index(fields=["-at"], name="mail_in_at")]


class MailTemplate(Record):
    """The words of mails of one kind in one language, with places for what is told."""

    name = models.CharField(_("Name"), max_length=80, blank=True)
    of = models.CharField(_("Used for"), max_length=40, default="quotes")
    language = models.CharField(_("Language"), max_length=10, default="en")
    subject = models.CharField(_("Subject"), max_length=255)
    text = models.TextField(_("Text"))
    active = models.BooleanField(_("In use"), default=True)

    class Meta(Record.Meta):
        db_table = "mail_template"

    def __str__(self) -> str:
        return self.name
