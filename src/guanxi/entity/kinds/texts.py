"""Kinds made of letters: one line, many lines, web address, e-mail, phone, registration number."""

from __future__ import annotations

import re
from html import escape
from typing import Any, ClassVar

from django.utils.translation import gettext as _

from guanxi.base.ids import check_credit_code, clean_email, clean_url
from guanxi.base.phones import format_phone, mask_phone, parse_phone
from guanxi.base.words import fold, phone_tokens, tokens
from guanxi.base.zones import is_zone
from guanxi.entity.actors import Locale, Titles
from guanxi.entity.kinds.base import EMPTINESS, EQUALITY, ORDER, TEXT, Kind

BROKEN = re.compile("[\ud800-\udfff]")
"""Halves of characters: what is left of text read in a wrong encoding."""


class Text(Kind):
    """One line."""

    name = "text"
    operators: ClassVar[tuple[str, ...]] = (*EQUALITY, *TEXT, *ORDER, *EMPTINESS)
    empty: ClassVar[Any] = ""

    def __init__(self, length: int = 255, *, wide: bool = False) -> None:
        self.length, self.wide = length, wide

    def clean(self, raw: object, locale: Locale) -> str:
        text = "" if raw is None else raw if isinstance(raw, str) else str(raw)
        text = " ".join(text.split()) if "\n" in text or "\t" in text or "\r" in text else text.strip()
        return self.checked(text)

    def checked(self, text: str) -> str:
        if "\x00" in text:
            raise ValueError(_("Contains a character that cannot be stored (NUL)."))
        if not text.isascii() and BROKEN.search(text):
            raise ValueError(_("Contains broken characters; check the file's encoding."))
        if self.length and len(text) > self.length:
            raise ValueError(_("At most %(most)d characters; this has %(has)d.") % {"most": self.length, "has": len(text)})
        return text

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "maxLength": self.length} if self.length else {"type": "string"}


class LongText(Text):
    """Many lines, kept as typed."""

    name = "long text"
    template = "kinds/long.html"
    icon = "align-left"
    operators = (*TEXT, *EMPTINESS)
    orderable = False

    def __init__(self, length: int = 100_000) -> None:
        super().__init__(length)

    def clean(self, raw: object, locale: Locale) -> str:
        text = "" if raw is None else str(raw)
        return self.checked(text.replace("\r\n", "\n").replace("\r", "\n").strip())

    def both(self, first: Any, second: Any) -> Any:
        if not first or not second or second in first:
            return first or second
        together = f"{first}\n\n{second}"
        return together if not self.length or len(together) <= self.length else None


class Name(Text):
    """What a record is called: folded, it helps recognise the same one."""

    def identities(self, value: Any) -> list[tuple[str, str]]:
        return [("name", fold(value)[:200])] if value else []


class Key(Text):
    """What a record is called elsewhere: one record's only, so that none is nothing and no empty text."""

    empty = None

    def clean(self, raw: object, locale: Locale) -> Any:
        return super().clean(raw, locale) or None


class Zone(Text):
    """A time zone by its name, such as Asia/Shanghai."""

    def clean(self, raw: object, locale: Locale) -> str:
        text = super().clean(raw, locale)
        if text and not is_zone(text):
            raise ValueError(_("There is no such time zone; write it as Asia/Shanghai."))
        return text

    def sample(self) -> str:
        return "Asia/Shanghai"


def breaking(html: str) -> str:
    """The HTML of an address, which where it has no room goes on in the next line after an @, a dot or a slash."""
    return SAID.sub(lambda text: JOINTS.sub(r"\1<wbr>", text[0]), html)


SAID = re.compile("(?<=>)[^<]+(?=<)")
JOINTS = re.compile("([@.]|/+)(?!$)")


class Url(Text):
    """A web address, normalised with its scheme."""

    name = "url"
    template = "kinds/text.html"
    icon = "link"

    def clean(self, raw: object, locale: Locale) -> str:
        text = super().clean(raw, locale)
        return self.checked(clean_url(text)) if text else ""

    def html(self, value: Any, locale: Locale, titles: Titles) -> str:
        if not value:
            return ""
        shown = value.removeprefix("https://").removeprefix("http://").rstrip("/")
        return f'<a href="{escape(value)}" rel="noopener noreferrer nofollow" target="_blank">{escape(shown)}</a>'

    def whole(self, value: Any, locale: Locale, titles: Titles) -> str:
        return breaking(self.html(value, locale, titles))

    def sample(self) -> str:
        return "https://example.com/"


class Email(Text):
    """One e-mail address."""

    name = "e-mail"
    icon = "mail"

    def clean(self, raw: object, locale: Locale) -> str:
        text = super().clean(raw, locale)
        return self.checked(clean_email(text)) if text else ""

    def html(self, value: Any, locale: Locale, titles: Titles) -> str:
        if "*" in (value or ""):  # as much of it as the reader may know
            return escape(value)
        return f'<a href="mailto:{escape(value)}">{escape(value)}</a>' if value else ""

    def whole(self, value: Any, locale: Locale, titles: Titles) -> str:
        return breaking(self.html(value, locale, titles))

    def mask(self, value: Any) -> str:
        return f"{value[:1]}•••@{value.rpartition('@')[2]}" if value else ""

    def identities(self, value: Any) -> list[tuple[str, str]]:
        return [("email", value.casefold())] if value else []

    def sample(self) -> str:
        return "alice@example.com"


class Phone(Text):
    """One phone number, kept in E.164."""

    name = "phone"
    icon = "phone"

    def clean(self, raw: object, locale: Locale) -> str:
        text = super().clean(raw, locale)
        return self.checked(parse_phone(text, locale.region)) if text else ""

    def format(self, value: Any, locale: Locale, titles: Titles) -> str:
        return format_phone(value, locale.region) if value else ""

    def html(self, value: Any, locale: Locale, titles: Titles) -> str:
        if "*" in (value or ""):  # as much of it as the reader may know
            return escape(value)
        return f'<a href="tel:{escape(value)}">{escape(format_phone(value, locale.region))}</a>' if value else ""

    def mask(self, value: Any) -> str:
        return mask_phone(value) if value else ""

    def tokens(self, value: Any) -> list[str]:
        return phone_tokens(value) if value else []

    def identities(self, value: Any) -> list[tuple[str, str]]:
        return [("phone", value)] if value else []

    def sample(self) -> str:
        return "+8613812345678"


class CreditCode(Text):
    """A registration number; eighteen signs are checked as a Chinese unified social credit code."""

    name = "registration number"
    icon = "id"

    def clean(self, raw: object, locale: Locale) -> str:
        text = super().clean(raw, locale).upper().replace(" ", "")
        return check_credit_code(text) if len(text) == 18 else text

    def identities(self, value: Any) -> list[tuple[str, str]]:
        return [("code", value)] if value else []

    def tokens(self, value: Any) -> list[str]:
        return tokens(value) if value else []

    def sample(self) -> str:
        return "91110000600037341L"
