"""Kinds that lead to other records: one, several, or a record of any entity."""

from __future__ import annotations

from html import escape
from typing import Any, ClassVar

from django.http import QueryDict
from django.utils.translation import gettext as _

from guanxi.base.words import initials_of
from guanxi.entity.actors import Locale, Titles, Toned
from guanxi.entity.kinds.base import EMPTINESS, EQUALITY, MEMBERSHIP, Kind

LARGEST = 2**63 - 1


def key_of(raw: object) -> int | None:
    """The key a person, file or API sent for a linked record; names are resolved before, by the write path."""
    if raw is None or raw == "":
        return None
    if isinstance(raw, bool):
        raise ValueError(_("Choose a record."))
    if isinstance(raw, int):
        key = raw
    elif hasattr(raw, "pk"):
        key = int(raw.pk)
    elif isinstance(raw, str) and raw.strip().isascii() and raw.strip().isdigit():
        key = int(raw.strip())
    else:
        raise ValueError(_("“%(text)s” is not the key of a record.") % {"text": str(raw)[:60]})
    if not 0 < key <= LARGEST:
        raise ValueError(_("There is no such record."))
    return key


class Link(Kind):
    """A record of another entity, held by its key."""

    name = "link"
    template = "kinds/link.html"
    icon = "arrow-up-right"
    operators = (*EQUALITY, *EMPTINESS)

    def __init__(self, to: str) -> None:
        self.to = to

    def linked(self) -> str:
        return self.to

    def clean(self, raw: object, locale: Locale) -> int | None:
        return key_of(raw)

    def format(self, value: Any, locale: Locale, titles: Titles) -> str:
        return "" if value is None else titles.get((self.to, value), _("(no access)"))

    def html(self, value: Any, locale: Locale, titles: Titles) -> str:
        if value is None:
            return ""
        title = titles.get((self.to, value))
        if title is None:
            return f'<span class="dim">{escape(_("(no access)"))}</span>'
        if isinstance(title, Toned):
            return f'<span class="tag {title.tone}"><i></i>{escape(title)}</span>'
        return f'<a href="/{self.to}/{value}">{escape(title)}</a>'

    def tokens(self, value: Any) -> list[str]:
        return []

    def schema(self) -> dict[str, Any]:
        return {"type": "integer", "minimum": 1, "maximum": LARGEST}

    def sample(self) -> Any:
        return None

    def input(self, value: Any, locale: Locale, titles: Titles) -> dict[str, Any]:
        return {"text": value or "", "title": titles.get((self.to, value), "") if value else "", "to": self.to}


class Person(Link):
    """A user, shown with an avatar."""

    name = "user"
    icon = "user"

    def __init__(self) -> None:
        super().__init__("users")

    def html(self, value: Any, locale: Locale, titles: Titles) -> str:
        if value is None:
            return ""
        name = titles.get((self.to, value), _("(no access)"))
        return (
            f'<span class="who"><span class="av av-{value % 12}" aria-hidden="true">{escape(initials_of(name))}</span>{escape(name)}</span>'
        )


class Links(Kind):
    """Several records of one entity; the value is a tuple of keys."""

    name = "links"
    template = "kinds/links.html"
    icon = "affiliate"
    operators = (*MEMBERSHIP, *EMPTINESS)
    orderable = False
    listed = True
    empty: ClassVar[Any] = ()

    def __init__(self, to: str) -> None:
        self.to = to

    def linked(self) -> str:
        return self.to

    def clean(self, raw: object, locale: Locale) -> tuple[int, ...]:
        if raw is None or raw == "":
            return ()
        several = raw.split(",") if isinstance(raw, str) else raw if isinstance(raw, (list, tuple, set)) else [raw]
        keys = (key_of(one) for one in several)
        return tuple(dict.fromkeys(key for key in keys if key is not None))

    def format(self, value: Any, locale: Locale, titles: Titles) -> str:
        return ", ".join(titles.get((self.to, key), _("(no access)")) for key in value or ())

    def html(self, value: Any, locale: Locale, titles: Titles) -> str:
        shown = [(key, titles.get((self.to, key))) for key in value or ()]
        return ", ".join(f'<a href="/{self.to}/{key}">{escape(title)}</a>' for key, title in shown if title is not None)

    def is_empty(self, value: Any) -> bool:
        return not value

    def dump(self, value: Any) -> Any:
        return list(value or ())

    def load(self, stored: Any) -> Any:
        return tuple(stored or ())

    def both(self, first: Any, second: Any) -> Any:
        return tuple(dict.fromkeys((*(first or ()), *(second or ()))))

    def text(self, value: Any) -> str:
        return ",".join(str(key) for key in value or ())

    def tokens(self, value: Any) -> list[str]:
        return []

    def schema(self) -> dict[str, Any]:
        return {"type": "array", "items": {"type": "integer", "minimum": 1, "maximum": LARGEST}}

    def sample(self) -> Any:
        return []

    def read(self, posted: QueryDict, name: str) -> object:
        return [key for key in posted.getlist(name) if key]

    def input(self, value: Any, locale: Locale, titles: Titles) -> dict[str, Any]:
        chosen = [(key, titles.get((self.to, key), _("(no access)"))) for key in value or ()]
        return {"text": "", "chosen": chosen, "to": self.to}


class AnyRecord(Kind):
    """A record of any entity, as `deals:17`."""

    name = "any record"
    template = "kinds/text.html"
    icon = "arrow-up-right"
    operators = ("=", "!=", *EMPTINESS)
    orderable = False
    empty = ""

    def clean(self, raw: object, locale: Locale) -> str:
        text = str(raw or "").strip()
        entity, _colon, key = text.partition(":")
        if text and not (entity.isidentifier() and key_of(key)):
            raise ValueError(_("Write entity:key, such as deals:17."))
        return text

    def html(self, value: Any, locale: Locale, titles: Titles) -> str:
        if not value:
            return ""
        entity, _colon, key = value.partition(":")
        title = titles.get((entity, int(key)))
        return f'<a href="/{escape(entity)}/{int(key)}">{escape(title)}</a>' if title else ""

    def tokens(self, value: Any) -> list[str]:
        return []

    def sample(self) -> str:
        return ""
