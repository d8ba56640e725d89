"""Targets: split without losing a cent, rolled up, held against what was won."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from guanxi.crm.forecast.figures import forecast
from guanxi.crm.forecast.judging import Subject, undo
from guanxi.crm.forecast.model import Judgement
from guanxi.crm.forecast.rolling import Sums, roll_up
from guanxi.crm.forecast.spans import named
from guanxi.crm.forecast.targets import aim, share_out, standing, working_days
from guanxi.record.refusals import Forbidden, Refused
from tests.cast import Cast, make, person

pytestmark = pytest.mark.django_db
SPAN = named("2026-Q4")


def team_of_three(cast: Cast) -> None:
    below = make("teams", name="Quay", parent=cast.harbour.pk)
    for name in ("dan", "eve"):
        person(name, name.title(), below, [cast.roles["seller"]])


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(amount=st.decimals(min_value=0, max_value=10**9, places=2))
def test_a_split_loses_no_cent(cast: Cast, amount: Decimal) -> None:
    if not Judgement.objects.exists():
        team_of_three(cast)
    aim(Subject(team=cast.harbour), SPAN, None, by=cast.admin, amount=amount)
    made = share_out(cast.harbour, roll_up(cast.admin, SPAN), None, by=cast.admin)
    assert sum(one.amount for one in made if one.amount is not None) == amount
    assert sorted("team" if one.team_id else "person" for one in made) == ["person", "person", "team"]


def test_targets_add_up_and_are_held_against_what_was_won(cast: Cast) -> None:
    team_of_three(cast)
    for subject, amount in ((cast.alice, 100), (cast.bob, 300)):
        aim(Subject(person=subject), SPAN, None, by=cast.admin, amount=Decimal(amount))
    make("deals", name="D", owner=cast.bob.pk, stage=cast.stage("Won").pk, amount=75, currency="USD", closes_on="2026-11-11")
    make("deals", name="D", owner=cast.bob.pk, stage=cast.stage("New").pk, amount=450, currency="USD", closes_on="2026-11-11")
    rows = {one.title: one.target for one in forecast(cast.alice, SPAN).rows()}
    bob, harbour = rows["Bob Reyes"], rows["Harbour"]
    assert bob is not None
    assert (bob.target, bob.won, bob.gap, bob.attained, bob.coverage) == (300, 75, 225, Decimal("0.25"), 2)
    assert harbour is not None
    assert (harbour.target, harbour.won) == (400, 75)
    assert rows["Quay"] is None
    seen = {one.title: one.target for one in forecast(cast.bob, SPAN).rows()}
    assert seen["Bob Reyes"] == bob
    assert forecast(cast.charlie, SPAN).total.target is None
    said = aim(Subject(team=cast.harbour), SPAN, None, by=cast.alice, amount=Decimal(500))
    assert forecast(cast.alice, SPAN).total.target is not None
    assert {one.title: one.target for one in forecast(cast.alice, SPAN).rows()}["Harbour"].target == 500  # type: ignore[union-attr]
    undo(said.pk, by=cast.alice)
    assert {one.title: one.target for one in forecast(cast.alice, SPAN).rows()}["Harbour"].target == 400  # type: ignore[union-attr]


def test_sellers_set_no_targets_and_nobody_those_of_other_teams(cast: Cast) -> None:
    for subject, by in (
        (Subject(person=cast.bob), cast.bob),
        (Subject(person=cast.charlie), cast.alice),
        (Subject(team=cast.airport), cast.alice),
    ):
        with pytest.raises(Forbidden):
            aim(subject, SPAN, None, by=by, amount=Decimal(1))
    with pytest.raises(Refused):
        aim(Subject(person=cast.bob), SPAN, None, by=cast.alice, amount=Decimal(-1))
    with pytest.raises(Refused):
        share_out(cast.harbour, roll_up(cast.alice, SPAN), None, by=cast.alice)


def test_pace_goes_by_working_days(cast: Cast) -> None:
    sums = Sums()
    sums.amounts["closed"] = Decimal(10)
    november = named("2026-11")
    assert working_days(november.first, november.after) == 21
    half = standing(sums, Decimal(210), november, dt.date(2026, 11, 16))
    assert (half.due, half.weeks, half.gap) == (100, Decimal(11) / 5, 200)
    assert standing(sums, Decimal(210), november, dt.date(2026, 12, 5)).weekly is None
    assert standing(sums, Decimal(210), november, dt.date(2026, 1, 5)).due == 0


def test_a_target_is_set_and_split_in_the_dialog(cast: Cast, client_of: Any) -> None:
    client = client_of(cast.alice)
    asked = {"team": cast.harbour.pk, "period": "2026-Q4", "pipeline": ""}
    assert client.post("/deals/forecast/judge", {**asked, "as": "target", "amount": "1,001"}).status_code == 204
    assert "Split over members" in client.get("/deals/forecast/judge", asked).content.decode()
    assert client.post("/deals/forecast/split", asked).status_code == 204
    page = client.get("/deals/forecast?period=2026-Q4").content.decode()
    assert "$1,001" in page
    assert page.count("$500.50") >= 2
    assert client_of(cast.bob).post("/deals/forecast/split", asked).status_code == 404
