"""What a column's values look like, and how its dates, numbers and yes/no words are written.

Decided over the whole sample: one date of 31/12 settles the order of every 01/02 in the column.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Literal

Look = Literal["empty", "email", "url", "phone", "date", "moment", "number", "yes/no", "text"]

_YES_WORDS = "yes y true t on 1 是 有 对 真 √ ✓ ✔ ja oui si sí sim da да ano tak igen kyllä evet はい 启用 啟用 已完成 checked x "
YES = frozenset(_YES_WORDS.split())
_NO_WORDS = "no n false f off 0 否 无 無 错 假 × ✗ ✘ nein non não nao ne нет nie nem ei hayır いいえ 停用 未完成 unchecked "
NO = frozenset(_NO_WORDS.split())
MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january januar janvier enero janeiro gennaio",
            "feb february februar fevrier febrero fevereiro febbraio",
            "mar march marz mars marzo marco mrz",
            "apr april avril abril aprile avr abr",
            "may mai mayo maio maggio",
            "jun june juni juin junio junho giugno",
            "jul july juli juillet julio julho luglio",
            "aug august aout agosto ago",
            "sep sept september septembre septiembre setembro settembre set",
            "oct october oktober octobre octubre outubro ottobre okt",
            "nov november novembre noviembre novembro",
            "dec december dezember decembre diciembre dezembro dicembre dez dic",
        ),
        1,
    )
    for name in names.split()
}

_EMAIL = re.compile(r"(?:mailto:)?[^@\s,;<>\"]+@[^@\s,;<>\"]+\.[^@\s,;<>\".]{2,}$", re.IGNORECASE)
_URL = re.compile(
    r"(?:https?://\S+|www\.\S+|(?:[a-z0-9\-]+\.)+(?:com|cn|net|org|io|co|de|uk|fr|eu|example|tw|hk|jp)(?:/\S*)?)$", re.IGNORECASE
)
_PHONE = re.compile(r"(?:tel:)?\+?[\d(][\d\s().\-/–]{5,24}\d(?:\s*(?:x|ext\.?|转|-)\s*\d{1,6})?$", re.IGNORECASE)
_TIME = (
    r"(?:[T\s]+(?P<time>\d{1,2}[:：]\d{2}(?:[:：]\d{2}(?:[.,]\d{1,9})?)?)"
    r"\s*(?P<half>am|pm|a\.m\.|p\.m\.|上午|下午)?\s*(?P<zone>Z|UTC|GMT|[+-]\d{2}:?\d{2})?)?"
)
_YEAR_FIRST = re.compile(r"(?P<year>\d{4})\s*[-/.年]\s*(?P<month>\d{1,2})\s*[-/.月]\s*(?P<day>\d{1,2})日?" + _TIME + "$", re.IGNORECASE)
_YEAR_LAST = re.compile(
    r"(?P<first>\d{1,2})\s*(?P<mark>[-/.])\s*(?P<second>\d{1,2})\s*(?P=mark)\s*(?P<year>\d{4}|\d{2})" + _TIME + "$", re.IGNORECASE
)
_COMPACT = re.compile(r"(?P<year>(?:19|20)\d{2})(?P<month>0[1-9]|1[0-2])(?P<day>0[1-9]|[12]\d|3[01])$")
_WORDED = re.compile(
    r"(?:[a-z]{3,9}\.?,?\s+)?(?:(?P<day>\d{1,2})(?:st|nd|rd|th|\.)?[\s\-/]+(?P<month>[^\W\d_]{3,10})\.?|(?P<month2>[^\W\d_]{3,10})\.?\s+(?P<day2>\d{1,2})(?:st|nd|rd|th)?),?[\s\-/]+(?P<year>\d{4}|\d{2})"
    + _TIME
    + "$",
    re.IGNORECASE,
)
_HALF_BEFORE = re.compile(r"(上午|下午)\s*(\d{1,2}[:：]\d{2}(?:[:：]\d{2})?)")
_MONEY_SIGNS = re.compile(r"[¥￥$€£₩₹₽฿]|\b(?:CNY|RMB|USD|EUR|GBP|JPY|HKD|TWD|CHF|CZK|PLN|NT|US|HK)\b|元|圆|Kč|zł", re.IGNORECASE)
_NUMBER = re.compile(r"[-+−]?(?:\d[\d.,' ]*|[.,]\d+)(?:e[-+]?\d{1,3})?[-−]?$", re.IGNORECASE)
_MARKED = {
    mark: re.compile(
        rf"[-+−]?(?:\d{{1,3}}(?:[{other}' ]\d{{2,3}})*[{other}' ]\d{{3}}|\d*)(?:{re.escape(mark)}\d*)?(?:e[-+]?\d{{1,3}})?$", re.IGNORECASE
    )
    for mark, other in ((".", ","), (",", "."))
}
"""Numbers by their decimal mark: the other mark parts groups, of which the last has three figures. 99,50 is no number with a point."""
_GROUPED = re.compile(r"[-+]?[1-9]\d{0,2}(?:[.,' ]\d{3})+$")
_SPACES = str.maketrans(dict.fromkeys("\u00a0\u202f\u2009\u2007\u3000", " ") | {"’": "'", "−": "-"})
_TENS = {"万": 4, "萬": 4, "亿": 8, "億": 8}


@dataclass(frozen=True, slots=True)
class ColumnFormat:
    """How the values of a column are written."""

    look: Look
    day_first: bool | None = None
    """In dates such as 31/12/2026; None when no date of the column has that form, or none says which."""
    ambiguous: bool = False
    """Dates such as 01/02/2026 and nothing that says which is the day: ask."""
    month_first_too: bool = False
    """Some dates can only be read day first, others only month first: the column is mixed."""
    decimal: str = "."
    """The decimal mark of the numbers: `.` or `,`."""
    decimal_ambiguous: bool = False
    """Numbers such as 1,234 only: taken as thousands."""
    dates_as_numbers: bool = False
    """Whole numbers that may be a spreadsheet's days (45631 is 2024-12-05)."""

    def tidy(self, value: object) -> object:
        """A cell as a date, moment, Decimal or bool as the column writes it; other cells unchanged."""
        if not isinstance(value, str) or not value.strip():
            return value
        if self.look in ("date", "moment"):
            read = parse_date(value, day_first=bool(self.day_first))
            return value if read is None else read
        if self.look == "number":
            number = parse_number(value, self.decimal)
            return value if number is None else number
        if self.look == "yes/no":
            word = _plain(value)
            return True if word in YES else False if word in NO else value
        return value


