"""What stands in the right column besides related lists. Nouns declare theirs: figures of value, time in stage, birthdays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.safestring import SafeString

from guanxi.access.models import User


@dataclass(frozen=True)
class Figure:
    """A line of an aside: what, how much, and in which tone."""

    label: str
    value: str | SafeString
    tone: str = ""
    share: int | None = None
    """Hundredths; drawn as a bar."""
    wide: bool = False
    """The value stands below its label and takes all the room."""


@dataclass(frozen=True)
class Aside:
    """A block of figures about one record. `figures` returns nothing when there is nothing to tell, and asks one query unless it comes later."""

    entity: str
    name: str
    label: str | Promise
    figures: Callable[[Any, User], Sequence[Figure]]
    needs: tuple[str, ...] = field(default=())
    """Entities the reader must be able to see."""
    later: bool = False
    """Comes below the others once the page is there: what asks several queries, or is looked at now and then."""


_asides: dict[str, list[Aside]] = {}


def put_aside(*asides: Aside) -> None:
    """Declare asides; one declared again replaces its namesake."""
    for aside in asides:
        others = [one for one in _asides.get(aside.entity, []) if one.name != aside.name]
        _asides[aside.entity] = [*others, aside]


def asides_of(path: str, user: User, *, later: bool) -> list[Aside]:
    """The asides of an entity that this person may read: those of the page itself, or those that come later."""
    return [one for one in _asides.get(path, []) if one.later == later and all(user.rights.may("see", need) for need in one.needs)]
