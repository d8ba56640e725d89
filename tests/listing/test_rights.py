"""Lists show nobody what they may not see: records, fields, affordances."""

from __future__ import annotations

import re
from typing import Any

import pytest

from guanxi.access.models import FieldRight
from guanxi.access.starting import grant
from guanxi.entity.actors import Level
from guanxi.record.memory import raise_epoch
from tests.cast import Cast, make

pytestmark = pytest.mark.django_db

SHAPES = ["table", "board", "chart", "calendar"]


@pytest.fixture
def deals(cast: Cast) -> dict[str, Any]:
    """One deal each of Alice, Bob and Charlie."""
    account = make("accounts", name="Secret Harbour Ltd", owner=cast.charlie.pk)
    return {
        user.username: make(
            "deals", name=f"{user.username}-deal", amount=amount, owner=user.pk, account=account.pk, closes_on=user.locale.today.isoformat()
        )
        for user, amount in ((cast.alice, 1000), (cast.bob, 20), (cast.charlie, 300_000))
    }  # fmt: skip


def limit(cast: Cast, entity: str, field: str, level: Level) -> None:
    for role in cast.roles.values():
        FieldRight.objects.create(role=role, entity=entity, field=field, level=level)
    raise_epoch()


@pytest.mark.parametrize("shape", SHAPES)
def test_alice_sees_her_team_bob_his_own_and_neither_charlies(shape: str, cast: Cast, client_of: Any, deals: Any) -> None:
    def told(user: Any) -> str:
        return client_of(user).get(f"/deals?view=all&shape={shape}&group=owner").content.decode()

    if shape == "chart":
        labels = {user.username: set(re.findall(r'"labels":\[(.*?)\]', told(user))) for user in (cast.alice, cast.bob, cast.charlie)}
        assert labels == {"alice": {'"Alice Chen","Bob Reyes"'}, "bob": {'"Bob Reyes"'}, "charlie": {'"Charlie Ng"'}}
        return
    seen = {user.username: set(re.findall(r">(\w+)-deal</a>", told(user))) for user in (cast.alice, cast.bob, cast.charlie)}
    assert seen == {"alice": {"alice", "bob"}, "bob": {"bob"}, "charlie": {"charlie"}}


def test_counts_and_sums_are_of_what_the_reader_may_see(cast: Cast, client_of: Any, deals: Any) -> None:
    def foot(user: Any) -> str:
        return re.sub(r"<[^>]*>", " ", client_of(user).get("/deals/totals?view=all").content.decode())

    assert re.findall(r"\d[\d,]*", foot(cast.bob))[:2] == ["1", "20"]
    assert re.findall(r"\d[\d,]*", foot(cast.alice))[:2] == ["2", "1,020"]
    counts = client_of(cast.bob).get("/deals/tabs").content.decode()
    assert 'id="n-all" hx-swap-oob="true">1<' in counts


def test_the_account_of_a_deal_is_not_named_to_those_who_may_not_see_it(cast: Cast, client_of: Any, deals: Any) -> None:
    html = client_of(cast.bob).get("/deals?view=all").content.decode()
    assert "bob-deal" in html
    assert "Secret Harbour" not in html
    assert "(no access)" in html
    board = client_of(cast.bob).get("/deals?view=all&shape=board").content.decode()
    assert "Secret Harbour" not in board


def test_an_entity_out_of_sight_is_not_there(cast: Cast, client_of: Any) -> None:
    grant(cast.roles["seller"], {"deals": {"see": "none"}})
    client = client_of(cast.bob)
    paths = [
        "/deals",
        "/deals/tabs",
        "/deals/totals",
        "/deals/count",
        "/deals/catalogue",
        "/deals/board/heads",
        "/deals/chart",
        "/deals/views/new",
    ]
    assert {path: client.get(path).status_code for path in paths} == dict.fromkeys(paths, 404)
    assert client.post("/deals/condition", {"text": "amount > 1"}).status_code == 404


def test_a_hidden_field_is_nowhere(cast: Cast, client_of: Any, deals: Any) -> None:
    limit(cast, "deals", "amount", Level.HIDDEN)
    client = client_of(cast.bob)
    for shape in SHAPES:
        html = client.get(f"/deals?view=all&shape={shape}&columns=name,amount").content.decode()
        assert "bob-deal" in html or shape == "chart"
        assert "$20" not in html
        assert 'data-field="amount"' not in html
        assert "&amp;sum=amount" not in html
    paths = {one["path"] for one in client.get("/deals/catalogue").json()["fields"]}
    assert "name" in paths
    assert {path for path in paths if path.split(".")[0] in {"amount", "weighted"}} == set()
    assert "$20" not in client.get("/deals/totals?view=all").content.decode()


@pytest.mark.parametrize("level", [Level.HIDDEN, Level.MASKED])
def test_a_field_that_may_not_be_read_can_be_neither_filtered_nor_sorted_nor_charted_by(
    level: Level, cast: Cast, client_of: Any, deals: Any
) -> None:
    limit(cast, "deals", "amount", level)
    client = client_of(cast.bob)
    for query in ("where=amount+%3E+5", "order=amount", "shape=chart&sum=amount", "shape=chart&group=amount"):
        answer = client.get(f"/deals?view=all&{query}")
        assert answer.status_code == 422, query
        assert "bob-deal" not in answer.content.decode()


def test_a_masked_field_is_shown_masked_and_escaped(cast: Cast, client_of: Any) -> None:
    make("accounts", name="Harbour", owner=cast.bob.pk, phones=["13800138000"], emails=["wei@example.com"], currency="CNY")
    limit(cast, "accounts", "phones", Level.MASKED)
    limit(cast, "accounts", "emails", Level.MASKED)
    html = client_of(cast.bob).get("/accounts?columns=name,phones,emails").content.decode()
    assert "Harbour" in html
    assert "0138000" not in html
    assert "wei@" not in html
    assert "•••" in html


def test_a_masked_title_is_not_told_by_the_checkbox_either(cast: Cast, client_of: Any, deals: Any) -> None:
    limit(cast, "deals", "name", Level.MASKED)
    for shape in ("table", "board", "calendar"):
        html = client_of(cast.bob).get(f"/deals?view=all&shape={shape}").content.decode()
        assert f'data-id="{deals["bob"].pk}"' in html
        assert "bob-deal" not in html


def test_without_the_right_there_is_no_way_to_change_many(cast: Cast, client_of: Any, deals: Any) -> None:
    bar = 'class="bulk"'
    assert bar in client_of(cast.bob).get("/deals?view=all").content.decode()
    grant(cast.roles["seller"], {"deals": {"bulk": "none", "create": "none", "import": "none", "delete": "none", "edit": "none"}})
    html = client_of(cast.bob).get("/deals?view=all").content.decode()
    assert bar not in html
    assert "data-edit " not in html.split("<thead", 1)[1].split("</thead")[0]
    assert "/deals/new" not in html.split("<main", 1)[1]


def test_who_is_not_signed_in_is_led_to_the_login(client: Any, cast: Cast) -> None:
    for path in ("/deals", "/deals/tabs", "/search?q=a", "/palette?q=a", "/deals/catalogue"):
        answer = client.get(path)
        assert (answer.status_code, answer.headers["Location"].split("?")[0]) == (302, "/login/"), path
