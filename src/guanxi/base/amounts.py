"""Numbers as people write them: separators of many countries, k and M, 万 and 亿.

What the number counts (money, pieces, percent) is the caller's business.
"""

import re
import unicodedata
from decimal import Decimal

from django.utils.translation import gettext

MOST_DIGITS = 18
_MOST_SIGNIFICANT = 28  # more would be rounded by Decimal's arithmetic

_SIGNS_AND_SPACES = {ord(dash): "-" for dash in "\u2010\u2011\u2012\u2013\u2014\u2212"} | {
    ord(space): " " for space in "\u00a0\u2007\u2009\u202f\u3000\t\r\n"
}


def plain_number_text(text: str) -> str:
    """Folded text with one kind of minus and of space, for the functions that read numbers."""
    return unicodedata.normalize("NFKC", text).translate(_SIGNS_AND_SPACES).strip().casefold()


def parse_amount(text: str) -> Decimal:
    """A number without a sign; ValueError says what is wrong with it.

    Takes 1,054.00 · 1 234,50 · 1.5k · 12万 · 3亿2000万 · 1.8E+06 in any width of digits. One rule each
    for what could be read twice:
    with both "," and "." the last is the decimal point; one of them repeated separates groups;
    a single "." is the decimal point (1.054 is a little over one);
    a single "," before exactly three digits separates groups (1,054), unless only zeros or more
    than three digits stand before it (0,054; 1054,125), and else is the decimal point (1054,5).
    """
    return _sum_of_parts(plain_number_text(text), text.strip())


_MULTIPLIERS = {
    "": 0,
    "百": 2,
    "k": 3,
    "千": 3,
    "万": 4,
    "萬": 4,
    "w": 4,
    "百万": 6,
    "m": 6,
    "mn": 6,
    "mio": 6,
    "mio.": 6,
    "million": 6,
    "千万": 7,
    "亿": 8,
    "億": 8,
    "b": 9,
    "bn": 9,
    "billion": 9,
    "万亿": 12,
    "兆": 12,
}
_HAS_DIGIT = re.compile(r"[0-9]")
_PART = re.compile(r"([0-9][0-9., ']*)(e[+-]?[0-9]{1,2}(?![0-9]))? *([^0-9 .,'+\-]*\.?)")


def _sum_of_parts(number: str, text: str) -> Decimal:
    """A sum of falling parts such as 3亿2000万; nearly always one part.

    Digits after a unit are taken where they fill it (3万5000): 3万5 is 35,000 to some and 30,005 to others, 12k5 both too.
    """
    if not _HAS_DIGIT.search(number):
        raise ValueError(gettext("“%(text)s” is not a number: write it like 1,054.00.") % {"text": text})
    total = Decimal(0)
    at, last_power, last_unit = 0, 99, ""
    if number[0] in ".,":
        number = "0" + number
    while at < len(number):
        part = _PART.match(number, at)
        if not part or (power := _MULTIPLIERS.get(part[3])) is None or power >= last_power:
            rest = (part[3] if part else "") or number[at:]
            raise ValueError(gettext("“%(part)s” in “%(text)s” is not part of a number.") % {"part": rest, "text": text})
        written = _without_groups(part[1].strip(), text)
        if at and not part[3] and (last_unit.isascii() or len(written.partition(".")[0]) != last_power):
            raise ValueError(gettext("“%(part)s” in “%(text)s” is not part of a number.") % {"part": part[0].strip(), "text": text})
        digits = Decimal(written + (part[2] or ""))
        if digits.adjusted() + power >= MOST_DIGITS or len(digits.as_tuple().digits) > _MOST_SIGNIFICANT:
            raise ValueError(gettext("“%(text)s” has too many digits.") % {"text": text})
        total += digits.scaleb(power)
        at, last_power, last_unit = part.end(), power, part[3]
    return total


_GROUPS_OF_THREE = re.compile(r"[0-9]{1,3}(?:[., '][0-9]{3})+")
_GROUPS_OF_INDIA = re.compile(r"[0-9]{1,2}(?:,[0-9]{2})*,[0-9]{3}")
_GROUPS_OF_CHINA = re.compile(r"[0-9]{1,4}(?:[, ][0-9]{4})+")


def _without_groups(digits: str, text: str) -> str:
    """The digits with a "." where the decimals begin, by the rules of parse_amount."""
    dots, commas = digits.count("."), digits.count(",")
    point = ""
    if dots and commas:
        point = "." if digits.rindex(".") > digits.rindex(",") else ","
    elif dots == 1:
        point = "."
    elif commas == 1:
        before, _, after = digits.partition(",")
        point = "," if len(after) != 3 or not before.strip("0") or len(before) > 3 + before.count(" ") else ""
    whole, _, decimals = digits.rpartition(point) if point else (digits, "", "")
    marks = set(whole) - set("0123456789")
    well_grouped = not marks or (
        len(marks) == 1 and (_GROUPS_OF_THREE.fullmatch(whole) or _GROUPS_OF_INDIA.fullmatch(whole) or _GROUPS_OF_CHINA.fullmatch(whole))
    )
    if not well_grouped or (decimals and not decimals.isdecimal()):
        raise ValueError(gettext("The separators in “%(text)s” do not fit: write it like 1,054.00.") % {"text": text})
    return "".join(filter(str.isdecimal, whole)) + ("." + decimals if decimals else "")


def decimals_of(amount: Decimal) -> int:
    """How many digits are written after the decimal point."""
    exponent = amount.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
