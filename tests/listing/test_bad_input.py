"""Whatever stands in the address, the answer is a page that says what is wrong."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.cast import Cast, make

pytestmark = pytest.mark.django_db

HOSTILE = [
    "", " ", "\x00", "💥", "'; DROP TABLE crm_deal; --", "<script>alert(1)</script>", "9" * 400, "-1", "{}", "[]", "null", '{"and": 3}', '{"or": []}',
    '{"path": "amount", "op": "=", "value": {"a": 1}}', '{"path": "amount", "op": "between", "value": [1]}', '{"not": {}}', '{"path": "a.b.c.d.e.f.g.h", "op": "="}',
    '{"path": "name", "op": "=", "value": "a\\u0000b"}', json.dumps({"and": [{"path": "name", "op": "=", "value": "x"}] * 600}), "(" * 3000,
    '{"path": "custom__x", "op": "=", "value": 1}', '{"path": "owner__password", "op": "starts", "value": "a"}', "../../etc/passwd", "%s%s%n", "\ud7ff", "NaN", "1e999",
]  # fmt: skip
NAMES = {
    "table": ["view", "condition", "where", "order", "columns", "shape", "q", "after"], "board": ["condition", "order", "q", "by", "lanes"],
    "chart": ["where", "q", "group", "bucket", "sum", "draw"], "calendar": ["condition", "q", "span", "day"],
}  # fmt: skip


@pytest.fixture
def alice(cast: Cast, client_of: Any) -> Any:
    make("deals", name="Fleet renewal", owner=cast.alice.pk, amount=5, closes_on="2026-11-05")
    return client_of(cast.alice)


@pytest.mark.parametrize(("shape", "name"), [(shape, name) for shape, names in NAMES.items() for name in names])
def test_no_value_of_a_parameter_breaks_a_page(shape: str, name: str, alice: Any) -> None:
    for value in HOSTILE:
        answer = alice.get(f"/deals?view=all&shape={shape}&" + urlencode({name: value}), HTTP_HX_REQUEST="true")
        assert answer.status_code in {200, 422}, value
        html = answer.content.decode()
        assert "<script>alert" not in html
        assert answer.status_code == 200 or 'role="alert"' in html


@pytest.mark.parametrize("path", ["tabs", "totals", "count", "board/lane", "board/heads", "chart", "views/new", "catalogue"])
def test_no_value_of_a_parameter_breaks_what_is_fetched_later(path: str, alice: Any) -> None:
    for name in ("view", "condition", "order", "lane", "after", "by", "group"):
        for value in HOSTILE[:12]:
            answer = alice.get(f"/deals/{path}?{urlencode({name: value})}")
            assert answer.status_code in {200, 404, 422}, (path, name, value)
            assert answer.status_code == 200 or answer.content


def test_a_wrong_condition_says_where_and_what_was_perhaps_meant_and_keeps_what_was_typed(alice: Any) -> None:
    html = alice.get("/deals?" + urlencode({"where": "amout > 3"})).content.decode()
    assert "There is no field “amout” in deals. Did you mean “amount”" in html
    assert "line 1, column 1" in html
    assert "amout &gt; 3" in html


def test_the_check_of_a_typed_condition_answers_tree_or_place(alice: Any) -> None:
    good = alice.post("/deals/condition", {"text": 'amount > 3 and stage.outcome = "open"'}).json()
    assert good == {"tree": {"and": [{"path": "amount", "op": ">", "value": 3}, {"path": "stage.outcome", "op": "=", "value": "open"}]}}
    bad = alice.post("/deals/condition", {"text": "amount > 3 and stgae = 1"}).json()
    assert (bad["error"]["offset"], bad["error"]["suggestions"][0]) == (15, "stage")
    assert alice.post("/deals/condition", {"tree": json.dumps(good["tree"])}).json() == {"text": 'amount > 3 and stage.outcome = "open"'}
    assert "error" in alice.post("/deals/condition", {"tree": "{"}).json()


def test_an_order_without_an_index_over_too_many_records_says_what_to_do(alice: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("guanxi.surfaces.reading.SORT_CAP", 0)
    answer = alice.get("/deals?view=all&order=next_step")
    assert answer.status_code == 422
    assert "filter first, or sort by another column" in answer.content.decode()
    assert alice.get("/deals?view=all&order=name").status_code == 200


def test_html_in_every_text_is_shown_as_it_was_typed(cast: Cast, client_of: Any) -> None:
    bad = "<img src=x onerror=alert(1)>"
    account = make("accounts", name=bad, owner=cast.alice.pk, tags=[bad], phones=["+8613800138000"], address={"street": bad})
    make("deals", name=bad, owner=cast.alice.pk, account=account.pk, next_step=bad, closes_on="2026-11-05", amount=1)
    client = client_of(cast.alice)
    for url in ("/accounts?columns=name,tags,address,phones", "/deals?view=all", "/deals?view=all&shape=board", "/deals?view=all&shape=calendar&day=2026-11-05",
                "/deals?view=all&shape=chart&group=account", "/search?q=img"):  # fmt: skip
        html = client.get(url).content.decode()
        assert "<img src=x" not in html
        assert "&lt;img src=x" in html or "\\u003cimg src=x" in html, url
