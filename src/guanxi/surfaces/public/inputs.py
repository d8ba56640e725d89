"""Inputs for people outside: one plain control a field, without scripts and without a word of who else there is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.http import QueryDict

from guanxi.entity.actors import Locale
from guanxi.entity.field import Field
from guanxi.entity.kinds import Address, Choice, Day, Emails, Kind, LongText, MoneyKind, Phones, Url, YesNo
from guanxi.entity.kinds.numbers import Number
from guanxi.entity.kinds.texts import Email, Phone, Text
from guanxi.surfaces.forms.inputs import capital

LONGEST_LINE, LONGEST_TEXT = 500, 5000


@dataclass(frozen=True)
class Plain:
    """A field as one control."""

    name: str
    label: str
    control: str = "input"
    """input, textarea, select or check"""
    type: str = "text"
    required: bool = False
    value: str = ""
    error: str = ""
    hint: str = ""
    most: int = LONGEST_LINE
    complete: str = ""
    """What a browser may fill in by itself."""
    options: list[tuple[str, str]] = field(default_factory=list)


COMPLETE = {"name": "name", "company": "organization", "title": "organization-title", "answered_by": "name"}


def can_be_asked(one: Field) -> bool:
    """Whether somebody outside can be asked for it: no link, no list of our own, nothing the system keeps."""
    kinds = (Text, LongText, Email, Phone, Emails, Phones, Url, Day, MoneyKind, Number, Choice, YesNo, Address)
    return isinstance(one.k, kinds) and one.k.linked() is None and one.data and not one.read_only


def as_plain(one: Field, *, value: str = "", error: str = "", locale: Locale | None = None) -> Plain:
    """The control of a field, with what was typed and what is wrong with it."""
    made = Plain(one.name, capital(one.label), required=bool(one.required), value=value, error=error, hint=str(one.hint or ""))
    kind: Kind = one.k
    if isinstance(kind, LongText):
        return replace(made, control="textarea", most=LONGEST_TEXT)
    if isinstance(kind, (Email, Emails)):
        return replace(made, type="email", complete="email")
    if isinstance(kind, (Phone, Phones)):
        return replace(made, type="tel", complete="tel")
    if isinstance(kind, Url):
        return replace(made, complete="url")
    if isinstance(kind, Day):
        return replace(made, type="date")
    if isinstance(kind, YesNo):
        return replace(made, control="check")
    if isinstance(kind, Choice):
        return replace(made, control="select", options=[(each.value, str(each.label)) for each in kind.options])
    if isinstance(kind, Address):
        return replace(made, complete="street-address")
    return replace(made, complete=COMPLETE.get(one.name, ""))


def typed(posted: QueryDict, fields: Iterable[Field]) -> dict[str, str]:
    """What was sent for these fields, as text."""
    return {one.name: posted.get(one.name, "").strip() for one in fields}


def refusals(fields: Iterable[Field], values: Mapping[str, Any], locale: Locale) -> dict[str, str]:
    """What is wrong with values, by field, as far as their kinds can tell."""
    errors = {}
    for one in fields:
        try:
            one.k.clean(values.get(one.name), locale)
        except ValueError as wrong:
            errors[one.name] = str(wrong)
    return errors
