"""How long the funnel, and what was won and lost, take over two hundred thousand deals of one year.

`python -m benchmarks.funnel`: an empty database of its own, filled as that of `benchmarks.forecast`, with four stays in stages a deal.
Beside it the same in plain SQL, without rights, rates and amounts. To reach: under 300 ms.
"""

from __future__ import annotations

import argparse
from functools import partial
from typing import Any

from benchmarks.forecast import fill, median
from benchmarks.own import own_database

REACHED = """
    SELECT furthest_id, outcome, last_open_id, loss_reason_id, count(*) FROM crm_deal
    WHERE deleted_at IS NULL AND opened_on >= %s AND opened_on < %s GROUP BY 1, 2, 3, 4
"""
SPENT = """
    SELECT p.stage_id, count(*), avg(p.hours), percentile_cont(0.5) WITHIN GROUP (ORDER BY p.hours) FROM crm_stageperiod p
    JOIN crm_deal d ON d.id = deal_id WHERE deleted_at IS NULL AND opened_on >= %s AND opened_on < %s GROUP BY 1
"""
ROADS = """
    UPDATE crm_deal d SET opened_on = date '2026-01-01' + (d.id %% 365)::int, furthest_id = (%(open)s::bigint[])[1 + d.id %% 4],
           last_open_id = (%(open)s::bigint[])[1 + d.id %% 4], stage_since = '2026-02-01',
           source = (ARRAY['web', 'fair', 'referral', ''])[1 + d.id %% 4], product_id = NULL
"""
REASONED = "UPDATE crm_deal d SET loss_reason_id = (%s::bigint[])[1 + d.id %% 8] WHERE outcome = 'lost'"
STAYED = """
    INSERT INTO crm_stageperiod (deal_id, stage_id, began_at, ended_at, hours)
    SELECT d.id, s.id, d.opened_on + (n - 1) * interval '5 days',
           CASE WHEN d.stage_id <> s.id THEN d.opened_on + (n - 1) * interval '5 days' + (d.id %% 997) * interval '1 hour' END,
           CASE WHEN d.stage_id <> s.id THEN d.id %% 997 END
    FROM crm_deal d CROSS JOIN unnest(%s::bigint[]) WITH ORDINALITY s (id, n) ORDER BY n, d.id
"""


def walk() -> None:
    """Each deal opened on a day of the year, with its stays."""
    from django.db import connection

    from guanxi.crm.pipelines.model import LossReason
    from guanxi.crm.pipelines.queries import first_pipeline, stages_of

    opened = [stage.pk for stage in stages_of(first_pipeline()) if stage.outcome == "open"]
    with connection.cursor() as cursor:
        cursor.execute(ROADS, {"open": opened})
        cursor.execute(REASONED, [list(LossReason.objects.values_list("pk", flat=True))])
        cursor.execute(STAYED, [opened])
        cursor.execute("VACUUM (FULL, ANALYZE) crm_deal")
        cursor.execute("VACUUM ANALYZE crm_stageperiod")


def measure(people: int, deals: int) -> None:
    """Fill, ask for a year and a quarter, by a manager of all teams and by an administrator; tell."""
    from guanxi.access.models import User
    from guanxi.crm.forecast.spans import named
    from guanxi.crm.funnel.asking import Asked
    from guanxi.crm.funnel.figures import funnel
    from guanxi.crm.funnel.wins import DIMENSIONS, wins
    from guanxi.crm.pipelines.queries import first_pipeline

    fill(people, deals)
    walk()
    admin = User.objects.create(username="admin", name="Admin", is_superuser=True)
    print(f"{people:,} people, {deals:,} deals; to reach: 300 ms")
    for reader in (User.objects.get(username="boss"), admin):
        for name in ("2026", "2026-Q4"):
            asked, closed = Asked(named(name), first_pipeline()), Asked(named(name), day="closed_on")
            took = {"funnel": median(partial(funnel, reader, asked))}
            took["plain SQL"] = median(partial(_plain, asked.span))
            took |= {f"by {one.name}": median(partial(wins, reader, closed, one)) for one in DIMENSIONS}
            print(f"{reader.username:>6} {name:>8}: " + ", ".join(f"{what} {spent:.0f} ms" for what, spent in took.items()))


def _plain(span: Any) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        for statement in (REACHED, SPENT):
            cursor.execute(statement, [span.first, span.after])
            cursor.fetchall()


def main() -> None:
    """Start a PostgreSQL of its own, measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=1_000)
    parser.add_argument("--deals", type=int, default=200_000)
    asked = parser.parse_args()
    with own_database("funnel"):
        measure(asked.people, asked.deals)


if __name__ == "__main__":
    main()
