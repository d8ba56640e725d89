"""Dashboards through the API: read what is shared, make, change, share and delete one's own, and read what a tile says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as _n
from ninja import Router

from guanxi.access.models import User
from guanxi.record.refusals import Missing, Refused
from guanxi.surfaces.api.addressed import entity_for, key_in
from guanxi.surfaces.api.answers import caller_of, json_answer, nothing
from guanxi.surfaces.api.bodies import misfits, object_of
from guanxi.surfaces.api.callers import Caller
from guanxi.surfaces.api.rows import Sheet
from guanxi.surfaces.chart.series import draw
from guanxi.surfaces.dashboards import saving
from guanxi.surfaces.dashboards.known import dashboard_for, dashboards_of, may_change, own_dashboard, tile_for
from guanxi.surfaces.dashboards.model import Dashboard, Tile
from guanxi.surfaces.dashboards.tiles import LINES, PATIENCE, question, summed_field
from guanxi.surfaces.measuring import sums
from guanxi.surfaces.patience import TooLong, at_most
from guanxi.surfaces.reading import count, page, rows

TILE: dict[str, Any] = {
    "entity": {"type": "string"},
    "name": {"type": "string", "minLength": 1, "maxLength": saving.LONGEST},
    "shape": {"type": "string", "enum": list(saving.SHAPES)},
    "width": {"type": "integer", "minimum": 1, "maximum": 4},
    "asked": {"type": "object", "properties": {name: {"type": "string", "maxLength": 5000} for name in saving.ASKED}},
}
"""What is sent of a tile."""
SCHEMA: dict[str, Any] = {
    "name": {"type": "string", "minLength": 1, "maxLength": saving.LONGEST},
    "everyone": {"type": "boolean"},
    "roles": {"type": "array", "maxItems": 200, "items": {"type": "integer", "minimum": 1, "maximum": 2**63 - 1}},
    "tiles": {
        "type": "array", "maxItems": saving.MOST_TILES,
        "items": {
            "type": "object", "properties": TILE, "required": ["entity", "name", "shape"], "additionalProperties": False,
        },
    },
}  # fmt: skip
"""What is sent of a dashboard; `tiles` replace those it has."""

router = Router()


@router.get("/dashboards", operation_id="dashboards", summary=_n("List dashboards"))
def list_dashboards(request: HttpRequest) -> HttpResponse:
    """The caller's own, and those shared with them or with a role of theirs."""
    user = caller_of(request).user
    return json_answer({"data": [_told(board, user) for board in dashboards_of(user).prefetch_related("tiles", "roles")]})


@router.post("/dashboards", operation_id="dashboards_create", summary=_n("Make a dashboard"))
def create_dashboard(request: HttpRequest) -> HttpResponse:
    caller = caller_of(request)
    values = _values(request)
    with transaction.atomic():
        board = saving.make(values.get("name"), by=caller.user)
        _save(board, values, caller)
    return json_answer(_told(board, caller.user), 201, Location=f"/api/v1/dashboards/{board.pk}")


@router.get("/dashboards/{key}", operation_id="dashboards_get", summary=_n("Read a dashboard"))
def get_dashboard(request: HttpRequest, key: str) -> HttpResponse:
    user = caller_of(request).user
    return json_answer(_told(dashboard_for(key_in(key), user), user))


@router.patch("/dashboards/{key}", operation_id="dashboards_edit", summary=_n("Change a dashboard"))
def edit_dashboard(request: HttpRequest, key: str) -> HttpResponse:
    caller = caller_of(request)
    board = own_dashboard(key_in(key), caller.user)
    values = _values(request)
    with transaction.atomic():
        if "name" in values:
            saving.rename(board, values["name"])
        _save(board, values, caller)
    return json_answer(_told(board, caller.user))


@router.delete("/dashboards/{key}", operation_id="dashboards_delete", summary=_n("Delete a dashboard"))
def delete_dashboard(request: HttpRequest, key: str) -> HttpResponse:
    saving.delete(own_dashboard(key_in(key), caller_of(request).user))
    return nothing()


@router.get("/dashboards/{key}/tiles/{tile_key}", operation_id="dashboards_tile", summary=_n("Read what a tile says"))
def tile_answer(request: HttpRequest, key: str, tile_key: str) -> HttpResponse:
    """The number, the sums by currency, the groups of the chart or the first records: of what the caller may see."""
    user = caller_of(request).user
    tile = tile_for(dashboard_for(key_in(key), user), key_in(tile_key))
    try:
        with at_most(PATIENCE):
            return json_answer({"shape": tile.shape, "name": tile.name, **_answered(tile, user)})
    except TooLong:
        raise Refused({"": _("There are very many records; filter first.")}) from None


def _answered(tile: Tile, user: User) -> dict[str, Any]:
    entity, asked = question(tile, user)
    if tile.shape == "list":
        found = page(asked.query, to=user, limit=LINES)
        return {"entity": entity.path, "records": Sheet(entity, user).tell(found.records), "more": found.next is not None}
    if tile.shape == "chart":
        drawn = draw(asked)
        series = [{"currency": currency, "values": [str(value) for value in values]} for currency, values in drawn.series]
        return {
            "by": drawn.by.name,
            "sum": drawn.summed.name if drawn.summed else "",
            "labels": [one.label for one in drawn.groups],
            "series": series,
        }
    summed = summed_field(asked)
    if summed is None:
        counted = count(rows(asked.query, to=user))
        return {"number": counted.number, "capped": counted.capped}
    return {
        "sum": summed.name,
        "sums": [{"amount": str(amount), "currency": currency} for amount, currency in sums(asked.query, summed, to=user)],
    }


def _told(board: Dashboard, user: User) -> dict[str, Any]:
    return {
        "id": board.pk,
        "name": board.name,
        "mine": board.owner_id == user.pk,
        "may_change": may_change(board, user),
        "everyone": board.everyone,
        "roles": sorted(one.pk for one in board.roles.all()),
        "tiles": [
            {"id": one.pk, "entity": one.entity, "name": one.name, "shape": one.shape, "width": one.width, "asked": one.asked}
            for one in board.tiles.all()
        ],
    }


def _values(request: HttpRequest) -> dict[str, Any]:
    values = object_of(request)
    errors: dict[str, str] = {name: _("A dashboard has no “%(name)s”.") % {"name": name[:60]} for name in values if name not in SCHEMA}
    for name, value in values.items():
        misfits(SCHEMA.get(name, {}), value, name, errors)
    if errors:
        raise Refused(errors)
    return values


def _save(board: Dashboard, values: Mapping[str, Any], caller: Caller) -> None:
    """Share it, and replace its tiles, as far as that was sent. Refused."""
    if "everyone" in values or "roles" in values:
        roles = values.get("roles", board.roles.values_list("pk", flat=True))
        saving.share(board, everyone=bool(values.get("everyone", board.everyone)), roles=roles or ())
    if "tiles" not in values:
        return
    board.tiles.all().delete()
    for place, tile in enumerate(values["tiles"] or ()):
        try:
            saving.put(board, entity_for(tile["entity"], caller), tile, by=caller.user)
        except Missing as missing:
            raise Refused({f"tiles.{place}.entity": str(missing)}) from None
        except Refused as refusal:
            raise Refused({f"tiles.{place}.{name}".rstrip("."): message for name, message in refusal.errors.items()}) from None