def column_format(samples: Iterable[object]) -> ColumnFormat:
    """How a column is written, decided over all its samples."""
    values = [value for value in samples if value is not None and str(value).strip()]
    if not values:
        return ColumnFormat("empty")
    texts = [value.strip() if isinstance(value, str) else value for value in values]
    look = _look(texts)
    if look in ("date", "moment"):
        return _date_format(look, [text for text in texts if isinstance(text, str)])
    if look == "number":
        decimal, unsure = _decimal_mark([text for text in texts if isinstance(text, str)])
        return ColumnFormat(look, decimal=decimal, decimal_ambiguous=unsure, dates_as_numbers=_are_days(texts))
    return ColumnFormat(look)


def _look(values: Sequence[object]) -> Look:
    if all(isinstance(value, bool) for value in values):
        return "yes/no"
    plain = {_plain(str(value)) for value in values}
    if plain <= YES | NO and not plain <= {"0", "1"} and (plain & YES or plain & NO):
        return "yes/no"
    tests: tuple[tuple[Look, float], ...] = (
        ("email", share(values, "email")),
        ("url", share(values, "url")),
        ("date", share(values, "date")),
        ("number", share(values, "number")),
        ("phone", share(values, "phone")),
    )
    look, most = max(tests, key=lambda pair: pair[1])
    if most < 0.8:
        return "text"
    if look == "number" and share(values, "phone") >= 0.8 and not all(_GROUPED.match(str(value)) for value in values):
        return "phone"
    if look == "date":
        return "moment" if sum(map(_has_time, values)) * 2 > len(values) else "date"
    return look


