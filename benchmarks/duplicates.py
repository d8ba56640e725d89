"""How long a search for duplicates among contacts takes, how much memory, and how much of what it should find it finds.

`python -m benchmarks.duplicates --rows 1000000`: contacts of an empty database of its own, one in twenty typed a second time
with a mistake or with half of it left out. To reach: under 300 s and 2 GB for a million on two cores.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

AGAIN = 20
"""One in so many is there twice."""


def people(rows: int) -> Iterator[dict[str, Any]]:
    """Contacts, half of them Chinese, and the doubles of some; `again` is the number of the one it is."""
    from guanxi.web.demo import words

    chance = random.Random(7)
    syllables = [
        "an",
        "ber",
        "cor",
        "dal",
        "el",
        "fen",
        "gar",
        "hol",
        "in",
        "jor",
        "kes",
        "lin",
        "mar",
        "nor",
        "os",
        "pet",
        "quin",
        "ros",
        "sel",
        "tor",
    ]
    family_zh, given_zh = list(words.FAMILY_ZH), [one for given in words.GIVEN_ZH for one in given]
    for number in range(rows * AGAIN // (AGAIN + 1)):
        if number % 2:
            name = chance.choice(family_zh) + "".join(chance.choices(given_zh, k=chance.choice((1, 2, 2, 2))))
            phone = f"+861{3800000000 + chance.randrange(100_000_000) * 2 + 1}"
        else:
            name = f"{chance.choice(words.GIVEN)} {''.join(chance.choices(syllables, k=3)).capitalize()}"
            phone = f"+120{20000000 + chance.randrange(40_000_000)}"
        one = {"name": name, "phone": phone, "email": f"person{number}@firm{number % 5000}.example", "account": number % 997}
        yield {**one, "number": number, "again": None}
        if number % AGAIN == 0:
            yield {**_mistaken(one, chance), "number": None, "again": number}


def _mistaken(one: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    again = dict(one)
    letters = list(again["name"])
    if again["name"].isascii():
        place = chance.randrange(1, len(letters) - 1)
        letters[place], letters[place - 1] = letters[place - 1], letters[place]
        again["name"] = "".join(letters)
    again["phone" if chance.random() < 0.5 else "email"] = ""
    return again


def fill(rows: int) -> dict[int, int]:
    """The contacts in the database, with every column's default; for each double, the key of the one it is."""
    from django.db import connection

    from guanxi.entity.registry import entity_named
    from guanxi.record.tables import blank, insert_rows

    accounts, contacts = entity_named("accounts"), entity_named("contacts")
    firms = [blank(accounts.model) for _number in range(997)]
    for number, firm in enumerate(firms):
        firm.name = f"Account {number}"
    insert_rows(accounts, firms)
    keys: dict[int, int] = {}
    doubles: dict[int, int] = {}
    chunk: list[Any] = []
    for key, one in enumerate(people(rows), start=1):
        record = blank(contacts.model)
        record.pk, record.name, record.account_id = key, one["name"], firms[one["account"]].pk
        record.phones = [{"value": one["phone"]}] if one["phone"] else []
        record.emails = [{"value": one["email"]}] if one["email"] else []
        if one["again"] is None:
            keys[one["number"]] = key
        else:
            doubles[key] = keys[one["again"]]
        chunk.append(record)
        if len(chunk) == 5000:
            insert_rows(contacts, chunk)
            chunk = []
    insert_rows(contacts, chunk)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE crm_contact")
    return doubles


def measure(rows: int) -> None:
    from guanxi.surfaces.dedupe.likeness import LIKELY
    from guanxi.surfaces.dedupe.model import DuplicatePair, DuplicateScan
    from guanxi.surfaces.dedupe.scanning import scan

    doubles = fill(rows)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    run, began = DuplicateScan.objects.create(entity="contacts"), time.perf_counter()
    scan(run)
    took = time.perf_counter() - began
    run.refresh_from_db()
    got = set(DuplicatePair.objects.filter(bits__gte=LIKELY).values_list("second_id", "first_id"))
    right = len(got & set(doubles.items()))
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{run.records:,} contacts: {took:.0f} s, {run.records / took:,.0f} a second, {run.compared:,} pairs compared")
    print(f"  memory at most {most:,.0f} MB (before {before:,.0f} MB); likely pairs {len(got):,}")
    print(f"  of {len(doubles):,} doubles found {right / len(doubles):.1%}; of what was found {right / max(len(got), 1):.1%} are doubles")


def main() -> None:
    parser = argparse.ArgumentParser(description="The search for duplicates")
    parser.add_argument("--rows", type=int, default=1_000_000, help="how many contacts")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="guanxi-duplicates-") as name:
        root = Path(name)
        root.chmod(0o711)
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "guanxi.web.settings", "GUANXI_SECRET_KEY": "only-for-benchmarks-" * 3, "GUANXI_DATA_DIR": name, "GUANXI_DATABASE_POOL": "0",
        }  # fmt: skip
        from guanxi.web.postgres.cluster import use

        lease = use(root, durable=False)
        os.environ["GUANXI_DATABASE_URL"] = lease.url
        try:
            import django
            from django.core.management import call_command

            django.setup()
            call_command("migrate", verbosity=0)
            measure(asked.rows)
        finally:
            lease.release_and_wait()


if __name__ == "__main__":
    main()
