"""Orders: from draft to delivered, in parts, with returns; what was confirmed stands."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from guanxi.crm.deals.verbs import order as make_order
from guanxi.crm.orders.model import Delivery, Order
from guanxi.crm.orders.verbs import cancel, close, confirm, deliver, plan, reopen
from guanxi.entity.registry import entity_named
from guanxi.record.changes import create, delete, delete_many, edit, restore
from guanxi.record.refusals import Forbidden, Refused
from tests.api.conftest import Program
from tests.cast import Cast, make, signed_in
from tests.imports.bringing import brought, reasons

pytestmark = pytest.mark.django_db


def an_order(cast: Cast, *lines: dict[str, Any]) -> Order:
    account = make("accounts", name="Northwind", currency="USD", owner=cast.bob.pk, address={"country": "US", "city": "Boston"})
    order = create(entity_named("orders"), {"account": account.pk, "currency": "USD"}, by=cast.bob)
    for values in lines or (
        {"name": "Sensor", "quantity": 10, "price": "19.99", "tax_rate": "13%"},
        {"name": "Set-up", "quantity": 1, "price": 500},
    ):
        create(entity_named("order_lines"), {"order": order.pk, **values}, by=cast.bob)
    return now(order)


def now(order: Any) -> Order:
    return Order.objects.get(pk=order.pk)


def test_an_order_is_worth_its_lines_in_whole_cents(cast: Cast) -> None:
    order = an_order(cast)
    assert (order.net, order.tax, order.total) == (Decimal("699.90"), Decimal("25.99"), Decimal("725.89"))
    assert order.number.startswith("SO-")
    assert order.delivery_address["city"] == "Boston"


def test_it_is_delivered_in_parts_and_partly_comes_back(cast: Cast) -> None:
    order = an_order(cast)
    with pytest.raises(Refused):
        make("deliveries", order=order.pk, line=order.lines.get(name="Sensor").pk, quantity=1)
    confirm(order, by=cast.bob)
    line = order.lines.get(name="Sensor")
    make("deliveries", line=line.pk, order=order.pk, quantity=4)
    assert now(order).state == "partly"
    with pytest.raises(Refused) as refused:
        make("deliveries", line=line.pk, order=order.pk, quantity=7)
    assert list(refused.value.errors) == ["quantity"]
    deliver(now(order), by=cast.bob)
    assert (now(order).state, now(order).delivered) == ("fulfilled", 11)
    make("deliveries", line=line.pk, order=order.pk, quantity=2, kind="return", reason="Broken")
    with pytest.raises(Refused):
        make("deliveries", line=line.pk, order=order.pk, quantity=9, kind="return")
    assert (now(order).returned, now(order).state) == (2, "fulfilled")
    close(now(order), by=cast.bob)
    assert now(order).state == "closed"
    reopen(now(order), by=cast.bob)
    assert now(order).state == "fulfilled"


def test_a_delivery_of_another_orders_line_is_refused_wherever_it_is_typed(cast: Cast) -> None:
    order, other = (confirm(an_order(cast), by=cast.bob) for _time in range(2))
    line, theirs = (one.lines.get(name="Sensor") for one in (order, other))
    wrong = {"order": order.pk, "line": theirs.pk, "quantity": 1, "moved_on": "2026-11-05"}
    said = "This line belongs to another order."
    with pytest.raises(Refused) as refused:
        make("deliveries", **wrong)
    assert refused.value.errors == {"line": said}
    page = signed_in(cast.bob).post("/deliveries/new", {**wrong, "_fields": ",".join(wrong)})
    assert page.status_code == 422
    assert said in page.content.decode()
    told = Program(cast.bob).refused("POST", "deliveries", wrong, status=422)
    assert told["errors"] == [{"path": "line", "message": said}]
    one = brought("deliveries", ["Order", "Line", "Quantity", "Day"], [order.pk, theirs.pk, 1, "2026-11-05"], by=cast.admin)
    assert list(reasons(one)) == [2]
    assert said in reasons(one)[2]
    assert not Delivery.objects.exists()
    good = make("deliveries", **{**wrong, "line": line.pk})
    for values, place in (({"line": theirs.pk}, "line"), ({"order": other.pk}, "order")):
        with pytest.raises(Refused) as refused:
            edit(Delivery.objects.get(pk=good.pk), values, by=cast.bob)
        assert refused.value.errors == {place: said}
    moved = edit(Delivery.objects.get(pk=good.pk), {"line": theirs.pk, "order": other.pk}, by=cast.bob)
    assert (moved.order_id, moved.line_id) == (other.pk, theirs.pk)
    assert (now(order).delivered, now(other).delivered) == (0, 1)


def test_the_price_of_a_piece_keeps_its_digits_on_every_page(cast: Cast) -> None:
    order = an_order(cast, {"name": "Screw", "quantity": 1000, "price": "0.0125"}, {"name": "Sensor", "quantity": 10, "price": "890"})
    assert order.total == Decimal("8912.50")
    page = signed_in(cast.bob).get(f"/orders/{order.pk}").content.decode()
    for price in ("$0.0125", "$890.00"):
        assert price in page
    listed = signed_in(cast.bob).get("/order_lines").content.decode()
    assert "$0.0125" in listed


def test_what_was_confirmed_stands(cast: Cast) -> None:
    order = an_order(cast)
    line = order.lines.get(name="Sensor")
    gone = order.lines.get(name="Set-up")
    delete(gone, by=cast.bob)
    confirm(now(order), by=cast.bob)
    for wrong in (
        lambda: edit(line, {"quantity": 2}, by=cast.bob),
        lambda: delete(line, by=cast.bob),
        lambda: restore(gone, by=cast.bob),
        lambda: delete(now(order), by=cast.bob),
        lambda: delete_many(entity_named("orders"), [order.pk], by=cast.alice),
        lambda: make("order_lines", order=order.pk, name="More", price=1),
        lambda: edit(now(order), {"currency": "CNY"}, by=cast.bob),
    ):
        with pytest.raises(Refused):
            wrong()
    assert now(order).total == Decimal("225.89")


def test_a_delivered_order_cannot_be_cancelled(cast: Cast) -> None:
    order = an_order(cast)
    confirm(order, by=cast.bob)
    deliver(now(order), by=cast.bob)
    with pytest.raises(Forbidden):
        cancel(now(order), by=cast.bob, reason="Too late")


def test_a_deal_becomes_an_order_with_its_lines(cast: Cast) -> None:
    account = make("accounts", name="Northwind", currency="USD", owner=cast.bob.pk)
    deal = make("deals", name="Fleet", account=account.pk, currency="USD", owner=cast.bob.pk)
    make("deal_lines", deal=deal.pk, name="Sensor", quantity=3, price=100, discount="10%")
    order = make_order(deal, by=cast.bob)
    assert (order.total, order.deal_id, order.status) == (Decimal(270), deal.pk, "draft")


def test_its_payment_is_planned_to_the_cent(cast: Cast) -> None:
    order = an_order(cast, {"name": "Sensor", "quantity": 1, "price": "100"})
    plan(order, by=cast.bob, parts=3, first_on="2026-01-31", months=1)
    parts = list(order.instalments.order_by("due_on").values_list("amount", "due_on"))
    assert [(str(amount.normalize()), day.isoformat()) for amount, day in parts] == [
        ("33.34", "2026-01-31"), ("33.33", "2026-02-28"), ("33.33", "2026-03-31"),
    ]  # fmt: skip
    with pytest.raises(Forbidden):
        plan(now(order), by=cast.bob, parts=1)


def test_charlie_sees_none_of_it(cast: Cast) -> None:
    from guanxi.record.reach import visible

    order = an_order(cast)
    assert not visible(entity_named("orders"), to=cast.charlie).exists()
    assert not visible(entity_named("order_lines"), to=cast.charlie).filter(order=order.pk).exists()
