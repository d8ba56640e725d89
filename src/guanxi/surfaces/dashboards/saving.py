"""Keeping dashboards: made, copied, renamed, shared; their tiles put on, put in order, made wider, taken off."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.http import QueryDict
from django.utils.translation import gettext as _

from guanxi.access.models import Role, User
from guanxi.entity.entity import Entity
from guanxi.record.memory import raise_epoch
from guanxi.record.refusals import Refused
from guanxi.surfaces.dashboards.model import Dashboard, Tile
from guanxi.surfaces.views.asking import ask
from guanxi.surfaces.views.view import View, condition_text

SHAPES = ("number", "chart", "list")
WIDTHS = (1, 2, 3, 4)
STARTS = {"number": 1, "chart": 2, "list": 2}
ASKED = ("condition", "q", "order", "columns", "group", "bucket", "sum", "draw")
"""What of an address a tile keeps."""
MOST_DASHBOARDS = 50
MOST_TILES = 24
LONGEST = 80


def named(text: Any) -> str:
    """A name for a dashboard or tile. Refused."""
    name = " ".join(str(text or "").replace("\x00", "").split())
    if not name:
        raise Refused({"name": _("Fill this in.")})
    if len(name) > LONGEST:
        raise Refused({"name": _("At most %(most)d characters.") % {"most": LONGEST}})
    return name


def make(name: Any, *, by: User) -> Dashboard:
    """A new dashboard without tiles. Refused."""
    if Dashboard.objects.filter(owner=by).count() >= MOST_DASHBOARDS:
        raise Refused({"name": _("You have %(most)d dashboards; delete one first.") % {"most": MOST_DASHBOARDS}})
    board = Dashboard.objects.create(name=named(name), owner=by, position=1000)
    raise_epoch()
    return board


def copy(board: Dashboard, *, by: User) -> Dashboard:
    """One's own dashboard with the same tiles, shared with nobody. Refused."""
    with transaction.atomic():
        made = make(_("%(name)s (copy)") % {"name": board.name[:60]}, by=by)
        tiles = [
            Tile(dashboard=made, position=one.position, name=one.name, entity=one.entity, shape=one.shape, width=one.width, asked=one.asked)
            for one in board.tiles.all()
        ]
        Tile.objects.bulk_create(tiles)
    return made


def share(board: Dashboard, *, everyone: bool, roles: Iterable[int]) -> None:
    """Shown to everyone, to those of some roles, or to nobody else. Refused for a role that is not."""
    wanted = set(roles)
    found = set(Role.objects.filter(pk__in=wanted, deleted_at__isnull=True).values_list("pk", flat=True))
    if wanted - found:
        raise Refused({"roles": _("There is no such role.")})
    with transaction.atomic():
        board.everyone = everyone
        board.save(update_fields=["everyone"])
        board.roles.set(found)
        raise_epoch()


def rename(board: Dashboard, name: Any) -> None:
    """Under another name. Refused."""
    board.name = named(name)
    board.save(update_fields=["name"])
    raise_epoch()


def delete(board: Dashboard) -> None:
    """It is gone; its records stay."""
    board.delete()
    raise_epoch()


def asked_of(view: View) -> dict[str, str]:
    """What a tile keeps of a view."""
    kept = {
        "condition": condition_text(view.condition), "q": view.search, "order": ",".join(view.order), "columns": ",".join(view.columns),
        **{name: view.option(name) for name in ("group", "bucket", "sum", "draw")},
    }  # fmt: skip
    return {name: value for name, value in kept.items() if value}


def put(board: Dashboard, entity: Entity, values: Mapping[str, Any], *, by: User | None) -> Tile:
    """A tile at the end: name, shape, width and what it asks. Refused for what its maker could not ask themselves."""
    with transaction.atomic():
        Dashboard.objects.select_for_update().get(pk=board.pk)
        number = board.tiles.count()
        if number >= MOST_TILES:
            raise Refused({"": _("A dashboard has at most %(most)d tiles; make another one.") % {"most": MOST_TILES}})
        last = max((one.position for one in board.tiles.all()), default=-1)
        tile = Tile(dashboard=board, position=last + 1, entity=entity.path)
        return change(tile, {"shape": "number", **values}, entity, by=by)


def change(tile: Tile, values: Mapping[str, Any], entity: Entity, *, by: User | None) -> Tile:
    """A tile with new values. Refused."""
    if "name" in values or not tile.pk:
        tile.name = named(values.get("name"))
    if "shape" in values:
        if values["shape"] not in SHAPES:
            raise Refused({"shape": _("Choose one of %(shapes)s.") % {"shapes": ", ".join(SHAPES)}})
        tile.shape = values["shape"]
    if "width" in values or not tile.pk:
        width = values.get("width") or STARTS[tile.shape]
        if width not in WIDTHS:
            raise Refused({"width": _("Type a number from %(low)s to %(high)s.") % {"low": 1, "high": 4}})
        tile.width = width
    if "asked" in values:
        tile.asked = _checked(values["asked"], entity, by)
    tile.save()
    return tile


def _checked(asked: Any, entity: Entity, by: User | None) -> dict[str, str]:
    kept = {name: str(value) for name, value in dict(asked or {}).items() if name in ASKED and value not in (None, "")}
    if any(len(value) > 5000 for value in kept.values()):
        raise Refused({"asked": _("This is too long.")})
    problem = ask(query_of(kept), entity, to=by).problem if by else ""
    if problem:
        raise Refused({"asked": problem})
    return kept


def query_of(asked: Mapping[str, str]) -> QueryDict:
    """The parameters of an address that asks so, and for nothing that stands on a view of the reader's."""
    query = QueryDict(mutable=True)
    query.update({"condition": "", "order": "", "columns": "", **asked})
    return query


def arrange(board: Dashboard, keys: Sequence[int]) -> None:
    """Its tiles in this order; those not named come after, as they were."""
    with transaction.atomic():
        Dashboard.objects.select_for_update().get(pk=board.pk)
        tiles = list(board.tiles.all())
        rank = {key: place for place, key in enumerate(keys)}
        tiles.sort(key=lambda one: (rank.get(one.pk, len(rank)), one.position, one.pk))
        for place, one in enumerate(tiles):
            one.position = place
        Tile.objects.bulk_update(tiles, ["position"])
