"""What a condition means, written once more, as plainly as can be, over Python objects.

It shares nothing with the code it judges but the tree. Values are those of the toy trade only.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from guanxi.entity.conditions import Aggregate, And, Compare, Not, Or, Rows, Tree
from tests.conditions import toy

NEGATIVE = {"!=": "=", "not in": "in", "not contains": "contains", "not has": "has", "is empty": "is not empty"}
DAY = dt.timedelta(days=1)
DATES = {
    "today": dt.date(2026, 11, 5), "yesterday": dt.date(2026, 11, 4), "tomorrow": dt.date(2026, 11, 6), "-90d": dt.date(2026, 8, 7),
    "+1d": dt.date(2026, 11, 6), "-1y": dt.date(2025, 11, 5), "start_of_month": dt.date(2026, 11, 1), "end_of_year": dt.date(2026, 12, 31),
    "start_of_week": dt.date(2026, 11, 2), "start_of_month-1m": dt.date(2026, 10, 1),
}  # fmt: skip
INSTANTS = {"now": toy.NOW, "-2h": toy.NOW - dt.timedelta(hours=2), "+30min": toy.NOW + dt.timedelta(minutes=30)}
PERIODS = {
    "this_month": (dt.date(2026, 11, 1), dt.date(2026, 12, 1)), "last_month": (dt.date(2026, 10, 1), dt.date(2026, 11, 1)),
    "this_week": (dt.date(2026, 11, 2), dt.date(2026, 11, 9)), "next_7d": (dt.date(2026, 11, 5), dt.date(2026, 11, 12)),
    "last_90d": (dt.date(2026, 8, 8), dt.date(2026, 11, 6)), "2026-Q4": (dt.date(2026, 10, 1), dt.date(2027, 1, 1)),
    "2026-08": (dt.date(2026, 8, 1), dt.date(2026, 9, 1)), "2024": (dt.date(2024, 1, 1), dt.date(2025, 1, 1)),
    "today": (dt.date(2026, 11, 5), dt.date(2026, 11, 6)), "2026-11-04": (dt.date(2026, 11, 4), dt.date(2026, 11, 5)),
    "last_quarter": (dt.date(2026, 7, 1), dt.date(2026, 10, 1)),
}  # fmt: skip


class World:
    """All rows, as one reader may see them."""

    def __init__(self, everything: bool = False) -> None:
        self.everything = everything
        self.shops = {one.pk: one for one in toy.Shop.objects.all()}
        self.customers = {one.pk: one for one in toy.Customer.objects.all()}
        self.orders = {one.pk: one for one in toy.Order.objects.all()}
        self.lines = {one.pk: one for one in toy.Line.objects.all()}
        by_list: dict[str, tuple[dict[int, Any], Callable[[Any], Any]]] = {
            "orders": (self.orders, lambda one: one.customer_id),
            "lines": (self.lines, lambda one: one.order_id),
            "customers": (self.customers, lambda one: one.shop_id),
            "fans": (self.customers, lambda one: one.custom.get("favourite")),
        }
        self.lists: dict[str, dict[int, list[Any]]] = {}
        for name, (table, leads_to) in by_list.items():
            groups = self.lists[name] = {}
            for one in table.values():
                if self.seen(one):
                    groups.setdefault(leads_to(one), []).append(one)

    def seen(self, record: Any) -> bool:
        if record is None or record.deleted_at is not None:
            return False
        return self.everything or not getattr(record, "hush", False)

    def link(self, record: Any, name: str) -> Any:
        """The record a link leads to, if it is seen."""
        if name == "favourite":
            held = record.custom.get("favourite")
            found = self.shops.get(held) if isinstance(held, int) else None
        else:
            table = {"shop": self.shops, "customer": self.customers, "order": self.orders}[name]
            found = table.get(getattr(record, f"{name}_id"))
        return found if self.seen(found) else None

    def list(self, record: Any, name: str) -> list[Any]:
        """The related records that are seen."""
        return self.lists[name].get(record.pk, [])


LINKS = {"shop", "favourite", "customer", "order"}
LISTS = {"orders", "lines", "customers", "fans"}
EMPTY = object()


def holds(tree: Tree, record: Any, world: World) -> bool:
    """Whether the condition holds for the record."""
    if isinstance(tree, And):
        return all(holds(part, record, world) for part in tree.parts)
    if isinstance(tree, Or):
        return any(holds(part, record, world) for part in tree.parts)
    if isinstance(tree, Not):
        return not holds(tree.part, record, world)
    return _walk(list(tree.path), record, tree, world)


def _walk(path: list[Any], record: Any, term: Compare, world: World) -> bool:
    step, rest = path[0], path[1:]
    name = step.name if isinstance(step, Rows) else step
    if name in LISTS:
        rows = [] if record is EMPTY else world.list(record, name)
        if isinstance(step, Rows):
            rows = [one for one in rows if holds(step.where, one, world)]
        if not rest:
            return (not rows) is (term.op == "is empty")
        if isinstance(rest[0], Aggregate):
            return _aggregate(rest[0], name, None if record is EMPTY else rows, term)
        return any(_walk(rest, one, term, world) for one in rows)
    if rest and name in LINKS:
        there = None if record is EMPTY else world.link(record, name)
        return _walk(rest, EMPTY if there is None else there, term, world)
    if name == "address" and rest:
        return _compare("text", None if record is EMPTY else record.address.get(rest[0]), term)
    return _compare(_kind(name), None if record is EMPTY else _value(record, name), term)


def _aggregate(step: Aggregate, name: str, rows: list[Any] | None, term: Compare) -> bool:
    if step.function in {"first", "last"}:
        ordered = sorted(rows or [], key=lambda one: _place(one, name, step.function))
        value = None if not ordered else _value(ordered[-1 if step.function == "last" else 0], step.field)
        return _compare(_kind(step.field), value, term)
    if rows is None:
        return _compare("number", None, term)
    if step.function == "count":
        return _compare("number", len(rows), term)
    values = [one for one in (_value(row, step.field) for row in rows) if one not in (None, "")]
    values = [_number(one) if _kind(step.field) == "number" else one for one in values]
    if step.function == "sum":
        return _compare("number", sum(values, Decimal(0)), term)
    if not values:
        return _compare(_kind(step.field), None, term)
    made = {"min": min, "max": max, "avg": lambda several: sum(several) / len(several)}[step.function](values)
    return _compare(_kind(step.field), made, term)


def _place(one: Any, name: str, function: str) -> Any:
    """Orders go by day, those without one at the far end; all else by age."""
    if name != "orders":
        return one.pk
    far = one.placed_on is not None if function == "last" else one.placed_on is None
    return far, one.placed_on or dt.date.min, one.pk


KINDS = {
    **dict.fromkeys(["name", "nick", "note", "city", "colour", "number", "what"], "text"),
    **dict.fromkeys(["amount", "visits", "rate", "minutes", "points", "rating", "total", "items", "weight", "quantity", "id"], "number"),
    **dict.fromkeys(["since", "signed_on", "opened_on", "placed_on", "due_on"], "day"),
    **dict.fromkeys(["seen_at", "paid_at"], "moment"),
    **dict.fromkeys(["stage", "grade", "currency", "about"], "exact"),
    **dict.fromkeys(["vip", "loud"], "flag"),
    **dict.fromkeys(["shop", "owner", "favourite"], "key"),
    **dict.fromkeys(["phones", "emails"], "labelled"),
    **dict.fromkeys(["tags", "people"], "several"),
    "address": "address",
}  # fmt: skip
IN_CUSTOM = {"colour", "points", "signed_on", "grade", "loud", "favourite", "weight", "due_on"}


def _kind(name: str) -> str:
    return KINDS[name]


def _value(record: Any, name: str) -> Any:
    if name in IN_CUSTOM:
        held = record.custom.get(name)
        if held in (None, ""):
            return None
        return dt.date.fromisoformat(held) if _kind(name) == "day" else held
    if name == "id":
        return record.pk
    return getattr(record, f"{name}_id" if name in {"shop", "owner"} else name)


def _compare(kind: str, value: Any, term: Compare) -> bool:
    if term.op in NEGATIVE:
        return not _positive(kind, value, NEGATIVE[term.op], term.value)
    return _positive(kind, value, term.op, term.value)


def _positive(kind: str, value: Any, op: str, wanted: Any) -> bool:
    if kind == "flag":
        return bool(value) is wanted
    if value in (None, "", [], {}, ()):
        return False
    if op == "is not empty":
        return True
    return {
        "text": _text, "number": _numbers, "day": _day, "moment": _moment, "exact": _exact, "key": _key,
        "labelled": _labelled, "several": _several, "address": _address,
    }[kind](value, op, wanted)  # fmt: skip


def _upper(text: Any) -> str:
    return str(text).upper()


def _text(value: str, op: str, wanted: Any) -> bool:
    if op == "contains":
        return _upper(wanted) in _upper(value)
    if op == "starts":
        return _upper(value).startswith(_upper(wanted))
    return _ordered(_upper(value), op, [_upper(one) for one in wanted] if isinstance(wanted, tuple) else _upper(wanted))


def _ordered(value: Any, op: str, wanted: Any) -> bool:
    match op:
        case "=":
            return bool(value == wanted)
        case "<":
            return bool(value < wanted)
        case "<=":
            return bool(value <= wanted)
        case ">":
            return bool(value > wanted)
        case ">=":
            return bool(value >= wanted)
        case "in":
            return value in wanted
        case "between":
            return bool(wanted[0] <= value <= wanted[1])
    raise AssertionError(op)


def _number(value: Any) -> Decimal:
    text = str(value)
    return Decimal(text.rstrip("%")) / 100 if text.endswith("%") else Decimal(text)


def _numbers(value: Any, op: str, wanted: Any) -> bool:
    several = isinstance(wanted, tuple)
    return _ordered(_number(value), op, [_number(one) for one in wanted] if several else _number(wanted))


def _day(value: dt.date, op: str, wanted: Any) -> bool:
    if op == "within":
        first, end = PERIODS[str(wanted)]
        return first <= value < end
    if isinstance(wanted, tuple):
        return _ordered(value, op, tuple(_date(one) for one in wanted))
    return _ordered(value, op, _date(wanted))


def _date(wanted: Any) -> dt.date:
    return DATES[wanted] if wanted in DATES else dt.date.fromisoformat(wanted)


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime(day.year, day.month, day.day, tzinfo=toy.ZONE)


def _moment(value: dt.datetime, op: str, wanted: Any) -> bool:
    """A day is all its moments, a minute all its seconds; now is now."""
    if op == "within":
        first, end = PERIODS[str(wanted)]
        return _midnight(first) <= value < _midnight(end)
    if op == "between":
        low, high = (_span(one) for one in wanted)
        return low[0] <= value and (value < high[1] or value == high[0])
    start, end_at = _span(wanted)
    inside = start <= value < end_at or value == start
    return {"=": inside, "<": value < start, "<=": value < start or inside, ">": value > start and not inside, ">=": value >= start}[op]


def _span(wanted: str) -> tuple[dt.datetime, dt.datetime]:
    if wanted in INSTANTS:
        return INSTANTS[wanted], INSTANTS[wanted]
    if "T" in wanted:
        at = dt.datetime.fromisoformat(wanted)
        at = at if at.tzinfo else at.replace(tzinfo=toy.ZONE)
        return at, at + (dt.timedelta(seconds=1) if at.second else dt.timedelta(minutes=1))
    day = _date(wanted)
    return _midnight(day), _midnight(day + DAY)


def _exact(value: str, op: str, wanted: Any) -> bool:
    return _ordered(value, op, wanted)


def _keys(wanted: Any) -> set[int]:
    """The keys a value means: me is Bob, my team is Harbour, a title is those so called."""
    if wanted == "me":
        return {2}
    if wanted == "my_team":
        return {1, 2}
    if isinstance(wanted, str):
        return {key for key, (name, _team) in toy.USERS.items() if _upper(name) == _upper(wanted)}
    return {wanted}


def _key(value: int, op: str, wanted: Any) -> bool:
    return any(value in _keys(one) for one in (wanted if isinstance(wanted, tuple) else (wanted,)))


def _several(value: Any, op: str, wanted: Any) -> bool:
    held = set(value)
    means = [
        (_keys(one) if held and isinstance(next(iter(held)), int) else {one})
        for one in (wanted if isinstance(wanted, tuple) else (wanted,))
    ]
    return all(held & one for one in means) if op == "has all" else any(held & one for one in means)


def _labelled(value: Any, op: str, wanted: Any) -> bool:
    held = [one["value"] for one in value]
    if op in {"contains", "starts"}:
        return any(_text(one, op, wanted) for one in held)
    several = wanted if isinstance(wanted, tuple) else (wanted,)
    return all(one in held for one in several) if op == "has all" else any(one in held for one in several)


def _address(value: dict[str, str], op: str, wanted: str) -> bool:
    parts = [value[part] for part in ("country", "province", "city", "district", "street", "postcode", "text") if part in value]
    chinese = any("\u4e00" <= sign <= "\u9fff" for sign in wanted)
    return _upper(wanted) in _upper(("" if chinese else " ").join(parts))
