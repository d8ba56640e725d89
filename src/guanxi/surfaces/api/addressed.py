"""What an address or a parameter names: an entity, a record, a place in a list. All that is out of sight is missing."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from guanxi.entity.entity import Entity
from guanxi.entity.registry import entities, entity_named
from guanxi.record.reach import visible
from guanxi.record.refusals import Missing
from guanxi.surfaces.api.callers import Caller
from guanxi.surfaces.api.parameters import LARGEST
from guanxi.surfaces.api.problems import Problem


def entity_for(path: str, caller: Caller) -> Entity:
    """The entity of that name. Missing when there is none, or the caller has nothing to do with it."""
    try:
        entity = entity_named(path)
    except LookupError as unknown:
        raise Missing(str(unknown)) from None
    if not caller.user.rights.may("see", path):
        raise Missing(_("There is no entity “%(path)s”, or you may not see it.") % {"path": path})
    return entity


def key_in(text: str) -> int:
    """The key an address names. Missing when it cannot be one."""
    if text.isascii() and text.isdigit() and len(text) <= 19 and 0 < int(text) <= LARGEST:
        return int(text)
    raise Missing(_("There is no such record, or you may not see it."))


def record_for(entity: Entity, text: str, caller: Caller) -> Any:
    """The record, when the caller may see it. Missing."""
    record = visible(entity, to=caller.user).filter(pk=key_in(text)).first()
    if record is None:
        raise Missing(_("There is no such record, or you may not see it."))
    if entity.opened:
        entity.opened(record, caller.user)
    return record


def entities_asked(path: str, caller: Caller) -> list[str]:
    """The one entity that a parameter names, or all that the caller may see. Problem."""
    if not path:
        return [one.path for one in entities() if caller.user.rights.may("see", one.path)]
    try:
        return [entity_for(path, caller).path]
    except Missing as missing:
        raise Problem("bad-request", str(missing), errors=[("entity", str(missing))]) from None


def bad_cursor() -> Problem:
    """The refusal of a cursor that is none of ours."""
    message = _("This is not a cursor of this list; start from the first page.")
    return Problem("bad-request", message, errors=[("cursor", message)])


def by_key(found: QuerySet[Any], cursor: str, limit: int, *, newest: bool = True) -> tuple[list[Any], str | None]:
    """A page of rows by their keys, latest first unless `newest` is not wished, and the cursor of the next one. Problem."""
    if cursor:
        if not (cursor.isascii() and cursor.isdigit() and int(cursor[:20]) <= LARGEST):
            raise bad_cursor()
        found = found.filter(**{"pk__lt" if newest else "pk__gt": int(cursor)})
    rows = list(found.order_by("-pk" if newest else "pk")[: limit + 1])
    return rows[:limit], str(rows[limit - 1].pk) if len(rows) > limit else None
