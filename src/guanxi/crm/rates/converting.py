"""Amounts of many currencies in one, by dated rates; what has no rate is told, never guessed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal

from django.db import connection

Day = tuple[str, dt.date]


def rate_on(source: str, target: str, day: dt.date) -> Decimal | None:
    """What one unit of a currency was worth in another on a day; None where that is not known."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT exchange_rate_on(%s, %s, %s)", [source, target, day])
        (rate,) = cursor.fetchone()
    return None if rate is None else Decimal(rate)


class Converter:
    """Into one currency, by the rates of days; `missing` collects the currencies that had none, with what is left out of the sums."""

    def __init__(self, target: str) -> None:
        self.target = target
        self.missing: dict[str, Decimal] = {}
        self.used: set[str] = set()
        self._rates: dict[Day, Decimal | None] = {}

    def learn(self, days: Iterable[Day]) -> None:
        """Look the rates of these currencies and days up, in one query."""
        wanted = sorted({(currency, day) for currency, day in days if currency and currency != self.target} - self._rates.keys())
        if not wanted:
            return
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT asked.c, asked.d, exchange_rate_on(asked.c, %s, asked.d) FROM unnest(%s::text[], %s::date[]) AS asked (c, d)",
                [self.target, [currency for currency, _day in wanted], [day for _currency, day in wanted]],
            )
            self._rates |= {(currency, day): rate for currency, day, rate in cursor.fetchall()}

    def rate(self, currency: str, day: dt.date) -> Decimal | None:
        """What one unit was worth on a day that was learnt; None where no rate is known."""
        if not currency or currency == self.target:
            return Decimal(1)
        self.used.add(currency)
        return self._rates.get((currency, day))

    def miss(self, currency: str, amount: Decimal) -> None:
        """Remember an amount that is left out."""
        self.missing[currency] = self.missing.get(currency, Decimal(0)) + amount
