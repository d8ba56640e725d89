"""Trees at random: any at all, for the laws of text and JSON; and those that mean something to the toy trade."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from guanxi.entity.conditions import Aggregate, Compare, Not, Rows, Tree, all_of, any_of
from tests.conditions import toy
from tests.conditions.naive import DATES, INSTANTS, PERIODS

# Any tree

names = st.one_of(
    st.sampled_from(["amount", "account", "orders", "in", "is", "not", "and", "or", "has", "me", "名称"]), st.text(min_size=1, max_size=12)
)
numbers = st.one_of(
    st.integers(-(10**30), 10**30),
    st.decimals(-(10**9), 10**9, places=4).map(lambda one: one.normalize()).filter(lambda one: one != one.to_integral_value()),
)
texts = st.one_of(
    st.text(max_size=20),
    st.sampled_from(["me", "my_team", "today", "-90d", "2026-11-05", "this_month", "true", "null", "60%", "and", "start_of_month-1d"]),
)
scalars = st.one_of(st.none(), st.booleans(), numbers, texts)
lists = st.lists(scalars, min_size=1, max_size=4).map(tuple)


def compares(paths: st.SearchStrategy[Any]) -> st.SearchStrategy[Tree]:
    """Comparisons with any operator and any value it may be written with."""
    return st.one_of(
        st.builds(
            Compare,
            paths,
            st.sampled_from(["=", "!=", "<", "<=", ">", ">=", "contains", "not contains", "starts", "has", "not has", "within"]),
            scalars,
        ),
        st.builds(Compare, paths, st.sampled_from(["in", "not in", "has any", "has all"]), lists),
        st.builds(Compare, paths, st.just("between"), st.tuples(scalars, scalars)),
        st.builds(Compare, paths, st.sampled_from(["is empty", "is not empty"])),
    )


def grown(leaves: st.SearchStrategy[Tree], most: int = 8) -> st.SearchStrategy[Tree]:
    """Combinations of leaves, flat as parsing makes them."""
    several = lambda trees: st.lists(trees, min_size=2, max_size=3)  # noqa: E731
    return st.recursive(
        leaves, lambda trees: st.one_of(several(trees).map(all_of), several(trees).map(any_of), trees.map(Not)), max_leaves=most
    )


plain_paths = st.lists(names, min_size=1, max_size=3).map(tuple)
inner_trees = grown(compares(plain_paths), 3)
aggregates = st.one_of(
    st.just(Aggregate("count")), st.builds(Aggregate, st.sampled_from(["sum", "min", "max", "avg", "first", "last"]), names)
)
paths = st.one_of(
    plain_paths,
    st.tuples(st.builds(Rows, names, inner_trees), aggregates),
    st.tuples(names, st.builds(Rows, names, inner_trees)),
    st.tuples(names, aggregates),
)
any_trees = grown(compares(paths))

# Trees that mean something

ORDER = ["<", "<=", ">", ">="]
sought = st.sampled_from(["a", "AC", "cme", "上", "海贸", "%", "_", "'", '"', "\\", "é", "Zo", "100"])
words = st.sampled_from(toy.WORDS[1:])
amounts = st.sampled_from([0, 5, -5, Decimal("5.0001"), 1000, 3])
dates = st.sampled_from([*DATES, *(str(day) for day in toy.DAYS if day)])
moments = st.one_of(dates, st.sampled_from([*INSTANTS, "2026-11-05T08:30", "2026-11-05T08:30:30", "2026-11-05T03:00:00Z"]))
users = st.sampled_from(["me", "my_team", "Alice", "ACME", 1, 3, 99])


def _sorted(pair: tuple[Any, Any]) -> tuple[Any, Any]:
    return (min(pair), max(pair))


def _terms(op: st.SearchStrategy[str], value: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[str, Any]]:
    return st.tuples(op, value)


def _some(value: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(value, min_size=1, max_size=3).map(tuple)


def _ops(*several: str) -> st.SearchStrategy[str]:
    return st.sampled_from(several)


empties = st.sampled_from([("is empty", None), ("is not empty", None)])
TEXT = st.one_of(
    _terms(_ops("=", "!=", *ORDER), words), _terms(_ops("in", "not in"), _some(words)), _terms(_ops("contains", "not contains", "starts"), sought),
    _terms(st.just("between"), st.tuples(words, words)), empties,
)  # fmt: skip
LONG = st.one_of(_terms(_ops("contains", "not contains", "starts"), sought), empties)
counts = st.sampled_from([0, 1, 2, 3, 5, 1000])


def _numbers(value: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[str, Any]]:
    return st.one_of(
        _terms(_ops("=", "!=", *ORDER), value), _terms(_ops("in", "not in"), _some(value)),
        _terms(st.just("between"), st.tuples(value, value).map(_sorted)),
    )  # fmt: skip


COUNT = _numbers(counts)
NUMBER = st.one_of(_numbers(amounts), empties)
WHOLE = st.one_of(
    _terms(_ops("=", "!=", *ORDER), st.sampled_from([0, 1, 2, 5])),
    _terms(_ops("in", "not in"), _some(st.sampled_from([1, 2, 90]))),
    empties,
)
RATE = st.one_of(_terms(_ops("=", "!=", *ORDER), st.sampled_from(["50%", "60%", 0, Decimal("0.5"), 1])), empties)
DAY = st.one_of(
    _terms(_ops("=", "!=", *ORDER), dates), _terms(st.just("within"), st.sampled_from(sorted(PERIODS))),
    st.just(("between", ("-90d", "today"))), empties,
)  # fmt: skip
MOMENT = st.one_of(
    _terms(_ops("=", "!=", *ORDER), moments), _terms(st.just("within"), st.sampled_from(sorted(PERIODS))),
    st.sampled_from([("between", ("-90d", "today")), ("between", ("yesterday", "now")), ("between", ("2026-11-05T08:30", "2026-11-05T08:31"))]), empties,
)  # fmt: skip
CHOICE = st.one_of(
    _terms(_ops("=", "!="), st.sampled_from(toy.LABELS[1:])), _terms(_ops("in", "not in"), _some(st.sampled_from(toy.LABELS[1:]))), empties
)
FLAG = _terms(_ops("=", "!="), st.booleans())
PERSON = st.one_of(_terms(_ops("=", "!="), users), _terms(_ops("in", "not in"), _some(users)), empties)
PEOPLE = st.one_of(_terms(_ops("has", "not has"), users), _terms(_ops("has any", "has all"), _some(users)), empties)
TAGGED = st.one_of(
    _terms(_ops("has", "not has"), st.sampled_from(toy.TAGS)), _terms(_ops("has any", "has all"), _some(st.sampled_from(toy.TAGS))), empties
)
PHONED = st.one_of(
    _terms(_ops("has", "not has"), st.sampled_from(toy.PHONES)), _terms(_ops("has any", "has all"), _some(st.sampled_from(toy.PHONES))),
    _terms(_ops("contains", "not contains", "starts"), st.sampled_from(["138", "5678", "+86", "+44"])), empties,
)  # fmt: skip
MAILED = st.one_of(
    _terms(_ops("has", "not has"), st.sampled_from(toy.EMAILS)),
    _terms(_ops("contains", "starts"), st.sampled_from(["EXAMPLE", "ann@", ".cn"])),
    empties,
)
PLACED = st.one_of(_terms(_ops("contains", "not contains"), st.sampled_from(["上海", "上海市浦东", "london", "1 main", "100%"])), empties)
PART = st.one_of(_terms(_ops("=", "!="), st.sampled_from([*toy.CITIES, "LONDON"])), empties)

ON_SHOP = {"name": TEXT, "city": TEXT, "rating": NUMBER, "opened_on": DAY}
ON_LINE = {"what": TEXT, "quantity": WHOLE}
ON_ORDER = {
    "number": TEXT,
    "total": NUMBER,
    "placed_on": DAY,
    "paid_at": MOMENT,
    "stage": CHOICE,
    "items": WHOLE,
    "weight": NUMBER,
    "due_on": DAY,
}
ON_CUSTOMER = {
    "name": TEXT, "nick": TEXT, "note": LONG, "amount": NUMBER, "visits": WHOLE, "rate": RATE, "minutes": WHOLE, "since": DAY, "seen_at": MOMENT,
    "stage": CHOICE, "vip": FLAG, "owner": PERSON, "people": PEOPLE, "phones": PHONED, "emails": MAILED, "tags": TAGGED, "address": PLACED,
    "colour": TEXT, "points": NUMBER, "signed_on": DAY, "grade": CHOICE, "loud": FLAG,
}  # fmt: skip


def _on(fields: dict[str, st.SearchStrategy[Any]], *before: str) -> st.SearchStrategy[Tree]:
    return st.one_of([value.map(lambda pair, name=name: Compare((*before, name), *pair)) for name, value in fields.items()])  # type: ignore[misc]


def _totals(step: st.SearchStrategy[Any], fields: dict[str, st.SearchStrategy[Any]], added: list[str]) -> st.SearchStrategy[Tree]:
    """Comparisons of counts, sums and the like over a list."""
    made = [
        st.builds(lambda one, pair: Compare((one, Aggregate("count")), *pair), step, COUNT),
        st.builds(lambda one, pair: Compare((one,), *pair), step, empties),
    ]
    for name in added:
        number = fields[name] in (NUMBER, WHOLE)
        if number:
            made.append(st.builds(lambda one, pair, name=name: Compare((one, Aggregate("sum", name)), *pair), step, COUNT))  # type: ignore[misc]
        for function in ("min", "max", *(["avg"] if number else [])):
            made.append(  # noqa: PERF401
                st.builds(
                    lambda one, pair, name=name, function=function: Compare((one, Aggregate(function, name)), *pair), step, fields[name]
                )  # type: ignore[misc]
            )
    for name, value in fields.items():
        made.append(
            st.builds(
                lambda one, function, pair, name=name: Compare((one, Aggregate(function, name)), *pair),
                step,
                _ops("first", "last"),
                value,  # type: ignore[misc]
            )
        )
    return st.one_of(made)


on_orders = grown(st.one_of(_on(ON_ORDER), _totals(st.just("lines"), ON_LINE, ["quantity"]), _on(ON_LINE, "lines")), 3)
orders = st.one_of(st.just("orders"), st.builds(Rows, st.just("orders"), on_orders))
leaves = st.one_of(
    _on(ON_CUSTOMER),
    _on({"city": PART}, "address"),
    _on(ON_SHOP, "shop"),
    _on(ON_SHOP, "favourite"),
    _on(ON_ORDER, "orders"),
    _on(ON_LINE, "orders", "lines"),
    _totals(orders, ON_ORDER, ["total", "items", "weight", "placed_on"]),
    st.builds(lambda rows, term: Compare((rows, *term.path), term.op, term.value), orders, _on(ON_ORDER)),
    empties.map(lambda pair: Compare(("shop",), *pair)),
    empties.map(lambda pair: Compare(("favourite",), *pair)),
    COUNT.map(lambda pair: Compare(("shop", "customers", Aggregate("count")), *pair)),
    COUNT.map(lambda pair: Compare(("shop", "fans", Aggregate("count")), *pair)),
    empties.map(lambda pair: Compare(("shop", "fans"), *pair)),
)
customer_trees = grown(leaves, 6)
