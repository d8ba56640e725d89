"""The demo company's papers: what won deals became, what of it was delivered, billed and paid."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from decimal import Decimal
from random import Random
from typing import Any

from guanxi.base.money import split
from guanxi.crm.lines.declaring import copied
from guanxi.crm.orders.model import Order
from guanxi.crm.orders.verbs import ordered
from guanxi.crm.products.model import Product
from guanxi.crm.quotes.model import Quote, QuoteLine
from guanxi.crm.quotes.verbs import AGREED
from guanxi.entity.actors import Actor
from guanxi.entity.registry import entity_named
from guanxi.record.changes import Origin, update

Row = tuple[Any, dict[str, Any]]
Insert = Callable[[str, list[Row], list[dt.datetime]], list[Any]]
CHUNK = 1000


class Documents:
    """Made from the deals that were won."""

    def __init__(self, deals: Iterable[Any], insert: Insert, chance: Random, now: dt.datetime, by: Actor, origin: Origin) -> None:
        self.deals = list(deals)
        self.won = [(customer, deal) for customer, deal, _road in self.deals if deal.outcome == "won" and deal.closed_on]
        self.insert, self.chance, self.now, self.by, self.origin = insert, chance, now, by, origin

    def make(self) -> None:
        """Contracts, orders with lines and deliveries, instalments, payments, invoices."""
        self._rates()
        self._quotes()
        self._contracts()
        self._orders()
        self._deliveries()
        self._money()

    def _rates(self) -> None:
        start = self.now.date() - dt.timedelta(days=800)
        days = [start + dt.timedelta(days=30 * month) for month in range(27)]
        worth = {"CNY": 0.139, "EUR": 1.09}
        rows = [
            (None, {"currency": code, "base": "USD", "starts_on": day, "rate": Decimal(f"{rate * self.chance.uniform(0.98, 1.02):.6f}")})
            for day in days
            for code, rate in worth.items()
        ]
        self.insert("rates", rows, [self.now] * len(rows))

    def _quotes(self) -> None:
        """For deals that came as far as a proposal: what was offered, and how it was answered."""
        offered = [
            (customer, deal, road[-1][0].date()) for customer, deal, road in self.deals if len(road) > 1 and self.chance.random() < 0.6
        ]
        products = list(Product.objects.filter(deleted_at__isnull=True, price__gt=0).order_by("pk"))
        rows: list[Row] = []
        for customer, deal, day in offered:
            until = day + dt.timedelta(days=30)
            rows.append((customer.seller, {
                "name": deal.name, "account": deal.account_id, "contact": deal.contact_id, "deal": deal.pk, "currency": deal.currency,
                "valid_until": until, "owner": deal.owner_id,
            }))  # fmt: skip
        whens = [self._at(day - dt.timedelta(days=5)) for _customer, _deal, day in offered]
        quotes = self.insert("quotes", rows, whens)
        lines: list[Row] = []
        moments: list[dt.datetime] = []
        for (customer, deal, _day), quote, moment in zip(offered, quotes, whens, strict=True):
            for values in self._lines(products, customer, deal):
                lines.append((customer.seller, {"quote": quote.pk, **values}))
                moments.append(moment)
        self.insert("quote_lines", lines, moments)
        sent = [
            (quote, day)
            for quote, (_customer, deal, day) in zip(quotes, offered, strict=True)
            if deal.outcome != "open" or self.chance.random() < 0.7
        ]
        self._update(
            "quotes",
            (
                (quote, {"status": "sent", "sent_on": day - dt.timedelta(days=4), "changed_at": self._at(day - dt.timedelta(days=4))})
                for quote, day in sent
            ),
            "quote.sent",
        )
        answers = {"won": ("accepted", "quote.accepted"), "lost": ("rejected", "quote.rejected")}
        outcomes = {deal.pk: deal.outcome for _customer, deal, _day in offered}
        for outcome, (status, event) in answers.items():
            pairs = [
                (quote, {"status": status, "answered_on": day, "changed_at": self._at(day)})
                for quote, day in sent
                if outcomes[quote.deal_id] == outcome
            ]
            self._update("quotes", pairs, event)
        self.accepted = {quote.deal_id: quote for quote in Quote.objects.filter(status="accepted").order_by("pk")}

    def _contracts(self) -> None:
        chosen = [(customer, deal) for customer, deal in self.won if self.chance.random() < 0.4]
        rows = []
        for customer, deal in chosen:
            quote = self.accepted.get(deal.pk)
            rows.append((customer.seller, {
                "name": deal.name, "account": deal.account_id, "contact": deal.contact_id, "deal": deal.pk,
                "quote": quote.pk if quote else None, "value": quote.total if quote else deal.amount,
                "currency": deal.currency, "starts_on": deal.closed_on, "ends_on": deal.closed_on + dt.timedelta(days=self.chance.choice([180, 365, 365, 730])),
                "kind": self.chance.choice(["sale", "sale", "service", "subscription", "framework"]), "notice_days": self.chance.choice([30, 60, 90]),
                "renewal": self.chance.choice(["none", "asked", "automatic"]), "owner": deal.owner_id,
            }))  # fmt: skip
        made = self.insert("contracts", rows, [self._at(deal.closed_on) for _customer, deal in chosen])
        self.contracts = {contract.deal_id: contract.pk for contract in made}
        self._update("contracts", ((one, {"status": "signed", "signed_on": one.starts_on}) for one in made), "contract.signed")
        over = [one for one in made if one.ends_on < self.now.date() and self.chance.random() < 0.8]
        self._update("contracts", ((one, {"status": "ended", "changed_at": self._at(one.ends_on)}) for one in over), "contract.ended")

    def _orders(self) -> None:
        """Of each deal that was won, as its quote says if one was accepted; of the latest quotes a third waits to be ordered."""
        lately = self.now.date() - dt.timedelta(days=21)
        won = [
            (customer, deal)
            for customer, deal in self.won
            if not (deal.pk in self.accepted and deal.closed_on > lately and self.chance.random() < 0.33)
        ]
        rows = [(customer.seller, {
            **self._asked(deal), "contract": self.contracts.get(deal.pk), "ordered_on": deal.closed_on,
            "due_on": deal.closed_on + dt.timedelta(days=self.chance.randint(14, 60)),
        }) for customer, deal in won]  # fmt: skip
        moments = [self._at(deal.closed_on) for _customer, deal in won]
        self.orders = self.insert("orders", rows, moments)
        products = list(Product.objects.filter(deleted_at__isnull=True, price__gt=0).order_by("pk"))
        agreed: dict[int, list[dict[str, Any]]] = {}
        for line in QuoteLine.objects.filter(AGREED, quote__in=self.accepted.values()).order_by("quote", "position", "pk"):
            agreed.setdefault(line.quote_id, []).append(copied(line, "order_lines"))
        lines: list[Row] = []
        whens: list[dt.datetime] = []
        for (customer, deal), order, moment in zip(won, self.orders, moments, strict=True):
            for values in agreed.get(order.quote_id) or self._lines(products, customer, deal):
                lines.append((customer.seller, {"order": order.pk, **values}))
                whens.append(moment)
        self.lines = self.insert("order_lines", lines, whens)
        self._update("orders", ((one, {"status": "confirmed"}) for one in self.orders), "order.confirmed")

    def _asked(self, deal: Any) -> dict[str, Any]:
        """What an order of a deal says of it: the very values that a person gets who makes an order of its quote."""
        quote = self.accepted.get(deal.pk)
        return ordered(quote, deal=deal.pk, quote=quote.pk) if quote else ordered(deal, deal=deal.pk)

    def _lines(self, products: list[Product], customer: Any, deal: Any) -> list[dict[str, Any]]:
        """The lines of a quote, or of an order without one."""
        tax, times = ("0.13", 7) if customer.chinese else ("0", 1)
        sold = self._sold(products, Decimal(deal.amount or 1000), times)
        return [{"position": position, "tax_rate": tax, **values} for position, values in enumerate(sold)]

    def _sold(self, products: list[Product], amount: Decimal, times: int) -> list[dict[str, Any]]:
        """Up to three products that come to about the amount; the last one's price is what was negotiated."""
        left = amount
        sold: list[dict[str, Any]] = []
        for product in self.chance.sample(products, self.chance.randint(1, 3)):
            price = Decimal(product.price or 1) * times
            quantity = int(left * Decimal("0.6") / price)
            if quantity:
                sold.append({"product": product.pk, "quantity": quantity, "price": price})
                left -= quantity * price
        if sold:
            last = sold[-1]
            last["price"] = (last["price"] + left / last["quantity"]).quantize(Decimal("0.01"))
            return sold
        return [{"name": self.chance.choice(products).name, "quantity": 1, "price": amount}]

    def _deliveries(self) -> None:
        today, rows, whens = self.now.date(), list[Row](), list[dt.datetime]()
        orders = {order.pk: order for order in self.orders}
        for line in self.lines:
            order = orders[line.order_id]
            age = (today - order.ordered_on).days
            share = 1 if age > 50 else 0.5 if age > 20 else 0
            quantity = int(line.quantity * Decimal(share))
            if quantity:
                day = min(today, order.ordered_on + dt.timedelta(days=self.chance.randint(5, 45)))
                rows.append(
                    (None, {"order": order.pk, "line": line.pk, "quantity": quantity, "moved_on": day, "tracking": f"SF{line.pk:012}"})
                )
                whens.append(self._at(day))
                if self.chance.random() < 0.03:
                    rows.append(
                        (
                            None,
                            {
                                "order": order.pk,
                                "line": line.pk,
                                "kind": "return",
                                "quantity": 1,
                                "moved_on": today,
                                "reason": "Damaged in transit",
                            },
                        )
                    )
                    whens.append(self.now)
        self.insert("deliveries", rows, whens)
        old = Order.objects.filter(state="fulfilled", ordered_on__lt=today - dt.timedelta(days=150)).order_by("pk")
        self._update(
            "orders",
            ((one, {"status": "closed", "changed_at": self._at((one.ordered_on or today) + dt.timedelta(days=120))}) for one in old),
            "order.closed",
        )

    def _money(self) -> None:
        self.orders = list(Order.objects.order_by("pk"))
        rows: list[Row] = []
        for order in self.orders:
            parts = self.chance.choice([[1], [3, 7], [3, 3, 4]])
            for number, amount in enumerate(split(order.total.quantize(Decimal("0.01")), parts), 1):
                name = f"第 {number} 期" if order.currency == "CNY" else f"Instalment {number} of {len(parts)}"
                due = order.ordered_on + dt.timedelta(days=30 * number)
                rows.append((None, {"order": order.pk, "name": name, "amount": amount, "due_on": due}))
        instalments = self.insert("instalments", rows, [self._at(values["due_on"] - dt.timedelta(days=90)) for _seller, values in rows])
        self._invoices(instalments)
        self._payments(instalments)

    def _payments(self, instalments: list[Any]) -> None:
        today, rows, settles = self.now.date(), list[Row](), list[tuple[Any, Decimal]]()
        for one in instalments:
            day = one.due_on + dt.timedelta(days=int(self.chance.gauss(2, 9)))
            luck = self.chance.random()
            if day > today or luck < 0.05:
                continue
            share = Decimal("0.5") if luck < 0.09 else Decimal(1)
            amount = (one.amount * share).quantize(Decimal("0.01"))
            over = Decimal(500) if luck > 0.98 else Decimal(0)
            rows.append((None, {
                "account": one.account_id, "amount": amount + over, "currency": one.currency, "received_on": day, "owner": one.owner_id,
                "method": self.chance.choice(["transfer", "transfer", "transfer", "acceptance"] if one.currency == "CNY" else ["transfer", "card", "cheque"]),
            }))  # fmt: skip
            settles.append((one, amount))
        whens = [self._at(values["received_on"]) for _seller, values in rows]
        payments = self.insert("payments", rows, whens)
        matches: list[Row] = [
            (None, {"payment": payment.pk, "instalment": one.pk, "amount": amount})
            for payment, (one, amount) in zip(payments, settles, strict=True)
        ]
        self.insert("matches", matches, whens)

    def _invoices(self, instalments: list[Any]) -> None:
        billed = [one for one in instalments if one.due_on < self.now.date() + dt.timedelta(days=10) and self.chance.random() < 0.85]
        rows: list[Row] = []
        for one in billed:
            chinese = one.currency == "CNY"
            kind = self.chance.choice(["special", "ordinary"]) if chinese else "commercial"
            rows.append((None, {"order": one.order_id, "total": one.amount, "tax_rate": "0.13" if chinese else "0", "kind": kind}))
        made = self.insert("invoices", rows, [self._at(one.due_on - dt.timedelta(days=11)) for one in billed])
        issued = []
        for number, (one, invoice) in enumerate(zip(billed, made, strict=True), 1):
            if self.chance.random() < 0.95:
                day = one.due_on - dt.timedelta(days=10)
                named = f"2631{number:016}" if one.currency == "CNY" else f"INV-{number:05}"
                issued.append((invoice, {"status": "issued", "number": named, "issued_on": day, "changed_at": self._at(day)}))
        self._update("invoices", issued, "invoice.issued")

    def _update(self, path: str, pairs: Iterable[tuple[Any, dict[str, Any]]], event: str) -> None:
        several = list(pairs)
        for start in range(0, len(several), CHUNK):
            update(entity_named(path), several[start : start + CHUNK], by=self.by, event=event, origin=self.origin)

    def _at(self, day: dt.date) -> dt.datetime:
        moment = dt.datetime(day.year, day.month, day.day, 2, self.chance.randint(0, 59), tzinfo=dt.UTC)
        return min(moment, self.now)
