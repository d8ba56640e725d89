"""What is sent to each address of the API and what it answers, as JSON Schema: the components of the document."""

from __future__ import annotations

from collections.abc import Callable

from guanxi.access.models import Scope, User
from guanxi.entity.actors import ACTIONS, Level
from guanxi.entity.entity import Entity
from guanxi.surfaces.api import custom_fields, schemas
from guanxi.surfaces.api.dashboards import SCHEMA as DASHBOARD
from guanxi.surfaces.api.saved_views import SCHEMA as VIEW
from guanxi.surfaces.api.schemas import Json, list_of, obj, page_of, ref
from guanxi.surfaces.api.upserts import MOST
from guanxi.surfaces.dedupe.model import STAGES
from guanxi.surfaces.imports.model import STATES
from guanxi.surfaces.imports.plan import MISSING, ON_MATCH, UNREADABLE

KEY = {"type": "integer", "minimum": 1, "maximum": 2**63 - 1}
TEXT = {"type": "string"}
MOMENT = {"type": "string", "format": "date-time"}
TEXTS = list_of(TEXT)
YES = {"type": "boolean"}

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

SENDS_FILE = frozenset({"add_file", "imports_create"})
TELLS_CSV = frozenset({"imports_template", "imports_rejected_file"})
EXPORTED = ("text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
MAYBE_KEY = {"type": ["integer", "null"], "minimum": 1, "maximum": 2**63 - 1}
MAYBE_TEXT = {"type": ["string", "null"]}


def _by_name(schema: Json) -> Json:
    return {"type": "object", "additionalProperties": schema}


READ_AS: Json = {
    **dict.fromkeys(("encoding", "delimiter", "quote", "sheet"), MAYBE_TEXT),
    "header_row": {"type": ["integer", "null"], "minimum": 0},
}
WISHES: Json = {
    "match": TEXTS, "on_match": {"type": "string", "enum": list(ON_MATCH)}, "missing": {"type": "string", "enum": list(MISSING)},
    "missing_by_field": _by_name({"type": "string", "enum": list(MISSING)}), "names": _by_name(_by_name(MAYBE_KEY)),
    "values": _by_name(_by_name(MAYBE_TEXT)), "unreadable": {"type": "string", "enum": list(UNREADABLE)}, "day_first": {"type": ["boolean", "null"]},
}  # fmt: skip
_SCOPE = obj(
    {"scope": {"type": "string", "enum": list(Scope.values)}, "condition": {"type": ["string", "object", "null"]}}, optional=["condition"]
)
RIGHTS: Json = {
    "actions": _by_name(_by_name(_SCOPE)), "fields": _by_name(_by_name({"type": "string", "enum": [level.name.lower() for level in Level]})),
}  # fmt: skip
"""What a role may."""
CHOSEN: Json = {"reading": obj(READ_AS, optional=READ_AS), "columns": _by_name(MAYBE_TEXT), **WISHES}
"""What is chosen for an import."""

Shape = tuple[Json | None, int, Json | None]
"""What is sent, and the status and schema of the answer."""

JUDGING = {"judgements": 200, "judge": 201, "undo_judgement": 200}
"""What is done with what people say of figures, and the status of the answer; figures know the rest."""

OF_ENTITY: dict[str, Callable[[str], Shape]] = {
    "list": lambda path: (None, 200, page_of(ref(path))),
    "export": lambda path: (None, 200, None),
    "bulk": lambda path: (_to_many(path), 200, ref("BulkRun")),
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
    "judgements": lambda path: (None, JUDGING["judgements"], None),
    "judge": lambda path: (None, JUDGING["judge"], None),
    "undo_judgement": lambda path: (None, JUDGING["undo_judgement"], None),
}
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
    "fields": (None, 200, obj({"data": list_of(ref("CustomField"))})),
    "fields_create": (
        obj({**custom_fields.DECLARED, **custom_fields.WORDING}, optional=["to", *custom_fields.WORDING]),
        201,
        ref("CustomField"),
    ),
    "fields_get": (None, 200, ref("CustomField")),
    "fields_edit": (
        obj({**custom_fields.WORDING, **custom_fields.STATE}, optional=[*custom_fields.WORDING, *custom_fields.STATE]),
        200,
        ref("CustomField"),
    ),
    "rights": (None, 200, ref("Rights")),
    "rights_edit": (obj(RIGHTS, optional=RIGHTS), 200, ref("Rights")),
    "changes_undo": (None, 200, obj({"entity": TEXT, "id": KEY, "version": {"type": "integer"}, "deleted": YES, "batch": TEXT})),
    "batches_undo": (None, 200, ref("Undone")),
    "bulk_get": (None, 200, ref("BulkRun")),
    "bulk_stop": (None, 200, ref("BulkRun")),
    "imports": (None, 200, page_of(ref("ImportBrief"))),
    "imports_create": (PARTS, 201, ref("Import")),
    "imports_template": (None, 200, TEXT),
    "imports_get": (None, 200, ref("Import")),
    "imports_edit": (obj(CHOSEN, optional=CHOSEN), 200, ref("Import")),
    "imports_delete": (None, 204, None),
    "imports_rehearse": (None, 200, ref("Rehearsal")),
    "imports_run": (None, 202, ref("Import")),
    "imports_stop": (None, 200, ref("Import")),
    "imports_revert": (None, 202, ref("Import")),
    "imports_rejected": (None, 200, page_of(ref("RejectedRow"))),
    "imports_rejected_file": (None, 200, TEXT),
    "changes": (None, 200, ref("Changes")),
    "search": (None, 200, obj({"data": list_of(ref("Found"))})),
}


