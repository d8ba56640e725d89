"""Files that were in the trash too long go for good: with their bytes, unless another record has the same content; whatever is killed meanwhile."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from guanxi.entity.actors import SYSTEM
from guanxi.record.changes import delete, edit
from guanxi.record.changes import restore as restore_record
from guanxi.record.files import add, files_of, remove, removed_from, restore
from guanxi.record.history import changes_of, undo
from guanxi.record.keeping import missing, place_of, staged, storage, sweep
from guanxi.record.merging import merge, unmerge
from guanxi.record.models import File
from guanxi.record.purging import purge
from guanxi.record.refusals import Missing
from guanxi.record.tasks import sweep_files
from tests.api.conftest import Program
from tests.cast import Cast, make, signed_in
from tests.files.conftest import PDF
from tests.files.test_killed import address

NEVER = dt.timedelta(days=-1)


@pytest.fixture
def deal(cast: Cast) -> Any:
    account = make("accounts", name="Bluefin", owner=cast.bob.pk)
    return make("deals", name="Fleet", owner=cast.bob.pk, account=account.pk)


def put(record: Any, name: str, content: bytes = PDF) -> File:
    with staged([content]) as upload:
        return add(record, name, upload, by=SYSTEM)


def age(record: Any, days: float) -> None:
    """In the trash for so many days."""
    type(record).objects.filter(pk=record.pk).update(deleted_at=timezone.now() - dt.timedelta(days=days))


def on_disk(content: bytes) -> bool:
    return storage().exists(place_of(hashlib.sha256(content).hexdigest()))


def old(content_days: float = 100) -> None:
    """Everything in the store is older than what a sweep leaves alone."""
    for place in Path(storage().path("")).rglob("*"):
        if place.is_file():
            moment = (timezone.now() - dt.timedelta(days=content_days)).timestamp()
            os.utime(place, (moment, moment))


@pytest.mark.django_db
def test_deleted_files_go_when_their_time_is_over(deal: Any) -> None:
    young, over, living = (put(deal, f"{name}.pdf", PDF + name.encode()) for name in ("young", "over", "living"))
    for file in (young, over):
        remove(file, by=SYSTEM)
    age(young, 89)
    age(over, 91)
    old()
    sweep_files(0)
    assert [one.name for one in removed_from(deal, to=SYSTEM)] == ["young.pdf"]
    assert [one.name for one in files_of(deal, to=SYSTEM)] == ["living.pdf"]
    assert [on_disk(PDF + name) for name in (b"young", b"over", b"living")] == [True, False, True]
    change = changes_of(deal)[0]
    assert (change.event, change.by_id, [one["name"] for one in change.diff["+files"][0]]) == ("deal.file_purged", None, ["over.pdf"])
    assert not File.objects.filter(pk=living.pk, deleted_at__isnull=False).exists()
    sweep_files(0)
    assert changes_of(deal)[0] == change, "nothing happens twice"


@pytest.mark.django_db
def test_files_of_deleted_records_go_and_the_record_comes_back_without(deal: Any) -> None:
    claim = make("claims", kind="stay", amount=5, currency="CNY", spent_on="2026-11-01", owner=deal.owner_id)
    put(claim, "receipt.pdf")
    claim.refresh_from_db()
    assert claim.receipts == 1
    delete(claim, by=SYSTEM)
    age(claim, 91)
    assert purge() == 1
    restored = restore_record(claim, by=SYSTEM)
    restored.refresh_from_db()
    assert (restored.receipts, list(files_of(restored, to=SYSTEM)), list(removed_from(restored, to=SYSTEM))) == (0, [], [])


@pytest.mark.django_db
def test_a_content_that_another_record_has_stays(deal: Any, cast: Cast) -> None:
    other: Any = make("accounts", name="Redfin", owner=cast.bob.pk)
    gone, kept = put(deal, "offer.pdf"), put(other, "same.pdf")
    remove(gone, by=SYSTEM)
    age(gone, 91)
    old()
    sweep_files(0)
    assert list(File.objects.values_list("pk", flat=True)) == [kept.pk]
    assert on_disk(PDF)
    assert list(missing()) == []
    remove(kept, by=SYSTEM)
    age(kept, 91)
    sweep_files(0)
    assert not on_disk(PDF)


@pytest.mark.django_db
@pytest.mark.parametrize(("days", "gone"), [(0, 0), (1, 1), (365, 0)])
def test_how_long_is_a_setting(deal: Any, settings: Any, days: int, gone: int) -> None:
    settings.DELETED_FILES_DAYS = days
    file = put(deal, "offer.pdf")
    remove(file, by=SYSTEM)
    age(file, 300)
    assert purge() == gone


@pytest.mark.django_db
def test_what_is_purged_is_not_brought_back(deal: Any) -> None:
    file = put(deal, "offer.pdf")
    remove(file, by=SYSTEM)
    removed = changes_of(deal)[0]
    age(file, 91)
    purge()
    for way in (lambda: restore(file, by=SYSTEM), lambda: undo(removed, by=SYSTEM), lambda: undo(changes_of(deal)[0], by=SYSTEM)):
        with pytest.raises(Missing):
            way()
    assert not File.objects.exists()


@pytest.mark.django_db
def test_undoing_a_merge_brings_no_purged_file_back(cast: Cast) -> None:
    kept, gone = (make("accounts", name=name, owner=cast.bob.pk) for name in ("Bluefin", "Blue Fin"))
    of_kept, of_gone, living = put(kept, "a.pdf", PDF + b"a"), put(gone, "b.pdf", PDF + b"b"), put(gone, "c.pdf", PDF + b"c")
    for file in (of_kept, of_gone):
        remove(file, by=SYSTEM)
        age(file, 10)
    done = merge(kept, gone, by=SYSTEM)
    for file in (of_kept, of_gone):
        age(file, 91)
    old()
    sweep_files(0)
    unmerge(done, by=SYSTEM)
    assert list(File.objects.values_list("pk", "record_id")) == [(living.pk, gone.pk)]
    assert list(missing()) == []


@pytest.mark.django_db
def test_the_pages_and_the_api_say_how_long(cast: Cast, deal: Any, settings: Any) -> None:
    client, file = signed_in(cast.bob), put(deal, "offer.pdf")
    remove(file, by=cast.bob)
    assert "Deleted files go for good after 90 days." in client.get(f"/deals/{deal.pk}/files/removed").content.decode()
    (told,) = Program(cast.bob).get(f"deals/{deal.pk}/files?removed=true")["data"]
    until = dt.datetime.fromisoformat(told["kept_until"]) - dt.datetime.fromisoformat(told["deleted_at"])
    assert until == dt.timedelta(days=90)
    delete(deal, by=cast.bob)
    assert "Its files go for good after 90 days." in client.get("/deals/trash").content.decode()
    settings.DELETED_FILES_DAYS = 0
    assert "for good" not in client.get("/deals/trash").content.decode()
    restore_record(deal, by=cast.bob)
    edit(deal, {"name": "Fleet of ships"}, by=cast.bob)
    assert Program(cast.bob).get(f"deals/{deal.pk}/files?removed=true")["data"][0]["kept_until"] is None
    assert "for good" not in Client().get("/login/").content.decode()


CHILD = """
import sys, time
import django
django.setup()
from pathlib import Path
from django.conf import settings
from django.test.utils import override_settings
from guanxi.record import keeping, purging, tasks
moment, root = sys.argv[1:]

