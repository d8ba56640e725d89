"""How long the forecast of a thousand people with two hundred thousand deals takes.

`python -m benchmarks.forecast`: an empty database of its own, a tree of 111 teams, every deal in the year that is asked for, in two
currencies. Beside it the same sums in plain SQL, without rights, rates, judgements and the tree. To reach: under 300 ms.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from benchmarks.own import own_database

REFERENCE = """
    SELECT owner_id, currency, CASE WHEN d.outcome = 'won' THEN 'closed' WHEN d.forecast <> '' THEN d.forecast ELSE s.forecast END,
           count(*), sum(amount), sum(weighted)
    FROM crm_deal d JOIN crm_stage s ON s.id = stage_id
    WHERE d.deleted_at IS NULL AND (d.outcome = 'won' AND closed_on >= %s AND closed_on < %s OR d.outcome = 'open' AND closes_on >= %s AND closes_on < %s)
    GROUP BY 1, 2, 3
"""


def fill(people: int, deals: int) -> None:
    """A company with a tree of teams, people and their deals."""
    from django.db import connection

    from guanxi.access.models import Company, Team, User
    from guanxi.access.starting import start_roles
    from guanxi.crm.pipelines.starting import start
    from guanxi.record.memory import raise_epoch
    from guanxi.record.models import ExchangeRate

    Company.objects.create(name="Bench", language="en", currency="USD", region="CN", zone="UTC")
    roles, pipeline = start_roles("en"), start("en")
    top = Team.objects.create(name="All")
    regions = [Team.objects.create(name=f"Region {number}", parent=top) for number in range(10)]
    teams = [Team.objects.create(name=f"Team {number}", parent=regions[number % 10]) for number in range(100)]
    User.objects.bulk_create(
        User(username=f"u{n}", name=f"User {n}", team=teams[n % 100], roles=[roles["seller"].pk]) for n in range(people)
    )
    User.objects.create(username="boss", name="Boss", team=top, roles=[roles["manager"].pk])
    ExchangeRate.objects.create(currency="EUR", base="USD", starts_on="2020-01-01", rate="1.1", name="EUR/USD")
    raise_epoch()
    first = User.objects.order_by("pk").values_list("pk", flat=True)[0]
    stages = list(pipeline.stages.order_by("position").values_list("pk", "outcome"))
    keys, outcomes = [key for key, _outcome in stages], [outcome for _key, outcome in stages]
    at = f"1 + n %% {len(stages)}"
    columns = {
        "name": "'Deal ' || n", "stage_id": f"(%s::bigint[])[{at}]", "outcome": f"(%s::text[])[{at}]", "pipeline_id": str(pipeline.pk),
        "amount": "1000 + n %% 900", "weighted": "(1000 + n %% 900) * 0.5", "currency": "CASE WHEN n %% 5 = 0 THEN 'EUR' ELSE 'USD' END",
        "probability": "0.5", "closes_on": "date '2026-01-01' + (n %% 365)::int", "closed_on": "date '2026-01-01' + (n %% 365)::int",
        "owner_id": f"{first} + n %% {people}", "team_id": f"(SELECT team_id FROM access_user WHERE id = {first} + n %% {people})",
        "loss_note": "''", "source": "''", "next_step": "''", "description": "''", "co_workers": "'{}'", "readers": "'{}'", "custom": "'{}'",
        "version": "1", "created_at": "now()", "changed_at": "now()",
    }  # fmt: skip
    with connection.cursor() as cursor:
        written = f"INSERT INTO crm_deal ({', '.join(columns)}) SELECT {', '.join(columns.values())} FROM generate_series(1, {deals}) n"
        cursor.execute(written, [keys, outcomes])
        cursor.execute("VACUUM ANALYZE crm_deal")


KEPT = """
    INSERT INTO crm_dealstate (deal_id, taken_on, until, first_on, outcome, category, amount, currency, due_on)
    SELECT d.id, day, lead(day) OVER deal, first_value(day) OVER deal, CASE WHEN part < 2 THEN 'open' ELSE d.outcome END,
           CASE WHEN part < 2 THEN (ARRAY['pipeline', 'best', 'commit'])[1 + (d.id + part) % 3]
                ELSE CASE d.outcome WHEN 'won' THEN 'closed' WHEN 'lost' THEN 'omitted' ELSE 'commit' END END,
           d.amount - (2 - part) * 10, d.currency, d.closes_on + (d.id % 5 = part)::int * 40
    FROM crm_deal d, generate_series(0, 2) part, LATERAL (SELECT d.closes_on - 150 + part * 50 + (d.id % 40)::int AS day) days
    WHERE day < date '2026-12-01'
    WINDOW deal AS (PARTITION BY d.id ORDER BY day)
