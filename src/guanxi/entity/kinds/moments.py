"""Kinds of time: a day, a moment."""

from __future__ import annotations

import datetime as dt
from html import escape
from typing import Any

from django.utils.translation import gettext as _

from guanxi.base.moments import format_day, format_moment, parse_day, parse_moment, relative
from guanxi.entity.actors import Locale, Titles
from guanxi.entity.kinds.base import EMPTINESS, ORDER, Kind

OPERATORS = ("=", "!=", *ORDER, "within", *EMPTINESS)


class Day(Kind):
    """A calendar day."""

    name = "date"
    template = "kinds/day.html"
    icon = "calendar"
    operators = OPERATORS

    def clean(self, raw: object, locale: Locale) -> dt.date | None:
        if raw is None or raw == "":
            return None
        if isinstance(raw, dt.datetime):
            return raw.astimezone(locale.zone).date() if raw.tzinfo else raw.date()
        day = raw if isinstance(raw, dt.date) else parse_day(str(raw), day_first=locale.day_first)
        if not 1000 <= day.year <= 9998:
            raise ValueError(_("This date is out of range."))
        return day

    def format(self, value: Any, locale: Locale, titles: Titles) -> str:
        return format_day(value, locale.today, locale.language) if value else ""

    def whole(self, value: Any, locale: Locale, titles: Titles) -> str:
        return escape(format_day(value, locale.today, locale.language, near=0)) if value else ""

    def dump(self, value: Any) -> Any:
        return value.isoformat() if value else None

    def load(self, stored: Any) -> Any:
        return dt.date.fromisoformat(stored) if stored else None

    def tokens(self, value: Any) -> list[str]:
        return []

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "format": "date"}

    def sample(self) -> str:
        return "2026-11-05"

    def input(self, value: Any, locale: Locale, titles: Titles) -> dict[str, Any]:
        return {"text": value.isoformat() if value else ""}


class Moment(Kind):
    """An instant: UTC in the database, the reader's zone on screen."""

    name = "moment"
    template = "kinds/moment.html"
    icon = "clock"
    operators = OPERATORS

    def clean(self, raw: object, locale: Locale) -> dt.datetime | None:
        if raw is None or raw == "":
            return None
        if isinstance(raw, dt.datetime):
            moment = raw if raw.tzinfo else raw.replace(tzinfo=locale.zone)
        elif isinstance(raw, dt.date):
            moment = dt.datetime(raw.year, raw.month, raw.day, tzinfo=locale.zone)
        else:
            moment = parse_moment(str(raw), locale.zone)
        if not 1000 <= moment.year <= 9998:
            raise ValueError(_("This date is out of range."))
        return moment.astimezone(dt.UTC)

    def format(self, value: Any, locale: Locale, titles: Titles) -> str:
        return relative(value, locale.now, locale.zone, locale.language) if value else ""

    def html(self, value: Any, locale: Locale, titles: Titles) -> str:
        if not value:
            return ""
        exact = format_moment(value, locale.zone, locale.language)
        shown = escape(self.format(value, locale, titles))
        return f'<time datetime="{value.isoformat()}" title="{escape(exact)}">{shown}</time>'

    def dump(self, value: Any) -> Any:
        return value.astimezone(dt.UTC).isoformat().replace("+00:00", "Z") if value else None

    def load(self, stored: Any) -> Any:
        return dt.datetime.fromisoformat(stored) if stored else None

    def tokens(self, value: Any) -> list[str]:
        return []

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "format": "date-time"}

    def sample(self) -> str:
        return "2026-11-05T08:30:00Z"

    def input(self, value: Any, locale: Locale, titles: Titles) -> dict[str, Any]:
        return {"text": value.astimezone(locale.zone).strftime("%Y-%m-%dT%H:%M") if value else ""}
