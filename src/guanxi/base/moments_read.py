"""Days and moments read from what people type and other programs export."""

import datetime as dt
import re
import unicodedata

from django.utils.translation import gettext

_EXCEL_START = dt.datetime(1899, 12, 30)  # noqa: DTZ001 - Excel counts days of no time zone
_MONTH_NAMES = {"sept": 9} | {
    name: number
    for names in (
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"),
        (
            "january",
            "february",
            "march",
            "april",
            "may",
            "june",
            "july",
            "august",
            "september",
            "october",
            "november",
            "december",
        ),
    )
    for number, name in enumerate(names, start=1)
}
_MONTH = "|".join(sorted(_MONTH_NAMES, key=len, reverse=True))
_WEEKDAY = re.compile(r"(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\.?,?\s+")
_CHINESE_WEEKDAY = re.compile(r"\s*[(]?(?:星期|周|礼拜)[一二三四五六日天][)]?\s*")

_YEAR_FIRST = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?!\d)")
_CHINESE = re.compile(r"(\d{4}|\d{2})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*[日号]?")
_DOTTED = re.compile(r"(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4}|\d{2})(?!\d)")
_SLASHED = re.compile(r"(\d{1,2})([-/])(\d{1,2})\2(\d{4}|\d{2})(?!\d)")
_MONTH_FIRST = re.compile(rf"({_MONTH})\.?\s+(\d{{1,2}})(?:st|nd|rd|th)?,?\s+(\d{{4}})(?!\d)")
_DAY_FIRST = re.compile(rf"(\d{{1,2}})(?:st|nd|rd|th)?[\s.-]*(?:of\s+)?({_MONTH})\.?[\s,.-]*(\d{{4}}|\d{{2}})(?!\d)")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:t?(\d{2})(\d{2})(\d{2})?)?(z?)")
_NUMBER = re.compile(r"(\d+)(\.\d*)?")

_TIME = re.compile(
    r"(?P<before>上午|下午|凌晨|早上|中午|晚上|[ap]\.?m\.?)?\s*"
    r"(?P<hour>\d{1,2})(?:\s*[:.时点]\s*(?P<minute>\d{1,2})?(?:\s*[:.分]\s*(?:(?P<second>\d{1,2})(?:[.,](?P<part>\d{1,9}))?\s*秒?)?)?)?"
    r"\s*(?P<after>[ap]\.?m\.?)?"
    r"\s*(?P<zone>z|utc|gmt|(?:utc|gmt)?[+-]\d{1,2}(?::?\d{2})?)?(?:\s*[(][^)]*[)])?"
)
_AFTERNOON = {"下午", "晚上", "中午", "p"}
_LONGEST = 100
_SERIALS = range(10_000, 100_000)  # 1927 to 2173


def parse_day(text: str, day_first: bool = False) -> dt.date:
    """The day a text means; a time after it is dropped. ValueError says what is wrong.

    Takes 2026-11-05 · 2026/11/5 · 2026.11.5 · 20261105 · 2026年11月5日 · 5.11.2026 · Nov 5, 2026 ·
    5 Nov 2026 · 5-Nov-26 · Excel's day numbers (45631.0) · milliseconds or seconds since 1970.
    Slashes and dashes with the year last are month first (11/05/2026), unless `day_first` or a
    first number above 12. Two digits of a year mean 1970 to 2069.
    """
    plain = _plain(text)
    if from_number := _moment_of_number(plain, dt.UTC):
        return from_number.date()
    return _day_and_rest(plain, text, day_first)[0]


def parse_moment(text: str, tz: dt.tzinfo, day_first: bool = False) -> dt.datetime:
    """The moment a text means, aware, in `tz`; a text without a zone is meant in `tz`.

    The days of parse_day, then a time: 14:05 · 14:05:30.250 · 2:05 PM · 下午2:05 · 14时05分, and a zone:
    Z · UTC · +08:00. A day alone is its beginning. ValueError says what is wrong.
    """
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        moment = _read_moment(text, tz, day_first)
    try:
        return moment.astimezone(tz) if moment.tzinfo else moment.replace(tzinfo=tz)
    except (OverflowError, ValueError):
        raise _not_understood(text) from None


def _read_moment(text: str, tz: dt.tzinfo, day_first: bool) -> dt.datetime:
    plain = _plain(text)
    if from_number := _moment_of_number(plain, tz):
        return from_number
    day, rest = _day_and_rest(plain, text, day_first)
    rest = _CHINESE_WEEKDAY.sub(" ", rest, count=1).strip(" ,t") if rest else ""
    if not rest:
        return dt.datetime.combine(day, dt.time())
    match = _TIME.fullmatch(rest)
    if not match:
        raise ValueError(gettext("“%(time)s” in “%(text)s” is not a time of day.") % {"time": rest, "text": text})
    return dt.datetime.combine(day, _time_of(match, text))


