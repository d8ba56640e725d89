"""The operations on records: list, create, read, change, delete, restore, verbs, history, related lists."""

from __future__ import annotations

import datetime as dt
from typing import Any

import orjson
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as _n
from ninja import Query as Asked
from ninja import Router

from guanxi.access.sight import clear
from guanxi.entity.actors import Actor
from guanxi.entity.conditions import ConditionError, Tree, from_json, parse
from guanxi.entity.conditions.errors import position_in
from guanxi.entity.conditions.tree import Compare, all_of
from guanxi.entity.entity import Entity, Related, Verb
from guanxi.entity.registry import entity_of
from guanxi.record.changes import API, create, delete, edit, restore
from guanxi.record.history import changes_of, trash_of
from guanxi.record.merging import heir
from guanxi.record.reach import visible
from guanxi.record.refusals import Missing, Refused
from guanxi.record.verbs import possible
from guanxi.surfaces.api.addressed import bad_cursor, by_key, entity_for, key_in, record_for
from guanxi.surfaces.api.answers import caller_of, json_answer, nothing
from guanxi.surfaces.api.bodies import check_record, check_shapes, object_of
from guanxi.surfaces.api.callers import Caller
from guanxi.surfaces.api.history import described
from guanxi.surfaces.api.parameters import Listed, Meant, Paged, Told
from guanxi.surfaces.api.problems import Problem
from guanxi.surfaces.api.rows import Sheet
from guanxi.surfaces.api.versions import check_version, etag
from guanxi.surfaces.ordering import Unanswerable, order_of
from guanxi.surfaces.plain import plain
from guanxi.surfaces.reading import Page, Query, count, page, rows
from guanxi.surfaces.views.asking import columns_of
from guanxi.surfaces.views.known import pick, views_of
from guanxi.surfaces.views.view import View

router = Router()


# ——— lists ———


@router.get("/{entity}", operation_id="list", summary=_n("List %(many)s"))
def list_records(request: HttpRequest, entity: str, asked: Asked[Listed]) -> HttpResponse:
    caller = caller_of(request)
    return listing(entity_for(entity, caller), caller, asked)


def listing(entity: Entity, caller: Caller, asked: Listed, within: Tree | None = None) -> HttpResponse:
    """A page of an entity's records, of those `within` a condition if one is given."""
    view = view_of(entity, asked.view, caller)
    sheet = Sheet(entity, caller.user, asked.fields or _columns(view, caller), asked.expand)
    query = query_of(asked, entity, view, within, asked.order)
    found = _page(query, sheet, asked)
    if entity.taken_along:
        entity.taken_along(visible(entity, to=caller.user).filter(pk__in=[one.pk for one in found.records]), sheet.fields, caller.user)
    told: dict[str, Any] = {"data": sheet.tell(found.records), "next": found.next}
    if asked.count:
        counted = count(rows(query, to=caller.user))
        told |= {"count": counted.number, "capped": counted.capped}
    return json_answer(told)


def view_of(entity: Entity, name: str, caller: Caller) -> View | None:
    """The view that a parameter names. Problem."""
    if not name:
        return None
    try:
        return pick(views_of(entity, to=caller.user), name)
    except Missing as missing:
        raise Problem("bad-request", str(missing), errors=[("view", str(missing))]) from None


def _page(query: Query, sheet: Sheet, asked: Listed) -> Page:
    """The page, or a problem that names the parameter at fault."""
    order_checked(query, sheet.to)
    try:
        return page(query, to=sheet.to, after=asked.cursor or None, limit=asked.limit, only=sheet.columns, fetch=plain)
    except Unanswerable as wrong:
        raise Problem("bad-request", str(wrong), errors=[("cursor" if asked.cursor else "order", str(wrong))]) from None


def order_checked(query: Query, to: Actor) -> None:
    """Refuse an order that there is not. Problem."""
    try:
        order_of(query.entity, query.order, to=to)
    except Unanswerable as wrong:
        raise Problem("bad-request", str(wrong), errors=[("order", str(wrong))]) from None


def _columns(view: View | None, caller: Caller) -> str:
    """The columns of a view that the caller may read; what a view names may be gone or hidden by now."""
    return ",".join(one.name for one in columns_of(view, to=caller.user)) if view and view.columns else ""


