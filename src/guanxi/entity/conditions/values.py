"""What compared values mean to a field's kind: cleaned as its own values are, with words such as me and -90d."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from guanxi.base.words import similar
from guanxi.entity.actors import Actor
from guanxi.entity.conditions.errors import ConditionError
from guanxi.entity.conditions.literals import number, scaled_number
from guanxi.entity.conditions.paths import visible
from guanxi.entity.conditions.printing import print_path
from guanxi.entity.conditions.spans import OFFERED, read_period, read_span
from guanxi.entity.conditions.tree import Compare, Scalar
from guanxi.entity.kinds import Choice, Day, Kind, Link, Links, Moment, Number, Percent, Phone, Tags, Text, Whole, YesNo, Zone
from guanxi.entity.kinds.base import TEXT
from guanxi.entity.kinds.links import key_of
from guanxi.entity.kinds.lists import Labelled
from guanxi.entity.registry import entity_named

MOST_SOUGHT = 1_000
_BARE_DISTANCE = re.compile(r"\d+(?:min|mo|[hdwmqy])", re.ASCII)


@dataclass(frozen=True, slots=True)
class Titled:
    """The records of an entity with this title."""

    title: str


@dataclass(frozen=True, slots=True)
class MyTeam:
    """The people of the reader's teams, or those teams themselves."""

    team_ids: tuple[int, ...]


class Nobody:
    """`me` where nobody acts."""


