"""Days and moments as conditions compare them: every value stands for a span, a day for all its moments.

Spans are half open: they end where the next one begins. What words such as -90d mean is in base.moments.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from guanxi.base.moments import day_start, parse_day, period, relative_date
from guanxi.entity.actors import Locale
from guanxi.entity.kinds import Day, Moment

OFFERED = (
    "today", "yesterday", "tomorrow",
    "this_week", "last_week", "next_week", "this_month", "last_month", "next_month",
    "this_quarter", "last_quarter", "next_quarter", "this_year", "last_year", "next_year",
    "last_7d", "last_30d", "last_90d", "next_7d", "next_30d", "next_90d",
)  # fmt: skip
"""Periods that a person chooses from; any number of days, weeks, months, quarters or years can be written."""

_RELATIVE = re.compile(r"(?:now|today|yesterday|tomorrow|(?:start|end)_of_[a-z]+|(?=[+-]))(?:[+-]\d+[a-z]+)*", re.ASCII)
_NEAR = {"today", "yesterday", "tomorrow", "now"}
_ONE = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Span:
    """From the start up to, not including, the end; two equal ones are that very instant. Days, or moments in UTC."""

    start: Any
    end: Any


def read_span(kind: Day | Moment, raw: object, locale: Locale, now: dt.datetime) -> tuple[Span, str]:
    """The span a compared value stands for, and how it is written. ValueError says what is wrong."""
    text = str(raw).strip()
    value: Any
    if _RELATIVE.fullmatch(text.lower()):
        written = text.lower()
        value = _checked(relative_date(written, now, locale.zone))
        if isinstance(kind, Day):
            if isinstance(value, dt.datetime) and written != "now":
                raise ValueError(_("A date has no hours; write days, such as -1d."))
            value = value.date() if isinstance(value, dt.datetime) else value
    elif isinstance(kind, Day):
        value = kind.clean(text, locale)
        written = kind.dump(value)
    else:
        value, written = _moment(kind, text, locale)
    if not isinstance(value, dt.datetime):
        span = Span(value, value + _ONE)
        return (span if isinstance(kind, Day) else _moments(span, locale)), written
    utc = value.astimezone(dt.UTC)
    return Span(utc, utc + _length(utc, written)), written


def read_period(kind: Day | Moment, raw: object, locale: Locale, now: dt.datetime) -> tuple[Span, str]:
    """The span of a period such as this_month, last_7d, 2026 or 2026-Q4, and how it is written. ValueError."""
    text = str(raw).strip()
    lower = text.lower()
    if lower in _NEAR or re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        return read_span(kind, "today" if lower == "now" else text, locale, now)
    first, end = period(lower, now, locale.zone)
    span = Span(_checked(first), _checked(end))
    written = re.sub(r"-q(?=\d)", "-Q", lower)
    if isinstance(first, dt.datetime):
        if isinstance(kind, Day):
            raise ValueError(_("A date has no hours; write days, such as last_1d."))
        return Span(first.astimezone(dt.UTC), end.astimezone(dt.UTC)), written  # type: ignore[attr-defined]
    return (span if isinstance(kind, Day) else _moments(span, locale)), written


def _moment(kind: Moment, text: str, locale: Locale) -> tuple[dt.date, str]:
    """A moment, or a whole day where no time of day is written."""
    if not re.search(r"\d[T ]|[:时点]", text):
        day = Day().clean(parse_day(text, day_first=locale.day_first), locale)
        if day is not None:
            return day, day.isoformat()
    moment = kind.clean(text, locale)
    if moment is None:
        raise ValueError(_("A value is missing here."))
    return moment, kind.dump(moment)


def _moments(days: Span, locale: Locale) -> Span:
    start, end = (day_start(day, locale.zone).astimezone(dt.UTC) for day in (days.start, days.end))
    return Span(start, end)


def _length(moment: dt.datetime, written: str) -> dt.timedelta:
    """How much of time a written moment stands for: its minute, its second, or nothing."""
    if moment.microsecond or not written[:1].isdigit():
        return dt.timedelta(0)
    return dt.timedelta(seconds=1) if moment.second else dt.timedelta(minutes=1)


def _checked(day: dt.date) -> dt.date:
    if not 1000 <= day.year <= 9998:
        raise ValueError(_("This date is out of range."))
    return day
