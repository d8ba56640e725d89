"""Conditions can be served by the indexes there are: the planner takes them where it must not scan."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from guanxi.entity.conditions import compile, parse  # noqa: A004
from tests.conditions import toy

pytestmark = pytest.mark.django_db

INDEXES = {
    "toy_points": "toy_customer ((custom -> 'points'), id)",
    "toy_signed": "toy_customer ((custom -> 'signed_on'), id)",
    "toy_grade": "toy_customer ((custom -> 'grade'), id)",
    "toy_favourite": "toy_customer ((custom -> 'favourite'), id)",
    "toy_colour": "toy_customer (upper(custom ->> 'colour') text_pattern_ops)",
    "toy_name": "toy_customer (upper(name) text_pattern_ops)",
    "toy_amount": "toy_customer (amount, id)",
    "toy_since": "toy_customer (since, id)",
    "toy_seen": "toy_customer (seen_at, id)",
    "toy_tags": "toy_customer USING gin (tags)",
    "toy_people": "toy_customer USING gin (people)",
    "toy_phones": "toy_customer USING gin (phones jsonb_path_ops)",
}
SERVED = [
    ("points = 5", "toy_points"),
    ("points > 5", "toy_points"),
    ("points between 5 and 9", "toy_points"),
    ("points in (5, 9)", "toy_points"),
    ("signed_on = today", "toy_signed"),
    ("signed_on within this_month", "toy_signed"),
    ("signed_on < -90d", "toy_signed"),
    ("grade = won", "toy_grade"),
    ("grade in (won, lost)", "toy_grade"),
    ("favourite = 5", "toy_favourite"),
    ("colour = red", "toy_colour"),
    ("colour in (red, blue)", "toy_colour"),
    ("colour starts re", "toy_colour"),
    ("name = acme", "toy_name"),
    ("name in (acme, bolt)", "toy_name"),
    ("name starts ac", "toy_name"),
    ("amount >= 10k", "toy_amount"),
    ("amount is empty", "toy_amount"),
    ("since within last_quarter", "toy_since"),
    ("seen_at = today", "toy_seen"),
    ("seen_at < -60d", "toy_seen"),
    ("tags has vip", "toy_tags"),
    ("tags has any (vip, test)", "toy_tags"),
    ("people has me", "toy_people"),
    ('phones has "13812345678"', "toy_phones"),
    ('phones has all ("13812345678", "13912345678")', "toy_phones"),
    ("shop.name = x", "toy_customer_shop_id"),
    ("orders.total > 5", "toy_order_customer_id"),
    ("orders[total > 5].count() > 3", "toy_order_customer_id"),
    ("orders is empty", "toy_order_customer_id"),
    ("orders.last(stage) = won", "toy_order_customer_id"),
]


@pytest.fixture(scope="module", autouse=True)
def _tables(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock(), toy.toy_trade():
        with connection.cursor() as cursor:
            for name, on in INDEXES.items():
                cursor.execute(f"CREATE INDEX {name} ON {on}")
        yield


@pytest.mark.parametrize(("text", "index"), SERVED, ids=[text for text, _index in SERVED])
def test_an_index_serves(text: str, index: str) -> None:
    where = compile(parse(text), toy.CUSTOMERS, toy.SEES_ALL, now=toy.NOW)
    narrowed = toy.Customer.objects.filter(where)
    if index.startswith("toy_order"):
        narrowed = narrowed.filter(pk__lt=3)  # a page's worth of customers, each with its orders
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_hashjoin = off")
        cursor.execute("SET LOCAL enable_mergejoin = off")
    plan = narrowed.explain()
    conditions = [line for line in plan.splitlines() if "Index Cond" in line or index in line]
    assert any(index in line for line in conditions), plan
    assert any("Index Cond" in line for line in conditions), plan
