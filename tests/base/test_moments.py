"""Moments: how days and times are written, read and counted from today."""

import contextlib
import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guanxi.base.moments import (
    PERIODS,
    format_day,
    format_moment,
    parse_day,
    parse_moment,
    period,
    relative,
    relative_date,
    shifted,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
NEW_YORK = ZoneInfo("America/New_York")
NOW = dt.datetime(2026, 11, 22, 10, 0, tzinfo=SHANGHAI)
TODAY = dt.date(2026, 11, 22)

ZONES = st.sampled_from([SHANGHAI, NEW_YORK, dt.UTC, ZoneInfo("Asia/Kathmandu")])
DAYS = st.dates(dt.date(1000, 1, 1), dt.date(9998, 12, 31))
EARLIEST, LATEST = dt.datetime.fromisoformat("1970-01-02"), dt.datetime.fromisoformat("2100-01-01")
MOMENTS = st.datetimes(EARLIEST, LATEST, timezones=ZONES, allow_imaginary=False)


@pytest.mark.parametrize(
    ("away", "english", "chinese"),
    [
        ({"seconds": -59}, "just now", "刚刚"),
        ({"seconds": 30}, "just now", "刚刚"),
        ({"minutes": -5}, "5 min ago", "5 分钟前"),
        ({"minutes": 5}, "in 5 min", "5 分钟后"),
        ({"hours": -2}, "2 h ago", "2 小时前"),
        ({"hours": 3}, "in 3 h", "3 小时后"),
        ({"hours": -9.5}, "9 h ago", "9 小时前"),
        ({"hours": -10.5}, "yesterday", "昨天"),
        ({"hours": 15}, "tomorrow", "明天"),
        ({"days": -1, "hours": -9}, "yesterday", "昨天"),
        ({"days": -2}, "2 days ago", "前天"),
        ({"days": 2}, "in 2 days", "后天"),
        ({"days": 3}, "in 3 days", "3 天后"),
        ({"days": -6}, "6 days ago", "6 天前"),
        ({"days": -7}, "Nov 15", "11月15日"),
        ({"days": -300}, "Jan 26", "1月26日"),
        ({"days": 60}, "Jan 21", "1月21日"),
        ({"days": -400}, "Oct 18, 2025", "2025年10月18日"),
        ({"days": 400}, "Dec 27, 2027", "2027年12月27日"),
    ],
)
def test_a_moment_is_told_from_now(away: dict[str, float], english: str, chinese: str) -> None:
    moment = (NOW + dt.timedelta(**away)).astimezone(dt.UTC)
    assert relative(moment, NOW, SHANGHAI, "en") == english
    assert relative(moment, NOW, SHANGHAI, "zh-hans") == chinese


def test_two_hours_ago_stays_two_hours_ago_over_midnight() -> None:
    now = dt.datetime(2026, 11, 22, 1, 0, tzinfo=SHANGHAI)
    assert relative(now - dt.timedelta(hours=2), now, SHANGHAI, "en") == "2 h ago"
    assert relative(now - dt.timedelta(hours=7), now, SHANGHAI, "en") == "yesterday"


def test_what_day_it_was_depends_on_the_readers_zone() -> None:
    moment = NOW - dt.timedelta(hours=11)
    assert relative(moment, NOW, SHANGHAI, "en") == "yesterday"
    assert relative(moment, NOW, NEW_YORK, "en") == "11 h ago"


def test_a_day_may_be_given_as_a_moment() -> None:
    assert format_day(NOW - dt.timedelta(days=300), TODAY, "en") == "Jan 26"
    assert format_day(NOW - dt.timedelta(days=400), TODAY, "en") == "Oct 18, 2025"


def test_other_languages_are_written_by_babel() -> None:
    assert relative(NOW - dt.timedelta(hours=2), NOW, SHANGHAI, "de") == "vor 2 Stunden"
    assert format_day(dt.date(2026, 11, 18), TODAY, "de") == "18. Nov."


def test_a_moment_is_written_in_full_in_the_readers_zone() -> None:
    moment = dt.datetime(2026, 11, 18, 6, 5, tzinfo=dt.UTC)
    assert format_moment(moment, SHANGHAI, "en") == "Wed, Nov 18, 2026, 14:05"
    assert format_moment(moment, NEW_YORK, "en") == "Wed, Nov 18, 2026, 01:05"
    assert format_moment(moment, SHANGHAI, "zh-hans") == "2026年11月18日 周三 14:05"


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-05",
        " 2026/11/5 ",
        "2026.11.5",
        "20261105",
        "2026年11月5日",
        "２０２６年１１月５日",
        "26年11月5号",
        "2026 年 11 月 5 日",
        "5.11.2026",
        "05. 11. 26",
        "11/05/2026",
        "11-05-26",
        "Nov 5, 2026",
        "NOVEMBER 5 2026",
        "Nov. 5, 2026",
        "5 November 2026",
        "5-Nov-26",
        "Thursday, 5th of November 2026",
        "2026-11-05T10:00:00Z",
        "2026-11-05 00:00:00",
        "46331",
        "46331.0",
        "46331.75",
        "1793870100000",
        "1793870100",
        "20261105101500",
    ],
)
def test_a_day_is_read_like_this(text: str) -> None:
    assert parse_day(text) == dt.date(2026, 11, 5)


