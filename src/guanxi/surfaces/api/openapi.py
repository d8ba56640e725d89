"""The OpenAPI 3.1 document: ninja's operations, told once for every entity, with schemas out of the registry."""

from __future__ import annotations

from copy import deepcopy

from django.utils.translation import gettext as _

import guanxi
from guanxi.access.models import User
from guanxi.entity.entity import Entity
from guanxi.entity.registry import entities, entity_named
from guanxi.record.files import takes_files
from guanxi.surfaces.api import schemas, shapes
from guanxi.surfaces.api.figures import FIGURES, Figures, Judged
from guanxi.surfaces.api.problems import KINDS, MEDIA_TYPE
from guanxi.surfaces.api.schemas import Json, list_of, obj, page_of, ref
from guanxi.surfaces.api.shapes import (
    BYTES,
    DUPLICATES,
    EXPORTED,
    FILES,
    GENERAL,
    JUDGING,
    KEY,
    OF_ENTITY,
    SENDS_FILE,
    TELLS_CSV,
    TEXT,
    UPLOAD,
)
from guanxi.surfaces.api.uploads import UPLOADS


def document(base: Json, user: User) -> Json:
    """The whole document as this user may know it; `base` is ninja's, with `{entity}` in its paths."""
    paths: Json = {}
    components = shapes.for_all()
    known = [one for one in entities() if user.rights.may("see", one.path)]
    for entity in known:
        components |= shapes.of_entity(entity, user)
    for path, methods in base["paths"].items():
        for method, operation in methods.items():
            for where, told in _told(path, method, operation, known, user):
                paths.setdefault(where, {})[method] = told
    return {
        "openapi": "3.1.0",
        "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
        "info": {"title": "Guanxi", "version": guanxi.__version__, "description": _ABOUT()},
        "servers": [{"url": "/"}],
        "security": [{"key": []}, {"session": []}],
        "tags": [{"name": "api", "description": _("About the API itself.")}]
        + [{"name": one.path, "description": str(one.noun.many)} for one in known],
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": components,
            "responses": {kind: _problem(kind) for kind in KINDS},
            "securitySchemes": {
                "key": {"type": "http", "scheme": "bearer", "description": _("An API key: gx_…")},
                "session": {"type": "apiKey", "in": "cookie", "name": "sessionid"},
            },
        },
    }


def _ABOUT() -> str:  # noqa: N802 - a text, made when it is asked for
    return _("Everything that Guanxi keeps, for programs: the same records, rights, rules and history as in the browser.")


def _problem(kind: str) -> Json:
    status, title = KINDS[kind]
    return {"description": f"{status}: {title}", "content": {MEDIA_TYPE: {"schema": ref("Problem")}}}


# ——— operations ———


def _told(path: str, method: str, operation: Json, known: list[Entity], user: User) -> list[tuple[str, Json]]:
    """The operation under every address it has: once for each entity, each related list, each verb."""
    name = operation["operationId"]
    if "{entity}" not in path or name == "meta_entity":
        return [(path, _general(name, method, operation, [one.path for one in known]))]
    told = []
    for entity in known:
        where = path.replace("{entity}", entity.path)
        if (name in {"merge", "unmerge", *DUPLICATES} and not entity.mergeable) or (
            name in {"links", "link", "revoke_link"} and entity.public is None
        ):
            continue
        if name in FILES and not takes_files(entity):
            continue
        if name == "related":
            seen = [one for one in entity.related if user.rights.may("see", one.entity)]
            for relation in seen:
                target = entity_named(relation.entity)
                words = {"many": str(relation.label or target.noun.many), "one": entity.noun.one}
                one = _of(entity, f"list_{relation.name}", method, operation, words)
                one["responses"] |= _answer(200, page_of(ref(target.path)))
                told.append((where.replace("{name}", relation.name), one))
        elif name == "figures":
            for figures in FIGURES.of(entity.path):
                one = _of(entity, f"figures_{figures.name}", method, operation, {"many": entity.noun.many})
                one["summary"] = f"{figures.label}: {entity.noun.many}"
                one["parameters"] = [given for given in one["parameters"] if given["in"] != "query" or given["name"] in figures.takes]
                one["responses"] |= _answer(200, figures.schema)
                told.append((where.replace("{name}", figures.name), one))
        elif name in JUDGING:
            for figures in FIGURES.of(entity.path):
                if figures.judged is not None:
                    one = _judging(entity, name, method, operation, figures, figures.judged)
                    told.append((where.replace("{name}", figures.name), one))
        elif name == "upload":
            for upload in UPLOADS.of(entity.path):
                one = _of(entity, f"upload_{upload.name}", method, operation, {"many": entity.noun.many})
                one["summary"], one["requestBody"] = str(upload.label), UPLOAD
                one["parameters"] = [given for given in one["parameters"] if given["name"] != "what"]
                one["responses"] |= _answer(200, upload.schema)
                told.append((where.replace("{what}", upload.name), one))
        elif name == "do":
            for verb in entity.verbs:
                one = _of(entity, verb.name, method, operation, {"one": entity.noun.one})
                one["summary"] = f"{verb.label}: {entity.noun.one}"
                one["requestBody"] = _body(schemas.arguments(verb.fields), required=any(field.required for field in verb.fields))
                told.append((where.replace("{name}", verb.name), one))
        else:
            told.append((where, _of(entity, name, method, operation, {"one": entity.noun.one, "many": entity.noun.many})))
    return told


