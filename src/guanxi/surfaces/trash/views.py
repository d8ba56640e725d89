"""The trash of an entity: what was deleted, by whom and when, with a way back."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from guanxi.access.models import User
from guanxi.access.sight import clear
from guanxi.access.titles import people
from guanxi.entity.entity import Entity
from guanxi.entity.kinds import Moment
from guanxi.record.files import takes_files
from guanxi.record.history import trash_of
from guanxi.record.refusals import Refused
from guanxi.surfaces.listing.rows import title_for
from guanxi.surfaces.pages import answering, must_see, render, user_of

PAGE = 50


@dataclass(frozen=True)
class Deleted:
    """One record in the trash."""

    key: int
    title: str
    note: str
    by: str
    by_id: int
    when: SafeString


@answering
@require_GET
def trash(request: HttpRequest, entity: Entity) -> HttpResponse:
    """The trash, newest first."""
    user = user_of(request)
    must_see(entity, user, "delete")
    found = trash_of(entity, to=user)
    if request.GET.get("before"):
        found = found.filter(_earlier(request.GET["before"]))
    records = list(found[: PAGE + 1])
    older = f"{records[PAGE - 1].deleted_at.isoformat()}~{records[PAGE - 1].pk}" if len(records) > PAGE else ""
    rows = [_row(entity, record, user) for record in records[:PAGE]]
    context = {
        "entity": entity,
        "plural": str(entity.noun.many),
        "rows": rows,
        "older": older,
        "days": settings.DELETED_FILES_DAYS if takes_files(entity) else 0,
    }
    return render(request, "surfaces/trash.html", "rows" if request.GET.get("before") else None, **context)


def _row(entity: Entity, record: Any, user: User) -> Deleted:
    notes = [
        one.k.format(one.of(record), user.locale, {})
        for one in (entity.fields[name] for name in entity.subtitle if name in entity.fields)
        if not one.k.linked() and clear(entity, one, to=user)
    ]
    return Deleted(
        key=record.pk,
        title=title_for(entity, to=user)(record),
        note=" · ".join(part for part in notes if part),
        by=people().get(record.changed_by_id or 0) or _("Guanxi"),
        by_id=record.changed_by_id or 0,
        when=mark_safe(Moment().html(record.deleted_at, user.locale, {})),  # noqa: S308 - the kind escapes
    )


def _earlier(place: str) -> Q:
    at, _sign, key = place.partition("~")
    try:
        moment = dt.datetime.fromisoformat(at)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None or not key.isdecimal() or len(key) > 18:
        raise Refused({"": _("This is no place in the trash; open it again.")})
    return Q(deleted_at__lt=moment) | Q(deleted_at=moment, pk__lt=int(key))
