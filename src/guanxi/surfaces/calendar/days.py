"""Which days a calendar page shows, and the records that lie on them: one query, however many there are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import BooleanField
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext as _

from guanxi.access.models import User
from guanxi.access.sight import clear, writable
from guanxi.base.periods import day_start, first_day, shifted
from guanxi.entity.entity import Entity
from guanxi.entity.field import Field
from guanxi.entity.kinds import Day, Moment
from guanxi.record.reach import visible
from guanxi.surfaces.ordering import Unanswerable
from guanxi.surfaces.reading import expects_few, rows
from guanxi.surfaces.views.asking import Asked

MOST_A_DAY = {"month": 4, "week": 40}
"""So many records a day; the rest is a click away, as a list."""


@dataclass(frozen=True)
class Span:
    """The days of a page, and those before and after."""

    kind: str
    day: dt.date
    """The day the page is about."""
    first: dt.date
    last: dt.date

    @property
    def days(self) -> list[dt.date]:
        return [self.first + dt.timedelta(days=place) for place in range((self.last - self.first).days + 1)]

    @property
    def before(self) -> dt.date:
        return shifted(first_day(self.day, self.kind), -1, self.kind)

    @property
    def after(self) -> dt.date:
        return shifted(first_day(self.day, self.kind), 1, self.kind)


def span_of(asked: Asked) -> Span:
    """The month or week that is asked for. Unanswerable."""
    kind = asked.view.option("span") or "month"
    if kind not in {"month", "week"}:
        raise Unanswerable(_("A calendar shows a month or a week, not “%(span)s”.") % {"span": kind[:40]})
    today = asked.user.locale.today
    text = asked.view.option("day")
    try:
        day = dt.date.fromisoformat(text) if text else today
        if not 1000 < day.year < 9990:
            raise ValueError
    except ValueError:
        raise Unanswerable(_("“%(day)s” is not a day; write it as 2026-11-05.") % {"day": text[:40]}) from None
    begin = first_day(day, kind)
    end = shifted(begin, 1, kind) - dt.timedelta(days=1)
    return Span(kind, day, first_day(begin, "week"), first_day(end, "week") + dt.timedelta(days=6))


def calendar_field(entity: Entity, *, to: User) -> Field:
    """The field by which records lie on days. Unanswerable."""
    one = entity.fields.get(entity.calendar)
    if one is None or not clear(entity, one, to=to):
        raise Unanswerable(_("These records have no calendar."))
    return one


def read(asked: Asked, field: Field, span: Span, *, only: Sequence[str], also: dict[str, Any]) -> dict[dt.date, list[Any]]:
    """The first records of each day, one more than a day can show: a short stretch of the index for every day."""
    if expects_few(asked.query, rows(asked.query, to=asked.user), to=asked.user):
        return _read_all(asked, field, span, only=only, also=also)
    most = MOST_A_DAY[span.kind] + 1
    column = f'"{asked.entity.model._meta.db_table}"."{field.attribute}"'
    begins: list[Any] = [*span.days, span.last + dt.timedelta(days=1)]
    if isinstance(field.k, Moment):
        begins = [day_start(day, asked.user.locale.zone) for day in begins]
    within = RawSQL(f"{column} >= days.begins AND {column} < days.ends", (), output_field=BooleanField())  # noqa: S611 - a column's name
    found = rows(asked.query, to=asked.user).filter(within).order_by(field.lookup, "pk").values("pk")[:most]
    try:
        statement, values = found.query.sql_with_params()
    except EmptyResultSet:
        return {}
    kind = "timestamptz" if isinstance(field.k, Moment) else "date"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT found.* FROM unnest(%s::{kind}[], %s::{kind}[]) AS days (begins, ends), LATERAL ({statement}) AS found",
            [begins[:-1], begins[1:], *values],
        )
        keys = [row[0] for row in cursor.fetchall()]
    shown = visible(asked.entity, to=asked.user).filter(pk__in=keys).only("pk", *only).annotate(**also).order_by(field.lookup, "pk")
    by_day: dict[dt.date, list[Any]] = {}
    for record in shown:
        by_day.setdefault(day_of(field, record, asked.user), []).append(record)
    return by_day


def _read_all(asked: Asked, field: Field, span: Span, *, only: Sequence[str], also: dict[str, Any]) -> dict[dt.date, list[Any]]:
    """The records of all days out of few, one more than a day can show."""
    begin, end = span.first, span.last + dt.timedelta(days=1)
    bounds: tuple[Any, Any] = (begin, end)
    if isinstance(field.k, Moment):
        bounds = (day_start(begin, asked.user.locale.zone), day_start(end, asked.user.locale.zone))
    within = {f"{field.lookup}__gte": bounds[0], f"{field.lookup}__lt": bounds[1]}
    found = rows(asked.query, to=asked.user).filter(**within).only("pk", *only).annotate(**also)
    by_day: dict[dt.date, list[Any]] = {}
    for record in found.order_by(field.lookup, "pk"):
        of_day = by_day.setdefault(day_of(field, record, asked.user), [])
        if len(of_day) <= MOST_A_DAY[span.kind]:
            of_day.append(record)
    return by_day


def day_of(field: Field, record: Any, user: User) -> dt.date:
    """The day a record lies on, for this person."""
    value = field.of(record)
    return value.astimezone(user.locale.zone).date() if isinstance(value, dt.datetime) else value


def source_of(entity: Entity, field: Field, record: Any, *, by: User) -> Field | None:
    """The field a move to another day sets: the calendar's own, or when the system keeps that, the one its value comes from."""
    candidates = [field] if writable(entity, [field], by=by) else writable(entity, entity.fields.values(), by=by)
    value = field.of(record)
    for one in candidates:
        if isinstance(one.k, (Day, Moment)) and value is not None and one.of(record) == value:
            return one
    return None


def moved_to(value: Any, day: dt.date, user: User) -> Any:
    """The value on another day, at the same hour."""
    if isinstance(value, dt.datetime):
        local = value.astimezone(user.locale.zone)
        return dt.datetime.combine(day, local.timetz().replace(tzinfo=None), tzinfo=user.locale.zone)
    return day
