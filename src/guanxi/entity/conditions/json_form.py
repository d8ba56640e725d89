"""The tree as JSON, for saved views, the API and the condition builder.

    {"and": [tree, …]}  {"or": [tree, …]}  {"not": tree}  {"path": "account.industry", "op": "=", "value": "retail"}

Groups without parts, as a builder leaves them, say nothing: null, {} and {"and": []} hold for every record.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from guanxi.base.words import similar
from guanxi.entity.conditions.errors import ConditionError, Position
from guanxi.entity.conditions.grammar import LISTS, OPERATORS, Budget, parse_path
from guanxi.entity.conditions.literals import number
from guanxi.entity.conditions.printing import print_path
from guanxi.entity.conditions.tree import (
    EVERYTHING,
    MOST_DEPTH,
    MOST_TEXT,
    MOST_VALUES,
    And,
    Compare,
    Not,
    Scalar,
    Tree,
    Value,
    all_of,
    any_of,
    too_deep,
    too_long,
    too_many_values,
)


def to_json(tree: Tree) -> dict[str, Any]:
    """The tree as JSON values. ConditionError when nested too deeply."""
    return _json(tree, 0)


def _json(tree: Tree, depth: int) -> dict[str, Any]:
    if depth > MOST_DEPTH:
        raise too_deep()
    if isinstance(tree, Not):
        return {"not": _json(tree.part, depth + 1)}
    if not isinstance(tree, Compare):
        return {"and" if isinstance(tree, And) else "or": [_json(part, depth + 1) for part in tree.parts]}
    term: dict[str, Any] = {"path": print_path(tree.path), "op": tree.op}
    if tree.op not in {"is empty", "is not empty"}:
        term["value"] = [_plain(one) for one in tree.value] if isinstance(tree.value, tuple) else _plain(tree.value)
    return term


def _plain(value: Scalar) -> Any:
    return float(value) if isinstance(value, Decimal) else value


def from_json(value: object) -> Tree:
    """The tree of a JSON value. ConditionError, with a pointer into the JSON."""
    return _read(value, "", Budget()) or EVERYTHING


def _read(value: object, pointer: str, budget: Budget) -> Tree | None:
    """The tree, or None for a group that says nothing."""
    budget.enter(lambda: Position(pointer=pointer))
    try:
        return _node(value, pointer, budget)
    finally:
        budget.leave()


def _node(value: object, pointer: str, budget: Budget) -> Tree | None:
    if value is None or value == {}:
        return None
    if not isinstance(value, Mapping):
        raise _wrong(_("A condition is an object with “and”, “or”, “not” or “path”."), pointer)
    for group in ("and", "or"):
        if group in value:
            _only(value, {group}, pointer)
            parts = _parts(value[group], f"{pointer}/{group}", budget)
            return (all_of(parts) if group == "and" else any_of(parts)) if parts else None
    if "not" in value:
        _only(value, {"not"}, pointer)
        part = _read(value["not"], f"{pointer}/not", budget)
        if part is None:
            raise _wrong(_("There is nothing to negate here."), f"{pointer}/not")
        return Not(part)
    return _term(value, pointer, budget)


def _parts(parts: object, pointer: str, budget: Budget) -> list[Tree]:
    if not isinstance(parts, (list, tuple)):
        raise _wrong(_("Send a list of conditions here."), pointer)
    if len(parts) > MOST_VALUES:
        raise too_many_values(Position(pointer=pointer))
    read = [_read(part, f"{pointer}/{index}", budget) for index, part in enumerate(parts)]
    return [part for part in read if part is not None]


def _term(value: Mapping[Any, Any], pointer: str, budget: Budget) -> Compare:
    budget.count(lambda: Position(pointer=pointer))
    _only(value, {"path", "op", "value"}, pointer)
    path, op = value.get("path"), value.get("op")
    if not isinstance(path, str):
        raise _wrong(_("“path” is missing: the field to compare, as text."), f"{pointer}/path")
    if not isinstance(op, str) or op not in OPERATORS:
        near = tuple(similar(op[:40], OPERATORS)) if isinstance(op, str) else ()
        shown = str(op)[:40] if isinstance(op, str) else ""
        message = _("“%(word)s” is no operator.") % {"word": shown} if shown else _("“op” is missing: the operator, as text.")
        raise ConditionError(message, Position(pointer=f"{pointer}/op"), place=shown, suggestions=near)
    steps, origin = parse_path(path, pointer, budget)
    return Compare(steps, op, _value(op, value, pointer), origin)


def _value(op: str, term: Mapping[Any, Any], pointer: str) -> Value:
    at = f"{pointer}/value"
    given = term.get("value")
    if op in {"is empty", "is not empty"}:
        if given is not None:
            raise _wrong(_("%(op)s takes no value.") % {"op": op}, at)
        return None
    if "value" not in term:
        raise _wrong(_("“value” is missing."), at)
    if op in LISTS or op == "between":
        several = list(given) if isinstance(given, (list, tuple)) else [given]
        if len(several) > MOST_VALUES:
            raise too_many_values(Position(pointer=at))
        if not several or (op == "between" and len(several) != 2):
            raise _wrong(_("Send two values.") if op == "between" else _("Send at least one value."), at)
        return tuple(_scalar(one, f"{at}/{index}") for index, one in enumerate(several))
    if isinstance(given, (list, tuple)):
        message = _("%(op)s compares with one value; for several write in (…) or has any (…).") % {"op": op}
        near = {"=": ("in",), "!=": ("not in",), "has": ("has any",)}.get(op, ())
        raise ConditionError(message, Position(pointer=at), suggestions=near)
    return _scalar(given, at)


def _scalar(value: object, pointer: str) -> Scalar:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        if len(value) > MOST_TEXT:
            raise too_long(Position(pointer=pointer))
        return value
    try:
        if isinstance(value, float) and math.isfinite(value):
            return number(Decimal(repr(value)))
        if isinstance(value, Decimal) and value.is_finite():
            return number(value)
        if isinstance(value, int):
            return number(Decimal(value)) if value.bit_length() < 200 else number(Decimal("1e99"))
    except ValueError as wrong:
        raise _wrong(str(wrong), pointer) from None
    raise _wrong(_("A value is a text, a number, true, false or null."), pointer)


def _only(value: Mapping[Any, Any], known: set[str], pointer: str) -> None:
    extra = [str(key) for key in value if key not in known]
    if extra:
        message = _("“%(key)s” has no meaning here.") % {"key": extra[0][:40]}
        near = tuple(similar(extra[0][:40], {"and", "or", "not", "path", "op", "value"}))
        raise ConditionError(message, Position(pointer=f"{pointer}/{_escaped(extra[0][:40])}"), place=extra[0][:40], suggestions=near)


def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")


def _wrong(message: str, pointer: str) -> ConditionError:
    return ConditionError(message, Position(pointer=pointer), place=pointer)
