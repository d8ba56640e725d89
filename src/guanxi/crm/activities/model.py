"""What an activity is."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from guanxi.record.model import Owned


class Activity(Owned):
    """One contact with a customer, planned (`done_at` empty) or done."""

    kind = models.CharField(_("Kind"), max_length=10, default="note")
    subject = models.CharField(_("Subject"), max_length=255, blank=True)
    body = models.TextField(_("What happened"), blank=True)
    due_at = models.DateTimeField(_("Due"), null=True, blank=True)
    done_at = models.DateTimeField(_("Done"), null=True, blank=True)
    at = models.DateTimeField(_("When"), null=True, blank=True, editable=False)
    """When it happened or is due; the timeline's order."""
    duration = models.PositiveIntegerField(_("Duration"), null=True, blank=True)
    result = models.CharField(_("Result"), max_length=20, blank=True)
    incoming = models.BooleanField(_("Incoming"), default=False)
    account = models.ForeignKey(
        "Account",
        models.SET_NULL,
        null=True,
        blank=True,
        db_index=False,
        related_name="activities",
        verbose_name=_("Account"),
    )
    contact = models.ForeignKey(
        "Contact",
        models.SET_NULL,
        null=True,
        blank=True,
        db_index=False,
        related_name="activities",
        verbose_name=_("Contact"),
    )
    deal = models.ForeignKey(
        "Deal",
        models.SET_NULL,
        null=True,
        blank=True,
        db_index=False,
        related_name="activities",
        verbose_name=_("Deal"),
    )
    lead = models.ForeignKey(
        "Lead",
        models.SET_NULL,
        null=True,
        blank=True,
        db_index=False,
        related_name="activities",
        verbose_name=_("Lead"),
    )
    about = models.CharField(_("About"), max_length=60, blank=True)
    """Any other record, as `entity:key`."""
    participants = ArrayField(models.BigIntegerField(), default=list, blank=True, verbose_name=_("Participants"))
    people = ArrayField(models.BigIntegerField(), default=list, blank=True, verbose_name=_("Colleagues"))
    addressed_to = models.TextField(_("Sent to"), blank=True, default="", db_default="")
    """Of a mail that went out: its addresses."""
    delivery = models.CharField(pgettext_lazy("mail", "Delivery"), max_length=10, blank=True, default="", db_default="")
    """How far a mail got that was sent from here; empty for all others."""
    delivery_note = models.CharField(_("About the delivery"), max_length=255, blank=True, default="", db_default="")
    opened_at = models.DateTimeField(_("Link opened"), null=True, blank=True)
    """When the link that stood in it was opened first."""
    follows = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="followed_by", verbose_name=_("Next step of"))

    class Meta(Owned.Meta):
        indexes = [
            *Owned.Meta.indexes,
            models.Index(fields=["at", "id"], name="activity_at"),
            models.Index(fields=["account", "at"], name="activity_account"),
            models.Index(fields=["contact", "at"], name="activity_contact"),
            models.Index(fields=["deal", "at"], name="activity_deal"),
            models.Index(fields=["lead", "at"], name="activity_lead", condition=models.Q(lead__isnull=False)),
            models.Index(fields=["about", "at"], name="activity_about", condition=~models.Q(about="")),
            models.Index(fields=["owner", "due_at"], name="activity_planned", condition=models.Q(done_at__isnull=True)),
        ]
