"""The documentation page: the OpenAPI document told to people, in our own dress, without scripts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from guanxi.access.models import User
from guanxi.access.sight import clear, readable, writable
from guanxi.entity.entity import Entity
from guanxi.entity.field import Field
from guanxi.entity.kinds import Choice
from guanxi.entity.registry import entities, entity_named
from guanxi.surfaces.api.callers import Caller
from guanxi.surfaces.api.interface import document_for
from guanxi.surfaces.api.problems import KINDS
from guanxi.surfaces.api.shapes import UPLOAD
from guanxi.surfaces.pages import render, user_of

TEMPLATE = "surfaces/api/docs.html"
MOST_CHOICES = 8


@dataclass(frozen=True)
class Told:
    """An operation as the page tells it."""

    method: str
    path: str
    summary: str
    description: str
    parameters: list[dict[str, Any]]
    example: str

    @property
    def anchor(self) -> str:
        return f"{self.method}{self.path.replace('/', '-').replace('{', '').replace('}', '')}".lower()


def introduction(request: HttpRequest) -> HttpResponse:
    """How to call the API, and the operations that belong to no entity."""
    user, host = user_of(request), request.build_absolute_uri("/")[:-1]
    problems = [(kind, status, title) for kind, (status, title) in KINDS.items()]
    operations = _operations(user, "api", host, {})
    return render(request, TEMPLATE, here="", host=host, problems=problems, operations=operations, **_frame(user))


def of_entity(request: HttpRequest, path: str) -> HttpResponse:
    """The fields and operations of one entity."""
    user, host = user_of(request), request.build_absolute_uri("/")[:-1]
    try:
        entity = entity_named(path)
    except LookupError as unknown:
        raise Http404(str(unknown)) from None
    if not user.rights.may("see", path):
        raise Http404(_("There is no such page."))
    settable = {one.name for one in writable(entity, entity.data_fields, by=user)}
    fields = [_told(entity, one, one.name in settable, user) for one in readable(entity, entity.data_fields, to=user)]
    operations = _operations(user, path, host, _sample(entity, settable))
    return render(request, TEMPLATE, here=path, entity=entity, fields=fields, operations=operations, **_frame(user))


def _frame(user: User) -> dict[str, Any]:
    return {"known": [one for one in entities() if user.rights.may("see", one.path)]}


def _told(entity: Entity, field: Field, settable: bool, user: User) -> dict[str, Any]:
    choices = [one.value for one in field.k.options] if isinstance(field.k, Choice) else []
    return {
        "name": field.name,
        "label": field.label,
        "hint": field.hint,
        "kind": field.k.name,
        "entity": field.k.linked(),
        "choices": choices[:MOST_CHOICES],
        "more": max(len(choices) - MOST_CHOICES, 0),
        "required": field.required and settable,
        "read_only": not settable,
        "masked": not clear(entity, field, to=user),
        "custom": field.custom,
    }


def _sample(entity: Entity, settable: set[str]) -> dict[str, Any]:
    """A few values such as a program would send."""
    chosen = [one for one in entity.data_fields if one.name in settable and (one.required or one.glance) and not one.k.linked()]
    return {one.name: one.k.sample() for one in chosen[:4]}


def _operations(user: User, tag: str, host: str, sample: dict[str, Any]) -> list[Told]:
    found = []
    for path, methods in document_for(Caller(user))["paths"].items():
        for method, one in methods.items():
            if tag in one["tags"]:
                parameters = [_parameter(parameter) for parameter in one["parameters"] if parameter["in"] != "path"]
                example = _example(method.upper(), path, host, one, sample)
                found.append(Told(method.upper(), path, one["summary"], one.get("description", ""), parameters, example))
    return found


def _parameter(parameter: dict[str, Any]) -> dict[str, Any]:
    schema = parameter["schema"]
    default = schema.get("default")
    return {
        "name": parameter["name"],
        "header": parameter["in"] == "header",
        "type": schema.get("type", ""),
        "default": "" if default in ("", None) else orjson.dumps(default).decode(),
        "required": parameter.get("required"),
        "description": parameter.get("description", ""),
    }


def _example(method: str, path: str, host: str, operation: dict[str, Any], sample: dict[str, Any]) -> str:
    """A call with curl that can be pasted."""
    words = [f"curl {host}{path.replace('{key}', '17').replace('{file}', '5')}", "-H 'Authorization: Bearer gx_…'"]
    if method != "GET":
        words.insert(1, f"-X {method}")
    if operation.get("requestBody") == UPLOAD:
        words.append("-F file=@offer.pdf")
    elif "requestBody" in operation:
        name = operation["operationId"].partition("_")[2]
        body: Any = sample if name in {"create", "edit"} else {"data": [{"external_id": "A-17", **sample}]} if name == "upsert" else {}
        text = orjson.dumps(body).decode().replace("'", "'\\''")
        words += ["-H 'Content-Type: application/json'", f"-d '{text}'"]
    return " \\\n  ".join(words)
