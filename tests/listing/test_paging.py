"""Keyset paging: every record once, whatever is written while one scrolls."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from guanxi.access.models import FieldRight, User
from guanxi.entity.actors import Level
from guanxi.entity.conditions import parse
from guanxi.entity.registry import entity_named
from guanxi.record.changes import delete
from guanxi.record.memory import raise_epoch
from guanxi.surfaces import reading
from guanxi.surfaces.ordering import Unanswerable
from guanxi.surfaces.reading import Query, first_pages, page
from tests.cast import Cast, make

pytestmark = pytest.mark.django_db
DEALS = entity_named("deals")


@pytest.fixture(params=["along the index", "found first, then sorted"])
def plan(request: Any, monkeypatch: Any) -> None:
    """Both ways a page is read: the database's expectation decides between them, and the result may not differ."""
    monkeypatch.setattr(reading, "LARGE", -2 if request.param.startswith("found") else 10**9)
    monkeypatch.setattr(reading, "FEW", 10**9)


def scroll(query: Query, user: Any, limit: int, meanwhile: Any = None) -> list[int]:
    """The keys of every page, in order; `meanwhile` is done after each page."""
    seen: list[int] = []
    after: str | None = None
    while True:
        found = page(query, to=user, after=after, limit=limit)
        seen += [record.pk for record in found.records]
        after = found.next
        if after is None:
            return seen
        if meanwhile:
            meanwhile()


NAMES = ["alpha", "Beta", "éclair", "Zeta", "北京", "广州", "上海", "闫记"]


@pytest.mark.parametrize("limit", [1, 3, 50])
def test_names_come_in_the_order_of_the_alphabet_and_of_pinyin(cast: Cast, plan: None, limit: int) -> None:
    made = {name: make("deals", name=name).pk for name in reversed(NAMES)}
    assert scroll(Query(DEALS, parse("id > 0"), order=("name",)), cast.admin, limit) == [made[name] for name in NAMES]
    assert scroll(Query(DEALS, parse("id > 0"), order=("-name",)), cast.admin, limit) == [made[name] for name in reversed(NAMES)]


def test_linked_records_are_sorted_by_their_names_alike(cast: Cast) -> None:
    made = {name: make("deals", name="Deal", account=make("accounts", name=name).pk).pk for name in reversed(NAMES)}
    assert scroll(Query(DEALS, order=("account",)), cast.admin, 3) == [made[name] for name in NAMES]


def test_no_cursor_tells_what_a_record_out_of_sight_is_called(cast: Cast) -> None:
    hidden = make("accounts", name="Zanzibar", owner=cast.charlie.pk)
    seen = make("accounts", name="Northwind", owner=cast.bob.pk)
    made = [make("deals", name="Deal", account=one, owner=cast.bob.pk).pk for one in (hidden.pk, seen.pk, None)]
    assert scroll(Query(DEALS, order=("account",)), cast.bob, 1) == [made[1], made[2], made[0]]
    for order in (("account",), ("-account",), ("name", "account")):
        after: str | None = None
        for _step in made:
            after = page(Query(DEALS, order=order), to=cast.bob, after=after, limit=1).next
            told = base64.urlsafe_b64decode((after or "") + "==").decode()
            assert b"zanzibar".hex() not in told
            if after is None:
                break


@pytest.mark.parametrize("level", [Level.HIDDEN, Level.MASKED])
def test_nobody_sorts_by_names_that_they_may_not_read(cast: Cast, level: Level) -> None:
    FieldRight.objects.create(role=cast.roles["seller"], entity="accounts", field="name", level=level)
    raise_epoch()
    with pytest.raises(Unanswerable):
        page(Query(DEALS, order=("account",)), to=User.objects.get(pk=cast.bob.pk))


@pytest.mark.parametrize("held", ["a", "\\xzz", 5, True, {"d": "2026-11-05"}, {"b": "zz"}, {"b": 5}])
def test_a_cursor_whose_value_is_of_another_kind_is_refused(cast: Cast, held: Any) -> None:
    cursor = base64.urlsafe_b64encode(json.dumps([0, ["name"], [held], 5]).encode()).decode()
    with pytest.raises(Unanswerable, match="start from the first page"):
        page(Query(DEALS, order=("name",)), to=cast.admin, after=cursor)


@pytest.mark.parametrize(("phase", "key"), [(0, True), (False, 5), (0.0, 5), (0, 1.5), (0, "5"), (0, None), (2, 5)])
def test_so_is_one_whose_place_is_no_number(cast: Cast, phase: Any, key: Any) -> None:
    cursor = base64.urlsafe_b64encode(json.dumps([phase, ["name"], [{"b": "61"}], key]).encode()).decode()
    with pytest.raises(Unanswerable, match="start from the first page"):
        page(Query(DEALS, order=("name",)), to=cast.admin, after=cursor)


