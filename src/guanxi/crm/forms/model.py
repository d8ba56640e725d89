"""What a web form is, and what came in by it."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from guanxi.record.model import Record


class WebForm(Record):
    """A form on a website: what it asks for, whose the leads are, what it says in either language."""

    name = models.CharField(_("Name"), max_length=80)
    token = models.CharField(_("Address"), max_length=32, unique=True, editable=False)
    active = models.BooleanField(_("In use"), default=True)
    language = models.CharField(_("Language"), max_length=10, default="any")
    asks = ArrayField(models.CharField(max_length=60), default=list, blank=True, verbose_name=_("Asks for"))
    required = ArrayField(models.CharField(max_length=60), default=list, blank=True, verbose_name=_("Must be filled in"))
    source = models.CharField(_("Source"), max_length=40, blank=True)
    campaign = models.CharField(_("Campaign"), max_length=120, blank=True)
    goes_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Owner of the leads")
    )
    pool = models.ForeignKey("Pool", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Pool"))
    heading_en = models.CharField(_("Heading in English"), max_length=200, blank=True)
    heading_zh = models.CharField(_("Heading in Chinese"), max_length=200, blank=True)
    consent_en = models.TextField(_("Consent in English"), blank=True)
    consent_zh = models.TextField(_("Consent in Chinese"), blank=True)
    thanks_en = models.TextField(_("Thanks in English"), blank=True)
    thanks_zh = models.TextField(_("Thanks in Chinese"), blank=True)
    thanks_url = models.CharField(_("Page of thanks"), max_length=500, blank=True)
    origins = models.TextField(_("Websites it stands on"), blank=True)

    class Meta(Record.Meta):
        db_table = "web_form"

    def __str__(self) -> str:
        return self.name

    def said(self, what: str, language: str) -> str:
        """A text in the language, or in the other when it has none in this one."""
        chinese, english = getattr(self, f"{what}_zh"), getattr(self, f"{what}_en")
        return str(chinese or english if language.startswith("zh") else english or chinese)

    @property
    def spoken(self) -> str:
        """The language it keeps to; empty where it speaks each visitor's."""
        return "" if self.language == "any" else self.language

    @property
    def sites(self) -> list[str]:
        """The origins whose pages may frame it and send to it."""
        return self.origins.split()


class FormEntry(models.Model):
    """One answer to a form: the lead made of it, what was agreed to, in the words that were shown, and when."""

    form = models.ForeignKey(WebForm, models.PROTECT, related_name="entries")
    lead = models.ForeignKey("Lead", models.CASCADE, related_name="entries")
    at = models.DateTimeField(default=timezone.now)
    language = models.CharField(max_length=10)
    consent = models.TextField(blank=True)
    consented_at = models.DateTimeField(null=True)
    page = models.CharField(max_length=255, blank=True)
    """Where it was sent from, without what its address asks."""
    alike = models.JSONField(default=list)
    """[entity, key] of records with the same e-mail or phone, as they were then."""
    once = models.CharField(max_length=64, null=True, unique=True)
    """The form's own mark of this filling in: sent twice, it is taken once."""

    class Meta:
        db_table = "form_entry"
        indexes = [models.Index(fields=["form", "-at"], name="form_entry_form")]
