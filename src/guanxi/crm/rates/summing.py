"""Sums over records of many currencies, in one, in one query: grouped and converted by the database."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Case, CharField, DateField, DecimalField, F, IntegerField, Q, Value, When
from django.db.models.functions import Cast, Coalesce

# First what is alike with its day, which several processes can share; rates are then looked up once for each currency and day there is.
SUMS = """
    WITH seen AS (
        SELECT {groups}, currency, day, count(*) AS number, sum(amount) AS amount, count(amount) AS priced,
               sum(averaged) AS total, count(averaged) AS measured
        FROM ({rows}) one ({groups}, currency, amount, day, averaged) GROUP BY {groups}, currency, day),
    rates AS (SELECT d.currency, d.day, exchange_rate_on(d.currency, %s, d.day) AS rate
              FROM (SELECT DISTINCT currency, day FROM seen WHERE currency NOT IN ('', %s)) d)
    SELECT {groups}, seen.currency, sum(number), coalesce(sum(CASE WHEN seen.currency IN ('', %s) THEN amount ELSE amount * rate END), 0),
           coalesce(sum(priced) FILTER (WHERE seen.currency IN ('', %s) OR rate IS NOT NULL), 0), coalesce(sum(total), 0), sum(measured),
           sum(amount) FILTER (WHERE seen.currency NOT IN ('', %s) AND rate IS NULL)
    FROM seen LEFT JOIN rates ON rates.currency = seen.currency AND rates.day = seen.day
    GROUP BY {groups}, seen.currency
"""


@dataclass
class Summed:
    """What records of one group add up to."""

    group: tuple[Any, ...]
    """The values grouped by, in the order they were asked for."""
    count: int = 0
    amount: Decimal = Decimal(0)
    """In the one currency; of what has a rate."""
    priced: int = 0
    """How many have an amount that could be converted."""
    total: int = 0
    """The sum of what is averaged, and over how many that have it."""
    measured: int = 0

    def add(self, other: Summed) -> None:
        """Another group's on top."""
        self.count += other.count
        self.amount += other.amount
        self.priced += other.priced
        self.total += other.total
        self.measured += other.measured


@dataclass
class Sums:
    """All groups, and what was said of their currencies."""

    groups: list[Summed]
    missing: dict[str, Decimal]
    """What is left out of the sums, by currency, because no rate is known."""
    converted: list[str]


def sums_by(
    found: Any, by: Sequence[Any], *, target: str, today: dt.date, closed: Any, amount: str = "amount", averaged: Any = None
) -> Sums:
    """Records grouped by these expressions; each is converted by the rate of the day it was closed on, or of today.

    `closed` is the day of an amount, `amount` its field; without one, records are counted. `averaged` is an expression in whole
    numbers whose sum is wanted too. One query.
    """
    named = {f"by_{place}": expression for place, expression in enumerate(by)}
    counted = Value(None) if averaged is None else averaged
    money: tuple[Any, ...] = (F("currency"), F(amount), _day(closed, target, today))
    if not amount:
        money = (
            Cast(Value(""), CharField()),
            Cast(Value(None), DecimalField(max_digits=20, decimal_places=4)),
            Cast(Value(today), DateField()),
        )
    rows = found.order_by().values_list(*named.values(), *money, Cast(counted, IntegerField()))
    try:
        sql, values = rows.query.sql_with_params()
    except EmptyResultSet:
        return Sums([], {}, [])
    with connection.cursor() as cursor:
        cursor.execute(SUMS.format(rows=sql, groups=", ".join(named)), [*values, *[target] * 5])
        return _gathered(cursor.fetchall(), len(named), target)


def _day(closed: Any, target: str, today: dt.date) -> Case:
    """The day of a record's rate; one day for all that need none."""
    return Case(When(Q(currency__in=["", target]), then=Value(today)), default=Coalesce(closed, Value(today)), output_field=DateField())


def _gathered(rows: Sequence[tuple[Any, ...]], keys: int, target: str) -> Sums:
    groups: dict[tuple[Any, ...], Summed] = {}
    missing: dict[str, Decimal] = {}
    converted: set[str] = set()
    for row in rows:
        group, (currency, count, amount, priced, total, measured, unrated) = row[:keys], row[keys:]
        groups.setdefault(group, Summed(group)).add(Summed(group, int(count), amount, int(priced), int(total), int(measured)))
        if unrated:
            missing[currency] = missing.get(currency, Decimal(0)) + unrated
        elif amount and currency not in {"", target}:
            converted.add(currency)
    return Sums(list(groups.values()), missing, sorted(converted - missing.keys()))
