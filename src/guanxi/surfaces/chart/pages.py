"""The chart's page, and its numbers when they come after it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from guanxi.entity.conditions import Tree, all_of
from guanxi.entity.entity import Entity
from guanxi.entity.kinds import MoneyKind
from guanxi.surfaces.board.cards import amounts
from guanxi.surfaces.chart.series import BUCKETS, DRAWINGS, Chart, chosen, draw, groupable, summable
from guanxi.surfaces.listing.frame import capital, respond
from guanxi.surfaces.pages import answering
from guanxi.surfaces.patience import TooLong, at_most
from guanxi.surfaces.reading import count, rows
from guanxi.surfaces.views.asking import Asked, asked_for
from guanxi.surfaces.views.view import address

AT_ONCE = 2_000
"""So many records are counted with the page; more are counted after it is there."""


def chart(request: HttpRequest, asked: Asked) -> HttpResponse:
    """The chart of what is asked for."""
    template = "surfaces/chart/chart.html"
    if asked.problem:
        return respond(request, asked, template, status=422)
    later = count(rows(asked.query, to=asked.user), cap=AT_ONCE).capped
    around: dict[str, Any] = {"choices": _choices(asked), "here": address(asked.view, asked.base)}
    if later:
        chosen(asked)
        return respond(request, asked, template, later_url=address(asked.view, asked.base, below="chart"), **around)
    return respond(request, asked, template, **around, **drawn_context(asked))


@require_GET
@answering
def numbers(request: HttpRequest, entity: Entity) -> HttpResponse:
    """The chart alone."""
    asked = asked_for(request, entity)
    try:
        with at_most(10_000):
            context = drawn_context(asked)
    except TooLong:
        context = {"too_long": True}
    return render(request, "surfaces/chart/numbers.html", context)


def drawn_context(asked: Asked) -> dict[str, Any]:
    """What the template of the numbers is told of the chart that is asked for. Unanswerable."""
    drawn = draw(asked)
    what = str(drawn.summed.label) if drawn.summed else capital(str(asked.entity.noun.many))
    title = _("%(what)s by %(by)s") % {"what": what, "by": drawn.by.label}
    return {
        "chart_json": _json(asked, drawn, what),
        "chart_title": title,
        "sums": _sums(asked, drawn),
        "cut": drawn.cut,
        "nothing": not drawn.groups,
    }


def _json(asked: Asked, drawn: Chart, what: str) -> SafeString:
    money = drawn.summed is not None and isinstance(drawn.summed.k, MoneyKind)
    currencies = [currency for currency, _values in drawn.series]
    links = [_link(asked, one.condition) for one in drawn.groups]
    said = {
        "shape": drawn.drawing,
        "labels": [one.label for one in drawn.groups],
        "series": [
            {"label": currency if len(currencies) > 1 else what, "values": [float(value) for value in values]}
            for currency, values in drawn.series
        ],
        "links": links,
        "unit": "money" if money else "number",
        "currency": (currencies[0] or asked.user.locale.currency) if money and len(currencies) == 1 else "",
    }
    text = orjson.dumps(said).decode()
    return mark_safe(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))  # noqa: S308 - cannot leave the script block


def _link(asked: Asked, condition: Tree | None) -> str | None:
    """The records behind a datum, as a table."""
    if condition is None:
        return None
    given = asked.view.condition
    both = all_of((given, condition)) if given is not None else condition
    return address(replace(asked.view, condition=both, shape="table", options={}), asked.base)


def _sums(asked: Asked, drawn: Chart) -> str:
    """All groups together."""
    together = [(sum(values), currency) for currency, values in drawn.series]
    if drawn.summed is not None and isinstance(drawn.summed.k, MoneyKind):
        return amounts(sorted(((amount, currency) for amount, currency in together if amount), reverse=True), to=asked.user)
    return f"{sum(amount for amount, _currency in together):,}"


def _choices(asked: Asked) -> list[dict[str, Any]]:
    """The switches above the chart: what it groups by, in which buckets, what it measures, how it is drawn."""
    by, bucket, summed, drawing = chosen(asked)
    entity, user = asked.entity, asked.user
    menus = [
        _menu("group", _("By %(field)s"), by.label, [(one.name, one.label, one == by) for one in groupable(entity, to=user)], asked),
        _menu(
            "sum", "%(field)s", summed.label if summed else _("Count"),
            [("", _("Count"), summed is None), *((one.name, one.label, one == summed) for one in summable(entity, to=user))], asked,
        ),
        _menu("draw", "%(field)s", DRAWINGS[drawing], [(name, label, name == drawing) for name, label in DRAWINGS.items()], asked),
    ]  # fmt: skip
    if bucket:
        menus.insert(
            1,
            _menu(
                "bucket", _("Each %(field)s"), BUCKETS[bucket], [(name, label, name == bucket) for name, label in BUCKETS.items()], asked
            ),
        )
    return menus


def _menu(name: str, words: str, present: Any, entries: list[tuple[str, Any, bool]], asked: Asked) -> dict[str, Any]:
    def url(value: str) -> str:
        options = {**asked.view.options, name: value}
        if name == "group":
            options.pop("draw", None)
        return address(replace(asked.view, options={key: text for key, text in options.items() if text}), asked.base)

    return {
        "name": name,
        "label": words % {"field": present},
        "entries": [(label, url(value), current) for value, label, current in entries],
    }
