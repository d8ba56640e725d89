"""The periods of targets and forecasts: a month of the calendar, a quarter or a year of the company."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from guanxi.access.rights import company
from guanxi.base.languages import locale_of
from guanxi.base.periods import shifted

FIRST, LAST = 1970, 2200
"""The years in which periods are asked for."""
UNITS = ("month", "quarter", "year")
_NAME = re.compile(r"(\d{4})(?:-(?:(0[1-9]|1[0-2])|Q([1-4])))?", re.ASCII)


@dataclass(frozen=True)
class Span:
    """A period by its name (2026, 2026-Q4, 2026-11), from its first day to before `after`.

    Years and quarters are the company's: where its year begins in April, 2026-Q1 begins in April too.
    """

    name: str
    first: dt.date
    after: dt.date

    @property
    def unit(self) -> str:
        return "quarter" if "Q" in self.name else "month" if "-" in self.name else "year"

    def moved(self, count: int) -> Span:
        """The one so many periods later. ValueError past the last."""
        return containing(shifted(self.first, count, self.unit), self.unit)

    @property
    def year_before(self) -> Span:
        """The same part of the year before. ValueError before the first."""
        return containing(shifted(self.first, -1, "year"), self.unit)

    def parts(self, unit: str) -> Sequence[Span]:
        """The quarters or months of which it is made."""
        found, day = list[Span](), self.first
        while day < self.after:
            found.append(containing(day, unit))
            day = found[-1].after
        return found

    def label(self, language: str) -> str:
        """As people call it."""
        if self.unit == "month":
            name = locale_of(language).months["stand-alone"]["wide"][self.first.month]
            return _("%(month)s %(year)s") % {"month": name, "year": self.first.year}
        year, own = self.name[:4], company().fiscal_month != 1
        if self.unit == "year":
            return (_("FY%(year)s") if own else _("%(year)s")) % {"year": year}
        return (_("Q%(quarter)s FY%(year)s") if own else _("Q%(quarter)s %(year)s")) % {"quarter": self.name[-1], "year": year}


def containing(day: dt.date, unit: str) -> Span:
    """The month, quarter or year in which a day lies. ValueError."""
    if unit == "month":
        return named(f"{day.year:04}-{day.month:02}")
    begins = company().fiscal_month
    year = day.year - (day.month < begins) + _called_later()
    return named(f"{year:04}-Q{(day.month - begins) % 12 // 3 + 1}" if unit == "quarter" else f"{year:04}")


def named(name: str) -> Span:
    """The period of that name. ValueError."""
    word = name.strip().upper()
    found = _NAME.fullmatch(word)
    if not found or not FIRST <= int(found[1]) <= LAST:
        raise ValueError(_("“%(text)s” is not a period: write it like 2026-11, 2026-Q4 or 2026.") % {"text": name[:20]})
    year, month, quarter = int(found[1]), found[2], found[3]
    if month:
        first = dt.date(year, int(month), 1)
        return Span(word, first, shifted(first, 1, "month"))
    begins = dt.date(year - _called_later(), company().fiscal_month, 1)
    first = shifted(begins, int(quarter) - 1, "quarter") if quarter else begins
    return Span(word, first, shifted(first, 1, "quarter" if quarter else "year"))


def _called_later() -> int:
    """1 where the company's year is called by the calendar year in which it ends, not by that in which it begins."""
    here = company()
    return int(here.fiscal_month != 1 and here.fiscal_by_end)
