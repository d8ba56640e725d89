"""Snapshots and what lies between them: the effects add up to the difference, whatever happens to deals."""

from __future__ import annotations

import datetime as dt
import random
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import Count

from guanxi.access.models import FieldRight
from guanxi.crm.forecast.model import DealState
from guanxi.crm.forecast.slippage import EFFECTS, accuracy, slippage
from guanxi.crm.forecast.snapshots import take
from guanxi.crm.forecast.spans import Span, named
from guanxi.crm.models import Deal
from guanxi.entity.actors import Level
from guanxi.record.changes import delete, edit
from guanxi.record.memory import raise_epoch
from guanxi.record.merging import merge, unmerge
from tests.cast import Cast, make

pytestmark = pytest.mark.django_db
SPAN = Span("2026-Q4", dt.date(2026, 10, 1), dt.date(2027, 1, 1))
FIRST = dt.date(2026, 10, 1)


def a_deal(cast: Cast, owner: Any, **values: Any) -> Any:
    given = {"stage": cast.stage("New").pk, "amount": 100, "currency": "USD", "closes_on": "2026-11-11", **values}
    return make("deals", name="D", owner=owner.pk, **given)


def test_each_thing_that_happens_is_an_effect_of_its_own(cast: Cast) -> None:
    bob = cast.bob
    one = {name: a_deal(cast, bob) for name in ("grown", "shrunk", "out", "omitted", "won", "lost", "gone", "same")}
    late = a_deal(cast, bob, closes_on="2027-02-02")
    take(FIRST)
    edit(one["grown"], {"amount": 150}, by=bob)
    edit(one["shrunk"], {"amount": 70}, by=bob)
    edit(one["out"], {"closes_on": "2027-01-01"}, by=bob)
    edit(one["omitted"], {"forecast": "omitted"}, by=bob)
    edit(one["won"], {"stage": cast.stage("Won").pk}, by=bob)
    edit(one["lost"], {"loss_reason": make("loss_reasons", name="R").pk}, by=bob)
    edit(one["lost"], {"stage": cast.stage("Lost").pk}, by=bob)
    delete(one["gone"], by=bob)
    edit(late, {"closes_on": "2026-12-31"}, by=bob)
    a_deal(cast, bob, amount=33)
    take(FIRST + dt.timedelta(1))
    found = slippage(bob, SPAN, FIRST, FIRST + dt.timedelta(1))
    # What is in the trash is no more the reader's to see, on either day.
    assert (found.start, found.end) == (700, 453)
    assert found.effects == {"new": 33, "in": 100, "grown": 50, "shrunk": -30, "out": -200, "won": -100, "lost": -100, "gone": 0}
    assert found.end - found.start == sum(found.effects.values())


@pytest.mark.parametrize("seed", range(3))
def test_effects_add_up_to_the_difference(cast: Cast, seed: int) -> None:
    chance = random.Random(seed)
    deals = [a_deal(cast, cast.bob) for _deal in range(12)]
    for day in range(6):
        for deal in chance.sample(deals, 8):
            Deal.objects.filter(pk=deal.pk).update(
                amount=chance.choice([None, 0, 10, 999]), outcome=chance.choice(["open", "open", "won", "lost"]),
                forecast=chance.choice(["", "commit", "omitted"]), closes_on=chance.choice(["2026-09-30", "2026-10-01", "2026-12-31", None]),
                currency=chance.choice(["USD", "EUR"]),
            )  # fmt: skip
        take(FIRST + dt.timedelta(day))
    make("rates", currency="EUR", base="USD", starts_on="2020-01-01", rate=Decimal("1.37"))
    for since in range(6):
        found = slippage(cast.alice, SPAN, FIRST + dt.timedelta(since), FIRST + dt.timedelta(5))
        assert found.end - found.start == sum(found.effects.values())
    assert set(found.effects) == set(EFFECTS)


def test_a_snapshot_is_taken_again_without_harm_and_costs_only_what_changed(cast: Cast) -> None:
    deal = a_deal(cast, cast.bob)
    a_deal(cast, cast.bob)
    assert [take(FIRST), take(FIRST), take(FIRST + dt.timedelta(1))] == [2, 0, 0]
    edit(deal, {"amount": 1}, by=cast.bob)
    assert [take(FIRST + dt.timedelta(1)), take(FIRST + dt.timedelta(1))] == [1, 0]
    edit(deal, {"amount": 2}, by=cast.bob)
    assert take(FIRST + dt.timedelta(1)) == 1
    assert [(one.taken_on.day, int(one.amount)) for one in DealState.objects.filter(deal=deal).order_by("taken_on")] == [(1, 100), (2, 2)]
    assert list(DealState.objects.filter(deal=deal).order_by("taken_on").values_list("until", "first_on")) == [
        (FIRST + dt.timedelta(1), FIRST), (None, FIRST),
    ]  # fmt: skip
    edit(deal, {"amount": 3}, by=cast.bob)
    assert take(FIRST) == 0, "what was later is known: days do not go back"


