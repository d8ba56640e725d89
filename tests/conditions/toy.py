"""A small trade to test conditions on: shops, their customers, the customers' orders and the orders' lines.

Every kind of field is there, in columns that take NULL and columns that do not, and as custom values.
Bob reads it from Shanghai, on the fifth of November 2026 at eleven, and may not see what is hushed.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.postgres.fields import ArrayField
from django.db import connection, models
from django.db.models import Q

from guanxi.access.models import User
from guanxi.entity.actors import Action, Level, Locale
from guanxi.entity.entity import Entity, Noun, Related
from guanxi.entity.field import Field
from guanxi.entity.kinds import (
    Address,
    AnyRecord,
    Choice,
    Currency,
    Day,
    Duration,
    Emails,
    Link,
    Links,
    LongText,
    MoneyKind,
    Number,
    Option,
    Percent,
    Person,
    Phones,
    Tags,
    Text,
    YesNo,
)
from guanxi.entity.registry import complete, forget, register

ZONE = ZoneInfo("Asia/Shanghai")
NOW = dt.datetime(2026, 11, 5, 11, 0, tzinfo=ZONE)
STAGES = Choice((Option("new", "New"), Option("open", "In talks", also=("洽谈",)), Option("won", "Won"), Option("lost", "Lost")))


class Shop(models.Model):
    name = models.CharField(max_length=80)
    city = models.CharField(max_length=40, null=True)
    rating = models.DecimalField(max_digits=6, decimal_places=2, null=True)
    opened_on = models.DateField(null=True)
    hush = models.BooleanField(default=False)
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "toy"


class Customer(models.Model):
    name = models.CharField(max_length=80)
    nick = models.CharField(max_length=80, null=True)
    note = models.TextField(default="")
    amount = models.DecimalField(max_digits=20, decimal_places=4, null=True)
    currency = models.CharField(max_length=3, default="")
    visits = models.IntegerField(null=True)
    rate = models.DecimalField(max_digits=7, decimal_places=4, null=True)
    minutes = models.IntegerField(null=True)
    since = models.DateField(null=True)
    seen_at = models.DateTimeField(null=True)
    stage = models.CharField(max_length=10, default="")
    vip = models.BooleanField(null=True)
    shop = models.ForeignKey(Shop, models.SET_NULL, null=True, related_name="+")
    owner = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", db_constraint=False)
    people = ArrayField(models.BigIntegerField(), default=list)
    phones = models.JSONField(default=list)
    emails = models.JSONField(default=list)
    tags = ArrayField(models.CharField(max_length=60), default=list)
    address = models.JSONField(default=dict)
    about = models.CharField(max_length=60, default="")
    secret = models.CharField(max_length=20, default="")
    deleted_at = models.DateTimeField(null=True)
    custom = models.JSONField(default=dict)

    class Meta:
        app_label = "toy"


class Order(models.Model):
    customer = models.ForeignKey(Customer, models.CASCADE, null=True, related_name="+")
    number = models.CharField(max_length=20, default="")
    total = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    placed_on = models.DateField(null=True)
    paid_at = models.DateTimeField(null=True)
    stage = models.CharField(max_length=10, default="")
    items = models.IntegerField(default=0)
    hush = models.BooleanField(default=False)
    deleted_at = models.DateTimeField(null=True)
    custom = models.JSONField(default=dict)

    class Meta:
        app_label = "toy"


class Line(models.Model):
    order = models.ForeignKey(Order, models.CASCADE, related_name="+")
    what = models.CharField(max_length=40)
    quantity = models.IntegerField(default=1)
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "toy"


MODELS: tuple[type[models.Model], ...] = (Shop, Customer, Order, Line)

SHOPS = Entity(
    path="toy_shops",
    model=Shop,
    noun=Noun("shop", "shops"),
    icon="building",
    title="name",
    fields_declared=[Field("name"), Field("city"), Field("rating"), Field("opened_on")],
    related=[Related("customers", "toy_customers", "shop"), Related("fans", "toy_customers", "favourite")],
)
CUSTOMERS = Entity(
    path="toy_customers",
    model=Customer,
    noun=Noun("customer", "customers"),
    icon="user",
    title="name",
    fields_declared=[
        Field("name", label="Name"),
        Field("nick"),
        Field("note", kind=LongText()),
        Field("amount", kind=MoneyKind(), label="Amount"),
        Field("currency", kind=Currency()),
        Field("visits"),
        Field("rate", kind=Percent()),
        Field("minutes", kind=Duration()),
        Field("since", label="Customer since"),
        Field("seen_at"),
        Field("stage", kind=STAGES, label="Stage"),
        Field("vip"),
        Field("shop", kind=Link("toy_shops"), label="Shop"),
        Field("owner", kind=Person(), label="Owner"),
        Field("people", kind=Links("users")),
        Field("phones", kind=Phones()),
        Field("emails", kind=Emails()),
        Field("tags", kind=Tags(), label="Tags"),
        Field("address", kind=Address()),
        Field("about", kind=AnyRecord()),
        Field("secret"),
    ],
    related=[Related("orders", "toy_orders", "customer", "Orders", order="-placed_on")],
)
ORDERS = Entity(
    path="toy_orders",
    model=Order,
    noun=Noun("order", "orders"),
    icon="box",
    title="number",
    fields_declared=[
        Field("customer", kind=Link("toy_customers"), label="Customer"),
        Field("number"),
        Field("total", kind=MoneyKind(), label="Total"),
        Field("placed_on", label="Placed on"),
        Field("paid_at"),
        Field("stage", kind=STAGES),
        Field("items"),
    ],
    related=[Related("lines", "toy_lines", "order")],
)
LINES = Entity(
    path="toy_lines",
    model=Line,
    noun=Noun("line", "lines"),
    icon="list",
    title="what",
    part_of="order",
    fields_declared=[Field("order", kind=Link("toy_orders")), Field("what"), Field("quantity")],
)
ENTITIES = (SHOPS, CUSTOMERS, ORDERS, LINES)
CUSTOM = {
    "toy_customers": [
        Field("colour", kind=Text(), custom=True, label="Colour"),
        Field("points", kind=Number(), custom=True),
        Field("signed_on", kind=Day(), custom=True),
        Field("grade", kind=STAGES, custom=True),
        Field("loud", kind=YesNo(), custom=True),
        Field("favourite", kind=Link("toy_shops"), custom=True),
    ],
    "toy_orders": [Field("weight", kind=Number(), custom=True), Field("due_on", kind=Day(), custom=True)],
}


@dataclass(frozen=True)
class ToyRights:
    """Everything, or nothing that is hushed; `levels` narrows fields."""

    everything: bool = False
    levels: dict[tuple[str, str], Level] = field(default_factory=dict)
    blind_to: frozenset[str] = frozenset()

    def may(self, action: Action, entity: str) -> bool:
        return entity not in self.blind_to

    def where(self, action: Action, entity: str) -> Q:
        if entity in self.blind_to:
            return Q(pk__in=[])
        if entity in {"toy_shops", "toy_orders"} and not self.everything:
            return Q(hush=False)
        return Q(order__hush=False) if entity == "toy_lines" and not self.everything else Q()

    def level(self, entity: str, field: str) -> Level:
        return self.levels.get((entity, field), Level.EDIT)


@dataclass(frozen=True)
class Reader:
    """Somebody who reads."""

    pk: int | None = 2
    rights: ToyRights = ToyRights()
    locale: Locale = Locale("en", ZONE, "CNY", "CN")
    team_id: int | None = 1
    team_ids: tuple[int, ...] = (1,)


BOB = Reader()
SEES_ALL = Reader(rights=ToyRights(everything=True))


@contextmanager
def toy_entities() -> Iterator[None]:
    """The entities registered; taken out again."""
    register(*ENTITIES)
    complete()
    for entity in ENTITIES:
        custom = {one.name: one for one in CUSTOM.get(entity.path, [])}
        entity.fields = {**entity.bound, **custom}
    try:
        yield
    finally:
        for entity in ENTITIES:
            forget(entity.path)


@contextmanager
def toy_trade() -> Iterator[None]:
    """The entities registered and their tables made; both taken away again."""
    with toy_entities():
        with connection.schema_editor() as editor:
            for model in MODELS:
                editor.create_model(model)
        try:
            yield
        finally:
            with connection.schema_editor() as editor:
                for model in reversed(MODELS):
                    editor.delete_model(model)


# What rows are made of: few values, so that conditions meet them; awkward ones, so that they meet those.

WORDS = [
    "",
    "Acme",
    "ACME",
    "acme ltd",
    "Zoë",
    "ZOË",
    "上海",
    "上海贸易",
    "100%",
    "a_b",
    "it's",
    'a "b"',
    "back\\slash",
    "ab",
    "ÉCOLE",
    "é",
]
AMOUNTS = [None, Decimal(0), Decimal(5), Decimal(-5), Decimal("5.0001"), Decimal(1000), Decimal("99999.99")]
COUNTS = [None, 0, 1, 2, 5, -1]
RATES = [None, Decimal(0), Decimal("0.5"), Decimal("0.6"), Decimal(1)]
DAYS = [
    None,
    *(dt.date(2026, 11, day) for day in (1, 2, 4, 5, 6, 9)),
    dt.date(2026, 10, 31), dt.date(2026, 8, 7), dt.date(2026, 8, 6), dt.date(2027, 1, 1), dt.date(2025, 12, 31), dt.date(2024, 2, 29),
]  # fmt: skip
MOMENTS = [
    None,
    dt.datetime(2026, 11, 5, 0, 0, tzinfo=ZONE),
    dt.datetime(2026, 11, 4, 23, 59, 59, 999999, tzinfo=ZONE),
    dt.datetime(2026, 11, 5, 11, 0, tzinfo=ZONE),
    dt.datetime(2026, 11, 5, 8, 30, 30, tzinfo=ZONE),
    dt.datetime(2026, 11, 5, 8, 30, tzinfo=ZONE),
    dt.datetime(2026, 11, 5, 8, 31, tzinfo=ZONE),
    dt.datetime(2026, 11, 6, 0, 0, tzinfo=ZONE),
    dt.datetime(2026, 8, 7, 12, 0, tzinfo=ZONE),
]
LABELS = ["", "new", "open", "won", "lost"]
PHONES = ["+8613812345678", "+8613912345678", "+442071838750"]
EMAILS = ["ann@example.com", "bo@example.cn"]
TAGS = ["vip", "test", "VIP", "长期"]
CITIES = ["上海市", "北京市", "London"]
GONE = [None, None, None, dt.datetime(2026, 1, 1, tzinfo=dt.UTC)]
USERS = {1: ("Alice", 1), 2: ("Bob", 1), 3: ("Charlie", 2), 4: ("acme", None)}


def fill(seed: int, customers: int = 120) -> None:
    """Rows at random; the same for the same seed."""
    chance = random.Random(seed)
    pick = chance.choice
    Shop.objects.bulk_create(
        Shop(
            name=pick(WORDS[1:]),
            city=pick([None, "", *CITIES]),
            rating=pick(AMOUNTS[:5]),
            opened_on=pick(DAYS),
            hush=chance.random() < 0.3,
            deleted_at=pick(GONE),
        )
        for _number in range(12)
    )
    shops = list(Shop.objects.values_list("pk", flat=True))
    Customer.objects.bulk_create(_customer(chance, shops) for _number in range(customers))
    known = list(Customer.objects.values_list("pk", flat=True))
    Order.objects.bulk_create(
        Order(
            customer_id=pick([None, *known[: customers // 2]]), number=pick(WORDS), total=pick(AMOUNTS), placed_on=pick(DAYS), paid_at=pick(MOMENTS),
            stage=pick(LABELS), items=pick(COUNTS[1:]), hush=chance.random() < 0.3, deleted_at=pick(GONE),
            custom=_some(chance, weight=[1, 2.5, -1, 0], due_on=["2026-11-05", "2026-08-07", "2027-01-01"]),
        )
        for _number in range(customers * 2)
    )  # fmt: skip
    orders = list(Order.objects.values_list("pk", flat=True))
    Line.objects.bulk_create(
        Line(order_id=pick(orders), what=pick(WORDS[1:]), quantity=pick(COUNTS[1:]), deleted_at=pick(GONE))
        for _number in range(customers * 3)
    )


def _customer(chance: random.Random, shops: list[int]) -> Customer:
    pick = chance.choice
    return Customer(
        name=pick(WORDS), nick=pick([None, *WORDS]), note=pick(WORDS), amount=pick(AMOUNTS), currency=pick(["", "CNY", "USD"]), visits=pick(COUNTS),
        rate=pick(RATES), minutes=pick([None, 0, 30, 90, 120]), since=pick(DAYS), seen_at=pick(MOMENTS), stage=pick(LABELS), vip=pick([None, True, False]),
        shop_id=pick([None, *shops]), owner_id=pick([None, *USERS]), people=chance.sample(sorted(USERS), pick([0, 0, 1, 2, 3])),
        phones=[{"value": one, "label": "work"} if chance.random() < 0.5 else {"value": one} for one in chance.sample(PHONES, pick([0, 1, 2]))],
        emails=[{"value": one} for one in chance.sample(EMAILS, pick([0, 1, 2]))], tags=chance.sample(TAGS, pick([0, 0, 1, 2, 3])),
        address=pick([{}, {"province": "上海市", "city": "上海市", "district": "浦东新区"}, {"city": "London", "street": "1 Main St"}, {"text": "somewhere 100%"}]),
        about=pick(["", "deals:17", "deals:18"]), deleted_at=pick(GONE),
        custom=_some(
            chance, colour=[*WORDS[1:]], points=[0, 5, -5, 12.5, 1000], signed_on=["2026-11-05", "2026-08-07", "2024-02-29", "2027-01-01"],
            grade=["new", "won", "lost"], loud=[True, False], favourite=shops,
        ),
    )  # fmt: skip


def _some(chance: random.Random, **values: list[Any]) -> dict[str, Any]:
    """Custom values, each there, missing, or left behind as an empty one."""
    made: dict[str, Any] = {}
    for name, choices in values.items():
        if chance.random() < 0.7:
            made[name] = chance.choice(choices)
        elif chance.random() < 0.2:
            made[name] = chance.choice([None, ""])
    return made
