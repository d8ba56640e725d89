"""The OpenAPI 3.1 document: ninja's operations, told once for every entity, with schemas out of the registry."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy

from django.utils.translation import gettext as _

import guanxi
from guanxi.access.models import User
from guanxi.entity.actors import ACTIONS
from guanxi.entity.entity import Entity
from guanxi.entity.registry import entities, entity_named
from guanxi.record.files import takes_files
from guanxi.surfaces.api import schemas
from guanxi.surfaces.api.dashboards import SCHEMA as DASHBOARD
from guanxi.surfaces.api.figures import FIGURES, Figures, Judged
from guanxi.surfaces.api.problems import KINDS, MEDIA_TYPE
from guanxi.surfaces.api.saved_views import SCHEMA as VIEW
from guanxi.surfaces.api.schemas import Json, list_of, obj, page_of, ref
from guanxi.surfaces.api.uploads import UPLOADS
from guanxi.surfaces.api.upserts import MOST
from guanxi.surfaces.dedupe.model import STAGES

KEY = {"type": "integer", "minimum": 1, "maximum": 2**63 - 1}
TEXT = {"type": "string"}
MOMENT = {"type": "string", "format": "date-time"}
TEXTS = list_of(TEXT)


def document(base: Json, user: User) -> Json:
    """The whole document as this user may know it; `base` is ninja's, with `{entity}` in its paths."""
    paths: Json = {}
    components = _shared() | _boards_and_links() | _duplicates()
    known = [one for one in entities() if user.rights.may("see", one.path)]
    for entity in known:
        components |= _of_entity(entity, user)
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
        told["requestBody"] = _body(body)
    told["responses"] |= _answer(status, answer)
    return told


def _of(entity: Entity, name: str, method: str, operation: Json, words: Json) -> Json:
    """An operation of one entity."""
    told = _common(entity.path, f"{entity.path}_{name}", method, operation, words)
    told["parameters"] = [one for one in told["parameters"] if one["name"] not in {"entity", "name"}]
    body, status, answer = OF_ENTITY.get(name, OF_ENTITY["do"])(entity.path)
    if body is not None:
        told["requestBody"] = UPLOAD if name == "add_file" else _body(body)
    told["responses"] |= _answer(status, answer, versioned=answer == ref(entity.path))
    if name == "file_content":
        told["responses"]["200"]["content"] = {"*/*": {"schema": BYTES}}
        told["responses"]["304"] = {"description": _("Not changed since: If-None-Match names its ETag.")}
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


VERSIONED = {"edit", "delete", "do", "merge"}


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


MAYBE_MOMENT = {"type": ["string", "null"], "format": "date-time"}
LINK = obj({"note": {"type": "string", "maxLength": 200}, "expires_at": MAYBE_MOMENT}, optional=["note", "expires_at"])

DECISION: Json = obj(
    {
        "decision": {"type": "string", "description": "different, later, open, merge, or the verb by which a record goes into one of its kin"},
        "keep": KEY, "values": {"type": "object"},
        "choices": {"type": "object", "additionalProperties": {"type": "string", "enum": ["kept", "gone", "both"]}},
    },
    optional=["keep", "choices", "values"],
)  # fmt: skip
BYTES = {"type": "string", "format": "binary"}
PARTS = {"type": "object", "properties": {"file": {"type": "array", "minItems": 1, "items": BYTES}}, "required": ["file"]}
UPLOAD = {"required": True, "content": {"multipart/form-data": {"schema": PARTS}, "application/octet-stream": {"schema": BYTES}}}
FILE = {"id": KEY, "name": TEXT, "size": {"type": "integer"}, "type": TEXT, "sha256": TEXT}
FILES = frozenset({"files", "add_file", "get_file", "file_content", "rename_file", "delete_file", "restore_file"})

Shape = tuple[Json | None, int, Json | None]
"""What is sent, and the status and schema of the answer."""

