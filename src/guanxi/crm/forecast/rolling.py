"""The roll-up: deals of a period by person and category in one query, added up the tree of teams."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Case, Count, DateField, F, Q, Sum, Value, When
from django.utils.translation import gettext as _

from guanxi.access.models import User
from guanxi.crm.forecast.categories import CATEGORIES, category, within
from guanxi.crm.forecast.rights import reach, sees, sees_forecast
from guanxi.crm.forecast.spans import Span
from guanxi.crm.forecast.tree import OTHERS, Person, Tree, parents, place_of, within_reach
from guanxi.crm.rates.converting import Converter
from guanxi.entity.registry import entity_named
from guanxi.record.reach import visible
from guanxi.record.refusals import Forbidden

ZERO = Decimal(0)


@dataclass
class Sums:
    """What some deals of a period add up to, in the company's currency."""

    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(CATEGORIES, 0))
    amounts: dict[str, Decimal] = field(default_factory=lambda: dict.fromkeys(CATEGORIES, ZERO))
    weighted: Decimal = ZERO
    """Won amounts, and those of open deals by their probability; omitted ones aside."""

    @property
    def raw(self) -> Decimal:
        """What is won and committed."""
        return self.amounts["closed"] + self.amounts["commit"]

    @property
    def open(self) -> Decimal:
        """What is open and not omitted."""
        return self.amounts["commit"] + self.amounts["best"] + self.amounts["pipeline"]

    def add(self, other: Sums) -> None:
        for name in CATEGORIES:
            self.counts[name] += other.counts[name]
            self.amounts[name] += other.amounts[name]
        self.weighted += other.weighted


@dataclass
class Rollup(Tree):
    """A period's deals by person and team, as far as the reader may see them."""

    span: Span
    currency: str
    by_person: dict[int, Sums]
    converter: Converter
    by_team: dict[int, Sums] = field(default_factory=dict)
    total: Sums = field(default_factory=Sums)

    @property
    def aimed_for(self) -> Sums:
        """The total without what others own: what the targets within reach are about."""
        sums = Sums()
        for key, one in self.by_person.items():
            if key != OTHERS:
                sums.add(one)
        return sums


def roll_up(reader: User, span: Span, pipeline: int | None = None) -> Rollup:
    """The forecast of a period before anyone judges it. One query. Forbidden."""
    if not sees_forecast(reader):
        raise Forbidden(_("The forecast is grouped by fields of deals that you may not see."))
    target, today, whose = reader.locale.currency, reader.locale.today, reach(reader)
    chosen = within_reach(reader, whose)
    converter = Converter(target)
    by_person = _by_person(reader, span, pipeline, chosen, converter, today)
    chosen = {key: one for key, one in chosen.items() if one.is_active or key in by_person}
    found = Rollup(whose, chosen, parents(), span, target, by_person, converter)
    _climb(found)
    return found


def _by_person(
    reader: User, span: Span, pipeline: int | None, chosen: Mapping[int, Person], converter: Converter, today: dt.date
) -> dict[int, Sums]:
    weighs = sees("weighted", reader) and sees("probability", reader)
    by_person: dict[int, Sums] = {}
    for owner, currency, lost, weighted, *several in summed(reader, span, pipeline, converter.target, today):
        if currency not in {"", converter.target}:
            converter.used.add(currency)
        if lost is not None:
            converter.miss(currency, lost)
        sums, half = by_person.setdefault(place_of(owner, chosen), Sums()), len(CATEGORIES)
        sums.weighted += weighted if weighs else ZERO
        for name, count, amount in zip(CATEGORIES, several[:half], several[half:], strict=True):
            sums.counts[name] += count
            sums.amounts[name] += amount
    return by_person


SUMMED = """
    WITH deals AS MATERIALIZED ({grouped}), rates AS MATERIALIZED (
        SELECT c, d, CASE WHEN c IN ('', %s) THEN 1 ELSE exchange_rate_on(c, %s, d) END AS rate
        FROM (SELECT DISTINCT currency AS c, day AS d FROM deals) asked
    )
    SELECT owner_id, currency, sum(amount__sum) FILTER (WHERE rate IS NULL),
           coalesce(sum(rate * CASE category WHEN 'closed' THEN amount__sum WHEN 'omitted' THEN 0 ELSE weighted__sum END), 0), {counts}, {amounts}
    FROM deals JOIN rates ON c = currency AND d = day GROUP BY owner_id, currency
"""
"""Each group of deals by the rate of its day; a row for each owner and currency, with what has no rate apart."""
OF_CATEGORY = "coalesce(sum({what}) FILTER (WHERE category = '{name}'), 0){sort}"


def summed(reader: User, span: Span, pipeline: int | None, target: str, today: dt.date) -> list[tuple[Any, ...]]:
    """By owner and currency: what has no rate (None for nothing), the weighted sum, then of each category the count, then the amount.

    Amounts are in the target currency, and nothing where they are not the reader's to see.
    """
    try:
        sql, values = grouped(reader, span, pipeline, target, today).query.sql_with_params()
    except EmptyResultSet:  # the reader's rights leave nothing to ask for
        return []
    of_all = {
        what: ", ".join(OF_CATEGORY.format(what=expression, name=name, sort=sort) for name in CATEGORIES)
        for what, expression, sort in (("counts", "count", "::bigint"), ("amounts", "amount__sum * rate", ""))
    }
    with connection.cursor() as cursor:
        cursor.execute(SUMMED.format(grouped=sql, **of_all), [*values, target, target])
        return list(cursor.fetchall())


def grouped(reader: User, span: Span, pipeline: int | None, target: str, today: dt.date) -> Any:
    """The deals' sums by owner, category, currency, and the day of the rate: of other currencies the day they were won, else today."""
    found = visible(entity_named("deals"), to=reader).order_by().filter(within(span))
    if pipeline:
        found = found.filter(pipeline=pipeline)
    dated = Q(outcome="won") & ~Q(currency__in=["", target])
    day = Case(When(dated, then=F("closed_on")), default=Value(today), output_field=DateField())
    shown = sees("amount", reader)
    sums = {f"{name}__sum": Sum(name) if shown else Value(0) for name in ("amount", "weighted")}
    return found.values("owner_id", "currency", category=category(), day=day).annotate(count=Count("pk"), **sums)


def _climb(found: Rollup) -> None:
    """Each person's sums to their team and those above it, and to the total."""
    for key, sums in found.by_person.items():
        found.total.add(sums)
        for team in found.above(found.people[key]) if key in found.people else ():
            found.by_team.setdefault(team, Sums()).add(sums)
