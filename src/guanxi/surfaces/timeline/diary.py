"""The diary: the entity in which people write what they did with a record and what they plan. A noun above declares itself so."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.safestring import SafeString

from guanxi.entity.actors import Titles
from guanxi.entity.entity import Entity
from guanxi.entity.registry import entity_named

Words = str | Promise


@dataclass(frozen=True)
class Way:
    """One way of getting in touch or of noting something: a tab of the composer."""

    name: str
    """The value of the diary's field of kinds."""
    label: Words
    icon: str
    prompt: Words
    save: Words
    """What the button says."""
    fields: tuple[str, ...] = ()
    """What is asked besides the text."""
    planned: bool = False
    """Something to do, not something done."""


@dataclass(frozen=True)
class Diary:
    """Which entity it is, which of its fields mean what, and how an entry is said."""

    entity: str
    ways: Sequence[Way]
    headline: Callable[[Any, str, Titles], SafeString]
    """An entry in a line: (entry, the name of who wrote it, titles of linked records)."""
    plan_next: Callable[..., Any]
    """`plan_next(entry, subject, kind, due, by=, origin=)`: the entry that follows from one."""
    complete: str
    """The verb that turns a plan into what was done."""
    kind: str = "kind"
    subject: str = "subject"
    text: str = "body"
    at: str = "at"
    due: str = "due_at"
    done: str = "done_at"
    about: str = "about"
    """The field that leads to any record by `entity:key`."""
    next_way: str = "task"
    shown: tuple[str, ...] = ()
    """Fields shown below an entry's line, when they have a value."""
    by_name: dict[str, Way] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.by_name.update({way.name: way for way in self.ways})

    def way(self, name: str) -> Way:
        """The way of that name; the first when there is none."""
        return self.by_name.get(name) or self.ways[0]

    def of(self) -> Entity:
        """The diary's entity."""
        return entity_named(self.entity)


_diaries: list[Diary] = []


def keep(diary: Diary) -> None:
    """Declare the diary. There is one."""
    _diaries[:] = [diary]


def the_diary() -> Diary | None:
    """The diary, when a noun has declared itself to be it."""
    return _diaries[0] if _diaries else None


def has_diary(entity: Entity) -> bool:
    """Whether people write about records of this entity."""
    diary = the_diary()
    return diary is not None and entity.path != diary.entity and not entity.part_of and not entity.settings


def entries_about(diary: Diary, entity: Entity, key: int) -> Q:
    """The diary's entries about a record."""
    if entity.about:
        return Q(**{entity.about: key})
    return Q(**{diary.about: f"{entity.path}:{key}"})


def leading_to(diary: Diary, entity: Entity, key: int) -> dict[str, Any]:
    """The value by which a new entry is about a record."""
    return {entity.about: key} if entity.about else {diary.about: f"{entity.path}:{key}"}
