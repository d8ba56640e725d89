"""Changes since a cursor: nothing of others, nothing twice, nothing skipped whoever commits when."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from django.db import connection, transaction

from guanxi.entity.actors import SYSTEM
from guanxi.record.changes import delete, edit
from guanxi.record.models import Change
from tests.api.conftest import Program
from tests.cast import found, make

Programs = Callable[..., Program]

pytestmark = pytest.mark.django_db(transaction=True)
"""Changes are told when their transaction has ended."""


def test_changes_are_told_in_order_and_go_on_from_the_cursor(program: Programs) -> None:
    cast = found()
    bob = program(cast.bob)
    start = bob.get("changes?cursor=now")["next"]
    account = bob.post("accounts", {"name": "Harbour Lights", "employees": 5})
    bob.patch(f"accounts/{account['id']}", {"employees": 6})

    first = bob.get(f"changes?cursor={start}&limit=1")
    rest = bob.get(f"changes?cursor={first['next']}")
    bob.delete(f"accounts/{account['id']}")
    last = bob.get(f"changes?cursor={rest['next']}")

    assert [(one["event"], one["record"], one["title"]) for one in first["data"]] == [("account.created", account["id"], "Harbour Lights")]
    assert first["more"] is True
    assert [(one["event"], one["changes"]) for one in rest["data"]] == [("account.edited", {"employees": [5, 6]})]
    assert [one["event"] for one in last["data"]] == ["account.deleted"]
    assert bob.get(f"changes?cursor={last['next']}") == {"data": [], "next": last["next"], "more": False}


def test_only_records_in_sight_are_told_of(program: Programs) -> None:
    cast = found()
    mine = make("accounts", name="Harbour Lights", owner=cast.bob.pk)
    theirs = make("accounts", name="Zanzibar", owner=cast.charlie.pk)
    make("contacts", name="Zed Zanzibar", account=theirs.pk, owner=cast.charlie.pk)
    edit(theirs, {"employees": 5}, by=SYSTEM)
    delete(mine, by=SYSTEM)

    told = program(cast.bob).get("changes")

    assert [(one["entity"], one["record"]) for one in told["data"] if one["entity"] in {"accounts", "contacts"}] == [
        ("accounts", mine.pk)
    ] * 2
    assert "Zanzibar" not in str(told)
    everything = program(cast.admin).get("changes?entity=accounts")
    assert [one["record"] for one in everything["data"]] == [mine.pk, theirs.pk, theirs.pk, mine.pk]


def test_a_change_that_commits_late_is_not_skipped(program: Programs) -> None:
    """One transaction writes first and commits last; a reader in between must not step over it."""
    cast = found()
    admin = program(cast.admin)
    cursor = admin.get("changes?cursor=now")["next"]
    written, may_commit = Event(), Event()

    def slow() -> None:
        try:
            with transaction.atomic():
                make("accounts", name="Early but late")
                written.set()
                assert may_commit.wait(20)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(slow)
        assert written.wait(20)
        make("accounts", name="Late but early")
        between = admin.get(f"changes?cursor={cursor}")
        beginning = admin.get("changes?cursor=now")["next"]
        may_commit.set()
        running.result()

    after = admin.get(f"changes?cursor={between['next']}")
    assert between["data"] == []
    assert [one["title"] for one in after["data"]] == ["Early but late", "Late but early"]
    assert [one["title"] for one in admin.get(f"changes?cursor={beginning}")["data"]] == ["Early but late", "Late but early"]


def test_a_reader_among_eight_writers_is_told_of_every_change_once(program: Programs) -> None:
    cast = found()
    admin = program(cast.admin)
    cursor = admin.get("changes?cursor=now")["next"]
    known = set(Change.objects.values_list("pk", flat=True))
    done = Event()

    def write(number: int) -> None:
        chance = random.Random(number)
        try:
            for place in range(6):
                with transaction.atomic():
                    make("accounts", name=f"{number}.{place}")
                    time.sleep(chance.random() / 50)
                    make("accounts", name=f"{number}.{place} too")
        finally:
            connection.close()

    def read() -> list[int]:
        seen: list[int] = []
        try:
            nonlocal cursor
            while True:
                last_round = done.is_set()
                told = admin.get(f"changes?cursor={cursor}&limit=7")
                seen += [one["id"] for one in told["data"]]
                cursor = told["next"]
                if last_round and not told["data"]:
                    return seen
        finally:
            connection.close()

    with ThreadPoolExecutor(9) as pool:
        reader = pool.submit(read)
        writers = [pool.submit(write, number) for number in range(8)]
        for writer in writers:
            writer.result()
        done.set()
        seen = reader.result()

    assert len(seen) == len(set(seen))
    assert set(seen) == set(Change.objects.values_list("pk", flat=True)) - known
    assert len(seen) == 8 * 6 * 2


@pytest.mark.parametrize(
    "cursor", ["x", "1", "-", "1-", "-1", "1-1-1", "99999999999999999999-1", "1-99999999999999999999", "９-９", "now "]
)
def test_a_cursor_that_is_none_is_refused_and_never_the_beginning(program: Programs, cursor: str) -> None:
    told = program(found().bob).refused("GET", f"changes?cursor={cursor}", status=400)

    assert told["errors"][0]["path"] == "cursor"
