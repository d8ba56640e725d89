"""The board, what loads by itself, and the move of a card."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.html import escape
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from guanxi.access.models import User
from guanxi.access.sight import writable
from guanxi.entity.entity import Entity
from guanxi.record.changes import UI, edit
from guanxi.record.refusals import Refused, Stale
from guanxi.surfaces.board.cards import card_fields, cards_html, head_html
from guanxi.surfaces.board.lanes import Arrangement, Lane, arrange, heads, laneable
from guanxi.surfaces.forms.inputs import Sheet, inputs
from guanxi.surfaces.listing.frame import respond
from guanxi.surfaces.listing.rows import holds, marks, needed
from guanxi.surfaces.pages import answering, fire, record_or_404, refused, toast
from guanxi.surfaces.patience import TooLong, at_most
from guanxi.surfaces.reading import Page, count, first_pages, page, rows
from guanxi.surfaces.views.asking import Asked, asked_for
from guanxi.surfaces.views.view import address

CARDS = 20
AT_ONCE = 2_000
"""So many cards are summed with the page; more are summed after it is there."""


def board(request: HttpRequest, asked: Asked) -> HttpResponse:
    """The board of what is asked for."""
    template = "surfaces/board/board.html"
    if asked.problem:
        return respond(request, asked, template, status=422, lanes=[])
    arranged = arrange(asked)
    user = asked.user
    only, also = _fetched(asked)
    groups = [arranged.where(lane) for lane in arranged.lanes]
    pages = first_pages(arranged.query, groups, to=user, limit=CARDS, only=only, also=also)
    found = rows(arranged.query, to=user)
    # An empty board, or lanes that are all there, need no counting; large ones are summed after the page.
    few = all(one.next is None for one in pages) or not count(found, cap=AT_ONCE).capped
    above = heads(found, arranged) if few else {}
    return respond(
        request, asked, template,
        here=address(asked.view, asked.base),
        lanes=_lanes(asked, arranged, pages, above),
        later_url="" if few else address(asked.view, asked.base, below="board/heads"),
        move_url=address(asked.view, asked.base, below="0/move").replace("/0/move", "/{id}/move"),
        scopes=[(name, address(asked.view, asked.base, lanes=str(key)), key == arranged.scope) for key, name in arranged.scopes],
        lane_fields=_lane_fields(asked, arranged),
        by=arranged.by,
        empty=not any(one.records for one in pages),
    )  # fmt: skip


def _fetched(asked: Asked) -> tuple[list[str], dict[str, Any]]:
    entity, user = asked.entity, asked.user
    fields = card_fields(entity, to=user)
    also = marks(entity, fields, to=user)
    stuck = holds(entity, entity.board.stuck, to=user) if entity.board and entity.board.stuck else None
    if stuck is not None:
        also["card_stuck"] = stuck
    return needed(entity, fields), also


def _lanes(asked: Asked, board: Arrangement, pages: list[Page], above: dict[str, Any]) -> list[dict[str, Any]]:
    entity, user = asked.entity, asked.user
    every = [record for one in pages for record in one.records]
    cards = dict(
        zip(
            (record.pk for record in every),
            cards_html(entity, every, card_fields(entity, to=user), to=user, movable=_movable(board)),
            strict=True,
        )
    )
    lanes = []
    for lane, found in zip(board.lanes, pages, strict=True):
        if lane.optional and not found.records:
            continue
        html = "".join([cards[record.pk] for record in found.records]) + _more(asked, lane, found)
        head = head_html(lane, above.get(lane.key), to=user, summed=board.total is not None)
        shut = lane.shut and not found.records
        lanes.append({"key": lane.key, "shut": shut, "label": lane.label, "head": mark_safe(head), "cards": mark_safe(html)})  # noqa: S308 - made of escaped parts
    return lanes


def _movable(board: Arrangement) -> bool:
    user, entity = board.asked.user, board.asked.entity
    return bool(writable(entity, [board.by], by=user)) and user.rights.may("edit", entity.path)


def _more(asked: Asked, lane: Lane, found: Page) -> str:
    if found.next is None:
        return ""
    url = escape(address(asked.view, asked.base, below="board/lane", lane=lane.key, after=found.next))
    return f'<li class="sentinel" hx-get="{url}" hx-trigger="intersect once" hx-swap="outerHTML"></li>'


def _lane_fields(asked: Asked, board: Arrangement) -> list[tuple[str, str, bool]]:
    default = asked.entity.board.by if asked.entity.board else ""
    return [
        (
            str(one.label),
            address(asked.view, asked.base, by=None if one.name == default else one.name, lanes=None),
            one.name == board.by.name,
        )
        for one in laneable(asked.entity, to=asked.user)
    ]


@require_GET
@answering
def more(request: HttpRequest, entity: Entity) -> HttpResponse:
    """The next cards of a lane."""
    asked = asked_for(request, entity)
    arranged = arrange(asked)
    lane = arranged.lane_of(request.GET.get("lane", ""))
    only, also = _fetched(asked)
    found = page(arranged.narrowed(lane), to=asked.user, after=request.GET.get("after") or None, limit=CARDS, only=only, also=also)
    cards = cards_html(entity, found.records, card_fields(entity, to=asked.user), to=asked.user, movable=_movable(arranged))
    return HttpResponse("".join(cards) + _more(asked, lane, found))


@require_GET
@answering
def lane_heads(request: HttpRequest, entity: Entity) -> HttpResponse:
    """How many cards each lane has and their sums, put into the board after it is there."""
    asked = asked_for(request, entity)
    arranged = arrange(asked)
    try:
        with at_most():
            above = heads(rows(arranged.query, to=asked.user), arranged)
    except TooLong:
        return HttpResponse("")
    shown = [lane for lane in arranged.lanes if not lane.optional or above[lane.key].number]
    return HttpResponse(
        "".join(head_html(lane, above[lane.key], to=asked.user, swapped=True, summed=arranged.total is not None) for lane in shown)
    )


# ——— moving ———


@require_POST
@answering
def move(request: HttpRequest, entity: Entity, key: int) -> HttpResponse:
    """A card into another lane: sets the lane's field, by its verb when it has one. What else is needed for it is asked for."""
    asked = asked_for(request, entity)
    arranged = arrange(asked)
    lane = arranged.lane_of(request.POST.get("lane", ""))
    user, by = asked.user, arranged.by
    record = record_or_404(entity, key, user)
    left = "" if by.of(record) in (None, "") else str(by.of(record))
    answers = {name: entity.fields[name].k.read(request.POST, name) for name in request.POST.getlist("asked") if name in entity.fields}
    origin = UI.batched()
    try:
        with transaction.atomic():
            if answers:
                record = edit(record, answers, by=user, origin=origin)
            moved = _moved(
                record, {by.name: lane.value}, by=user, origin=origin, version=None if answers else _version(request), lane=by.name
            )
    except Refused as refusal:
        return _question(request, asked, lane, record, refusal, answers)
    dialog = bool(answers)
    response = HttpResponse(status=204) if dialog else HttpResponse(_after(asked, arranged, moved.pk, {left, lane.key}))
    said = _("%(record)s is in “%(lane)s” now.") % {"record": entity.title_of(moved), "lane": lane.label}
    response = toast(response, said, undo=f"/batches/{origin.batch}/undo")
    return fire(response, close_dialog=True, refresh_list=True) if dialog else response


