"""The numbers of a chart: groups with their counts or sums, and the condition that leads from each to its records."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, DateField, Sum
from django.db.models.fields.json import KT
from django.db.models.functions import Trunc
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from guanxi.access.models import User
from guanxi.access.sight import clear, clear_throughout
from guanxi.access.titles import titles
from guanxi.base.periods import shifted
from guanxi.entity.conditions import Compare, Tree
from guanxi.entity.entity import Entity
from guanxi.entity.field import Field
from guanxi.entity.kinds import Choice, Currency, Day, Link, Moment, Year, YesNo
from guanxi.entity.registry import entity_named
from guanxi.surfaces.ordering import Unanswerable
from guanxi.surfaces.reading import rows
from guanxi.surfaces.views.asking import Asked

BUCKETS = {
    "day": gettext_lazy("Day"), "week": gettext_lazy("Week"), "month": gettext_lazy("Month"), "quarter": gettext_lazy("Quarter"),
    "year": gettext_lazy("Year"),
}  # fmt: skip
DRAWINGS = {"bar": gettext_lazy("Columns"), "rows": gettext_lazy("Bars"), "line": gettext_lazy("Line"), "pie": gettext_lazy("Ring")}
MOST_GROUPS = 20
MOST_BUCKETS = 400


@dataclass(frozen=True)
class Group:
    """One datum's label, and the condition its records meet; None where no condition says it."""

    label: str
    condition: Tree | None
    tone: str = ""


@dataclass(frozen=True)
class Chart:
    """Groups across, one series for each currency (or one)."""

    by: Field
    bucket: str
    summed: Field | None
    drawing: str
    groups: list[Group]
    series: list[tuple[str, list[Decimal | int]]]
    """(currency or "", a value for each group)."""
    cut: bool = False
    """There are more groups than are shown."""


def groupable(entity: Entity, *, to: User) -> list[Field]:
    """The fields a chart may group by for this reader."""
    kinds = (Choice, Currency, YesNo, Link, Day, Moment)
    return [one for one in entity.fields.values() if one.data and isinstance(one.k, kinds) and clear_throughout(entity, one, to=to)]


def summable(entity: Entity, *, to: User) -> list[Field]:
    """The fields a chart may sum for this reader."""
    return [
        one
        for one in entity.fields.values()
        if one.k.numeric
        and not one.custom
        and not isinstance(one.k, Year)
        and one.name not in {"id", "version"}
        and clear(entity, one, to=to)
    ]


def chosen(asked: Asked) -> tuple[Field, str, Field | None, str]:
    """What the chart groups by, in which buckets, what it sums, and how it is drawn. Unanswerable."""
    entity, view, user = asked.entity, asked.view, asked.user
    by = _named(
        view.option("group") or _usual(entity, to=user), groupable(entity, to=user), _("These records cannot be grouped by “%(field)s”.")
    )
    timed = isinstance(by.k, (Day, Moment))
    bucket = view.option("bucket") or "month"
    if bucket not in BUCKETS:
        raise Unanswerable(_("Time is grouped by day, week, month, quarter or year, not “%(bucket)s”.") % {"bucket": bucket[:40]})
    summed = None
    if view.option("sum"):
        summed = _named(view.option("sum"), summable(entity, to=user), _("“%(field)s” cannot be summed."))
    drawing = view.option("draw") or ("bar" if timed or _few(by) else "rows")
    if drawing not in DRAWINGS:
        raise Unanswerable(_("There is no such chart as “%(drawing)s”.") % {"drawing": drawing[:40]})
    return by, bucket if timed else "", summed, drawing


def _few(by: Field) -> bool:
    return isinstance(by.k, (Choice, YesNo)) and len(getattr(by.k, "options", ())) <= 8


def _named(name: str, fields: Sequence[Field], wrong: str) -> Field:
    for one in fields:
        if one.name == name:
            return one
    raise Unanswerable(wrong % {"field": name[:60]})


def _usual(entity: Entity, *, to: User) -> str:
    """What is grouped by when nothing was said: the board's lanes, else a choice of the list, else time."""
    allowed = groupable(entity, to=to)
    names = [one.name for one in allowed]
    if entity.board and entity.board.by in names:
        return entity.board.by
    for one in allowed:
        if one.glance and isinstance(one.k, Choice):
            return one.name
    return names[0] if names else ""


def draw(asked: Asked) -> Chart:
    """The chart that is asked for. Unanswerable."""
    by, bucket, summed, drawing = chosen(asked)
    if bucket:
        groups, series, cut = _by_time(asked, by, bucket, summed)
    else:
        groups, series, cut = _by_value(asked, by, summed)
    return Chart(by, bucket, summed, drawing, groups, series, cut)


def _measured(asked: Asked, summed: Field | None) -> tuple[str, dict[str, Any]]:
    """The currency's column when sums have one, and what is measured of each group."""
    if summed is None:
        return "", {"chart_measure": Count("pk")}
    currency = getattr(summed.k, "currency", "")
    return currency if currency in asked.entity.bound else "", {"chart_measure": Sum(summed.lookup)}


# ——— by time ———


