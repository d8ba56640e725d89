"""Pages of dashboards: the tiles of one, and the dialogs that make and change them."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render as fragment
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from guanxi.access.models import Role, User
from guanxi.base.ordering import InOrder
from guanxi.entity.entity import Entity
from guanxi.entity.registry import entities, entity_named
from guanxi.record.refusals import Refused
from guanxi.surfaces.answers import go
from guanxi.surfaces.dashboards import saving
from guanxi.surfaces.dashboards.known import dashboard_for, dashboards_of, may_change, own_dashboard, tabs_of, tile_for
from guanxi.surfaces.dashboards.model import Dashboard
from guanxi.surfaces.dashboards.tiles import PATIENCE, Shown, show
from guanxi.surfaces.listing.frame import capital
from guanxi.surfaces.pages import answering, render, user_of
from guanxi.surfaces.patience import TooLong, at_most
from guanxi.surfaces.views.asking import asked_for
from guanxi.surfaces.views.known import pick, views_of


@require_GET
@answering
def dashboard(request: HttpRequest, key: int) -> HttpResponse:
    """The page; its tiles come after it, each by itself."""
    user = user_of(request)
    board = dashboard_for(key, user)
    context = {"board": board, "tiles": list(board.tiles.all()), "tabs": tabs_of(user), "may_change": may_change(board, user)}
    return render(request, "surfaces/dashboards/dashboard.html", "tiles", **context)


@require_GET
@answering
def tile(request: HttpRequest, key: int, tile_key: int) -> HttpResponse:
    """One tile, answered for whoever reads it."""
    user = user_of(request)
    board = dashboard_for(key, user)
    one = tile_for(board, tile_key)
    try:
        with at_most(PATIENCE):
            shown = show(one, user)
    except TooLong:
        shown = Shown(one, problem=_("There are very many records; filter first."))
    return fragment(request, "surfaces/dashboards/tile.html", {"shown": shown, "tile": one, "board": board})


@require_http_methods(["GET", "POST"])
@answering
def new(request: HttpRequest) -> HttpResponse:
    """An empty dashboard."""
    user = user_of(request)
    if request.method == "GET":
        return _naming(request, "/dashboards/new", heading=_("New dashboard"))
    try:
        board = saving.make(request.POST.get("name"), by=user)
    except Refused as refusal:
        return _naming(
            request, "/dashboards/new", heading=_("New dashboard"), errors=refusal.errors, name=request.POST.get("name", ""), status=422
        )
    return go(request, f"/dashboards/{board.pk}")


@require_http_methods(["GET", "POST"])
@answering
def settings(request: HttpRequest, key: int) -> HttpResponse:
    """Its name, and who sees it."""
    user = user_of(request)
    board = own_dashboard(key, user)
    url, heading = f"/dashboards/{key}/settings", _("Rename or share")
    if request.method == "GET":
        return _naming(request, url, heading=heading, name=board.name, board=board)
    posted = request.POST
    try:
        saving.rename(board, posted.get("name"))
        roles = [int(text) for text in posted.getlist("roles")[:200] if text.isascii() and text.isdigit() and len(text) < 19]
        saving.share(board, everyone="everyone" in posted, roles=roles)
    except Refused as refusal:
        return _naming(request, url, heading=heading, errors=refusal.errors, name=posted.get("name", ""), board=board, status=422)
    return go(request, f"/dashboards/{key}", _("Saved."))


def _naming(
    request: HttpRequest,
    action: str,
    *,
    heading: str,
    name: str = "",
    board: Dashboard | None = None,
    errors: dict[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    chosen = set(board.roles.values_list("pk", flat=True)) if board else set()
    roles = (
        [(one.pk, one.name, one.pk in chosen) for one in Role.objects.filter(deleted_at__isnull=True).order_by(InOrder("name"))]
        if board
        else []
    )
    context = {"action": action, "heading": heading, "name": name, "board": board, "roles": roles, "errors": errors or {}}
    return fragment(request, "surfaces/dashboards/naming.html", context, status=status)


@require_POST
@answering
def copy(request: HttpRequest, key: int) -> HttpResponse:
    """The same tiles on a dashboard of one's own."""
    user = user_of(request)
    made = saving.copy(dashboard_for(key, user), by=user)
    return go(request, f"/dashboards/{made.pk}", _("This is your own copy now."))


@require_POST
@answering
def delete(request: HttpRequest, key: int) -> HttpResponse:
    """The dashboard is gone; its records stay."""
    board = own_dashboard(key, user_of(request))
    saving.delete(board)
    return go(request, "/", _("“%(name)s” is deleted.") % {"name": board.name})


@require_POST
@answering
def arrange(request: HttpRequest, key: int) -> HttpResponse:
    """The tiles in the order of `ids`."""
    board = own_dashboard(key, user_of(request))
    keys = [int(text) for text in request.POST.get("ids", "").split(",")[:200] if text.isascii() and text.isdigit() and len(text) < 19]
    saving.arrange(board, keys)
    return HttpResponse(status=204)


