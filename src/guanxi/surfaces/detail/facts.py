"""The facts of a record: its fields in sections, each edited in place by those who may."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from guanxi.access.models import User
from guanxi.access.sight import changeable, clear, readable, shown_html
from guanxi.access.titles import titles_for
from guanxi.entity.actors import Titles
from guanxi.entity.entity import Entity
from guanxi.entity.field import Field
from guanxi.entity.kinds import LongText
from guanxi.surfaces.forms.inputs import capital
from guanxi.surfaces.inbox.mentions import shown as with_mentions

LINKING = {"link", "any record", "links", "url", "e-mail", "phone", "e-mails", "phones"}


@dataclass(frozen=True)
class Fact:
    """One field of the record, as this reader sees it."""

    name: str
    label: str
    html: SafeString
    empty: bool
    quiet: bool
    """Empty, or a plain no: it stands apart from what there is to know."""
    edit_url: str
    """Where its editor is; empty for those who may not set it."""
    beside: bool
    """The value is made of links, so the way into the editor stands beside it."""
    long: bool = False


@dataclass(frozen=True)
class Part:
    """A titled group of facts; those without a value stand apart."""

    label: str
    facts: list[Fact]
    open: bool = True


def parts_of(entity: Entity, record: Any, user: User, *, may_edit: bool, known: Titles) -> tuple[list[Part], list[Fact]]:
    """The record's facts by section, and those that are empty."""
    editable = settable(entity, user) if may_edit else set()
    parts, empty, placed = [], list[Fact](), set[str]()
    named = [(str(section.label), list(section.fields), True) for section in entity.sections]
    listed = {name for section in entity.sections for name in section.fields}
    rest = [one for one in entity.fields.values() if one.name not in listed]
    named.append((pgettext("section", "More"), [one.name for one in rest if one.custom], True))
    named.append((_("Kept by the system"), [one.name for one in rest if not one.custom], False))
    for label, names, is_open in named:
        fields = [entity.fields[name] for name in names if name in entity.fields and name not in placed]
        placed.update(names)
        facts = [_fact(entity, one, record, user, known, one.name in editable) for one in readable(entity, fields, to=user)]
        empty += [fact for fact in facts if fact.quiet and (fact.edit_url or is_open)]
        filled = [fact for fact in facts if not fact.quiet]
        if filled:
            parts.append(Part(label, filled, is_open))
    return parts, [fact for fact in empty if fact.edit_url]


def settable(entity: Entity, user: User) -> set[str]:
    """The names of the fields this person may set on records they may edit."""
    return {one.name for one in changeable(entity, entity.fields.values(), by=user)}


def _fact(entity: Entity, one: Field, record: Any, user: User, known: Titles, editable: bool) -> Fact:
    value = one.of(record)
    empty = one.k.is_empty(value)
    html = shown_html(entity, one, record, to=user, locale=user.locale, titles=known, whole=True)
    is_long = isinstance(one.k, LongText) and clear(entity, one, to=user)
    if is_long and value:
        html = with_mentions(value)
    return Fact(
        name=one.name,
        label=capital(one.label),
        html=html,
        empty=empty,
        quiet=empty or value is False,
        edit_url=f"/{entity.path}/{record.pk}/field/{one.name}" if editable else "",
        beside=(one.k.name in LINKING or (is_long and "<a " in html)) and not empty,
        long=is_long,
    )


def fact_of(entity: Entity, one: Field, record: Any, user: User, *, may_edit: bool) -> Fact:
    """One fact by itself, after it was edited."""
    known = titles_for([record], [one], to=user)
    return _fact(entity, one, record, user, known, may_edit and one.name in settable(entity, user))


def facts_changed(entity: Entity, before: Any, after: Any, user: User, *, besides: str) -> Sequence[Fact]:
    """The other facts that differ after a write; what follows from one value shows at once."""
    names = [one for one in entity.fields.values() if one.name != besides and one.k.dump(one.of(before)) != one.k.dump(one.of(after))]
    fields = readable(entity, names, to=user)
    known = titles_for([after], fields, to=user)
    editable = settable(entity, user)
    return [_fact(entity, one, after, user, known, one.name in editable) for one in fields]
