"""Saved views through the API: read, make, change and delete one's own; read those that others share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as _n
from ninja import Query as Asked
from ninja import Router

from guanxi.access.models import User
from guanxi.access.sight import readable
from guanxi.entity.conditions import ConditionError, Tree, check, from_json, parse, print_text, to_json
from guanxi.entity.entity import Entity
from guanxi.entity.kinds import Text
from guanxi.entity.registry import entity_named
from guanxi.record.models import SavedView
from guanxi.record.refusals import Forbidden, Missing, Refused
from guanxi.surfaces.api.addressed import entities_asked, entity_for, key_in
from guanxi.surfaces.api.answers import caller_of, json_answer, nothing
from guanxi.surfaces.api.bodies import misfits, object_of
from guanxi.surfaces.api.parameters import OfEntity
from guanxi.surfaces.ordering import Unanswerable, order_of
from guanxi.surfaces.views.view import KEPT, SHAPES

MOST_COLUMNS = 40

SCHEMA: dict[str, Any] = {
    "entity": {"type": "string"},
    "name": {"type": "string", "minLength": 1, "maxLength": 80},
    "shared": {"type": "boolean"},
    "condition": {"type": ["string", "object", "null"]},
    "columns": {"type": "array", "maxItems": MOST_COLUMNS, "items": {"type": "string"}},
    "order": {"type": "array", "maxItems": 4, "items": {"type": "string"}},
    "shape": {"type": "string", "enum": list(SHAPES)},
    "options": {"type": "object", "properties": {name: {"type": "string", "maxLength": 80} for name in KEPT}},
    "position": {"type": "integer", "minimum": 0, "maximum": 10_000},
}
"""What is sent of a view."""

router = Router()


@router.get("/views", operation_id="views", summary=_n("List saved views"))
def list_views(request: HttpRequest, asked: Asked[OfEntity]) -> HttpResponse:
    """The caller's own, and those that others share. Views that come with Guanxi stand in the metadata of their entity."""
    caller = caller_of(request)
    user, paths = caller.user, entities_asked(asked.entity, caller)
    rows = SavedView.objects.filter(Q(owner=user) | Q(shared=True), entity__in=paths)
    return json_answer({"data": [_told(row, user) for row in rows]})


@router.post("/views", operation_id="views_create", summary=_n("Save a view"))
def create_view(request: HttpRequest) -> HttpResponse:
    caller = caller_of(request)
    values = object_of(request)
    path = values.get("entity")
    if not isinstance(path, str) or not path:
        raise Refused({"entity": _("Fill this in.")})
    try:
        entity = entity_for(path, caller)
    except Missing as missing:
        raise Refused({"entity": str(missing)}) from None
    row = SavedView(entity=entity.path, owner=caller.user)
    _save(row, entity, {"name": "", **values}, caller.user)
    return json_answer(_told(row, caller.user), 201, Location=f"/api/v1/views/{row.pk}")


@router.get("/views/{key}", operation_id="views_get", summary=_n("Read a saved view"))
def get_view(request: HttpRequest, key: str) -> HttpResponse:
    user = caller_of(request).user
    return json_answer(_told(_seen(key, user), user))


@router.patch("/views/{key}", operation_id="views_edit", summary=_n("Change a saved view"))
def edit_view(request: HttpRequest, key: str) -> HttpResponse:
    user = caller_of(request).user
    row = _own(key, user)
    values = object_of(request)
    if values.get("entity", row.entity) != row.entity:
        raise Refused({"entity": _("A view stays with its entity; save another one.")})
    _save(row, entity_named(row.entity), values, user)
    return json_answer(_told(row, user))


@router.delete("/views/{key}", operation_id="views_delete", summary=_n("Delete a saved view"))
def delete_view(request: HttpRequest, key: str) -> HttpResponse:
    _own(key, caller_of(request).user).delete()
    return nothing()


def _seen(key: str, user: User) -> SavedView:
    row = SavedView.objects.filter(Q(owner=user) | Q(shared=True), pk=key_in(key)).first()
    if row is None or not user.rights.may("see", row.entity):
        raise Missing(_("There is no such view, or it is not shared with you."))
    return row


