"""Days and moments: how they are written for a reader.

Reading them is in moments_read, relative dates and periods in periods, the Chinese calendar in lunar;
their names are here too, so that one import serves. Wordings are kept here and not in the catalogues:
the language is an argument and a list writes hundreds.
"""

import datetime as dt
from functools import lru_cache

from babel.dates import format_date, format_datetime, format_timedelta

from guanxi.base.languages import locale_of
from guanxi.base.lunar import LunarDay, lunar_to_solar_birthday, next_birthday, solar_to_lunar_birthday
from guanxi.base.moments_read import parse_day, parse_moment
from guanxi.base.periods import PERIODS, day_start, first_day, period, relative_date, shifted

__all__ = [
    "PERIODS",
    "LunarDay",
    "day_start",
    "first_day",
    "format_day",
    "format_moment",
    "lunar_to_solar_birthday",
    "next_birthday",
    "parse_day",
    "parse_moment",
    "period",
    "relative",
    "relative_date",
    "shifted",
    "solar_to_lunar_birthday",
]

_ENGLISH_MONTHS = ("", "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_ENGLISH_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_NEAR = 183  # days within which a date says enough without its year


def format_day(day: dt.date, today: dt.date, language: str, *, near: int = _NEAR) -> str:
    """A day as lists show it: Nov 18, 11月18日; with its year when that is not plain (Nov 18, 2024).

    `near`: within so many days it is plain, whatever the year; 0 where a day of this year and one of the next may stand side by side.
    """
    plain = day.year == today.year or -near < day.toordinal() - today.toordinal() < near
    kind = language[:2]
    if kind == "zh":
        return f"{day.month}月{day.day}日" if plain else f"{day.year}年{day.month}月{day.day}日"
    if kind == "en":
        written = f"{_ENGLISH_MONTHS[day.month]} {day.day}"
        return written if plain else f"{written}, {day.year}"
    return _day_in_other_language(day, plain, language)


def format_moment(moment: dt.datetime, tz: dt.tzinfo, language: str) -> str:
    """A moment in full, to the minute, for hovering and detail: Wed, Nov 18, 2026, 14:05."""
    local = moment.astimezone(tz)
    kind = language[:2]
    if kind == "zh":
        weekday = "一二三四五六日"[local.weekday()]
        return f"{local.year}年{local.month}月{local.day}日 周{weekday} {local.hour:02}:{local.minute:02}"
    if kind == "en":
        day = f"{_ENGLISH_DAYS[local.weekday()]}, {_ENGLISH_MONTHS[local.month]} {local.day}, {local.year}"
        return f"{day}, {local.hour:02}:{local.minute:02}"
    return format_datetime(local, "medium", locale=locale_of(language))


def relative(moment: dt.datetime, now: dt.datetime, tz: dt.tzinfo, language: str) -> str:
    """How long ago or ahead: just now, 5 min ago, 2 h ago, yesterday, in 3 days; else the day.

    Hours count to six whatever the date, and further on the same day; then days of `tz` count.
    """
    seconds = int((moment - now).total_seconds())
    distance = abs(seconds)
    if distance < 60:
        return _now(language)
    if distance < 3600:
        return _ago("minute", seconds // 60 if seconds > 0 else -(distance // 60), language)
    local, today = moment.astimezone(tz), now.astimezone(tz)
    if distance < 6 * 3600 or (distance < 86400 and local.day == today.day):
        return _ago("hour", distance // 3600 if seconds > 0 else -(distance // 3600), language)
    days = local.toordinal() - today.toordinal()
    if -7 < days < 7:
        return _ago("day", days, language)
    return format_day(local, today, language)


_ENGLISH = {
    ("minute", -1): "{} min ago",
    ("minute", 1): "in {} min",
    ("hour", -1): "{} h ago",
    ("hour", 1): "in {} h",
    ("day", -1): "{} days ago",
    ("day", 1): "in {} days",
}
_CHINESE = {
    ("minute", -1): "{} 分钟前",
    ("minute", 1): "{} 分钟后",
    ("hour", -1): "{} 小时前",
    ("hour", 1): "{} 小时后",
    ("day", -1): "{} 天前",
    ("day", 1): "{} 天后",
}
_NEXT_DAYS = {
    "en": {-1: "yesterday", 0: "today", 1: "tomorrow"},
    "zh": {-2: "前天", -1: "昨天", 0: "今天", 1: "明天", 2: "后天"},
}


def _now(language: str) -> str:
    return {"zh": "刚刚", "en": "just now"}.get(language[:2]) or _ago("second", 0, language)


@lru_cache(maxsize=4096)
def _ago(unit: str, count: int, language: str) -> str:
    kind = language[:2]
    if kind not in _NEXT_DAYS:
        span = dt.timedelta(**{unit + "s": count})
        return format_timedelta(span, granularity="second", add_direction=True, locale=locale_of(language))
    if unit == "day" and count in _NEXT_DAYS[kind]:
        return _NEXT_DAYS[kind][count]
    words = _ENGLISH if kind == "en" else _CHINESE
    return words[unit, 1 if count > 0 else -1].format(abs(count))


@lru_cache(maxsize=4096)
def _day_in_other_language(day: dt.date, near: bool, language: str) -> str:
    locale = locale_of(language)
    if near:
        return format_date(day, locale.datetime_skeletons["MMMd"].pattern, locale=locale)
    return format_date(day, "medium", locale=locale)
