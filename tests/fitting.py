"""Records that have to fit each other: what no kind's sample and no chance gives."""

from __future__ import annotations

from typing import Any

from guanxi.access.models import User
from guanxi.crm.orders.verbs import confirm
from guanxi.entity.actors import SYSTEM
from tests.cast import make


def an_account(owner: int | None = None) -> int:
    """Somebody to sell to."""
    return int(make("accounts", name="Alder Freight", currency="CNY", owner=owner).pk)


def a_product() -> int:
    """Something to sell."""
    return int(make("products", name="Sensor", price=10, currency="CNY").pk)


def component() -> dict[str, Any]:
    """A product in another one."""
    return {"bundle": a_product(), "part": a_product()}


def a_line() -> Any:
    """A line of a confirmed order."""
    order = make("orders", account=an_account(), currency="CNY")
    line = make("order_lines", order=order.pk, name="Sensor", quantity=1_000_000, price=1)
    confirm(order, by=SYSTEM)
    return line


def delivery() -> dict[str, Any]:
    """What is delivered of it."""
    line = a_line()
    return {"order": line.order_id, "line": line.pk, "kind": "delivery"}


def match() -> dict[str, Any]:
    """A payment and an instalment of one account, both large enough."""
    due = {"account": an_account(), "currency": "CNY", "amount": 1_000_000}
    payment, instalment = make("payments", received_on="2026-11-01", **due), make("instalments", due_on="2026-11-01", **due)
    return {"payment": payment.pk, "instalment": instalment.pk}


def a_draft() -> int:
    """An order that takes lines."""
    return int(make("orders", account=an_account(), currency="CNY").pk)


def a_person() -> int:
    """Somebody who may sign in."""
    return int(User.objects.filter(is_active=True).order_by("pk").values_list("pk", flat=True)[0])