def _by_time(asked: Asked, by: Field, bucket: str, summed: Field | None) -> tuple[list[Group], list[tuple[str, list[Any]]], bool]:
    currency, measure = _measured(asked, summed)
    zone = {"tzinfo": asked.user.locale.zone} if isinstance(by.k, Moment) else {}
    if by.custom:
        raise Unanswerable(_("These records cannot be grouped by “%(field)s”.") % {"field": by.label})
    found = rows(asked.query, to=asked.user).order_by().annotate(chart_step=Trunc(by.lookup, bucket, output_field=DateField(), **zone))
    names = ["chart_step", *([currency] if currency else [])]
    values: dict[tuple[str, dt.date | None], Any] = {}
    for row in found.values(*names).annotate(**measure).order_by("-chart_step")[: MOST_BUCKETS * 4]:
        values[row.get(currency, ""), row["chart_step"]] = row["chart_measure"] or 0
    days = [day for _currency, day in values if day is not None]
    steps = _steps(min(days), max(days), bucket) if days else []
    cut = len(steps) > MOST_BUCKETS
    steps = steps[-MOST_BUCKETS:]
    groups = [Group(_time_label(day, bucket), _between(by, day, bucket)) for day in steps]
    places: list[dt.date | None] = [*steps]
    if any(day is None for _currency, day in values):
        groups.append(Group(_("None"), Compare((by.name,), "is empty")))
        places.append(None)
    return groups, _series(values, places), cut


def _steps(first: dt.date, last: dt.date, bucket: str) -> list[dt.date]:
    """Every bucket from the first to the last, empty ones too; the latest when there are too many."""
    steps = [last]
    while steps[-1] > first and len(steps) <= MOST_BUCKETS:
        steps.append(shifted(steps[-1], -1, bucket))
    return steps[::-1]


def _between(by: Field, day: dt.date, bucket: str) -> Tree:
    last = shifted(day, 1, bucket) - dt.timedelta(days=1)
    return Compare((by.name,), "between", (day.isoformat(), last.isoformat()))


def _time_label(day: dt.date, bucket: str) -> str:
    if bucket == "year":
        return str(day.year)
    if bucket == "quarter":
        return _("%(year)d Q%(quarter)d") % {"year": day.year, "quarter": (day.month + 2) // 3}
    if bucket == "month":
        return date_format(day, pgettext("format of a month's date", "M Y"))
    return day.isoformat()


# ——— by value ———


def _by_value(asked: Asked, by: Field, summed: Field | None) -> tuple[list[Group], list[tuple[str, list[Any]]], bool]:
    currency, measure = _measured(asked, summed)
    found = rows(asked.query, to=asked.user).order_by()
    if by.custom:
        found, name = found.annotate(chart_held=KT(f"custom__{by.name}")), "chart_held"
    else:
        name = by.attribute
    names = [name, *([currency] if currency else [])]
    values: dict[tuple[str, Any], Any] = {}
    for row in found.values(*names).annotate(**measure).order_by("-chart_measure", name)[: MOST_GROUPS * 40]:
        held = None if row[name] == "" else row[name]
        values[row.get(currency, ""), held] = values.get((row.get(currency, ""), held), 0) + (row["chart_measure"] or 0)
    places = _ordered(by, values)
    cut = len(places) > MOST_GROUPS and not isinstance(by.k, Choice)
    places = places[:MOST_GROUPS] if cut else places
    return _groups(asked, by, places), _series(values, places), cut


def _ordered(by: Field, values: dict[tuple[str, Any], Any]) -> list[Any]:
    """The values in the order their choices are declared, otherwise largest first; what is empty last."""
    held = list(dict.fromkeys(value for _currency, value in values if value is not None))
    known: list[Any] = []
    if isinstance(by.k, Choice):
        known = [one.value for one in by.k.options]
    else:
        target = by.k.linked()
        if target and entity_named(target).settings and not by.custom and target not in {"users", "teams"}:
            other = entity_named(target)
            order = [name for name in other.order if name.lstrip("-") in other.bound]
            known = list(other.model._default_manager.filter(pk__in=held).order_by(*order, "pk").values_list("pk", flat=True))
    if known:
        rank = {value: place for place, value in enumerate(known)}
        held.sort(key=lambda value: rank.get(value, len(rank)))
    if any(value is None for _currency, value in values):
        held.append(None)
    return held


def _groups(asked: Asked, by: Field, places: Sequence[Any]) -> list[Group]:
    locale, target = asked.user.locale, by.k.linked()
    known: Any = {}
    if target:
        known = titles({target: {int(value) for value in places if value is not None}}, to=asked.user)
    groups = []
    for value in places:
        if value is None:
            groups.append(Group(_("None"), Compare((by.name,), "is empty")))
            continue
        held = by.k.load(_plain(by, value)) if by.custom else value
        label = by.k.format(held, locale, known)
        tone = by.k.by_value[value].tone if isinstance(by.k, Choice) and value in by.k.by_value else ""
        groups.append(Group(label, Compare((by.name,), "=", held if not target else int(value)), tone))
    return groups


def _plain(by: Field, value: str) -> Any:
    """A custom value out of its JSON text."""
    if isinstance(by.k, YesNo):
        return value == "true"
    return int(value) if by.k.linked() else value


def _series(values: dict[tuple[str, Any], Any], places: Sequence[Any]) -> list[tuple[str, list[Any]]]:
    currencies = sorted({currency for currency, _place in values}) or [""]
    return [(currency, [values.get((currency, place), 0) for place in places]) for currency in currencies]
