"""One action on many records: rights, results one by one, undo, and jobs that survive being killed."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from typing import Any

import pytest
from django.db import connection

from guanxi.access.starting import grant
from guanxi.entity.registry import entity_named
from guanxi.record.models import Change, Notification
from guanxi.surfaces.bulk import runs
from guanxi.surfaces.bulk.model import BulkRun
from tests.cast import Cast, make

pytestmark = pytest.mark.django_db
DEALS = entity_named("deals")
Deal = DEALS.model


@pytest.fixture
def four(cast: Cast) -> list[Any]:
    """Three deals of Bob's and one of Charlie's."""
    owners = [cast.bob, cast.bob, cast.bob, cast.charlie]
    return [make("deals", name=f"Deal {place}", amount=10, owner=owner.pk) for place, owner in enumerate(owners)]


def ids(records: list[Any]) -> str:
    return ",".join(str(record.pk) for record in records)


def said(answer: Any) -> str:
    toast: str = json.loads(answer.headers["HX-Trigger"])["toast"]["message"]
    return toast


def test_the_dialog_says_how_many_and_asks_for_a_field_one_may_set(cast: Cast, client_of: Any, four: list[Any]) -> None:
    client = client_of(cast.bob)
    html = client.post("/deals/bulk/edit?view=all", {"ids": ids(four[:3]), "all": ""}).content.decode()
    assert "Edit 3 deals" in html
    options = re.findall(r'<option value="(\w+)">', html)
    assert "next_step" in options
    assert not {"owner", "weighted", "id", "external_id"} & set(options)
    assert 'name="next_step"' in client.get("/deals/bulk/input?field=next_step").content.decode()
    assert client.get("/deals/bulk/input?field=weighted").content == b""


def test_several_fields_of_several_records_are_set_in_one_batch_that_can_be_undone(cast: Cast, client_of: Any, four: list[Any]) -> None:
    client = client_of(cast.bob)
    values = {"go": "1", "ids": ids(four[:3]), "edit": ["next_step", "closes_on"], "next_step": "Call", "closes_on": "2026-12-24"}
    answer = client.post("/deals/bulk/edit?view=all", values)
    assert (answer.status_code, said(answer)) == (204, "3 deals changed.")
    assert set(Deal.objects.filter(owner=cast.bob).values_list("next_step", "closes_on", "version")) == {
        ("Call", __import__("datetime").date(2026, 12, 24), 2)
    }
    (batch,) = set(Change.objects.filter(event="deal.edited").values_list("batch", flat=True))
    assert json.loads(answer.headers["HX-Trigger"])["toast"]["undo"] == f"/batches/{batch}/undo"
    client.post(f"/batches/{batch}/undo")
    assert set(Deal.objects.filter(owner=cast.bob).values_list("next_step", "closes_on")) == {("", None)}


def test_what_is_out_of_reach_is_left_as_it_is_and_told(cast: Cast, client_of: Any, four: list[Any]) -> None:
    values = {"go": "1", "ids": ids(four), "edit": "next_step", "next_step": "Call"}
    html = client_of(cast.bob).post("/deals/bulk/edit?view=all", values).content.decode()
    assert "There is no such record, or you may not see it." in html
    assert "Deal 3" not in html
    assert list(Deal.objects.order_by("pk").values_list("next_step", flat=True)) == ["Call", "Call", "Call", ""]


def test_a_record_that_refuses_does_not_stop_the_others(cast: Cast, client_of: Any, four: list[Any]) -> None:
    new, proposal = cast.stage("New"), cast.stage("Proposal")
    type(new).objects.filter(pk=proposal.pk).update(requires=["closes_on"])
    from guanxi.record.memory import raise_epoch

    raise_epoch()
    Deal.objects.filter(pk=four[0].pk).update(closes_on="2026-12-24")
    values = {"go": "1", "ids": ids(four[:3]), "edit": "stage", "stage": proposal.pk}
    answer = client_of(cast.bob).post("/deals/bulk/edit?view=all", values)
    html = answer.content.decode()
    assert said(answer) == "1 deal changed."
    assert html.count("Closes: Needed to enter “Proposal”.") == 2
    assert list(Deal.objects.order_by("pk").values_list("stage__name", flat=True)) == ["Proposal", "New", "New", "New"]


@pytest.mark.parametrize(("field", "value"), [("amount", "much"), ("closes_on", "32 May"), ("stage", "99999999"), ("name", "")])
def test_a_wrong_value_is_said_in_the_dialog_with_what_was_typed_and_nothing_is_changed(
    cast: Cast, client_of: Any, four: list[Any], field: str, value: str
) -> None:
    answer = client_of(cast.bob).post("/deals/bulk/edit?view=all", {"go": "1", "ids": ids(four[:3]), "edit": field, field: value})
    assert set(Deal.objects.values_list("version", flat=True)) == {1}
    html = answer.content.decode()
    if field != "stage":
        assert answer.status_code == 422
        assert 'aria-invalid="true"' in html
        assert value in html


def test_all_that_match_are_changed_and_only_they(cast: Cast, client_of: Any, four: list[Any]) -> None:
    make("deals", name="Other", amount=99, owner=cast.bob.pk)
    answer = client_of(cast.bob).post(
        "/deals/bulk/edit?view=all&where=amount+%3D+10", {"go": "1", "all": "1", "edit": "next_step", "next_step": "Call"}
    )
    assert said(answer) == "3 deals changed."
    assert list(Deal.objects.filter(next_step="Call").order_by("pk")) == four[:3]


def test_a_verb_is_done_to_each_and_each_refusal_has_its_reason(cast: Cast, client_of: Any, four: list[Any]) -> None:
    from guanxi.crm.deals.verbs import win

    win(four[0], by=cast.bob)
    client = client_of(cast.bob)
    dialog = client.post("/deals/bulk/verb/win?view=all", {"ids": ids(four[:3])}).content.decode()
    assert 'name="closed_on"' in dialog
    answer = client.post("/deals/bulk/verb/win?view=all", {"go": "1", "ids": ids(four[:3]), "closed_on": "2026-11-05"})
    assert said(answer) == "Won: 2 deals."
    assert answer.content.decode().count("is not possible for this record now") == 1
    assert set(Deal.objects.filter(owner=cast.bob).values_list("outcome", flat=True)) == {"won"}
    missing = client.post("/deals/bulk/verb/lose?view=all", {"go": "1", "ids": ids(four[:3]), "loss_reason": ""})
    assert missing.status_code == 422


def test_many_are_deleted_into_the_trash_and_brought_back_by_undo(cast: Cast, client_of: Any, four: list[Any]) -> None:
    client = client_of(cast.bob)
    assert "Delete 3 deals" in client.post("/deals/bulk/delete?view=all", {"ids": ids(four[:3])}).content.decode()
    assert Deal.objects.filter(deleted_at__isnull=False).count() == 0
    answer = client.post("/deals/bulk/delete?view=all", {"go": "1", "ids": ids(four)})
    assert Deal.objects.filter(deleted_at__isnull=True).get() == four[3]
    client.post(json.loads(answer.headers["HX-Trigger"])["toast"]["undo"])
    assert Deal.objects.filter(deleted_at__isnull=False).count() == 0


def test_handing_over_needs_its_right(cast: Cast, client_of: Any, four: list[Any]) -> None:
    values = {"go": "1", "ids": ids(four[:3]), "owner": str(cast.alice.pk)}
    assert client_of(cast.bob).post("/deals/bulk/hand-over?view=all", values).status_code == 403
    answer = client_of(cast.alice).post("/deals/bulk/hand-over?view=all", values)
    assert said(answer) == "3 deals changed."
    assert set(Deal.objects.filter(pk__in=[deal.pk for deal in four[:3]]).values_list("owner", flat=True)) == {cast.alice.pk}


@pytest.mark.parametrize("path", ["edit", "hand-over", "delete", "merge", "verb/win"])
def test_without_the_right_to_change_many_every_bulk_address_refuses(cast: Cast, client_of: Any, four: list[Any], path: str) -> None:
    grant(cast.roles["seller"], {"deals": {"bulk": "none"}})
    values = {"go": "1", "ids": ids(four[:3]), "edit": "next_step", "next_step": "Call", "owner": cast.bob.pk}
    assert client_of(cast.bob).post(f"/deals/bulk/{path}?view=all", values).status_code == 403
    assert set(Deal.objects.values_list("version", flat=True)) == {1}


@pytest.mark.parametrize("picked", ["", "x", "1,2,-3", "9" * 30, ",".join(["1"] * 3 + [str(n) for n in range(2, 6000)])])
def test_a_selection_that_is_none_is_refused_with_what_to_do(cast: Cast, client_of: Any, picked: str) -> None:
    answer = client_of(cast.bob).post("/deals/bulk/edit?view=all", {"go": "1", "ids": picked, "edit": "next_step", "next_step": "Call"})
    assert answer.status_code == 422
    assert "select" in answer.content.decode().lower()


# ——— jobs ———


def many_deals(cast: Cast, number: int) -> list[int]:
    from guanxi.entity.actors import SYSTEM
    from guanxi.record.changes import Origin, create_many

    values = [{"name": f"Deal {place}", "owner": cast.bob.pk} for place in range(number)]
    return [deal.pk for deal in create_many(DEALS, values, by=SYSTEM, origin=Origin("system"))]


def begun(cast: Cast, client_of: Any, monkeypatch: Any, **values: str) -> BulkRun:
    monkeypatch.setattr("guanxi.surfaces.bulk.pages.AT_ONCE", 3)
    monkeypatch.setattr("guanxi.surfaces.bulk.pages.run_later", lambda _run: None)
    answer = client_of(cast.bob).post(
        "/deals/bulk/edit?view=all", {"go": "1", "all": "1", "edit": "next_step", "next_step": "Call", **values}
    )
    assert answer.status_code == 200
    assert 'hx-trigger="load delay:1s"' in answer.content.decode()
    return BulkRun.objects.get()


def test_very_many_are_changed_by_a_job_chunk_by_chunk_with_progress(cast: Cast, client_of: Any, monkeypatch: Any) -> None:
    keys = many_deals(cast, 25)
    run = begun(cast, client_of, monkeypatch)
    monkeypatch.setitem(runs.CHUNKS, "edit", 10)
    assert run.total == 25
    assert runs.advance(run.pk)
    run.refresh_from_db()
    assert (run.done, Deal.objects.filter(next_step="Call").count(), run.finished_at) == (10, 10, None)
    later = make("deals", name="Came later", owner=cast.bob.pk)
    while runs.advance(run.pk):
        pass
    run.refresh_from_db()
    assert (run.done, run.failed, run.finished_at is not None) == (25, 0, True)
    assert set(Deal.objects.filter(pk__in=keys).values_list("next_step", "version")) == {("Call", 2)}
    later.refresh_from_db()
    assert later.next_step == ""
    assert Change.objects.filter(batch=run.batch).count() == 25
    assert Notification.objects.get(user=cast.bob).what == "bulk finished"
    html = client_of(cast.bob).get(f"/deals/bulk/{run.pk}").content.decode()
    assert "25 deals changed." in html
    assert f"/batches/{run.batch}/undo" in html


def test_a_change_that_moves_records_out_of_the_condition_skips_none(cast: Cast, client_of: Any, monkeypatch: Any) -> None:
    many_deals(cast, 12)
    monkeypatch.setattr("guanxi.surfaces.bulk.pages.AT_ONCE", 3)
    monkeypatch.setattr("guanxi.surfaces.bulk.pages.run_later", lambda _run: None)
    client_of(cast.bob).post(
        "/deals/bulk/edit?view=all&where=next_step+is+empty", {"go": "1", "all": "1", "edit": "next_step", "next_step": "Call"}
    )
    monkeypatch.setitem(runs.CHUNKS, "edit", 5)
    while runs.advance(BulkRun.objects.get().pk):
        pass
    assert set(Deal.objects.values_list("next_step", "version")) == {("Call", 2)}


def test_a_job_runs_with_the_rights_its_person_has_when_it_runs(cast: Cast, client_of: Any, monkeypatch: Any) -> None:
    many_deals(cast, 6)
    run = begun(cast, client_of, monkeypatch)
    grant(cast.roles["seller"], {"deals": {"bulk": "none"}})
    assert not runs.advance(run.pk)
    run.refresh_from_db()
    assert "may not change many" in run.problem
    assert Deal.objects.filter(next_step="Call").count() == 0


def test_a_stopped_job_leaves_what_is_done_and_does_no_more(cast: Cast, client_of: Any, monkeypatch: Any) -> None:
    many_deals(cast, 12)
    run = begun(cast, client_of, monkeypatch)
    monkeypatch.setitem(runs.CHUNKS, "edit", 5)
    runs.advance(run.pk)
    assert client_of(cast.charlie).post(f"/deals/bulk/{run.pk}/stop").status_code == 404
    assert client_of(cast.bob).post(f"/deals/bulk/{run.pk}/stop").status_code == 200
    assert not runs.advance(run.pk)
    assert Deal.objects.filter(next_step="Call").count() == 5


WORKER = """
import django, os
django.setup()
from django.db import connections
connections["default"].settings_dict["NAME"] = os.environ["KILLED_DATABASE"]
from guanxi.surfaces.bulk import runs
runs.CHUNKS["edit"] = 20
while runs.advance(int(os.environ["KILLED_RUN"])):
    print("chunk", flush=True)
"""


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_in_the_middle_loses_nothing_and_does_nothing_twice(client_of: Any, monkeypatch: Any) -> None:
    from tests.cast import found

    cast = found()
    keys = many_deals(cast, 400)
    run = begun(cast, client_of, monkeypatch)
    environment = {**os.environ, "KILLED_DATABASE": str(connection.settings_dict["NAME"]), "KILLED_RUN": str(run.pk)}
    for _time in range(3):
        with subprocess.Popen([sys.executable, "-c", WORKER], env=environment, stdout=subprocess.PIPE, text=True) as worker:
            assert worker.stdout is not None
            for _chunk in range(3):
                assert worker.stdout.readline() == "chunk\n"
            time.sleep(0.02)
            worker.send_signal(signal.SIGKILL)
    run.refresh_from_db()
    assert 0 < run.done < 400
    while runs.advance(run.pk):
        pass
    run.refresh_from_db()
    assert (run.done, run.failed) == (400, 0)
    assert set(Deal.objects.filter(pk__in=keys).values_list("next_step", "version")) == {("Call", 2)}
    assert Change.objects.filter(batch=run.batch).count() == 400
