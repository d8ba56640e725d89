"""Kinds whose value is a list or a form of parts: phones, e-mails, tags, an address."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from html import escape
from typing import Any, ClassVar

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from guanxi.base.addresses import one_line, parse_address
from guanxi.base.words import fold, similar, tokens
from guanxi.entity.actors import Locale, Titles
from guanxi.entity.kinds.base import EMPTINESS, MEMBERSHIP, TEXT, Kind
from guanxi.entity.kinds.texts import Email, Phone, Text

MOST = 50
SEPARATORS = ("；", ";", "，", "、", "\n")
APART = re.compile("[;；\n,，、]| ::: ")
LABEL = Text(0)


class Labelled(Kind):
    """Several values of one kind, each with a label: `[{"value": "+86…", "label": "mobile"}]`. The first is the main one."""

    orderable = False
    listed = True
    template = "kinds/labelled.html"
    operators = (*MEMBERSHIP, *TEXT, *EMPTINESS)
    empty: ClassVar[Any] = []
    each: ClassVar[Text]
    labels: ClassVar[dict[str, str | Promise]]

    def clean(self, raw: object, locale: Locale) -> list[dict[str, str]]:
        if raw is None or raw == "":
            return []
        if isinstance(raw, str):
            raw = self.parts_of(raw)
        elif isinstance(raw, dict):
            raw = [raw]
        if not isinstance(raw, (list, tuple)):
            raise ValueError(_("Send a list of values."))
        if len(raw) > MOST:
            raise ValueError(_("At most %(most)d values.") % {"most": MOST})
        kept: dict[str, dict[str, str]] = {}
        for one in raw:
            if not isinstance(one, dict):
                one = {"value": one}
            value = self.each.clean(one.get("value"), locale)
            if value and value not in kept:
                label = LABEL.clean(one.get("label"), locale)[:30] if one.get("label") else ""
                kept[value] = {"value": value, "label": label} if label else {"value": value}
        return list(kept.values())

    def parts_of(self, text: str) -> list[object]:
        """The values in a text that holds several."""
        if text.lstrip().startswith("["):
            try:
                parsed = json.loads(text)
            except ValueError:
                parsed = None
            if isinstance(parsed, list):
                return parsed
        return [plain for part in APART.split(text) if (plain := part.strip())]

    def format(self, value: Any, locale: Locale, titles: Titles) -> str:
        return ", ".join(self.each.format(one["value"], locale, titles) for one in value or ())

    def html(self, value: Any, locale: Locale, titles: Titles) -> str:
        if not value:
            return ""
        more = f' <span class="dim">+{len(value) - 1}</span>' if len(value) > 1 else ""
        return self.each.html(value[0]["value"], locale, titles) + more

    def whole(self, value: Any, locale: Locale, titles: Titles) -> str:
        rows = [(self.each.whole(one["value"], locale, titles), self.word(one.get("label", ""))) for one in value or ()]
        said = [f'{html} <span class="dim">{escape(label)}</span>' if label else html for html, label in rows]
        return f'<span class="lines">{"".join(f"<span>{one}</span>" for one in said)}</span>' if said else ""

    def word(self, label: str) -> str:
        """What a label is called; one of another system's stays as it is."""
        return str(self.labels.get(label, label))

    def mask(self, value: Any) -> str:
        return ", ".join(self.each.mask(one["value"]) for one in value or ())

    def is_empty(self, value: Any) -> bool:
        return not value

    def dump(self, value: Any) -> Any:
        return list(value or [])

    def text(self, value: Any) -> str:
        if any(one.get("label") for one in value or ()):
            return json.dumps(value, ensure_ascii=False)
        return "; ".join(one["value"] for one in value or ())

    def tokens(self, value: Any) -> list[str]:
        return [token for one in value or () for token in self.each.tokens(one["value"])]

    def identities(self, value: Any) -> list[tuple[str, str]]:
        return [pair for one in value or () for pair in self.each.identities(one["value"])]

    def both(self, first: Any, second: Any) -> Any:
        together = {one["value"]: one for one in (*(second or ()), *(first or ()))}
        order = dict.fromkeys(one["value"] for one in (*(first or ()), *(second or ())))
        return [together[value] for value in order] if len(order) <= MOST else None

    def schema(self) -> dict[str, Any]:
        item = {
            "type": "object",
            "properties": {"value": {"type": "string"}, "label": {"type": "string", "maxLength": 30}},
            "required": ["value"],
        }
        return {"type": "array", "maxItems": MOST, "items": item}

    def sample(self) -> Any:
        return [{"value": self.each.sample(), "label": next(iter(self.labels))}]

    def read(self, posted: QueryDict, name: str) -> object:
        values, labels = posted.getlist(name), posted.getlist(f"{name}-label")
        labels += [""] * (len(values) - len(labels))
        return [{"value": value, "label": label} for value, label in zip(values, labels, strict=False) if value.strip()]

    def input(self, value: Any, locale: Locale, titles: Titles) -> dict[str, Any]:
        rows = [(self.each.format(one["value"], locale, titles), one.get("label", "")) for one in value or ()]
        return {
            "rows": rows or [("", "")],
            "labels": self.labels.items(),
            "type": "email" if self.each.name == "e-mail" else "tel",
        }


