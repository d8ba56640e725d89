"""The contract of every list: over the registry, whatever the entity and the field."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from guanxi.entity.conditions import Compare, print_text
from guanxi.entity.entity import Entity
from guanxi.entity.field import Field
from guanxi.entity.registry import entities
from tests.cast import Cast
from tests.plenty import Plenty

pytestmark = pytest.mark.django_db

EVERY = [one.path for one in entities()]
ROW = re.compile(r'<tr id="r(\d+)" data-id="\1"')
NEXT = re.compile(r'hx-get="([^"]*after=[^"]*)" hx-trigger="intersect once"')
FRAGMENT = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def admin(cast: Cast, client_of: Callable[[Any], Client]) -> Client:
    return client_of(cast.admin)


def named(path: str) -> Entity:
    return next(one for one in entities() if one.path == path)


def ids_in(html: str) -> list[int]:
    return [int(key) for key in ROW.findall(html)]


def shown(client: Client, path: str, **params: str) -> list[int]:
    """The records of all pages of a list, in order."""
    url, found = f"/{path}?{urlencode({'condition': '', **params})}", []
    for _page in range(200):
        html = client.get(url, **FRAGMENT).content.decode()
        found += ids_in(html)
        more = NEXT.search(html)
        if not more:
            return found
        url = more[1].replace("&amp;", "&")
    raise AssertionError("the list has no end")


def living(entity: Entity) -> list[Any]:
    return list(entity.model._default_manager.filter(deleted_at__isnull=True).order_by("pk"))


@pytest.mark.parametrize("path", EVERY)
def test_the_list_shows_every_field_of_every_record(path: str, admin: Client, plenty: Plenty) -> None:
    entity = named(path)
    plenty.of(path, 8)
    names = [one.name for one in entity.data_fields]
    html = admin.get(f"/{path}?{urlencode({'columns': ','.join(names), 'condition': ''})}").content.decode()
    assert sorted(ids_in(html)) == [record.pk for record in living(entity)]
    head = re.search(r"<thead.*?</thead>", html, re.DOTALL)
    assert head is not None
    columns = head[0].count("<th ")
    assert {row.count("<td") for row in re.findall(r"<tr id=.*?</tr>", html)} == {columns}
    assert "<b>Dairy</b>" not in html


@pytest.mark.parametrize("path", EVERY)
def test_three_rows_cost_no_more_queries_than_one(path: str, admin: Client, plenty: Plenty) -> None:
    entity = named(path)
    names = ",".join(one.name for one in entity.data_fields)
    url = f"/{path}?{urlencode({'columns': names, 'condition': ''})}"
    # Records with every link filled in; the first request fills what processes remember.
    plenty.number = 2
    plenty.of(path, 2)
    admin.get(url)
    with CaptureQueriesContext(connection) as few:
        admin.get(url)
    plenty.of(path, 3)
    admin.get(url)
    with CaptureQueriesContext(connection) as many:
        admin.get(url)
    assert len(many) <= len(few), "\n".join(query["sql"][:200] for query in many)
    assert len(many) <= 20


@pytest.mark.parametrize("path", ["deals", "accounts", "contacts", "activities", "products"])
def test_a_list_as_it_comes_takes_at_most_twelve_queries(path: str, cast: Cast, client_of: Any, plenty: Plenty) -> None:
    plenty.of(path, 6, owner=cast.bob.pk) if "owner" in named(path).fields else plenty.of(path, 6)
    client = client_of(cast.alice)
    client.get(f"/{path}")
    with CaptureQueriesContext(connection) as asked:
        assert client.get(f"/{path}").status_code == 200
    assert len(asked) <= 12


@pytest.mark.parametrize("path", EVERY)
def test_every_order_visits_each_record_once(path: str, admin: Client, plenty: Plenty, monkeypatch: Any) -> None:
    entity = named(path)
    monkeypatch.setattr("guanxi.surfaces.listing.table.LIMIT", 4)
    plenty.of(path, 6)
    records = {record.pk: record for record in living(entity)}
    tried = [f"{sign}{one.name}" for one in entity.fields.values() if one.k.orderable for sign in ("", "-")]
    visits = {order: shown(admin, path, order=order) for order in tried}
    assert tried
    assert {order: sorted(keys) for order, keys in visits.items()} == dict.fromkeys(tried, sorted(records))
    wrong = [order for order, keys in visits.items() if not _in_order(entity, order, [records[key] for key in keys])]
    assert wrong == []


def _in_order(entity: Entity, order: str, records: list[Any]) -> bool:
    """Values that Python orders as the database does, empty ones last."""
    one = entity.fields[order.removeprefix("-")]
    if one.k.linked() or not (one.k.numeric or one.k.name in {"date", "moment", "yes/no"}):
        return True
    values = [getattr(value, "amount", value) for value in (one.of(record) for record in records)]
    filled = [value for value in values if value is not None]
    return values == sorted(filled, reverse=order.startswith("-")) + [None] * (len(values) - len(filled))


@pytest.mark.parametrize("path", EVERY)
def test_every_filter_narrows_to_exactly_the_records_that_match(path: str, admin: Client, plenty: Plenty) -> None:
    entity = named(path)
    plenty.of(path, 7)
    records = living(entity)
    expected, found = {}, {}
    for one in entity.fields.values():
        for op in ("=", "!=", "has", "contains", "is empty"):
            if op in one.k.operators:
                value, keys = _sought(one, op, records)
                text = print_text(Compare((one.name,), op, value))
                expected[text], found[text] = sorted(keys), sorted(shown(admin, path, where=text))
    assert expected
    assert found == expected


def _sought(one: Field, op: str, records: list[Any]) -> tuple[Any, list[int]]:
    """A value to look for, and the keys of the records that have it."""
    values = {record.pk: one.of(record) for record in records}
    kind = one.k
    if op == "is empty":
        return None, [key for key, value in values.items() if kind.is_empty(value)]
    full = [value for value in values.values() if not kind.is_empty(value)]
    if not full:
        return _any(one), list(values) if op == "!=" else []
    first = full[0]
    if op == "has":
        item = first[0]["value"] if kind.name in {"phones", "e-mails"} else first[0]
        own = {key: [part["value"] if isinstance(part, dict) else part for part in value or ()] for key, value in values.items()}
        return item, [key for key, parts in own.items() if item in parts]
    if op == "contains":
        return _part(kind.name, first, values)
    written = kind.dump(first)
    same = [key for key, value in values.items() if not kind.is_empty(value) and kind.dump(value) == written]
    if kind.name == "text":
        same = [key for key, value in values.items() if str(value).casefold() == str(first).casefold()]
    sought = written if isinstance(written, (int, bool)) else str(written)
    return sought, same if op == "=" else [key for key in values if key not in same]


def _any(one: Field) -> Any:
    if one.k.name == "any record":
        return "deals:999999"
    sample = one.k.sample()
    return sample if isinstance(sample, (str, int, bool)) and sample != "" else 1


def _part(name: str, first: Any, values: dict[int, Any]) -> tuple[str, list[int]]:
    def text(value: Any) -> str:
        if isinstance(value, list):
            return " ".join(part["value"] for part in value)
        return " ".join(value.values()) if isinstance(value, dict) else str(value or "")

    part = text(first)[1:4].strip()
    return part, [key for key, value in values.items() if part.casefold() in text(value).casefold()]