"""


def remember() -> None:
    """What the deals were before, three states of most, as daily snapshots would have kept it."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(KEPT)
        cursor.execute("VACUUM ANALYZE crm_dealstate")


def look_back() -> None:
    """What changed since a day, past commitments, and the snapshot of a day on which a hundredth of the deals moved."""
    import datetime as dt

    from django.db import connection

    from guanxi.access.models import User
    from guanxi.crm.forecast.slippage import accuracy, slippage
    from guanxi.crm.forecast.snapshots import take
    from guanxi.crm.forecast.spans import named

    remember()
    boss, span = User.objects.get(username="boss"), named("2026-Q4")
    took = median(partial(slippage, boss, span, dt.date(2026, 11, 1), dt.date(2026, 11, 30)))
    past = median(partial(accuracy, boss, *(span.moved(-count) for count in range(1, 5))))
    print(f"what changed in a quarter: {took:.0f} ms; commitments of four quarters: {past:.0f} ms")
    began = time.perf_counter()
    first = take(dt.date(2026, 12, 1))
    with connection.cursor() as cursor:
        cursor.execute("UPDATE crm_deal SET amount = amount + 1 WHERE id % 100 = 0")
    between = time.perf_counter()
    second = take(dt.date(2026, 12, 2))
    print(f"snapshots: {first:,} states in {between - began:.1f} s, the next day {second:,} in {time.perf_counter() - between:.1f} s")


def measure(people: int, deals: int) -> None:
    """Fill, ask by year, quarter and month, tell."""
    from guanxi.access.models import User
    from guanxi.crm.forecast.figures import forecast, told
    from guanxi.crm.forecast.spans import named

    fill(people, deals)
    boss = User.objects.get(username="boss")
    print(f"{people:,} people, {deals:,} deals; to reach: 300 ms")
    for name in ("2026", "2026-Q4", "2026-11"):
        span = named(name)
        whole = forecast(boss, span)

        acts = (partial(forecast, boss, span), partial(told, boss, span), partial(_plain, span))
        ours, api, sql = (median(act) for act in acts)
        bare = median(partial(_summed, boss, span))
        counted = sum(whole.total.sums.counts.values())
        print(
            f"{name:>8}: {counted:>9,} deals in {ours:6.0f} ms, as JSON {api:6.0f} ms, of it the query {bare:6.0f} ms, plain SQL {sql:6.0f} ms"
        )


def _plain(span: Any) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(REFERENCE, [span.first, span.after] * 2)
        cursor.fetchall()


def _summed(reader: Any, span: Any) -> None:
    from guanxi.crm.forecast.rolling import summed

    summed(reader, span, None, "USD", reader.locale.today)


def median(act: Callable[[], object]) -> float:
    """Milliseconds."""
    took = []
    for _try in range(7):
        began = time.perf_counter()
        act()
        took.append(time.perf_counter() - began)
    return statistics.median(took) * 1000


def main() -> None:
    """Start a PostgreSQL of its own, measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=1_000)
    parser.add_argument("--deals", type=int, default=200_000)
    asked = parser.parse_args()
    with own_database("forecast"):
        measure(asked.people, asked.deals)
        look_back()


if __name__ == "__main__":
    main()
