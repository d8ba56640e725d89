"""JSON Schemas of what is sent and told, out of the registry: what the kinds say, as far as the caller may know."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from guanxi.access.sight import clear, readable, writable
from guanxi.entity.actors import SYSTEM, Actor
from guanxi.entity.entity import Entity
from guanxi.entity.field import Field
from guanxi.record.cleaning import prepare
from guanxi.record.memory import remember
from guanxi.record.refusals import Refused
from guanxi.surfaces.api.bodies import is_labelled

Json = dict[str, Any]

TITLED: Json = {
    "type": "object",
    "properties": {"id": {"type": "integer"}, "title": {"type": ["string", "null"]}},
    "required": ["id", "title"],
    "additionalProperties": False,
}


def ref(name: str) -> Json:
    """A reference to a schema of the document."""
    return {"$ref": f"#/components/schemas/{name}"}


def obj(properties: Json, *, optional: Iterable[str] = (), closed: bool = True) -> Json:
    """An object of which everything is there but what is optional."""
    required = [name for name in properties if name not in set(optional)]
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": not closed}


def list_of(items: Json) -> Json:
    """An array."""
    return {"type": "array", "items": items}


def page_of(items: Json) -> Json:
    """A page of a list."""
    counted = {"count": {"type": "integer", "minimum": 0}, "capped": {"type": "boolean"}}
    return obj({"data": list_of(items), "next": {"type": ["string", "null"]}, **counted}, optional=counted)


def or_nothing(schema: Json) -> Json:
    """The schema with null, and the empty text where a pattern or a list of choices would forbid it."""
    if "enum" in schema:
        return {**schema, "type": [schema["type"], "null"], "enum": [*schema["enum"], "", None]}
    if "pattern" in schema and schema.get("format") != "decimal":
        return {**schema, "type": [schema["type"], "null"], "pattern": f"^$|{schema['pattern']}"}
    if isinstance(schema.get("type"), str):
        return {**schema, "type": [schema["type"], "null"]}
    return schema


def record(entity: Entity, to: Actor) -> Json:
    """A record as the caller gets it. Only key and version are always there: `fields` chooses the rest."""
    properties: Json = {"id": {"type": "integer", "readOnly": True}, "version": {"type": "integer", "readOnly": True}}
    settable = {one.name for one in writable(entity, entity.data_fields, by=to)}
    for one in readable(entity, entity.data_fields, to=to):
        if one.name != "id":
            properties[one.name] = told(entity, one, to) | ({} if one.name in settable else {"readOnly": True})
    properties["deleted_at"] = {"type": "string", "format": "date-time", "readOnly": True}
    return obj(properties, optional=properties.keys() - {"id", "version"})


def told(entity: Entity, field: Field, to: Actor) -> Json:
    """A field's value as the caller gets it."""
    if not clear(entity, field, to=to):
        return _named({"type": ["string", "null"]}, field)
    schema = field.k.schema()
    if field.k.linked() is None:
        return _named(or_nothing(schema), field)
    if schema["type"] == "array":
        return _named({"type": "array", "items": {"anyOf": [schema["items"], ref("Titled")]}}, field)
    return _named({"anyOf": [or_nothing(schema), ref("Titled")]}, field)


def sent(field: Field) -> Json:
    """A field's value as it is sent."""
    schema = field.k.schema()
    if schema.get("format") == "decimal":
        schema = {**schema, "type": ["string", "number", "null"]}
    elif schema.get("type") == "array" and is_labelled(schema["items"]):
        schema = {**schema, "items": {"anyOf": [schema["items"], schema["items"]["properties"]["value"]]}}
    return _named(or_nothing(schema), field)


def values(entity: Entity, by: Actor, *, creating: bool, key_required: bool = False) -> Json:
    """What is sent to create or change a record."""
    fields = writable(entity, entity.data_fields, by=by)
    needed = set(_needed(entity)) if creating else {"external_id"} if key_required else set()
    properties = {one.name: sent(one) for one in fields}
    if key_required:
        properties["external_id"] = {"type": "string", "minLength": 1, "maxLength": 100}
    return obj(properties, optional=properties.keys() - needed)


def arguments(fields: Sequence[Field]) -> Json:
    """What a verb, or whatever else is done, asks for."""
    properties = {one.name: sent(one) for one in fields}
    optional = [one.name for one in fields if not one.required or one.default is not None]
    return obj(properties, optional=optional)


def _named(schema: Json, field: Field) -> Json:
    named = {**schema, "title": str(field.label)}
    if field.hint:
        named["description"] = str(field.hint)
    target = field.k.linked()
    if target:
        named["x-entity"] = target
    return named


def _needed(entity: Entity) -> list[str]:
    """The fields without which no record can be made, found by leaving out each in turn: others may follow from defaults or each other."""

    def find() -> list[str]:
        whole = {one.name: one.k.sample() for one in writable(entity, entity.data_fields, by=SYSTEM)}
        required = [one.name for one in entity.fields.values() if one.required and one.name in whole]
        return [name for name in required if name in _missed(entity, {key: whole[key] for key in whole if key != name})]

    found: list[str] = remember(("needed", entity.path), find)
    return found


def _missed(entity: Entity, given: Json) -> set[str]:
    try:
        prepare(entity, given, by=SYSTEM)
    except Refused as refusal:
        return set(refusal.errors)
    return set()
