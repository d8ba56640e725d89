"""Quotes: priced by the book, sent once, answered, made anew, ordered."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from guanxi.crm.deals.verbs import quote as make_quote
from guanxi.crm.quotes.model import Quote
from guanxi.crm.quotes.verbs import accept, contract, order, reject, reprice, revise, send
from guanxi.entity.registry import entity_named
from guanxi.record.changes import create, delete, edit
from guanxi.record.refusals import Forbidden, Refused
from tests.cast import Cast, make

pytestmark = pytest.mark.django_db


def now(quote: Any) -> Quote:
    return Quote.objects.get(pk=quote.pk)


def a_quote(cast: Cast, **values: Any) -> Quote:
    account = make("accounts", name="Northwind", currency="USD", owner=cast.bob.pk)
    quote = create(entity_named("quotes"), {"account": account.pk, **values}, by=cast.bob)
    create(entity_named("quote_lines"), {"quote": quote.pk, "name": "Sensor", "quantity": 10, "price": 20, "tax_rate": "10%"}, by=cast.bob)
    create(entity_named("quote_lines"), {"quote": quote.pk, "name": "Training", "quantity": 1, "price": 500, "optional": True}, by=cast.bob)
    return now(quote)


def test_optional_lines_do_not_count_until_they_are_taken(cast: Cast) -> None:
    quote = a_quote(cast)
    assert (quote.net, quote.tax, quote.total, quote.currency) == (200, 20, 220, "USD")
    edit(quote.lines.get(name="Training"), {"optional": False}, by=cast.bob)
    assert now(quote).total == 720


def test_prices_come_from_the_book_by_quantity(cast: Cast) -> None:
    product = make("products", name="Sensor", price=100, currency="USD")
    book = make("price_books", name="Dealers", currency="USD")
    for quantity, price in ((1, 90), (10, 80), (100, 70)):
        make("prices", book=book.pk, product=product.pk, from_quantity=quantity, price=price)
    quote = a_quote(cast, book=book.pk)
    line = create(entity_named("quote_lines"), {"quote": quote.pk, "product": product.pk, "quantity": 12}, by=cast.bob)
    assert line.price == 80
    edit(line, {"quantity": 120}, by=cast.bob)
    assert (quote.lines.get(pk=line.pk).price, now(quote).net) == (70, 8600)
    edit(quote.lines.get(pk=line.pk), {"price": 65}, by=cast.bob)
    edit(quote.lines.get(pk=line.pk), {"quantity": 2}, by=cast.bob)
    assert quote.lines.get(pk=line.pk).price == 65, "a price typed by hand stays"
    reprice(now(quote), by=cast.bob)
    assert quote.lines.get(pk=line.pk).price == 90
    with pytest.raises(Refused) as refused:
        make("quotes", account=quote.account_id, book=book.pk, currency="CNY")
    assert list(refused.value.errors) == ["book"]


def test_another_product_brings_its_own_name_and_price(cast: Cast) -> None:
    sensor = make("products", name="Sensor", price=100, currency="USD")
    gateway = make("products", name="Gateway", price=300, currency="USD")
    quote = a_quote(cast)
    line = create(entity_named("quote_lines"), {"quote": quote.pk, "product": sensor.pk, "quantity": 2}, by=cast.bob)
    edit(line, {"product": gateway.pk}, by=cast.bob)
    line.refresh_from_db()
    assert (line.name, line.price, line.total) == ("Gateway", 300, 600)
    edit(line, {"product": sensor.pk, "price": 95}, by=cast.bob)
    line.refresh_from_db()
    assert (line.price, line.total) == (95, 190)


def test_a_sent_quote_stands_with_its_rate(cast: Cast) -> None:
    make("rates", currency="EUR", base="USD", starts_on="2026-01-01", rate="1.25")
    quote = a_quote(cast, currency="EUR")
    send(quote, by=cast.bob, sent_on="2026-11-01")
    sent = now(quote)
    assert (sent.status, sent.rate, sent.valid_until) == ("sent", Decimal("1.25"), dt.date(2026, 12, 1))
    for wrong in (
        lambda: edit(sent, {"terms": "Other terms"}, by=cast.bob),
        lambda: edit(sent.lines.get(name="Sensor"), {"price": 1}, by=cast.bob),
        lambda: edit(sent.lines.get(name="Training"), {"optional": False}, by=cast.bob),
        lambda: delete(sent, by=cast.bob),
    ):
        with pytest.raises(Refused):
            wrong()


def test_a_new_edition_takes_the_place_of_the_old_one(cast: Cast) -> None:
    quote = a_quote(cast)
    send(quote, by=cast.bob)
    newer = revise(now(quote), by=cast.bob)
    assert (newer.number, newer.edition, newer.status, newer.total, newer.lines.count()) == (quote.number, 2, "draft", 220, 2)
    assert (now(quote).status, newer.replaces_id) == ("replaced", quote.pk)
    with pytest.raises(Forbidden):
        accept(now(quote), by=cast.bob)


def test_an_accepted_quote_becomes_an_order_and_a_contract(cast: Cast) -> None:
    quote = a_quote(cast)
    send(quote, by=cast.bob)
    accept(now(quote), by=cast.bob, answered_by="Wei Zhang")
    ordered, agreed = order(now(quote), by=cast.bob), contract(now(quote), by=cast.bob)
    assert (ordered.total, ordered.lines.count(), ordered.quote_id) == (220, 1, quote.pk)
    assert (agreed.value, agreed.quote_id, agreed.account_id) == (220, quote.pk, quote.account_id)
    for again in (order, contract):
        with pytest.raises((Refused, Forbidden)):
            again(now(quote), by=cast.bob)
    assert (now(quote).orders.count(), now(quote).contracts.count()) == (1, 1)
    entity_named("orders").verb("cancel")(ordered, by=cast.bob, reason="Typed twice")
    assert order(now(quote), by=cast.bob).quote_id == quote.pk


def test_what_is_over_is_not_accepted_and_a_rejection_says_why(cast: Cast) -> None:
    quote = a_quote(cast)
    send(quote, by=cast.bob, sent_on="2020-01-01", valid_until="2020-02-01")
    with pytest.raises(Forbidden):
        accept(now(quote), by=cast.bob)
    reject(now(quote), by=cast.bob, reason="Too dear")
    assert (now(quote).status, now(quote).reason) == ("rejected", "Too dear")


def test_a_deal_is_quoted_for_with_its_lines(cast: Cast) -> None:
    account = make("accounts", name="Northwind", currency="USD", owner=cast.bob.pk)
    deal = make("deals", name="Fleet", account=account.pk, currency="USD", owner=cast.bob.pk)
    make("deal_lines", deal=deal.pk, name="Sensor", quantity=3, price=100)
    quote = make_quote(deal, by=cast.bob)
    assert (quote.name, quote.total, quote.deal_id) == ("Fleet", 300, deal.pk)