@require_http_methods(["GET", "POST"])
@answering
def add(request: HttpRequest, key: int) -> HttpResponse:
    """A tile made on the dashboard: a view, and how it is shown."""
    user = user_of(request)
    board = own_dashboard(key, user)
    if request.method == "GET":
        return _adding(request, board, user, {"shape": "number"})
    path, _colon, view_key = request.POST.get("of", "").partition(":")
    try:
        entity = next((one for one in _listed(user) if one.path == path), None)
        if entity is None:
            raise Refused({"of": _("Choose what it shows.")})
        view = pick(views_of(entity, to=user), view_key)
        values = {"name": request.POST.get("name") or f"{capital(str(entity.noun.many))}: {view.label}"[: saving.LONGEST]}
        saving.put(board, entity, {**values, "shape": request.POST.get("shape"), "asked": saving.asked_of(view)}, by=user)
    except Refused as refusal:
        return _adding(request, board, user, request.POST.dict(), refusal.errors)
    return go(request, f"/dashboards/{key}")


def _adding(
    request: HttpRequest, board: Dashboard, user: User, given: dict[str, Any], errors: dict[str, str] | None = None
) -> HttpResponse:
    groups = [
        (capital(str(entity.noun.many)), [(f"{entity.path}:{view.key}", view.label) for view in views_of(entity, to=user)])
        for entity in _listed(user)
    ]
    context = {"board": board, "groups": groups, "given": given, "errors": errors or {}, "shapes": _shapes()}
    return fragment(request, "surfaces/dashboards/adding.html", context, status=422 if errors else 200)


def _shapes() -> list[tuple[str, str]]:
    return [("number", _("Number")), ("chart", _("Chart")), ("list", _("List"))]


def _listed(user: User) -> list[Entity]:
    return [one for one in entities() if one.group and user.rights.may("see", one.path)]


@require_http_methods(["GET", "POST"])
@answering
def keep(request: HttpRequest, entity: Entity) -> HttpResponse:
    """What a list or chart shows, put on a dashboard."""
    asked = asked_for(request, entity)
    user, posted = asked.user, request.POST
    mine = [one for one in dashboards_of(user) if may_change(one, user)]
    if request.method == "GET":
        shape = "chart" if asked.view.shape == "chart" else "list"
        return _keeping(request, mine, {"name": str(asked.base.label), "shape": shape})
    try:
        board = next((one for one in mine if str(one.pk) == posted.get("dashboard")), None)
        if board is None and posted.get("dashboard") != "new":
            raise Refused({"dashboard": _("Choose a dashboard.")})
        name = saving.named(posted.get("name"))
        board = board or saving.make(capital(str(entity.noun.many)), by=user)
        saving.put(board, entity, {"name": name, "shape": posted.get("shape"), "asked": saving.asked_of(asked.view)}, by=user)
    except Refused as refusal:
        return _keeping(request, mine, posted.dict(), refusal.errors)
    return go(request, f"/dashboards/{board.pk}")


def _keeping(request: HttpRequest, mine: list[Dashboard], given: dict[str, Any], errors: dict[str, str] | None = None) -> HttpResponse:
    context = {"action": request.get_full_path(), "mine": mine, "given": given, "errors": errors or {}, "shapes": _shapes()}
    return fragment(request, "surfaces/dashboards/keeping.html", context, status=422 if errors else 200)


@require_http_methods(["GET", "POST"])
@answering
def edit_tile(request: HttpRequest, key: int, tile_key: int) -> HttpResponse:
    """Another name, shape or width; or off with it."""
    user = user_of(request)
    one = tile_for(own_dashboard(key, user), tile_key)
    if request.method == "GET":
        return _editing(request, one, {"name": one.name, "shape": one.shape, "width": one.width})
    posted = request.POST
    if "remove" in posted:
        one.delete()
        return go(request, f"/dashboards/{key}")
    width = posted.get("width", "")
    values = {"name": posted.get("name"), "shape": posted.get("shape"), "width": int(width) if width in {"1", "2", "3", "4"} else 0}
    try:
        saving.change(one, values, entity_named(one.entity), by=user)
    except Refused as refusal:
        return _editing(request, one, posted.dict(), refusal.errors)
    return go(request, f"/dashboards/{key}")


def _editing(request: HttpRequest, one: Any, given: dict[str, Any], errors: dict[str, str] | None = None) -> HttpResponse:
    widths = [(1, _("A quarter")), (2, _("Half")), (3, _("Three quarters")), (4, _("The whole width"))]
    context = {"tile": one, "given": given, "errors": errors or {}, "shapes": _shapes(), "widths": widths}
    return fragment(request, "surfaces/dashboards/editing.html", context, status=422 if errors else 200)