@pytest.mark.parametrize(
    ("text", "month_first", "day_first"),
    [
        ("11/05/2026", dt.date(2026, 11, 5), dt.date(2026, 5, 11)),
        ("13/05/2026", dt.date(2026, 5, 13), dt.date(2026, 5, 13)),
        ("05/13/2026", dt.date(2026, 5, 13), dt.date(2026, 5, 13)),
        ("1-2-69", dt.date(2069, 1, 2), dt.date(2069, 2, 1)),
        ("1-2-70", dt.date(1970, 1, 2), dt.date(1970, 2, 1)),
    ],
)
def test_which_number_is_the_day_can_be_chosen(text: str, month_first: dt.date, day_first: dt.date) -> None:
    assert parse_day(text) == month_first
    assert parse_day(text, day_first=True) == day_first


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "Enter a date, for example 2026-11-05."),
        ("  ", "Enter a date, for example 2026-11-05."),
        ("foo", "“foo” is not a date: write it like 2026-11-05."),
        ("5", "“5” is not a date: write it like 2026-11-05."),
        ("2026-11", "“2026-11” is not a date: write it like 2026-11-05."),
        ("Nov 18", "“Nov 18” is not a date: write it like 2026-11-05."),
        ("99999999", "“99999999” is not a date: write it like 2026-11-05."),
        ("2026-11-05abc", "“2026-11-05abc” is not a date: write it like 2026-11-05."),
        ("2026-11-051", "“2026-11-051” is not a date: write it like 2026-11-05."),
        ("2026-02-30", "There is no day 30 in month 02 of 2026 (“2026-02-30”)."),
        ("0000-00-00", "There is no day 00 in month 00 of 0000 (“0000-00-00”)."),
        ("31/31/2026", "There is no day 31 in month 31 of 2026 (“31/31/2026”)."),
        ("x" * 200, f"“{'x' * 60}” is not a date: write it like 2026-11-05."),
    ],
)
def test_what_is_not_a_day_is_refused_with_the_reason(text: str, problem: str) -> None:
    with pytest.raises(ValueError) as refused:  # noqa: PT011 - the whole message is compared below
        parse_day(text)
    assert str(refused.value) == problem


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-05", "2026-11-05T00:00:00+08:00"),
        ("2026-11-05 14:05", "2026-11-05T14:05:00+08:00"),
        ("2026-11-05T14:05:30.123Z", "2026-11-05T22:05:30.123000+08:00"),
        ("2026/11/5 2:05 PM", "2026-11-05T14:05:00+08:00"),
        ("11/05/2026 12:00 AM", "2026-11-05T00:00:00+08:00"),
        ("11/05/2026 12:30 p.m.", "2026-11-05T12:30:00+08:00"),
        ("2026年11月5日 下午2:05", "2026-11-05T14:05:00+08:00"),
        ("2026年11月5日14时05分", "2026-11-05T14:05:00+08:00"),
        ("2026年11月5日 星期四 上午9点", "2026-11-05T09:00:00+08:00"),
        ("Thu, 5 Nov 2026 14:05:00 +0000", "2026-11-05T22:05:00+08:00"),
        ("5 Nov 2026 14:05:00 GMT+2 (CEST)", "2026-11-05T20:05:00+08:00"),
        ("5.11.2026 14.05", "2026-11-05T14:05:00+08:00"),
        ("46331.5", "2026-11-05T12:00:00+08:00"),
        ("1793870100000", "2026-11-05T17:15:00+08:00"),
        ("20261105140500", "2026-11-05T14:05:00+08:00"),
        ("20261105T140500Z", "2026-11-05T22:05:00+08:00"),
    ],
)
def test_a_moment_is_read_like_this(text: str, expected: str) -> None:
    assert parse_moment(text, SHANGHAI).isoformat() == expected


