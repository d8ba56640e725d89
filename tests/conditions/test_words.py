"""Conditions in words: the chips above a list, and what the builder offers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine

from guanxi.entity.actors import Level
from guanxi.entity.conditions import ConditionError, catalogue, check, keys_in, parse, sentence
from tests.conditions import toy

pytestmark = pytest.mark.usefixtures("entities", "_frozen")


@pytest.fixture
def _frozen() -> Iterator[None]:
    with time_machine.travel(toy.NOW, tick=False):
        yield


def chips(text: str, **values: Any) -> list[str]:
    """The chips of a condition over customers, as Bob reads them in English."""
    return [str(chip) for chip in sentence(parse(text), toy.CUSTOMERS, "en", actor=toy.BOB, **values)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("amount > 5k", "Amount over CN¥5,000"),
        ("amount <= 10", "Amount at most CN¥10"),
        ("stage != lost", "Stage is not Lost"),
        ("not stage = lost", "Stage is not Lost"),
        ("stage in (new, won, lost)", "Stage is any of New, Won or Lost"),
        ("rate >= 60%", "Rate at least 60%"),
        ("minutes > 90", "Minutes over 1 h 30"),
        ("vip = true", "Vip is Yes"),
        ('name starts "A"', "Name starts with A"),
        ("tags has all (vip, test)", "Tags has all of vip and test"),
        ("tags is empty", "Tags is empty"),
        ("since = today", "Customer since is today"),
        ("since > -90d", "Customer since after 90 days ago"),
        ("since <= +1w", "Customer since until in 1 week"),
        ("since within this_quarter", "Customer since in this quarter"),
        ("since within last_12mo", "Customer since in the last 12 months"),
        ("since within 2026-Q4", "Customer since in 2026-Q4"),
        ("since between -7d and today", "Customer since between 7 days ago and today"),
        ("owner = me", "Owner is me"),
        ("owner in my_team", "Owner is any of my team"),
        ("shop = 7", "Shop is #7"),
        ("shop.name contains x", "Shop › Name contains x"),
        ("orders is empty", "Orders none"),
        ("orders.count() > 3", "Orders › number over 3"),
        ("orders[placed_on > -90d].sum(total) >= 1万", "Orders (Placed on after 90 days ago) › sum of Total at least CN¥10,000"),
        ("orders.lines.quantity = 3", "Orders › Lines › Quantity is 3"),
        ("address.city = London", "Address › city is London"),
        ("not orders.total > 5", "not Orders › Total over CN¥5"),
        ("amount > 5 or vip = true", "Amount over CN¥5 or Vip is Yes"),
        ("vip = true or (amount > 5 and tags has vip)", "Vip is Yes or (Amount over CN¥5 and Tags has vip)"),
        ("not (vip = true or amount > 5)", "not (Vip is Yes or Amount over CN¥5)"),
        ("gone_field > 5", "gone_field > 5"),
        ("stage = gone_value", 'stage = "gone_value"'),
    ],
)
def test_a_condition_reads_as_a_sentence(text: str, words: str) -> None:
    assert chips(text) == [words]


def test_each_part_of_an_and_is_a_chip_of_its_own() -> None:
    assert chips("vip = true and (amount > 5 or amount is empty) and stage = won") == [
        "Vip is Yes", "Amount over CN¥5 or Amount is empty", "Stage is Won",
    ]  # fmt: skip
    assert chips("") == []


def test_chips_have_label_operator_and_value_apart() -> None:
    assert [tuple(chip) for chip in sentence(parse("amount > 5 and stage is empty"), toy.CUSTOMERS, "en", actor=toy.BOB)] == [
        ("Amount", "over", "CN¥5"), ("Stage", "is empty", ""),
    ]  # fmt: skip


def test_records_are_called_by_their_titles_where_given() -> None:
    text = "shop in (7, 8) and owner = 3 and orders[customer = 9].count() > 1"
    assert keys_in(parse(text), toy.CUSTOMERS) == {"toy_shops": {7, 8}, "users": {3}, "toy_customers": {9}}
    titles = {("toy_shops", 7): "Corner shop", ("users", 3): "Charlie", ("toy_customers", 9): "Acme"}
    assert chips(text, titles=titles) == [
        "Shop is any of Corner shop or #8", "Owner is Charlie", "Orders (Customer is Acme) › number over 1",
    ]  # fmt: skip


def test_days_read_as_the_reader_writes_them() -> None:
    assert chips("since >= 2024-02-29") == ["Customer since from Feb 29, 2024"]
    (chip,) = sentence(parse("since >= 2024-02-29"), toy.CUSTOMERS, "zh-hans", actor=toy.BOB)
    assert chip.value == "2024年2月29日"


def entries(**values: Any) -> dict[str, dict[str, Any]]:
    return {one["path"]: one for one in catalogue(toy.CUSTOMERS, toy.BOB, **values)["fields"]}


def test_the_catalogue_offers_own_fields_and_those_one_step_away() -> None:
    offered = entries()
    assert {"amount", "stage", "colour", "address", "address.city", "shop.name", "favourite.city"} <= set(offered)
    assert {"orders", "orders.count()", "orders.sum(total)", "orders.max(placed_on)", "orders.total"} <= set(offered)
    assert not {path for path in offered if path.count(".") > 1 and "(" not in path}
    assert offered["shop.name"]["group"] == "Shop"
    assert "orders" not in entries(depth=0)


def test_a_choice_comes_with_its_options_and_a_link_with_its_entity() -> None:
    offered = entries()
    assert offered["stage"]["choices"][1] == {"value": "open", "label": "In talks"}
    assert offered["shop"]["link"] == "toy_shops"
    assert offered["owner"]["words"] == [{"value": "me", "label": "me"}, {"value": "my_team", "label": "my team"}]
    assert {"value": "this_month", "label": "this month"} in offered["since"]["words"]
    assert [op for op in offered["since"]["ops"] if op["takes"] != "one"] == [
        {"op": "between", "label": "between", "takes": "two"},
        {"op": "within", "label": "in", "takes": "period"},
        {"op": "is empty", "label": "is empty", "takes": "none"},
        {"op": "is not empty", "label": "is not empty", "takes": "none"},
    ]


SAMPLES: dict[str, Any] = {"one": "{}", "many": "({})", "two": "{} and {}", "none": "", "period": "this_month"}
OF_KIND = {
    "number": "5", "whole number": "5", "money": "5", "percent": "50%", "duration": "90", "date": "2026-11-05", "moment": "2026-11-05",
    "link": "1", "user": "me", "links": "1", "yes/no": "true", "phones": '"+8613812345678"', "e-mails": '"a@b.co"', "currency": "CNY",
    "any record": '"deals:17"', "phone": '"+8613812345678"', "e-mail": '"a@b.co"', "url": '"https://b.co"',
}  # fmt: skip


def test_everything_the_catalogue_offers_is_a_condition() -> None:
    for path, entry in entries().items():
        for op in entry["ops"]:
            sample = entry["choices"][0]["value"] if "choices" in entry else OF_KIND.get(entry["kind"], '"x"')
            value = SAMPLES[op["takes"]].replace("{}", sample)
            text = f"{path} {op['op']} {value}".strip()
            try:
                check(parse(text), toy.CUSTOMERS, toy.BOB)
            except ConditionError as refusal:  # the message alone would not say of what
                pytest.fail(f"{text}: {refusal}")


def test_the_catalogue_keeps_what_the_reader_may_not_read_to_itself() -> None:
    hidden = {("toy_customers", "secret"): Level.HIDDEN, ("toy_orders", "total"): Level.MASKED, ("toy_customers", "shop"): Level.HIDDEN}
    bob = toy.Reader(rights=toy.ToyRights(levels=hidden))
    offered = {one["path"] for one in catalogue(toy.CUSTOMERS, bob)["fields"]}
    assert not {path for path in offered if "secret" in path or "total" in path or path.startswith("shop")}
    assert "orders.count()" in offered
    blind = toy.Reader(rights=toy.ToyRights(blind_to=frozenset({"toy_orders", "toy_shops"})))
    offered = {one["path"] for one in catalogue(toy.CUSTOMERS, blind)["fields"]}
    assert not {path for path in offered if path.startswith(("orders", "shop."))}
    assert "shop" in offered
