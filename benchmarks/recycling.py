"""How long it takes ten rules to send what matches back to a pool.

`python -m benchmarks.recycling --rows 1000000`: leads of an empty database of its own, owned by a hundred people, one in ten of
which matches one of the ten rules. Beside it a bare UPDATE of the same rows in the same table, without changes, search
documents, moves and news. To reach: under 60 s for a million on two cores.
"""

from __future__ import annotations

import argparse
import time

from benchmarks.own import own_database

RULES = (
    "owned_since < -90d and last_contact_at is empty",
    "owned_since < -120d and last_contact_at < -60d",
    'owned_since < -60d and status = "new" and activities is empty',
    'status = "nurturing" and last_contact_at < -180d',
    'prospect = "stop" and owned_since < -30d',
    'has_need = "no" and owned_since < -30d',
    "created_at < -700d",
    'source = "import" and owned_since < -45d and last_contact_at is empty',
    "next_contact_at < -90d",
    'budget < 100 and owned_since < -30d and status != "qualified"',
)
"""Conditions over every clock and some facts; the first holds for one lead in ten, the others for none besides."""


def fill(rows: int) -> None:
    """A company, a pool with the rules, and leads with their search documents."""
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
    start_roles("en")
    ensure_coming_months(timezone.now().date())
    User.objects.bulk_create(User(username=f"u{number}", name=f"User {number}") for number in range(100))
    pool = create(entity_named("pools"), {"name": "Pool", "of": "leads"}, by=SYSTEM)
    for number, rule in enumerate(RULES):
        create(entity_named("pool_rules"), {"pool": pool.pk, "name": f"Rule {number}", "condition": rule, "position": number}, by=SYSTEM)
    raise_epoch()
    first = User.objects.order_by("pk").values_list("pk", flat=True)[0]
    columns = {
        "name": "'Lead ' || n", "company": "'Firm ' || n", "title": "''", "phones": "'[]'", "emails": "'[]'", "website": "''", "address": "'{}'",
        "industry": "''", "source": "'website'", "campaign": "''", "currency": "'USD'", "need": "''", "timeline": "''", "has_money": "'yes'",
        "money_note": "''", "money_by": "''", "has_authority": "'unknown'", "authority_note": "''", "authority_by": "''", "has_need": "'yes'",
        "need_note": "''", "need_by": "''", "prospect": "'unknown'", "status": "'working'", "reason": "''", "reason_note": "''",
        "next_step": "''", "description": "''", "tags": "'{}'", "co_workers": "'{}'", "readers": "'{}'", "custom": "'{}'", "version": "1",
        "created_at": "now() - interval '200 days'", "changed_at": "now() - interval '1 day'", "owner_id": f"{first} + n % 100", "budget": "1000",
        "owned_since": "now() - interval '100 days'", "last_contact_at": "CASE WHEN n % 10 = 0 THEN NULL ELSE now() - interval '20 days' END",
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO crm_lead ({', '.join(columns)}) SELECT {', '.join(columns.values())} FROM generate_series(1, {rows}) n"
        )
        cursor.execute(
            "INSERT INTO search_document (entity, record_id, title, words, owner_id) "
            "SELECT 'leads', id, name, to_tsvector('simple', name), owner_id FROM crm_lead"
        )
        for table in ("crm_lead", "search_document"):
            cursor.execute(f"ANALYZE {table}")


def measure(rows: int) -> tuple[int, float, float, float]:
    """Fill, update bare, recycle: how many went back, in how many seconds; a bare update, and recycling with nothing to do."""
    from django.db import connection, transaction

    from guanxi.crm.pools.recycling import recycle

    fill(rows)
    began = time.perf_counter()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE crm_lead SET owner_id = NULL, pooled_at = now() WHERE last_contact_at IS NULL")
        bare = time.perf_counter() - began
        transaction.set_rollback(True)
    began = time.perf_counter()
    done = recycle()
    took = time.perf_counter() - began
    began = time.perf_counter()
    assert recycle() == 0
    return done, took, bare, time.perf_counter() - began


def main() -> None:
    """Start a PostgreSQL of its own, measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    rows = parser.parse_args().rows
    with own_database("recycling"):
        done, took, bare, idle = measure(rows)
        print(f"{rows:>10,} leads, {len(RULES)} rules: {done:,} back in {took:.1f} s (bare UPDATE {bare:.1f} s); again, {idle:.1f} s")


if __name__ == "__main__":
    main()