@pytest.mark.parametrize("text", ["", "noon", "12:30", "2026-11-05 25:00", "2026-11-05 noon", "2026-11-05 14:61", "-"])
def test_what_is_not_a_moment_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not a (date|time of day)|Enter a date"):
        parse_moment(text, SHANGHAI)


def test_the_last_minute_of_the_calendar_is_refused_where_it_does_not_exist() -> None:
    with pytest.raises(ValueError, match="is not a date"):
        parse_moment("9999-12-31T23:59:59-12:00", SHANGHAI)


@given(DAYS, st.sampled_from(["en", "zh-hans"]))
def test_reading_a_written_day_gives_the_same_day(day: dt.date, language: str) -> None:
    assert parse_day(format_day(day, shifted(day, 1 if day.year < 5000 else -1, "year"), language)) == day
    assert parse_day(day.isoformat()) == day
    assert parse_day(f"{day:%Y}/{day.month}/{day.day}".zfill(8)) == day
    assert parse_day(f"{day.day}/{day.month}/{day.year}", day_first=True) == day


@given(MOMENTS, st.sampled_from(["en", "zh-hans"]))
def test_reading_a_written_moment_gives_the_same_minute(moment: dt.datetime, language: str) -> None:
    # In UTC, for an hour that summer time repeats has two moments of the same name.
    minute = moment.astimezone(dt.UTC).replace(second=0, microsecond=0)
    assert parse_moment(format_moment(minute, dt.UTC, language), dt.UTC) == minute
    assert parse_moment(moment.isoformat(), SHANGHAI).astimezone(dt.UTC) == moment.astimezone(dt.UTC)


@given(st.text(max_size=40) | st.text("0123456789-/.: 年月日时TZapm+", max_size=25), ZONES)
def test_any_text_is_a_moment_or_refused(text: str, zone: dt.tzinfo) -> None:
    with contextlib.suppress(ValueError):
        assert parse_moment(text, zone).tzinfo is zone
    with contextlib.suppress(ValueError):
        assert type(parse_day(text)) is dt.date


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("today", "2026-11-22"),
        ("yesterday", "2026-11-21"),
        ("tomorrow", "2026-11-23"),
        ("-90d", "2026-08-24"),
        ("+2w", "2026-12-06"),
        ("-3m", "2026-08-22"),
        ("-3mo", "2026-08-22"),
        ("+1q", "2027-02-22"),
        ("-1Y", "2025-11-22"),
        ("start_of_day", "2026-11-22"),
        ("start_of_week", "2026-11-16"),
        ("end_of_week", "2026-11-22"),
        ("start_of_month", "2026-11-01"),
        ("end_of_month", "2026-11-30"),
        ("start_of_quarter", "2026-10-01"),
        ("end_of_quarter", "2026-12-31"),
        ("start_of_year", "2026-01-01"),
        ("end_of_year", "2026-12-31"),
        ("start_of_month-1m", "2026-10-01"),
        ("today+1m-1d", "2026-12-21"),
        ("now", "2026-11-22T10:00:00+08:00"),
        ("now-1d", "2026-11-21T10:00:00+08:00"),
        ("-4h", "2026-11-22T06:00:00+08:00"),
        ("+30min", "2026-11-22T10:30:00+08:00"),
        ("start_of_day+9h", "2026-11-22T09:00:00+08:00"),
    ],
)
def test_an_expression_means_this_day_or_moment(expression: str, expected: str) -> None:
    assert relative_date(expression, NOW, SHANGHAI).isoformat() == expected


