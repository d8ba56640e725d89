"""What a contact is."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from guanxi.base.ordering import InOrder
from guanxi.record.model import Owned, Record


class Contact(Owned):
    """A person who acts for one or more accounts."""

    name = models.CharField(_("Name"), max_length=160)
    prefix = models.CharField(_("Form of address"), max_length=20, blank=True)
    given = models.CharField(_("Given name"), max_length=80, blank=True)
    family = models.CharField(_("Family name"), max_length=80, blank=True)
    account = models.ForeignKey("Account", models.SET_NULL, null=True, blank=True, related_name="contacts", verbose_name=_("Account"))
    title = models.CharField(_("Job title"), max_length=120, blank=True)
    department = models.CharField(_("Department"), max_length=120, blank=True)
    buying_role = models.CharField(_("Buying role"), max_length=20, blank=True)
    reports_to = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="reports", verbose_name=_("Reports to"))
    phones = models.JSONField(_("Phones"), default=list, blank=True)
    emails = models.JSONField(_("E-mails"), default=list, blank=True)
    address = models.JSONField(_("Address"), default=dict, blank=True)
    birthday = models.DateField(_("Birthday"), null=True, blank=True)
    lunar = models.BooleanField(_("Celebrates by the lunar calendar"), default=False)
    education = models.TextField(_("Education"), blank=True)
    family_notes = models.TextField(_("Family"), blank=True)
    interests = models.TextField(_("Interests"), blank=True)
    notes = models.TextField(_("Notes"), blank=True)
    source = models.CharField(_("Source"), max_length=40, blank=True)
    tags = ArrayField(models.CharField(max_length=60), verbose_name=_("Tags"), default=list, blank=True)
    last_contact_at = models.DateTimeField(_("Last contact"), null=True, blank=True)
    next_contact_at = models.DateTimeField(_("Next contact"), null=True, blank=True)

    class Meta(Owned.Meta):
        indexes = [
            *Owned.Meta.indexes,
            models.Index(fields=["name", "id"], name="contact_name"),
            models.Index(InOrder("name"), "id", name="contact_in_order"),
            models.Index(OpClass(Upper("name"), name="text_pattern_ops"), name="contact_name_typed"),
            models.Index(fields=["last_contact_at", "id"], name="contact_last_contact"),
            GinIndex(fields=["tags"], name="contact_tags"),
        ]


class Affiliation(Record):
    """A contact's place in an account: what they are there, and what they decide."""

    contact = models.ForeignKey(Contact, models.CASCADE, related_name="affiliations", verbose_name=_("Contact"))
    account = models.ForeignKey("Account", models.CASCADE, related_name="affiliations", verbose_name=_("Account"))
    name = models.CharField(_("Name"), max_length=255, blank=True, editable=False)
    title = models.CharField(_("Job title"), max_length=120, blank=True)
    department = models.CharField(_("Department"), max_length=120, blank=True)
    buying_role = models.CharField(_("Buying role"), max_length=20, blank=True)

    class Meta(Record.Meta):
        constraints = [
            models.UniqueConstraint(fields=["contact", "account"], condition=models.Q(deleted_at__isnull=True), name="affiliation_once")
        ]
