"""How the templates of mails are set up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.base.places import unknown_places
from guanxi.crm.mails.model import MailTemplate
from guanxi.crm.mails.templates import PLACES, USUAL
from guanxi.entity.actors import Actor
from guanxi.entity.entity import Entity, Noun, Section
from guanxi.entity.field import Field
from guanxi.entity.kinds import Choice, LongText, Text, options
from guanxi.record.memory import tell_everyone

LANGUAGE = Choice(options(("en", gettext_lazy("English")), ("zh-hans", gettext_lazy("Simplified Chinese"))), plain=True)
SUBJECTS = Choice(options(("quotes", gettext_lazy("Quotes"))), plain=True)


def derive(template: Any, changed: set[str]) -> None:
    """A name of its own."""
    template.name = template.name or template.subject[:80]


def check(template: Any, changed: set[str], by: Actor) -> Mapping[str, str]:
    """Every place is one that something is put into."""
    for name in ("subject", "text"):
        wrong = unknown_places(getattr(template, name), PLACES)
        if wrong:
            known = ", ".join(f"{{{one}}}" for one in sorted(PLACES))
            return {name: _("Nothing is known for {%(place)s}. There are: %(known)s.") % {"place": wrong[0], "known": known}}
    return {}


MAIL_TEMPLATES = Entity(
    path="mail_templates",
    model=MailTemplate,
    noun=Noun(gettext_lazy("mail template"), gettext_lazy("mail templates")),
    icon="mail",
    title="name",
    settings=True,
    searchable=False,
    order=("name",),
    fields_declared=[
        Field("name", kind=Text(80), glance=True, required=False),
        Field("of", kind=SUBJECTS, glance=True),
        Field("language", kind=LANGUAGE, glance=True),
        Field("subject", kind=Text(255, wide=True), glance=True, default=USUAL["en"].subject),
        Field(
            "text",
            kind=LongText(20_000),
            default=USUAL["en"].text,
            hint=gettext_lazy("Put in by itself: {name}, {title}, {number}, {total}, {valid_until}, {link}, {seller}, {company}."),
        ),
        Field("active", glance=True),
        Field("external_id"),
        Field("id", read_only=True),
    ],
    sections=[Section(gettext_lazy("Mail template"), ("name", "of", "language", "subject", "text", "active"))],
    derive=derive,
    check=check,
    follow=tell_everyone,
)
