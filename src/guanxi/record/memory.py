"""What a process may remember: things that change rarely (rights, names, stages), true for one epoch.

The epoch is one number in the database. Whoever changes such a thing raises it; every request and job asks for it first.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from django.db import connection

if TYPE_CHECKING:
    from guanxi.entity.actors import Actor
    from guanxi.entity.entity import Write

T = TypeVar("T")

_epoch = 0
_remembered: dict[Any, Any] = {}
_at_new_epoch: list[Callable[[], None]] = []


def remember(key: Any, make: Callable[[], T]) -> T:
    """The thing of this name, made once in the present epoch."""
    if key not in _remembered:
        _remembered[key] = make()
    return _remembered[key]  # type: ignore[no-any-return]


def at_new_epoch(act: Callable[[], None]) -> Callable[[], None]:
    """Have something done whenever an epoch begins."""
    _at_new_epoch.append(act)
    return act


def raise_epoch() -> None:
    """Begin a new epoch for every process when this transaction commits, and for this one now."""
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO epoch (id, number) VALUES (1, 2) ON CONFLICT (id) DO UPDATE SET number = epoch.number + 1")
    forget()


def tell_everyone(writes: Sequence[Write], by: Actor) -> None:
    """What follows from writing settings that every process remembers: a new epoch."""
    raise_epoch()


def keep_up() -> None:
    """Forget what belongs to an earlier epoch. One query; called at the start of every request and job."""
    global _epoch  # noqa: PLW0603 - one per process is the meaning of it
    with connection.cursor() as cursor:
        cursor.execute("SELECT number FROM epoch WHERE id = 1")  # by hand: every request pays for it
        row = cursor.fetchone()
    present = row[0] if row else 1
    if present != _epoch:
        forget()
        _epoch = present


def forget() -> None:
    """Forget everything remembered."""
    _remembered.clear()
    for act in _at_new_epoch:
        act()
