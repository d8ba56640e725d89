"""How the templates of papers are set up, and which of them a paper follows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.base.places import unknown_places
from guanxi.crm.mails.entity import LANGUAGE
from guanxi.crm.papers.model import PaperTemplate
from guanxi.entity.actors import Actor
from guanxi.entity.entity import Entity, Noun, Section
from guanxi.entity.field import Field
from guanxi.entity.kinds import Choice, LongText, Several, Text, options
from guanxi.entity.kinds.choices import Offered, Option
from guanxi.entity.registry import entities, entity_named
from guanxi.record.memory import remember, tell_everyone
from guanxi.surfaces.public.papers import Wording
from guanxi.surfaces.public.showing import names_on

SIX_DIGITS = re.compile(r"#[0-9a-fA-F]{6}")
SHEETS = Choice(options(("a4", "A4"), ("us-letter", gettext_lazy("US Letter"))), plain=True)


class Colour(Text):
    """A colour as pages on the web write it: # and six digits."""

    def sample(self) -> str:
        return "#1d4ed8"


def _printed() -> list[Option]:
    return [Option(one.path, one.noun.many) for one in entities() if one.public is not None]


def _parts() -> dict[str, str]:
    """What may be left out of papers, by name, with what it is called."""
    found: dict[str, str] = {}
    for one in entities():
        if one.public is not None:
            found |= {name: label for name, label in names_on(one).items() if name not in found}
    return found


def check(template: Any, changed: set[str], by: Actor) -> Mapping[str, str]:
    """Every place is one that something is put into, and a colour is one."""
    names = names_on(entity_named(template.of))
    known = ["title", "company", *(name for name in names if "." not in name)]
    for name in ("opening", "closing"):
        wrong = unknown_places(getattr(template, name), known)
        if wrong:
            there = ", ".join(f"{{{one}}}" for one in known)
            return {name: _("Nothing is known for {%(place)s}. There are: %(known)s.") % {"place": wrong[0], "known": there}}
    if not SIX_DIGITS.fullmatch(template.accent):
        return {"accent": _("Write a colour as # and six digits, such as #0f766e.")}
    return {}


def wording_for(path: str, language: str) -> Wording | None:
    """How the company has its papers of that kind in that language, if it says."""
    return remember(("paper template", path, language), lambda: _read(path, language))


def _read(path: str, language: str) -> Wording | None:
    one = PaperTemplate.objects.filter(of=path, language=language, active=True, deleted_at__isnull=True).order_by("-pk").first()
    if one is None:
        return None
    return Wording(one.heading, one.opening, one.closing, frozenset(one.left_out), one.accent, one.sheet)


PAPER_TEMPLATES = Entity(
    path="paper_templates",
    model=PaperTemplate,
    noun=Noun(gettext_lazy("paper template"), gettext_lazy("paper templates")),
    icon="file-text",
    title="name",
    settings=True,
    searchable=False,
    order=("name",),
    fields_declared=[
        Field("name", glance=True),
        Field("of", kind=Offered(_printed, lambda path: None), glance=True),
        Field("language", kind=LANGUAGE, glance=True),
        Field("heading", kind=Text(60), glance=True, hint=gettext_lazy("Such as Quotation, or Pro-forma invoice; empty: what it is.")),
        Field(
            "opening",
            kind=LongText(5_000),
            hint=gettext_lazy("Put in by itself: {title}, {company}, and what stands on the paper, such as {number}, {account}, {total}."),
        ),
        Field("closing", kind=LongText(5_000), hint=gettext_lazy("Empty: the closing words of Settings → Company.")),
        Field("left_out", kind=Several(_parts), hint=gettext_lazy("What the paper does not tell. The page behind a link still does.")),
        Field("accent", kind=Colour(7)),
        Field("sheet", kind=SHEETS),
        Field("active", glance=True),
        Field("external_id"),
        Field("id", read_only=True),
    ],
    sections=[
        Section(gettext_lazy("Paper template"), ("name", "of", "language", "active")),
        Section(gettext_lazy("Words"), ("heading", "opening", "closing")),
        Section(gettext_lazy("Look"), ("left_out", "accent", "sheet")),
    ],
    check=check,
    follow=tell_everyone,
)
