"""The tree of a condition: what it says, neither how it is written nor how it is asked of the database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TypeAlias

from django.utils.translation import gettext as _

from guanxi.entity.conditions.errors import ConditionError, Position, position_in

MOST_TEXT = 50_000
MOST_DEPTH = 24
MOST_TERMS = 250
MOST_VALUES = 1_000
MOST_STEPS = 6
MOST_DIGITS = 40

AGGREGATES = ("count", "sum", "min", "max", "avg", "first", "last")

Scalar: TypeAlias = "str | int | Decimal | bool | None"
Value: TypeAlias = "Scalar | tuple[Scalar, ...]"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a comparison was written: in a text, by offsets; in JSON, by pointer, with offsets into the path. Nowhere if made by hand."""

    text: str = ""
    steps: tuple[int, ...] = ()
    op: int = 0
    values: tuple[int, ...] = ()
    pointer: str | None = None

    def step(self, index: int) -> Position | None:
        """The position of a step of the path."""
        if self.steps:
            pointer = None if self.pointer is None else f"{self.pointer}/path"
            return position_in(self.text, self.steps[min(index, len(self.steps) - 1)], pointer)
        return None

    def operator(self) -> Position | None:
        """The position of the operator."""
        if self.pointer is not None:
            return Position(pointer=f"{self.pointer}/op")
        return position_in(self.text, self.op) if self.steps else None

    def value(self, index: int | None = None) -> Position | None:
        """The position of the value, or of one value of several."""
        if self.pointer is not None:
            return Position(pointer=f"{self.pointer}/value" + ("" if index is None else f"/{index}"))
        if not self.values:
            return self.operator()
        return position_in(self.text, self.values[min(index or 0, len(self.values) - 1)])


class _Combined:
    """Trees combine with `&`, `|` and `~`."""

    __slots__ = ()

    def __and__(self: Tree, other: Tree) -> Tree:  # type: ignore[misc]
        return all_of((self, other))

    def __or__(self: Tree, other: Tree) -> Tree:  # type: ignore[misc]
        return any_of((self, other))

    def __invert__(self: Tree) -> Tree:  # type: ignore[misc]
        return Not(self)


@dataclass(frozen=True, slots=True)
class And(_Combined):
    """Every part holds. Without parts it holds for every record."""

    parts: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Or(_Combined):
    """At least one part holds. Has two parts or more."""

    parts: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Not(_Combined):
    """Exactly the records for which the part does not hold."""

    part: Tree


@dataclass(frozen=True, slots=True)
class Rows:
    """A step to the related records that match a condition of their own: `orders[placed_on > -90d]`."""

    name: str
    where: Tree


@dataclass(frozen=True, slots=True)
class Aggregate:
    """The last step of a path: one value out of the related records, `count()` or `sum(total)`."""

    function: str
    field: str = ""


Step: TypeAlias = "str | Rows | Aggregate"


@dataclass(frozen=True, slots=True)
class Compare(_Combined):
    """The value at a path compared: `account.industry = "retail"`."""

    path: tuple[Step, ...]
    op: str
    value: Value = None
    origin: Origin = field(default=Origin(), compare=False, repr=False)


Tree: TypeAlias = "And | Or | Not | Compare"

EVERYTHING = And(())
"""Holds for every record; the empty text."""


def all_of(parts: Iterable[Tree]) -> Tree:
    """All parts together, as one flat `And`; a single part stays itself."""
    flat = [one for part in parts for one in (part.parts if isinstance(part, And) else (part,))]
    return flat[0] if len(flat) == 1 else And(tuple(flat))


def any_of(parts: Iterable[Tree]) -> Tree:
    """Any of the parts, as one flat `Or`; a single part stays itself. There must be one."""
    flat = [one for part in parts for one in (part.parts if isinstance(part, Or) else (part,))]
    if not flat:
        raise ValueError("Any of nothing holds for no record, which no condition says.")
    if len(flat) == 1:
        return flat[0]
    return EVERYTHING if EVERYTHING in flat else Or(tuple(flat))


def terms(tree: Tree) -> Iterator[Compare]:
    """Every comparison in a tree, those inside brackets after the one they belong to."""
    if isinstance(tree, Compare):
        yield tree
        for step in tree.path:
            if isinstance(step, Rows):
                yield from terms(step.where)
    else:
        for part in (tree.part,) if isinstance(tree, Not) else tree.parts:
            yield from terms(part)


def too_deep(position: Position | None = None) -> ConditionError:
    """The error for a condition nested too deeply."""
    return ConditionError(_("This condition is nested too deeply; at most %(most)d levels.") % {"most": MOST_DEPTH}, position)


def too_many_terms(position: Position | None = None) -> ConditionError:
    """The error for a condition with too many comparisons."""
    message = _("This condition has too many comparisons; at most %(most)d.") % {"most": MOST_TERMS}
    return ConditionError(message, position)


def too_many_values(position: Position | None = None) -> ConditionError:
    """The error for a list with too many values."""
    return ConditionError(_("This list has too many values; at most %(most)d.") % {"most": MOST_VALUES}, position)


def too_long(position: Position | None = None) -> ConditionError:
    """The error for a text that is too long."""
    return ConditionError(_("This condition is too long; at most %(most)d characters.") % {"most": MOST_TEXT}, position)
