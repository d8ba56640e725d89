"""Changes since a cursor, in commit order: how another system keeps a copy, missing nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as _n
from ninja import Query as Asked
from ninja import Router

from guanxi.access.models import User
from guanxi.entity.entity import Entity
from guanxi.entity.registry import entity_named
from guanxi.record.history import Cursor, changes_since
from guanxi.record.models import Change
from guanxi.record.reach import visible
from guanxi.surfaces.api.addressed import entities_asked
from guanxi.surfaces.api.answers import caller_of, json_answer
from guanxi.surfaces.api.history import described, in_sight, title_then
from guanxi.surfaces.api.parameters import LARGEST, Since
from guanxi.surfaces.api.problems import Problem

CURSOR = re.compile(r"(\d{1,19})-(\d{1,19})", re.ASCII)

router = Router()


@router.get("/changes", operation_id="changes", summary=_n("Changes since a cursor"))
def list_changes(request: HttpRequest, asked: Asked[Since]) -> HttpResponse:
    """Changes of all records that the caller may see, those in the trash included, in the order of their transactions.

    Keep “next” and send it as “cursor” the next time; nothing is skipped. “more” says that the next page is there already.
    """
    caller = caller_of(request)
    if asked.cursor == "now":
        return json_answer({"data": [], "next": str(present_cursor()), "more": False})
    start = _cursor(asked.cursor)
    found = changes_since(start, asked.limit)
    known = set(entities_asked(asked.entity, caller))
    seen = in_sight([change for _place, change in found if change.entity in known], to=caller.user)
    for path in {path for path, _key in seen}:
        _take_along(entity_named(path), [change for _place, change in found if (change.entity, change.record_id) in seen], caller.user)
    told = [
        {"cursor": str(place), "entity": change.entity, "record": change.record_id}
        | {"title": title_then(change, caller.user)}
        | described(change, to=caller.user)
        for place, change in found
        if (change.entity, change.record_id) in seen
    ]
    last = found[-1][0] if found else start
    return json_answer({"data": told, "next": str(last), "more": len(found) == asked.limit})


def _take_along(entity: Entity, changes: Sequence[Change], to: User) -> None:
    """Where it is counted what leaves, the values of changes do. Forbidden."""
    if entity.taken_along:
        own = [change for change in changes if change.entity == entity.path]
        fields = [entity.fields[name] for name in {name for change in own for name in change.diff} if name in entity.fields]
        entity.taken_along(visible(entity, to=to).filter(pk__in={change.record_id for change in own}), fields, to)


def present_cursor() -> Cursor:
    """The place after every transaction that has ended by now; those still at work come after it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint - 1")
        return Cursor(cursor.fetchone()[0], LARGEST)


def _cursor(text: str) -> Cursor:
    parts = CURSOR.fullmatch(text or "0-0")
    if parts and int(parts[1]) <= LARGEST and int(parts[2]) <= LARGEST:
        return Cursor(int(parts[1]), int(parts[2]))
    message = _("This is not a cursor of changes.")
    raise Problem("bad-request", message, errors=[("cursor", message)])
