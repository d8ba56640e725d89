"""Writes a tree as text: one way for each tree, and it reads back as the same tree."""

from __future__ import annotations

from guanxi.entity.conditions.grammar import LISTS
from guanxi.entity.conditions.literals import write_name, write_value
from guanxi.entity.conditions.tree import MOST_DEPTH, Aggregate, And, Compare, Not, Or, Rows, Step, Tree, too_deep


def print_text(tree: Tree) -> str:
    """The canonical text of a tree; everything is the empty text. ConditionError when nested too deeply."""
    return _tree(tree, 0)


def print_path(path: tuple[Step, ...]) -> str:
    """The text of a path alone, as JSON holds it."""
    return _path(path, 0)


def _tree(tree: Tree, depth: int) -> str:
    if depth > MOST_DEPTH:
        raise too_deep()
    if isinstance(tree, Compare):
        return _comparison(tree, depth)
    if isinstance(tree, Not):
        return f"not {_within(tree.part, (And, Or), depth + 1)}"
    if isinstance(tree, Or):
        return " or ".join(_within(part, (Or,), depth + 1) for part in tree.parts)
    return " and ".join(_within(part, (And, Or), depth + 1) for part in tree.parts)


def _within(part: Tree, bracketed: tuple[type, ...], depth: int) -> str:
    text = _tree(part, depth)
    return f"({text})" if isinstance(part, bracketed) else text


def _comparison(term: Compare, depth: int) -> str:
    path = _path(term.path, depth)
    if term.op in {"is empty", "is not empty"}:
        return f"{path} {term.op}"
    return f"{path} {term.op} {print_values(term)}"


def print_values(term: Compare) -> str:
    """The value of a comparison as text."""
    value = term.value
    if not isinstance(value, tuple):
        return write_value(value)
    if term.op == "between":
        return " and ".join(write_value(one) for one in value)
    if term.op in LISTS and value == ("my_team",):
        return "my_team"
    return f"({', '.join(write_value(one) for one in value)})"


def _path(path: tuple[Step, ...], depth: int) -> str:
    return ".".join(_step(step, depth) for step in path)


def _step(step: Step, depth: int) -> str:
    if isinstance(step, Rows):
        return f"{write_name(step.name)}[{_tree(step.where, depth + 1)}]"
    if isinstance(step, Aggregate):
        return f"{step.function}({write_name(step.field) if step.field else ''})"
    return write_name(step)
