"""Which records a bulk action is aimed at: those picked, or all that match what the list shows."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Max
from django.http import HttpRequest
from django.utils.translation import gettext as _

from guanxi.access.models import User
from guanxi.entity.entity import Entity
from guanxi.entity.field import Field
from guanxi.entity.kinds.links import key_of
from guanxi.record.reach import visible
from guanxi.record.refusals import Refused
from guanxi.surfaces.patience import TooLong, at_most
from guanxi.surfaces.reading import Query, count, rows
from guanxi.surfaces.views.asking import Asked

MOST_PICKED = 5_000
MOST_LED_TO = 60


@dataclass(frozen=True)
class Aim:
    """The picked keys, or None for all that match what is asked for."""

    query: Query
    user: User
    keys: tuple[int, ...] | None

    @property
    def entity(self) -> Entity:
        return self.query.entity

    @property
    def everything(self) -> bool:
        return self.keys is None

    def number(self) -> int:
        """How many, exact as far as the database tells in time."""
        if self.keys is not None:
            return len(self.keys)
        try:
            with at_most(1000):
                return rows(self.query, to=self.user).order_by().count()
        except TooLong:
            return count(rows(self.query, to=self.user)).number

    def within(self, most: int) -> list[int] | None:
        """The keys when there are no more than so many; None when there are."""
        if self.keys is not None:
            return list(self.keys) if len(self.keys) <= most else None
        found = list(rows(self.query, to=self.user).order_by("pk").values_list("pk", flat=True)[: most + 1])
        return found if len(found) <= most else None

    def leading_to(self, one: Field) -> list[int]:
        """The records to which they lead by a link; none when those are many, or the database does not tell in time."""
        picked = visible(self.entity, to=self.user).filter(pk__in=self.keys) if self.keys is not None else rows(self.query, to=self.user)
        try:
            with at_most(500):
                found = list(picked.order_by().values_list(one.attribute, flat=True).distinct()[: MOST_LED_TO + 1])
        except TooLong:
            return []
        return sorted(key for key in found if key is not None) if len(found) <= MOST_LED_TO else []

    def last_key(self) -> int:
        """The newest record there is now."""
        return self.entity.model._default_manager.aggregate(last=Max("pk"))["last"] or 0


def aim_of(request: HttpRequest, asked: Asked) -> Aim:
    """What the list's bulk bar sent. Refused."""
    if request.POST.get("all") == "1":
        return Aim(asked.query, asked.user, None)
    parts = [part.strip() for part in request.POST.get("ids", "").split(",")]
    try:
        keys = tuple(dict.fromkeys(key for part in parts if (key := key_of(part)) is not None))
    except ValueError:
        raise Refused({"": _("Some of what was selected is no record; select again.")}) from None
    if not keys:
        raise Refused({"": _("Select some records first.")})
    if len(keys) > MOST_PICKED:
        raise Refused({"": _("At most %(most)d records can be picked one by one; filter, then select all.") % {"most": MOST_PICKED}})
    return Aim(asked.query, asked.user, keys)
