"""Every kind of field, and the kind a model field implies."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from guanxi.entity.kinds.base import Kind
from guanxi.entity.kinds.choices import Choice, Offered, Option, choice_from, options
from guanxi.entity.kinds.links import AnyRecord, Link, Links, Person
from guanxi.entity.kinds.lists import Address, Emails, Labelled, Phones, Recipients, Several, Tags
from guanxi.entity.kinds.moments import Day, Moment
from guanxi.entity.kinds.numbers import Currency, Duration, MoneyKind, Number, Percent, UnitPrice, Whole, Year, YesNo
from guanxi.entity.kinds.texts import CreditCode, Email, Key, LongText, Name, Phone, Text, Url, Zone

__all__ = [
    "Address",
    "AnyRecord",
    "Choice",
    "CreditCode",
    "Currency",
    "Day",
    "Duration",
    "Email",
    "Emails",
    "Key",
    "Kind",
    "Labelled",
    "Link",
    "Links",
    "LongText",
    "Moment",
    "MoneyKind",
    "Name",
    "Number",
    "Offered",
    "Option",
    "Percent",
    "Person",
    "Phone",
    "Phones",
    "Recipients",
    "Several",
    "Tags",
    "Text",
    "UnitPrice",
    "Url",
    "Whole",
    "Year",
    "YesNo",
    "Zone",
    "infer",
    "options",
]  # fmt: skip


def infer(column: models.Field, link_to: str | None) -> Kind:  # type: ignore[type-arg]
    """The kind a model field implies; `link_to` names the entity a relation leads to."""
    if isinstance(column, models.ManyToManyField):
        return Links(link_to or "")
    if isinstance(column, models.ForeignKey):
        return Person() if link_to == "users" else Link(link_to or "")
    if column.choices:
        return choice_from(column.flatchoices)
    if isinstance(column, ArrayField):
        return Tags()
    if isinstance(column, models.BooleanField):
        return YesNo()
    if isinstance(column, models.DateTimeField):
        return Moment()
    if isinstance(column, models.DateField):
        return Day()
    if isinstance(column, models.DecimalField):
        return Number(column.max_digits or 20, column.decimal_places or 0)
    if isinstance(column, models.IntegerField):
        positive = isinstance(column, (models.PositiveIntegerField, models.PositiveSmallIntegerField))
        return Whole(0 if positive else -(2**31))
    if isinstance(column, models.EmailField):
        return Email(column.max_length or 254)
    if isinstance(column, models.URLField):
        return Url(column.max_length or 500)
    if isinstance(column, models.TextField):
        return LongText()
    if isinstance(column, models.CharField):
        return Key(column.max_length or 255) if column.null and column.unique else Text(column.max_length or 255)
    raise TypeError(f"{column}: no kind is known for {type(column).__name__}; declare one in the entity.")