@pytest.mark.parametrize(("order", "held"), [("amount", "a"), ("closes_on", "x"), ("closes_on", 5), ("amount", {"b": "00"}), ("id", "x")])
def test_so_is_one_of_amounts_and_days(cast: Cast, order: str, held: Any) -> None:
    cursor = base64.urlsafe_b64encode(json.dumps([0, [order], [held], 5]).encode()).decode()
    with pytest.raises(Unanswerable, match="start from the first page"):
        page(Query(DEALS, order=(order,)), to=cast.admin, after=cursor)


amounts = st.lists(st.one_of(st.none(), st.sampled_from(["5", "5", "10", "7.5"])), min_size=0, max_size=9)
orders = st.sampled_from(
    [
        ("amount",),
        ("-amount",),
        ("amount", "-closes_on"),
        ("-closes_on", "amount"),
        ("-id",),
        ("stage", "-amount"),
        ("name",),
        ("amount", "-id"),
        ("-amount", "id"),
    ]
)


def test_records_without_the_second_value_are_not_skipped_among_those_without_the_first(cast: Cast) -> None:
    made = [make("deals", name="Deal", closes_on=day).pk for day in ("2026-11-05", None, "2026-11-04")]
    assert scroll(Query(DEALS, order=("amount", "-closes_on")), cast.admin, 1) == [made[0], made[2], made[1]]


@given(amounts=amounts, order=orders, limit=st.integers(1, 4))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_pages_of_any_size_in_any_order_show_each_record_once_with_ties_and_gaps(
    cast: Cast, amounts: list[Any], order: tuple[str, ...], limit: int
) -> None:
    DEALS.model.objects.all().delete()
    days = ["2026-11-05", None, "2026-11-05", "2026-12-24"]
    made = [make("deals", name=f"Deal {place % 3}", amount=amount, closes_on=days[place % 4]) for place, amount in enumerate(amounts)]
    seen = scroll(Query(DEALS, parse("id > 0"), order), cast.admin, limit)
    assert sorted(seen) == sorted(deal.pk for deal in made)
    assert seen == [record.pk for record in page(Query(DEALS, order=order), to=cast.admin, limit=100).records]


def test_what_was_there_before_is_shown_once_though_records_come_and_go(cast: Cast) -> None:
    made = [make("deals", name=f"Deal {place:02}", amount=place) for place in range(12)]
    later = iter(range(100))

    def meanwhile() -> None:
        place = next(later)
        make("deals", name="Deal 00 early", amount=0)
        make("deals", name=f"Deal 05 b{place}", amount=5)

    seen = scroll(Query(DEALS, order=("name",)), cast.admin, 3, meanwhile)
    assert len(seen) == len(set(seen))
    assert [key for key in seen if key in {deal.pk for deal in made}] == [deal.pk for deal in made]


def test_a_record_deleted_while_one_scrolls_does_not_hide_another(cast: Cast) -> None:
    made = [make("deals", name=f"Deal {place:02}") for place in range(9)]
    gone = iter([made[4], made[7]])

    def meanwhile() -> None:
        one = next(gone, None)
        if one is not None:
            delete(one, by=cast.admin)

    seen = scroll(Query(DEALS, order=("name",)), cast.admin, 3, meanwhile)
    assert seen == [deal.pk for deal in made if deal not in {made[4], made[7]}]


@pytest.mark.parametrize(
    "cursor", ["x", "e30", "W10", "MTIz", "W251bGwsIDFd", "💥", "AAAA" * 500, "WzAsWyJuYW1lIl0sWyJhIl0sOTk5OTk5OTk5OTk5OTk5OTk5OTk5OV0"]
)
def test_a_forged_cursor_is_refused_with_what_to_do(cast: Cast, cursor: str) -> None:
    with pytest.raises(Unanswerable, match="start from the first page"):
        page(Query(DEALS, order=("name",)), to=cast.admin, after=cursor)


@pytest.mark.parametrize("order", [("closes_on",), ("-closes_on",), ("-amount",), ("name", "id")])
def test_the_first_pages_of_lanes_are_what_each_lane_alone_would_show(plan: None, cast: Cast, order: tuple[str, ...]) -> None:
    from django.db.models import Q

    stages = list(cast.pipeline.stages.filter(outcome="open"))
    days = ["2026-11-05", None, "2026-11-05", "2026-12-24", "2026-10-01"]
    for place in range(17):
        make("deals", name=f"Deal {place % 5}", amount=place % 4 or None, closes_on=days[place % 5], stage=stages[place % 3].pk)
    together = first_pages(Query(DEALS, parse("id > 0"), order), [Q(stage_id=stage.pk) for stage in stages], to=cast.admin, limit=3)
    for stage, found in zip(stages, together, strict=True):
        alone = Query(DEALS, parse(f"stage = {stage.pk}"), order)
        expected = page(alone, to=cast.admin, limit=3)
        assert [record.pk for record in found.records] == [record.pk for record in expected.records]
        assert found.next == expected.next
