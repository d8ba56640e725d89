"""Events: what happened to a record. A subclass's docstring is its documentation for webhooks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any


class Event:
    """Something that happened; `DealWon` is called `deal.won`."""

    _named: dict[str, type[Event]] = {}
    undone_by: str = ""
    """The verb that undoes it, when giving back the values before is not enough."""
    undone_with: Mapping[str, Any] = {}
    """What that verb is told."""

    def __init_subclass__(cls) -> None:
        Event._named[name_of(cls)] = cls


def name_of(event: type[Event] | str) -> str:
    """The dotted name."""
    if isinstance(event, str):
        return event
    words = re.findall(r"[A-Z][a-z0-9]*", event.__name__)
    return f"{''.join(words[:-1]).lower()}.{words[-1].lower()}"


def undoing(event: str) -> tuple[str, Mapping[str, Any]] | None:
    """The name of the verb that undoes an event, and what it is told; None when giving back the values before does it."""
    found = Event._named.get(event)
    return (found.undone_by, found.undone_with) if found and found.undone_by else None


def known() -> dict[str, str]:
    """Every declared event with its documentation."""
    return {name: (event.__doc__ or "").strip() for name, event in sorted(Event._named.items())}