def share(values: Sequence[object], look: str) -> float:
    """The share of values that look like mail addresses, web addresses, phones, dates or numbers."""
    test = {"email": is_email, "url": is_url, "phone": is_phone, "date": is_date, "number": is_number}[look]
    return sum(map(test, values)) / len(values) if values else 0.0


def is_email(value: object) -> bool:
    """Whether a cell holds a mail address, or several."""
    return isinstance(value, str) and all(_EMAIL.match(one.strip()) for one in re.split(r"[;,\n]| ::: ", value.strip()))


def is_url(value: object) -> bool:
    """Whether a cell holds a web address."""
    return isinstance(value, str) and bool(_URL.match(value.strip()))


def is_phone(value: object) -> bool:
    """Whether a cell may hold a phone number, or several: seven digits or more, no decimals."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        return False
    first = re.split(r"[;,、\n]| ::: ", value.strip())[0].strip()
    digits = sum(character.isdigit() for character in first)
    return (
        7 <= digits <= 20
        and bool(_PHONE.match(first))
        and parse_date(first, day_first=True) is None
        and not re.match(r"\d+\.\d{1,4}$", first)
    )


def is_date(value: object) -> bool:
    """Whether a cell holds a day or a moment, in either order."""
    if isinstance(value, dt.date):
        return True
    return isinstance(value, str) and (parse_date(value, day_first=True) or parse_date(value, day_first=False)) is not None


def is_number(value: object) -> bool:
    """Whether a cell holds a number, with either decimal mark."""
    if isinstance(value, bool):
        return False
    return isinstance(value, (int, float, Decimal)) or (isinstance(value, str) and _digits_of(value) is not None)


def _has_time(value: object) -> bool:
    return isinstance(value, dt.datetime) or (isinstance(value, str) and bool(re.search(r"\d[:：]\d{2}", value)))


def _are_days(values: Sequence[object]) -> bool:
    numbers = [number for value in values if (number := parse_number(str(value), ".")) is not None]
    return len(numbers) == len(values) and all(20_000 <= number <= 80_000 and number % 1 == 0 for number in numbers)


def _date_format(look: Look, texts: Sequence[str]) -> ColumnFormat:
    day_only = month_only = either = 0
    for text in texts:
        found = _YEAR_LAST.match(_folded(text))
        if not found:
            continue
        first, second = int(found["first"]), int(found["second"])
        day_only += first > 12 >= second
        month_only += second > 12 >= first
        # 12.05.2026 with points is written day first wherever it is written.
        day_only += first <= 12 and second <= 12 and found["mark"] == "."
        either += first <= 12 and second <= 12 and found["mark"] != "." and first != second
    if day_only or month_only:
        return ColumnFormat(look, day_first=day_only >= month_only, month_first_too=bool(day_only and month_only))
    return ColumnFormat(look, ambiguous=either > 0)


def parse_date(text: str, *, day_first: bool) -> dt.date | dt.datetime | None:
    """The day or moment a text names; None when it names none."""
    folded = _folded(text)
    if found := _YEAR_FIRST.match(folded) or _COMPACT.match(folded):
        parts = found.groupdict()
        return _moment(int(parts["year"]), int(parts["month"]), int(parts["day"]), parts)
    if found := _YEAR_LAST.match(folded):
        parts = found.groupdict()
        first, second = int(parts["first"]), int(parts["second"])
        point = parts["mark"] == "." and second <= 12
        day, month = (first, second) if (day_first or point or first > 12) and second <= 12 else (second, first)
        return _moment(_full_year(parts["year"]), month, day, parts)
    if found := _WORDED.match(folded):
        parts = found.groupdict()
        month = MONTHS.get(_plain(parts["month"] or parts["month2"] or ""), 0)
        return _moment(_full_year(parts["year"]), month, int(parts["day"] or parts["day2"]), parts)
    return None


def _folded(text: str) -> str:
    return _HALF_BEFORE.sub(r"\2 \1", unicodedata.normalize("NFKC", text).strip())


def _full_year(text: str) -> int:
    year = int(text)
    return year if len(text) == 4 else year + (2000 if year < 70 else 1900)


def _moment(year: int, month: int, day: int, parts: dict[str, str | None]) -> dt.date | dt.datetime | None:
    try:
        date = dt.date(year, month, day)
        if not parts.get("time"):
            return date
        clock = [float(part.replace(",", ".")) for part in re.split("[:：]", parts["time"] or "")]
        hour, minute, seconds = int(clock[0]), int(clock[1]), clock[2] if len(clock) > 2 else 0.0
        half = (parts.get("half") or "").lower().replace(".", "")
        if half in ("pm", "下午") and hour < 12:
            hour += 12
        elif half in ("am", "上午") and hour == 12:
            hour = 0
        whole = int(seconds)
        micro = round((seconds - whole) * 1_000_000) % 1_000_000
        return dt.datetime(year, month, day, hour, minute, whole, micro, tzinfo=_zone(parts.get("zone")))
    except ValueError:
        return None


def _zone(text: str | None) -> dt.tzinfo | None:
    if not text:
        return None
    if text.upper() in ("Z", "UTC", "GMT"):
        return dt.UTC
    digits = text[1:].replace(":", "")
    offset = dt.timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return dt.timezone(-offset if text[0] == "-" else offset)


def parse_number(text: str, decimal: str) -> Decimal | None:
    """The number a text shows: `(1,234.50)` is −1234.50, `1 234,56` with a decimal comma, `60%` is 0.6, `3.5万` is 35000."""
    shown = _digits_of(text)
    if shown is None:
        return None
    digits, power = shown
    if digits[-1] in "-−":
        digits = "-" + digits[:-1]
    thousands = "." if decimal == "," else ","
    if not _MARKED[decimal].match(digits):
        return None
    digits = digits.replace(thousands, "").replace("'", "").replace(" ", "").replace(decimal, ".")
    try:
        return Decimal(digits).scaleb(power)
    except InvalidOperation:
        return None


def _digits_of(text: str) -> tuple[str, int] | None:
    """The figures of a number without currency, brackets and units, and the power of ten of the unit."""
    shown = unicodedata.normalize("NFKC", text.translate(_SPACES)).strip()
    shown = _MONEY_SIGNS.sub("", shown).strip()
    negative = shown.startswith("(") and shown.endswith(")")
    shown = shown.strip("()").strip() if negative else shown
    power = 0
    if shown[-1:] in _TENS:
        power, shown = _TENS[shown[-1]], shown[:-1].strip()
    elif shown.endswith("%"):
        power, shown = -2, shown[:-1].strip()
    shown = re.sub(r"^([-+−])\s+", r"\1", shown)
    if not _NUMBER.match(shown) or re.search(r"  |[.,']{2}", shown):
        return None
    return ("-" + shown if negative else shown), power


def _decimal_mark(texts: Sequence[str]) -> tuple[str, bool]:
    """The decimal mark of a column, and whether it had to be assumed."""
    comma = point = unsure_comma = unsure_point = 0
    for text in texts:
        shown = _digits_of(text)
        if shown is None:
            continue
        digits = shown[0].strip("+-−")
        last = max(digits.rfind(","), digits.rfind("."))
        if last < 0:
            continue
        mark, rest = digits[last], re.split(r"[eE]", digits[last + 1 :])[0]
        both = "," in digits and "." in digits
        groups = re.fullmatch(r"[1-9]\d{0,2}(?:[.,' ]\d{3})+", digits) is not None
        if both or not groups:
            comma, point = comma + (mark == ","), point + (mark == ".")
        elif digits.count(mark) > 1:  # a mark that comes twice parts thousands
            comma, point = comma + (mark == "."), point + (mark == ",")
        elif rest:
            unsure_comma, unsure_point = unsure_comma + (mark == ","), unsure_point + (mark == ".")
    if comma or point:
        return ("," if comma > point else "."), False
    # 1,234 alone is thousands to most people; 1.234 alone is read as the decimal point it is in data.
    return ".", bool(unsure_comma or unsure_point)


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).strip().casefold()
    decomposed = unicodedata.normalize("NFD", folded)
    return folded if folded in YES or folded in NO else "".join(one for one in decomposed if not unicodedata.combining(one))
