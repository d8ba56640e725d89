"""How long a search for duplicates among contacts takes, how much memory, and how much of what it should find it finds.

`python -m benchmarks.duplicates --rows 1000000`: contacts of an empty database of its own, one in twenty typed a second time
with a mistake or with half of it left out. To reach: under 300 s and 2 GB for a million on two cores.
"""

from __future__ import annotations

import argparse
import random
import resource
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from benchmarks.own import own_database

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
    from guanxi.record.saying import blank
    from guanxi.record.tables import insert_rows, take_keys

    accounts, contacts = entity_named("accounts"), entity_named("contacts")
    firms = [blank(accounts.model) for _number in range(997)]
    for number, firm in enumerate(firms):
        firm.name = f"Account {number}"
    take_keys(accounts, firms)
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


@dataclass(frozen=True)
class Measured:
    """What a search took and found."""

    records: int
    compared: int
    took: float
    """Seconds."""
    memory: float
    """MB of the process at most."""
    likely: int
    recall: float
    precision: float


def measure(rows: int) -> Measured:
    """Fill, search, hold what was found against what should be."""
    from guanxi.surfaces.dedupe.likeness import LIKELY
    from guanxi.surfaces.dedupe.model import DuplicatePair, DuplicateScan
    from guanxi.surfaces.dedupe.scanning import scan

    doubles = fill(rows)
    run, began = DuplicateScan.objects.create(entity="contacts"), time.perf_counter()
    scan(run)
    took = time.perf_counter() - began
    run.refresh_from_db()
    got = set(DuplicatePair.objects.filter(bits__gte=LIKELY).values_list("second_id", "first_id"))
    right, memory = len(got & set(doubles.items())), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Measured(
        run.records, run.compared, took, memory, len(got), right / max(len(doubles), 1), right / max(len(got), 1)
    )  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description="The search for duplicates")
    parser.add_argument("--rows", type=int, default=1_000_000, help="how many contacts")
    asked = parser.parse_args()
    with own_database("duplicates"):
        one = measure(asked.rows)
    print(f"{one.records:,} contacts: {one.took:.0f} s, {one.records / one.took:,.0f} a second, {one.compared:,} pairs compared")
    print(f"  memory at most {one.memory:,.0f} MB; likely pairs {one.likely:,}")
    print(f"  of the doubles found {one.recall:.1%}; of what was found {one.precision:.1%} are doubles")


if __name__ == "__main__":
    main()
