"""What a company says on its papers, and what it leaves out."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from guanxi.record.model import Record


class PaperTemplate(Record):
    """How the papers of one kind look in one language. The newest one in use counts."""

    name = models.CharField(_("Name"), max_length=80)
    of = models.CharField(_("Used for"), max_length=40, default="quotes")
    language = models.CharField(_("Language"), max_length=10, default="en")
    heading = models.CharField(_("Heading"), max_length=60, blank=True)
    opening = models.TextField(_("Text before the lines"), blank=True)
    closing = models.TextField(_("Text at the end"), blank=True)
    left_out = ArrayField(models.CharField(max_length=60), default=list, blank=True, verbose_name=_("Left out"))
    accent = models.CharField(_("Colour"), max_length=7, default="#0f766e")
    sheet = models.CharField(_("Paper size"), max_length=10, default="a4")
    active = models.BooleanField(_("In use"), default=True)

    class Meta(Record.Meta):
        db_table = "paper_template"
