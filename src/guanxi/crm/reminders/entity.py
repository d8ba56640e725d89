"""How reminders are shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy

from guanxi.crm.assignment.choices import OF
from guanxi.crm.conditions import ConditionText, wrong_in
from guanxi.crm.reminders.model import Reminder
from guanxi.entity.actors import Actor
from guanxi.entity.entity import Entity, Noun, Section
from guanxi.entity.field import Field


def check(reminder: Any, changed: set[str], by: Actor) -> Mapping[str, str]:
    """The condition is one of the records that are meant."""
    wrong = wrong_in(reminder.condition, reminder.of)
    return {"condition": wrong} if wrong else {}


REMINDERS = Entity(
    path="reminders",
    model=Reminder,
    noun=Noun(gettext_lazy("reminder"), gettext_lazy("reminders")),
    icon="bell",
    title="name",
    settings=True,
    searchable=False,
    order=("position",),
    arranged="position",
    fields_declared=[
        Field("name", glance=True, hint=gettext_lazy("What people read: Quotes that soon expire")),
        Field("name_zh", hint=gettext_lazy("What people read whose language is Chinese; empty: the same.")),
        Field("of", kind=OF, glance=True),
        Field(
            "condition",
            kind=ConditionText(),
            glance=True,
            hint=gettext_lazy('Such as: status = "sent" and valid_until >= today and valid_until <= today+3d'),
        ),
        Field("active", glance=True),
        Field("position"),
        Field("external_id"),
        Field("id", read_only=True),
    ],
    sections=[Section(gettext_lazy("Reminder"), ("name", "name_zh", "of", "condition", "active", "position"))],
    check=check,
)