def _version(request: HttpRequest) -> int | None:
    text = request.POST.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _moved(record: Any, values: dict[str, Any], *, by: User, origin: Any, version: int | None, lane: str) -> Any:
    """A card may be moved although something else of it changed meanwhile; not when somebody else moved it."""
    try:
        return edit(record, values, by=by, origin=origin, version=version)
    except Stale as stale:
        if any(lane in change.diff for change in stale.meanwhile):
            raise
        return edit(record, values, by=by, origin=origin)


def _question(request: HttpRequest, asked: Asked, lane: Lane, record: Any, refusal: Refused, answers: dict[str, Any]) -> HttpResponse:
    """A dialog that asks for what the move needs; a plain refusal when it is nothing that can be filled in."""
    entity, user = asked.entity, asked.user
    wanted = [entity.fields[name] for name in dict.fromkeys([*answers, *refusal.errors]) if name in entity.fields]
    if not wanted or len(writable(entity, wanted, by=user)) < len(wanted) or any(name not in entity.fields for name in refusal.errors):
        return refused(refusal.told(entity.fields), 422)
    first_time = not answers
    sheet = Sheet(entity, user, record, typed=answers or None, errors={} if first_time else refusal.errors, prefix="move")
    return render(
        request, "surfaces/board/question.html",
        {
            "inputs": inputs(sheet, wanted), "names": [one.name for one in wanted], "lane": lane, "record": entity.title_of(record),
            "action": request.get_full_path(), "hints": list(refusal.errors.values()) if first_time else [],
        },
        status=422,
    )  # fmt: skip


def _after(asked: Asked, board: Arrangement, key: int, touched: set[str]) -> str:
    """The card as it is now, and the heads of the lanes it left and came to."""
    entity, user = asked.entity, asked.user
    only, expressions = _fetched(asked)
    record = rows(board.query, to=user).filter(pk=key).only("pk", *only).annotate(**expressions).first()
    html = ""
    if record is not None:
        (card,) = cards_html(entity, [record], card_fields(entity, to=user), to=user, movable=_movable(board))
        html = card.replace("<li ", '<li hx-swap-oob="true" ', 1)
    lanes = [lane for lane in board.lanes if lane.key in touched]
    try:
        with at_most(600):
            found = rows(board.query, to=user)
            where = board.where(lanes[0])
            for lane in lanes[1:]:
                where |= board.where(lane)
            above = heads(found.filter(where), board, [lane.key for lane in lanes])
    except TooLong:
        return html
    return html + "".join(head_html(lane, above[lane.key], to=user, swapped=True, summed=board.total is not None) for lane in lanes)
