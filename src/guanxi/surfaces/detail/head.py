"""The head of a record's page: what it is called, what tells it apart, and what can be done with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from guanxi.access.models import User
from guanxi.access.sight import clear, readable, shown_html
from guanxi.entity.actors import Titles
from guanxi.entity.entity import Entity, Verb
from guanxi.entity.field import Field
from guanxi.entity.registry import entity_named
from guanxi.surfaces.detail.related import lists_of
from guanxi.surfaces.detail.standing import Standing
from guanxi.surfaces.forms.inputs import capital
from guanxi.surfaces.listing.rows import title_for
from guanxi.surfaces.timeline.diary import has_diary

BUTTONS = 2
"""So many verbs besides the first stand in the head itself."""


@dataclass(frozen=True)
class Act:
    """A button or an item of the menu."""

    label: str
    icon: str
    url: str
    tone: str = ""
    key: str = ""
    hint: str = ""
    dialog: bool = True
    """Opens in the dialog; otherwise it is a link."""
    outside: bool = False
    """Leads out of Guanxi: a phone call, a mail."""


@dataclass(frozen=True)
class Head:
    """What stands above a record."""

    title: str
    noun: str
    plural: str
    url: str
    list_url: str
    notes: list[SafeString]
    primary: Act | None
    buttons: list[Act]
    menu: list[Act]
    delete_url: str
    logo: bool


def head_of(entity: Entity, stands: Standing, user: User, known: Titles) -> Head:
    """The head of this record for this person."""
    record, page = stands.record, f"/{entity.path}/{stands.record.pk}"
    verbs = [_act(verb, page) for verb in stands.verbs]
    first = next((place for place, verb in enumerate(stands.verbs) if verb.primary), None)
    adding = _adding(entity, record, user)
    primary = verbs.pop(first) if first is not None else adding
    reach = _reach(entity, record, user)
    buttons = [*reach, *verbs[:BUTTONS]]
    menu = verbs[BUTTONS:]
    if adding is not None and primary is not adding:
        menu.append(adding)
    return Head(
        title=title_for(entity, to=user)(record),
        noun=capital(entity.noun.one),
        plural=capital(entity.noun.many),
        url=page,
        list_url=f"/{entity.path}",
        notes=_notes(entity, record, user, known),
        primary=primary,
        buttons=buttons,
        menu=[*menu, *_always(entity, stands, user, page)],
        delete_url=f"{page}/delete" if stands.may_delete else "",
        logo=has_diary(entity),
    )


def _act(verb: Verb, page: str) -> Act:
    return Act(str(verb.label), verb.icon, f"{page}/do/{verb.name}", tone=verb.tone, key=verb.key, hint=str(verb.hint))


def _adding(entity: Entity, record: Any, user: User) -> Act | None:
    """What is most often added to such a record: the first thing related to it that stands on its own."""
    for one in lists_of(entity, user):
        other = entity_named(one.entity)
        if user.rights.may("create", other.path) and not (other.settings or other.part_of or one.by_verb):
            url = f"/{other.path}/new?" + urlencode({one.by: record.pk})
            return Act(capital(other.noun.one), "plus", url)
    return None


def _always(entity: Entity, stands: Standing, user: User, page: str) -> list[Act]:
    acts = []
    if stands.may_edit:
        acts.append(Act(_("Edit all fields"), "pencil", f"{page}/edit", dialog=False))
    if user.rights.may("create", entity.path):
        acts.append(Act(pgettext("verb", "Copy"), "copy", f"/{entity.path}/new?copy={stands.record.pk}", dialog=False))
    if entity.mergeable and stands.may_edit:
        acts.append(Act(_("Merge with…"), "arrows-join", f"{page}/merge"))
    if entity.public is not None:
        if stands.may_edit:
            acts.append(Act(_("Public link"), "share", f"{page}/share"))
        acts.append(Act(_("Download PDF"), "download", f"{page}/paper", dialog=False))
    acts.append(Act(_("History"), "history", f"{page}/history"))
    return acts


def _reach(entity: Entity, record: Any, user: User) -> list[Act]:
    """Call and write: the first phone and the first address that the person may read."""
    acts = []
    for names, scheme, label, icon in (
        ({"phone", "phones"}, "tel", _("Call"), "phone"),
        ({"e-mail", "e-mails"}, "mailto", _("E-mail"), "mail"),
    ):
        for one in readable(entity, entity.fields.values(), to=user):
            value = one.of(record) if one.k.name in names and clear(entity, one, to=user) else None
            if value:
                first = value[0]["value"] if isinstance(value, list) else value
                if "*" in first:  # only so much of it may be known
                    break
                acts.append(Act(label, icon, f"{scheme}:{first}", hint=first, dialog=False, outside=True))
                break
    return acts


def _notes(entity: Entity, record: Any, user: User, known: Titles) -> list[SafeString]:
    """What tells the record apart: its subtitle, where it belongs, who answers for it."""
    names = [entity.board.by] if entity.board else [*entity.subtitle]
    names += [entity.parent, *(one.name for one in _money(entity)[:1]), "owner"]
    fields = [entity.fields[name] for name in dict.fromkeys(names) if name in entity.fields]
    return [
        shown_html(entity, one, record, to=user, locale=user.locale, titles=known)
        for one in readable(entity, fields, to=user)
        if not one.k.is_empty(one.of(record))
    ]


def _money(entity: Entity) -> Sequence[Field]:
    return [one for one in entity.fields.values() if one.total and not one.read_only]
