"""Taking the daily snapshot, and reading what deals were on a day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Case, F, Max, Value, When
from django.db.models.functions import Coalesce

from guanxi.crm.deals.model import Deal
from guanxi.crm.forecast.categories import category
from guanxi.crm.forecast.spans import Span

CHUNK = 20_000

TAKE = """
    WITH taken AS (
        INSERT INTO crm_dealstate (deal_id, taken_on, first_on, outcome, category, amount, currency, due_on)
        SELECT now.deal, %(day)s::date, coalesce(last.first_on, %(day)s::date), now.outcome_now, now.category, now.amount_now, now.currency, now.due_on
        FROM ({now}) now LEFT JOIN crm_dealstate last ON last.deal_id = now.deal AND last.until IS NULL
        WHERE (last.outcome, last.category, last.amount, last.currency, last.due_on)
              IS DISTINCT FROM (now.outcome_now, now.category, now.amount_now, now.currency, now.due_on)
          AND NOT (last.deal_id IS NULL AND now.outcome_now = 'gone') AND (last.deal_id IS NULL OR last.taken_on <= %(day)s)
        ON CONFLICT (deal_id, taken_on) DO UPDATE SET outcome = excluded.outcome, category = excluded.category, amount = excluded.amount,
            currency = excluded.currency, due_on = excluded.due_on
        RETURNING deal_id),
    past AS (
        UPDATE crm_dealstate s SET until = %(day)s FROM taken WHERE s.deal_id = taken.deal_id AND s.until IS NULL AND s.taken_on < %(day)s)
    SELECT count(*) FROM taken
"""


def take(day: dt.date) -> int:
    """The snapshot of a day, so far as the day has gone; how many deals were not as before. Set-based by pieces, each its own transaction: may be killed and run again."""
    last, done = Deal._base_manager.aggregate(last=Max("pk"))["last"] or 0, 0
    present = Deal._base_manager.order_by().values(
        "currency",
        deal=F("pk"),
        outcome_now=Case(When(deleted_at__isnull=True, then=F("outcome")), default=Value("gone")),
        category=category(),
        amount_now=Coalesce("amount", Decimal(0)),
        due_on=Case(When(outcome="open", then=F("closes_on")), default=F("closed_on")),
    )
    with connection.cursor() as cursor:
        for after in range(0, last, CHUNK):
            sql, values = by_name(present.filter(pk__gt=after, pk__lte=after + CHUNK))
            cursor.execute(TAKE.format(now=sql), {"day": day, **values})
            done += cursor.fetchone()[0]
    return done


HELD = """(
    SELECT * FROM crm_dealstate
    WHERE due_on >= %(first)s AND due_on < %(after)s AND taken_on <= %({day})s AND (until IS NULL OR until > %({day})s)
      AND outcome = 'open' AND category <> 'omitted')"""
MOVES = """
    SELECT count(*), was, here, fresh, ends, currency_a, sum(amount_a), currency_b, sum(amount_b) FROM (
        SELECT deal_id, a.deal_id IS NOT NULL AS was, b.deal_id IS NOT NULL AS here, coalesce(a.first_on, b.first_on) > %(since)s AS fresh,
               CASE WHEN b.deal_id IS NULL
                    THEN (SELECT outcome FROM crm_dealstate s WHERE s.deal_id = a.deal_id AND taken_on <= %(upto)s ORDER BY taken_on DESC LIMIT 1)
               END AS ends,
               coalesce(a.currency, '') AS currency_a, coalesce(a.amount, 0) AS amount_a,
               coalesce(b.currency, '') AS currency_b, coalesce(b.amount, 0) AS amount_b
        FROM {a} a FULL JOIN {b} b USING (deal_id)) moved
    WHERE deal_id IN ({seen})
    GROUP BY was, here, fresh, ends, currency_a, currency_b, sign(amount_b - amount_a), CASE WHEN was AND here AND currency_a <> currency_b THEN deal_id END
"""


class Move(NamedTuple):
    """What became of some deals that are alike between two days: open in the period and not omitted on the first, the second, or both."""

    deals: int
    was: bool
    here: bool
    fresh: bool
    """There was no such deal on the first day."""
    ends: str | None
    """The outcome of those no longer here."""
    currency: str
    amount: Decimal
    currency_after: str
    amount_after: Decimal


def moves(seen: Any, since: dt.date, upto: dt.date, first: dt.date, after: dt.date) -> list[Move]:
    """What became of those deals of a period, together where it is the same; where amounts cannot be compared without rates, one by one."""
    sql, values = by_name(seen.values("id"))
    both = MOVES.format(a=HELD.format(day="since"), b=HELD.format(day="upto"), seen=sql)
    with connection.cursor() as cursor:
        cursor.execute(both, {"since": since, "upto": upto, "first": first, "after": after, **values})
        return [Move(*row) for row in cursor.fetchall()]


SURE = """
    SELECT place, category, currency, {sums}, min(first_on) FILTER (WHERE {known})
    FROM (SELECT CASE {places} END AS place, * FROM crm_dealstate
          WHERE due_on >= %(first)s AND due_on < %(after)s AND outcome IN ('open', 'won')) told
    WHERE place IS NOT NULL AND deal_id IN ({seen}) GROUP BY 1, 2, 3
"""
HOLDS = "taken_on <= (%({days})s::date[])[place] AND (until IS NULL OR until > (%({days})s::date[])[place])"


class Sums(NamedTuple):
    """Deals of a period that were open or won, by what was said of them: on its first day, halfway, on its last."""

    place: int
    """Which of the periods, from 1."""
    category: str
    currency: str
    start: Decimal | None
    half: Decimal | None
    end: Decimal | None
    first_on: dt.date | None
    """The day since which one of those of the first day is known."""


def sums(seen: Any, spans: Sequence[Span]) -> list[Sums]:
    """What was said of those deals in each of some periods that do not overlap. One pass over all states."""
    sql, values = by_name(seen.values("id"))
    for place, span in enumerate(spans, 1):
        values |= {f"first{place}": span.first, f"after{place}": span.after}
    values |= {"first": min(span.first for span in spans), "after": max(span.after for span in spans)}
    for name, days in zip(("start", "half", "end"), zip(*map(_days, spans), strict=True), strict=True):
        values[name] = list(days)
    asked = SURE.format(
        sums=", ".join(f"sum(amount) FILTER (WHERE {HOLDS.format(days=name)})" for name in ("start", "half", "end")),
        known=HOLDS.format(days="start"),
        places=" ".join(f"WHEN due_on >= %(first{one})s AND due_on < %(after{one})s THEN {one}" for one in range(1, len(spans) + 1)),
        seen=sql,
    )
    with connection.cursor() as cursor:
        cursor.execute(asked, values)
        return [Sums(*row) for row in cursor.fetchall()]


def _days(span: Span) -> tuple[dt.date, dt.date, dt.date]:
    return span.first, span.first + (span.after - span.first) / 2, span.after - dt.timedelta(1)


def by_name(query: Any) -> tuple[str, dict[str, Any]]:
    """SQL of a query with parameters by name, to stand within other SQL."""
    sql, values = query.query.sql_with_params()
    return sql.replace("%%", "%%%%") % tuple(f"%(v{place})s" for place in range(len(values))), {
        f"v{place}": value for place, value in enumerate(values)
    }