def _plain(text: str) -> str:
    plain = " ".join(unicodedata.normalize("NFKC", text[:_LONGEST]).casefold().split())
    if not plain:
        raise ValueError(gettext("Enter a date, for example 2026-11-05."))
    if len(text) > _LONGEST:
        raise _not_understood(text)
    return _WEEKDAY.sub("", plain, count=1) if plain[0].isalpha() else plain


def _not_understood(text: str) -> ValueError:
    return ValueError(gettext("“%(text)s” is not a date: write it like 2026-11-05.") % {"text": text.strip()[:60]})


def _moment_of_number(plain: str, tz: dt.tzinfo) -> dt.datetime | None:
    """What a text of digits alone means: a compact date, an Excel serial or a time since 1970."""
    if not plain[0].isdecimal():
        return None
    if (compact := _COMPACT.fullmatch(plain)) and len(plain.rstrip("z")) in (8, 12, 14):
        year, month, day, hour, minute, second = (int(part or 0) for part in compact.groups()[:6])
        try:
            moment = dt.datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 - the zone follows
        except ValueError:
            if len(plain) != 12:  # twelve digits may be milliseconds since 1970
                return None
        else:
            return moment.replace(tzinfo=dt.UTC) if compact[7] else moment
    number = _NUMBER.fullmatch(plain)
    if not number:
        return None
    whole = int(number[1])
    if whole in _SERIALS:
        return _EXCEL_START + dt.timedelta(seconds=round(float(plain) * 86400))
    since_1970 = {10: 1, 12: 1000, 13: 1000}.get(len(number[1]))
    if since_1970:
        return (dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(seconds=whole / since_1970)).astimezone(tz)
    return None


def _day_and_rest(plain: str, text: str, day_first: bool) -> tuple[dt.date, str]:
    if match := _YEAR_FIRST.match(plain):
        parts = match[1], match[3], match[4]
    elif match := _CHINESE.match(plain):
        parts = match[1], match[2], match[3]
    elif match := _DOTTED.match(plain):
        parts = match[3], match[2], match[1]
    elif match := _SLASHED.match(plain):
        first, second = match[1], match[3]
        if (day_first or int(first) > 12) and int(second) <= 12:
            first, second = second, first
        parts = match[4], first, second
    elif match := _MONTH_FIRST.match(plain):
        parts = match[3], match[1], match[2]
    elif match := _DAY_FIRST.match(plain):
        parts = match[3], match[2], match[1]
    else:
        raise _not_understood(text)
    rest = plain[match.end() :]
    if rest and (rest[0].isalpha() and rest[0].isascii() and rest[0] != "t"):
        raise _not_understood(text)
    try:
        return dt.date(_year(parts[0]), _MONTH_NAMES.get(parts[1]) or int(parts[1]), int(parts[2])), rest
    except ValueError:
        raise ValueError(
            gettext("There is no day %(day)s in month %(month)s of %(year)s (“%(text)s”).")
            % {"year": parts[0], "month": parts[1], "day": parts[2], "text": text.strip()[:60]}
        ) from None


def _year(digits: str) -> int:
    year = int(digits)
    if len(digits) > 2:
        return year
    return year + (1900 if year >= 70 else 2000)


def _time_of(match: re.Match[str], text: str) -> dt.time:
    hour = int(match["hour"])
    half = (match["before"] or match["after"] or "").replace("m", "").replace(".", "")
    if not half and not match["minute"] and "时" not in match[0] and "点" not in match[0]:
        raise ValueError(gettext("“%(time)s” in “%(text)s” is not a time of day.") % {"time": match[0], "text": text})
    if half in _AFTERNOON and hour < 12:
        hour += 12
    elif half in ("a", "凌晨") and hour == 12:
        hour = 0
    micro = int((match["part"] or "0")[:6].ljust(6, "0"))
    try:
        return dt.time(hour, int(match["minute"] or 0), int(match["second"] or 0), micro, _zone(match["zone"]))
    except ValueError:
        raise ValueError(gettext("“%(time)s” in “%(text)s” is not a time of day.") % {"time": match[0], "text": text}) from None


def _zone(written: str | None) -> dt.tzinfo | None:
    if not written:
        return None
    offset = written.removeprefix("utc").removeprefix("gmt").replace(":", "")
    if offset in ("", "z"):
        return dt.UTC
    digits = offset[1:]
    hours, minutes = (int(digits[:-2]), int(digits[-2:])) if len(digits) > 2 else (int(digits), 0)
    span = dt.timedelta(hours=hours, minutes=minutes)
    return dt.timezone(-span if offset[0] == "-" else span)
