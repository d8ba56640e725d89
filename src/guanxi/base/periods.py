"""Dates relative to today, as conditions write them: -90d, start_of_month, last_quarter.

Days, weeks (from Monday), months, quarters and years are counted in days of the person's time zone.
"""

import datetime as dt
import re
from calendar import monthrange

from django.utils.translation import gettext

UNITS = ("day", "week", "month", "quarter", "year")
PERIODS = tuple(f"{which}_{unit}" for unit in UNITS for which in ("last", "this", "next"))
"""The named periods; `last_7d`, `next_3m` and the like are periods too."""

_LETTERS = {"d": "day", "w": "week", "m": "month", "mo": "month", "q": "quarter", "y": "year"}
_STEP = re.compile(r"([+-])(\d{1,5})(min|mo|[hdwmqy])")
_BASE = re.compile(r"now|today|yesterday|tomorrow|(start|end)_of_(day|week|month|quarter|year)")
_COUNTED = re.compile(r"(last|next)_(\d{1,5})(min|mo|[hdwmqy])")
_CALENDAR = re.compile(r"(\d{4})(?:-(?:(\d{2})|q([1-4])))?")
_MONTHS = {"month": 1, "quarter": 3, "year": 12}


def relative_date(expr: str, now: dt.datetime, tz: dt.tzinfo) -> dt.date | dt.datetime:
    """The day or moment an expression means; ValueError where it means none.

    `today`, `yesterday`, `tomorrow`, `start_of_month`, `end_of_quarter` (the last day of it; also day,
    week, year), `-90d`, `+2w`, `-3m` (or `mo`), `+1q`, `-1y` are dates in `tz`. `now`, `-4h` and
    `+30min` are aware moments in `tz`. Steps may follow each other and a word: `start_of_month-1m`.
    A month has its last day at most: 31 January + 1m is 28 February.
    """
    text = expr.strip().lower()
    local = now.astimezone(tz)
    match = _BASE.match(text)
    at = match.end() if match else 0
    day = _named_day(match, local.date()) if match else local.date()
    exact = text[:at] == "now"
    passed = dt.timedelta()
    if not text[at:] and not match:
        raise _not_relative(expr)
    try:
        while at < len(text):
            step = _STEP.match(text, at)
            if not step:
                raise _not_relative(expr)
            count = int(step[1] + step[2])
            if step[3] in _LETTERS:
                day = shifted(day, count, _LETTERS[step[3]])
            else:
                exact = True
                passed += dt.timedelta(hours=count) if step[3] == "h" else dt.timedelta(minutes=count)
            at = step.end()
        if not exact:
            return day
        start = local if not match or match[0] == "now" else day_start(day, tz)
        moved = start.replace(year=day.year, month=day.month, day=day.day)
        # Hours pass by the clock on the wall's own time line: through UTC, or summer time shifts them.
        return (moved.astimezone(dt.UTC) + passed).astimezone(tz)
    except OverflowError:
        raise ValueError(gettext("“%(text)s” is further away than the calendar goes.") % {"text": expr}) from None


def _not_relative(expr: str) -> ValueError:
    return ValueError(gettext("“%(text)s” is not a relative date: write it like today, -90d or start_of_month.") % {"text": expr})


def _named_day(match: re.Match[str], today: dt.date) -> dt.date:
    if not match[1]:
        return today + dt.timedelta({"yesterday": -1, "tomorrow": 1}.get(match[0], 0))
    first = first_day(today, match[2])
    return first if match[1] == "start" else shifted(first, 1, match[2]) - dt.timedelta(1)


def period(name: str, now: dt.datetime, tz: dt.tzinfo) -> tuple[dt.date, dt.date]:
    """(first, after the last): the half-open period a name means; ValueError for an unknown one.

    `this_month`, `last_quarter`, `next_year` (day, week, month, quarter, year) and `2026`, `2026-08`,
    `2026-Q3` are whole calendar periods, `last_7d`, `last_3m` end with today and `next_7d` begins with
    today (d, w, m or mo, q, y): these give dates. `last_4h`, `next_30min` give aware moments in `tz`.
    """
    word = name.strip().lower()
    today = now.astimezone(tz).date()
    try:
        if word in PERIODS:
            which, _, unit = word.partition("_")
            return _whole(shifted(today, {"last": -1, "this": 0, "next": 1}[which], unit), unit)
        if match := _CALENDAR.fullmatch(word):
            return _calendar_period(match)
        if match := _COUNTED.fullmatch(word):
            return _counted_period(match[1], int(match[2]), match[3], now.astimezone(tz))
    except OverflowError:
        raise ValueError(gettext("“%(text)s” is further away than the calendar goes.") % {"text": name}) from None
    raise ValueError(gettext("“%(text)s” is not a period: write it like this_month or last_7d.") % {"text": name})


def _whole(day: dt.date, unit: str) -> tuple[dt.date, dt.date]:
    first = first_day(day, unit)
    return first, shifted(first, 1, unit)


def _calendar_period(match: re.Match[str]) -> tuple[dt.date, dt.date]:
    year, month, quarter = int(match[1]), int(match[2] or 1), int(match[3] or 1)
    if not year or not 1 <= month <= 12:
        raise ValueError(gettext("“%(text)s” is not a month of the calendar.") % {"text": match[0]})
    unit = "month" if match[2] else "quarter" if match[3] else "year"
    return _whole(dt.date(year, quarter * 3 - 2 if match[3] else month, 1), unit)


def _counted_period(which: str, count: int, letters: str, now: dt.datetime) -> tuple[dt.date, dt.date]:
    if letters in ("h", "min"):
        span = dt.timedelta(hours=count) if letters == "h" else dt.timedelta(minutes=count)
        moved = now.astimezone(dt.UTC) + (span if which == "next" else -span)
        other = moved.astimezone(now.tzinfo)
        return (now, other) if which == "next" else (other, now)
    if which == "next":
        return now.date(), shifted(now.date(), count, _LETTERS[letters])
    after = now.date() + dt.timedelta(1)
    return shifted(after, -count, _LETTERS[letters]), after


def first_day(day: dt.date, unit: str) -> dt.date:
    """The first day of the week, month, quarter or year a day lies in."""
    if unit == "week":
        return day - dt.timedelta(day.weekday())
    if unit == "month":
        return day.replace(day=1)
    if unit == "quarter":
        return dt.date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
    if unit == "year":
        return dt.date(day.year, 1, 1)
    return day


def shifted(day: dt.date, count: int, unit: str) -> dt.date:
    """The day so many days, weeks, months, quarters or years later; OverflowError past the calendar."""
    if unit not in _MONTHS:
        return day + dt.timedelta(count * 7 if unit == "week" else count)
    months = day.year * 12 + day.month - 1 + count * _MONTHS[unit]
    year, month = months // 12, months % 12 + 1
    if not dt.MINYEAR <= year <= dt.MAXYEAR:
        raise OverflowError
    return dt.date(year, month, min(day.day, monthrange(year, month)[1]))


def day_start(day: dt.date, tz: dt.tzinfo) -> dt.datetime:
    """The moment a day begins in a time zone: how a date bounds a column of moments."""
    return dt.datetime(day.year, day.month, day.day, tzinfo=tz)
