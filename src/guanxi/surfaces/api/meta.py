"""What there is: entities with their fields, verbs and lists as this caller may use them; kinds, events, oneself."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_noop as _n
from ninja import Router

from guanxi.access.sight import clear, readable, writable
from guanxi.access.titles import teams
from guanxi.entity import kinds
from guanxi.entity.actors import ACTIONS, Actor
from guanxi.entity.entity import Entity, Verb
from guanxi.entity.field import Field
from guanxi.entity.kinds import Choice, Kind
from guanxi.entity.registry import entities
from guanxi.record.events import known
from guanxi.surfaces.api.addressed import entity_for
from guanxi.surfaces.api.answers import caller_of, json_answer

router = Router()


@router.get("/me", operation_id="me", summary=_n("Who calls"))
def me(request: HttpRequest) -> HttpResponse:
    """The user, how they read, and what they may do with each entity."""
    caller = caller_of(request)
    user, locale, names = caller.user, caller.user.locale, teams()
    told = {
        "id": user.pk,
        "username": user.username,
        "name": user.name,
        "language": locale.language,
        "zone": str(locale.zone),
        "currency": locale.currency,
        "teams": [{"id": key, "title": names.get(key)} for key in user.team_ids],
        "administrator": user.rights.everything,
        "may": {one.path: _may(one, user) for one in entities() if user.rights.may("see", one.path)},
        "key": {"name": caller.key.name, "prefix": caller.key.prefix, "expires_at": caller.key.expires_at} if caller.key else None,
    }
    return json_answer(told)


@router.get("/meta", operation_id="meta", summary=_n("List entities"))
def list_entities(request: HttpRequest) -> HttpResponse:
    user = caller_of(request).user
    return json_answer({"data": [_brief(one, user) for one in entities() if user.rights.may("see", one.path)]})


@router.get("/meta/kinds", operation_id="meta_kinds", summary=_n("List kinds of fields"))
def list_kinds(request: HttpRequest) -> HttpResponse:
    """What a value of each kind looks like, and how it can be compared in conditions."""
    every = {kind.name: kind for kind in _kinds()}
    return json_answer({"data": [_kind(kind) for _name, kind in sorted(every.items())]})


@router.get("/meta/events", operation_id="meta_events", summary=_n("List events"))
def list_events(request: HttpRequest) -> HttpResponse:
    """What changes can tell of besides “created”, “edited”, “deleted” and “restored”."""
    return json_answer({"data": [{"name": name, "meaning": meaning} for name, meaning in known().items()]})


@router.get("/meta/{entity}", operation_id="meta_entity", summary=_n("Read what an entity has"))
def get_entity(request: HttpRequest, entity: str) -> HttpResponse:
    """Its fields with kinds, choices and rights, its verbs, related lists and the views that come with it."""
    caller = caller_of(request)
    kind, user = entity_for(entity, caller), caller.user
    fields = readable(kind, kind.data_fields, to=user)
    settable = {one.name for one in writable(kind, kind.data_fields, by=user)}
    told = _brief(kind, user) | {
        "fields": [_field(kind, one, user, one.name in settable) for one in fields],
        "verbs": [_verb(one) for one in kind.verbs],
        "related": [
            {"name": one.name, "entity": one.entity, "by": one.by, "label": str(one.label)} for one in kind.related
            if user.rights.may("see", one.entity)
        ],
        "views": [
            {"name": one.name, "label": str(one.label), "condition": one.condition, "order": list(one.order), "shape": one.shape}
            for one in kind.views
        ],
    }  # fmt: skip
    return json_answer(told)


def _brief(entity: Entity, user: Actor) -> dict[str, Any]:
    return {
        "name": entity.path,
        "one": str(entity.noun.one),
        "many": str(entity.noun.many),
        "icon": entity.icon,
        "title": entity.title,
        "part_of": entity.part_of or None,
        "order": list(entity.order),
        "may": _may(entity, user),
    }


def _may(entity: Entity, user: Actor) -> list[str]:
    return [action for action in ACTIONS if user.rights.may(action, entity.path)]


def _field(entity: Entity, field: Field, user: Actor, settable: bool) -> dict[str, Any]:
    seen = clear(entity, field, to=user)
    kind = field.k
    return {
        "name": field.name,
        "label": str(field.label),
        "hint": str(field.hint),
        "kind": kind.name,
        "required": bool(field.required),
        "custom": field.custom,
        "settable": settable,
        "masked": not seen,
        "sortable": seen and kind.orderable,
        "indexed": field.indexed,
        "operators": list(kind.operators) if seen else [],
        "entity": kind.linked(),
        "choices": _choices(kind),
        "schema": kind.schema(),
    }


def _choices(kind: Kind) -> list[dict[str, str]] | None:
    if not isinstance(kind, Choice):
        return None
    return [{"value": one.value, "label": str(one.label)} for one in kind.options]


def _verb(verb: Verb) -> dict[str, Any]:
    fields = [
        {
            "name": one.name,
            "label": str(one.label),
            "kind": one.k.name,
            "required": bool(one.required),
            "entity": one.k.linked(),
            "choices": _choices(one.k),
            "schema": one.k.schema(),
        }
        for one in verb.fields
    ]
    return {"name": verb.name, "label": str(verb.label), "hint": str(verb.hint), "action": verb.action, "fields": fields}


def _kinds() -> list[Kind]:
    """One of each kind: those in use by some entity, and the rest as they come."""
    used: list[Kind] = [field.k for entity in entities() for field in entity.fields.values()]
    plain = [kinds.Text(), kinds.LongText(), kinds.Number(), kinds.Whole(), kinds.Day(), kinds.Moment(), kinds.YesNo(), kinds.Url()]
    return [*plain, *used]


def _kind(kind: Kind) -> dict[str, Any]:
    schema = {name: value for name, value in kind.schema().items() if name not in {"enum", "maxLength", "minimum", "maximum"}}
    return {"name": kind.name, "operators": list(kind.operators), "sortable": kind.orderable, "schema": schema}
