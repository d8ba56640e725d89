"""The chart on any list: its numbers are the list's, and each leads to its records."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from guanxi.entity.registry import entities, entity_named
from guanxi.surfaces.chart.series import draw, groupable, summable
from guanxi.surfaces.reading import count, rows
from guanxi.surfaces.views.asking import ask
from tests.cast import Cast, make
from tests.plenty import Plenty

pytestmark = pytest.mark.django_db


def numbers(html: str) -> dict[str, Any]:
    found = re.search(r'<gx-chart[^>]*><script type="application/json">(.*?)</script>', html)
    assert found is not None
    return json.loads(found[1])  # type: ignore[no-any-return]


@pytest.mark.parametrize("path", [one.path for one in entities() if one.group])
def test_every_datum_leads_to_exactly_its_records_and_all_together_are_the_list(path: str, cast: Cast, plenty: Plenty, rf: Any) -> None:
    entity = entity_named(path)
    plenty.of(path, 8)
    for one in groupable(entity, to=cast.admin):
        for bucket in ("week", "quarter") if one.k.name in {"date", "moment"} else ("",):
            asked = ask(rf.get(f"/{path}?condition=&shape=chart&group={one.name}&bucket={bucket}").GET, entity, to=cast.admin)
            drawn = draw(asked)
            ((_currency, values),) = drawn.series
            assert sum(values) == count(rows(asked.query, to=cast.admin)).number
            for group, value in zip(drawn.groups, values, strict=True):
                behind = ask(rf.get("/", {"condition": json.dumps(_json(group.condition))}).GET, entity, to=cast.admin)
                assert behind.problem == ""
                assert rows(behind.query, to=cast.admin).count() == value, (one.name, bucket, group.label)


def _json(tree: Any) -> Any:
    from guanxi.entity.conditions import to_json

    return to_json(tree)


@pytest.mark.parametrize("path", [one.path for one in entities() if one.group])
def test_every_number_can_be_summed_by_every_field(path: str, cast: Cast, plenty: Plenty, client_of: Any) -> None:
    entity = entity_named(path)
    plenty.of(path, 5)
    client = client_of(cast.admin)
    for by in groupable(entity, to=cast.admin):
        for what in [None, *summable(entity, to=cast.admin)]:
            answer = client.get(f"/{path}?condition=&shape=chart&group={by.name}&sum={what.name if what else ''}")
            assert answer.status_code == 200, (by.name, what)


def test_amounts_by_stage_are_in_the_stages_order_one_series_for_each_currency(cast: Cast, client_of: Any) -> None:
    for stage, amount, currency in (("Proposal", 10, "USD"), ("New", 5, "USD"), ("New", 7, "CNY"), ("New", 1, "USD")):
        make("deals", name="Deal", stage=cast.stage(stage).pk, amount=amount, currency=currency, owner=cast.bob.pk)
    told = numbers(client_of(cast.bob).get("/deals?view=all&shape=chart&group=stage&sum=amount").content.decode())
    assert told["labels"] == ["New", "Proposal"]
    assert [(one["label"], one["values"]) for one in told["series"]] == [("CNY", [7.0, 0.0]), ("USD", [6.0, 10.0])]


def test_months_without_records_are_shown_as_none_and_the_empty_last(cast: Cast, client_of: Any) -> None:
    for day in ("2026-09-30", "2026-11-01", "2026-11-30", None):
        make("deals", name="Deal", owner=cast.bob.pk, closes_on=day)
    client = client_of(cast.bob)
    told = numbers(client.get("/deals?view=all&shape=chart&group=closes_on&bucket=month").content.decode())
    assert (told["labels"], told["series"][0]["values"]) == (["Sep 2026", "Oct 2026", "Nov 2026", "None"], [1, 0, 2, 1])
    listed = client.get(told["links"][2]).content.decode()
    assert len(re.findall(r'<tr id="r\d+"', listed)) == 2


def test_days_are_those_of_the_readers_time_zone(cast: Cast, client_of: Any) -> None:
    make("activities", subject="Late call", kind="call", owner=cast.bob.pk, done_at="2026-10-31T17:30:00Z")
    told = numbers(client_of(cast.bob).get("/activities?view=all&shape=chart&group=at&bucket=month").content.decode())
    assert told["labels"] == ["Nov 2026"]
    assert "Late call" in client_of(cast.bob).get(told["links"][0]).content.decode()


def test_many_records_are_counted_after_the_page_is_there(cast: Cast, client_of: Any, monkeypatch: Any) -> None:
    for _place in range(3):
        make("deals", name="Deal", owner=cast.bob.pk)
    client = client_of(cast.bob)
    at_once = numbers(client.get("/deals?view=all&shape=chart").content.decode())
    monkeypatch.setattr("guanxi.surfaces.chart.pages.AT_ONCE", 1)
    html = client.get("/deals?view=all&shape=chart").content.decode()
    assert "<gx-chart" not in html
    url = re.search(r'hx-get="(/deals/chart[^"]*)" hx-trigger="load"', html)
    assert url is not None
    assert numbers(client.get(url[1].replace("&amp;", "&")).content.decode()) == at_once
