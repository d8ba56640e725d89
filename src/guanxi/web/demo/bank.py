"""The demo company's bank statements: what came in these two weeks, for each seller what their own customers paid."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from guanxi.access.models import User
from guanxi.crm.models import Instalment, Payment

if TYPE_CHECKING:
    from guanxi.web.demo.company import Demo, Person

OWED, PAID = 3, 1
"""Lines a seller has to match with what is owed, and with a payment that was recorded already."""


def make_bank(demo: Demo) -> None:
    """Two weeks of two accounts. A line is owned by who owns the account that pays, so that whoever sees one may match it."""
    today, sellers = demo.now.date(), {one.user.pk: one for one in demo.sellers}
    recorded = Payment.objects.filter(amount__gt=0, method="transfer", received_on__gte=today - dt.timedelta(days=14))
    rows: list[tuple[Person, dict[str, Any]]] = [
        (sellers[paid.owner_id], _line(paid, paid.received_on, paid.amount, ""))
        for paid in _of_each(recorded.select_related("account").order_by("-received_on", "pk"), PAID)
    ]
    near = (today - dt.timedelta(days=200), today + dt.timedelta(days=60))
    owed = Instalment.objects.filter(open__gt=0, due_on__range=near).select_related("account", "order")
    due = sorted(owed, key=lambda one: (abs((one.due_on - today).days), one.pk))
    for place, one in enumerate(_of_each(due, OWED)):
        amount = one.open - (Decimal(12) if place % 5 == 4 and one.open > 1000 else 0)
        text = f"{one.order.number}" if one.order is not None and place % 2 else ("货款" if one.currency == "CNY" else "Invoice, thank you")
        rows.append((sellers[one.owner_id], _line(one, today - dt.timedelta(days=place % 6), amount, text)))
    yali = User.objects.get(username="yali").pk
    for day, amount, payer, text in ((1, "31.20", "中国银行", "结息"), (2, "-15.00", "", "手续费")):
        values = {"payer": payer, "text": text, "currency": "CNY", "owner": yali, "own_account": OWN["CNY"]}
        rows.append((sellers[yali], {"booked_on": today - dt.timedelta(days=day), "amount": Decimal(amount), **values}))
    demo.insert("bank_lines", rows, [demo.now] * len(rows))


def _of_each(several: Iterable[Any], most: int) -> list[Any]:
    """The first few of each owner."""
    found: dict[int, list[Any]] = defaultdict(list)
    for one in several:
        if one.account is not None and len(found[one.owner_id]) < most:
            found[one.owner_id].append(one)
    return [one for ones in found.values() for one in ones]


OWN = {"CNY": "6222 0210 0100 1234 567", "USD": "US 0042 7781"}


def _line(paid: Any, day: dt.date, amount: Decimal, text: str) -> dict[str, Any]:
    """A line of the statement by which that was paid."""
    values = {"currency": paid.currency, "own_account": OWN[paid.currency], "payer": paid.account.name, "owner": paid.account.owner_id}
    return {"booked_on": day, "amount": amount, "text": text, **values}