def test_today_is_the_day_of_the_persons_zone() -> None:
    assert relative_date("today", NOW, NEW_YORK) == dt.date(2026, 11, 21)


def test_hours_pass_by_the_clock_when_summer_time_ends() -> None:
    now = dt.datetime(2026, 11, 1, 6, 0, tzinfo=NEW_YORK)
    assert relative_date("-6h", now, NEW_YORK).isoformat() == "2026-11-01T01:00:00-04:00"


@pytest.mark.parametrize("expression", ["", "foo", "-", "90d", "-90x", "start_of_hour", "today tomorrow", "-99999y"])
def test_what_is_not_a_relative_date_is_refused(expression: str) -> None:
    with pytest.raises(ValueError, match=r"is not a relative date|further away than the calendar goes"):
        relative_date(expression, NOW, SHANGHAI)


@pytest.mark.parametrize(
    ("name", "first", "after"),
    [
        ("this_day", "2026-11-22", "2026-11-23"),
        ("this_week", "2026-11-16", "2026-11-23"),
        ("this_month", "2026-11-01", "2026-12-01"),
        ("last_quarter", "2026-07-01", "2026-10-01"),
        ("next_quarter", "2027-01-01", "2027-04-01"),
        ("this_year", "2026-01-01", "2027-01-01"),
        ("last_7d", "2026-11-16", "2026-11-23"),
        ("next_7d", "2026-11-22", "2026-11-29"),
        ("last_3m", "2026-08-23", "2026-11-23"),
        ("2026", "2026-01-01", "2027-01-01"),
        ("2026-08", "2026-08-01", "2026-09-01"),
        ("2026-Q3", "2026-07-01", "2026-10-01"),
        ("last_4h", "2026-11-22T06:00:00+08:00", "2026-11-22T10:00:00+08:00"),
    ],
)
def test_a_period_goes_from_its_first_day_to_the_day_after_its_last(name: str, first: str, after: str) -> None:
    start, end = period(name, NOW, SHANGHAI)
    assert (start.isoformat(), end.isoformat()) == (first, after)


@pytest.mark.parametrize("name", ["", "today", "this_hour", "last_x", "2026-13", "0000", "next_99999y", "last_7"])
def test_what_is_not_a_period_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=r"is not a (period|month)|further away than the calendar goes"):
        period(name, NOW, SHANGHAI)


@given(MOMENTS)
def test_periods_follow_each_other_without_gap(now: dt.datetime) -> None:
    zone = now.tzinfo
    assert zone is not None
    for unit in ("day", "week", "month", "quarter", "year"):
        before, this, after = (period(f"{which}_{unit}", now, zone) for which in ("last", "this", "next"))
        assert (before[1], this[1]) == (this[0], after[0])
        assert this[0] <= now.date() < this[1]
    assert len(PERIODS) == 15


@given(st.dates(dt.date(1900, 1, 1), dt.date(2100, 1, 1)), st.integers(-50, 50))
def test_a_month_further_on_is_the_next_month_of_the_calendar(day: dt.date, count: int) -> None:
    later = shifted(day, count, "month")
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == count
    assert later.day == day.day or (later.day < day.day and (later + dt.timedelta(1)).day == 1)


def test_a_day_of_another_year_says_so_where_both_may_stand_side_by_side() -> None:
    days = [dt.date(2026, 4, 20), dt.date(2027, 4, 20)]
    assert [format_day(day, TODAY, "en") for day in days] == ["Apr 20", "Apr 20"]
    assert [format_day(day, TODAY, "en", near=0) for day in days] == ["Apr 20", "Apr 20, 2027"]
    assert [format_day(day, TODAY, "zh-hans", near=0) for day in days] == ["4月20日", "2027年4月20日"]
