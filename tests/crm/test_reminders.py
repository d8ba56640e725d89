"""Owners are reminded of records for which a condition has come to hold: once, of what is theirs to see, and not of what they may not read."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest

from guanxi.access.models import FieldRight, User
from guanxi.crm.reminders import reminding
from guanxi.crm.reminders.model import Reminder
from guanxi.crm.reminders.reminding import remind
from guanxi.crm.reminders.starting import USUAL, start_reminders
from guanxi.crm.starting import company_day
from guanxi.entity.actors import Level
from guanxi.record.changes import delete, edit
from guanxi.record.memory import raise_epoch
from guanxi.record.models import Notification
from guanxi.record.refusals import Refused
from tests.cast import Cast, make

pytestmark = pytest.mark.django_db


def a_deal(owner: Any, **values: Any) -> Any:
    return make("deals", **{"name": "Cranes", "owner": owner.pk, "next_step": "call", **values})


def a_reminder(**values: Any) -> Any:
    return make("reminders", **{"name": "Call them", "of": "deals", "condition": 'next_step = "call"', **values})


def told(person: Any) -> list[Notification]:
    return list(Notification.objects.filter(user=person, what__in=["reminder", "reminders"]).order_by("pk"))


def test_an_owner_is_told_once_while_it_holds_and_again_when_it_holds_anew(cast: Cast, client_of: Any) -> None:
    a_reminder()
    deal = a_deal(cast.bob)
    assert (remind(), remind()) == (1, 0)
    (news,) = told(cast.bob)
    assert (news.entity, news.record_id) == ("deals", deal.pk)
    assert "Call them: " in client_of(cast.bob).get("/inbox").content.decode()
    edit(deal, {"next_step": "wait"}, by=cast.bob)
    assert remind() == 0
    edit(deal, {"next_step": "call"}, by=cast.bob)
    assert (remind(), len(told(cast.bob))) == (1, 2)


def test_everybody_reads_it_in_their_language(cast: Cast, client_of: Any) -> None:
    a_reminder(name_zh="打电话")
    a_deal(cast.bob), a_deal(cast.charlie)
    User.objects.filter(pk=cast.charlie.pk).update(language="zh-hans")
    remind()
    assert [told(person)[0].values["reminder"] for person in (cast.bob, cast.charlie)] == ["Call them", "打电话"]
    assert "打电话：Cranes" in re.sub("<[^>]*>", "", client_of(User.objects.get(pk=cast.charlie.pk)).get("/inbox").content.decode())


def test_many_are_told_as_how_many_with_the_list_of_them(cast: Cast, client_of: Any) -> None:
    a_reminder()
    for number in range(4):
        a_deal(cast.bob, name=f"Deal {number}")
    a_deal(cast.bob, name="Other", next_step="wait")
    assert remind() == 4
    (news,) = told(cast.bob)
    assert news.values["count"] == 4
    answer = client_of(cast.bob).get(f"/inbox/{news.pk}", follow=True)
    html = answer.content.decode()
    assert [f"Deal {number}" in html for number in range(4)] == [True] * 4
    assert ">Other<" not in html


def test_whoever_owns_it_now_is_told_too_and_nobody_of_what_is_in_the_trash(cast: Cast) -> None:
    a_reminder()
    deal = a_deal(cast.bob)
    remind()
    edit(deal, {"owner": cast.charlie.pk}, by=cast.admin)
    assert (remind(), len(told(cast.charlie)), len(told(cast.bob))) == (1, 1, 1)
    gone = a_deal(cast.bob)
    delete(gone, by=cast.admin)
    type(cast.bob).objects.filter(pk=cast.alice.pk).update(is_active=False)
    a_deal(cast.alice)
    assert remind() == 0


def test_nobody_is_reminded_by_what_they_may_not_read(cast: Cast) -> None:
    reminder = a_reminder(condition="amount > 1000")
    a_deal(cast.bob, amount="5000", currency="USD")
    FieldRight.objects.create(role=cast.roles["seller"], entity="deals", field="amount", level=Level.MASKED)
    raise_epoch()
    assert (remind(), told(cast.bob)) == (0, [])
    FieldRight.objects.all().delete()
    raise_epoch()
    edit(reminder, {"active": False}, by=cast.admin)
    assert remind() == 0
    edit(reminder, {"active": True}, by=cast.admin)
    assert remind() == 1


def test_a_run_that_ended_in_the_middle_tells_the_others_only(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    a_reminder()
    a_deal(cast.bob), a_deal(cast.charlie)
    said, real = [], reminding.tell

    def once(users: Any, *rest: Any, **values: Any) -> int:
        if said:
            raise KeyboardInterrupt
        said.append(users)
        return real(users, *rest, **values)

    monkeypatch.setattr(reminding, "tell", once)
    with pytest.raises(KeyboardInterrupt):
        remind()
    monkeypatch.undo()
    assert remind() == 1
    assert (len(told(cast.bob)), len(told(cast.charlie))) == (1, 1)


@pytest.mark.parametrize(
    ("condition", "said"), [("", "Fill this in"), ("  ", "Fill this in"), ("nxt_step = 1", "next_step"), ("amount >", "")]
)
def test_a_condition_that_says_nothing_or_is_wrong_is_refused(cast: Cast, condition: str, said: str) -> None:
    with pytest.raises(Refused) as refused:
        a_reminder(condition=condition)
    assert said in refused.value.errors["condition"]


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_usual_ones_find_what_expires_and_falls_due(cast: Cast, language: str) -> None:
    start_reminders(language)
    start_reminders(language)
    assert Reminder.objects.count() == len(USUAL)
    today = company_day()
    account = make("accounts", name="Northwind", owner=cast.bob.pk, currency="USD")
    for days in (-40, -2, 1, 9):
        day = (today + dt.timedelta(days)).isoformat()
        make("instalments", account=account.pk, amount=5, currency="USD", due_on=day, owner=cast.bob.pk)
        quote = make("quotes", name=f"Quote {days}", account=account.pk, owner=cast.bob.pk, currency="USD", valid_until=day)
        type(quote).objects.filter(pk=quote.pk).update(status="sent")
    assert remind() == 1 + 1 + 1 + 2  # of quotes only what expired within 30 days
    assert {news.values["reminder"] for news in told(cast.bob)} == {one[2 + int(language != "en")] for one in USUAL}
