"""What somebody outside, who is not logged in, may see of one record and answer to it, by a link."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from django.db.models import Q
from django.utils.functional import Promise

from guanxi.entity.actors import Actor
from guanxi.entity.field import Field

Words = str | Promise


@dataclass(frozen=True)
class Answer:
    """A verb that may be called from outside. Its own rule and its own checks hold as ever."""

    verb: str
    label: Words
    fields: tuple[Field, ...] = ()
    """What the visitor is asked for: fields of the verb, by name; here they may be required though they are not to a seller."""
    signed: str = ""
    """The field in which the visitor says who they are."""
    takes: str = ""
    """The field of the verb that gets the marked lines which the visitor ticks."""
    icon: str = "check"
    tone: str = ""
    hint: Words = ""
    done: Words = ""
    """What the visitor reads once it is done."""


@dataclass(frozen=True)
class Public:
    """The page that a link leads to. Nothing that is not named here is fetched for it."""

    fields: tuple[str, ...]
    """Facts; those without a value are left out."""
    open: Callable[[Actor], Q]
    """The records that may be seen from outside at all: never drafts."""
    state: str = ""
    """A choice shown as a tag beside the title."""
    lines: str = ""
    """The related list shown as a table."""
    columns: tuple[str, ...] = ()
    """Fields of a line; the first is the wide one."""
    beneath: str = ""
    """A long text of a line, shown beneath its first cell."""
    marked: str = ""
    """A yes/no of the lines; those that say yes carry its label and are told apart."""
    chosen: str = ""
    """A yes/no of the marked lines that says they were taken: those are like all others."""
    totals: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    """Long texts, below."""
    answers: tuple[Answer, ...] = ()
    labels: Mapping[str, Words] = field(default_factory=dict)
    """What a field is called to those outside, where a seller's word would not do."""
    days: int = 180
    """How long a link lasts when nobody says."""
    gone: Words = ""
    """What is said when the record is no longer `open`."""
    notes: Callable[[object, Actor], str] | None = None
    """A remark above the page: that the offer has run out."""

    def answer(self, verb: str) -> Answer | None:
        """The answer by that verb."""
        return next((one for one in self.answers if one.verb == verb), None)

    @property
    def named(self) -> tuple[str, ...]:
        """Every field of the record that is shown."""
        return tuple(dict.fromkeys((*self.fields, *((self.state,) if self.state else ()), *self.totals, *self.texts)))
