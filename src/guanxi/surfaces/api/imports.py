"""Imports for programs: a file sent, its columns given fields, tried, run by a worker, followed, taken back. The steps of the page, with its rights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as _n
from ninja import Query as Asked
from ninja import Router

from guanxi.access.models import User
from guanxi.access.titles import people
from guanxi.entity.entity import Entity
from guanxi.entity.registry import entity_named
from guanxi.record.refusals import Forbidden, Missing, Refused
from guanxi.surfaces.api.addressed import by_key, entities_asked, entity_for, key_in
from guanxi.surfaces.api.answers import caller_of, json_answer, nothing
from guanxi.surfaces.api.bodies import nothing_sent, object_of
from guanxi.surfaces.api.callers import Caller
from guanxi.surfaces.api.parameters import Imports, OfImport, OfTemplate, Paged, Rehearsed
from guanxi.surfaces.api.problems import Problem
from guanxi.surfaces.api.receiving import file_in
from guanxi.surfaces.exports.writing import csv_lines
from guanxi.surfaces.imports.actor import imports_of
from guanxi.surfaces.imports.choosing import placed, wished
from guanxi.surfaces.imports.model import Import
from guanxi.surfaces.imports.pages import rejected_lines
from guanxi.surfaces.imports.plan import LEFT_EMPTY, Wishes, places_from, recognising, targets_of
from guanxi.surfaces.imports.receiving import choose, read_again, reading_from, receive
from guanxi.surfaces.imports.remarks import UnreadableTable
from guanxi.surfaces.imports.running import Rehearsal, also_made, rehearse, study_of
from guanxi.surfaces.imports.showing import choices_of, columns_shown, heads, lacking, unknown_names, unknown_texts
from guanxi.surfaces.imports.tasks import discard, revert_later, run_later, stop

CSV = "text/csv; charset=utf-8"
READING = ("encoding", "delimiter", "quote", "sheet", "header_row")
REASONS = 500
"""Rejected rows that a rehearsal tells with their reasons."""

router = Router()


# ——— files ———


@router.get("/imports", operation_id="imports", summary=_n("List imports"))
def list_imports(request: HttpRequest, asked: Asked[Imports]) -> HttpResponse:
    """The caller's own, latest first; an administrator's list has everybody's."""
    caller = caller_of(request)
    paths = [path for path in entities_asked(asked.entity, caller) if caller.user.rights.may("import", path)]
    found, more = by_key(imports_of(caller.user, caller.key).filter(entity__in=paths), asked.cursor, asked.limit)
    return json_answer({"data": [_brief(one) for one in found], "next": more})


@router.post("/imports", operation_id="imports_create", summary=_n("Send a file to import"))
def create_import(request: HttpRequest, asked: Asked[OfImport]) -> HttpResponse:
    """CSV, TSV, XLSX, XLS or ODS: one part “file” of a form, or the bytes as the body, called by “name”. Nothing is brought in yet.

    The answer tells how the file is read and where its columns go. Both can be changed until it is run.
    """
    caller = caller_of(request)
    entity = _importable(asked.entity, caller)
    file = file_in(request)
    reading = {name: value for name in READING if (value := getattr(asked, name)) is not None and (value != "" or name == "quote")}
    try:
        one = receive(entity, file.name or "table", file.chunks(), by=caller.user, reading=reading, api_key=caller.key)
    except UnreadableTable as unreadable:
        raise Refused({"file": str(unreadable)}) from None
    return json_answer(_told(one, caller.user), 201, Location=f"/api/v1/imports/{one.pk}")


@router.get("/imports/template", operation_id="imports_template", summary=_n("Read an empty table to fill"))
def read_template(request: HttpRequest, asked: Asked[OfTemplate]) -> HttpResponseBase:
    """CSV with a column for every field that the caller may set."""
    caller = caller_of(request)
    entity = _importable(asked.entity, caller)
    return StreamingHttpResponse(csv_lines(iter([heads(entity, caller.user)])), content_type=CSV)


# ——— drafts ———


@router.get("/imports/{key}", operation_id="imports_get", summary=_n("Read an import"))
def get_import(request: HttpRequest, key: str) -> HttpResponse:
    """How far it is, and what was chosen for it."""
    caller = caller_of(request)
    return json_answer(_told(_own(key, caller), caller.user))


@router.patch("/imports/{key}", operation_id="imports_edit", summary=_n("Choose how a file is imported"))
def edit_import(request: HttpRequest, key: str) -> HttpResponse:
    """“reading” is how the file is read; with it, columns and wishes are proposed anew. “columns” is where columns go, by name or
    number from 1: a field, “field/part”, or null to leave it out. All else is as the answer tells it. What is not sent stays.
    """
    caller, sent = caller_of(request), object_of(request)
    with transaction.atomic():
        one = _draft(_own(key, caller, alone=True))
        _choose(one, sent, caller)
    return json_answer(_told(one, caller.user))


