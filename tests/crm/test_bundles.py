"""Bundles: a product that consists of others, at its own price or the sum of its parts."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from guanxi.crm.quotes.model import Quote
from guanxi.crm.quotes.verbs import accept, order, send
from guanxi.entity.registry import entity_named
from guanxi.record.changes import create, edit
from guanxi.record.refusals import Refused
from guanxi.surfaces.public.links import links_of, token_of
from tests.cast import Cast, make

pytestmark = pytest.mark.django_db


@pytest.fixture
def kit(cast: Cast) -> dict[str, Any]:
    """A starter kit of a gateway and ten sensors, for a tenth less than its parts."""
    sensor = make("products", name="Sensor", price="12.35", currency="USD")
    gateway = make("products", name="Gateway", price=90, currency="USD")
    bundle = make("products", name="Starter kit", priced_as="parts", bundle_discount="10%", currency="USD")
    make("components", bundle=bundle.pk, part=gateway.pk, position=1)
    make("components", bundle=bundle.pk, part=sensor.pk, quantity=10, position=2)
    return {"sensor": sensor, "gateway": gateway, "bundle": bundle}


def a_line(cast: Cast, product: Any, quantity: Any = 1, **values: Any) -> Any:
    account = make("accounts", name="Northwind", currency="USD", owner=cast.bob.pk)
    quote = create(entity_named("quotes"), {"account": account.pk, "currency": "USD", **values}, by=cast.bob)
    line = {"quote": quote.pk, "product": product.pk, "quantity": quantity, "tax_rate": "10%"}
    return create(entity_named("quote_lines"), line, by=cast.bob)


def test_a_bundle_costs_the_sum_of_its_parts_or_its_own_price(cast: Cast, kit: dict[str, Any]) -> None:
    line = a_line(cast, kit["bundle"], 2)
    assert (line.price, line.total, line.contents) == (Decimal("192.15"), Decimal("384.30"), "2 × Gateway\n20 × Sensor")
    assert Quote.objects.get(pk=line.quote_id).total == line.gross == Decimal("422.73")
    edit(line, {"quantity": 3}, by=cast.bob)
    line.refresh_from_db()
    assert (line.contents, line.total) == ("3 × Gateway\n30 × Sensor", Decimal("576.45"))
    edit(line, {"contents": "As discussed"}, by=cast.bob)
    edit(line, {"quantity": 1}, by=cast.bob)
    line.refresh_from_db()
    assert line.contents == "As discussed", "what was typed stays"
    edit(line, {"product": kit["sensor"].pk}, by=cast.bob)
    edit(kit["bundle"], {"priced_as": "own", "price": 180}, by=cast.admin)
    assert a_line(cast, kit["bundle"]).price == 180


def test_price_books_and_their_tiers_hold_for_bundle_and_parts(cast: Cast, kit: dict[str, Any]) -> None:
    book = make("price_books", name="Dealers", currency="USD")
    make("prices", book=book.pk, product=kit["sensor"].pk, from_quantity=1, price=10)
    make("prices", book=book.pk, product=kit["sensor"].pk, from_quantity=20, price=8)
    assert a_line(cast, kit["bundle"], 1, book=book.pk).price == Decimal(171)
    assert a_line(cast, kit["bundle"], 2, book=book.pk).price == Decimal(153)
    make("prices", book=book.pk, product=kit["bundle"].pk, from_quantity=1, price=150)
    assert a_line(cast, kit["bundle"], 2, book=book.pk).price == 150
    edit(kit["gateway"], {"currency": "EUR"}, by=cast.admin)
    with pytest.raises(Refused, match=r"Price|price"):
        a_line(cast, kit["bundle"])


def test_bundles_are_of_plain_products(cast: Cast, kit: dict[str, Any]) -> None:
    outer = make("products", name="Everything")
    for bundle, part, field in (
        (kit["bundle"], kit["bundle"], "part"),
        (outer, kit["bundle"], "part"),
        (kit["sensor"], outer, "bundle"),
        (kit["bundle"], kit["sensor"], "part"),
    ):
        with pytest.raises(Refused) as refused:
            make("components", bundle=bundle.pk, part=part.pk)
        assert list(refused.value.errors) == [field]
    with pytest.raises(Refused):
        edit(kit["bundle"], {"bundle_discount": "150%"}, by=cast.admin)


def test_what_was_sold_stays_what_it_was(cast: Cast, kit: dict[str, Any], client: Client) -> None:
    line = a_line(cast, kit["bundle"], 2)
    send(line.quote, by=cast.bob)
    make("components", bundle=kit["bundle"].pk, part=make("products", name="Cable", price=1, currency="USD").pk)
    url = f"/p/{token_of(links_of(entity_named('quotes'), line.quote_id)[0])}"
    assert "2 × Gateway<br>20 × Sensor" in client.get(url).content.decode()
    assert client.get(f"{url}/pdf").content[:5] == b"%PDF-"
    accept(line.quote, by=cast.bob)
    made = order(line.quote, by=cast.bob)
    sold = made.lines.get()
    assert (sold.contents, sold.total, made.total) == (line.contents, line.total, Quote.objects.get(pk=line.quote_id).total)


def test_the_api_and_the_pages_know_components(cast: Cast, kit: dict[str, Any], client_of: Any) -> None:
    admin = client_of(cast.admin)
    found = admin.get(f"/api/v1/products/{kit['bundle'].pk}/components").json()["data"]
    assert [(one["name"], Decimal(one["quantity"])) for one in found] == [("Gateway", 1), ("Sensor", 10)]
    page = admin.get(f"/products/{kit['bundle'].pk}").content.decode()
    assert [one for one in ("Consists of", "Gateway", "Sensor") if one not in page] == []