def query_of(asked: Meant, entity: Entity, view: View | None, within: Tree | None = None, order: str = "") -> Query:
    """What is asked for, of those `within` a condition if one is given. ConditionError."""
    parts = [condition_of(asked.condition), view.condition if view else None, within]
    given = [part for part in parts if part is not None]
    wanted = tuple(name.strip() for name in order.split(",") if name.strip())
    return Query(entity, all_of(given) if given else None, wanted or (view.order if view else ()), asked.q)


def condition_of(text: str) -> Tree | None:
    """A condition sent as text or as JSON. ConditionError."""
    text = text.strip()
    if not text:
        return None
    if text[0] not in "{[":
        return parse(text)
    try:
        return from_json(orjson.loads(text))
    except orjson.JSONDecodeError as wrong:
        raise ConditionError(_("This is not JSON."), position_in(text, wrong.pos)) from None


@router.get("/{entity}/trash", operation_id="trash", summary=_n("List deleted %(many)s"))
def list_trash(request: HttpRequest, entity: str, asked: Asked[Paged]) -> HttpResponse:
    """Those that the caller could restore, latest first."""
    caller = caller_of(request)
    kind = entity_for(entity, caller)
    found = trash_of(kind, to=caller.user)
    if asked.cursor:
        found = found.filter(_older(asked.cursor))
    records = list(found[: asked.limit + 1])
    more, records = len(records) > asked.limit, records[: asked.limit]
    told = Sheet(kind, caller.user).tell(records)
    for record, values in zip(records, told, strict=True):
        values["deleted_at"] = record.deleted_at
    last = f"{records[-1].deleted_at.isoformat()}~{records[-1].pk}" if more else None
    return json_answer({"data": told, "next": last})


def _older(cursor: str) -> Q:
    try:
        moment, _tilde, key = cursor.partition("~")
        deleted_at, before = dt.datetime.fromisoformat(moment), key_in(key)
        if deleted_at.tzinfo is None:
            raise ValueError(cursor)
    except (ValueError, Missing):
        raise bad_cursor() from None
    return Q(deleted_at__lt=deleted_at) | Q(deleted_at=deleted_at, pk__lt=before)


# ——— one record ———


@router.post("/{entity}", operation_id="create", summary=_n("Create %(one)s"))
def create_record(request: HttpRequest, entity: str, asked: Asked[Told]) -> HttpResponse:
    caller = caller_of(request)
    kind = entity_for(entity, caller)
    sheet = Sheet(kind, caller.user, asked.fields, asked.expand)
    values = object_of(request)
    check_record(kind, values)
    record = create(kind, values, by=caller.user, origin=API)
    response = written(sheet, record.pk, status=201)
    response["Location"] = f"/api/v1/{kind.path}/{record.pk}"
    return response


@router.get("/{entity}/{key}", operation_id="get", summary=_n("Read %(one)s"))
def get_record(request: HttpRequest, entity: str, key: str, asked: Asked[Told]) -> HttpResponse:
    caller = caller_of(request)
    kind = entity_for(entity, caller)
    sheet = Sheet(kind, caller.user, asked.fields, asked.expand)
    try:
        record = record_for(kind, key, caller)
    except Missing:
        return _to_heir(request, record_for(kind, str(heir(kind, key_in(key))), caller))
    return json_answer(sheet.tell([record])[0], ETag=etag(record.version))


def _to_heir(request: HttpRequest, record: Any) -> HttpResponse:
    """On to the record that the one asked for was merged into. Not for good: a merge can be undone."""
    query = request.META.get("QUERY_STRING", "")
    location = f"/api/v1/{entity_of(record).path}/{record.pk}" + (f"?{query}" if query else "")
    return HttpResponse(status=307, headers={"Location": location})


@router.patch("/{entity}/{key}", operation_id="edit", summary=_n("Change %(one)s"))
def edit_record(request: HttpRequest, entity: str, key: str, asked: Asked[Told]) -> HttpResponse:
    """Only the fields sent are changed. With If-Match, only if nobody else changed the record meanwhile."""
    caller = caller_of(request)
    kind, number = entity_for(entity, caller), key_in(key)
    sheet = Sheet(kind, caller.user, asked.fields, asked.expand)
    values = object_of(request)
    check_record(kind, values)
    with transaction.atomic():
        check_version(request, kind, number, "edit", caller)
        edit(kind.model(pk=number), values, by=caller.user, origin=API)
    return written(sheet, number)


