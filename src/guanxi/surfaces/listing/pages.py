"""The page of many records, the counts on its tabs, the sums below it, and the check of a condition typed as text."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256

import orjson
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.html import escape
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from guanxi.access.models import User
from guanxi.access.sight import clear
from guanxi.base.money import format_money
from guanxi.entity.conditions import ConditionError, check, from_json, parse, print_text, to_json
from guanxi.entity.entity import Entity
from guanxi.record.memory import remember
from guanxi.surfaces.board.pages import board
from guanxi.surfaces.calendar.pages import calendar
from guanxi.surfaces.chart.pages import chart
from guanxi.surfaces.listing.catalogue import whole
from guanxi.surfaces.listing.frame import columns_panel, respond
from guanxi.surfaces.listing.table import table
from guanxi.surfaces.ordering import Unanswerable
from guanxi.surfaces.pages import answering, must_see, user_of
from guanxi.surfaces.patience import TooLong, at_most
from guanxi.surfaces.reading import Query, count, rows, totals
from guanxi.surfaces.views.asking import Asked, ask, asked_for
from guanxi.surfaces.views.known import pick, views_of
from guanxi.surfaces.views.view import View

SHAPES: dict[str, Callable[[HttpRequest, Asked], HttpResponse]] = {
    "table": table, "board": board, "chart": chart, "calendar": calendar,
}  # fmt: skip


@require_GET
@answering
def many(request: HttpRequest, entity: Entity) -> HttpResponse:
    """Many records of an entity, in whatever shape."""
    user = user_of(request)
    must_see(entity, user)
    asked = ask(request.GET, entity, to=user)
    try:
        return SHAPES[asked.view.shape](request, asked)
    except (ConditionError, Unanswerable) as wrong:
        return respond(request, asked, "surfaces/listing/refused.html", status=422, problem=str(wrong))


@require_GET
@answering
def tab_counts(request: HttpRequest, entity: Entity) -> HttpResponse:
    """How many records each tab has, put into the tabs after the page is there."""
    user = user_of(request)
    must_see(entity, user)
    views = views_of(entity, to=user)
    try:
        with at_most():
            numbers = [_counted(view, user) for view in views]
    except TooLong:
        numbers = [_counted_in_time(view, user) for view in views]
    parts = [
        f'<span class="n" id="n-{escape(view.key)}" hx-swap-oob="true">{number}</span>' for view, number in zip(views, numbers, strict=True)
    ]
    return HttpResponse("".join(parts))


def _counted(view: View, user: User) -> str:
    """How many records a view has; nothing for one whose condition the reader may not ask."""
    try:
        return str(count(rows(Query(view.entity, view.condition), to=user)))
    except ConditionError:
        return ""


def _counted_in_time(view: View, user: User) -> str:
    try:
        with at_most(500):
            return _counted(view, user)
    except TooLong:
        return ""


@require_GET
@answering
def short_count(request: HttpRequest, entity: Entity) -> HttpResponse:
    """How many records a view has, as a short text: for the side bar."""
    user = user_of(request)
    must_see(entity, user)
    view = pick(views_of(entity, to=user), request.GET.get("view", ""))
    try:
        with at_most():
            number = count(rows(Query(entity, view.condition), to=user), cap=99)
    except TooLong:
        return HttpResponse("")
    return HttpResponse(str(number) if number.number else "")


@require_GET
@answering
def foot(request: HttpRequest, entity: Entity) -> HttpResponse:
    """How many records are shown, and the sums of their totals by currency."""
    user = user_of(request)
    must_see(entity, user)
    asked = ask(request.GET, entity, to=user)
    if asked.problem:
        return HttpResponse("")
    found = rows(asked.query, to=user)
    fields = [one for one in entity.fields.values() if one.total and clear(entity, one, to=user)]
    try:
        with at_most():
            number = count(found)
            sums = totals(found, fields)
    except TooLong:
        return HttpResponse(escape(_("Too many to count quickly; filter first.")))
    noun = entity.noun.one if number.number == 1 else entity.noun.many
    parts = [f'<span><span data-total="{number.number}">{number}</span> {escape(noun)}</span>']
    for one in fields:
        pairs = (sums or {}).get(one.name)
        if pairs:
            said = " + ".join(format_money(amount, currency or user.locale.currency, user.locale.language) for amount, currency in pairs)
            parts.append(f'<span>{escape(one.label)} <b class="num">{escape(said)}</b></span>')
    if sums is None and fields:
        parts.append(f'<span class="dim">{escape(_("Filter to see sums."))}</span>')
    return HttpResponse("".join(parts))


@require_GET
@answering
def columns(request: HttpRequest, entity: Entity) -> HttpResponse:
    """Which columns there are, and where each leads; fetched when somebody looks."""
    return render(request, "surfaces/listing/columns.html", {"columns_panel": columns_panel(asked_for(request, entity))})


@require_GET
@answering
def catalogue(request: HttpRequest, entity: Entity) -> HttpResponse:
    """All that a condition may compare. The browser keeps it, and asks whether it is still true."""
    user = user_of(request)
    must_see(entity, user)
    text = remember(
        ("catalogue text", entity.path, user.pk, get_language()),
        lambda: orjson.dumps({"fields": list(whole(entity, user).values())}),
    )
    mark = f'"{sha256(text).hexdigest()[:24]}"'
    fresh = request.headers.get("If-None-Match") == mark
    response = HttpResponse(status=304) if fresh else HttpResponse(text, content_type="application/json")
    response.headers["ETag"] = mark
    response.headers["Cache-Control"] = "private, no-cache"
    return response


@require_POST
@answering
def condition(request: HttpRequest, entity: Entity) -> HttpResponse:
    """A condition from text to tree, or back; what is wrong with it, where, and what was perhaps meant."""
    user = user_of(request)
    must_see(entity, user)
    try:
        if "tree" in request.POST:
            return JsonResponse({"text": print_text(from_json(_json(request.POST["tree"])))})
        text = request.POST.get("text", "")
        tree = parse(text)
        check(tree, entity, user)
        return JsonResponse({"tree": to_json(tree) if text.strip() else None})
    except ConditionError as wrong:
        return JsonResponse({"error": wrong.as_json()})


def _json(text: str) -> object:
    try:
        return orjson.loads(text or "null")
    except ValueError:
        raise ConditionError(_("This filter is not JSON.")) from None
