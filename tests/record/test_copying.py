"""Values become the text that COPY reads, and come back as they were: many at once and one alone."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from guanxi.record.copying import copy_lines, text_of

pytestmark = pytest.mark.django_db

TEXTS = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\x00"), max_size=20) | st.sampled_from(
    ["\\N", "\\.", "NULL", "", "\\", "\\t", "a\tb", "a\nb\r\n", "\\\\N", "{}", "'", '"', "N"]
)
ROWS = st.lists(
    st.tuples(TEXTS | st.none(), st.integers(-(2**63), 2**63 - 1) | st.none(), st.lists(TEXTS, max_size=3)), min_size=1, max_size=4
)


@settings(max_examples=150, deadline=None)
@given(ROWS)
def test_what_is_copied_is_what_was_given(rows: list[tuple[Any, ...]]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE IF NOT EXISTS copied (place int, a text, b bigint, c text[]); TRUNCATE copied")
        copy_lines("copied (place, a, b, c)", ("\t".join(map(text_of, (place, *row))) for place, row in enumerate(rows)))
        cursor.execute("SELECT a, b, c FROM copied ORDER BY place")
        assert cursor.fetchall() == rows


@pytest.mark.parametrize("lines", [1, 2])
@pytest.mark.parametrize(
    ("type_", "value"),
    [
        ("boolean", True),
        ("boolean", False),
        ("numeric(12, 2)", Decimal("-12345.60")),
        ("numeric", Decimal("1E+3")),
        ("double precision", 1e-7),
        ("date", dt.date(1, 2, 3)),
        ("timestamptz", dt.datetime(2026, 3, 29, 1, 59, 59, 999999, tzinfo=dt.UTC)),
        ("time", dt.time(23, 59)),
        ("interval", dt.timedelta(days=3, seconds=4)),
        ("uuid", uuid.UUID(int=7)),
        ("bigint[]", []),
        ("bigint[]", [1, 2**40]),
        ("bytea", b"\x00\\\t\xff"),
    ],
)
def test_every_type_of_column(type_: str, value: Any, lines: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMP TABLE typed (a {type_}) ON COMMIT DROP")
        copy_lines("typed (a)", [text_of(value)] * lines)
        cursor.execute("SELECT a FROM typed")
        found = [one for (one,) in cursor.fetchall()]
    assert [bytes(one) if isinstance(value, bytes) else one for one in found] == [value] * lines


def test_nothing_is_copied_without_lines() -> None:
    copy_lines("there_is_no_such_table (a)", [])