@router.delete("/{entity}/{key}", operation_id="delete", summary=_n("Delete %(one)s"))
def delete_record(request: HttpRequest, entity: str, key: str) -> HttpResponse:
    """The record goes to the trash, from where it can be restored."""
    caller = caller_of(request)
    kind, number = entity_for(entity, caller), key_in(key)
    with transaction.atomic():
        check_version(request, kind, number, "delete", caller)
        delete(kind.model(pk=number), by=caller.user, origin=API)
    return nothing()


@router.post("/{entity}/{key}/restore", operation_id="restore", summary=_n("Restore %(one)s from the trash"))
def restore_record(request: HttpRequest, entity: str, key: str, asked: Asked[Told]) -> HttpResponse:
    caller = caller_of(request)
    kind, number = entity_for(entity, caller), key_in(key)
    sheet = Sheet(kind, caller.user, asked.fields, asked.expand)
    with transaction.atomic():
        check_version(request, kind, number, "delete", caller, trashed=True)
        restore(kind.model(pk=number), by=caller.user, origin=API)
    return written(sheet, number)


def written(sheet: Sheet, key: int, status: int = 200) -> HttpResponse:
    """A record just written, as the caller may see it now: a write may have taken it out of their sight."""
    record = visible(sheet.entity, to=sheet.to).filter(pk=key).first()
    if record is not None:
        return json_answer(sheet.tell([record])[0], status, ETag=etag(record.version))
    version = sheet.entity.model._default_manager.values_list("version", flat=True).get(pk=key)
    return json_answer({"id": key, "version": version}, status, ETag=etag(version))


# ——— what belongs to a record ———


@router.get("/{entity}/{key}/history", operation_id="history", summary=_n("What happened to %(one)s"))
def list_history(request: HttpRequest, entity: str, key: str, asked: Asked[Paged]) -> HttpResponse:
    """Changes, latest first, with the values before and after of the fields that the caller may read."""
    caller = caller_of(request)
    record = record_for(entity_for(entity, caller), key, caller)
    changes, more = by_key(changes_of(record), asked.cursor, asked.limit)
    return json_answer({"data": [described(change, to=caller.user) for change in changes], "next": more})


@router.get("/{entity}/{key}/verbs", operation_id="verbs", summary=_n("What can be done with %(one)s now"))
def list_verbs(request: HttpRequest, entity: str, key: str) -> HttpResponse:
    caller = caller_of(request)
    kind = entity_for(entity, caller)
    record = record_for(kind, key, caller)
    able = possible(record, tuple(kind.verbs), by=caller.user) if kind.verbs else []
    return json_answer({"data": [{"name": one.name, "label": str(one.label)} for one in able]})


@router.get("/{entity}/{key}/{name}", operation_id="related", summary=_n("List %(many)s of %(one)s"))
def list_related(request: HttpRequest, entity: str, key: str, name: str, asked: Asked[Listed]) -> HttpResponse:
    caller = caller_of(request)
    kind = entity_for(entity, caller)
    relation = _relation(kind, name)
    target = entity_for(relation.entity, caller)
    if not clear(target, target.field(relation.by), to=caller.user):
        raise Missing(_("There is no such list, or you may not see it."))
    record = record_for(kind, key, caller)
    return listing(target, caller, asked, within=Compare((relation.by,), "=", record.pk))


def _relation(entity: Entity, name: str) -> Related:
    found = entity.relation(name)
    if found is None:
        raise Missing(_("%(entity)s have no related list “%(name)s”.") % {"entity": entity.noun.many, "name": name[:60]})
    return found


@router.post("/{entity}/{key}/{name}", operation_id="do", summary=_n("Do something with %(one)s"))
def do_verb(request: HttpRequest, entity: str, key: str, name: str, asked: Asked[Told]) -> HttpResponse:
    """The verb's own rules apply, and its fields are what is sent."""
    caller = caller_of(request)
    kind, number = entity_for(entity, caller), key_in(key)
    chosen, sheet = _verb(kind, name), Sheet(kind, caller.user, asked.fields, asked.expand)
    values = object_of(request)
    # Names are checked first: the verb gets them as its arguments.
    known = {one.name: one for one in chosen.fields}
    unknown = {sent: _("This verb takes no such value.") for sent in values if sent not in known}
    if unknown:
        raise Refused(unknown)
    check_shapes(known, values)
    with transaction.atomic():
        check_version(request, kind, number, chosen.action, caller)
        chosen.run(kind.model(pk=number), by=caller.user, origin=API, **values)
    return written(sheet, number)


def _verb(entity: Entity, name: str) -> Verb:
    try:
        return entity.verb(name[:60])
    except LookupError as unknown:
        raise Missing(str(unknown)) from None
