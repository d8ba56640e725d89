"""The months of the change table: made ahead, so that no write waits for one."""

from __future__ import annotations

import datetime as dt

from django.db import connection


def ensure_months(first: dt.date, last: dt.date) -> list[str]:
    """Make the partitions from one month to another; those made now. A month that already has rows elsewhere stays there."""
    made = []
    month = first.replace(day=1)
    with connection.cursor() as cursor:
        while month <= last:
            after = (month + dt.timedelta(days=32)).replace(day=1)
            name = f"change_{month:%Y_%m}"
            cursor.execute(
                "SELECT to_regclass(%s) IS NOT NULL OR EXISTS (SELECT FROM change_rest WHERE at >= %s AND at < %s)", [name, month, after]
            )
            if not cursor.fetchone()[0]:
                cursor.execute(f"CREATE TABLE {name} PARTITION OF change FOR VALUES FROM ('{month}') TO ('{after}')")
                made.append(name)
            month = after
    return made


def ensure_coming_months(today: dt.date) -> list[str]:
    """This month and the three to come."""
    return ensure_months(today, today + dt.timedelta(days=93))