NOBODY = Nobody()


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads the values of one comparison."""

    kind: Kind
    op: str
    actor: Actor
    now: dt.datetime
    term: Compare

    def read(self, raw: Scalar, where: int | None = None) -> tuple[Any, Scalar]:
        """What a value means, and how it is written in the canonical tree; `where` counts it among several. ConditionError."""
        try:
            return self._read(raw, where)
        except ConditionError:
            raise
        except (ValueError, OverflowError) as wrong:
            partly = self.op not in TEXT and TEXT[0] in self.kind.operators and isinstance(raw, str)
            raise self.fault(str(wrong), where, *(TEXT[:1] if partly else ())) from None

    def fault(self, message: str, where: int | None, *near: str) -> ConditionError:
        """The error for a value; `where` counts it among several."""
        place = print_path(self.term.path)[:120]
        return ConditionError(message, self.term.origin.value(where), place=place, suggestions=near)

    def _read(self, raw: Scalar, where: int | None) -> tuple[Any, Scalar]:
        if raw is None or (raw == "" and not isinstance(self.kind, YesNo)):
            raise self.fault(_("To find empty values write “is empty”."), where, "is empty")
        kind = self.kind
        if self.op in TEXT:
            return self._sought(raw)
        if isinstance(kind, (Day, Moment)):
            return self._span(kind, raw, where)
        if isinstance(kind, (Link, Links)):
            return self._link(kind.linked(), raw, where)
        if isinstance(kind, Choice):
            return self._choice(kind, raw, where)
        if isinstance(kind, Number):
            return self._number(kind, raw)
        if isinstance(kind, Labelled):
            kind = kind.each
        elif isinstance(kind, (Tags, Zone)):
            kind = Text(60)
        elif isinstance(kind, YesNo):
            value = kind.clean(raw, self.actor.locale)
            return value, value
        value = kind.clean(_text(raw), self.actor.locale)
        if value in (None, ""):
            raise ValueError(_("A value is missing here."))
        return value, str(value)

    def _sought(self, raw: Scalar) -> tuple[str, str]:
        """A part of a text, as it stands; of a phone its digits."""
        text = Text(0).checked(_text(raw))
        if len(text) > MOST_SOUGHT:
            raise ValueError(_("At most %(most)d characters; this has %(has)d.") % {"most": MOST_SOUGHT, "has": len(text)})
        kind = self.kind.each if isinstance(self.kind, Labelled) else self.kind
        if isinstance(kind, Phone):
            digits = re.sub(r"[\s().\-/]+", "", text)
            return digits or text, text
        return text, text

    def _span(self, kind: Day | Moment, raw: Scalar, where: int | None) -> tuple[Any, Scalar]:
        text = _text(raw)
        if self.op == "within":
            try:
                return read_period(kind, text, self.actor.locale, self.now)
            except ValueError as wrong:
                near = similar(text[:40], OFFERED)
                if text.isdecimal() or _BARE_DISTANCE.fullmatch(text):
                    days = text if text[-1:].isalpha() else f"{text}d"
                    near = [f"last_{days}", f"next_{days}"]
                raise self.fault(str(wrong), where, *near) from None
        if _BARE_DISTANCE.fullmatch(text):
            message = _("Write a sign: -%(text)s is in the past, +%(text)s in the future.") % {"text": text}
            raise self.fault(message, where, f"-{text}", f"+{text}")
        try:
            return read_span(kind, text, self.actor.locale, self.now)
        except ValueError as wrong:
            near = similar(text[:40], ("now", "today", "yesterday", "tomorrow", "start_of_month", "end_of_month"))
            try:
                read_period(kind, text, self.actor.locale, self.now)
            except ValueError:
                raise self.fault(str(wrong), where, *near) from None
            message = _("“%(text)s” is a period; compare with “within”.") % {"text": text}
            raise self.fault(message, where, "within") from None

    def _link(self, to: str, raw: Scalar, where: int | None) -> tuple[Any, Scalar]:
        if raw == "me":
            if to != "users":
                raise self.fault(_("“me” is a person; this field leads to no person."), where)
            return (self.actor.pk if self.actor.pk is not None else NOBODY), "me"
        if raw == "my_team":
            if to not in {"users", "teams"}:
                raise self.fault(_("“my_team” means people or teams; this field leads to neither."), where)
            return MyTeam(tuple(self.actor.team_ids)), "my_team"
        if isinstance(raw, str) and not raw.strip().isdecimal():
            return self._titled(to, raw)
        key = key_of(raw if not isinstance(raw, (Decimal, bool)) else None)
        if key is None:
            raise ValueError(_("Write the record's title in quotes, or its key."))
        return key, key

    def _titled(self, to: str, raw: str) -> tuple[Titled, str]:
        title = Text(0).checked(raw.strip())
        if len(title) > MOST_SOUGHT:
            raise ValueError(_("At most %(most)d characters; this has %(has)d.") % {"most": MOST_SOUGHT, "has": len(title)})
        try:
            there = entity_named(to)
            name = there.fields[there.title]
        except LookupError:
            raise ValueError(_("Write the record's key; it cannot be found by its title.")) from None
        if not self.actor.rights.may("see", to) or name.custom or not visible(there, name, self.actor):
            raise ValueError(_("Write the record's key; it cannot be found by its title."))
        return Titled(title), title

    def _choice(self, kind: Choice, raw: Scalar, where: int | None) -> tuple[Any, Scalar]:
        text = _text(raw)
        try:
            value = kind.clean(text, self.actor.locale)
        except ValueError:
            labels = [str(option.label) for option in kind.options]
            near = similar(text[:60], [*labels, *kind.by_value]) or (labels if len(labels) <= 4 else [])
            message = _("“%(text)s” is not one of the choices.") % {"text": text[:60]}
            raise self.fault(message, where, *near) from None
        if not value:
            raise self.fault(_("To find empty values write “is empty”."), where, "is empty")
        return value, value

    def _number(self, kind: Number, raw: Scalar) -> tuple[Any, Scalar]:
        if isinstance(raw, bool):
            raise ValueError(_("Type a number."))
        exact = _exact(raw)
        typed = exact is None or (isinstance(raw, str) and raw.strip()[-1:] in "%％")
        value = kind.clean(raw if typed else exact, self.actor.locale)
        if value is None:
            raise ValueError(_("Type a number."))
        if exact is not None and not isinstance(kind, Whole):
            value = exact  # cleaning rounds, and 5.001 is not 5
        if isinstance(kind, Percent):
            return value, f"{number(value * 100)}%"
        return value, number(Decimal(value))


def _exact(raw: Scalar) -> Decimal | None:
    """The number as it is written: 10_000, 1.5万, 60%; None for what only the kind can read, such as $5."""
    if not isinstance(raw, str):
        return Decimal(raw or 0)
    text = raw.strip()
    plain = scaled_number(text.rstrip("%％"))
    return plain / 100 if plain is not None and text[-1:] in "%％" else plain


def _text(raw: Scalar) -> str:
    """A value as a person would have typed it."""
    if isinstance(raw, bool):
        return "true" if raw else "false"
    return f"{raw:f}" if isinstance(raw, Decimal) else str(raw)
