"""What stands on the first page. Nouns declare blocks by conditions; nothing here knows what they are about."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from django.utils.functional import Promise

from guanxi.access.models import User

Words = str | Promise


@dataclass(frozen=True)
class Todo:
    """Things to do by a moment, each with a button that does its verb in the dialog: overdue, today, soon."""

    name: str
    entity: str
    label: Words
    condition: str
    when: str
    """The field by which it is due."""
    verb: str
    shown: tuple[str, ...] = ()
    """Links and choices shown below the title."""
    empty: Words = ""
    view: str = ""
    """The preset of the entity's list that shows all."""
    new: Words = ""
    """What the button that adds one says."""
    new_url: str = ""
    """The form it opens, in the dialog."""
    rank: int = 0


@dataclass(frozen=True)
class Attention:
    """Records that want attention: a short list by a condition."""

    name: str
    entity: str
    label: Words
    condition: str
    order: tuple[str, ...]
    shown: tuple[str, ...] = ()
    icon: str = ""
    tone: str = ""
    empty: Words = ""
    rank: int = 0
    most: int = 6
    main: bool = False
    """Stands below what is to be done, not beside it."""


@dataclass(frozen=True)
class Measure:
    """One number: how many records match, or the sum of a money field over them."""

    name: str
    entity: str
    label: Words
    condition: str
    total: str = ""
    hint: Words = ""
    rank: int = 0
    tone: Literal["", "good", "bad", "warn"] = ""


@dataclass(frozen=True)
class Reached:
    """How far one is on the way to something."""

    label: str
    text: str
    hint: str
    url: str
    share: int
    """Of a hundred."""
    tone: str = ""


@dataclass(frozen=True)
class Progress:
    """What the reader is on the way to; the room that declares it says how far they are. Nothing shows where there is nothing."""

    name: str
    entity: str
    label: Words
    tell: Callable[[User], Sequence[Reached]]
    rank: int = 0


Block = Todo | Attention | Measure | Progress
_blocks: dict[str, Block] = {}


def put_home(*blocks: Block) -> None:
    """Declare blocks; one declared again replaces its namesake."""
    _blocks.update({block.name: block for block in blocks})


def blocks() -> Sequence[Block]:
    """All of them, in order."""
    return sorted(_blocks.values(), key=lambda block: block.rank)
