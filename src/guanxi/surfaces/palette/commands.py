"""What the palette offers besides records: pages, views, new records, and verbs on the record one looks at.

Rooms above add pages of theirs with `offer`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from guanxi.access.models import User
from guanxi.base.words import fold, tokens
from guanxi.entity.entity import Entity
from guanxi.entity.registry import entities, entity_named
from guanxi.record.models import SavedView
from guanxi.record.reach import visible
from guanxi.record.verbs import possible
from guanxi.surfaces.listing.frame import capital
from guanxi.surfaces.listing.rows import title_for
from guanxi.surfaces.views.known import presets_of

RECORD = re.compile(r"/([a-z_]+)/(\d{1,18})(?:/.*)?")


@dataclass(frozen=True)
class Command:
    """Something to open or to do."""

    label: str
    icon: str
    url: str = ""
    post: str = ""
    """A verb is asked for, or done, by a POST or a dialog instead of opened."""
    dialog: bool = False
    sub: str = ""
    also: tuple[str, ...] = ()
    """Other words it is found by."""


_offered: list[Callable[[User], Iterable[Command]]] = []


def offer(commands: Callable[[User], Iterable[Command]]) -> Callable[[User], Iterable[Command]]:
    """Have the palette offer what this function tells of a person."""
    _offered.append(commands)
    return commands


def _seen(user: User) -> list[Entity]:
    return [one for one in entities() if (one.group or one.settings) and user.rights.may("see", one.path)]


def lists(user: User) -> list[Command]:
    """The list of every entity one may see."""
    return [
        Command(capital(str(one.noun.many)), one.icon, f"/{one.path}", also=(one.path, str(one.noun.one)))
        for one in _seen(user)
        if one.group
    ]


def views(user: User) -> list[Command]:
    """Every view: those that come with the product, one's own, shared ones."""
    named = {one.path: one for one in _seen(user)}
    found = [
        Command(str(view.label), one.icon, f"/{one.path}?view={view.key}", sub=capital(str(one.noun.many)))
        for one in named.values()
        if one.group
        for view in presets_of(one)
    ]
    for row in SavedView.objects.filter(Q(owner=user) | Q(shared=True), entity__in=named):
        one = named[row.entity]
        found.append(Command(row.name, one.icon, f"/{one.path}?view={row.pk}", sub=capital(str(one.noun.many))))
    return found


def creations(user: User) -> list[Command]:
    """New records one may make."""
    return [
        Command(pgettext("create", "New %(one)s") % {"one": one.noun.one}, "plus", f"/{one.path}/new", also=(_("new"), "new", "+"))
        for one in _seen(user)
        if one.group and user.rights.may("create", one.path)
    ]


def pages(user: User) -> list[Command]:
    """Pages that are no lists."""
    found = [
        Command(_("Home"), "home", "/", also=("home",)),
        Command(_("Inbox"), "inbox", "/inbox", also=("inbox",)),
        Command(_("Search"), "search", "/search", also=("search",)),
        Command(_("Profile"), "user-circle", "/settings/profile", sub=_("Settings"), also=("profile", "settings", "language")),
    ]
    for commands in _offered:
        found += commands(user)
    return found


def verbs_here(user: User, referer: str) -> tuple[str, list[Command]]:
    """The verbs possible now for the record on whose page the palette was opened, and what the record is called."""
    match = RECORD.fullmatch(urlsplit(referer).path)
    if not match:
        return "", []
    try:
        entity = entity_named(match[1])
    except LookupError:
        return "", []
    if not entity.verbs or not user.rights.may("see", entity.path):
        return "", []
    record: Any = visible(entity, to=user).filter(pk=int(match[2])).first() if int(match[2]) < 2**63 else None
    if record is None:
        return "", []
    name = title_for(entity, to=user)(record)
    return name, [
        Command(
            str(verb.label),
            verb.icon,
            post=f"/{entity.path}/{record.pk}/do/{verb.name}",
            dialog=bool(verb.fields),
            sub=name,
            also=(verb.name,),
        )
        for verb in possible(record, tuple(entity.verbs), by=user)
    ]


def matching(commands: Iterable[Command], text: str, limit: int = 6) -> list[Command]:
    """The commands whose words begin with what was typed, each typed word some; pinyin and initials count."""
    typed = fold(text).split()
    if not typed:
        return []
    found = []
    for command in commands:
        words = {fold(command.label), *(token for word in (command.label, command.sub, *command.also) for token in tokens(word))}
        if all(any(word.startswith(part) for word in words) for part in typed):
            found.append((not fold(command.label).startswith(fold(text)), command))
    found.sort(key=lambda pair: pair[0])
    return [command for _rank, command in found[:limit]]