def stop(at):
    if at == moment:
        print(at, flush=True)
        time.sleep(60)

def after(room, name, at):
    inner, calls = getattr(room, name), []
    def outer(*args, **named):
        found = inner(*args, **named)
        calls.append(name)
        stop(f"{at} {len(calls)}")
        return found
    setattr(room, name, outer)

purging.AT_ONCE = 1
after(purging, "tell", "record")
after(purging, "_purge_batch", "batch")
after(tasks, "purge", "rows")
after(keeping, "_drop", "content")
place = {**settings.STORAGES["files"], "OPTIONS": {"location": Path(root) / "attached", "base_url": None}}
with override_settings(MEDIA_ROOT=root, STORAGES={**settings.STORAGES, "files": place}):
    tasks.sweep_files(0)
"""


@pytest.mark.django_db(transaction=True)
def test_a_kill_at_any_moment_loses_nothing_and_the_next_night_ends_it(deal: Any, cast: Cast, settings: Any) -> None:
    other: Any = make("accounts", name="Redfin", owner=cast.bob.pk)
    shared = PDF + b"shared"
    for number in range(4):
        gone = put(deal if number % 2 else other, f"{number}.pdf", PDF + bytes([65 + number]))
        remove(gone, by=SYSTEM)
        age(gone, 91)
    twin, kept = put(deal, "twin.pdf", shared), put(other, "kept.pdf", shared)
    remove(twin, by=SYSTEM)
    age(twin, 91)
    old()
    variables = {name: value for name, value in os.environ.items() if not name.startswith("GUANXI_TEST")}
    rows = [File.objects.count()]
    for moment in ("record 1", "batch 2", "rows 1", "content 1"):
        child = subprocess.Popen(
            [sys.executable, "-c", CHILD, moment, str(settings.MEDIA_ROOT)], env={**variables, "GUANXI_DATABASE_URL": address()},
            stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert child.stdout is not None
        assert child.stdout.readline().strip() == moment
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
        child.stdout.close()
        assert list(missing()) == [], moment
        rows.append(File.objects.count())
    assert rows[0] == rows[1] == 6
    assert rows[1] > rows[2] > rows[3] == rows[4] == 1
    assert sweep(NEVER) + 1 == 4, "one content went before the last kill"
    assert list(File.objects.values_list("pk", flat=True)) == [kept.pk]
    assert on_disk(shared)
    assert changes_of(deal).filter(event="deal.file_purged").count() == 1
