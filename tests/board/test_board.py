"""The board: lanes, totals, and cards that move."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from guanxi.entity.registry import entities, entity_named
from guanxi.record.changes import create, edit
from guanxi.record.models import Change
from guanxi.surfaces.board.lanes import arrange, heads, laneable
from guanxi.surfaces.reading import count, rows, totals
from guanxi.surfaces.views.asking import ask
from tests.cast import Cast, make
from tests.plenty import Plenty

pytestmark = pytest.mark.django_db
DEALS = entity_named("deals")
CARD = re.compile(r'<li class="card[^>]*id="c(\d+)"')


def lanes_in(html: str) -> dict[str, list[int]]:
    """The keys of the cards by lane, as the page shows them."""
    parts = re.split(r'<section class="lane" data-lane="([^"]*)"', html)[1:]
    return {parts[at]: [int(key) for key in CARD.findall(parts[at + 1])] for at in range(0, len(parts), 2)}


def cases() -> list[tuple[str, str]]:
    return [
        (one.path, field.name)
        for one in entities()
        if one.group
        for field in one.bound.values()
        if field.k.name in {"choice", "link", "user"}
    ]


@pytest.mark.parametrize(("path", "by"), cases())
def test_the_totals_of_the_lanes_are_the_totals_of_the_list(
    path: str, by: str, cast: Cast, plenty: Plenty, rf: Any, client_of: Any
) -> None:
    entity = entity_named(path)
    if by not in {one.name for one in laneable(entity, to=cast.admin)}:
        pytest.skip("not a lane")
    plenty.of(path, 9)
    asked = ask(rf.get(f"/{path}?condition=&by={by}&shape=board").GET, entity, to=cast.admin)
    board = arrange(asked)
    above = heads(rows(board.query, to=cast.admin), board)
    found = rows(asked.query, to=cast.admin)
    assert sum(head.number for head in above.values()) == count(found).number == 9
    if board.total:
        by_currency: dict[str, Decimal] = {}
        for head in above.values():
            for amount, currency in head.total:
                by_currency[currency] = by_currency.get(currency, Decimal(0)) + amount
        summed = totals(found, [board.total])
        assert summed is not None
        assert sorted((amount, currency) for currency, amount in by_currency.items()) == sorted(summed[board.total.name])
    html = client_of(cast.admin).get(f"/{path}?condition=&by={by}&shape=board").content.decode()
    shown = lanes_in(html)
    assert {key: len(cards) for key, cards in shown.items() if cards} == {key: head.number for key, head in above.items() if head.number}


@pytest.fixture
def five(cast: Cast) -> list[Any]:
    stages = [cast.stage(name).pk for name in ("New", "New", "Proposal", "Negotiation", "Won")]
    return [
        make("deals", name=f"Deal {place}", amount=100 * (place + 1), stage=stage, owner=cast.bob.pk, closes_on=f"2026-12-{10 + place}")
        for place, stage in enumerate(stages)
    ]


def test_lanes_are_the_stages_in_their_order_with_count_sum_and_weighted_sum(cast: Cast, client_of: Any, five: list[Any]) -> None:
    html = client_of(cast.bob).get("/deals?view=all&shape=board").content.decode()
    assert list(lanes_in(html)) == [str(stage.pk) for stage in cast.pipeline.stages.all()]
    new = html.split('<section class="lane"')[1]
    assert re.sub(r"<[^>]+>|\s+", " ", new).split("Deal")[0].split(">")[-1].split() == ["New", "2", "$300", "·", "weighted", "$30"]


def head_of(html: str, lane: Any) -> list[str]:
    """What stands above a lane, word by word."""
    head = re.search(rf'<header id="lane-head-{lane}".*?</header>', html, re.DOTALL)
    assert head is not None
    return re.sub(r"<[^>]+>|&nbsp;|\s+", " ", head[0]).split()


@pytest.mark.parametrize(
    "condition", ['outcome = "open"', 'owner = me and stage.outcome not in ("won", "lost")', 'outcome != "won" and outcome != "lost"']
)
def test_what_a_view_keeps_out_has_a_lane_to_drop_cards_in_and_no_number(
    cast: Cast, client_of: Any, five: list[Any], condition: str
) -> None:
    html = client_of(cast.bob).get("/deals?" + urlencode({"view": "all", "shape": "board", "where": condition})).content.decode()
    won, new = cast.stage("Won").pk, cast.stage("New").pk
    assert re.findall(r'data-lane="(\d+)" data-shut', html) == [str(won), str(cast.stage("Lost").pk)]
    assert (head_of(html, won), head_of(html, new)[:2]) == (["Won"], ["New", "2"])
    moved = client_of(cast.bob).post(f"/deals/{five[0].pk}/move?view=pipeline", {"lane": won, "version": five[0].version})
    assert (moved.status_code, head_of(moved.content.decode(), won)) == (200, ["Won"])


@pytest.mark.parametrize("condition", ["", 'outcome = "open" or amount > 0', "amount > 9000"])
def test_a_view_that_may_hold_what_is_won_says_how_much_it_is(cast: Cast, client_of: Any, five: list[Any], condition: str) -> None:
    html = client_of(cast.bob).get("/deals?" + urlencode({"view": "all", "shape": "board", "where": condition})).content.decode()
    assert "data-shut" not in html
    assert head_of(html, cast.stage("Lost").pk)[:2] == ["Lost", "0"]


def test_a_lane_of_a_choice_that_the_view_excludes_is_shut_too(cast: Cast, client_of: Any) -> None:
    make("leads", name="Zhang San", owner=cast.bob.pk)
    html = (
        client_of(cast.bob).get("/leads?" + urlencode({"view": "all", "shape": "board", "where": 'status != "converted"'})).content.decode()
    )
    assert re.findall(r'data-lane="(\w+)" data-shut', html) == ["converted"]


def test_sums_of_several_currencies_stand_side_by_side(cast: Cast, client_of: Any) -> None:
    for amount, currency in ((100, "CNY"), (50, "USD"), (11, "CNY")):
        make("deals", name="Deal", amount=amount, currency=currency, owner=cast.bob.pk)
    html = client_of(cast.bob).get("/deals?view=all&shape=board").content.decode()
    assert "CN¥111 + $50" in html
    foot = client_of(cast.bob).get("/deals/totals?view=all").content.decode()
    assert "CN¥111 + $50" in foot


def test_a_full_lane_loads_the_rest_by_itself_and_shows_each_card_once(cast: Cast, client_of: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("guanxi.surfaces.board.pages.CARDS", 3)
    made = [make("deals", name=f"Deal {place}", owner=cast.bob.pk, closes_on="2026-12-01" if place % 2 else None) for place in range(8)]
    client = client_of(cast.bob)
    html = client.get("/deals?view=all&shape=board&order=closes_on").content.decode()
    seen: list[int] = []
    for _page in range(9):
        seen += [int(key) for key in CARD.findall(html)]
        more = re.search(r'<li class="sentinel" hx-get="([^"]+)"', html)
        if not more:
            break
        html = client.get(more[1].replace("&amp;", "&")).content.decode()
    assert sorted(seen) == [deal.pk for deal in made]


def test_sums_of_a_large_board_come_after_it_and_are_the_same(cast: Cast, client_of: Any, five: list[Any], monkeypatch: Any) -> None:
    client = client_of(cast.bob)
    at_once = client.get("/deals?view=all&shape=board").content.decode()
    monkeypatch.setattr("guanxi.surfaces.board.pages.AT_ONCE", 1)
    monkeypatch.setattr("guanxi.surfaces.board.pages.CARDS", 1)
    later = client.get("/deals?view=all&shape=board").content.decode()
    url = re.search(r'hx-get="(/deals/board/heads[^"]*)"', later)
    assert url is not None
    fetched = client.get(url[1].replace("&amp;", "&")).content.decode()

    def heads_of(html: str) -> list[Any]:
        return re.findall(r'(lane-head-\d+)".*?<span class="n">(.*?)</span>.*?<p class="sum num clip" title="(.*?)"', html, re.DOTALL)

    assert len(heads_of(at_once)) == 6
    assert heads_of(fetched) == heads_of(at_once)


def test_a_board_takes_as_many_queries_for_thirty_cards_as_for_three(cast: Cast, client_of: Any, five: list[Any]) -> None:
    client = client_of(cast.bob)
    client.get("/deals?view=all&shape=board")
    with CaptureQueriesContext(connection) as few:
        client.get("/deals?view=all&shape=board")
    for place in range(30):
        make("deals", name=f"More {place}", owner=cast.bob.pk)
    client.get("/deals?view=all&shape=board")
    with CaptureQueriesContext(connection) as many:
        client.get("/deals?view=all&shape=board")
    assert len(many) <= len(few) + 1  # one more tells whether they are too many to sum at once
    assert len(many) <= 12


def test_a_moved_card_is_in_its_lane_told_and_undone(cast: Cast, client_of: Any, five: list[Any]) -> None:
    client, deal = client_of(cast.bob), five[0]
    answer = client.post(
        f"/deals/{deal.pk}/move?view=all&shape=board", {"lane": cast.stage("Qualified").pk, "version": deal.version, "before": ""}
    )
    assert answer.status_code == 200
    deal.refresh_from_db()
    assert deal.stage.name == "Qualified"
    html = answer.content.decode()
    assert f'hx-swap-oob="true" class="card" id="c{deal.pk}"' in html
    assert sorted(re.findall(r'id="lane-head-(\d+)" hx-swap-oob', html)) == sorted(
        str(cast.stage(name).pk) for name in ("New", "Qualified")
    )
    assert Change.objects.filter(record_id=deal.pk, event="deal.moved").count() == 1
    assert "/batches/" in answer.headers["HX-Trigger"]


def test_a_move_that_needs_more_asks_for_it_and_then_is_one_step(cast: Cast, client_of: Any, five: list[Any]) -> None:
    client, deal = client_of(cast.bob), five[0]
    url, lost = f"/deals/{deal.pk}/move?view=all&shape=board", cast.stage("Lost").pk
    asked = client.post(url, {"lane": lost, "version": deal.version})
    assert asked.status_code == 422
    assert 'name="loss_reason"' in asked.content.decode()
    again = client.post(url, {"lane": lost, "asked": "loss_reason", "loss_reason": ""})
    assert again.status_code == 422
    from guanxi.crm.pipelines.model import LossReason

    reason = LossReason.objects.first()
    assert reason is not None
    done = client.post(url, {"lane": lost, "asked": "loss_reason", "loss_reason": reason.pk})
    assert done.status_code == 204
    assert "close-dialog" in done.headers["HX-Trigger"]
    deal.refresh_from_db()
    assert (deal.outcome, deal.loss_reason_id) == ("lost", reason.pk)
    assert Change.objects.filter(record_id=deal.pk, event__in=["deal.edited", "deal.lost"]).values("batch").distinct().count() == 1


def test_a_card_somebody_else_moved_meanwhile_is_not_moved_but_one_somebody_renamed_is(cast: Cast, client_of: Any, five: list[Any]) -> None:
    client = client_of(cast.bob)
    moved, renamed = five[0], five[1]
    edit(moved, {"stage": cast.stage("Proposal").pk}, by=cast.alice)
    edit(renamed, {"name": "Other"}, by=cast.alice)
    to = {"lane": cast.stage("Qualified").pk, "version": 1}
    assert client.post(f"/deals/{moved.pk}/move?view=all&shape=board", to).status_code == 409
    assert client.post(f"/deals/{renamed.pk}/move?view=all&shape=board", to).status_code == 200


def test_nobody_moves_a_card_they_may_not_edit_or_see(cast: Cast, client_of: Any, five: list[Any]) -> None:
    to = {"lane": cast.stage("Qualified").pk, "version": 1}
    assert client_of(cast.charlie).post(f"/deals/{five[0].pk}/move?view=all&shape=board", to).status_code == 404
    five[0].refresh_from_db()
    assert five[0].stage.name == "New"


def test_a_card_long_in_its_stage_is_marked_as_stuck(cast: Cast, client_of: Any, five: list[Any]) -> None:
    import datetime as dt

    from django.utils import timezone

    DEALS.model.objects.filter(pk=five[0].pk).update(stuck_at=timezone.now() - dt.timedelta(days=1))
    html = client_of(cast.bob).get("/deals?view=all&shape=board").content.decode()
    assert re.findall(r'<li class="card stuck" id="c(\d+)"', html) == [str(five[0].pk)]


def test_each_pipeline_has_its_board(cast: Cast, client_of: Any, five: list[Any]) -> None:
    other = make("pipelines", name="Renewals", position=5)
    stage = make("stages", pipeline=other.pk, name="Due", position=1, probability="0.5", outcome="open")
    deal = create(DEALS, {"name": "Renewal", "pipeline": other.pk, "stage": stage.pk}, by=cast.bob)
    client = client_of(cast.bob)
    first = client.get("/deals?view=all&shape=board").content.decode()
    assert "Renewals" in first
    assert deal.pk not in [key for keys in lanes_in(first).values() for key in keys]
    second = client.get(f"/deals?view=all&shape=board&lanes={other.pk}").content.decode()
    assert lanes_in(second) == {str(stage.pk): [deal.pk]}
    by_condition = client.get(f"/deals?view=all&shape=board&where=pipeline+%3D+{other.pk}").content.decode()
    assert lanes_in(by_condition) == {str(stage.pk): [deal.pk]}
    assert client.get("/deals?view=all&shape=board&lanes=999").status_code == 422


def test_a_board_begins_on_the_pipeline_that_holds_something_for_this_person(cast: Cast) -> None:
    renewals = make("pipelines", name="Renewals", position=9)
    due = make("stages", name="Due", pipeline=renewals.pk)
    make("deals", name="Hangar doors", stage=cast.stage("New").pk, owner=cast.charlie.pk)
    make("deals", name="Fleet renewal", stage=due.pk, owner=cast.bob.pk)
    begins = {
        user.username: arrange(ask(QueryDict("shape=board&condition="), entity_named("deals"), to=user)).scope
        for user in (cast.bob, cast.charlie)
    }
    assert begins == {"bob": renewals.pk, "charlie": cast.pipeline.pk}
