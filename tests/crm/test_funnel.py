"""The funnel: every number is that of the list it leads to, whoever reads; stages that were skipped count as passed."""

from __future__ import annotations

import datetime as dt
import time
from threading import Event, Thread
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from guanxi.access.models import FieldRight
from guanxi.crm.deals.model import Deal, StagePeriod
from guanxi.crm.deals.verbs import change_pipeline, lose, move, reopen, win
from guanxi.crm.deals.walking import walk_again
from guanxi.crm.forecast.spans import Span
from guanxi.crm.funnel.asking import Asked
from guanxi.crm.funnel.figures import NOWHERE, Funnel, funnel
from guanxi.crm.pipelines.starting import make_pipeline
from guanxi.entity.actors import Level
from guanxi.entity.conditions import compile as compile_condition
from guanxi.entity.conditions import parse
from guanxi.entity.registry import entity_named
from guanxi.record.changes import edit
from guanxi.record.memory import raise_epoch
from guanxi.record.reach import visible
from tests.cast import Cast, make

pytestmark = pytest.mark.django_db
SPAN = Span("2026", dt.date(2026, 1, 1), dt.date(2027, 1, 1))
DAY, BEFORE = "2026-05-05", "2025-05-05"


def opened(owner: Any, amount: int = 100, *, on: str = DAY, **values: Any) -> Any:
    return make("deals", name="D", owner=owner.pk, amount=amount, currency="USD", opened_on=on, **values)


def went(cast: Cast, deal: Any, *names: str, reason: Any = None) -> Any:
    """Moved by an administrator through stages, won or lost in the end."""
    for name in names:
        if name == "Lost":
            lose(deal, by=cast.admin, loss_reason=reason.pk)
        elif name == "Won":
            win(deal, by=cast.admin)
        else:
            move(deal, cast.stage(name).pk, by=cast.admin)
        deal.refresh_from_db()
    return deal


def walk(cast: Cast) -> list[Any]:
    """Deals of everyone, on every kind of road."""
    price, timing = make("loss_reasons", name="Too dear"), make("loss_reasons", name="Too late")
    roads: list[tuple[tuple[str, ...], Any]] = [
        ((), None), (("Qualified",), None), (("Negotiation",), None), (("Negotiation", "Qualified"), None), (("Proposal", "Won"), None),
        (("Won",), None), (("Lost",), price), (("Qualified", "Proposal", "Lost"), price), (("Negotiation", "Qualified", "Lost"), timing),
    ]  # fmt: skip
    made = []
    for owner in (cast.alice, cast.bob, cast.charlie):
        for amount, (road, reason) in enumerate(roads, 1):
            made.append(went(cast, opened(owner, amount), *road, reason=reason))
        went(cast, opened(owner, on=BEFORE), "Qualified")
        made.append(
            make("deals", name="In lost", owner=owner.pk, stage=cast.stage("Lost").pk, loss_reason=price.pk, opened_on=DAY, amount=7)
        )
    return made


def numbers(whole: Funnel) -> list[tuple[Any, str]]:
    """Each group with the condition it stands for."""
    found = [(step.reached, whole.reached(place)) for place, step in enumerate(whole.steps)]
    found += [(step.here, whole.here(place)) for place, step in enumerate(whole.steps[:-1])]
    found += [(step.lost, whole.lost(place)) for place, step in enumerate(whole.steps[:-1])]
    found.append((whole.early.lost, whole.lost(NOWHERE)))
    for reason, by_place, together in whole.losses():
        found.append((together, whole.lost(None, reason, by_reason=True)))
        found += [(one, whole.lost(place, reason, by_reason=True)) for place, one in by_place.items()]
    return found


def test_every_number_is_that_of_the_list_it_leads_to(cast: Cast) -> None:
    walk(cast)
    entity = entity_named("deals")
    of_all = [(cast.admin, None, None), (cast.alice, None, None), (cast.alice, cast.harbour.pk, None), (cast.alice, None, cast.bob.pk)]
    counts = []
    for reader, team, owner in (*of_all, (cast.bob, None, None), (cast.charlie, None, None)):
        whole = funnel(reader, Asked(SPAN, cast.pipeline.pk, team, owner))
        several = numbers(whole)
        assert len(several) == 4 + 5 + 4 + 1 + 2 + 4
        for one, condition in several:
            rows = visible(entity, to=reader).filter(compile_condition(parse(condition), entity, reader))
            assert (one.count, one.amount) == (rows.count(), sum(row.amount for row in rows)), condition
            assert one.count > 0 or "stage" in condition or "last_open" in condition
        counts.append(whole.start.count)
    assert counts == [30, 20, 20, 10, 10, 10]