OF_ENTITY: dict[str, Callable[[str], Shape]] = {
    "list": lambda path: (None, 200, page_of(ref(path))),
    "trash": lambda path: (None, 200, page_of(ref(path))),
    "create": lambda path: (ref(f"{path}.create"), 201, ref(path)),
    "upsert": lambda path: (ref(f"{path}.upsert"), 200, ref("Upserted")),
    "get": lambda path: (None, 200, ref(path)),
    "edit": lambda path: (ref(f"{path}.edit"), 200, ref(path)),
    "delete": lambda path: (None, 204, None),
    "restore": lambda path: (None, 200, ref(path)),
    "history": lambda path: (None, 200, page_of(ref("Change"))),
    "verbs": lambda path: (None, 200, obj({"data": list_of(obj({"name": TEXT, "label": TEXT}))})),
    "do": lambda path: (None, 200, ref(path)),
    "merge": lambda path: (obj({"gone": KEY, "values": ref(f"{path}.edit")}, optional=["values"]), 200, ref(path)),
    "unmerge": lambda path: (None, 200, ref(path)),
    "duplicates": lambda path: (None, 200, page_of(ref("DuplicatePair"))),
    "duplicate": lambda path: (None, 200, ref("DuplicatePair")),
    "decide_duplicate": lambda path: (DECISION, 200, {"anyOf": [ref("DuplicatePair"), ref("DuplicateMerged"), ref("DuplicateJoined")]}),
    "search_duplicates": lambda path: (None, 202, ref("DuplicateSearch")),
    "duplicates_search": lambda path: (None, 200, ref("DuplicateSearch")),
    "stop_duplicates_search": lambda path: (None, 200, ref("DuplicateSearch")),
    "links": lambda path: (None, 200, obj({"data": list_of(ref("Link"))})),
    "link": lambda path: (LINK, 201, ref("Link")),
    "revoke_link": lambda path: (None, 200, ref("Link")),
    "files": lambda path: (None, 200, obj({"data": list_of(ref("File"))})),
    "add_file": lambda path: (PARTS, 201, obj({"data": list_of(ref("File"))})),
    "get_file": lambda path: (None, 200, ref("File")),
    "file_content": lambda path: (None, 200, None),
    "rename_file": lambda path: (obj({"name": TEXT}), 200, ref("File")),
    "delete_file": lambda path: (None, 204, None),
    "restore_file": lambda path: (None, 200, ref("File")),
}
JUDGING = {"judgements": 200, "judge": 201, "undo_judgement": 200}
"""What is done with what people say of figures, and the status of the answer; figures know the rest."""
OF_ENTITY |= {name: lambda path, status=status: (None, status, None) for name, status in JUDGING.items()}  # type: ignore[misc]
DUPLICATES = tuple(name for name in OF_ENTITY if "duplicate" in name)
GENERAL: dict[str, Shape] = {
    "me": (None, 200, ref("Me")),
    "meta": (None, 200, obj({"data": list_of(ref("Entity"))})),
    "meta_entity": (None, 200, ref("EntityWhole")),
    "meta_kinds": (None, 200, obj({"data": list_of(ref("Kind"))})),
    "meta_events": (None, 200, obj({"data": list_of(obj({"name": TEXT, "meaning": TEXT}))})),
    "views": (None, 200, obj({"data": list_of(ref("View"))})),
    "views_create": (obj(VIEW, optional=VIEW.keys() - {"entity", "name"}), 201, ref("View")),
    "views_get": (None, 200, ref("View")),
    "views_edit": (obj(VIEW, optional=VIEW), 200, ref("View")),
    "views_delete": (None, 204, None),
    "dashboards": (None, 200, obj({"data": list_of(ref("Dashboard"))})),
    "dashboards_create": (obj(DASHBOARD, optional=DASHBOARD.keys() - {"name"}), 201, ref("Dashboard")),
    "dashboards_get": (None, 200, ref("Dashboard")),
    "dashboards_edit": (obj(DASHBOARD, optional=DASHBOARD), 200, ref("Dashboard")),
    "dashboards_delete": (None, 204, None),
    "dashboards_tile": (None, 200, ref("TileAnswer")),
    "changes": (None, 200, ref("Changes")),
    "search": (None, 200, obj({"data": list_of(ref("Found"))})),
}