def _own(key: str, user: User) -> SavedView:
    row = _seen(key, user)
    if row.owner_id != user.pk:
        raise Forbidden(_("Only its owner may change this view."))
    return row


def _told(row: SavedView, user: User) -> dict[str, Any]:
    tree = _kept_condition(row)
    return {
        "id": row.pk,
        "entity": row.entity,
        "name": row.name,
        "shared": row.shared,
        "mine": row.owner_id == user.pk,
        "condition": to_json(tree) if tree is not None else None,
        "condition_text": print_text(tree) if tree is not None else "",
        "columns": row.columns,
        "order": row.order,
        "shape": row.shape,
        "options": row.chart,
        "position": row.position,
    }


def _kept_condition(row: SavedView) -> Tree | None:
    try:
        return from_json(row.condition) if row.condition else None
    except ConditionError:
        return None


def _save(row: SavedView, entity: Entity, values: Mapping[str, Any], user: User) -> None:
    """Check what was sent and keep it. Refused."""
    errors: dict[str, str] = {name: _("A view has no “%(name)s”.") % {"name": name[:60]} for name in values if name not in SCHEMA}
    for name, value in values.items():
        misfits(SCHEMA.get(name, {}), value, name, errors)
    for name, value in values.items():
        wrong_inside = any(place.partition(".")[0] == name for place in errors)
        if not wrong_inside and name != "entity":
            try:
                attribute = "chart" if name == "options" else name
                setattr(row, attribute, _CLEAN[name](value, entity, user))
            except (ValueError, Unanswerable) as wrong:  # a ConditionError is a ValueError
                errors[name] = str(wrong)
    if errors:
        raise Refused(errors)
    row.save()


def _name(value: Any, entity: Entity, user: User) -> str:
    name = Text(80).clean(value, user.locale)
    if not name:
        raise ValueError(_("Fill this in."))
    return name


def _condition(value: Any, entity: Entity, user: User) -> Any:
    tree = parse(value) if isinstance(value, str) else from_json(value)
    check(tree, entity, user)
    return None if not getattr(tree, "parts", True) else to_json(tree)


def _columns(value: Any, entity: Entity, user: User) -> list[str]:
    known = {one.name for one in readable(entity, entity.data_fields, to=user)}
    return _listed(value, MOST_COLUMNS, known, entity)


def _order(value: Any, entity: Entity, user: User) -> list[str]:
    names = _listed(value, 4, None, entity)
    order_of(entity, names, to=user)
    return names


def _listed(value: Any, most: int, known: set[str] | None, entity: Entity) -> list[str]:
    names = list(dict.fromkeys(value or ()))
    if len(names) > most:
        raise ValueError(_("At most %(most)d values.") % {"most": most})
    for name in names:
        if known is not None and name not in known:
            raise ValueError(_("%(entity)s has no field “%(name)s”.") % {"entity": entity.path, "name": name[:60]})
    return names


def _options(value: Any, entity: Entity, user: User) -> dict[str, str]:
    word = Text(80)
    for name in value or {}:
        if name not in KEPT:
            raise ValueError(_("A view has no “%(name)s”.") % {"name": name[:60]})
    return {name: word.clean(text, user.locale) for name, text in (value or {}).items()}


def _shape(value: Any, entity: Entity, user: User) -> str:
    if value not in SHAPES:
        raise ValueError(_("Choose one of %(shapes)s.") % {"shapes": ", ".join(SHAPES)})
    return str(value)


def _position(value: Any, entity: Entity, user: User) -> int:
    if not 0 <= (value or 0) <= 10_000:
        raise ValueError(_("Type a number from %(low)s to %(high)s.") % {"low": 0, "high": 10_000})
    return value or 0


def _shared(value: Any, entity: Entity, user: User) -> bool:
    return bool(value)


_CLEAN: dict[str, Any] = {
    "name": _name, "shared": _shared, "condition": _condition, "columns": _columns, "order": _order, "shape": _shape,
    "options": _options, "position": _position,
}  # fmt: skip
