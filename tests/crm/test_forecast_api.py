"""What people say of a forecast, over the API: the same rights, history and undo as on the page."""

from __future__ import annotations

from typing import Any

import pytest

from guanxi.access.models import FieldRight
from guanxi.crm.forecast.model import Judgement
from guanxi.entity.actors import Level
from guanxi.record.memory import raise_epoch
from tests.api.conftest import Program, paths
from tests.cast import Cast

pytestmark = pytest.mark.django_db
FORECAST = "deals/figures/forecast"
SAID = f"{FORECAST}/judgements"


def row(program: Program, kind: str, key: int) -> Any:
    told = program.get(f"{FORECAST}?period=2026-Q4")["data"]
    return next(one for one in told if (one["kind"], one["id"]) == (kind, key))


def of(key: int) -> str:
    return f"{SAID}?period=2026-Q4&owner={key}"


def test_a_seller_and_the_manager_judge_and_take_back(cast: Cast) -> None:
    bob, alice = Program(cast.bob), Program(cast.alice)
    said = {"period": "2026-Q4", "owner": cast.bob.pk}
    own = bob.post(SAID, {**said, "amount": "1500.50", "currency": "USD"})
    assert own == {
        "id": own["id"], "kind": "own", "period": "2026-Q4", "pipeline": None, "owner": cast.bob.pk, "team": None, "amount": "1500.50",
        "currency": "USD", "note": "", "by": cast.bob.pk, "at": own["at"], "holds": True, "undone": None,
    }  # fmt: skip
    first = alice.post(SAID, {**said, "amount": 1200, "note": "Too hopeful"})
    second = alice.post(SAID, {**said, "amount": "1300", "note": "A little"})
    assert (first["kind"], second["holds"]) == ("override", True)
    assert row(alice, "person", cast.bob.pk)["forecast"] == "1300.00"
    assert [(one["amount"], one["holds"]) for one in alice.get(of(cast.bob.pk))["data"]] == [
        ("1300.00", True), ("1200.00", False), ("1500.50", True),
    ]  # fmt: skip
    assert [one["amount"] for one in bob.get(of(cast.bob.pk))["data"]] == ["1500.50"]

    gone = alice.post(f"{SAID}/{second['id']}/undo")
    assert (gone["id"], gone["holds"], gone["undone"]["by"]) == (second["id"], False, cast.alice.pk)
    assert row(alice, "person", cast.bob.pk)["forecast"] == "1200.00"
    assert alice.refused("POST", f"{SAID}/{second['id']}/undo", status=422)["errors"] == [
        {"path": "", "message": "This was undone already."}
    ]
    assert [one["undone"] is None for one in alice.get(of(cast.bob.pk))["data"]] == [False, True, True]


def test_a_team_is_judged_in_one_pipeline(cast: Cast) -> None:
    alice = Program(cast.alice)
    values = {"period": "2026-Q4", "pipeline": cast.pipeline.pk, "team": cast.harbour.pk, "amount": "500", "note": "Trade fair"}
    assert alice.post(SAID, values)["pipeline"] == cast.pipeline.pk
    assert row(alice, "team", cast.harbour.pk)["override"] is None
    whole = alice.get(f"{FORECAST}?period=2026-Q4&pipeline={cast.pipeline.pk}")["data"]
    assert next(one for one in whole if one["kind"] == "team")["override"]["amount"] == "500.00"


def test_nobody_judges_what_is_not_theirs(cast: Cast) -> None:
    alice, bob, charlie = Program(cast.alice), Program(cast.bob), Program(cast.charlie)
    said = {"period": "2026-Q4", "amount": "1", "note": "x"}
    assert paths(bob.refused("POST", SAID, {**said, "owner": cast.alice.pk}, status=422)) == ["owner"]
    assert paths(bob.refused("POST", SAID, {**said, "team": cast.harbour.pk}, status=422)) == ["team"]
    assert paths(charlie.refused("POST", SAID, {**said, "owner": cast.bob.pk}, status=422)) == ["owner"]
    charlie.refused("GET", of(cast.bob.pk), status=404)
    mine = alice.post(SAID, {**said, "owner": cast.bob.pk})
    for one in (bob, charlie):
        one.refused("POST", f"{SAID}/{mine['id']}/undo", status=404)
    assert Judgement.objects.count() == 1
    FieldRight.objects.create(role=cast.roles["seller"], entity="deals", field="amount", level=Level.MASKED)
    raise_epoch()
    bob.refused("POST", SAID, {**said, "owner": cast.bob.pk}, status=403)


def test_what_is_wrong_is_said_by_its_name(cast: Cast) -> None:
    bob, alice = Program(cast.bob), Program(cast.alice)
    good = {"period": "2026-Q4", "owner": cast.bob.pk, "amount": "1"}
    for wrong, path in (
        ({"period": "x"}, "period"), ({"pipeline": 9999}, "pipeline"), ({"amount": None}, "amount"), ({"amount": "much"}, "amount"),
        ({"amount": "1e15"}, "amount"), ({"owner": None}, "owner"), ({"team": cast.harbour.pk}, "owner"), ({"owner": "bob"}, "owner"),
        ({"currency": "EUR"}, "currency"), ({"by": 1}, "by"),
    ):  # fmt: skip
        assert paths(bob.refused("POST", SAID, good | wrong, status=422)) == [path], wrong
    assert paths(alice.refused("POST", SAID, good, status=422)) == ["note"]
    for question in ("period=x", "period=2026-Q4", "by=1", "owner=1&team=1"):
        bob.refused("GET", f"{SAID}?{question}", status=400)
    for missing in ("owner=x", "owner=9999999999999999999", "team=999", "owner=1&pipeline=9999"):
        bob.refused("GET", f"{SAID}?{missing}", status=404)
    bob.refused("POST", "deals/figures/funnel/judgements", good, status=404)
    bob.refused("POST", f"{SAID}/999/undo", status=404)
    assert not Judgement.objects.exists()


def test_the_same_call_twice_is_one_say(cast: Cast) -> None:
    bob, values = Program(cast.bob), {"period": "2026-Q4", "owner": cast.bob.pk, "amount": "7"}
    one = bob.post(SAID, values, Idempotency_Key="k")
    assert bob.post(SAID, values, Idempotency_Key="k") == one
    assert Judgement.objects.count() == 1
    bob.post(f"{SAID}/{one['id']}/undo", Idempotency_Key="u")
    assert bob.post(f"{SAID}/{one['id']}/undo", Idempotency_Key="u")["undone"]
    assert Judgement.objects.count() == 2