def _judging(entity: Entity, name: str, method: str, operation: Json, figures: Figures, judged: Judged) -> Json:
    """An operation on what people say of figures."""
    told = _of(entity, name, method, operation, {})
    told["operationId"] = f"{entity.path}_{name}_{figures.name}"
    told["summary"] = f"{figures.label}: {told['summary']}"
    told["parameters"] = [one for one in told["parameters"] if one["in"] != "query" or one["name"] in judged.takes]
    if name == "judge":
        told["requestBody"] = _body(schemas.arguments(judged.fields))
    told["responses"] |= _answer(JUDGING[name], obj({"data": list_of(judged.schema)}) if name == "judgements" else judged.schema)
    return told


def _general(name: str, method: str, operation: Json, paths: list[str]) -> Json:
    """An operation that belongs to no entity."""
    told = _common("api", name, method, operation, {})
    for parameter in told["parameters"]:
        if parameter["name"] == "entity":
            parameter["schema"] = {"type": "string", "enum": paths if parameter["in"] == "path" else [*paths, ""]}
    body, status, answer = GENERAL[name]
    if body is not None:
        told["requestBody"] = UPLOAD if name in SENDS_FILE else _body(body)
    told["responses"] |= _answer(status, answer)
    if name in TELLS_CSV:
        told["responses"][str(status)]["content"] = {"text/csv": {"schema": TEXT}}
    return told


def _of(entity: Entity, name: str, method: str, operation: Json, words: Json) -> Json:
    """An operation of one entity."""
    told = _common(entity.path, f"{entity.path}_{name}", method, operation, words)
    told["parameters"] = [one for one in told["parameters"] if one["name"] not in {"entity", "name"}]
    body, status, answer = OF_ENTITY.get(name, OF_ENTITY["do"])(entity.path)
    if body is not None:
        told["requestBody"] = UPLOAD if name in SENDS_FILE else _body(body)
    told["responses"] |= _answer(status, answer, versioned=answer == ref(entity.path))
    if name == "file_content":
        told["responses"]["200"]["content"] = {"*/*": {"schema": BYTES}}
        told["responses"]["304"] = {"description": _("Not changed since: If-None-Match names its ETag.")}
    if name == "export":
        told["responses"]["200"]["content"] = {kind: {"schema": BYTES} for kind in EXPORTED}
    if name == "bulk":
        told["responses"]["202"] = told["responses"]["200"]
    if name == "get" and entity.mergeable:
        told["responses"]["307"] = {"description": _("It was merged into the record that Location leads to.")}
    return told


def _common(tag: str, name: str, method: str, operation: Json, words: Json) -> Json:
    summary = _(operation["summary"])
    told: Json = {
        "operationId": name,
        "summary": summary % words if words else summary,
        "tags": [tag],
        "parameters": [_parameter(one) for one in operation["parameters"]] + _headers(operation["operationId"], method),
        "responses": {str(KINDS[kind][0]): {"$ref": f"#/components/responses/{kind}"} for kind in _problems(method, operation)},
    }
    if operation.get("description"):
        told["description"] = _(operation["description"])
    return told


def _parameter(parameter: Json) -> Json:
    told = deepcopy(parameter)
    schema = told["schema"]
    for extra in ("title", "description"):
        schema.pop(extra, None)
    if told.get("description"):
        told["description"] = _(told["description"])
    if told["in"] == "path" and told["name"] in {"key", "file"}:
        told["schema"] = KEY
    return told


VERSIONED = {"edit", "delete", "restore", "do", "merge"}


def _headers(name: str, method: str) -> list[Json]:
    headers = []
    if name in VERSIONED:
        words = _("The record's ETag: refuse when somebody else changed it meanwhile.")
        headers.append({"in": "header", "name": "If-Match", "schema": TEXT, "description": words})
    if method == "post":
        words = _("A key of your own choice: the same call with the same key is done once, for 24 hours.")
        schema = {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"}
        headers.append({"in": "header", "name": "Idempotency-Key", "schema": schema, "description": words})
    return headers


def _problems(method: str, operation: Json) -> list[str]:
    kinds = ["bad-request", "unauthenticated", "forbidden", "missing"]
    if method != "get":
        kinds += ["conflict", "too-large", "wrong-type", "refused"]
    return kinds + (["stale"] if operation["operationId"] in VERSIONED else [])


def _body(schema: Json, *, required: bool = True) -> Json:
    return {"required": required, "content": {"application/json": {"schema": schema}}}


def _answer(status: int, schema: Json | None, *, versioned: bool = False) -> Json:
    if schema is None:
        return {str(status): {"description": _("Done.")}}
    told: Json = {"description": _("Done."), "content": {"application/json": {"schema": schema}}}
    if versioned:
        told["headers"] = {"ETag": {"schema": TEXT, "description": _("The record's version.")}}
    return {str(status): told}
