"""The Chinese calendar, against dates anyone can look up."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guanxi.base.moments import LunarDay, lunar_to_solar_birthday, next_birthday, solar_to_lunar_birthday


@pytest.mark.parametrize(
    ("solar", "lunar"),
    [
        (dt.date(1900, 1, 31), LunarDay(1900, 1, 1)),
        (dt.date(1949, 10, 1), LunarDay(1949, 8, 10)),
        (dt.date(1954, 11, 25), LunarDay(1954, 11, 1)),
        (dt.date(1976, 10, 1), LunarDay(1976, 8, 8, leap=True)),
        (dt.date(1978, 9, 17), LunarDay(1978, 8, 15)),
        (dt.date(2000, 2, 5), LunarDay(2000, 1, 1)),
        (dt.date(2008, 8, 8), LunarDay(2008, 7, 8)),
        (dt.date(2023, 3, 22), LunarDay(2023, 2, 1, leap=True)),
        (dt.date(2026, 2, 17), LunarDay(2026, 1, 1)),
        (dt.date(2026, 9, 25), LunarDay(2026, 8, 15)),
        (dt.date(2033, 12, 22), LunarDay(2033, 11, 1, leap=True)),
        (dt.date(2057, 9, 29), LunarDay(2057, 9, 1)),
    ],
)
def test_a_day_has_this_chinese_date(solar: dt.date, lunar: LunarDay) -> None:
    assert solar_to_lunar_birthday(solar) == lunar
    assert lunar_to_solar_birthday(lunar.month, lunar.day, lunar.leap, lunar.year) == solar


@given(st.dates(dt.date(1900, 1, 31), dt.date(2101, 1, 28)))
def test_there_and_back_is_the_same_day(day: dt.date) -> None:
    lunar = solar_to_lunar_birthday(day)
    assert lunar_to_solar_birthday(lunar.month, lunar.day, lunar.leap, lunar.year) == day


@given(st.dates(dt.date(1900, 1, 31), dt.date(2101, 1, 27)))
def test_the_next_day_is_the_next_chinese_day(day: dt.date) -> None:
    one, two = solar_to_lunar_birthday(day), solar_to_lunar_birthday(day + dt.timedelta(1))
    assert two.day == one.day + 1 or (two.day == 1 and one.day in (29, 30))


def test_a_birthday_in_a_leap_month_falls_in_the_ordinary_month_of_other_years() -> None:
    assert lunar_to_solar_birthday(8, 8, True, 1976) == dt.date(1976, 10, 1)
    assert lunar_to_solar_birthday(8, 8, True, 1977) == lunar_to_solar_birthday(8, 8, False, 1977)


def test_a_thirtieth_falls_on_the_last_day_of_a_short_month() -> None:
    assert lunar_to_solar_birthday(12, 30, False, 2024) == dt.date(2025, 1, 28)
    assert solar_to_lunar_birthday(dt.date(2025, 1, 28)) == LunarDay(2024, 12, 29)


@pytest.mark.parametrize(
    ("birthday", "today", "lunar", "expected"),
    [
        (dt.date(1984, 5, 20), dt.date(2026, 5, 20), False, dt.date(2026, 5, 20)),
        (dt.date(1984, 5, 20), dt.date(2026, 5, 21), False, dt.date(2027, 5, 20)),
        (dt.date(1984, 2, 29), dt.date(2026, 3, 1), False, dt.date(2027, 2, 28)),
        (dt.date(1984, 2, 29), dt.date(2028, 1, 1), False, dt.date(2028, 2, 29)),
        (dt.date(1984, 2, 2), dt.date(2026, 1, 1), True, dt.date(2026, 2, 17)),
        (dt.date(1984, 2, 2), dt.date(2026, 2, 17), True, dt.date(2026, 2, 17)),
        (dt.date(1984, 2, 2), dt.date(2026, 2, 18), True, dt.date(2027, 2, 6)),
    ],
)
def test_the_next_birthday_is_this_day(birthday: dt.date, today: dt.date, lunar: bool, expected: dt.date) -> None:
    assert next_birthday(birthday, today, lunar=lunar) == expected


@pytest.mark.parametrize(("month", "day", "year"), [(1, 1, 1899), (1, 1, 2101), (13, 1, 2000), (1, 31, 2000), (0, 1, 2000)])
def test_what_is_not_in_the_calendar_is_refused(month: int, day: int, year: int) -> None:
    with pytest.raises(ValueError, match="Chinese calendar"):
        lunar_to_solar_birthday(month, day, False, year)


@pytest.mark.parametrize("day", [dt.date(1900, 1, 30), dt.date(2101, 1, 29)])
def test_a_day_outside_the_table_is_refused(day: dt.date) -> None:
    with pytest.raises(ValueError, match="from 1900 to 2100"):
        solar_to_lunar_birthday(day)
