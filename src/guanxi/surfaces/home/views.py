"""The first page: what is due, what wants attention, my numbers."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from guanxi.access.models import User
from guanxi.access.sight import clear, readable, shown_html
from guanxi.access.titles import titles
from guanxi.base.moments import format_moment
from guanxi.entity.actors import Titles
from guanxi.entity.conditions import ConditionError, parse
from guanxi.entity.entity import Entity
from guanxi.entity.field import Field
from guanxi.entity.registry import entity_named
from guanxi.surfaces.dashboards.known import tabs_of
from guanxi.surfaces.home.blocks import Attention, Measure, Progress, Reached, Todo, blocks
from guanxi.surfaces.listing.rows import title_for
from guanxi.surfaces.measuring import measured
from guanxi.surfaces.ordering import Unanswerable
from guanxi.surfaces.pages import answering, render, user_of
from guanxi.surfaces.patience import TooLong, at_most
from guanxi.surfaces.reading import Query, rows

TODO = 12


@dataclass(frozen=True)
class Line:
    """One record of a block."""

    key: int
    url: str
    title: str
    notes: list[SafeString]
    when: SafeString
    late: bool
    do_url: str
    side: SafeString = SafeString("")


@dataclass(frozen=True)
class Listed:
    """A block with its records."""

    block: Todo | Attention
    label: str
    icon: str
    lines: list[Line]
    more: bool
    url: str
    new_url: str
    empty: str


@dataclass(frozen=True)
class Number:
    """A number, with the list behind it."""

    label: str
    text: str
    url: str
    hint: str
    tone: str
    share: int | None = None
    """How far it is, of a hundred, where it is on the way to something."""


@answering
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """The first page of this person."""
    user = user_of(request)
    every = [block for block in blocks() if user.rights.may("see", block.entity)]
    seen = [block for block in every if isinstance(block, (Todo, Attention))]
    found = {block.name: _records(block, user) for block in seen}
    known = titles(_wanted(seen, found, user), to=user)
    shown = [_listed(block, found[block.name], user, known) for block in seen]
    todo = [one for one in shown if isinstance(one.block, Todo)]
    late = sum(line.late for one in todo for line in one.lines)
    context = {
        "greeting": _greeting(user.locale.now.hour) % {"name": _called(user)},
        "today": format_moment(user.locale.now, user.locale.zone, user.locale.language).rpartition(" ")[0].rstrip(","),
        "summary": _summary(todo, late),
        "shown": shown,
        "todo": todo,
        "main": [one for one in shown if isinstance(one.block, Attention) and one.block.main],
        "beside": [one for one in shown if isinstance(one.block, Attention) and not one.block.main],
        "measured": len(every) > len(seen),
        "tabs": tabs_of(user),
    }
    return render(request, "surfaces/home.html", "blocks", **context)


@answering
@require_GET
def numbers(request: HttpRequest) -> HttpResponse:
    """My numbers, fetched when the page is there; dashes when the database is too busy."""
    user = user_of(request)
    seen = [block for block in blocks() if user.rights.may("see", block.entity)]
    measures = [block for block in seen if isinstance(block, Measure)]
    try:
        with at_most():
            shown = [_reached(one) for block in seen if isinstance(block, Progress) for one in block.tell(user)]
            shown += [_number(block, user, _measured(block, user)) for block in measures]
    except TooLong:
        shown = [_number(block, user, "–") for block in measures]
    return render(request, "surfaces/home.html", "numbers", numbers=shown)


def _greeting(hour: int) -> str:
    if hour < 12:
        return _("Good morning, %(name)s")
    return _("Good afternoon, %(name)s") if hour < 18 else _("Good evening, %(name)s")


def _called(user: User) -> str:
    """The name one is greeted by: the first word of a name in Latin letters, the whole of others."""
    name = str(user)
    return name.split(maxsplit=1)[0] if name.isascii() and name.split() else name


def _summary(todo: list[Listed], late: int) -> str:
    if not todo:
        return ""
    due = sum(len(one.lines) for one in todo)
    if late:
        return ngettext("%(count)d thing is overdue.", "%(count)d things are overdue.", late) % {"count": late}
    if due:
        return ngettext("%(count)d thing to do.", "%(count)d things to do.", due) % {"count": due}
    return _("Nothing is due. A good moment to look at what is going cold.")


def _records(block: Todo | Attention, user: User) -> tuple[list[Any], bool]:
    entity = entity_named(block.entity)
    names = (block.when,) if isinstance(block, Todo) else block.order
    most = TODO if isinstance(block, Todo) else block.most
    order = [F(name.lstrip("-")).desc(nulls_last=True) if name.startswith("-") else F(name).asc(nulls_last=True) for name in names]
    try:
        found = list(rows(Query(entity, parse(block.condition)), to=user).order_by(*order, "pk")[: most + 1])
    except ConditionError:  # about what this person may not see
        return [], False
    return found[:most], len(found) > most


def _fields(block: Todo | Attention, user: User) -> list[Field]:
    entity = entity_named(block.entity)
    return readable(entity, [entity.fields[name] for name in block.shown if name in entity.fields], to=user)


def _wanted(seen: list[Todo | Attention], found: dict[str, tuple[list[Any], bool]], user: User) -> dict[str, set[int]]:
    wanted: dict[str, set[int]] = {}
    for block in seen:
        entity = entity_named(block.entity)
        for one in _fields(block, user):
            target = one.k.linked()
            if target and clear(entity, one, to=user):
                keys = {one.of(record) for record in found[block.name][0]} - {None}
                wanted.setdefault(target, set()).update(keys)
    return wanted


def _listed(block: Todo | Attention, found: tuple[list[Any], bool], user: User, known: Titles) -> Listed:
    entity, (records, more) = entity_named(block.entity), found
    new_url = ""
    if isinstance(block, Todo):
        url = f"/{entity.path}?" + urlencode({"view": block.view})
        new_url = block.new_url if user.rights.may("create", entity.path) else ""
    else:
        url = f"/{entity.path}?" + urlencode({"view": "all", "where": block.condition, "order": ",".join(block.order)})
    icon = entity.icon if isinstance(block, Todo) else block.icon or entity.icon
    lines = [_line(block, entity, record, user, known) for record in records]
    return Listed(block, str(block.label), icon, lines, more, url, new_url, str(block.empty))


def _line(block: Todo | Attention, entity: Entity, record: Any, user: User, known: Titles) -> Line:
    page_url = f"/{entity.path}/{record.pk}"
    notes, side = [], SafeString("")
    for one in _fields(block, user):
        if one.k.is_empty(one.of(record)):
            continue
        html = shown_html(entity, one, record, to=user, locale=user.locale, titles=known)
        if one.k.numeric and not side:
            side = html
        else:
            notes.append(html)
    when, late = SafeString(""), False
    if isinstance(block, Todo):
        field = entity.fields[block.when]
        value = field.of(record)
        late = isinstance(value, dt.datetime) and value < user.locale.now
        when = shown_html(entity, field, record, to=user, locale=user.locale, titles=known)
    return Line(
        key=record.pk, url=page_url, title=title_for(entity, to=user)(record), notes=notes, when=when, late=late,
        do_url=f"{page_url}/do/{block.verb}" if isinstance(block, Todo) and user.rights.may("edit", entity.path) else "", side=side,
    )  # fmt: skip


def _measured(block: Measure, user: User) -> str:
    entity = entity_named(block.entity)
    try:
        return measured(Query(entity, parse(block.condition)), entity.fields[block.total] if block.total else None, to=user)
    except (ConditionError, Unanswerable):  # about what this person may not see
        return "–"


def _number(block: Measure, user: User, text: str) -> Number:
    url = f"/{block.entity}?" + urlencode({"view": "all", "where": block.condition})
    return Number(str(block.label), text, url, str(block.hint), block.tone)


def _reached(one: Reached) -> Number:
    return Number(one.label, one.text, one.url, one.hint, one.tone, one.share)
