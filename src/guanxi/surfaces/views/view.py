"""A view: which records, in which columns, order and shape. And its address, so that a page can be shared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import orjson

from guanxi.entity.conditions import Tree, to_json
from guanxi.entity.entity import Entity, Words

SHAPES = ("table", "board", "chart", "calendar")
KEPT = ("by", "lanes", "group", "bucket", "sum", "draw", "span")
"""What a shape is told besides the condition; kept with a saved view."""
PASSING = ("day",)
"""What a shape is told for now only."""


@dataclass(frozen=True)
class View:
    """What a page of many records shows."""

    entity: Entity
    key: str = ""
    """A preset's name, or the number of a saved view."""
    label: Words = ""
    condition: Tree | None = None
    search: str = ""
    order: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    """Names of the fields shown; empty for the entity's own choice."""
    shape: str = "table"
    options: Mapping[str, str] = field(default_factory=dict)
    saved: int | None = None
    """The saved view's number; None for one that comes with the product."""
    mine: bool = False
    shared: bool = False

    def option(self, name: str) -> str:
        """What the shape is told under this name."""
        return self.options.get(name, "")


def parameters(view: View, base: View, **also: str | None) -> dict[str, str]:
    """The address's parameters: the view the page stands on, and what differs from it. `also` adds, or takes out with None."""
    said: dict[str, str] = {}
    if base.key:
        said["view"] = base.key
    if view.condition != base.condition:
        said["condition"] = condition_text(view.condition)
    if view.search:
        said["q"] = view.search
    if view.order != base.order:
        said["order"] = ",".join(view.order)
    if view.columns != base.columns:
        said["columns"] = ",".join(view.columns)
    if view.shape != base.shape:
        said["shape"] = view.shape
    for name in (*KEPT, *PASSING):
        if view.option(name) != base.option(name):
            said[name] = view.option(name)
    for name, value in also.items():
        said.pop(name, None)
        if value is not None:
            said[name] = value
    return said


def address(view: View, base: View, *, below: str = "", **also: str | None) -> str:
    """The address of a page that shows the view; `below` names a page under the entity's."""
    query = urlencode(parameters(view, base, **also))
    path = f"/{view.entity.path}" + (f"/{below}" if below else "")
    return f"{path}?{query}" if query else path


def condition_text(tree: Tree | None) -> str:
    """A condition as JSON text, empty for none."""
    return "" if tree is None else orjson.dumps(to_json(tree)).decode()


def differs(view: View, base: View) -> bool:
    """Whether there is something to save: the search and what is shown for now aside."""
    kept = [name for name in KEPT if view.option(name) != base.option(name)]
    parts: tuple[Any, ...] = (view.condition, view.order, view.columns, view.shape)
    return bool(kept) or parts != (base.condition, base.order, base.columns, base.shape)
