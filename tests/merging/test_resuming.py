"""A search for duplicates whose worker is killed goes on where it was: nothing is read or compared again, nothing found twice."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from typing import Any

import pytest
from django.db import connection

from guanxi.entity.actors import SYSTEM
from guanxi.entity.registry import entity_named
from guanxi.record.changes import Origin, create_many, edit
from guanxi.surfaces.dedupe import scanning
from guanxi.surfaces.dedupe.model import DuplicatePair, DuplicateScan
from guanxi.surfaces.dedupe.scanning import scan
from guanxi.surfaces.dedupe.tasks import find_duplicates

STEP = 20
WORKER = """
import django, os
django.setup()
from django.db import connections
connections["default"].settings_dict["NAME"] = os.environ["KILLED_DATABASE"]
from guanxi.surfaces.dedupe import scanning, tasks
scanning.STEP = int(os.environ["KILLED_STEP"])
tell = scanning._tell
def told(run, **values):
    tell(run, **values)
    print(run.stage, run.done, flush=True)
scanning._tell = told
tasks.find_duplicates(int(os.environ["KILLED_RUN"]))
"""


def contacts(number: int) -> list[Any]:
    """People, each of whom is there once more with a slip."""
    chance = random.Random(3)
    letters = "abcdefghijklmnopqrstuvwxyz"
    rows = []
    for place in range(number // 2):
        given, family = ("".join(chance.choices(letters, k=6)).title() for _part in range(2))
        phone = f"+861380000{place:04}"
        rows += [{"name": f"{given} {family}", "phones": phone}, {"name": f"{given[:-1]} {family}", "phones": phone}]
    return create_many(entity_named("contacts"), rows, by=SYSTEM, origin=Origin("system"))


def queue() -> set[tuple[int, int, float]]:
    return set(DuplicatePair.objects.values_list("first_id", "second_id", "bits"))


def left() -> list[str]:
    return [
        name for name in connection.introspection.table_names() if name.startswith(("duplicate_said", "duplicate_pairs", "duplicate_found"))
    ]


def heard_until(worker: subprocess.Popen[str], stage: str, done: int) -> list[tuple[str, int]]:
    """How far it says it is, up to there; it is killed then, before or after that step is committed."""
    heard: list[tuple[str, int]] = []
    assert worker.stdout is not None
    while not heard or heard[-1][0] != stage or heard[-1][1] < done:
        said, number = worker.stdout.readline().split()
        heard.append((said, int(number)))
    worker.send_signal(signal.SIGKILL)
    return heard


@pytest.mark.django_db(transaction=True)
def test_a_killed_search_goes_on_where_it_was_and_finds_the_same(monkeypatch: Any) -> None:
    monkeypatch.setattr(scanning, "STEP", STEP)
    records = contacts(300)
    whole = DuplicateScan.objects.create(entity="contacts")
    scan(whole)
    expected = queue()
    assert len(expected) >= 150
    DuplicatePair.objects.all().delete()

    run = DuplicateScan.objects.create(entity="contacts")
    environment = {
        **os.environ, "KILLED_DATABASE": str(connection.settings_dict["NAME"]), "KILLED_RUN": str(run.pk), "KILLED_STEP": str(STEP),
    }  # fmt: skip
    heard: list[list[tuple[str, int]]] = []
    for stage, done in (("reading", 80), ("comparing", 40), ("comparing", 80)):
        with subprocess.Popen([sys.executable, "-c", WORKER], env=environment, stdout=subprocess.PIPE, text=True) as worker:
            heard.append(heard_until(worker, stage, done))
        assert worker.returncode == -signal.SIGKILL
        run.refresh_from_db()
        assert (run.state, DuplicatePair.objects.count()) == ("running", 0)
    assert heard[1][0][0] == "reading"
    assert heard[1][0][1] >= 80 - STEP, "nothing is read again"
    assert {stage for stage, _done in heard[2]} == {"comparing"}, "nothing is paired again"
    assert heard[2][0][1] >= 40, "nothing is compared again"
    assert left()
    edit(records[0], {"name": "Somebody Else"}, by=SYSTEM)
    find_duplicates(run.pk)
    run.refresh_from_db()
    assert (run.state, run.records, run.compared, run.found) == ("done", 300, whole.compared, whole.found)
    assert queue() == expected
    assert left() == []


@pytest.mark.django_db
def test_what_a_breakdown_of_the_database_emptied_is_worked_out_again(monkeypatch: Any) -> None:
    monkeypatch.setattr(scanning, "STEP", STEP)
    contacts(100)
    run = DuplicateScan.objects.create(entity="contacts")

    class Broken(Exception):
        """As if the process ended here."""

    def broken(*_several: Any) -> None:
        raise Broken

    with monkeypatch.context() as patch:
        patch.setattr(scanning, "_keep", broken)
        patch.setattr(scanning, "_end", lambda *_several: None)
        with pytest.raises(Broken):
            scan(run)
    with connection.cursor() as cursor:
        for table in left():
            cursor.execute(f"TRUNCATE {table}")
    again = DuplicateScan.objects.get(pk=run.pk)
    assert (again.stage, again.done == again.total) == ("comparing", True)
    scan(again)
    again.refresh_from_db()
    assert (again.state, again.records) == ("done", 100)
    assert DuplicatePair.objects.count() == again.found >= 50


@pytest.mark.django_db
def test_a_search_that_breaks_off_by_a_fault_is_over_and_leaves_nothing_behind(monkeypatch: Any) -> None:
    contacts(10)
    run = DuplicateScan.objects.create(entity="contacts")
    monkeypatch.setattr(scanning, "blocks", lambda *_several: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        find_duplicates(run.pk)
    run.refresh_from_db()
    assert (run.state, left()) == ("failed", [])
