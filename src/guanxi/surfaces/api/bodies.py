"""What callers send: JSON read strictly and exactly, and values held against what the fields' kinds take."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

import orjson
from django.http import HttpRequest
from django.utils.translation import gettext as _

from guanxi.entity.entity import Entity
from guanxi.entity.field import Field
from guanxi.record.refusals import Refused
from guanxi.surfaces.api.problems import Problem

TYPES = {"application/json", "application/merge-patch+json"}
MOST_DEPTH = 40


class _Twice(ValueError):
    """An object that names one member twice."""


def object_of(request: HttpRequest) -> dict[str, Any]:
    """The object in the request's body; an empty body is an empty object."""
    body = request.body
    if not body.strip():
        return {}
    sent = _json(request, body)
    if not isinstance(sent, dict):
        raise Problem("bad-request", _("Send a JSON object: {…}."))
    return sent


def nothing_sent(request: HttpRequest) -> None:
    """Refuse values where none are taken. Refused."""
    errors = {name: _("There is no such value.") for name in object_of(request)}
    if errors:
        raise Refused(errors)


def _json(request: HttpRequest, body: bytes) -> Any:
    charset = (request.content_params or {}).get("charset", "utf-8").strip().lower()
    if request.content_type not in TYPES or charset not in {"utf-8", "utf8"}:
        raise Problem("wrong-type", _("Send “Content-Type: application/json”, in UTF-8."))
    return parsed(body)


def parsed(body: bytes, name: str = "") -> Any:
    """JSON, read strictly: of the body, or of the parameter of that name. Problem."""
    try:
        # orjson refuses broken UTF-8, lone surrogates and NaN; json keeps numbers exact and sees names given twice.
        orjson.loads(body)
        sent = json.loads(body, object_pairs_hook=_members, parse_float=Decimal)
    except _Twice as twice:
        raise Problem("bad-request", _("“%(name)s” is given twice.") % {"name": str(twice)[:60]}) from None
    except (ValueError, RecursionError, InvalidOperation) as wrong:
        where = f" ({wrong})" if isinstance(wrong, orjson.JSONDecodeError) else ""
        message = _("This is not JSON.") + where
        raise Problem("bad-request", message, errors=[(name, message)] if name else []) from None
    _check_depth(sent)
    return sent


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        seen: set[str] = set()
        for name, _value in pairs:
            if name in seen:
                raise _Twice(name)
            seen.add(name)
    return members


def _check_depth(sent: Any) -> None:
    level, depth = [sent], 0
    while level:
        depth += 1
        if depth > MOST_DEPTH:
            raise Problem("bad-request", _("The JSON is nested too deeply."))
        level = [inner for one in level if isinstance(one, (dict, list)) for inner in (one.values() if isinstance(one, dict) else one)]


# ——— values against kinds ———


def check_shapes(fields: Mapping[str, Field], values: Mapping[str, Any]) -> None:
    """Refuse values whose JSON type is not the one the field's kind takes. Names nobody knows are the write path's business."""
    errors: dict[str, str] = {}
    for name, value in values.items():
        if name in fields:
            misfits(fields[name].k.schema(), value, name, errors)
    if errors:
        raise Refused(errors)


def check_record(entity: Entity, values: Mapping[str, Any]) -> None:
    """The same for a record's values."""
    check_shapes(entity.fields, values)


def is_labelled(schema: Mapping[str, Any]) -> bool:
    """Whether this is a value with a label, which may also be sent as the value alone."""
    return schema.get("required") == ["value"]


def misfits(schema: Mapping[str, Any], value: Any, path: str, errors: dict[str, str]) -> None:
    """Note in `errors`, by path, where a value is of another type than the schema's."""
    if value is None:
        return
    wanted = schema.get("type")
    if wanted == "string":
        if isinstance(value, str):
            return
        number = isinstance(value, (int, Decimal)) and not isinstance(value, bool)
        if not (number and schema.get("format") == "decimal"):
            errors[path] = _("Send a number.") if schema.get("format") == "decimal" else _("Send text.")
    elif wanted == "integer" and (not isinstance(value, int) or isinstance(value, bool)):
        errors[path] = _("Send a whole number.")
    elif wanted == "boolean" and not isinstance(value, bool):
        errors[path] = _("Send true or false.")
    elif wanted == "array":
        if not isinstance(value, list):
            errors[path] = _("Send a list.")
            return
        for place, one in enumerate(value):
            inner = f"{path}.{place}"
            if one is None:
                errors[inner] = _("Fill this in.")
            misfits(schema.get("items", {}), one, inner, errors)
    elif wanted == "object":
        if isinstance(value, str) and is_labelled(schema):
            return
        if not isinstance(value, dict):
            errors[path] = _("Send an object.")
            return
        parts = schema.get("properties", {})
        for name in schema.get("required", ()):
            if value.get(name) is None:
                errors[f"{path}.{name}"] = _("Fill this in.")
        for name, one in value.items():
            misfits(parts.get(name, {}), one, f"{path}.{name}", errors)
