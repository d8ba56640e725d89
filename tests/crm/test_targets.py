"""Targets: set by those who manage, split without losing a cent, rolled up, held against what was done."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from guanxi.access.models import Company
from guanxi.crm.forecast.figures import forecast
from guanxi.crm.forecast.spans import Span, containing, named
from guanxi.crm.models import Target
from guanxi.crm.targets.attainment import attainment, told
from guanxi.crm.targets.kinds import period_meant
from guanxi.crm.targets.measures import MEASURES
from guanxi.crm.targets.mine import mine
from guanxi.crm.targets.queries import Aim
from guanxi.crm.targets.results import results
from guanxi.crm.targets.sheet import take
from guanxi.crm.targets.standing import standing, working_days
from guanxi.crm.targets.verbs import split_below, split_over_time
from guanxi.entity.registry import entity_named
from guanxi.record.changes import Origin, delete, edit
from guanxi.record.memory import raise_epoch
from guanxi.record.models import Change
from guanxi.record.reach import visible
from guanxi.record.refusals import Forbidden, Missing, Refused
from tests.cast import Cast, make, person

pytestmark = pytest.mark.django_db
SPAN = Span("2026-Q4", dt.date(2026, 10, 1), dt.date(2027, 1, 1))
IMPORT = Origin("import")


def team_of_three(cast: Cast) -> Any:
    below = make("teams", name="Quay", parent=cast.harbour.pk)
    for name in ("dan", "eve"):
        person(name, name.title(), below, [cast.roles["seller"]])
    return below


def aim(value: Any, *, by: Any, period: str = "2026-Q4", **values: Any) -> Any:
    return make("targets", by=by, period=period, value=value, **values)


def won(cast: Cast, owner: Any, amount: int, day: str = "2026-11-11", **values: Any) -> Any:
    deal = make("deals", name="D", owner=owner.pk, stage=cast.stage("Won").pk, amount=amount, currency="USD", closes_on=day, **values)
    type(deal).objects.filter(pk=deal.pk).update(closed_on=day)
    return deal


def values_of(**where: Any) -> list[Decimal]:
    return list(Target.objects.filter(**where).order_by("period", "pk").values_list("value", flat=True))


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(amount=st.decimals(min_value=0, max_value=10**9, places=2), weights=st.lists(st.integers(0, 99), min_size=3, max_size=3))
def test_a_split_loses_no_cent(cast: Cast, amount: Decimal, weights: list[int]) -> None:
    if not Target.objects.exists():
        team_of_three(cast)
    Target.objects.all().delete()
    target = aim(amount, by=cast.admin, team=cast.harbour.pk)
    split_below(target, by=cast.admin, way="heads")
    assert sorted(("team" if one.owner_id is None else "person") for one in Target.objects.exclude(pk=target.pk)) == [
        "person",
        "person",
        "team",
    ]
    assert sum(values_of(note__startswith="Split")) == amount
    said = "\n".join(f"{name}: {weight}" for name, weight in zip(("Quay", "Alice Chen", "Bob Reyes"), weights, strict=True))
    if any(weights):
        split_below(target, by=cast.admin, way="weights", weights=said)
        assert sum(values_of(note__startswith="Split", weight__isnull=False)) == amount
    split_over_time(target, by=cast.admin, into="month", rhythm="evenly")
    assert sum(values_of(period__in=["2026-10", "2026-11", "2026-12"])) == amount


def test_targets_add_up_and_are_held_against_what_was_won(cast: Cast) -> None:
    team_of_three(cast)
    for subject, amount in ((cast.alice, 100), (cast.bob, 300)):
        aim(amount, by=cast.admin, owner=subject.pk)
    won(cast, cast.bob, 75)
    make("deals", name="D", owner=cast.bob.pk, stage=cast.stage("New").pk, amount=450, currency="USD", closes_on="2026-11-11")
    rows = {one.title: one.target for one in forecast(cast.alice, SPAN).rows()}
    bob, harbour = rows["Bob Reyes"], rows["Harbour"]
    assert bob is not None
    assert (bob.target, bob.done, bob.gap, bob.attained, bob.coverage) == (300, 75, 225, Decimal("0.25"), 2)
    assert harbour is not None
    assert (harbour.target, harbour.done) == (400, 75)
    assert rows["Quay"] is None
    assert {one.title: one.target for one in forecast(cast.bob, SPAN).rows()}["Bob Reyes"] == bob
    assert forecast(cast.charlie, SPAN).total.target is None
    said = aim(500, by=cast.alice, team=cast.harbour.pk)
    assert (said.owner_id, said.name, said.currency) == (None, "Harbour · 2026-Q4", "USD")
    assert {one.title: one.target for one in forecast(cast.alice, SPAN).rows()}["Harbour"].target == 500  # type: ignore[union-attr]
    assert [row.held.target for row in attainment(cast.alice, Aim(SPAN)).under(None) if row.held] == [500]
    delete(said, by=cast.alice)
    assert {one.title: one.target for one in forecast(cast.alice, SPAN).rows()}["Harbour"].target == 400  # type: ignore[union-attr]
    aim(9000, by=cast.admin)
    assert [forecast(user, SPAN).total.target.target for user in (cast.admin, cast.alice)] == [9000, 400]  # type: ignore[union-attr]


def test_a_longer_period_aims_for_what_its_parts_add_up_to(cast: Cast) -> None:
    for period, amount in (("2026-10", 10), ("2026-11", 20), ("2026-Q3", 500), ("2026-09", 999)):
        aim(amount, by=cast.alice, owner=cast.bob.pk, period=period)
    found = {name: attainment(cast.alice, Aim(named(name))).total.held for name in ("2026-11", "2026-Q4", "2026-Q3", "2026", "2027")}
    assert {name: held.target if held else None for name, held in found.items()} == {
        "2026-11": 20, "2026-Q4": 30, "2026-Q3": 500, "2026": 530, "2027": None,
    }  # fmt: skip


def test_sellers_set_no_targets_and_nobody_those_of_other_teams(cast: Cast, client_of: Any) -> None:
    mine_, other = aim(7, by=cast.alice, owner=cast.bob.pk), aim(8, by=cast.admin, team=cast.airport.pk)
    for values, by in (
        ({"owner": cast.bob.pk, "measure": "activities"}, cast.bob),
        ({"owner": cast.charlie.pk}, cast.alice),
        ({"team": cast.airport.pk, "measure": "activities"}, cast.alice),
        ({}, cast.alice),
    ):
        with pytest.raises(Forbidden):
            aim(1, by=by, **values)
    with pytest.raises(Refused):
        edit(mine_, {"owner": cast.charlie.pk}, by=cast.alice)
    with pytest.raises(Forbidden):
        edit(mine_, {"value": 1}, by=cast.bob)
    with pytest.raises(Missing):
        split_below(other, by=cast.alice, way="heads")
    for values in ({"value": -1}, {"value": 1, "product": make("products", name="P").pk, "measure": "activities"}, {"value": "1.5", "measure": "activities"},
                   {"value": 1, "period": "2026-Q5"}, {"value": 1}):  # fmt: skip
        with pytest.raises(Refused):
            make("targets", by=cast.alice, **{"period": "2026-Q4", "owner": cast.bob.pk, **values})
    seen = {
        user.username: set(visible(entity_named("targets"), to=user).values_list("pk", flat=True))
        for user in (cast.alice, cast.bob, cast.charlie)
    }
    assert seen == {"alice": {mine_.pk}, "bob": {mine_.pk}, "charlie": set()}
    assert client_of(cast.charlie).get(f"/targets/{mine_.pk}").status_code == 404
    assert client_of(cast.bob).get("/targets/new").status_code == 403


def test_pace_goes_by_working_days(cast: Cast) -> None:
    november = named("2026-11")
    assert working_days(november.first, november.after) == 21
    half = standing(Decimal(10), Decimal(210), november, dt.date(2026, 11, 16))
    assert (half.due, half.weeks, half.gap, half.pace) == (100, Decimal(11) / 5, 200, Decimal("0.1"))
    assert standing(Decimal(10), Decimal(210), november, dt.date(2026, 12, 5)).weekly is None
    before = standing(Decimal(10), Decimal(210), november, dt.date(2026, 1, 5))
    assert (before.due, before.pace) == (0, None)


def test_every_measure_counts_what_its_condition_finds_and_the_won_amount_is_the_forecasts(
    cast: Cast, client_of: Any, django_assert_max_num_queries: Any
) -> None:
    accounts = [make("accounts", name=f"A{number}", owner=cast.alice.pk) for number in range(3)]
    pump, valve = make("products", name="Pump", family="Wet"), make("products", name="Valve")
    won(cast, cast.bob, 10, "2026-03-03", account=accounts[0].pk)
    won(cast, cast.bob, 20, account=accounts[0].pk, product=valve.pk)
    won(cast, cast.bob, 40, account=accounts[1].pk, product=pump.pk)
    won(cast, cast.alice, 80, "2026-11-12", account=accounts[1].pk)
    won(cast, cast.charlie, 1000, account=accounts[2].pk)
    for amount in (300, -50):
        make("payments", account=accounts[0].pk, amount=amount, currency="EUR", received_on="2026-11-02", owner=cast.bob.pk)
    make("rates", currency="EUR", base="USD", starts_on="2026-11-01", rate=Decimal("1.2"))
    for kind, done_at in (("call", "2026-09-30T16:30:00Z"), ("visit", "2026-11-02T03:00:00Z"), ("meeting", "2026-09-30T15:59:00Z")):
        make("activities", kind=kind, subject=kind, done_at=done_at, owner=cast.bob.pk)
    shown = {name: results(Aim(SPAN, name), cast.alice).total for name in MEASURES}
    assert {name: value for name, value in shown.items() if value and name not in {"opened_count", "new_leads"}} == {
        "won_amount": 140, "won_count": 3, "new_customers": 1, "received_amount": 300, "activities": 2, "meetings": 1,
    }  # fmt: skip
    assert shown["won_amount"] == forecast(cast.alice, SPAN).total.sums.amounts["closed"]
    assert [
        results(Aim(SPAN, product=key, family=family), cast.alice).total for key, family in ((pump.pk, ""), (valve.pk, ""), (None, "Wet"))
    ] == [40, 20, 40]
    aim(60, by=cast.alice, owner=cast.bob.pk, product=pump.pk)
    client = client_of(cast.alice)
    rows = client.get(f"/api/v1/targets/figures/attainment?period=2026-Q4&product={pump.pk}").json()["data"]
    bob = next(row for row in rows if row["title"] == "Bob Reyes")
    assert (bob["target"], bob["done"], bob["attained"]) == ("60.00", "40.00", "0.6667")
    for row in rows:
        found = client.get("/api/v1/deals", {"condition": row["condition"]}).json()["data"]
        assert sum(Decimal(one["amount"]) for one in found) == Decimal(row["done"])
    with django_assert_max_num_queries(12):
        page = client.get(f"/targets/attainment?period=2026-Q4&product={pump.pk}").content.decode()
    assert "$40" in page
    assert "67%" in page
    assert "Pump" in page
    assert "1,000" not in client.get("/targets/attainment?period=2026-Q4").content.decode()
    assert [
        client.get(f"/targets/attainment?{asked}").status_code
        for asked in (
            "measure=x",
            "product=999",
            "pipeline=999",
            f"team={cast.airport.pk}",
            f"measure=activities&product={pump.pk}",
            "period=2026-Q9",
        )
    ] == [422, 404, 404, 404, 422, 422]


def test_what_others_did_and_one_sees_stands_apart_and_in_the_total(cast: Cast, client_of: Any) -> None:
    won(cast, cast.bob, 100)
    won(cast, cast.charlie, 7, readers=[cast.bob.pk])
    for reader, kinds, total in ((cast.bob, ["total", "person", "others"], 107), (cast.alice, ["total", "team", "person", "person"], 100)):
        rows = client_of(reader).get("/api/v1/targets/figures/attainment?period=2026-Q4&measure=won_amount").json()["data"]
        assert [row["kind"] for row in rows] == kinds
        assert Decimal(rows[0]["done"]) == total
        for row in rows:
            found = client_of(reader).get("/api/v1/deals", {"condition": row["condition"]}).json()["data"]
            assert sum(Decimal(one["amount"]) for one in found) == Decimal(row["done"])
    aim(200, by=cast.alice, owner=cast.bob.pk)
    total = client_of(cast.bob).get("/api/v1/targets/figures/attainment?period=2026-Q4&measure=won_amount").json()["data"][0]
    assert (total["target"], total["attained"]) == ("200.00", "0.5000")
    target = forecast(cast.bob, SPAN).total.target
    assert target is not None
    assert target.gap == 100


def test_rates_that_are_missing_are_told(cast: Cast, client_of: Any) -> None:
    aim(100, by=cast.alice, owner=cast.bob.pk, currency="CHF")
    make("payments", account=make("accounts", name="A").pk, amount=5, currency="JPY", received_on="2026-11-02", owner=cast.bob.pk)
    one = told(cast.alice, Aim(SPAN, "received_amount"))
    assert (one["missing"], one["data"][0]["done"]) == (["JPY"], "0.00")
    page = client_of(cast.alice).get("/targets/attainment?period=2026-Q4").content.decode()
    assert "no exchange rate into USD is known: CHF" in page


def test_a_split_by_results_and_by_season_follows_what_was_done(cast: Cast) -> None:
    for owner, amount, day in (
        (cast.alice, 100, "2026-08-08"),
        (cast.bob, 300, "2026-08-09"),
        (cast.bob, 30, "2025-10-10"),
        (cast.alice, 10, "2025-12-10"),
    ):
        won(cast, owner, amount, day)
    target = aim(1000, by=cast.alice, team=cast.harbour.pk)
    split_below(target, by=cast.alice, way="results")
    assert [values_of(owner=one.pk) for one in (cast.alice, cast.bob)] == [[250], [750]]
    split_over_time(target, by=cast.alice, into="month", rhythm="season")
    assert values_of(team=cast.harbour.pk, owner=None) == [750, 0, 250, 1000]
    split_below(target, by=cast.alice, way="weights", weights="Bob Reyes: 3\nAlice Chen：1.5")
    assert values_of(owner=cast.bob.pk) == [Decimal("666.67")]
    assert Change.objects.filter(entity="targets", event="target.split").count() == 2
    for way, weights in (
        ("weights", "Nobody: 1"),
        ("weights", "Bob Reyes: -1"),
        ("weights", "Bob Reyes: NaN"),
        ("weights", ""),
        ("sideways", ""),
    ):
        with pytest.raises(Refused):
            split_below(target, by=cast.alice, way=way, weights=weights)
    with pytest.raises(Forbidden):
        split_below(Target.objects.get(owner=cast.bob), by=cast.alice, way="heads")


def test_the_companys_year_may_begin_in_another_month(cast: Cast, client_of: Any) -> None:
    client = client_of(cast.admin)
    Company.objects.update(fiscal_month=4)
    raise_epoch()
    year = named("2026")
    assert (year.first, year.after, year.label("en"), year.moved(1).name) == (dt.date(2026, 4, 1), dt.date(2027, 4, 1), "FY2026", "2027")
    assert [one.name for one in year.parts("quarter")] == ["2026-Q1", "2026-Q2", "2026-Q3", "2026-Q4"]
    assert (named("2026-Q4").first, containing(dt.date(2027, 3, 31), "quarter").name, containing(dt.date(2027, 3, 31), "year").name) == (
        dt.date(2027, 1, 1),
        "2026-Q4",
        "2026",
    )
    Company.objects.update(fiscal_by_end=True)
    raise_epoch()
    assert (named("2026").first, containing(dt.date(2026, 3, 31), "year").name, containing(dt.date(2026, 4, 1), "quarter").name) == (
        dt.date(2025, 4, 1),
        "2026",
        "2027-Q1",
    )
    assert "Q1 FY2027" in client.get("/deals/forecast?period=2027-Q1").content.decode()
    for name in ("2026", "2026-Q1", "2026-02"):
        span = named(name)
        assert [span.moved(2).moved(-2), containing(span.first, span.unit), containing(span.after - dt.timedelta(1), span.unit)] == [
            span
        ] * 3


def test_periods_are_understood_as_people_write_them(cast: Cast) -> None:
    meant = {
        "2026Q4": "2026-Q4", "Q4 2026": "2026-Q4", "2026 年第 4 季度": "2026-Q4", "2026年四季度": "2026-Q4", "2026": "2026", "FY2026": "2026",
        "2026 财年": "2026", "2026年": "2026", "2026年11月": "2026-11", "11/2026": "2026-11", "Nov 2026": "2026-11", "November 2026": "2026-11",
        "2026-1": "2026-01", "2026.07": "2026-07",
    }  # fmt: skip
    assert {text: period_meant(text) for text in meant} == meant
    for text in ("", "soon", "2026-13", "Q4", "20261", "2026-Q5", "9999"):
        with pytest.raises(ValueError, match="period"):
            period_meant(text)


def test_the_yearly_spreadsheet_is_taken_in(cast: Cast, client_of: Any) -> None:
    text = '姓名,指标,1月,2月,Q4,全年\nBob Reyes,回款额,100,"1,200.50",,99999\nHarbour,,5,–,7万,\nNobody,,1,2,3,\n合计,,1,2,3,\nCharlie Ng,,1,,,\n'
    with pytest.raises(Forbidden):
        take("t.csv", [text.encode("gbk")], measure="won_amount", year="2026", by=cast.alice, origin=IMPORT)
    assert not Target.objects.exists()
    text = text.replace("Charlie Ng,,1,,,\n", "")
    taken = take("t.csv", [text.encode("gbk")], measure="won_amount", year="2026", by=cast.alice, origin=IMPORT)
    assert (taken.written, "Nobody" in taken.left_out, "合计" in taken.left_out) == (4, True, False)
    assert [(one.owner_id, one.measure, one.period, int(one.value)) for one in Target.objects.order_by("pk")] == [
        (cast.bob.pk, "received_amount", "2026-01", 100), (cast.bob.pk, "received_amount", "2026-02", 1200),
        (None, "won_amount", "2026-01", 5), (None, "won_amount", "2026-Q4", 70000),
    ]  # fmt: skip
    client = client_of(cast.alice)
    file = SimpleUploadedFile("t.csv", b"Name,Jan,Feb\nBob Reyes,1,2\n")
    assert client.post("/targets/sheet", {"file": file, "measure": "received_amount", "year": "2026"}).status_code == 302
    assert values_of(measure="received_amount") == [1, 2]
    wrong = client.post("/targets/sheet", {"file": SimpleUploadedFile("t.csv", b"A,B\n1,2\n"), "measure": "won_amount", "year": "2026"})
    assert wrong.status_code == 422
    assert "No column" in wrong.content.decode()
    assert client_of(cast.bob).get("/targets/sheet").status_code == 403


def test_a_seller_sees_their_own_target_on_the_first_page(cast: Cast, client_of: Any) -> None:
    today = cast.bob.locale.today
    month, year = containing(today, "month"), containing(today, "year")
    for period, value, measure in ((year.name, 900, "won_amount"), (month.name, 100, "won_amount"), (year.name, 12, "activities")):
        aim(value, by=cast.alice, owner=cast.bob.pk, period=period, measure=measure)
    won(cast, cast.bob, 25, str(month.first))
    won(cast, cast.alice, 70, str(month.first))
    assert [(one.text, one.share) for one in mine(cast.bob)] == [("$25", 25)]
    page = client_of(cast.bob).get("/numbers", headers={"HX-Request": "true"}).content.decode()
    assert "25% of $100" in page
    assert mine(cast.charlie) == []
