"""Saved views: kept, shared, arranged, and safe for whoever reads them."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from guanxi.access.models import FieldRight
from guanxi.entity.actors import Level
from guanxi.entity.conditions import parse
from guanxi.entity.registry import entities, entity_named
from guanxi.record.memory import raise_epoch
from guanxi.record.models import SavedView
from guanxi.surfaces.views.asking import ask
from guanxi.surfaces.views.known import presets_of, views_of
from guanxi.surfaces.views.view import View, address
from tests.cast import Cast, make

pytestmark = pytest.mark.django_db
DEALS = entity_named("deals")
BIG = "/deals/views/new?view=all&where=amount+%3E+100&order=-amount&columns=name,amount&shape=board&by=stage"


def saved(client: Any, name: str, url: str = BIG, **values: str) -> SavedView:
    answer = client.post(url, {"name": name, **values})
    assert answer.status_code == 204
    view = SavedView.objects.get(name=name)
    assert answer.headers["HX-Redirect"] == f"/deals?view={view.pk}"
    return view


def labels(user: Any) -> list[str]:
    return [str(view.label) for view in views_of(DEALS, to=user)]


def test_a_saved_view_shows_what_was_shown_when_it_was_saved(cast: Cast, client_of: Any) -> None:
    client = client_of(cast.alice)
    view = saved(client, "Large ones")
    (known,) = [one for one in views_of(DEALS, to=cast.alice) if one.key == str(view.pk)]
    assert (known.condition, known.order, known.columns, known.shape, dict(known.options)) == (
        parse("amount > 100"), ("-amount",), ("name", "amount"), "board", {"by": "stage"},
    )  # fmt: skip
    html = client.get(f"/deals?view={view.pk}").content.decode()
    assert "Save view" not in html
    assert "Large ones" in html


def test_a_changed_view_offers_to_be_saved_and_is_saved_in_place_by_its_owner(cast: Cast, client_of: Any) -> None:
    client = client_of(cast.alice)
    view = saved(client, "Large ones")
    html = client.get(f"/deals?view={view.pk}&order=name").content.decode()
    assert "Save view" in html
    assert "Save as…" in html
    assert client.post(f"/deals/views/save?view={view.pk}&order=name").status_code == 204
    view.refresh_from_db()
    assert (view.order, view.shape) == (["name"], "board")


def test_a_preset_is_changed_by_nobody_but_can_be_saved_as_ones_own(cast: Cast, client_of: Any) -> None:
    client = client_of(cast.alice)
    html = client.get("/deals?view=all&order=name").content.decode()
    assert "Save view" not in html
    assert "Save as…" in html
    assert client.post("/deals/views/save?view=all&order=name").status_code == 404


def test_a_personal_view_is_its_owners_alone_a_shared_one_everybodys(cast: Cast, client_of: Any) -> None:
    own = saved(client_of(cast.alice), "Mine alone")
    shared = saved(client_of(cast.alice), "For all", shared="on")
    assert labels(cast.alice)[-2:] == ["Mine alone", "For all"]
    assert labels(cast.charlie)[-1:] == ["For all"]
    assert client_of(cast.charlie).get(f"/deals?view={own.pk}").status_code == 422
    assert client_of(cast.charlie).get(f"/deals?view={shared.pk}").status_code == 200


def test_nobody_renames_moves_or_deletes_anothers_view_but_an_administrator(cast: Cast, client_of: Any) -> None:
    view = saved(client_of(cast.alice), "For all", shared="on")
    own = saved(client_of(cast.alice), "Mine alone")
    bob = client_of(cast.bob)
    for path in ("", "/move?by=1", "/delete"):
        assert bob.post(f"/deals/views/{view.pk}{path}", {"name": "Stolen"}).status_code == 403
        assert bob.post(f"/deals/views/{own.pk}{path}", {"name": "Stolen"}).status_code == 404
    assert bob.post(f"/deals/views/save?view={view.pk}&order=name").status_code == 403
    assert client_of(cast.admin).post(f"/deals/views/{view.pk}/delete").status_code == 204
    assert list(SavedView.objects.values_list("name", flat=True)) == ["Mine alone"]


def test_views_are_renamed_shared_and_put_in_order(cast: Cast, client_of: Any) -> None:
    client = client_of(cast.alice)
    one, two, three = (saved(client, name) for name in ("One", "Two", "Three"))
    assert client.post(f"/deals/views/{three.pk}/move?by=-1").status_code == 204
    assert labels(cast.alice)[-3:] == ["One", "Three", "Two"]
    client.post(f"/deals/views/{one.pk}/move?by=-1")
    assert labels(cast.alice)[-3:] == ["One", "Three", "Two"]
    client.post(f"/deals/views/{one.pk}/move?by=1")
    assert labels(cast.alice)[-3:] == ["Three", "One", "Two"]
    assert client.post(f"/deals/views/{two.pk}", {"name": "  Second\n one ", "shared": "on"}).status_code == 204
    two.refresh_from_db()
    assert (two.name, two.shared) == ("Second one", True)


@pytest.mark.parametrize("name", ["", "   ", "x" * 81])
def test_a_view_without_a_proper_name_is_refused_in_the_dialog(cast: Cast, client_of: Any, name: str) -> None:
    answer = client_of(cast.alice).post(BIG, {"name": name})
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.content.decode()
    assert SavedView.objects.count() == 0


def test_a_wrong_condition_is_not_saved(cast: Cast, client_of: Any) -> None:
    answer = client_of(cast.alice).post("/deals/views/new?where=amout+%3E+1", {"name": "Wrong"})
    assert answer.status_code == 422
    assert "amout" in answer.content.decode()
    assert SavedView.objects.count() == 0


def test_a_shared_view_gives_its_reader_no_more_than_their_rights(cast: Cast, client_of: Any) -> None:
    view = saved(client_of(cast.admin), "For all", shared="on")
    make("deals", name="Bobs", amount=500, owner=cast.bob.pk)
    make("deals", name="Charlies", amount=500, owner=cast.charlie.pk)
    bob = client_of(cast.bob)
    html = bob.get(f"/deals?view={view.pk}&shape=table").content.decode()
    assert "Bobs" in html
    assert "Charlies" not in html
    for role in cast.roles.values():
        FieldRight.objects.create(role=role, entity="deals", field="amount", level=Level.HIDDEN)
    raise_epoch()
    answer = client_of(cast.bob).get(f"/deals?view={view.pk}&shape=table&order=")
    assert answer.status_code == 422
    assert "Bobs" not in answer.content.decode()
    counted = client_of(cast.bob).get("/deals/tabs").content.decode()
    assert f'id="n-{view.pk}" hx-swap-oob="true"></span>' in counted


def test_a_view_that_a_later_version_cannot_read_still_opens(cast: Cast, client_of: Any) -> None:
    view = SavedView.objects.create(
        entity="deals",
        name="Old",
        owner=cast.alice,
        condition={"what": 1},
        columns=["gone", "name"],
        order=["gone"],
        shape="cube",
        chart=["x"],
    )
    answer = client_of(cast.alice).get(f"/deals?view={view.pk}")
    assert answer.status_code == 422
    assert "gone" in answer.content.decode()
    assert client_of(cast.alice).get(f"/deals?view={view.pk}&order=name").status_code == 200


@pytest.mark.parametrize("path", [one.path for one in entities() if one.group])
def test_every_preset_is_a_condition_and_order_that_hold(path: str, cast: Cast, client_of: Any) -> None:
    client = client_of(cast.alice)
    for view in presets_of(entity_named(path)):
        answer = client.get(f"/{path}?view={view.key}")
        assert answer.status_code == 200, view.key


@pytest.mark.parametrize(
    "query",
    [
        "view=all",
        "view=all&where=amount+%3E+3",
        "view=mine&condition=",
        "view=stuck&order=-amount,name",
        "view=all&columns=name,owner&shape=chart&group=owner&sum=amount",
    ],
)
def test_the_address_of_a_page_leads_to_the_same_page(cast: Cast, client_of: Any, query: str, rf: Any) -> None:
    asked = ask(rf.get(f"/deals?{query}").GET, DEALS, to=cast.alice)
    again = ask(rf.get(address(asked.view, asked.base)).GET, DEALS, to=cast.alice)
    assert (again.view, again.base) == (asked.view, asked.base)
    assert asked.problem == ""


def test_an_address_tells_only_what_differs() -> None:
    base = View(DEALS, "all", order=("-id",))
    assert address(base, base) == "/deals?view=all"
    changed = View(DEALS, "all", order=("name",), search="李 & co")
    assert parse_qs(urlsplit(address(changed, base)).query) == {"view": ["all"], "order": ["name"], "q": ["李 & co"]}
