"""What many new records lead to, asked for together: a thousand lines of orders ask for their orders once.

While records are being prepared side by side, the first that asks for what one of its links leads to has it fetched for
all of them. What is fetched is read and not written, and forgotten when they are prepared.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.core.exceptions import ObjectDoesNotExist

from guanxi.entity.entity import Entity


class _Together:
    """The cleaned values of records that are being prepared, and what was fetched for them."""

    def __init__(self, entity: Entity, rows: Sequence[Mapping[str, Any]]) -> None:
        self.model, self.rows = entity.model, rows
        self.found: dict[str, dict[int, Any]] = {}

    def get(self, name: str, key: int) -> Any:
        """What the link leads to; None when it is not fetched, or is not there."""
        if name not in self.found:
            target: Any = self.model._meta.get_field(name).related_model
            keys = {row[name] for row in self.rows if isinstance(row.get(name), int)}
            self.found[name] = target._default_manager.in_bulk(keys)
        return self.found[name].get(key)


_now: ContextVar[_Together | None] = ContextVar("prepared together", default=None)


@contextmanager
def together(entity: Entity, rows: Sequence[Mapping[str, Any]]) -> Iterator[None]:
    """Records with these values are prepared side by side."""
    token = _now.set(_Together(entity, rows) if len(rows) > 1 else None)
    try:
        yield
    finally:
        _now.reset(token)


def linked(record: Any, name: str) -> Any:
    """The record that a link leads to; None for an empty link and one that leads nowhere, which is refused later."""
    beside, key = _now.get(), getattr(record, f"{name}_id")
    if beside is not None and key is not None and isinstance(record, beside.model) and name not in record._state.fields_cache:
        found = beside.get(name, key)
        if found is not None:
            setattr(record, name, found)
            return found
    try:
        return getattr(record, name)
    except ObjectDoesNotExist:
        return None
