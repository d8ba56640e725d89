"""Records of any entity in any number, made from nothing but the registry: every kind with values, ties and empty ones."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from guanxi.entity.actors import SYSTEM
from guanxi.entity.entity import Entity
from guanxi.entity.field import Field
from guanxi.entity.kinds import Choice, Currency, Day, Link, Links, Moment, Number, Percent, Phone, Tags, Text, Url, Year, YesNo
from guanxi.entity.kinds.lists import Address, Emails, Phones, Several
from guanxi.entity.kinds.texts import CreditCode, Email
from guanxi.entity.registry import entity_named
from guanxi.record.changes import Origin, create
from tests import fitting

NAMES = ["Alder Freight", "远航物流", "Ødegård & Sons", "Brook <b>Dairy</b>", "Alder Freight", "张三", 'O\'Hara "Ltd"', "Zephyr"]
ONLY_ONCE = {"external_id", "username", "name"}
"""Unique somewhere, or looked at by a person: every record has its own."""
LEFT_ALONE = {
    "stages": {"requires", "moves_to", "tone"},
    "users": {"roles", "also_in", "zone", "is_superuser", "is_active"},
    "teams": {"parent"},
    "territories": {"parent"},
    "pools": {"given_by"},
    "accounts": {"pool", "parent"},
    "contacts": {"reports_to"},
    "activities": {"follows", "about"},
    "deals": {"pipeline", "loss_reason"},
    "leads": {"status", "reason", "pool"},
    "web_forms": {"pool"},
}  # fmt: skip
"""What needs more than one field to be right."""


FITTING: dict[str, Callable[[int], dict[str, Any]]] = {
    "instalments": lambda at: {"order": None, "contract": None, "account": fitting.an_account()},
    "invoices": lambda at: {
        "order": None,
        "contract": None,
        "account": fitting.an_account(),
        "kind": "ordinary",
        "tax_rate": "13%",
        "total": at,
    },
    "contracts": lambda at: {"ends_on": None},
    "orders": lambda at: {"contract": None},
    "quotes": lambda at: {"book": None},
    "price_books": lambda at: {"ends_on": None},
    "quote_lines": lambda at: {"quantity": at, "tax_rate": "6%", "discount": "5%", "price": 12},
    "order_lines": lambda at: {"order": fitting.a_draft(), "quantity": at, "tax_rate": "6%", "discount": "5%", "price": 12},
    "deliveries": lambda at: {**fitting.delivery(), "quantity": at},
    "matches": lambda at: {**fitting.match(), "amount": at, "settled": at},
    "assignment_rules": lambda at: {
        "of": ["leads", "accounts"][at % 2],
        "way": ["in_turn", "least_loaded"][at // 3 % 2],
        "people": [fitting.a_person()],
        "weights": str(100 + at % 5),
        "pool": None,
        "active": False,
    },
    "paper_templates": lambda at: {"accent": f"#0f766{at % 10}"},
    "reminders": lambda at: {"of": ["deals", "quotes"][at % 2]},
    "territories": lambda at: {"employees_from": at * 10, "employees_to": at * 10 + 5},
    "absences": lambda at: {
        "starts_on": dt.date(2026, 11, 1) + dt.timedelta(days=at // 3),
        "ends_on": dt.date(2026, 12, 1) + dt.timedelta(days=at // 3),
    },
    "components": lambda at: {**fitting.component(), "quantity": at},
    "products": lambda at: {"bundle_discount": f"{at % 40}%"},
    "payments": lambda at: {"amount": at, "bank_line": None},
    "bank_lines": lambda at: {"amount": at + 1},
    "claims": lambda at: {"amount": at + 1, "deal": None, "spent_on": f"2026-01-{at % 28 + 1:02}"},
    "credit_policies": lambda at: {"a_from": 80 + at % 9, "b_from": 65, "c_from": 50, "character_weight": "30%"},
    "credit_reviews": lambda at: {
        **dict.fromkeys(("character", "capacity", "capital", "collateral", "conditions"), at % 90),
        "valid_until": None,
    },
    "scores": lambda at: {"of": ["leads", "deals"][at % 2], "pipeline": None, "uses": ["source"], "active": False},
    "targets": lambda at: {
        "measure": ["won_amount", "opened_count"][at // 3 % 2],
        "period": f"{1990 + at}",
        "value": at * 10,
        "weight": at % 7 + 1,
        "family": "",
    },
    "rates": lambda at: {"currency": ["EUR", "USD", "JPY"][at % 3], "base": "CNY"},
}
"""Values that must fit each other."""

ONE_EACH = {("affiliations", "contact"), ("deal_contacts", "contact")}
"""Links of which no two records have the same."""


class Plenty:
    """Makes records, and what they lead to, once."""

    def __init__(self) -> None:
        self.made: dict[str, list[Any]] = {}
        self.number = 0

    def of(self, path: str, number: int, **values: Any) -> list[Any]:
        """So many new records of an entity; `values` are the same for all."""
        entity = entity_named(path)
        return [self.one(entity, values) for _place in range(number)]

    def one(self, entity: Entity, values: Mapping[str, Any]) -> Any:
        self.number += 1
        given: dict[str, Any] = FITTING.get(entity.path, lambda at: {})(self.number)
        for one in entity.fields.values():
            if one.read_only or not one.data or one.name in {**values, **given} or one.name in LEFT_ALONE.get(entity.path, ()):
                continue
            value = self.value(entity, one, self.number)
            if value is not None:
                given[one.name] = value
        return create(entity, {**given, **values}, by=SYSTEM, origin=Origin("system"))

    def value(self, entity: Entity, one: Field, at: int) -> Any:
        """A value of the field's kind; every fourth is empty, every third has the same as another."""
        kind, tie = one.k, at // 3
        if one.name in ONLY_ONCE:
            return f"{NAMES[at % len(NAMES)]} {at}" if one.name != "username" else f"person{at}"
        if not one.required and at % 4 == 0 and kind.name not in {"yes/no", "currency"}:
            return None
        if isinstance(kind, Link):
            return self.target(entity, one, at)
        if isinstance(kind, Links):
            return None
        if isinstance(kind, Choice):
            return kind.options[tie % len(kind.options)].value
        if isinstance(kind, Currency):
            return ["CNY", "USD", "EUR"][at % 3]
        if isinstance(kind, YesNo):
            return at % 2 == 0
        if isinstance(kind, Percent):
            return f"{(tie * 7) % 100}%"
        if isinstance(kind, Year):
            return 1980 + tie
        if isinstance(kind, Number):
            return tie * 1000 + 5
        if isinstance(kind, Day):
            return dt.date(2026, 11, 1) + dt.timedelta(days=tie * 5)
        if isinstance(kind, Moment):
            return dt.datetime(2026, 10, 1, 9, 30, tzinfo=dt.UTC) + dt.timedelta(hours=tie * 30)
        if isinstance(kind, Phones):
            return [{"value": f"+86138{at:08d}", "label": "mobile"}]
        if isinstance(kind, Emails):
            return [{"value": f"person{at}@example{tie}.com"}]
        if isinstance(kind, Several):
            return kind.sample() if tie % 2 else None
        if isinstance(kind, Tags):
            return [["key", "vip"][tie % 2], f"tag{tie}"]
        if isinstance(kind, Address):
            return {"province": ["上海市", "江苏省"][tie % 2], "city": "苏州市"}
        if isinstance(kind, Email):
            return f"one{at}@example.com"
        if isinstance(kind, Phone):
            return f"+86139{at:08d}"
        if isinstance(kind, Url):
            return f"https://example.com/{tie}"
        if isinstance(kind, CreditCode):
            return f"REG{at}"
        if kind.name in {"condition", "sites"}:
            return kind.sample()
        if isinstance(kind, Text):
            return NAMES[tie % len(NAMES)]
        return None

    def target(self, entity: Entity, one: Field, at: int) -> int | None:
        """A record the link may lead to; one of two, made on the first need."""
        path = one.k.linked() or ""
        if path == entity.path:
            return None
        other = entity_named(path)
        if (entity.path, one.name) in ONE_EACH:
            return int(self.of(path, 1)[0].pk)
        if path not in self.made:
            living = list(other.model._default_manager.filter(deleted_at__isnull=True)[:4])
            self.made[path] = living or self.of(path, 2)
        return int(self.made[path][(at // 3) % len(self.made[path])].pk)
