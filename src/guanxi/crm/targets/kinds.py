"""The kinds of a target's fields: its period, and what is aimed for."""

from __future__ import annotations

import re
from typing import Any

from django.utils.translation import get_language

from guanxi.access.rights import company
from guanxi.base.languages import locale_of
from guanxi.base.money import Money
from guanxi.base.periods import shifted
from guanxi.crm.forecast.spans import containing, named
from guanxi.crm.starting import company_day
from guanxi.entity.actors import Locale, Titles
from guanxi.entity.kinds import Currency, MoneyKind, Number, Offered, Option
from guanxi.entity.kinds.base import EMPTINESS, EQUALITY

_YEAR = re.compile(r"(?:FY)?\s*(\d{4})\s*(?:年|财年|FY)?", re.IGNORECASE)
_QUARTER = re.compile(r"Q([1-4])|第?\s*([1-4一二三四])\s*季度?", re.IGNORECASE)
_MONTH = re.compile(r"(?<!\d)(\d{4})\s*[-/.年]\s*(\d{1,2})\s*月?|(?<!\d)(\d{1,2})[-/.](\d{4})(?!\d)")


def period_meant(text: str) -> str:
    """The name of the period that people write as 2026Q4, Q4 2026, FY2026, 2026年11月, 11/2026, Nov 2026. ValueError."""
    plain = " ".join(text.replace("：", ":").split())
    year = _YEAR.search(plain)
    quarter = _QUARTER.search(plain)
    if year and quarter:
        return named(f"{year[1]}-Q{'一二三四'.find(quarter[2]) + 1 or quarter[2] if quarter[2] else quarter[1]}").name
    month = _MONTH.fullmatch(plain)
    if month:
        return named(f"{month[1] or month[4]}-{int(month[2] or month[3]):02}").name
    if year and (number := month_named(plain.replace(year[0], "", 1))):
        return named(f"{year[1]}-{number:02}").name
    return named(year[1] if year and year[0] == plain else plain).name


def month_named(text: str) -> int:
    """The month that is called so in English, or in Chinese; 0 for none."""
    plain = text.strip(" .,-月年'").lower()
    if plain.isascii() and plain.isdecimal():
        return int(plain) if "月" in text and 1 <= int(plain) <= 12 else 0
    for language in ("en", "zh-hans"):
        for width in ("wide", "abbreviated"):
            for number, name in locale_of(language).months["format"][width].items():
                if plain and plain == name.strip(" 月.").lower():
                    return int(number)
    return 0


def _periods() -> list[Option]:
    """Those of last year, this one and the next, the longest first."""
    day, language = company_day() if company().pk else None, get_language() or "en"
    if day is None:
        return [Option("2026-Q4", "Q4 2026")]
    found: list[Option] = []
    for count in (0, 1, -1):
        year = containing(shifted(day, count, "year"), "year")
        found += [Option(one.name, one.label(language)) for one in (year, *year.parts("quarter"), *year.parts("month"))]
    return found


def _label(name: str) -> str | None:
    try:
        return named(name).label(get_language() or "en")
    except ValueError:
        return None


class Period(Offered):
    """A month, quarter or year, by its name."""

    name = "choice"
    closed = False

    def __init__(self) -> None:
        super().__init__(_periods, _label)

    def clean(self, raw: object, locale: Locale) -> Any:
        text = "" if raw is None else str(raw).strip()
        return period_meant(text) if text else ""

    def sample(self) -> Any:
        return "2026-Q4"


class Unit(Currency):
    """The currency of an amount; empty where things are counted."""

    operators = (*EQUALITY, *EMPTINESS)


class Goal(MoneyKind):
    """An amount of money, or a number of things."""

    def format(self, value: Any, locale: Locale, titles: Titles) -> str:
        if isinstance(value, Money) or value is None:
            return super().format(value, locale, titles)
        return Number.format(self, value, locale, titles)
