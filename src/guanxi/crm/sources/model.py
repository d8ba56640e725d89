"""What sources and prospecting methods are."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from guanxi.record.model import Record


class Method(Record):
    """A way of finding customers: door to door, fairs, referral, telephone."""

    name = models.CharField(_("Name"), max_length=80)
    position = models.IntegerField(_("Position"), default=0)

    class Meta(Record.Meta):
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.name


class Source(Record):
    """Where a lead or customer came from: the website, the spring fair, a bought list."""

    key = models.CharField(_("Key"), max_length=40, unique=True, editable=False)
    """What records keep; it stays when the source is called otherwise."""
    name = models.CharField(_("Name"), max_length=80)
    method = models.ForeignKey(Method, models.PROTECT, null=True, blank=True, related_name="sources", verbose_name=_("Prospecting method"))
    cost_each = models.DecimalField(_("Cost of a lead"), max_digits=20, decimal_places=4, null=True, blank=True)
    currency = models.CharField(_("Currency"), max_length=3, blank=True)
    position = models.IntegerField(_("Position"), default=0)

    class Meta(Record.Meta):
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.name
