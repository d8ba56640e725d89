"""What is special about showing contacts: their next birthday, by the sun or by the moon."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from guanxi.access.models import User
from guanxi.access.sight import clear
from guanxi.base.moments import format_day, next_birthday
from guanxi.entity.registry import entity_named
from guanxi.surfaces.detail.asides import Aside, Figure


def birthday(contact: Any, reader: User) -> Sequence[Figure]:
    """When the next birthday is; no query."""
    entity = entity_named("contacts")
    if contact.birthday is None or not clear(entity, entity.fields["birthday"], to=reader):
        return []
    today = reader.locale.today
    day = next_birthday(contact.birthday, today, lunar=contact.lunar)
    left = (day - today).days
    ahead = ngettext("in %(count)d day", "in %(count)d days", left) % {"count": left} if left else _("today")
    label = _("Birthday (lunar)") if contact.lunar else _("Birthday")
    return [Figure(label, f"{format_day(day, today, reader.locale.language)} · {ahead}", tone="warn" if left <= 7 else "")]


BIRTHDAY = Aside("contacts", "birthday", gettext_lazy("Soon"), birthday)