class Phones(Labelled):
    """Several phone numbers."""

    name = "phones"
    icon = "phone"
    each = Phone()
    labels = {
        "mobile": gettext_lazy("Mobile"),
        "work": gettext_lazy("Work"),
        "home": pgettext_lazy("phone or e-mail", "Home"),
        "fax": gettext_lazy("Fax"),
        "other": gettext_lazy("Other"),
    }


class Emails(Labelled):
    """Several e-mail addresses."""

    name = "e-mails"
    icon = "mail"
    each = Email()
    labels = {"work": gettext_lazy("Work"), "home": pgettext_lazy("phone or e-mail", "Home"), "other": gettext_lazy("Other")}


class Tags(Kind):
    """Free words put on a record."""

    name = "tags"
    template = "kinds/tags.html"
    icon = "tag"
    operators = (*MEMBERSHIP, *EMPTINESS)
    orderable = False
    listed = True
    empty: ClassVar[Any] = []

    def clean(self, raw: object, locale: Locale) -> list[str]:
        if raw is None or raw == "":
            return []
        if isinstance(raw, str):
            raw = self.words_of(raw)
        if not isinstance(raw, (list, tuple)):
            raise ValueError(_("Send a list of words."))
        word = Text(60)
        words = [word.clean(one, locale) for one in raw]
        if len(words) > MOST:
            raise ValueError(_("At most %(most)d values.") % {"most": MOST})
        return list(dict.fromkeys(one for one in words if one))

    def words_of(self, raw: object) -> list[str]:
        """The words in a text that holds several."""
        text = str(raw)
        if text.startswith("["):
            try:
                parsed = json.loads(text)
            except ValueError:
                parsed = None
            if isinstance(parsed, list):
                return [str(word).strip() for word in parsed if str(word).strip()]
        for separator in SEPARATORS:
            text = text.replace(separator, ",")
        return [word.strip() for word in text.split(",") if word.strip()]

    def format(self, value: Any, locale: Locale, titles: Titles) -> str:
        return ", ".join(value or ())

    def html(self, value: Any, locale: Locale, titles: Titles) -> str:
        return " ".join(f'<span class="tag">{escape(one)}</span>' for one in value or ())

    def is_empty(self, value: Any) -> bool:
        return not value

    def dump(self, value: Any) -> Any:
        return list(value or [])

    def text(self, value: Any) -> str:
        words = list(value or ())
        if any(separator in word for word in words for separator in (",", "[", *SEPARATORS)):
            return json.dumps(words, ensure_ascii=False)
        return ", ".join(words)

    def tokens(self, value: Any) -> list[str]:
        return [token for one in value or () for token in tokens(one)]

    def both(self, first: Any, second: Any) -> Any:
        together = list(dict.fromkeys((*(first or ()), *(second or ()))))
        return together if len(together) <= MOST else None

    def schema(self) -> dict[str, Any]:
        return {"type": "array", "maxItems": MOST, "items": {"type": "string", "maxLength": 60}}

    def sample(self) -> Any:
        return ["sample"]

    def read(self, posted: QueryDict, name: str) -> object:
        return [word for word in posted.getlist(name) if word.strip()]

    def input(self, value: Any, locale: Locale, titles: Titles) -> dict[str, Any]:
        return {"chosen": list(value or ()), "text": ", ".join(value or ())}


class Recipients(Tags):
    """E-mail addresses that a mail goes to."""

    name = "recipients"
    template = "kinds/recipients.html"
    icon = "mail"

    def clean(self, raw: object, locale: Locale) -> list[str]:
        if raw is None or raw == "":
            return []
        words = self.words_of(raw) if isinstance(raw, str) else raw
        if not isinstance(words, (list, tuple)):
            raise ValueError(_("Send a list of values."))
        if len(words) > MOST:
            raise ValueError(_("At most %(most)d values.") % {"most": MOST})
        each = Email(254)
        return list(dict.fromkeys(found for one in words if (found := each.clean(one, locale))))

    def schema(self) -> dict[str, Any]:
        return {"type": "array", "maxItems": MOST, "items": {"type": "string", "maxLength": 254}}

    def sample(self) -> Any:
        return ["alice@example.com"]


