"""How long it takes to give out a pool, and to assign what arrives.

`python -m benchmarks.distribute --rows 100000`: leads of an empty database of its own wait in a pool and are given to twenty people,
once in turn and once to the least loaded; beside it a bare UPDATE of the same rows in the same table, without changes, search
documents, moves and news. Then new leads arrive in chunks of a thousand, as an import writes them, without and with a rule.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from typing import Any

from benchmarks.own import own_database

PEOPLE = 20
CHUNK = 1000


def fill(rows: int) -> dict[str, Any]:
    """A company, twenty sellers, a pool with so many leads, and a rule for each way."""
    from django.db import connection
    from django.utils import timezone

    from guanxi.access.models import Company, User
    from guanxi.access.starting import start_roles
    from guanxi.entity.actors import SYSTEM
    from guanxi.entity.registry import entity_named
    from guanxi.record.changes import create
    from guanxi.record.memory import raise_epoch
    from guanxi.record.partitions import ensure_coming_months

    Company.objects.create(name="Bench", language="en", currency="USD", region="CN", zone="UTC")
    seller = start_roles("en")["seller"]
    ensure_coming_months(timezone.now().date())
    User.objects.bulk_create(User(username=f"u{number}", name=f"User {number}", roles=[seller.pk]) for number in range(PEOPLE))
    raise_epoch()
    pool = create(entity_named("pools"), {"name": "Pool", "of": "leads"}, by=SYSTEM)
    rules = {
        way: create(entity_named("assignment_rules"), {"name": way, "of": "leads", "way": way, "active": False}, by=SYSTEM)
        for way in ("in_turn", "least_loaded")
    }
    columns = {
        "name": "'Lead ' || n", "company": "'Firm ' || n", "title": "''", "phones": "'[]'", "emails": "'[]'", "website": "''", "address": "'{}'",
        "industry": "''", "source": "'website'", "campaign": "''", "currency": "'USD'", "need": "''", "timeline": "''", "has_money": "'yes'",
        "money_note": "''", "money_by": "''", "has_authority": "'unknown'", "authority_note": "''", "authority_by": "''", "has_need": "'yes'",
        "need_note": "''", "need_by": "''", "prospect": "'unknown'", "status": "'working'", "reason": "''", "reason_note": "''",
        "next_step": "''", "description": "''", "tags": "'{}'", "co_workers": "'{}'", "readers": "'{}'", "custom": "'{}'", "version": "1",
        "created_at": "now() - interval '200 days'", "changed_at": "now() - interval '1 day'", "pooled_at": "now() - interval '1 day'",
        "pool_id": str(pool.pk),
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO crm_lead ({', '.join(columns)}) SELECT {', '.join(columns.values())} FROM generate_series(1, {rows}) n"
        )
        cursor.execute(
            "INSERT INTO search_document (entity, record_id, title, words) "
            "SELECT 'leads', id, name, to_tsvector('simple', name) FROM crm_lead"
        )
        for table in ("crm_lead", "search_document"):
            cursor.execute(f"ANALYZE {table}")
    return {"pool": pool, **rules}


def give_out(rows: int, made: dict[str, Any]) -> tuple[float, dict[str, tuple[int, float]]]:
    """The pool given out in one round, each way, from the same start: seconds of a bare update; by way how many, in how many seconds."""
    from django.db import connection, transaction

    from guanxi.crm.models import Lead
    from guanxi.crm.pools.distributing import distribute
    from guanxi.crm.pools.queries import pools
    from guanxi.entity.actors import SYSTEM
    from guanxi.record.changes import edit

    ways: dict[str, tuple[int, float]] = {}
    began = time.perf_counter()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE crm_lead SET owner_id = (SELECT min(id) FROM access_user), pool_id = NULL, owned_since = now()")
        bare = time.perf_counter() - began
        transaction.set_rollback(True)
    for way in ("in_turn", "least_loaded"):
        Lead.objects.update(owner=None, team=None, pool=made["pool"])
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE crm_lead")
        edit(made["pool"], {"given_by": made[way].pk}, by=SYSTEM)
        began = time.perf_counter()
        done = distribute(pools()[made["pool"].pk])
        ways[way] = done, time.perf_counter() - began
        counts = Counter(Lead.objects.values_list("owner", flat=True))
        assert max(counts.values()) - min(counts.values()) <= 1, counts
    return bare, ways


def arrive(rows: int, made: dict[str, Any]) -> None:
    """New leads as an import writes them, without a rule and with each."""
    from guanxi.entity.actors import SYSTEM
    from guanxi.entity.registry import entity_named
    from guanxi.record.changes import Origin, create_many, edit

    plain = 0.0
    for way in ("", "in_turn", "least_loaded"):
        for name in ("in_turn", "least_loaded"):
            edit(made[name], {"active": name == way}, by=SYSTEM)
        began = time.perf_counter()
        for start in range(0, rows, CHUNK):
            several = [{"name": f"New {at}", "company": f"Firm {at}"} for at in range(start, min(start + CHUNK, rows))]
            create_many(entity_named("leads"), several, by=SYSTEM, origin=Origin("import"))
        took = time.perf_counter() - began
        plain = plain or took
        print(f"{rows:>10,} arriving, {way or 'no rule'}: {took:.1f} s ({rows / took:,.0f} a second; {took / plain:.2f} × without a rule)")


def main() -> None:
    """Start a PostgreSQL of its own, measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    rows = parser.parse_args().rows
    with own_database("distribute"):
        made = fill(rows)
        bare, ways = give_out(rows, made)
        for way, (done, took) in ways.items():
            print(
                f"{rows:>10,} leads to {PEOPLE} people, {way}: {done:,} in {took:.1f} s ({done / took:,.0f} a second; bare UPDATE {bare:.1f} s)"
            )
        arrive(rows, made)


if __name__ == "__main__":
    main()
