"""Values as they are written: numbers with their suffixes, dates and the words that need no quotes.

What a value means to a field is the checker's business; here it is only read and written.
"""

from __future__ import annotations

import re
from decimal import Decimal

from django.utils.translation import gettext as _

from guanxi.entity.conditions.tree import MOST_DIGITS, Scalar

_UNIT = "min|mo|[hdwmqy]"
_LENGTH = "day|week|month|quarter|year"
_DAY = r"\d{4}-\d{2}-\d{2}"
BARE = re.compile(
    "|".join(
        [
            rf"{_DAY}(?:T\d{{2}}:\d{{2}}(?::\d{{2}}(?:\.\d{{1,6}})?)?(?:Z|[+-]\d{{2}}:\d{{2}})?)?",  # a day or a moment
            r"\d{4}-(?:\d{2}|[Qq][1-4])",  # a month, a quarter
            rf"(?:now|today|yesterday|tomorrow|(?:start|end)_of_(?:{_LENGTH}))?(?:[+-]\d+(?:{_UNIT}))+",
            r"-?\d+(?:\.\d+)?%",
            r"\d+(?:h\d*|:\d{2}|min|d|w|mo|y)",  # a duration
            "me|my_team|now|today|yesterday|tomorrow",
            f"(?:start|end)_of_(?:{_LENGTH})",
            f"(?:this|last|next)_(?:{_LENGTH})",
            rf"(?:last|next)_\d+(?:{_UNIT})",
        ]
    ),
    re.ASCII,
)
"""Texts that stand for themselves without quotes."""

CONSTANTS: dict[str, Scalar] = {"true": True, "false": False, "null": None}
_TIMES = {"k": 10**3, "K": 10**3, "m": 10**6, "M": 10**6, "万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8}
_NUMBER = re.compile(r"([+-]?)(\d[\d_]*)(\.\d+)?([kKmM万萬亿億]?)", re.ASCII)
_WIDE = str.maketrans("０１２３４５６７８９．％－−＋：／", "0123456789.%--+:/")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}
_PLAIN_NAME = re.compile(r"[^\W\d]\w*")
RESERVED = frozenset({"and", "or", "not"})


def read_literal(word: str) -> Scalar:
    """The value of an unquoted run that begins like a number; ValueError when it is none."""
    word = word.translate(_WIDE)
    if BARE.fullmatch(word):
        return word
    scaled = scaled_number(word)
    if scaled is not None:
        return number(scaled)
    if re.fullmatch(r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}", word):
        raise ValueError(_("Write dates as 2026-11-05."))
    raise ValueError(_("“%(word)s” is neither a number nor a date; put text in quotes.") % {"word": word[:40]})


def read_name(word: str) -> Scalar:
    """The value of an unquoted word: true, false, null, today and the like in any case; else itself."""
    lower = word.lower()
    if lower in CONSTANTS:
        return CONSTANTS[lower]
    return lower if BARE.fullmatch(lower) else word


def scaled_number(word: str) -> Decimal | None:
    """The number in `10_000`, `10k` or `1.5万`; None when it is none."""
    found = _NUMBER.fullmatch(word)
    if found is None:
        return None
    sign, whole, fraction, suffix = found.groups()
    plain = Decimal(f"{sign}{whole.replace('_', '')}{fraction or ''}")
    return plain * _TIMES[suffix] if suffix else plain


def number(value: Decimal) -> Scalar:
    """A number as a tree holds it: whole ones as int; those that JSON would round, as text."""
    if value.adjusted() > MOST_DIGITS or len(f"{value:f}") > MOST_DIGITS:
        raise ValueError(_("This number has too many digits."))
    if value == value.to_integral_value():
        return int(value)
    value = Decimal(f"{value:f}".rstrip("0"))
    return value if Decimal(repr(float(value))) == value else f"{value:f}"


def write_value(value: Scalar) -> str:
    """A value as text that reads back as the same."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value if BARE.fullmatch(value) else quote(value)


def quote(text: str) -> str:
    """Text in double quotes."""
    text = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + text.replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t") + '"'


def unquote(inner: str) -> str:
    """The text between quotes, escapes undone; a stray backslash stays."""
    if "\\" not in inner:
        return inner
    return re.sub(r"\\(.)", _unescaped, inner, flags=re.DOTALL)


def _unescaped(found: re.Match[str]) -> str:
    sign = found[1]
    if sign in "\\\"'`“”‘’「」":
        return sign
    return _ESCAPES.get(sign, found[0])


def write_name(name: str) -> str:
    """A step's name; in backticks when it would be read as something else."""
    if _PLAIN_NAME.fullmatch(name) and name.lower() not in RESERVED:
        return name
    return "`" + name.replace("\\", "\\\\").replace("`", "\\`") + "`"
