"""What a tile says to its reader: asked anew each time, with the reader's own rights."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from guanxi.access.models import User
from guanxi.access.sight import clear, shown_html
from guanxi.access.titles import titles_for
from guanxi.entity.entity import Entity
from guanxi.entity.field import Field
from guanxi.entity.registry import entity_named
from guanxi.record.refusals import Refused
from guanxi.surfaces.chart.pages import drawn_context
from guanxi.surfaces.chart.series import summable
from guanxi.surfaces.dashboards.model import Tile
from guanxi.surfaces.dashboards.saving import query_of
from guanxi.surfaces.listing.rows import title_for
from guanxi.surfaces.measuring import measured
from guanxi.surfaces.ordering import Unanswerable
from guanxi.surfaces.reading import page
from guanxi.surfaces.views.asking import Asked, ask, columns_of
from guanxi.surfaces.views.view import address

PATIENCE = 8_000
"""Milliseconds that a tile may take."""
LINES = 6
BESIDE = 3


@dataclass
class Shown:
    """A tile with its answer; `problem` says why there is none."""

    tile: Tile
    url: str = ""
    """The records behind it."""
    problem: str = ""
    number: str = ""
    lines: list[dict[str, Any]] = field(default_factory=list)
    more: bool = False
    chart: dict[str, Any] = field(default_factory=dict)


def question(tile: Tile, user: User) -> tuple[Entity, Asked]:
    """What the tile asks, as this reader may ask it. Refused, in words that tell nothing."""
    try:
        entity = entity_named(tile.entity)
    except LookupError:
        raise Refused({"": _("What this tile asks for is not there any more.")}) from None
    if not user.rights.may("see", entity.path):
        raise Refused({"": _("You may not see what this tile asks for.")})
    asked = ask(query_of(tile.asked), entity, to=user)
    if asked.problem:
        raise Refused({"": _("You may not see what this tile asks for, or it is not there any more.")})
    return entity, asked


def show(tile: Tile, user: User) -> Shown:
    """The tile, answered for this reader."""
    shown = Shown(tile)
    try:
        entity, asked = question(tile, user)
        shown.url = address(asked.view, asked.base)
        _SHOWING[tile.shape](shown, entity, asked, user)
    except (Refused, Unanswerable) as refusal:
        shown.url, shown.problem = "", str(refusal)
    return shown


def summed_field(asked: Asked) -> Field | None:
    """The field whose sum is asked for. Unanswerable when this reader may not know it."""
    name = asked.view.option("sum")
    found = next((one for one in summable(asked.entity, to=asked.user) if one.name == name), None)
    if name and found is None:
        raise Unanswerable(_("“%(field)s” cannot be summed.") % {"field": name[:60]})
    return found


def _number(shown: Shown, entity: Entity, asked: Asked, user: User) -> None:
    shown.number = measured(asked.query, summed_field(asked), to=user)


def _chart(shown: Shown, entity: Entity, asked: Asked, user: User) -> None:
    shown.chart = drawn_context(asked)


def _list(shown: Shown, entity: Entity, asked: Asked, user: User) -> None:
    found = page(asked.query, to=user, limit=LINES)
    columns = [one for one in columns_of(asked.view, to=user) if one.name != entity.title][:BESIDE]
    titles = titles_for(found.records, [one for one in columns if clear(entity, one, to=user)], to=user)
    name = title_for(entity, to=user)
    for record in found.records:
        cells: list[SafeString] = [
            shown_html(entity, one, record, to=user, locale=user.locale, titles=titles)
            for one in columns
            if not one.k.is_empty(one.of(record))
        ]
        shown.lines.append({"url": f"/{entity.path}/{record.pk}", "title": name(record), "notes": cells})
    shown.more = found.next is not None


_SHOWING = {"number": _number, "chart": _chart, "list": _list}