@router.delete("/imports/{key}", operation_id="imports_delete", summary=_n("Throw a draft away"))
def delete_import(request: HttpRequest, key: str) -> HttpResponse:
    """With its file. What was begun is stopped and reverted instead."""
    discard(_draft(_own(key, caller_of(request))))
    return nothing()


@router.post("/imports/{key}/rehearse", operation_id="imports_rehearse", summary=_n("Try an import, and keep nothing"))
def rehearse_import(request: HttpRequest, key: str, asked: Asked[Rehearsed]) -> HttpResponse:
    """What would become of the first rows: counts, reasons, and the names and texts that are not known with what they probably mean."""
    caller = caller_of(request)
    one = _draft(_own(key, caller))
    nothing_sent(request)
    try:
        rehearsal = rehearse(one, by=caller.user, limit=asked.rows)
    except UnreadableTable as unreadable:
        raise Refused({"file": str(unreadable)}) from None
    return json_answer(_rehearsed(entity_named(one.entity), rehearsal, caller.user))


# ——— runs ———


@router.post("/imports/{key}/run", operation_id="imports_run", summary=_n("Run an import"))
def run_import(request: HttpRequest, key: str) -> HttpResponse:
    """A worker runs it; `GET` tells how far it is. One that was stopped or failed goes on from where it was, without doubles."""
    caller = caller_of(request)
    one = _own(key, caller)
    nothing_sent(request)
    if not any(one.mapping):
        raise Refused({"columns": _("Give at least one column a field.")})
    return _begun(run_later(one), key, caller, {"waiting", "running"})


@router.post("/imports/{key}/stop", operation_id="imports_stop", summary=_n("Stop an import"))
def stop_import(request: HttpRequest, key: str) -> HttpResponse:
    """What was brought in stays; it can go on or be reverted."""
    caller = caller_of(request)
    one = _own(key, caller)
    nothing_sent(request)
    return _begun(stop(one), key, caller, {"stopped"}, 200)


@router.post("/imports/{key}/revert", operation_id="imports_revert", summary=_n("Take an import back"))
def revert_import(request: HttpRequest, key: str) -> HttpResponse:
    """A worker puts what it made in the trash, and gives what it changed its former values, unless somebody changed it since."""
    caller = caller_of(request)
    one = _own(key, caller)
    nothing_sent(request)
    return _begun(revert_later(one), key, caller, {"reverting", "reverted"})


@router.get("/imports/{key}/rejected", operation_id="imports_rejected", summary=_n("List the rows that were rejected"))
def list_rejected(request: HttpRequest, key: str, asked: Asked[Paged]) -> HttpResponse:
    """Each with its number in the file, its cells, and why."""
    rows, more = by_key(_own(key, caller_of(request)).rejections.all(), asked.cursor, asked.limit, newest=False)
    told = [{"row": row.number, "values": row.values, "errors": _errors(dict(row.reasons))} for row in rows]
    return json_answer({"data": told, "next": more})


@router.get("/imports/{key}/rejected.csv", operation_id="imports_rejected_file", summary=_n("Read the rejected rows as a file"))
def read_rejected(request: HttpRequest, key: str) -> HttpResponseBase:
    """With their reasons in front; corrected, it can be imported as it is."""
    return StreamingHttpResponse(rejected_lines(_own(key, caller_of(request))), content_type=CSV)


# ——— whose, and in which state ———


def _importable(path: str, caller: Caller) -> Entity:
    """The entity a parameter names, for those who may import it. Problem, Forbidden."""
    try:
        entity = entity_for(path, caller)
    except Missing as missing:
        raise Problem("bad-request", str(missing), errors=[("entity", str(missing))]) from None
    _must_import(entity, caller)
    return entity


def _must_import(entity: Entity, caller: Caller) -> None:
    if not caller.user.rights.may("import", entity.path):
        raise Forbidden(_("You may not do this with %(many)s.") % {"many": entity.noun.many})


def _own(key: str, caller: Caller, *, alone: bool = False) -> Import:
    """The import; `alone`, nobody sets it going meanwhile. Missing, Forbidden."""
    found = imports_of(caller.user, caller.key)
    one = (found.select_for_update(of=("self",)) if alone else found).filter(pk=key_in(key)).first()
    if one is None:
        raise Missing(_("There is no such import."))
    _must_import(entity_for(one.entity, caller), caller)
    return one


def _draft(one: Import) -> Import:
    if one.state != "draft":
        raise _not_now(one)
    return one


def _not_now(one: Import) -> Problem:
    return Problem("conflict", _("This cannot be done with an import in this state: %(state)s.") % {"state": one.get_state_display()})


def _begun(begun: bool, key: str, caller: Caller, same: set[str], status: int = 202) -> HttpResponse:
    """The import after it was to be moved; one that is there already is told as well."""
    one = _own(key, caller)
    if not begun and one.state not in same:
        raise _not_now(one)
    return json_answer(_told(one, caller.user), status)


