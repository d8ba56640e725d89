"""Dashboards: arranged, shared by role, and answered for whoever reads them with what they may see."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import Any

import pytest

from guanxi.access.models import FieldRight
from guanxi.crm.dashboards import start_dashboards
from guanxi.entity.actors import Level
from guanxi.record.memory import raise_epoch
from guanxi.record.refusals import Missing
from guanxi.surfaces.dashboards import saving
from guanxi.surfaces.dashboards.known import dashboard_for, dashboards_of
from guanxi.surfaces.dashboards.model import Dashboard, Tile
from tests.cast import Cast, make

pytestmark = pytest.mark.django_db


@pytest.fixture
def deals(cast: Cast) -> dict[str, Any]:
    """Two of Bob's and one of Charlie's."""
    return {
        "big": make("deals", name="Big one", owner=cast.bob.pk, amount="1000", currency="USD"),
        "small": make("deals", name="Small one", owner=cast.bob.pk, amount="10", currency="USD"),
        "hidden": make("deals", name="Hidden one", owner=cast.charlie.pk, amount="500", currency="USD"),
    }


def board_with(client: Any, user: Any, **asked: str) -> tuple[Dashboard, Tile]:
    client.post("/dashboards/new", {"name": "Mine"})
    board = Dashboard.objects.get(name="Mine", owner=user)
    query = "&".join(f"{name}={value}" for name, value in {"view": "all", **asked}.items() if name != "as")
    answer = client.post(f"/deals/tile?{query}", {"dashboard": board.pk, "name": "Deals", "shape": asked.get("as", "number")})
    assert answer.headers["Location"] == f"/dashboards/{board.pk}", answer.content
    return board, board.tiles.get()


def answer_of(client: Any, board: Dashboard, tile: Tile) -> str:
    got = client.get(f"/dashboards/{board.pk}/tiles/{tile.pk}")
    assert got.status_code == 200
    return str(got.content.decode())


def test_a_number_counts_or_sums_what_the_reader_may_see(cast: Cast, client_of: Any, deals: dict[str, Any]) -> None:
    alice, bob, charlie = (client_of(one) for one in (cast.alice, cast.bob, cast.charlie))
    board, tile = board_with(alice, cast.alice, sum="amount")
    saving.share(board, everyone=True, roles=[])
    assert ">$1,010<" in answer_of(alice, board, tile)
    assert ">$1,010<" in answer_of(bob, board, tile)
    assert ">$500<" in answer_of(charlie, board, tile)
    counted = saving.put(board, make_deals_entity(), {"name": "How many", "shape": "number"}, by=cast.alice)
    assert ">2<" in answer_of(bob, board, counted)
    assert ">1<" in answer_of(charlie, board, counted)


def make_deals_entity() -> Any:
    from guanxi.entity.registry import entity_named

    return entity_named("deals")


def test_a_list_and_a_chart_show_the_readers_own_records_alone(cast: Cast, client_of: Any, deals: dict[str, Any]) -> None:
    alice, charlie = client_of(cast.alice), client_of(cast.charlie)
    board, tile = board_with(alice, cast.alice, order="-amount", **{"as": "list"})
    saving.share(board, everyone=True, roles=[])
    html = answer_of(alice, board, tile)
    assert html.index("Big one") < html.index("Small one")
    assert "Hidden one" not in html
    html = answer_of(charlie, board, tile)
    assert "Hidden one" in html
    assert "Big one" not in html
    chart = saving.put(
        board, make_deals_entity(), {"name": "By owner", "shape": "chart", "asked": {"group": "owner", "sum": "amount"}}, by=cast.alice
    )
    assert "[1010.0]" in answer_of(alice, board, chart)
    html = answer_of(charlie, board, chart)
    assert "[500.0]" in html
    assert "Bob" not in html


def test_a_hidden_amount_is_not_told_by_a_tile(cast: Cast, client_of: Any, deals: dict[str, Any]) -> None:
    alice, bob = client_of(cast.alice), client_of(cast.bob)
    board = saving.make("Mine", by=cast.alice)
    saving.share(board, everyone=True, roles=[])
    asks: tuple[tuple[str, dict[str, str]], ...] = (
        ("number", {"sum": "amount"}),
        ("chart", {"group": "owner", "sum": "amount"}),
        ("list", {"columns": "name,amount", "order": "name"}),
        ("list", {"columns": "name", "order": "-amount"}),
        ("number", {"condition": '{"path": "amount", "op": ">", "value": 100}'}),
    )
    tiles = [
        saving.put(board, make_deals_entity(), {"name": "Deals", "shape": shape, "asked": asked}, by=cast.alice) for shape, asked in asks
    ]
    FieldRight.objects.create(role=cast.roles["seller"], entity="deals", field="amount", level=Level.HIDDEN)
    raise_epoch()
    for tile in tiles:
        for answered in (answer_of(bob, board, tile), bob.get(f"/api/v1/dashboards/{board.pk}/tiles/{tile.pk}").content.decode()):
            assert re.search(r"1,?0[01]0|\$10|[\"\[]10[.\"]", answered) is None, tile.asked
    assert ">$1,010<" in answer_of(alice, board, tiles[0])
    assert "[1010.0]" in answer_of(alice, board, tiles[1])
    assert "$1,000" in answer_of(alice, board, tiles[2])
    assert "Big one" not in answer_of(bob, board, tiles[3]), "their order would tell"


def test_a_dashboard_is_seen_by_those_it_is_shared_with(cast: Cast, client_of: Any) -> None:
    alice, bob = client_of(cast.alice), client_of(cast.bob)
    alice.post("/dashboards/new", {"name": "Team's week"})
    board = Dashboard.objects.get()
    assert bob.get(f"/dashboards/{board.pk}").status_code == 404
    assert "Team&#x27;s week" not in bob.get("/").content.decode()
    saved = alice.post(f"/dashboards/{board.pk}/settings", {"name": "Team's week", "roles": [cast.roles["seller"].pk]})
    assert saved.status_code == 302
    assert bob.get(f"/dashboards/{board.pk}").status_code == 200
    assert "Team&#x27;s week" in bob.get("/").content.decode()
    alice.post(f"/dashboards/{board.pk}/settings", {"name": "Team's week"})
    with pytest.raises(Missing):
        dashboard_for(board.pk, cast.bob)


def test_only_its_owner_and_administrators_change_a_dashboard_others_copy_it(cast: Cast, client_of: Any, deals: dict[str, Any]) -> None:
    alice, bob, admin = client_of(cast.alice), client_of(cast.bob), client_of(cast.admin)
    board, tile = board_with(alice, cast.alice)
    saving.share(board, everyone=True, roles=[])
    for url, values in (
        (f"/dashboards/{board.pk}/settings", {"name": "Bob's"}),
        (f"/dashboards/{board.pk}/arrange", {"ids": str(tile.pk)}),
        (f"/dashboards/{board.pk}/tiles/new", {"of": "deals:all", "shape": "number"}),
        (f"/dashboards/{board.pk}/tiles/{tile.pk}/edit", {"remove": "1"}),
        (f"/dashboards/{board.pk}/delete", {}),
    ):
        assert bob.post(url, values).status_code == 403, url
    assert bob.patch(f"/api/v1/dashboards/{board.pk}", {"name": "Bob's"}, content_type="application/json").status_code == 403
    assert f'hx-get="/dashboards/{board.pk}/tiles/new"' not in bob.get(f"/dashboards/{board.pk}").content.decode()
    bob.post(f"/dashboards/{board.pk}/copy")
    copied = Dashboard.objects.get(owner=cast.bob)
    assert [one.name for one in copied.tiles.all()] == ["Deals"]
    assert not copied.everyone
    assert admin.post(f"/dashboards/{board.pk}/settings", {"name": "Everybody's", "everyone": "on"}).status_code == 302
    assert Dashboard.objects.get(pk=board.pk).name == "Everybody's"
    assert alice.post(f"/dashboards/{board.pk}/tiles/{copied.tiles.get().pk}/edit", {"remove": "1"}).status_code == 404


def test_tiles_are_put_in_order_and_what_another_added_meanwhile_stays(cast: Cast, client_of: Any) -> None:
    alice = client_of(cast.alice)
    board = saving.make("Mine", by=cast.alice)
    entity = make_deals_entity()
    one, two, three = (saving.put(board, entity, {"name": name}, by=cast.alice) for name in ("one", "two", "three"))
    late = saving.put(board, entity, {"name": "late"}, by=cast.alice)
    assert alice.post(f"/dashboards/{board.pk}/arrange", {"ids": f"{three.pk},{one.pk},{two.pk},999999"}).status_code == 204
    assert [tile.pk for tile in board.tiles.all()] == [three.pk, one.pk, two.pk, late.pk]


def test_wrong_tiles_are_refused_in_words(cast: Cast, client_of: Any) -> None:
    alice = client_of(cast.alice)
    board = saving.make("Mine", by=cast.alice)
    url = f"/dashboards/{board.pk}/tiles/new"
    assert alice.post(url, {"of": "secrets:all", "shape": "number"}).status_code == 422
    assert alice.post(url, {"of": "deals:99999", "shape": "number"}).status_code in {404, 422}
    assert alice.post(url, {"of": "deals:all", "shape": "hologram"}).status_code == 422
    sent = {"tiles": [{"entity": "deals", "name": "x", "shape": "number", "asked": {"condition": '{"field": "nothing"}'}}]}
    answer = alice.patch(f"/api/v1/dashboards/{board.pk}", sent, content_type="application/json")
    assert answer.status_code == 422, answer.content
    assert board.tiles.count() == 0
    for _number in range(saving.MOST_TILES):
        saving.put(board, make_deals_entity(), {"name": "again"}, by=cast.alice)
    assert alice.post(url, {"of": "deals:all", "shape": "number"}).status_code == 422


def test_the_interface_makes_reads_changes_and_deletes_a_dashboard(cast: Cast, client_of: Any, deals: dict[str, Any]) -> None:
    alice = client_of(cast.alice)
    tiles = [
        {"entity": "deals", "name": "Sum", "shape": "number", "asked": {"sum": "amount"}},
        {"entity": "deals", "name": "By owner", "shape": "chart", "width": 3, "asked": {"group": "owner"}},
        {"entity": "deals", "name": "All", "shape": "list", "asked": {"order": "amount"}},
    ]
    made = alice.post("/api/v1/dashboards", {"name": "From afar", "everyone": True, "tiles": tiles}, content_type="application/json")
    assert made.status_code == 201, made.content
    told = made.json()
    assert [(one["name"], one["width"]) for one in told["tiles"]] == [("Sum", 1), ("By owner", 3), ("All", 2)]
    url = f"/api/v1/dashboards/{told['id']}"
    assert alice.get(url).json() == told
    answers = [alice.get(f"{url}/tiles/{one['id']}").json() for one in told["tiles"]]
    assert [(Decimal(one["amount"]), one["currency"]) for one in answers[0]["sums"]] == [(Decimal(1010), "USD")]
    assert (answers[1]["labels"], answers[1]["series"]) == (["Bob Reyes"], [{"currency": "", "values": ["2"]}])
    assert [one["name"] for one in answers[2]["records"]] == ["Small one", "Big one"]
    changed = alice.patch(url, {"name": "Nearer", "everyone": False}, content_type="application/json").json()
    assert (changed["name"], changed["everyone"], len(changed["tiles"])) == ("Nearer", False, 3)
    assert client_of(cast.bob).get(url).status_code == 404
    assert alice.delete(url).status_code == 204
    assert alice.get(url).status_code == 404


def test_a_new_company_has_a_dashboard_for_managers_and_one_about_money(cast: Cast, client_of: Any, deals: dict[str, Any]) -> None:
    start_dashboards("zh-hans", cast.roles)
    assert [one.name for one in dashboards_of(cast.alice)] == ["销售", "回款"]
    assert [one.name for one in dashboards_of(cast.bob)] == ["回款"]
    start_dashboards("en", cast.roles)
    assert Dashboard.objects.count() == 2
    alice = client_of(cast.alice)
    for board in dashboards_of(cast.alice):
        for tile in board.tiles.all():
            assert 'class="nothing dim">You' not in answer_of(alice, board, tile), tile.name


def test_moments_of_a_tile_are_the_readers(cast: Cast, client_of: Any) -> None:
    make(
        "deals",
        name="Due",
        owner=cast.bob.pk,
        amount="7",
        currency="USD",
        closes_on=dt.datetime.now(cast.bob.locale.zone).date().isoformat(),
    )
    board, tile = board_with(client_of(cast.bob), cast.bob, where="closes_on within this_year", sum="amount")
    assert ">$7<" in answer_of(client_of(cast.bob), board, tile)
