"""The periods of a forecast: a month, a quarter or a year of the calendar."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _

from guanxi.base.languages import locale_of
from guanxi.base.periods import period as period_of
from guanxi.base.periods import shifted

FIRST, LAST = 1970, 2200
"""The years in which periods are asked for."""


@dataclass(frozen=True)
class Span:
    """A period by its name (2026, 2026-Q4, 2026-11), from its first day to before `after`."""

    name: str
    first: dt.date
    after: dt.date

    @property
    def unit(self) -> str:
        return "quarter" if "Q" in self.name else "month" if "-" in self.name else "year"

    def moved(self, count: int) -> Span:
        """The one so many periods later. ValueError past the last."""
        return containing(shifted(self.first, count, self.unit), self.unit)

    def label(self, language: str) -> str:
        """As people call it."""
        if self.unit == "year":
            return _("%(year)s") % {"year": self.first.year}
        if self.unit == "quarter":
            return _("Q%(quarter)s %(year)s") % {"quarter": self.name[-1], "year": self.first.year}
        name = locale_of(language).months["stand-alone"]["wide"][self.first.month]
        return _("%(month)s %(year)s") % {"month": name, "year": self.first.year}


def containing(day: dt.date, unit: str) -> Span:
    """The month, quarter or year in which a day lies. ValueError."""
    if unit == "month":
        return named(f"{day.year:04}-{day.month:02}")
    return named(f"{day.year:04}-Q{(day.month + 2) // 3}" if unit == "quarter" else f"{day.year:04}")


def named(name: str) -> Span:
    """The period of that name. ValueError."""
    word = name.strip().upper()
    if not word[:4].isdecimal() or not FIRST <= int(word[:4]) <= LAST:
        raise ValueError(_("“%(text)s” is not a period: write it like 2026-11, 2026-Q4 or 2026.") % {"text": name[:20]})
    return Span(word, *period_of(word, timezone.now(), dt.UTC))