# ——— schemas ———


def _of_entity(entity: Entity, user: User) -> Json:
    row = schemas.values(entity, user, creating=False, key_required=True)
    return {
        entity.path: schemas.record(entity, user),
        f"{entity.path}.create": schemas.values(entity, user, creating=True),
        f"{entity.path}.edit": schemas.values(entity, user, creating=False),
        f"{entity.path}.upsert": obj({"data": {"type": "array", "maxItems": MOST, "items": row}}),
    }


def _boards_and_links() -> Json:
    tile = {**DASHBOARD["tiles"]["items"]["properties"], "id": KEY, "asked": {"type": "object"}}
    dashboard = {
        **DASHBOARD,
        "id": KEY,
        "mine": {"type": "boolean"},
        "may_change": {"type": "boolean"},
        "roles": list_of({"type": "integer"}),
        "tiles": list_of(obj(tile)),
    }
    answer = {
        "shape": TEXT, "name": TEXT, "number": {"type": "integer"}, "capped": {"type": "boolean"}, "sum": TEXT, "by": TEXT, "labels": TEXTS,
        "sums": list_of(obj({"amount": TEXT, "currency": TEXT})), "series": list_of(obj({"currency": TEXT, "values": TEXTS})),
        "entity": TEXT, "records": list_of({"type": "object"}), "more": {"type": "boolean"},
    }  # fmt: skip
    link = {
        "id": KEY, "url": {"type": ["string", "null"]}, "note": TEXT, "made_at": MOMENT, "made_by": {"anyOf": [ref("Titled"), {"type": "null"}]},
        "expires_at": MOMENT, "revoked_at": MAYBE_MOMENT, "opened": {"type": "integer"}, "first_opened_at": MAYBE_MOMENT,
        "last_opened_at": MAYBE_MOMENT,
    }  # fmt: skip
    file = {
        **FILE,
        "added_at": MOMENT,
        "added_by": {"anyOf": [ref("Titled"), {"type": "null"}]},
        "deleted_at": MAYBE_MOMENT,
        "kept_until": MAYBE_MOMENT,
    }
    return {
        "File": obj(file), "Dashboard": obj(dashboard), "TileAnswer": obj(answer, optional=answer.keys() - {"shape", "name"}), "Link": obj(link),
    }  # fmt: skip


def _duplicates() -> Json:
    told = {"type": "string", "enum": ["same", "alike", "differs"]}
    why = {"field": TEXT, "part": TEXT, "label": TEXT, "told": told, "first": TEXT, "second": TEXT}
    pair = {
        "id": KEY, "first": ref("Titled"), "second": ref("Titled"), "second_entity": TEXT, "bits": {"type": "number"},
        "grade": {"type": "string", "enum": ["certain", "likely", "possible"]},
        "decision": {"type": "string", "enum": ["open", "later", "different"]},
        "decided_by": {"anyOf": [ref("Titled"), {"type": "null"}]}, "decided_at": MAYBE_MOMENT, "why": list_of(obj(why)),
    }  # fmt: skip
    numbers = {name: {"type": "integer"} for name in ("done", "total", "records", "compared", "found")}
    search = {
        "id": KEY, "state": {"type": "string", "enum": ["running", "done", "stopped", "failed"]},
        "stage": {"type": "string", "enum": [name for name, _label in STAGES]}, **numbers,
        "begun_at": MOMENT, "stopped_at": MAYBE_MOMENT, "finished_at": MAYBE_MOMENT,
    }  # fmt: skip
    merged = obj({"kept": KEY, "gone": KEY, "batch": TEXT})
    return {
        "DuplicatePair": obj(pair),
        "DuplicateMerged": obj({"id": KEY, "decision": {"type": "string", "const": "merge"}, "merged": merged}),
        "DuplicateJoined": obj({"id": KEY, "decision": TEXT, "joined": obj({"first": KEY, "second": KEY})}),
        "DuplicateSearch": obj(search),
    }


