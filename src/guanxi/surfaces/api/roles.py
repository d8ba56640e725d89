"""What roles may, for programs of administrators: scopes by entity and action, levels by field."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as _n
from ninja import Router

from guanxi.access.models import FieldRight, Permission, Role, Scope
from guanxi.entity.actors import ACTIONS, Level
from guanxi.entity.entity import Entity
from guanxi.record.changes import API
from guanxi.record.refusals import Missing, Refused
from guanxi.surfaces.administration.granting import governed, grant, said_condition
from guanxi.surfaces.api.addressed import key_in
from guanxi.surfaces.api.answers import administrator, json_answer
from guanxi.surfaces.api.bodies import object_of

LEVELS = {level.name.lower(): level for level in Level}

router = Router()


@router.get("/roles/{key}/rights", operation_id="rights", summary=_n("Read what a role may"))
def read_rights(request: HttpRequest, key: str) -> HttpResponse:
    """“actions” by entity: a scope for each, with the condition where it is one. “fields” by entity: those that are not simply editable."""
    administrator(request)
    return json_answer(_told(_role(key)))


@router.patch("/roles/{key}/rights", operation_id="rights_edit", summary=_n("Change what a role may"))
def edit_rights(request: HttpRequest, key: str) -> HttpResponse:
    """In the form in which it is read; what is not sent stays. A scope is none, own, team, below, all or condition; a level hidden, masked, read or edit."""
    caller, sent = administrator(request), object_of(request)
    role = _role(key)
    errors = {name: _("There is no such value.") for name in sent if name not in {"actions", "fields"}}
    known = {one.path: one for one in governed()}
    wanted = _scopes(_by_entity(sent, "actions", known, errors), known, errors)
    levels = _levels(_by_entity(sent, "fields", known, errors), known, errors)
    if errors:
        raise Refused(errors)
    try:
        grant(role, scopes=wanted, levels=levels, by=caller.user, origin=API)
    except Refused as refused:
        raise Refused({f"actions.{name}": message for name, message in refused.errors.items()}) from None
    return json_answer(_told(role))


def _role(key: str) -> Role:
    role = Role.objects.filter(pk=key_in(key), deleted_at__isnull=True).first()
    if role is None:
        raise Missing(_("There is no such record, or you may not see it."))
    return role


def _by_entity(sent: Mapping[str, Any], name: str, known: Mapping[str, Entity], errors: dict[str, str]) -> dict[str, dict[str, Any]]:
    said = sent.get(name) or {}
    if not isinstance(said, dict):
        errors[name] = _("Send an object.")
        return {}
    found = {}
    for path, inner in said.items():
        if path not in known:
            errors[f"{name}.{path}"] = _("There are no rights of their own for this.")
        elif not isinstance(inner, dict):
            errors[f"{name}.{path}"] = _("Send an object.")
        else:
            found[path] = inner
    return found


def _scopes(
    said: Mapping[str, Mapping[str, Any]], known: Mapping[str, Entity], errors: dict[str, str]
) -> dict[tuple[Entity, str], tuple[str, Any]]:
    wanted: dict[tuple[Entity, str], tuple[str, Any]] = {}
    for path, actions in said.items():
        for action, one in actions.items():
            place = f"actions.{path}.{action}"
            if action not in ACTIONS:
                errors[place] = _("There is no such action.")
            elif not isinstance(one, dict) or not isinstance(one.get("scope"), str) or one.keys() - {"scope", "condition"}:
                errors[place] = _("Send “scope”, and “condition” with it where it is one.")
            elif not isinstance(one.get("condition", ""), (str, dict, type(None))):
                errors[place] = _("Send the condition as text, or as an object.")
            else:
                wanted[known[path], action] = (one["scope"], one.get("condition"))
    return wanted


def _levels(said: Mapping[str, Mapping[str, Any]], known: Mapping[str, Entity], errors: dict[str, str]) -> dict[Entity, dict[str, Level]]:
    found: dict[Entity, dict[str, Level]] = {}
    for path, fields in said.items():
        data = {one.name for one in known[path].data_fields}
        for name, level in fields.items():
            if name not in data:
                errors[f"fields.{path}.{name}"] = _("There is no such field.")
            elif not isinstance(level, str) or level not in LEVELS:
                errors[f"fields.{path}.{name}"] = _("Choose one of these.") + " " + ", ".join(LEVELS)
            else:
                found.setdefault(known[path], {})[name] = LEVELS[level]
    return found


def _told(role: Role) -> dict[str, Any]:
    actions: dict[str, dict[str, Any]] = {}
    for one in Permission.objects.filter(role=role).exclude(scope=Scope.NONE).order_by("entity", "action"):
        actions.setdefault(one.entity, {})[one.action] = {"scope": one.scope, "condition": said_condition(one)}
    fields: dict[str, dict[str, str]] = {}
    for right in FieldRight.objects.filter(role=role).order_by("entity", "field"):
        fields.setdefault(right.entity, {})[right.field] = Level(right.level).name.lower()
    return {"id": role.pk, "name": role.name, "actions": actions, "fields": fields}
