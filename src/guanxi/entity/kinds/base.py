"""The kind of a field: how a value is read, cleaned, shown, filtered, sorted and sent."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING, Any, ClassVar

from django.http import QueryDict
from django.utils.translation import gettext as _

from guanxi.base.words import tokens
from guanxi.entity.actors import Locale, Titles

if TYPE_CHECKING:
    from guanxi.entity.field import Field

EQUALITY = ("=", "!=", "in", "not in")
ORDER = ("<", "<=", ">", ">=", "between")
EMPTINESS = ("is empty", "is not empty")
TEXT = ("contains", "not contains", "starts")
MEMBERSHIP = ("has", "not has", "has any", "has all")


class Kind:
    """One kind of value. Subclasses override what differs; `None` is the empty value."""

    name: ClassVar[str] = "text"
    wide = False
    """Whether its input takes a whole line of a form."""
    template: ClassVar[str] = "kinds/text.html"
    icon: ClassVar[str] = "letter-case"
    operators: ClassVar[tuple[str, ...]] = ()
    empty: ClassVar[Any] = None
    numeric: ClassVar[bool] = False
    """Right-aligned, and summable."""
    orderable: ClassVar[bool] = True
    listed: ClassVar[bool] = False
    """The value is a list."""

    def clean(self, raw: object, locale: Locale) -> Any:
        """The value meant by what a person, file or API sent; ValueError says why not."""
        return raw

    def format(self, value: Any, locale: Locale, titles: Titles) -> str:
        """The value as text a person reads."""
        return "" if value is None else str(value)

    def html(self, value: Any, locale: Locale, titles: Titles) -> str:
        """The value as HTML for a list cell or a fact; safe."""
        return escape(self.format(value, locale, titles))

    def whole(self, value: Any, locale: Locale, titles: Titles) -> str:
        """The value as HTML where there is room for all of it: the record's own page; safe."""
        return self.html(value, locale, titles)

    def mask(self, value: Any) -> str:
        """The value for those who may know only that it is there."""
        return "•••" if not self.is_empty(value) else ""

    def dump(self, value: Any) -> Any:
        """The value as JSON: API, history, export → import."""
        return value

    def load(self, stored: Any) -> Any:
        """The value back from `dump`."""
        return stored

    def keep(self, value: Any) -> Any:
        """The value as a custom field's JSON; ordered as the value is."""
        return self.dump(value)

    def text(self, value: Any) -> str:
        """The value in a file cell, exact: `clean` gives it back."""
        return "" if value is None else str(self.dump(value))

    def tokens(self, value: Any) -> list[str]:
        """Words by which search finds the value."""
        return tokens(str(value)) if value else []

    def identities(self, value: Any) -> list[tuple[str, str]]:
        """(what, normalised value) pairs by which a record is recognised as the same."""
        return []

    def schema(self) -> dict[str, Any]:
        """JSON Schema of `dump`'s result, without null."""
        return {"type": "string"}

    def sample(self) -> Any:
        """A valid value, as JSON; for documentation and contract tests."""
        return "Sample"

    def is_empty(self, value: Any) -> bool:
        return value is None or value == "" or value == [] or value == {}

    def both(self, first: Any, second: Any) -> Any:
        """Two values in one, where the kind can hold both; None where it cannot."""
        return None

    def linked(self) -> str | None:
        """The entity a link leads to."""
        return None

    def read(self, posted: QueryDict, name: str) -> object:
        """The raw value out of a submitted form."""
        return posted.get(name)

    def input(self, value: Any, locale: Locale, titles: Titles) -> Mapping[str, Any]:
        """What the kind's form template needs besides the field."""
        return {"text": self.format(value, locale, titles)}

    def of(self, field: Field, record: Any) -> Any:
        """The field's value on a record."""
        if field.custom:
            return self.load(record.custom.get(field.name))
        return getattr(record, field.attribute)


def refuse(message: str, **values: object) -> ValueError:
    """An error a person reads, in their language."""
    return ValueError(_(message) % values if values else _(message))