def test_who_skips_a_stage_has_passed_it_and_who_goes_back_has_been_there(cast: Cast) -> None:
    price = make("loss_reasons", name="Too dear")
    went(cast, opened(cast.bob), "Negotiation")
    went(cast, opened(cast.bob), "Proposal", "Qualified", "Lost", reason=price)
    went(cast, opened(cast.bob), "Won")
    opened(cast.bob)
    whole = funnel(cast.alice, Asked(SPAN, cast.pipeline.pk))
    assert [step.reached.count for step in whole.steps] == [4, 3, 3, 2, 1]
    assert [step.here.count for step in whole.steps] == [1, 0, 0, 1, 0]
    assert [step.lost.count for step in whole.steps] == [0, 1, 0, 0, 0]
    assert whole.rates(1) == (0.75, 0.75)
    assert whole.rates(4) == (0.5, 0.25)
    assert whole.rates(0) == (None, 1.0)
    ((reason, by_place, together),) = whole.losses()
    assert (reason, list(by_place), together.count) == (price.pk, [1], 1)


def test_a_deal_keeps_where_it_stood_last_and_furthest(cast: Cast) -> None:
    deal, price = opened(cast.bob), make("loss_reasons", name="Too dear")

    def stood() -> tuple[str, str]:
        deal.refresh_from_db()
        return deal.last_open.name if deal.last_open else "", deal.furthest.name if deal.furthest else ""

    assert stood() == ("New", "New")
    went(cast, deal, "Negotiation", "Qualified")
    assert stood() == ("Qualified", "Negotiation")
    went(cast, deal, "Lost", reason=price)
    assert stood() == ("Qualified", "Negotiation")
    reopen(deal, by=cast.admin)
    assert stood() == ("Qualified", "Negotiation")
    other = make_pipeline("zh-hans")
    change_pipeline(deal, other.pk, by=cast.admin)
    assert stood() == ("新建", "新建")


def test_the_furthest_stage_is_found_anew_when_stages_change_places(cast: Cast) -> None:
    deals = [opened(cast.bob) for _ in range(3)]
    went(cast, deals[0], "Negotiation", "Qualified")
    went(cast, deals[1], "Qualified")
    other = opened(cast.bob)
    change_pipeline(other, make_pipeline("zh-hans").pk, by=cast.admin)

    def furthest() -> list[str]:
        return [Deal.objects.values_list("furthest__name", flat=True).get(pk=deal.pk) for deal in (*deals, other)]

    assert furthest() == ["Negotiation", "Qualified", "New", "新建"]
    qualified, negotiation = cast.stage("Qualified"), cast.stage("Negotiation")
    jobs = ProcrastinateJob.objects.filter(task_name="walk_deals_again")
    edit(qualified, {"probability": "0.3"}, by=cast.admin)
    assert not jobs.exists()
    edit(qualified, {"position": negotiation.position + 1}, by=cast.admin)
    assert [job.args for job in jobs] == [{"pipeline": cast.pipeline.pk}]
    assert walk_again(cast.pipeline.pk) == 1
    assert furthest() == ["Qualified", "Qualified", "New", "新建"]
    assert walk_again(cast.pipeline.pk) == 0


def test_stays_that_ended_and_those_that_go_on_are_told_apart(cast: Cast) -> None:
    for days, ended in ((1, True), (2, True), (30, True), (5, False)):
        deal = opened(cast.bob)
        StagePeriod.objects.filter(deal=deal).update(began_at=timezone.now() - dt.timedelta(days=days))
        if ended:
            move(deal, cast.stage("Won").pk, by=cast.admin)
    first = funnel(cast.bob, Asked(SPAN, cast.pipeline.pk)).steps[0].stays
    assert first is not None
    assert (first.ended, first.still) == (3, 1)
    assert [round(one or 0, 1) for one in (first.median, first.mean, first.so_far)] == [2.0, 11.0, 5.0]


