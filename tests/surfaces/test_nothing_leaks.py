"""A value that may not be read is on no page that a person can reach, nor is one from which it could be worked out."""

from __future__ import annotations

import html
import re
from collections import Counter
from typing import Any

import pytest

from guanxi.access.models import FieldRight
from guanxi.access.rights import told_by
from guanxi.entity.actors import SYSTEM, Level
from guanxi.entity.registry import entities
from guanxi.record.changes import edit
from guanxi.record.memory import raise_epoch
from tests.cast import Cast, make

pytestmark = pytest.mark.django_db

AMOUNTS = re.compile(
    r"7[,.\s]?654[,.\s]?32\d|765[,.\s]?432|(?<!\d)7\.65|765\.?\d*万|8[,.\s]?123[,.\s]?456|(?<!\d)8\.12|812\.?\d*万|1[,.\s]?530[,.\s]?864"
)
"""The amounts below, one weighted, two added up, and how they are said in short; seconds of a moment (17.65) are none."""
STARTS = (
    "/", "/deals?view=all", "/deals?view=all&shape=board", "/deals?view=all&shape=chart", "/deals?view=all&shape=calendar", "/accounts?view=all",
    "/deals?view=all&columns=name,amount,weighted", "/deals/totals?view=all", "/deals/catalogue", "/search?q=Pier", "/palette?q=Pier",
    "/api/v1/deals?count=true", "/api/v1/accounts", "/api/v1/deal_lines", "/api/v1/changes",
)  # fmt: skip
ABOUT = re.compile(r"/($|\?|deals|accounts|deal_lines|inbox|search|palette|trash|api/v1/(?!docs))")
"""Pages on which an amount could be told."""
ALIKE = 2
"""As many pages as are fetched of those whose addresses differ in what they ask."""


@pytest.fixture
def written(cast: Cast) -> list[str]:
    """Open, won and lined deals of Bob's, with a past, all of about the same amount; where they are told of."""
    account = make("accounts", name="Pierhouse", owner=cast.bob.pk, revenue="8123456")
    of_bob = {"owner": cast.bob.pk, "account": account.pk, "closes_on": cast.bob.locale.today.isoformat()}
    open_ = make("deals", name="Pier one", amount="7654321", **of_bob)
    edit(open_, {"amount": "7654322"}, by=SYSTEM)
    make("deals", name="Pier two", amount="7654323", stage=cast.stage("Won").pk, **of_bob)
    lined = make("deals", name="Pier three", **of_bob)
    make("deal_lines", deal=lined.pk, product=make("products", name="Gizmo").pk, quantity=1, price="7654324")
    pages = [f"/{path}" for path in (f"accounts/{account.pk}", f"deals/{open_.pk}", f"deals/{open_.pk}/history", f"deals/{lined.pk}")]
    return [*pages, f"/api/v1/deals/{open_.pk}", f"/api/v1/deals/{open_.pk}/history", f"/api/v1/accounts/{account.pk}"]


@pytest.mark.parametrize("level", [Level.HIDDEN, Level.MASKED])
def test_an_amount_that_may_not_be_read_is_on_no_page_that_can_be_reached(
    level: Level, cast: Cast, client_of: Any, written: list[str]
) -> None:
    client = client_of(cast.bob)
    assert _telling(client, written[1:2])  # it is told as long as it may be
    for role in cast.roles.values():
        FieldRight.objects.create(role=role, entity="deals", field="amount", level=level)
        FieldRight.objects.create(role=role, entity="accounts", field="revenue", level=level)
    raise_epoch()

    reached = _telling(client, [*STARTS, *written])

    assert len(reached) > 60
    assert {address: told for address, told in reached.items() if told} == {}


def _telling(client: Any, starts: list[str]) -> dict[str, list[str]]:
    """The pages reached from some, by links, with the amounts on each."""
    reached: dict[str, list[str]] = {}
    alike: Counter[str] = Counter()
    waiting = list(starts)
    while waiting:
        address = waiting.pop(0)
        path, _mark, asked = address.partition("?")
        pattern = re.sub(r"\d+", "", path) + "".join(re.findall(r"shape=\w+", asked))
        if address in reached or (alike[pattern] >= ALIKE and address not in starts) or not ABOUT.match(address):
            continue
        alike[pattern] += 1
        answer = client.get(address)
        assert answer.status_code < 500, address
        text = (b"".join(answer.streaming_content) if answer.streaming else answer.content).decode("utf-8", "replace")
        reached[address] = AMOUNTS.findall(html.unescape(text))
        waiting += [html.unescape(one) for one in re.findall(r'(?:href|hx-get|data-url|src)="(/[^"#]*)"', text)]
    return reached


def test_what_tells_a_field_names_one() -> None:
    named = {
        (entity.path, one.name): [told_by(entity, path) for path in one.told] for entity in entities() for one in entity.fields_declared
    }
    assert named["deals", "weighted"] == [("deals", "amount")]
    assert named["deal_lines", "total"] == [("deals", "amount")]
