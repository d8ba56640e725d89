"""What a web form may ask for: the lead's own facts, never what sellers say of it."""

from __future__ import annotations

from dataclasses import replace

from django.utils.translation import gettext_lazy, pgettext_lazy

from guanxi.entity.field import Field
from guanxi.entity.registry import entity_named
from guanxi.surfaces.public.inputs import can_be_asked

ASKED = (
    "name", "company", "title", "phones", "emails", "website", "address", "need", "budget", "timeline", "industry", "employees",
    "description",
)  # fmt: skip
SAID = {
    "name": gettext_lazy("Your name"),
    "emails": gettext_lazy("E-mail"),
    "phones": gettext_lazy("Phone"),
    "need": gettext_lazy("How can we help?"),
    "timeline": pgettext_lazy("form", "When?"),
}
"""What a visitor reads, where the word for sellers would not do."""


def askable() -> dict[str, Field]:
    """The lead's fields that can be asked for, custom ones included, in order."""
    fields = entity_named("leads").fields
    own = [replace(fields[name], label=SAID.get(name, fields[name].label)) for name in ASKED if name in fields]
    return {one.name: one for one in (*own, *(one for one in fields.values() if one.custom)) if can_be_asked(one)}


def labels() -> dict[str, str]:
    """What they are called."""
    return {name: str(one.label) for name, one in askable().items()}
