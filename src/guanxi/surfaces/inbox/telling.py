"""Telling people something: a row in their inbox, and word of it on the pages they have open."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection
from django.utils import translation
from django.utils.translation import gettext as _

from guanxi.access.models import User
from guanxi.access.titles import people
from guanxi.entity.actors import Actor
from guanxi.entity.entity import Entity
from guanxi.entity.registry import entity_of
from guanxi.record.models import Notification
from guanxi.record.reach import visible
from guanxi.surfaces.inbox.mentions import people_in, plain
from guanxi.surfaces.inbox.words import sentence
from guanxi.surfaces.listing.rows import title_for

CHANNEL = "guanxi_events"
"""Where the pages' event stream listens, for {"to": [user ids], "event": name, "data": …}."""
AT_ONCE = 300
TOASTS = 20
"""So many people are told by a toast too; more find it in their inbox."""
EXCERPT = 200


def tell(users: Iterable[int], what: str, record: Any = None, *, by: Actor | None = None, **values: Any) -> int:
    """Tell people of something; how many were told. `values` is small and secret to none of them.

    The caller has seen to it that they may see the record. Nobody is told of what they did themselves.
    """
    told = [key for key in dict.fromkeys(users) if by is None or key != by.pk]
    if not told:
        return 0
    path = entity_of(record).path if record is not None else ""
    if by is not None and by.pk is not None:
        values.setdefault("by", by.pk)
    rows = [
        Notification(user_id=key, what=what, entity=path, record_id=record.pk if record is not None else None, values=values)
        for key in told
    ]  # fmt: skip
    Notification.objects.bulk_create(rows)
    for start in range(0, len(told), AT_ONCE):
        _send(told[start : start + AT_ONCE], "inbox", {"what": what})
        _send(told[start : start + AT_ONCE], "changed", {"entity": "inbox"})
    if len(rows) <= TOASTS:
        _toast(rows, record)
    return len(told)


def _toast(rows: Sequence[Notification], record: Any) -> None:
    for person in User.objects.filter(pk__in=[row.user_id for row in rows]):
        row = next(one for one in rows if one.user_id == person.pk)
        title = title_for(entity_of(record), to=person)(record) if record is not None else ""
        with translation.override(person.language):
            said = {"message": plain(sentence(row, title, people()))[:300], "level": "info"}
            link = {"url": f"/inbox/{row.pk}", "label": _("Open")}
        _send([person.pk], "toast", {**said, "link": link})


def _send(users: Sequence[int], event: str, data: dict[str, Any]) -> None:
    with connection.cursor() as cursor:
        notice = json.dumps({"to": list(users), "event": event, "data": data})
        cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, notice])


# ——— the occasions that every surface shares ———


def tell_mentioned(record: Any, after: str, *, by: Actor, before: str = "", chosen: Iterable[int] = (), where: Any = None) -> list[str]:
    """Tell those whom a text newly names; the names of those who may not see the record and were not told.

    `chosen` are the people picked while typing. `where` is the record the link leads to, when it is another.
    """
    named = people_in(after, chosen) - people_in(before)
    named.discard(by.pk or 0)
    if not named:
        return []
    shown = where if where is not None else record
    entity = entity_of(shown)
    told, left = [], []
    for person in User.objects.filter(pk__in=named, is_active=True, deleted_at__isnull=True):
        if may_see(entity, shown.pk, person):
            told.append(person.pk)
        else:
            left.append(str(person))
    tell(told, "mention", shown, by=by, excerpt=plain(after)[:EXCERPT])
    return sorted(left)


def tell_new_owner(entity: Entity, records: Sequence[Any], *, by: Actor) -> None:
    """Tell people of records that now are theirs: one by one, or how many when there are several at once."""
    owned: dict[int, list[Any]] = {}
    for record in records:
        if entity.owned and record.owner_id is not None and record.owner_id != by.pk:
            owned.setdefault(record.owner_id, []).append(record)
    for owner, theirs in owned.items():
        if len(theirs) == 1:
            tell([owner], "handed over", theirs[0], by=by)
        else:
            tell([owner], "handed over many", None, by=by, count=len(theirs), entity=entity.path)


def may_see(entity: Entity, key: int, person: User) -> bool:
    """Whether that person may see a record."""
    return bool(person.rights.may("see", entity.path)) and visible(entity, to=person).filter(pk=key).exists()
