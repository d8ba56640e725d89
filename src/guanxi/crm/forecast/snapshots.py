"""Taking the daily snapshot, and reading what deals were on a day."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Case, F, Max, Value, When
from django.db.models.functions import Coalesce

from guanxi.crm.deals.model import Deal
from guanxi.crm.forecast.categories import category

CHUNK = 20_000

TAKE = """
    INSERT INTO crm_dealstate (deal_id, taken_on, outcome, category, amount, currency, due_on)
    SELECT now.deal, %s::date, now.outcome_now, now.category, now.amount_now, now.currency, now.due_on FROM ({now}) now
    LEFT JOIN LATERAL (
        SELECT * FROM crm_dealstate s WHERE s.deal_id = now.deal ORDER BY taken_on DESC LIMIT 1
    ) last ON true
    WHERE (last.outcome, last.category, last.amount, last.currency, last.due_on)
          IS DISTINCT FROM (now.outcome_now, now.category, now.amount_now, now.currency, now.due_on)
      AND NOT (last.deal_id IS NULL AND now.outcome_now = 'gone')
    ON CONFLICT (deal_id, taken_on) DO UPDATE SET outcome = excluded.outcome, category = excluded.category, amount = excluded.amount,
        currency = excluded.currency, due_on = excluded.due_on
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
            sql, values = present.filter(pk__gt=after, pk__lte=after + CHUNK).query.sql_with_params()
            cursor.execute(TAKE.format(now=sql), [day, *values])
            done += cursor.rowcount
    return done


BOTH = """
    SELECT seen.id, (SELECT min(taken_on) FROM crm_dealstate f WHERE f.deal_id = seen.id),
           a.outcome, a.category, a.amount, a.currency, a.due_on, b.outcome, b.category, b.amount, b.currency, b.due_on
    FROM ({seen}) seen
    LEFT JOIN LATERAL (SELECT * FROM crm_dealstate s WHERE s.deal_id = seen.id AND taken_on <= %s ORDER BY taken_on DESC LIMIT 1) a ON true
    LEFT JOIN LATERAL (SELECT * FROM crm_dealstate s WHERE s.deal_id = seen.id AND taken_on <= %s ORDER BY taken_on DESC LIMIT 1) b ON true
    WHERE a.due_on >= %s AND a.due_on < %s OR b.due_on >= %s AND b.due_on < %s
"""


def states(seen: Any, since: dt.date, upto: dt.date, first: dt.date, after: dt.date) -> list[tuple[Any, ...]]:
    """Of those deals that fell into a period on either day: the key, the day of the first state, then outcome, category, amount, currency and day of both."""
    sql, values = seen.values("id").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(BOTH.format(seen=sql), [*values, since, upto, first, after, first, after])
        return list(cursor.fetchall())
