"""What holds for every condition."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Q
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from guanxi.entity.conditions import ConditionError, Tree, check, compile, from_json, parse, print_text, sentence, to_json  # noqa: A004
from tests.conditions import toy
from tests.conditions.naive import World, holds
from tests.conditions.trees import any_trees, customer_trees

MORE = int(os.environ.get("MORE_EXAMPLES", "1"))
"""How many times as many examples to try, for a night's run."""
quick = settings(max_examples=150 * MORE, deadline=None, suppress_health_check=[*HealthCheck])
asking = settings(max_examples=200 * MORE, deadline=None, suppress_health_check=[*HealthCheck])


@quick
@given(any_trees)
def test_text_and_json_read_back_as_the_same_tree(tree: Tree) -> None:
    text = print_text(tree)
    assert repr(parse(text)) == repr(tree)  # the type of a value is part of the tree, and 1 == True
    assert print_text(parse(text)) == text
    assert repr(from_json(json.loads(json.dumps(to_json(tree))))) == repr(tree)


def read(reading: Callable[[Any], Tree], what: Any) -> tuple[Tree | None, Any]:
    """What is read, or why not."""
    try:
        return reading(what), None
    except ConditionError as refusal:
        return None, refusal


SCRAPS = [
    "and",
    "or",
    "not",
    "(",
    ")",
    "[",
    "]",
    ".",
    ",",
    "=",
    "!=",
    "<",
    ">=",
    "in",
    "has",
    "any",
    "is",
    "empty",
    "between",
    "amount",
    "orders",
    "count()",
    "sum(",
    '"',
    "'",
    "“",
    "`",
    "5",
    "-90d",
    "10_000",
    "1.5万",
    "2026-11-05",
    "&&",
    "\\",
    "\x00",
    "\n",
    "，",
    "＝",
    "½",
    "²",
]
fragments = st.lists(st.one_of(st.sampled_from(SCRAPS), st.text(max_size=5)), max_size=25).map(
    lambda parts: "".join(parts) if len(parts) % 3 == 0 else " ".join(parts)
)


@quick
@given(st.one_of(st.text(), fragments))
def test_any_text_is_read_or_refused_with_its_place(text: str) -> None:
    tree, refusal = read(parse, text)
    if tree is not None:
        assert parse(print_text(tree)) == tree
        return
    where = refusal.position
    assert 0 <= where.offset <= len(text)
    before = text[: where.offset].split("\n")
    assert (where.line, where.column) == (len(before), len(before[-1]) + 1)


anything = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=10)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.sampled_from(["and", "or", "not", "path", "op", "value", "x"]), inner, max_size=3),
        st.fixed_dictionaries(
            {
                "path": st.sampled_from(["amount", "orders.count()", "a..b"]),
                "op": st.sampled_from(["=", "in", "is empty", "~"]),
                "value": inner,
            }
        ),
    ),
    max_leaves=12,
)


@quick
@given(anything)
def test_any_json_is_read_or_refused_with_a_pointer(value: Any) -> None:
    tree, refusal = read(from_json, value)
    if tree is None:
        assert refusal.position.pointer is not None
    else:
        assert parse(print_text(tree)) == tree


@pytest.fixture(scope="module")
def world(trade: None, django_db_blocker: Any) -> World:
    with django_db_blocker.unblock():
        return World()


@pytest.mark.django_db
@asking
@given(tree=customer_trees)
@example(tree=parse("not amount = 5"))
@example(tree=parse("not (amount > 5 or not orders.total > 5)"))
@example(tree=parse("shop.city != London and not shop.city = London"))
@example(tree=parse("orders[not lines.quantity > 1].sum(total) between 0 and 1000"))
def test_the_database_finds_what_the_condition_means(world: World, tree: Tree) -> None:
    where = compile(tree, toy.CUSTOMERS, toy.BOB, now=toy.NOW)
    found = sorted(toy.Customer.objects.filter(where).values_list("pk", flat=True))
    meant = sorted(key for key, one in world.customers.items() if holds(tree, one, world))
    assert found == meant, print_text(tree)


@pytest.mark.django_db
@asking
@given(tree=customer_trees)
def test_not_finds_exactly_the_others(world: World, tree: Tree) -> None:
    found = set(toy.Customer.objects.filter(compile(tree, toy.CUSTOMERS, toy.BOB, now=toy.NOW)).values_list("pk", flat=True))
    others = set(toy.Customer.objects.filter(compile(~tree, toy.CUSTOMERS, toy.BOB, now=toy.NOW)).values_list("pk", flat=True))
    assert found | others == set(world.customers)
    assert not found & others


@pytest.mark.django_db
@settings(asking, max_examples=60 * MORE)
@given(tree=customer_trees)
def test_a_checked_tree_means_the_same_and_is_checked_once_and_for_all(world: World, tree: Tree) -> None:
    checked = check(tree, toy.CUSTOMERS, toy.BOB)
    assert check(checked, toy.CUSTOMERS, toy.BOB) == checked
    assert parse(print_text(checked)) == checked
    found, again = (
        sorted(toy.Customer.objects.filter(compile(one, toy.CUSTOMERS, toy.BOB, now=toy.NOW)).values_list("pk", flat=True))
        for one in (tree, checked)
    )
    assert found == again


@pytest.mark.django_db
@asking
@given(tree=any_trees)
def test_any_tree_compiles_or_is_refused(trade: None, tree: Tree) -> None:
    try:
        where = compile(tree, toy.CUSTOMERS, toy.BOB)
    except ConditionError:
        return
    assert toy.Customer.objects.filter(where).count() >= 0


@pytest.mark.django_db
@settings(asking, max_examples=100 * MORE)
@given(
    tree=customer_trees,
    total=st.sampled_from([None, 0, 5, 1000, 99999]),
    name=st.sampled_from(["Acme", "上海", "ab"]),
    stage=st.sampled_from(["won", "new", ""]),
)
def test_what_is_hidden_never_changes_a_result(world: World, tree: Tree, total: Any, name: str, stage: str) -> None:
    where = compile(tree, toy.CUSTOMERS, toy.BOB, now=toy.NOW)
    before = sorted(toy.Customer.objects.filter(where).values_list("pk", flat=True))
    hidden = Q(hush=True) | Q(deleted_at__isnull=False)
    with transaction.atomic():
        toy.Shop.objects.filter(hidden).update(name=name, city=name, rating=total and 5, opened_on=toy.NOW.date())
        toy.Order.objects.filter(hidden).update(
            total=total, number=name, stage=stage, placed_on=toy.NOW.date(), items=7, custom={"weight": total}
        )
        toy.Line.objects.filter(Q(order__hush=True) | Q(order__deleted_at__isnull=False) | Q(deleted_at__isnull=False)).update(
            what=name, quantity=77
        )
        after = sorted(toy.Customer.objects.filter(where).values_list("pk", flat=True))
        transaction.set_rollback(True)
    assert before == after, print_text(tree)


@pytest.mark.django_db
@quick
@given(st.one_of(customer_trees, any_trees))
def test_any_tree_has_words(trade: None, tree: Tree) -> None:
    for language in ("en", "zh-hans"):
        assert all(str(chip) for chip in sentence(tree, toy.CUSTOMERS, language, actor=toy.BOB))
