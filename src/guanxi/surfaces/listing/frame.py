"""What every page of many records has around it: head, tabs, conditions, shapes, columns, and what to do with a changed view."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render as render_template
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from guanxi.access.models import User
from guanxi.access.sight import readable
from guanxi.access.titles import titles
from guanxi.entity.conditions import keys_in, print_text, sentence
from guanxi.entity.entity import Entity
from guanxi.surfaces.listing.catalogue import about
from guanxi.surfaces.views.asking import Asked, columns_of
from guanxi.surfaces.views.view import KEPT, PASSING, View, address, condition_text, parameters


def respond(request: HttpRequest, asked: Asked, template: str, *, status: int = 200, **context: Any) -> HttpResponse:
    """The page, or when htmx asks, what changes on it: the records, and the parts of the frame that say how they are shown."""
    asks = request.headers.get("HX-Request") == "true"
    around = {**frame(asked), **context, "template": template}
    if request.headers.get("HX-Trigger-Name") == "columns":
        around["columns_panel"] = columns_panel(asked)
    page = "surfaces/listing/fragment.html" if asks else "surfaces/listing/many.html"
    response = render_template(request, page, around, status=status)
    if asks and not asked.problem:
        response.headers["HX-Push-Url"] = address(asked.view, asked.base)
    return response


def frame(asked: Asked) -> dict[str, Any]:
    """What the frame's templates need."""
    entity, user, view, base = asked.entity, asked.user, asked.view, asked.base
    return {
        "entity": entity,
        "title": capital(str(entity.noun.many)),
        "view": view,
        "base": base,
        "problem": asked.problem,
        "tabs": [_tab(one, base) for one in asked.tabs],
        "counts_url": address(view, base, below="tabs"),
        "totals_url": address(view, base, below="totals"),
        "check_url": f"/{entity.path}/condition",
        "exports": _exports(view, base),
        "carried": _carried(view, base),
        "condition": condition_text(view.condition),
        "condition_as_text": asked.written or (print_text(view.condition) if view.condition else ""),
        "catalogue": about(view.condition, entity, user),
        "catalogue_url": f"/{entity.path}/catalogue",
        "shapes": _shapes(asked),
        "columns_url": address(view, base, below="columns"),
        "changed": asked.changed,
        "reset_url": f"/{entity.path}?view={base.key}",
        "save_url": address(view, base, below="views/save"),
        "save_as_url": address(view, base, below="views/new"),
        "tile_url": address(view, base, below="tile"),
        "may_save": base.mine,
        "acts": _acts(entity, user),
        "pages": [
            {"label": one.label, "icon": one.icon, "url": f"/{entity.path}/{one.name}"}
            for one in entity.pages
            if not one.needs or user.rights.may("see", one.needs)
        ],
        "may_arrange": base.mine or (base.shared and user.rights.everything),
    }


def capital(text: str) -> str:
    """The first letter large, the rest as it is."""
    return text[:1].upper() + text[1:]


def _tab(view: View, base: View) -> dict[str, Any]:
    return {
        "key": view.key, "label": view.label, "url": f"/{view.entity.path}?view={view.key}", "current": view.key == base.key,
        "shared": view.saved is not None and not view.mine,
    }  # fmt: skip


def _carried(view: View, base: View) -> list[tuple[str, str]]:
    """What a form over the page sends along besides what it asks: the rest of the address."""
    said = parameters(view, base, condition=None, q=None)
    return list(said.items())


def _acts(entity: Entity, user: User) -> dict[str, str]:
    """What can be done here besides looking: where each leads."""
    rights, acts = user.rights, {}
    if rights.may("create", entity.path):
        acts["create"] = pgettext("create", "New %(one)s") % {"one": entity.noun.one}
    if rights.may("import", entity.path):
        acts["import"] = _("Import")
    if rights.may("export", entity.path):
        acts["export"] = _("Export")
    if rights.may("delete", entity.path):
        acts["trash"] = _("Trash")
    if entity.mergeable and user.rights.may("edit", entity.path):
        acts["duplicates"] = _("Duplicates")
    return acts


def _exports(view: View, base: View) -> list[tuple[str, str]]:
    """Ways to export what is shown: (label, address)."""
    plain = address(view, base, below="export")
    sign = "&" if "?" in plain else "?"
    return [
        (_("These columns, as Excel"), f"{plain}{sign}format=xlsx"),
        (_("These columns, as CSV"), plain),
        (_("All columns, as Excel"), f"{plain}{sign}all=1&format=xlsx"),
        (_("All columns, as CSV"), f"{plain}{sign}all=1"),
    ]


def _shapes(asked: Asked) -> list[dict[str, Any]]:
    entity, view, base = asked.entity, asked.view, asked.base
    known = [("table", _("Table"), "table"), ("board", _("Board"), "layout-kanban"), ("chart", _("Chart"), "chart-bar")]
    if entity.calendar:
        known.append(("calendar", _("Calendar"), "calendar"))
    if entity.board is None and view.shape != "board":
        known = [one for one in known if one[0] != "board"]
    return [
        {"name": name, "label": label, "icon": icon, "url": address(replace(view, shape=name), base), "current": view.shape == name}
        for name, label, icon in known
    ]


def columns_panel(asked: Asked) -> list[dict[str, Any]]:
    """Every field one may show: those shown first, in their order, each with where a click leads."""
    view, base, user = asked.view, asked.base, asked.user
    entity = view.entity
    shown = [one.name for one in columns_of(view, to=user)]

    def showing(names: list[str]) -> str:
        return address(replace(view, columns=tuple(names)), base)

    entries = []
    for place, name in enumerate(shown):
        fixed = name == entity.title
        without = [other for other in shown if other != name]
        up = [*shown[: place - 1], name, *without[place - 1 :]] if place > 1 else None
        down = [*without[: place + 1], name, *without[place + 1 :]] if not fixed and place < len(shown) - 1 else None
        entries.append(
            {
                "label": entity.fields[name].label, "icon": entity.fields[name].k.icon, "shown": True, "fixed": fixed,
                "toggle": "" if fixed else showing(without), "up": showing(up) if up else "", "down": showing(down) if down else "",
            }
        )  # fmt: skip
    others = [one for one in readable(entity, entity.data_fields, to=user) if one.name not in shown]
    entries += [{"label": one.label, "icon": one.k.icon, "shown": False, "toggle": showing([*shown, one.name])} for one in others]
    return entries


def in_words(asked: Asked) -> str:
    """The condition as a sentence."""
    view, user = asked.view, asked.user
    if view.condition is None:
        return ""
    known = titles(keys_in(view.condition, view.entity, user), to=user)
    return ", ".join(str(chip) for chip in sentence(view.condition, view.entity, user.language, actor=user, titles=known))


__all__ = ["KEPT", "PASSING", "capital", "columns_panel", "frame", "in_words", "respond"]
