"""The demo company: what it shows of the past is true to what its records are now."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise

import pytest
from django.db.models import F
from django.utils import timezone

from guanxi.access.models import User
from guanxi.crm.bank.proposing import propose
from guanxi.crm.forecast.figures import forecast
from guanxi.crm.forecast.model import DealState, Judgement
from guanxi.crm.forecast.slippage import accuracy, slippage
from guanxi.crm.forecast.snapshots import take
from guanxi.crm.forecast.spans import containing
from guanxi.crm.models import BankLine, Deal, Order, Quote, Stage, Target
from guanxi.crm.starting import company_day
from guanxi.crm.targets.attainment import attainment
from guanxi.crm.targets.measures import MEASURES
from guanxi.crm.targets.queries import Aim
from guanxi.entity.registry import entity_named
from guanxi.record.memory import forget
from guanxi.record.models import Change, Notification
from guanxi.record.reach import visible
from guanxi.web.demo.company import Demo, Size, build

pytestmark = pytest.mark.django_db


def test_deals_of_the_demo_have_gone_from_stage_to_stage_since_they_were_opened_and_not_after_today() -> None:
    now = timezone.now()
    demo = Demo(Size(), now, lambda count: None)
    stages = [Stage(name=str(place), outcome="open" if place < 4 else "won" if place == 4 else "lost") for place in range(6)]
    for hours in range(1, 2000):
        opened = now - dt.timedelta(hours=hours)
        moments = [moment for moment, _stage in demo._road(opened, 1.0, stages)[0]]
        assert [opened, *moments, now] == sorted([opened, *moments, now])


def test_the_demo_has_targets_judgements_and_snapshots_that_are_true_to_its_deals() -> None:
    forget()
    build(Size(accounts=40, contacts=50, deals=160, activities=300, leads=10), lambda count: None)
    forget()
    today = company_day()
    assert not Change.objects.filter(at__gt=timezone.now()).exists()
    assert not Deal.objects.filter(closes_on__lt=F("opened_on")).exists()
    assert DealState.objects.filter(taken_on__gt=today).count() == 0
    assert take(today) == 0
    states = list(DealState.objects.order_by("deal", "taken_on"))
    pairs = [(one, other) for one, other in pairwise(states) if one.deal_id == other.deal_id and one.outcome == other.outcome == "open"]
    assert any(one.due_on != other.due_on for one, other in pairs)
    assert any(one.amount != other.amount for one, other in pairs)
    vera, bob = User.objects.get(username="vera"), User.objects.get(username="bob")
    quarter, month = containing(today, "quarter"), containing(today, "month")
    found = slippage(vera, containing(today - dt.timedelta(20), "year"), today - dt.timedelta(30), today)
    assert found.end - found.start == sum(found.effects.values())
    assert found.counts["won"]
    past = accuracy(vera, *(quarter.moved(-count) for count in (1, 2, 3)))
    assert all(one.known for one in past)
    assert any(one.won for one in past)
    before, now = forecast(vera, quarter.moved(-1)).total.target, forecast(vera, quarter).total.target
    assert before is not None
    assert now is not None
    assert before.done > 0
    assert Judgement.objects.filter(period=quarter.name, kind="own").exists()
    held = {name: attainment(vera, Aim(month, name)).total.held for name in MEASURES}
    assert {name for name, one in held.items() if one} >= {"activities", "meetings", "new_customers", "received_amount"}
    mine = attainment(bob, Aim(quarter))
    assert [row.title for row in mine.rows()] == ["Bob Reyes"]
    assert mine.total.held is not None
    assert Target.objects.filter(value__lte=0).count() == 0


def test_the_demo_has_bank_lines_for_those_who_can_match_them_and_orders_of_accepted_quotes() -> None:
    forget()
    build(Size(accounts=60, contacts=60, deals=260, activities=200, leads=10), lambda count: None)
    forget()
    owners = User.objects.filter(pk__in=BankLine.objects.values("owner"))
    for user in (*User.objects.filter(username__in=["admin", "alice", "yali"]), *owners):
        lines = list(visible(entity_named("bank_lines"), to=user).filter(amount__gt=40).order_by("pk"))
        proposals = propose(lines, by=user)
        assert lines, user.username
        assert [line.payer for line in lines if not proposals[line.pk]] == []
        assert any(several[0].fits for several in proposals.values())
    admin = User.objects.get(username="admin")
    assert any(several[0].payment for several in propose(list(BankLine.objects.order_by("pk")), by=admin).values())
    yali = User.objects.get(username="yali")
    assert set(BankLine.objects.filter(amount__lt=40).values_list("owner", flat=True)) == {yali.pk}
    assert Notification.objects.filter(what__in=["reminder", "reminders"]).exists(), "sellers are reminded of what is overdue"
    accepted = Quote.objects.filter(status="accepted")
    ordered = Order.objects.filter(quote__in=accepted).select_related("quote", "deal")
    assert accepted.count() * 0.6 < ordered.count() < accepted.count()
    for order in ordered:
        assert order.quote is not None
        assert order.ordered_on == order.quote.answered_on
        assert (order.total, order.deal, order.account) == (order.quote.total, order.quote.deal, order.quote.account)