class Several(Tags):
    """Some of the values that are offered, kept by name and shown by label."""

    template = "kinds/several.html"

    def __init__(self, offered: Callable[[], Mapping[str, str]]) -> None:
        self.offered = offered

    def clean(self, raw: object, locale: Locale) -> list[str]:
        offered = self.offered()
        by_label = {fold(label): name for name, label in offered.items()}
        names = []
        for word in super().clean(raw, locale):
            name = word if word in offered else by_label.get(fold(word))
            if name is None:
                near = similar(word, list(offered.values()))
                hint = " " + _("Did you mean “%(near)s”?") % {"near": near[0]} if near else ""
                raise ValueError(_("“%(text)s” is not one of the choices.") % {"text": word} + hint)
            names.append(name)
        return list(dict.fromkeys(names))

    def labels(self, value: Any) -> list[str]:
        """What the chosen ones are called; one that is offered no more, by its name."""
        offered = self.offered()
        return [offered.get(name, name) for name in value or ()]

    def format(self, value: Any, locale: Locale, titles: Titles) -> str:
        return ", ".join(self.labels(value))

    def html(self, value: Any, locale: Locale, titles: Titles) -> str:
        return " ".join(f'<span class="tag">{escape(one)}</span>' for one in self.labels(value))

    def tokens(self, value: Any) -> list[str]:
        return [token for one in self.labels(value) for token in tokens(one)]

    def sample(self) -> Any:
        return list(self.offered())[:1]

    def input(self, value: Any, locale: Locale, titles: Titles) -> dict[str, Any]:
        chosen = list(value or ())
        offered = {**dict.fromkeys(chosen), **self.offered()}
        return {"chosen": chosen, "options": [(name, label or name, name in chosen) for name, label in offered.items()]}


class Address(Kind):
    """A postal address by parts: country, province, city, district, street, postcode."""

    name = "address"
    template = "kinds/address.html"
    icon = "map-pin"
    operators = ("contains", "not contains", *EMPTINESS)
    orderable = False
    empty: ClassVar[Any] = {}
    parts = ("country", "province", "city", "district", "street", "postcode")
    labels: ClassVar[dict[str, str | Promise]] = {
        "street": gettext_lazy("Street and number"),
        "district": gettext_lazy("District"),
        "city": gettext_lazy("City"),
        "province": gettext_lazy("Province or state"),
        "postcode": gettext_lazy("Postcode"),
        "country": gettext_lazy("Country"),
        "text": gettext_lazy("Address as it was given"),
    }

    def clean(self, raw: object, locale: Locale) -> dict[str, str]:
        if raw is None or raw == "":
            return {}
        if isinstance(raw, str):
            if raw.lstrip().startswith("{"):
                try:
                    raw = json.loads(raw)
                except ValueError:
                    raw = parse_address(str(raw))
            else:
                raw = parse_address(raw)
        if not isinstance(raw, dict):
            raise ValueError(_("Send the parts of an address."))
        unknown = set(raw) - {*self.parts, "text"}
        if unknown:
            raise ValueError(_("An address has no part “%(part)s”.") % {"part": str(min(unknown, key=str))[:40]})
        word = Text(255)
        cleaned = {part: word.clean(raw.get(part), locale) for part in (*self.parts, "text")}
        return {part: text for part, text in cleaned.items() if text}

    def format(self, value: Any, locale: Locale, titles: Titles) -> str:
        return one_line(value, locale.language) if value else ""

    def is_empty(self, value: Any) -> bool:
        return not value

    def dump(self, value: Any) -> Any:
        return dict(value or {})

    def text(self, value: Any) -> str:
        return json.dumps(value, ensure_ascii=False) if value else ""

    def tokens(self, value: Any) -> list[str]:
        return [
            token
            for part in ("province", "city", "district", "street", "text")
            if value and value.get(part)
            for token in tokens(value[part])
        ]

    def schema(self) -> dict[str, Any]:
        text = {"type": "string", "maxLength": 255}
        return {
            "type": "object",
            "properties": dict.fromkeys((*self.parts, "text"), text),
            "additionalProperties": False,
        }

    def sample(self) -> Any:
        return {
            "country": "CN",
            "province": "上海市",
            "city": "上海市",
            "district": "浦东新区",
            "street": "东方路 88 号",
        }

    def read(self, posted: QueryDict, name: str) -> object:
        read = {part: posted.get(f"{name}-{part}", "") for part in (*self.parts, "text")}
        said = {part for part, text in read.items() if text.strip()}
        return {} if said == {"country"} and read["country"] == posted.get(f"{name}-offered") else read

    def input(self, value: Any, locale: Locale, titles: Titles) -> dict[str, Any]:
        return {"parts": {part: (value or {}).get(part, "") for part in (*self.parts, "text")}}
