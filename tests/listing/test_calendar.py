"""The calendar: records on their days, moved by setting the date they come from."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest

from tests.cast import Cast, make

pytestmark = pytest.mark.django_db


def on_days(html: str) -> dict[str, list[str]]:
    parts = re.split(r'<section class="lane[^"]*" data-lane="([^"]*)"', html)[1:]
    days = {parts[at]: re.findall(r'data-name="([^"]*)"', parts[at + 1]) for at in range(0, len(parts), 2)}
    return {day: names for day, names in days.items() if names}


def test_records_lie_on_their_days_of_the_month_and_of_the_weeks_around_it(cast: Cast, client_of: Any) -> None:
    for name, day in (("a", "2026-10-26"), ("b", "2026-11-05"), ("c", "2026-11-05"), ("d", "2026-12-06"), ("e", "2026-12-07"), ("f", None)):
        make("deals", name=name, closes_on=day, owner=cast.bob.pk)
    html = client_of(cast.bob).get("/deals?view=all&shape=calendar&day=2026-11-20").content.decode()
    assert on_days(html) == {"2026-10-26": ["a"], "2026-11-05": ["b", "c"], "2026-12-06": ["d"]}
    week = client_of(cast.bob).get("/deals?view=all&shape=calendar&span=week&day=2026-11-05").content.decode()
    assert on_days(week) == {"2026-11-05": ["b", "c"]}


def test_moments_lie_on_the_day_of_the_readers_time_zone(cast: Cast, client_of: Any) -> None:
    make("activities", subject="Call", kind="call", owner=cast.bob.pk, due_at="2026-11-05T16:30:00Z")
    html = client_of(cast.bob).get("/activities?view=all&shape=calendar&day=2026-11-05").content.decode()
    assert on_days(html) == {"2026-11-06": ["Call"]}
    assert "00:30" in html


def test_a_full_day_shows_some_and_leads_to_all(cast: Cast, client_of: Any) -> None:
    for place in range(9):
        make("deals", name=f"Deal {place}", closes_on="2026-11-05", owner=cast.bob.pk)
    client = client_of(cast.bob)
    html = client.get("/deals?view=all&shape=calendar&day=2026-11-05").content.decode()
    assert len(on_days(html)["2026-11-05"]) == 4
    more = re.search(r'<a class="more" href="([^"]+)"', html)
    assert more is not None
    assert len(re.findall(r'<tr id="r\d+"', client.get(more[1].replace("&amp;", "&")).content.decode())) == 9


def test_a_deal_dragged_to_another_day_closes_then(cast: Cast, client_of: Any) -> None:
    deal = make("deals", name="Deal", closes_on="2026-11-05", owner=cast.bob.pk)
    answer = client_of(cast.bob).post(f"/deals/{deal.pk}/day", {"lane": "2026-11-19"})
    assert answer.status_code == 200
    deal.refresh_from_db()
    assert deal.closes_on == dt.date(2026, 11, 19)


def test_a_planned_activity_dragged_is_due_then_at_the_same_hour_and_a_done_one_done(cast: Cast, client_of: Any) -> None:
    planned = make("activities", subject="Visit", kind="visit", owner=cast.bob.pk, due_at="2026-11-05T02:30:00Z")
    done = make("activities", subject="Call", kind="call", owner=cast.bob.pk, done_at="2026-11-05T03:00:00Z", due_at="2026-11-01T03:00:00Z")
    client = client_of(cast.bob)
    for activity in (planned, done):
        assert client.post(f"/activities/{activity.pk}/day", {"lane": "2026-11-12"}).status_code == 200
        activity.refresh_from_db()
    assert planned.due_at == planned.at == dt.datetime(2026, 11, 12, 2, 30, tzinfo=dt.UTC)
    assert done.done_at == done.at == dt.datetime(2026, 11, 12, 3, 0, tzinfo=dt.UTC)
    assert done.due_at == dt.datetime(2026, 11, 1, 3, 0, tzinfo=dt.UTC)


def test_nobody_moves_what_they_may_not_edit(cast: Cast, client_of: Any) -> None:
    deal = make("deals", name="Deal", closes_on="2026-11-05", owner=cast.bob.pk)
    assert client_of(cast.charlie).post(f"/deals/{deal.pk}/day", {"lane": "2026-11-19"}).status_code == 404
    assert client_of(cast.bob).post(f"/deals/{deal.pk}/day", {"lane": "soon"}).status_code == 422
    deal.refresh_from_db()
    assert deal.closes_on == dt.date(2026, 11, 5)


def test_an_entity_without_a_date_has_no_calendar(cast: Cast, client_of: Any) -> None:
    answer = client_of(cast.admin).get("/accounts?view=all&shape=calendar")
    assert answer.status_code == 422
    assert "have no calendar" in answer.content.decode()
