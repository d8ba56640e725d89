"""The work over everything, as `make bench` prints it beside its goals: recycling, distribution, the search for duplicates, the
forecast. Each in an empty database and a process of its own, of one PostgreSQL.

`python -m benchmarks.work --rows 10000` measures them alone; one of them more closely: `python -m benchmarks.recycling` and so on.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit, urlunsplit

from benchmarks.measure import Line, show_lines, timed
from benchmarks.own import own_database

PEOPLE = 1000


def recycling(rows: int) -> Iterator[Line]:
    """Leads against ten rules, of which one in ten goes back."""
    from benchmarks.recycling import RULES, measure

    done, took, bare, _idle = measure(rows)
    yield Line(f"recycle {rows:,} leads by {len(RULES)} rules, {done:,} go back", took, took, None, 60, "s")
    yield Line("reference: a bare UPDATE of as many", bare, bare, None, None, "s")


def distribution(rows: int) -> Iterator[Line]:
    """A pool a tenth as large given out, each way."""
    from benchmarks.distribute import PEOPLE, fill, give_out

    rows = max(rows // 10, PEOPLE)
    bare, ways = give_out(rows, fill(rows))
    for way, (_done, took) in ways.items():
        yield Line(f"distribute {rows:,} leads to {PEOPLE} people, {way.replace('_', ' ')}", took, took, None, 20, "s")
    yield Line("reference: a bare UPDATE of as many", bare, bare, None, None, "s")


def duplicates(rows: int) -> Iterator[Line]:
    """Contacts, one in twenty there twice."""
    from benchmarks.duplicates import measure

    found = measure(rows)
    yield Line(f"duplicates among {found.records:,} contacts, {found.compared:,} pairs", found.took, found.took, None, 300, "s")
    yield Line("memory of the searching process", found.memory, 0, None, 2048, "MB")
    yield Line("of the doubles found", found.recall * 100, 0, None, None, "%")


def forecasting(rows: int) -> Iterator[Line]:
    """A fifth as many deals as rows, of a thousand people, read by who leads them all."""
    from benchmarks.forecast import fill
    from guanxi.access.models import User
    from guanxi.crm.forecast.figures import forecast
    from guanxi.crm.forecast.spans import named

    people, deals = min(PEOPLE, max(rows // 10, 20)), max(rows // 5, 100)
    fill(people, deals)
    boss = User.objects.get(username="boss")
    for name in ("2026-11", "2026-Q4", "2026"):
        span = named(name)
        p50, p95 = timed(lambda _number, span=span: forecast(boss, span), rounds=7)  # type: ignore[misc]
        yield Line(f"forecast of {people:,} people, {deals:,} deals, {name}", p50, p95, None, 300)


JOBS: dict[str, Callable[[int], Iterator[Line]]] = {
    one.__name__: one for one in (recycling, distribution, duplicates, forecasting)
}  # fmt: skip


def work(rows: int) -> list[Line]:
    """All of it, each in a process and database of its own."""
    lines: list[Line] = []
    with own_database("work") as url:
        from django.db import connections

        connections.close_all()
        for name in JOBS:
            _copied(url, name)
            environment = {**os.environ, "GUANXI_DATABASE_URL": _with_name(url, name)}
            command = [sys.executable, "-m", "benchmarks.work", "--job", name, "--rows", str(rows)]
            finished = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True)
            lines += [Line(**row) for row in json.loads(finished.stdout.strip().splitlines()[-1])]
    return lines


def _copied(url: str, name: str) -> None:
    """A database of that name, as empty as the first."""
    import psycopg

    first = urlsplit(url).path.lstrip("/")
    with psycopg.connect(_with_name(url, "postgres"), autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}" TEMPLATE "{first}"')


def _with_name(url: str, name: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=f"/{name}")) if parts.netloc else url.replace(parts.path, f"/{name}", 1)


def main() -> None:
    """All jobs as a table; with `--job`, the lines of one as JSON, in the database of the environment."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--job", choices=list(JOBS))
    asked = parser.parse_args()
    if asked.job is None:
        show_lines(work(asked.rows))
        return
    import django

    django.setup()
    print(json.dumps([dataclasses.asdict(line) for line in JOBS[asked.job](asked.rows)]))


if __name__ == "__main__":
    main()