def test_deals_that_change_their_currency_are_weighed_one_by_one(cast: Cast) -> None:
    make("rates", currency="EUR", base="USD", starts_on="2020-01-01", rate=Decimal("1.5"))
    dearer, cheaper = a_deal(cast, cast.bob, amount=100), a_deal(cast, cast.bob, amount=100)
    take(FIRST)
    edit(dearer, {"amount": 90, "currency": "EUR"}, by=cast.bob)
    edit(cheaper, {"amount": 50, "currency": "EUR"}, by=cast.bob)
    take(FIRST + dt.timedelta(1))
    found = slippage(cast.bob, SPAN, FIRST, FIRST + dt.timedelta(1))
    assert (found.effects["grown"], found.effects["shrunk"]) == (35, -25)
    assert (found.counts["grown"], found.counts["shrunk"]) == (1, 1)


def test_of_merged_deals_the_kept_one_counts_with_what_it_was(cast: Cast) -> None:
    kept, gone = a_deal(cast, cast.bob, amount=100), a_deal(cast, cast.bob, amount=70)
    take(FIRST)
    edit(gone, {"amount": 80}, by=cast.bob)
    take(FIRST + dt.timedelta(1))
    edit(kept, {"amount": 110}, by=cast.bob)
    take(FIRST + dt.timedelta(2))
    done = merge(kept, gone, {}, by=cast.admin)
    take(FIRST + dt.timedelta(3))
    found = slippage(cast.bob, SPAN, FIRST, FIRST + dt.timedelta(3))
    assert (found.start, found.end, found.effects["grown"]) == (100, 110, 10)
    starts = [slippage(cast.bob, SPAN, FIRST + dt.timedelta(day), FIRST + dt.timedelta(3)).start for day in range(3)]
    assert starts == [100, 100, 110], "what the other one was on those days counts no more"
    unmerge(done, by=cast.admin)
    take(FIRST + dt.timedelta(4))
    found = slippage(cast.bob, SPAN, FIRST, FIRST + dt.timedelta(4))
    assert (found.start, found.end, found.effects["grown"]) == (170, 190, 20)
    assert not DealState.objects.filter(until__isnull=True).values("deal").annotate(n=Count("pk")).filter(n__gt=1).exists()


def test_commitments_are_held_against_what_was_won(cast: Cast) -> None:
    deals = [a_deal(cast, cast.bob, amount=amount, stage=cast.stage("Negotiation").pk, closes_on="2026-08-08") for amount in (100, 300)]
    take(dt.date(2026, 6, 30))
    edit(deals[0], {"amount": 200}, by=cast.bob)
    take(dt.date(2026, 8, 1))
    edit(deals[0], {"closed_on": "2026-08-20", "stage": cast.stage("Won").pk}, by=cast.bob)
    Deal.objects.filter(pk=deals[0].pk).update(closed_on="2026-08-20")
    take(dt.date(2026, 8, 20))
    (found,) = accuracy(cast.alice, named("2026-Q3"))
    assert (found.start, found.half, found.won, found.rate, found.known) == (400, 500, 200, 40, True)
    assert [one.half for one in accuracy(cast.charlie, named("2026-Q3"), named("2026-Q2"))] == [0, 0]
    assert found.missing == set()
    Deal.objects.filter(pk=deals[1].pk).update(currency="EUR")
    DealState.objects.filter(deal=deals[1]).update(currency="EUR")
    (found,) = accuracy(cast.alice, named("2026-Q3"))
    assert (found.start, found.half, found.won, found.missing) == (100, 200, 200, {"EUR"})


def test_charlie_sees_nothing_of_it_and_hidden_amounts_close_the_page(cast: Cast, client_of: Any) -> None:
    deal = a_deal(cast, cast.bob, amount=54321)
    today = cast.bob.locale.today
    edit(deal, {"closes_on": today.isoformat()}, by=cast.bob)
    take(today)
    month = f"{today.year}-{today.month:02}"
    assert "$54,321" in client_of(cast.bob).get(f"/deals/forecast/changes?period={month}").content.decode()
    assert "54,321" not in client_of(cast.charlie).get(f"/deals/forecast/changes?period={month}").content.decode()
    told = client_of(cast.alice).get(f"/api/v1/deals/figures/slippage?period={month}").json()
    assert told["effects"]["new"] == {"deals": 1, "amount": "54321.00"}
    FieldRight.objects.create(role=cast.roles["seller"], entity="deals", field="amount", level=Level.MASKED)
    raise_epoch()
    assert client_of(cast.bob).get("/deals/forecast/changes").status_code == 403
    assert client_of(cast.bob).get("/api/v1/deals/figures/slippage").status_code == 403