def _shared() -> Json:
    errors = list_of(obj({"path": TEXT, "message": TEXT}, closed=False))
    diff = {"type": "object", "additionalProperties": {"type": "array", "minItems": 2, "maxItems": 2}}
    change = {
        "id": KEY, "at": MOMENT, "event": TEXT, "by": {"anyOf": [ref("Titled"), {"type": "null"}]}, "via": TEXT,
        "batch": {"type": ["string", "null"]}, "changes": diff, "files": list_of(list_of(obj(FILE, closed=False))),
    }  # fmt: skip
    placed = {"cursor": TEXT, "entity": TEXT, "record": KEY, "title": {"type": ["string", "null"]}, **change}
    action = {"type": "string", "enum": list(ACTIONS)}
    brief = {
        "name": TEXT, "one": TEXT, "many": TEXT, "icon": TEXT, "title": TEXT, "part_of": {"type": ["string", "null"]},
        "order": TEXTS, "may": list_of(action),
    }  # fmt: skip
    choices = {"type": ["array", "null"], "items": obj({"value": TEXT, "label": TEXT})}
    asked = {"name": TEXT, "label": TEXT, "kind": TEXT, "required": {"type": "boolean"}, "entity": {"type": ["string", "null"]}}
    asked |= {"choices": choices, "schema": {"type": "object"}}
    yes = {"type": "boolean"}
    field = {
        **asked, "hint": TEXT, "custom": yes, "settable": yes, "masked": yes, "sortable": yes, "indexed": yes, "operators": TEXTS,
    }  # fmt: skip
    verb = {"name": TEXT, "label": TEXT, "hint": TEXT, "action": action, "fields": list_of(obj(asked))}
    whole = {
        **brief,
        "fields": list_of(obj(field)),
        "verbs": list_of(obj(verb)),
        "related": list_of(obj({"name": TEXT, "entity": TEXT, "by": TEXT, "label": TEXT})),
        "views": list_of(obj({"name": TEXT, "label": TEXT, "condition": TEXT, "order": TEXTS, "shape": TEXT})),
    }
    problem = {"type": TEXT, "title": TEXT, "status": {"type": "integer"}, "detail": TEXT, "instance": TEXT, "errors": errors}
    key = obj({"name": TEXT, "prefix": TEXT, "expires_at": {"type": ["string", "null"]}})
    results = {"type": "string", "enum": ["created", "changed", "same", "refused"]}
    row = {
        "row": {"type": "integer"}, "result": results, "id": {"type": ["integer", "null"]},
        "version": {"type": ["integer", "null"]}, "errors": errors,
    }  # fmt: skip
    view = {
        **VIEW, "id": KEY, "mine": yes, "condition": {"type": ["object", "null"]}, "condition_text": TEXT,
        "columns": TEXTS, "order": TEXTS, "options": {"type": "object"},
    }  # fmt: skip
    return {
        "Problem": obj(problem, optional=["detail", "instance"], closed=False),
        "Titled": schemas.TITLED,
        "Change": obj(change, optional=["files"]),
        "Changes": obj({"data": list_of(obj(placed, optional=["files"])), "next": TEXT, "more": yes}),
        "Found": obj({"entity": TEXT, "id": KEY, "title": TEXT, "subtitle": TEXT}),
        "Upserted": obj({"data": list_of(obj(row)), **{name: {"type": "integer"} for name in results["enum"]}}),
        "View": obj(view),
        "Entity": obj(brief),
        "EntityWhole": obj(whole),
        "Kind": obj({"name": TEXT, "operators": TEXTS, "sortable": yes, "schema": {"type": "object"}}),
        "Me": obj(
            {
                "id": KEY, "username": TEXT, "name": TEXT, "language": TEXT, "zone": TEXT, "currency": TEXT,
                "teams": list_of(ref("Titled")), "administrator": yes,
                "may": {"type": "object", "additionalProperties": list_of(action)}, "key": {"anyOf": [key, {"type": "null"}]},
            }
        ),
    }  # fmt: skip
