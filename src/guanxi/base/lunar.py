"""The Chinese calendar, for birthdays kept by it: lunar years 1900 to 2100.

The table gives each year as five hexadecimal digits: the leap month (0 for none), then the months in
their order from the lowest bit on, 1 for thirty days and 0 for twenty-nine. Taken from borax (MIT), it
agrees with the new moons at 120° east from 1929 on (Meeus, Astronomical Algorithms, chapter 49; 2089 lies
a minute from midnight). No package is used: lunardate is GPL and has months of 1954, 1978, 2057 and 2097 a day off.
"""

import datetime as dt
from bisect import bisect_right
from itertools import accumulate
from typing import NamedTuple

from django.utils.translation import gettext

FIRST_YEAR = 1900
_FIRST_DAY = dt.date(1900, 1, 31)

_TABLE = """
    816d2 00752 00ea5 5164a 0064b 00a9b 41556 0056a 00b59 21752
    00752 61b25 00b25 00a4b 514ab 002ad 0056b 20b69 00da9 71d92
    00e92 00d25 51a4d 00a56 002b6 415b5 006d4 00ea9 21e92 00e92
    60d26 0052b 00a57 512b6 00b5a 006d4 30ec9 00749 71693 00a93
    0052b 60a5b 00aad 0056a 41b55 00ba4 00b49 21a93 00a95 7152d
    00536 00aad 515aa 005b2 00da5 31d4a 00d4a 80a95 00a97 00556
    60ab5 00ad5 006d2 40ea5 00ea5 0064a 30c97 00a9b 7155a 0056a
    00b69 51752 00b52 00b25 4164b 00a4b 814ab 002ad 0056d 60b69
    00da9 00d92 41d25 00d25 a1a4d 00a56 002b6 605b5 006d5 00ea9
    51e92 00e92 00d26 30a56 00a57 814d6 0035a 006d5 516c9 00749
    00693 4152b 0052b 00a5b 2155a 0056a 71b55 00ba4 00b49 51a93
    00a95 0052d 40aad 00ab5 915aa 005d2 00da5 61d4a 00d4a 00c95
    4152e 00556 00ab5 215b2 006d2 60ea5 00725 0064b 50c97 00cab
    0055a 30ad6 00b69 b1752 00b52 00b25 61a4b 00a4b 004ab 5055b
    005ad 00b6a 21b52 00d92 71d25 00d25 00a55 514ad 004b6 005b5
    30daa 00ec9 81e92 00e92 00d26 60a56 00a57 004d6 406d5 00755
    00749 30e93 00693 7152b 0052b 00a5b 5155a 0056a 00b65 4174a
    00b4a 81a95 00a95 0052d 60aad 00ab5 005aa 40ba5 00da5 00d4a
    31c95 00c96 7194e 00556 00ab5 515b2 006d2 00ea5 40e4a 0064b
    80c97 004ab 0055b 60ad6 00b6a 00752 41725 00b25 00a8b 2149b
    004ab
""".split()  # noqa: SIM905 - a table is read in rows


class LunarDay(NamedTuple):
    """A day of the Chinese calendar; `leap` for the second month of the same number."""

    year: int
    month: int
    day: int
    leap: bool = False


def _months(year: int) -> list[tuple[int, bool, int]]:
    """The months of a lunar year in order: (number, is it the leap month, days)."""
    word = _TABLE[year - FIRST_YEAR]
    leap, long_months = int(word[0], 16), int(word[1:], 16)
    order = [(month, False) for month in range(1, 13)]
    if leap:
        order.insert(leap, (leap, True))
    return [(month, is_leap, 29 + (long_months >> at & 1)) for at, (month, is_leap) in enumerate(order)]


_YEAR_STARTS = [
    _FIRST_DAY + dt.timedelta(days)
    for days in accumulate((sum(days for _, _, days in _months(FIRST_YEAR + at)) for at in range(len(_TABLE))), initial=0)
]
LAST_YEAR = FIRST_YEAR + len(_TABLE) - 1


def lunar_to_solar_birthday(month: int, day: int, leap: bool, year: int) -> dt.date:
    """The day on which a birthday by the Chinese calendar falls in a lunar year.

    As families do: a birthday in a leap month falls in the ordinary month of a year without it, and a
    thirtieth on the last day of a month of twenty-nine. ValueError outside 1900 to 2100.
    """
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ValueError(gettext("The Chinese calendar is known here from 1900 to 2100."))
    if not 1 <= month <= 12 or not 1 <= day <= 30:
        raise ValueError(gettext("Months of the Chinese calendar go from 1 to 12, days from 1 to 30."))
    months = _months(year)
    leap = leap and (month, True) in [(number, is_leap) for number, is_leap, _ in months]
    passed = 0
    for number, is_leap, days in months:
        if (number, is_leap) == (month, leap):
            passed += min(day, days) - 1
            break
        passed += days
    return _YEAR_STARTS[year - FIRST_YEAR] + dt.timedelta(passed)


def solar_to_lunar_birthday(day: dt.date) -> LunarDay:
    """The Chinese date of a day; ValueError outside the lunar years 1900 to 2100."""
    if not _YEAR_STARTS[0] <= day < _YEAR_STARTS[-1]:
        raise ValueError(gettext("The Chinese calendar is known here from 1900 to 2100."))
    at = bisect_right(_YEAR_STARTS, day) - 1
    left = (day - _YEAR_STARTS[at]).days
    months = _months(FIRST_YEAR + at)
    starts = list(accumulate((days for _, _, days in months), initial=0))
    nth = bisect_right(starts, left) - 1
    month, leap, _ = months[nth]
    return LunarDay(FIRST_YEAR + at, month, left - starts[nth] + 1, leap)


def next_birthday(birthday: dt.date, today: dt.date, lunar: bool = False) -> dt.date:
    """The next day to congratulate, today included; `lunar` when it is kept by the Chinese calendar.

    A birthday on 29 February falls on the 28th in other years.
    """
    if not lunar:
        this_year = _in_year(birthday, today.year)
        return this_year if this_year >= today else _in_year(birthday, today.year + 1)
    born = solar_to_lunar_birthday(birthday)
    year = solar_to_lunar_birthday(today).year
    this_year = lunar_to_solar_birthday(born.month, born.day, born.leap, year)
    if this_year >= today:
        return this_year
    return lunar_to_solar_birthday(born.month, born.day, born.leap, year + 1)


def _in_year(birthday: dt.date, year: int) -> dt.date:
    try:
        return birthday.replace(year=year)
    except ValueError:
        return dt.date(year, 2, 28)