# ——— schemas ———


def of_entity(entity: Entity, user: User) -> Json:
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


def _custom_field() -> Json:
    told = {"id": KEY, **custom_fields.DECLARED, "to": MAYBE_TEXT, **custom_fields.WORDING, **custom_fields.STATE}
    return {"CustomField": obj(told), "Rights": obj({"id": KEY, "name": TEXT, **RIGHTS})}


def _to_many(path: str) -> Json:
    """What is sent to change many."""
    asked = {
        "ids": {"type": "array", "items": KEY, "minItems": 1}, "all": YES, "edit": ref(f"{path}.edit"), "verb": TEXT, "values": {"type": "object"},
        "delete": YES,
    }  # fmt: skip
    return obj(asked, optional=asked)


def _many() -> Json:
    number = {"type": "integer"}
    failure = obj({"id": KEY, "title": TEXT, "reason": TEXT})
    run = {
        "id": MAYBE_KEY, "entity": TEXT, "state": {"type": "string", "enum": ["running", "done", "stopped"]}, "total": number, "done": number,
        "failed": number, "failures": list_of(failure), "problem": TEXT, "batch": TEXT,
    }  # fmt: skip
    left = obj({"change": KEY, "entity": TEXT, "id": KEY, "reason": TEXT})
    return {"BulkRun": obj(run), "Undone": obj({"undone": number, "stand": number, "left": list_of(left), "batch": TEXT})}


def _imports() -> Json:
    number = {"type": "integer"}
    brief = {
        "id": KEY, "entity": TEXT, "file": TEXT, "state": {"type": "string", "enum": [name for name, _label in STATES]},
        "made_by": {"anyOf": [ref("Titled"), {"type": "null"}]}, "made_at": MOMENT, "began_at": MAYBE_MOMENT, "ended_at": MAYBE_MOMENT,
        **dict.fromkeys(("done", "total", "created", "updated", "skipped", "rejected", "reverted"), number), "error": TEXT,
    }  # fmt: skip
    column = {"number": KEY, "name": TEXT, "samples": TEXTS, "field": MAYBE_TEXT, "why": TEXT}
    errors = list_of(obj({"path": TEXT, "message": TEXT}))
    whole = {
        **brief, **WISHES, "reading": obj({"format": TEXT, "rows": number, "exact": YES, "sheets": TEXTS, **READ_AS}), "remarks": TEXTS,
        "columns": list_of(obj(column)), "fields": list_of(obj({"field": TEXT, "label": TEXT, "required": YES})), "lacking": TEXTS,
        "matchable": TEXTS, "title_from": TEXTS, "also_made": _by_name(number),
        "left": list_of(obj({"entity": TEXT, "id": KEY, "title": TEXT, "reason": TEXT})),
    }  # fmt: skip
    name = {"field": TEXT, "name": TEXT, "rows": number, "near": {"anyOf": [ref("Titled"), {"type": "null"}]}}
    rehearsal = {
        "rows": number, "whole": YES, **dict.fromkeys(("created", "updated", "skipped", "rejected"), number), "also_made": _by_name(number),
        "rejections": list_of(obj({"row": number, "errors": errors})), "names": list_of(obj(name)),
        "values": list_of(obj({"field": TEXT, "text": TEXT, "rows": number, "near": MAYBE_TEXT})),
    }  # fmt: skip
    return {
        "ImportBrief": obj(brief), "Import": obj(whole), "Rehearsal": obj(rehearsal),
        "RejectedRow": obj({"row": number, "values": {"type": "array"}, "errors": errors}),
    }  # fmt: skip


