"""Days and moments in templates are written as lists write them, in both languages."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.template import engines
from django.utils import timezone, translation

import guanxi

TEMPLATES = sorted(Path(guanxi.__file__).parent.rglob("*.html"))


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Nov 21, 2019 · Nov 22, 2019 · Fri, Nov 22, 2019, 00:30 · "),
        ("zh-hans", "2019年11月21日 · 2019年11月22日 · 2019年11月22日 周五 00:30 · "),
    ],
)
def test_filters_write_days_and_moments_in_the_readers_language_and_zone(language: str, said: str) -> None:
    template = engines["django"].from_string(
        "{% load days %}{{ on|day }} · {{ at|day }} · {{ at|moment }} · {{ never|day }}{{ never|moment }}"
    )
    context = {"on": dt.date(2019, 11, 21), "at": dt.datetime(2019, 11, 21, 16, 30, tzinfo=dt.UTC), "never": None}
    with translation.override(language), timezone.override(ZoneInfo("Asia/Shanghai")):
        assert template.render(context) == said


def test_no_template_writes_a_date_in_djangos_own_format() -> None:
    own = re.compile(r'\|(?:date|time)(?::"(?!c")|\s|\}|\|)')
    assert [f"{path.name}: {found[0]}" for path in TEMPLATES for found in own.finditer(path.read_text("utf-8"))] == []
