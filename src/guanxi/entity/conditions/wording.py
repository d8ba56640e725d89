"""Operators, paths and values in the words people read, in the language in force."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from functools import lru_cache

from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

from guanxi.base.moments import format_day, format_moment
from guanxi.entity.actors import Locale, Titles
from guanxi.entity.conditions.tree import Scalar
from guanxi.entity.entity import Entity, Related
from guanxi.entity.field import Field
from guanxi.entity.kinds import Day, Kind, Link, Links, Moment, MoneyKind, Number, Tags, Text, YesNo
from guanxi.entity.kinds.base import TEXT
from guanxi.entity.kinds.lists import Labelled
from guanxi.entity.registry import entity_named

ARROW = " › "
_DISTANCE = re.compile(r"([+-])(\d+)(min|mo|[hdwmqy])", re.ASCII)
_ROLLING = re.compile(r"(last|next)_(\d+)(min|mo|[hdwmqy])", re.ASCII)


def operator_words(op: str, kind: Kind | None) -> str:
    """An operator as it reads between the field and the value; `kind` is None for a list of records."""
    if kind is None:
        return _("none") if op == "is empty" else _("at least one")
    return _operators(isinstance(kind, (Day, Moment, Text)), get_language())[op]


@lru_cache(maxsize=32)
def _operators(ordered_by_place: bool, language: str | None) -> dict[str, str]:
    """All operators in a language: days and words come before one another, numbers are under and over."""
    words = {
        "=": pgettext("operator", "is"),
        "!=": _("is not"),
        "in": _("is any of"),
        "not in": _("is none of"),
        "contains": _("contains"),
        "not contains": _("does not contain"),
        "starts": _("starts with"),
        "has": pgettext("operator", "has"),
        "not has": _("does not have"),
        "has any": _("has any of"),
        "has all": _("has all of"),
        "is empty": _("is empty"),
        "is not empty": _("is not empty"),
        "between": pgettext("operator", "between"),
        "within": pgettext("operator", "in"),
    }
    if ordered_by_place:
        words |= {"<": pgettext("operator", "before"), "<=": pgettext("operator", "until")}
        words |= {">": pgettext("operator", "after"), ">=": pgettext("operator", "from")}
    else:
        words |= {"<": _("under"), "<=": _("at most"), ">": _("over"), ">=": _("at least")}
    return words


def aggregate_words(function: str, label: str) -> str:
    """What an aggregate is called: number, sum of Total."""
    words = {
        "count": _("number"),
        "sum": _("sum of %(field)s"),
        "min": _("least %(field)s"),
        "max": _("most %(field)s"),
        "avg": _("average %(field)s"),
        "first": _("first %(field)s"),
        "last": _("last %(field)s"),
    }
    return words[function] % {"field": label} if function != "count" else words["count"]


def address_part(part: str) -> str:
    """What a part of an address is called."""
    words = {
        "country": _("country"),
        "province": _("province"),
        "city": _("city"),
        "district": _("district"),
        "street": _("street"),
        "postcode": _("postcode"),
    }
    return words.get(part, part)


def label_of(field: Field) -> str:
    """What a field is called."""
    return str(field.label) or field.name


def label_of_list(related: Related) -> str:
    """What a related list is called."""
    if related.label:
        return str(related.label)
    many = str(entity_named(related.entity).noun.many)
    return many[:1].upper() + many[1:]


def list_label(entity: Entity, name: str) -> str:
    """What the list a path steps through is called: a related list, or a field with several links."""
    related = entity.relation(name)
    return label_of_list(related) if related is not None else label_of(entity.fields[name])


def joined(words: Sequence[str], both: bool = False) -> str:
    """Values in a row: a, b or c."""
    if len(words) < 2:
        return "".join(words)
    last = _("%(first)s and %(last)s") if both else _("%(first)s or %(last)s")
    return last % {"first": pgettext("list", ", ").join(words[:-1]), "last": words[-1]}


def value_words(kind: Kind, op: str, value: Scalar, locale: Locale, titles: Titles) -> str:
    """A value of a checked condition as a person reads it; part of a text as it was typed."""
    if op in TEXT:
        return str(value)
    if isinstance(kind, (Day, Moment)):
        return _time_words(str(value), locale)
    if isinstance(kind, (Link, Links)):
        return _link_words(kind.linked(), value, titles)
    if isinstance(kind, YesNo):
        return kind.format(value, locale, titles)
    if isinstance(kind, Labelled):
        kind = kind.each
    if isinstance(kind, Number):
        return kind.format(kind.clean(value if not isinstance(kind, MoneyKind) else str(value), locale), locale, titles)
    return str(value) if isinstance(kind, Tags) else kind.format(str(value), locale, titles)


def _link_words(to: str, value: Scalar, titles: Titles) -> str:
    if value == "me":
        return _("me")
    if value == "my_team":
        return _("my team")
    return titles.get((to, value), f"#{value}") if isinstance(value, int) else str(value)


def _time_words(word: str, locale: Locale) -> str:
    fixed = period_words().get(word) or _fixed_days().get(word)
    if fixed:
        return fixed
    distance = _DISTANCE.fullmatch(word)
    if distance:
        length = _length(int(distance[2]), distance[3])
        return (_("%(length)s ago") if distance[1] == "-" else _("in %(length)s")) % {"length": length}
    rolling = _ROLLING.fullmatch(word)
    if rolling:
        length = _length(int(rolling[2]), rolling[3])
        return (_("the last %(length)s") if rolling[1] == "last" else _("the next %(length)s")) % {"length": length}
    try:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", word):
            return format_day(dt.date.fromisoformat(word), locale.today, locale.language)
        if "T" in word:
            return format_moment(dt.datetime.fromisoformat(word), locale.zone, locale.language)
    except ValueError:
        return word
    return word


def _length(number: int, unit: str) -> str:
    words = {
        "min": ngettext("%(number)d minute", "%(number)d minutes", number),
        "h": ngettext("%(number)d hour", "%(number)d hours", number),
        "d": ngettext("%(number)d day", "%(number)d days", number),
        "w": ngettext("%(number)d week", "%(number)d weeks", number),
        "m": ngettext("%(number)d month", "%(number)d months", number),
        "q": ngettext("%(number)d quarter", "%(number)d quarters", number),
        "y": ngettext("%(number)d year", "%(number)d years", number),
    }
    return words["m" if unit == "mo" else unit] % {"number": number}


def _fixed_days() -> dict[str, str]:
    return {
        "now": _("now"),
        "start_of_week": _("the first day of this week"),
        "end_of_week": _("the last day of this week"),
        "start_of_month": _("the first day of this month"),
        "end_of_month": _("the last day of this month"),
        "start_of_quarter": _("the first day of this quarter"),
        "end_of_quarter": _("the last day of this quarter"),
        "start_of_year": _("the first day of this year"),
        "end_of_year": _("the last day of this year"),
    }


def period_words() -> dict[str, str]:
    """The periods a person chooses from, and what they are called."""
    return _periods(get_language())


@lru_cache(maxsize=16)
def _periods(language: str | None) -> dict[str, str]:
    named = {
        "today": _("today"),
        "yesterday": _("yesterday"),
        "tomorrow": _("tomorrow"),
        "this_week": _("this week"),
        "last_week": _("last week"),
        "next_week": _("next week"),
        "this_month": _("this month"),
        "last_month": _("last month"),
        "next_month": _("next month"),
        "this_quarter": _("this quarter"),
        "last_quarter": _("last quarter"),
        "next_quarter": _("next quarter"),
        "this_year": _("this year"),
        "last_year": _("last year"),
        "next_year": _("next year"),
    }
    for days in (7, 30, 90):
        named[f"last_{days}d"] = _("the last %(length)s") % {"length": _length(days, "d")}
        named[f"next_{days}d"] = _("the next %(length)s") % {"length": _length(days, "d")}
    return named