def _shared() -> Json:
    errors = list_of(obj({"path": TEXT, "message": TEXT}, closed=False))
    diff = {"type": "object", "additionalProperties": {"type": "array", "minItems": 2, "maxItems": 2}}
    change = {
        "id": KEY, "at": MOMENT, "event": TEXT, "by": {"anyOf": [ref("Titled"), {"type": "null"}]}, "via": TEXT,
        "batch": {"type": ["string", "null"]}, "changes": diff, "files": list_of(list_of(obj(FILE, closed=False))),
    }  # fmt: skip
    placed = {"cursor": TEXT, "entity": TEXT, "record": KEY, "title": {"type": ["string", "null"]}, **change}
    problem = {"type": TEXT, "title": TEXT, "status": {"type": "integer"}, "detail": TEXT, "instance": TEXT, "errors": errors}
    results = {"type": "string", "enum": ["created", "changed", "same", "refused"]}
    row = {
        "row": {"type": "integer"}, "result": results, "id": {"type": ["integer", "null"]},
        "version": {"type": ["integer", "null"]}, "errors": errors,
    }  # fmt: skip
    view = {
        **VIEW, "id": KEY, "mine": YES, "condition": {"type": ["object", "null"]}, "condition_text": TEXT,
        "columns": TEXTS, "order": TEXTS, "options": {"type": "object"},
    }  # fmt: skip
    return {
        "Problem": obj(problem, optional=["detail", "instance"], closed=False),
        "Titled": schemas.TITLED,
        "Change": obj(change, optional=["files"]),
        "Changes": obj({"data": list_of(obj(placed, optional=["files"])), "next": TEXT, "more": YES}),
        "Found": obj({"entity": TEXT, "id": KEY, "title": TEXT, "subtitle": TEXT}),
        "Upserted": obj({"data": list_of(obj(row)), **{name: {"type": "integer"} for name in results["enum"]}}),
        "View": obj(view),
    }


def _of_the_caller() -> Json:
    """What there is for whoever asks."""
    action = {"type": "string", "enum": list(ACTIONS)}
    brief = {
        "name": TEXT, "one": TEXT, "many": TEXT, "icon": TEXT, "title": TEXT, "part_of": {"type": ["string", "null"]},
        "order": TEXTS, "may": list_of(action),
    }  # fmt: skip
    choices = {"type": ["array", "null"], "items": obj({"value": TEXT, "label": TEXT})}
    asked = {"name": TEXT, "label": TEXT, "kind": TEXT, "required": YES, "entity": {"type": ["string", "null"]}}
    asked |= {"choices": choices, "schema": {"type": "object"}}
    field = {
        **asked, "hint": TEXT, "custom": YES, "settable": YES, "masked": YES, "sortable": YES, "indexed": YES, "operators": TEXTS,
    }  # fmt: skip
    verb = {"name": TEXT, "label": TEXT, "hint": TEXT, "action": action, "fields": list_of(obj(asked))}
    whole = {
        **brief,
        "fields": list_of(obj(field)),
        "verbs": list_of(obj(verb)),
        "related": list_of(obj({"name": TEXT, "entity": TEXT, "by": TEXT, "label": TEXT})),
        "views": list_of(obj({"name": TEXT, "label": TEXT, "condition": TEXT, "order": TEXTS, "shape": TEXT})),
    }
    key = obj({"name": TEXT, "prefix": TEXT, "expires_at": {"type": ["string", "null"]}})
    me = {
        "id": KEY, "username": TEXT, "name": TEXT, "language": TEXT, "zone": TEXT, "currency": TEXT,
        "teams": list_of(ref("Titled")), "administrator": YES,
        "may": {"type": "object", "additionalProperties": list_of(action)}, "key": {"anyOf": [key, {"type": "null"}]},
    }  # fmt: skip
    return {
        "Entity": obj(brief),
        "EntityWhole": obj(whole),
        "Kind": obj({"name": TEXT, "operators": TEXTS, "sortable": YES, "schema": {"type": "object"}}),
        "Me": obj(me),
    }


def for_all() -> Json:
    """The components that do not depend on an entity."""
    return _shared() | _of_the_caller() | _boards_and_links() | _duplicates() | _imports() | _many() | _custom_field()