def test_hidden_fields_are_neither_shown_nor_grouped_by(cast: Cast, client_of: Any) -> None:
    price = make("loss_reasons", name="Too dear")
    went(cast, opened(cast.bob, 987654), "Qualified", "Lost", reason=price)
    ask = "/deals/funnel?period=2026"
    whole = client_of(cast.bob).get(ask).content.decode()
    assert "987,654" in whole
    assert "Too dear" in whole
    for name in ("amount", "loss_reason", "stage_since"):
        FieldRight.objects.create(role=cast.roles["seller"], entity="deals", field=name, level=Level.MASKED)
    raise_epoch()
    client = client_of(cast.bob)
    page, told = client.get(ask).content.decode(), client.get("/api/v1/deals/figures/funnel?period=2026").json()
    for text in ("987,654", "Too dear", "Days so far"):
        assert text not in page
    assert "987654" not in str(told)
    assert (told["data"][0]["reached"]["deals"], told["data"][0]["reached"]["amount"], told["data"][1]["losses"]) == (1, None, [])
    FieldRight.objects.create(role=cast.roles["seller"], entity="deals", field="stage", level=Level.HIDDEN)
    raise_epoch()
    assert client_of(cast.bob).get(ask).status_code == 403
    assert client_of(cast.bob).get("/api/v1/deals/figures/funnel").status_code == 403


def test_the_page_and_the_api_tell_the_same_and_refuse_the_unknown(cast: Cast, client_of: Any) -> None:
    walk(cast)
    client = client_of(cast.alice)
    told = client.get("/api/v1/deals/figures/funnel?period=2026").json()
    assert [(one["title"], one["reached"]["deals"], one["reached"]["amount"]) for one in told["data"]] == [
        ("New", 20, "104.00"), ("Qualified", 14, "74.00"), ("Proposal", 12, "70.00"), ("Negotiation", 10, "54.00"), ("Won", 4, "22.00"),
    ]  # fmt: skip
    assert told["data"][1]["from_start"] == 0.7
    assert told["lost_before"]["deals"] == 2
    with CaptureQueriesContext(
        connection,
    ) as asked:
        page = client.get("/deals/funnel?period=2026").content.decode()
    assert len(asked) <= 12
    assert "70%" in page
    assert "Bob Reyes" in page
    assert "Charlie Ng" not in page
    own = client.get(f"/api/v1/deals/figures/funnel?period=2026&owner={cast.bob.pk}").json()
    assert own["data"][0]["reached"]["deals"] == 10
    for wrong in ("period=x", "pipeline=999", "team=a", f"team={cast.airport.pk}", "owner=99999999999999999999"):
        assert client.get(f"/deals/funnel?{wrong}").status_code in {404, 422}, wrong
        assert client.get(f"/api/v1/deals/figures/funnel?{wrong}").status_code in {400, 404}, wrong
    assert client.get("/api/v1/deals/figures/funnel?by=owner").status_code == 400
    assert client.get(f"/api/v1/deals/figures/forecast?team={cast.harbour.pk}").status_code == 400


def test_amounts_of_other_currencies_are_converted_and_what_has_no_rate_is_told(cast: Cast, client_of: Any) -> None:
    make("rates", currency="EUR", base="USD", starts_on="2020-01-01", rate=2)
    opened(cast.bob, 100)
    for currency in ("EUR", "JPY"):
        make("deals", name=currency, owner=cast.bob.pk, amount=55, currency=currency, opened_on=DAY)
    whole = funnel(cast.bob, Asked(SPAN, cast.pipeline.pk))
    assert (whole.start.count, whole.start.amount, whole.start.priced) == (3, 210, 2)
    assert (whole.sums.missing, whole.sums.converted) == ({"JPY": 55}, ["EUR"])
    page = client_of(cast.bob).get("/deals/funnel?period=2026").content.decode()
    assert "no exchange rate into USD is known: ¥55" in page
    assert "Converted from EUR" in page


@pytest.mark.django_db(transaction=True)
def test_a_deal_that_is_moved_while_stages_change_places_keeps_how_far_it_came(cast: Cast) -> None:
    deal = went(cast, opened(cast.bob), "Qualified")
    Deal.objects.filter(pk=deal.pk).update(furthest=cast.stage("New"))
    begun = Event()

    def walk() -> None:
        begun.set()
        walk_again(cast.pipeline.pk)
        connection.close()

    other = Thread(target=walk)
    with transaction.atomic():
        move(deal, cast.stage("Negotiation").pk, by=cast.admin)
        other.start()
        begun.wait(10)
        time.sleep(1)
    other.join(20)
    assert Deal.objects.values_list("furthest__name", flat=True).get(pk=deal.pk) == "Negotiation"
