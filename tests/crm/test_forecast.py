"""The forecast: it adds up to the lists behind it, shows nobody what they may not see, and keeps what people say apart."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from itertools import product
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from guanxi.access.models import FieldRight, User
from guanxi.crm.forecast.categories import CATEGORIES
from guanxi.crm.forecast.figures import Forecast, Row, forecast
from guanxi.crm.forecast.judging import Subject, history, judge, undo
from guanxi.crm.forecast.model import Judgement
from guanxi.crm.forecast.spans import Span, named
from guanxi.entity.actors import Level
from guanxi.entity.conditions import compile as compile_condition
from guanxi.entity.conditions import parse
from guanxi.entity.registry import entity_named
from guanxi.record.memory import raise_epoch
from guanxi.record.reach import visible
from guanxi.record.refusals import Forbidden, Missing, Refused
from tests.cast import Cast, make, person

pytestmark = pytest.mark.django_db
SPAN = Span("2026-Q4", dt.date(2026, 10, 1), dt.date(2027, 1, 1))
DAY, BEFORE = "2026-11-11", "2026-09-30"


def deals(cast: Cast) -> None:
    """One of every stage, own category and day, for everyone, for nobody, and of somebody in no team."""
    zoe = person("zoe", "Zoe", None, [cast.roles["seller"]])
    owners = [cast.alice, cast.bob, cast.charlie, None, zoe]
    several = product(owners, cast.pipeline.stages.all(), ("", "best", "omitted", "commit"), (DAY, BEFORE))
    for amount, (owner, stage, own, day) in enumerate(several, 1):
        lost = {"loss_reason": make("loss_reasons", name=f"R{amount}").pk} if stage.outcome == "lost" else {}
        team = {"team": cast.harbour.pk} if owner is None else {}
        make(
            "deals", name=f"D{amount}", stage=stage.pk, forecast=own, amount=amount, currency="USD", closes_on=day,
            owner=owner.pk if owner else None, **lost, **team,
        )  # fmt: skip


def sold(owner: Any, stage: Any, amount: Any = 100, *, day: str = DAY, currency: str = "USD", **values: Any) -> Any:
    return make("deals", name="D", owner=owner.pk, stage=stage.pk, amount=amount, currency=currency, closes_on=day, **values)


def row(whole: Forecast, title: str) -> Row:
    return next(one for one in whole.rows() if one.title == title)


def test_every_figure_is_the_total_of_the_list_it_leads_to(cast: Cast) -> None:
    deals(cast)
    for amount, owner in ((7000, cast.charlie), (9000, User.objects.get(username="zoe"))):
        sold(owner, cast.stage("Won"), amount, readers=[cast.alice.pk, cast.bob.pk])
    entity = entity_named("deals")
    assert [one.kind for one in forecast(cast.alice, SPAN).under(None)] == ["team", "nobody", "others"]
    for reader in (cast.admin, cast.alice, cast.bob, cast.charlie):
        whole = forecast(reader, SPAN)
        several = [whole.total, *whole.rows()]
        for one, name in product(several, CATEGORIES):
            where = compile_condition(parse(whole.condition(one, name)), entity, reader)
            found = list(visible(entity, to=reader).filter(where))
            assert sum(deal.amount for deal in found) == one.sums.amounts[name], (reader, one.title, name)
            assert len(found) == one.sums.counts[name], (reader, one.title, name)


def test_parts_add_up_to_the_whole(cast: Cast) -> None:
    deals(cast)
    whole = forecast(cast.admin, SPAN)
    for name in CATEGORIES:
        assert sum(one.sums.amounts[name] for one in whole.under(None)) == whole.total.sums.amounts[name] > 0
        for team in whole.teams:
            assert sum(one.sums.amounts[name] for one in whole.under(team)) == whole.team(team).sums.amounts[name]
    assert whole.total.forecast == whole.total.sums.raw


def test_the_deal_says_its_category_or_else_its_stage_does(cast: Cast) -> None:
    bob, stage = cast.bob, cast.stage
    sold(bob, stage("Negotiation"), 1)
    sold(bob, stage("Proposal"), 10)
    sold(bob, stage("New"), 100, forecast="commit")
    sold(bob, stage("Negotiation"), 1000, forecast="omitted")
    sold(bob, stage("Won"), 10000, forecast="omitted")
    sums = forecast(bob, SPAN).total.sums
    assert sums.amounts == {"closed": 10000, "commit": 101, "best": 10, "pipeline": 0, "omitted": 1000}
    assert sums.weighted == Decimal(10000) + Decimal("0.8") + Decimal(5) + Decimal(10)


def test_a_new_stage_takes_the_category_that_suits_its_probability(cast: Cast) -> None:
    made = [make("stages", name=f"S{sure}", probability=sure) for sure in ("0.2", "0.5", "0.9")]
    assert [one.forecast for one in made] == ["pipeline", "best", "commit"]
    assert make("stages", name="Signed", outcome="won").forecast == "closed"


def test_a_seller_sees_himself_a_manager_her_team_and_charlie_neither(cast: Cast) -> None:
    for owner in (cast.alice, cast.bob, cast.charlie):
        sold(owner, cast.stage("Won"))
    make("deals", name="Shown", owner=cast.charlie.pk, readers=[cast.bob.pk], stage=cast.stage("Won").pk, amount=5, closes_on=DAY)
    assert [one.title or one.kind for one in forecast(cast.bob, SPAN).rows()] == ["Bob Reyes", "others"]
    assert [one.sums.raw for one in forecast(cast.bob, SPAN).rows()] == [100, 5]
    assert forecast(cast.bob, SPAN).total.sums.raw == 105
    assert [one.title for one in forecast(cast.alice, SPAN).rows()] == ["Harbour", "Alice Chen", "Bob Reyes"]
    assert forecast(cast.alice, SPAN).total.sums.raw == 200
    assert forecast(cast.admin, SPAN).total.sums.raw == 305


def test_hidden_amounts_leave_counts_and_hidden_stages_leave_nothing(cast: Cast, client_of: Any) -> None:
    sold(cast.bob, cast.stage("Won"), 987654)
    judge(Subject(person=cast.bob), SPAN, None, by=cast.bob, amount=Decimal(123321))
    FieldRight.objects.create(role=cast.roles["seller"], entity="deals", field="amount", level=Level.MASKED)
    raise_epoch()
    client, bob = client_of(cast.bob), type(cast.bob).objects.get(pk=cast.bob.pk)
    page = client.get("/deals/forecast?period=2026-Q4").content.decode()
    assert "987,654" not in page
    assert "123,321" not in page
    assert ">1</a>" in page
    told = client.get("/api/v1/deals/figures/forecast?period=2026-Q4").json()
    assert "987654" not in str(told)
    assert "123321" not in str(told)
    assert told["data"][0]["closed"]["deals"] == 1
    assert told["data"][0]["closed"]["amount"] is None
    with pytest.raises(Forbidden):
        judge(Subject(person=bob), SPAN, None, by=bob, amount=Decimal(1))
    FieldRight.objects.create(role=cast.roles["seller"], entity="deals", field="stage", level=Level.HIDDEN)
    raise_epoch()
    assert client_of(cast.bob).get("/deals/forecast").status_code == 403
    assert client_of(cast.bob).get("/api/v1/deals/figures/forecast").status_code == 403


def test_currencies_are_converted_by_the_rate_of_the_day_and_what_has_none_is_told(cast: Cast, client_of: Any) -> None:
    make("rates", currency="EUR", base="USD", starts_on="2026-01-01", rate=2)
    make("rates", currency="EUR", base="USD", starts_on="2026-11-01", rate=3)
    sold(cast.bob, cast.stage("Won"), 100, day="2026-10-10", currency="EUR")
    sold(cast.bob, cast.stage("Won"), 100, currency="EUR")
    sold(cast.bob, cast.stage("Won"), 7)
    sold(cast.bob, cast.stage("Won"), 55, currency="JPY")
    whole = forecast(cast.bob, SPAN)
    assert whole.total.sums.raw == 507
    assert whole.found.converter.missing == {"JPY": 55}
    page = client_of(cast.bob).get("/deals/forecast?period=2026-Q4").content.decode()
    assert "no exchange rate into USD is known: ¥55" in page
    assert "Converted from EUR" in page


def test_what_people_say_stands_beside_the_sums_and_is_undone_step_by_step(cast: Cast) -> None:
    sold(cast.bob, cast.stage("Won"), 100)
    bob, alice = Subject(person=cast.bob), cast.alice

    def said() -> tuple[Any, Any, Any, Any]:
        one = row(forecast(alice, SPAN), "Bob Reyes")
        return one.sums.raw, one.own and one.own.amount, one.override and one.override.amount, one.forecast

    assert said() == (100, None, None, 100)
    judge(bob, SPAN, None, by=cast.bob, amount=Decimal(150))
    assert said() == (100, 150, None, 150)
    first = judge(bob, SPAN, None, by=alice, amount=Decimal(120), note="Too hopeful")
    second = judge(bob, SPAN, None, by=alice, amount=Decimal(130), note="A little")
    assert said() == (100, 150, 130, 130)
    assert row(forecast(alice, SPAN), "Harbour").forecast == 130
    undo(second.pk, by=alice)
    assert said() == (100, 150, 120, 120)
    undo(first.pk, by=alice)
    assert said() == (100, 150, None, 150)
    with pytest.raises(Refused):
        undo(first.pk, by=alice)
    assert Judgement.objects.count() == 5
    assert [one.amount for one in history(bob, SPAN, None, to=alice)] == [130, 120, 150]
    assert [one.amount for one in history(bob, SPAN, None, to=cast.bob)] == [150]


def test_a_team_can_be_judged_and_other_periods_do_not_hear_of_it(cast: Cast) -> None:
    sold(cast.bob, cast.stage("Won"), 100)
    judge(Subject(team=cast.harbour), SPAN, None, by=cast.alice, amount=Decimal(500), note="Trade fair")
    whole = forecast(cast.admin, SPAN)
    assert (row(whole, "Harbour").sums.raw, row(whole, "Harbour").forecast, whole.total.forecast) == (100, 500, 500)
    assert whole.total.sums.raw == 100
    assert row(forecast(cast.admin, named("2026-11")), "Harbour").override is None
    assert row(forecast(cast.admin, SPAN, cast.pipeline.pk), "Harbour").override is None


def test_nobody_judges_what_is_not_theirs(cast: Cast) -> None:
    for subject, by in (
        (Subject(person=cast.alice), cast.bob),
        (Subject(team=cast.harbour), cast.bob),
        (Subject(person=cast.charlie), cast.alice),
        (Subject(team=cast.airport), cast.alice),
    ):
        with pytest.raises(Forbidden):
            judge(subject, SPAN, None, by=by, amount=Decimal(1), note="x")
    said = judge(Subject(person=cast.bob), SPAN, None, by=cast.alice, amount=Decimal(1), note="x")
    for by in (cast.bob, cast.charlie):
        with pytest.raises(Missing):
            undo(said.pk, by=by)
    with pytest.raises(Refused):
        judge(Subject(person=cast.bob), SPAN, None, by=cast.alice, amount=Decimal(1))
    with pytest.raises(Refused):
        judge(Subject(person=cast.bob), SPAN, None, by=cast.bob, amount=Decimal("1e17"))


def test_the_page_and_the_api_tell_the_same(cast: Cast, client_of: Any) -> None:
    sold(cast.bob, cast.stage("Won"), 4321)
    client = client_of(cast.alice)
    page = client.get("/deals/forecast?period=2026-Q4").content.decode()
    assert ">4,321 <" in page
    assert "Q4 2026" in page
    assert "Bob Reyes" in page
    told = client.get("/api/v1/deals/figures/forecast?period=2026-Q4").json()
    assert [(one["kind"], one["title"], one["raw"]) for one in told["data"]] == [
        ("total", "", "4321.00"), ("team", "Harbour", "4321.00"), ("person", "Alice Chen", "0.00"), ("person", "Bob Reyes", "4321.00"),
    ]  # fmt: skip
    for asked in (
        "period=x",
        "period=2026-Q9",
        "period=0000",
        "pipeline=999",
        "team=999",
        "team=a",
        "pipeline=%00",
        "period=9999-Q4",
        "team=٣",
    ):
        assert client.get(f"/deals/forecast?{asked}").status_code in {404, 422}, asked
    assert client.get("/api/v1/deals/figures/forecast?period=x").status_code == 400
    assert client.get("/api/v1/deals/figures/none").status_code == 404


def test_it_takes_as_many_queries_for_many_as_for_one(cast: Cast) -> None:
    sold(cast.bob, cast.stage("Won"))
    forecast(cast.admin, SPAN)
    with CaptureQueriesContext(
        connection,
    ) as one:
        forecast(cast.admin, SPAN)
    deals(cast)
    forecast(cast.admin, SPAN)
    with CaptureQueriesContext(connection) as many:
        forecast(cast.admin, SPAN)
    assert len(one) == len(many) == 3


@pytest.mark.parametrize("name", ["2026", "2026-Q1", "2026-12", "1971", "2199-Q3"])
def test_periods_come_one_after_another(name: str) -> None:
    span = named(name)
    assert span.first <= span.after - dt.timedelta(1)
    assert span.moved(-1).after == span.first
    assert span.moved(1).first == span.after
    assert isinstance(span, Span)