def _object(sent: dict[str, Any], name: str) -> dict[str, Any] | None:
    found = sent.pop(name, None)
    if found is not None and not isinstance(found, dict):
        raise Refused({name: _("Send an object.")})
    return found


def _choose(one: Import, sent: dict[str, Any], caller: Caller) -> None:
    reading, columns = (_object(sent, name) for name in ("reading", "columns"))
    entity = entity_named(one.entity)
    if reading is not None:
        _read(one, reading, caller)
    places = placed(entity, study_of(one), places_from(one.mapping), columns or {}, by=caller.user)
    if problem := choose(one, places, by=caller.user):
        raise Refused({"columns": problem})
    wishes = wished(entity, places, Wishes.from_json(one.wishes), sent, by=caller.user)
    possible = recognising(entity, places)
    one.wishes = wishes.to_json() | {"match": [name for name in wishes.match if name in possible]}
    one.save(update_fields=["mapping", "wishes"])


def _read(one: Import, said: Mapping[str, Any], caller: Caller) -> None:
    errors = {f"reading.{name}": _("There is no such value.") for name in said if name not in READING}
    for name, value in said.items():
        if name == "header_row" and value is not None and (isinstance(value, bool) or not isinstance(value, int)):
            errors[f"reading.{name}"] = _("Send a whole number.")
        elif name in READING and name != "header_row" and value is not None and not isinstance(value, str):
            errors[f"reading.{name}"] = _("Send text.")
    if errors:
        raise Refused(errors)
    try:
        read_again(one, reading_from(said, one.reading, study_of(one).inspection), by=caller.user)
    except UnreadableTable as unreadable:
        raise Refused({"reading": str(unreadable)}) from None


# ——— told ———


def _brief(one: Import) -> dict[str, Any]:
    by = people().get(one.user_id) if one.user_id is not None else None
    return {
        "id": one.pk, "entity": one.entity, "file": one.name, "state": one.state, "made_by": {"id": one.user_id, "title": by} if by else None,
        "made_at": one.made_at, "began_at": one.began_at, "ended_at": one.ended_at, **one.counts, "reverted": one.reverted, "error": one.error,
    }  # fmt: skip


def _told(one: Import, user: User) -> dict[str, Any]:
    entity, study, wishes, places = entity_named(one.entity), study_of(one), Wishes.from_json(one.wishes), places_from(one.mapping)
    read = study.inspection
    columns = columns_shown(entity, read, places, user)
    return {
        **_brief(one),
        "reading": {"format": read.format, "rows": read.row_count, "exact": read.row_count_exact, "sheets": list(read.sheets)}
        | {name: getattr(read, name) for name in READING},
        "remarks": [str(remark) for remark in read.warnings],
        "columns": [
            {"number": shown["index"] + 1, "name": shown["name"], "samples": shown["samples"], "field": shown["chosen"] or None, "why": str(shown["why"])}
            for shown in columns
        ],
        "fields": [{"field": target.place, "label": target.label, "required": target.required} for target in targets_of(entity, by=user)],
        "lacking": lacking(entity, {place[0] for place in places if place}, wishes),
        "matchable": recognising(entity, places),
        "match": list(wishes.match), "on_match": wishes.on_match, "missing": wishes.missing, "missing_by_field": wishes.missing_by_field,
        "names": {field: {name: key if key != LEFT_EMPTY else None for name, key in said.items()} for field, said in wishes.names.items()},
        "values": wishes.values, "unreadable": wishes.unreadable, "day_first": wishes.day_first,
        "title_from": [read.columns[index] for index in wishes.title_from if index < len(read.columns)],
        "also_made": also_made(one) if one.done else {},
        "left": [{"entity": path, "id": key, "title": title, "reason": reason} for path, key, title, reason in one.left],
    }  # fmt: skip


def _rehearsed(entity: Entity, rehearsal: Rehearsal, user: User) -> dict[str, Any]:
    outcome = rehearsal.outcome
    choices = {field: {label: value for value, label in choices_of(entity.fields[field]).items()} for field in entity.fields}
    return {
        "rows": rehearsal.rows, "whole": rehearsal.whole, "created": outcome.created, "updated": outcome.updated, "skipped": outcome.skipped,
        "rejected": len(outcome.rejected), "also_made": rehearsal.made,
        "rejections": [{"row": row.number, "errors": _errors(errors)} for row, errors in outcome.rejected[:REASONS]],
        "names": [
            {"field": one["field"], "name": one["name"], "rows": one["count"], "near": {"id": one["key"], "title": one["near"]} if one["key"] else None}
            for one in unknown_names(entity, rehearsal, user)
        ],
        "values": [
            {"field": one["field"], "text": one["name"], "rows": one["count"], "near": choices[one["field"]].get(one["near"])}
            for one in unknown_texts(entity, rehearsal)
        ],
    }  # fmt: skip


def _errors(reasons: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"path": name, "message": str(message)} for name, message in reasons.items()]
