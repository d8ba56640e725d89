"""Many records at once by the key they have elsewhere: created when it is new, changed when it is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as _n
from ninja import Query as Asked

from guanxi.entity.actors import Actor
from guanxi.entity.entity import Entity
from guanxi.record.changes import API, Origin, create_many, edit_cleaned
from guanxi.record.cleaning import clean
from guanxi.record.reach import reachable
from guanxi.record.refusals import Forbidden, Missing, Refused, Taken
from guanxi.surfaces.api.addressed import entity_for
from guanxi.surfaces.api.answers import caller_of, json_answer
from guanxi.surfaces.api.bodies import check_record, object_of
from guanxi.surfaces.api.parameters import Upserting
from guanxi.surfaces.api.problems import Problem, problem_of
from guanxi.surfaces.api.records import router

MOST = 1000


__all__ = ["router", "upsert"]


Result = dict[str, Any]


class _Undone(Exception):
    """Some row was refused, so that none is saved."""


@router.put("/{entity}", operation_id="upsert", summary=_n("Create or change several %(many)s by external key"))
def upsert_records(request: HttpRequest, entity: str, asked: Asked[Upserting]) -> HttpResponse:
    """Send {“data”: […]}, each row with its “external_id”. A row with a known key changes that record, a new key creates one.

    The answer has one result a row, in the same order: “created”, “changed”, “same” or “refused” with its errors.
    """
    caller = caller_of(request)
    kind = entity_for(entity, caller)
    if not caller.user.rights.may("bulk", kind.path):
        raise Forbidden(_("You may not change many %(many)s at once.") % {"many": kind.noun.many})
    rows = _rows(object_of(request))
    results: list[Result] = []
    try:
        with transaction.atomic():
            results += upsert(kind, rows, by=caller.user, origin=API.batched())
            if not asked.partial and any(one["result"] == "refused" for one in results):
                raise _Undone
    except _Undone:
        errors = [
            {"path": f"data.{one['row']}" + (f".{error['path']}" if error["path"] else ""), "message": error["message"]}
            for one in results
            for error in one["errors"]
        ]
        words = _("Nothing was saved, because some rows were refused; “partial=true” saves the others.")
        raise Problem("refused", words, errors=errors) from None
    told: dict[str, Any] = {"data": results}
    for result in ("created", "changed", "same", "refused"):
        told[result] = sum(one["result"] == result for one in results)
    return json_answer(told)


def _rows(sent: Mapping[str, Any]) -> list[Any]:
    unknown = {name: _("Only “data” is expected here.") for name in sent if name != "data"}
    if unknown:
        raise Refused(unknown)
    rows = sent.get("data")
    if not isinstance(rows, list):
        raise Refused({"data": _("Send a list of records.")})
    if len(rows) > MOST:
        raise Refused({"data": _("At most %(most)d records at once.") % {"most": MOST}})
    return rows


@dataclass(frozen=True)
class Row:
    """A row that may be written: its place in the call, its values, and the record that has its key already."""

    place: int
    values: dict[str, Any]
    known: Any | None


def upsert(entity: Entity, sent: list[Any], *, by: Actor, origin: Origin) -> list[Result]:
    """One result a row. Rows that are refused leave nothing behind; the others are written in this transaction."""
    known = _known(entity, sent)
    seen: set[str] = set()
    results: list[Result] = []
    rows: list[Row] = []
    for place, values in enumerate(sent):
        try:
            rows.append(_row(entity, place, values, known, seen))
        except Refused as refusal:
            results.append(_refused(place, refusal))
    results += _write(entity, rows, by=by, origin=origin)
    return sorted(results, key=lambda one: one["row"])


def _known(entity: Entity, sent: list[Any]) -> dict[str, Any]:
    """The records with the rows' external keys, whoever may see them: a key is one record's only."""
    keys = {row["external_id"].strip() for row in sent if isinstance(row, dict) and isinstance(row.get("external_id"), str)}
    found = entity.model._default_manager.filter(external_id__in=[key for key in keys if "\x00" not in key])
    records: list[Any] = list(found.only("pk", "external_id", "version", "deleted_at"))
    return {record.external_id: record for record in records}


def _row(entity: Entity, place: int, values: Any, known: dict[str, Any], seen: set[str]) -> Row:
    if not isinstance(values, dict):
        raise Refused({"": _("Send an object.")})
    check_record(entity, values)
    key = (values.get("external_id") or "").strip()
    if not key:
        raise Refused({"external_id": _("Fill this in.")})
    if key in seen:
        raise Refused({"external_id": _("Another row of this call has the same key.")})
    seen.add(key)
    record = known.get(key)
    if record is not None and record.deleted_at is not None:
        raise Refused({"external_id": _("The record with this key is in the trash; restore it first.")})
    return Row(place, values, record)


def _write(entity: Entity, rows: list[Row], *, by: Actor, origin: Origin) -> list[Result]:
    """All rows at once; if that is refused, each half by itself, and so on down to the rows at fault."""
    if not rows:
        return []
    try:
        with transaction.atomic():
            return _together(entity, rows, by=by, origin=origin)
    except (Refused, Forbidden, Missing, IntegrityError) as refusal:
        if isinstance(refusal, Taken) and (again := _met(entity, rows)) != rows:
            return _write(entity, again, by=by, origin=origin)
        if len(rows) == 1:
            return [_refused(rows[0].place, refusal)]
    half = len(rows) // 2
    return _write(entity, rows[:half], by=by, origin=origin) + _write(entity, rows[half:], by=by, origin=origin)


def _met(entity: Entity, rows: list[Row]) -> list[Row]:
    """The rows, with the records that others made of their keys meanwhile."""
    known = _known(entity, [row.values for row in rows if row.known is None])
    found = [row if row.known is not None else replace(row, known=known.get(row.values["external_id"].strip())) for row in rows]
    return [before if now.known is not None and now.known.deleted_at is not None else now for before, now in zip(rows, found, strict=True)]


def _together(entity: Entity, rows: list[Row], *, by: Actor, origin: Origin) -> list[Result]:
    new = [row for row in rows if row.known is None]
    made = create_many(entity, [row.values for row in new], by=by, origin=origin) if new else []
    results = [_result(row, "created", record) for row, record in zip(new, made, strict=True)]
    old = [row for row in rows if row.known is not None]
    for row, record in zip(old, _edited(entity, old, by=by, origin=origin), strict=True):
        results.append(_result(row, "same" if record.version == row.known.version else "changed", record))  # type: ignore[union-attr]
    return results


def _edited(entity: Entity, rows: list[Row], *, by: Actor, origin: Origin) -> list[Any]:
    """The rows' records with their new values, locked together in one order. Refused, Forbidden, Missing."""
    keys = [row.known.pk for row in rows if row.known is not None]
    within = reachable(entity, "edit", by).filter(pk__in=keys).order_by("pk").select_for_update(of=("self",), no_key=True) if keys else ()
    records = {record.pk: record for record in within}
    if len(records) < len(keys):
        raise Missing(_("There is no such record, or you may not change it."))
    pairs = []
    for key, row in zip(keys, rows, strict=True):
        errors: dict[str, str] = {}
        values = {name: value for name, value in row.values.items() if name != "external_id"}
        cleaned = clean(entity, values, by=by, errors=errors, creating=False)
        if errors:
            raise Refused(errors)
        pairs.append((records[key], cleaned))
    edit_cleaned(entity, pairs, by=by, origin=origin)
    return [records[key] for key in keys]


def _result(row: Row, result: str, record: Any) -> Result:
    return {"row": row.place, "result": result, "id": record.pk, "version": record.version, "errors": []}


def _refused(place: int, refusal: Exception) -> Result:
    problem = problem_of(refusal)
    errors = problem.errors or [{"path": "", "message": problem.detail}]
    return {"row": place, "result": "refused", "id": None, "version": None, "errors": errors}
