"""Kinds with a fixed set of values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from guanxi.base.words import fold, similar, tokens
from guanxi.entity.actors import Locale, Titles
from guanxi.entity.kinds.base import EMPTINESS, EQUALITY, Kind

TONES = ("", "acc", "info", "warn", "good", "bad")


@dataclass(frozen=True)
class Option:
    """One value of a choice: what is stored, what is read, its tone and its other names."""

    value: str
    label: str | Promise
    tone: str = ""
    also: tuple[str, ...] = ()


def options(*declared: tuple[str, str | Promise] | tuple[str, str | Promise, str]) -> tuple[Option, ...]:
    """Options from (value, label) or (value, label, tone)."""
    return tuple(Option(*one) for one in declared)


class Choice(Kind):
    """One of some declared values, shown as a tag."""

    name = "choice"
    template = "kinds/choice.html"
    icon = "list-check"
    operators = (*EQUALITY, *EMPTINESS)
    empty = ""
    closed: ClassVar[bool] = True
    """Whether records can be put in lanes by it: no value stands outside what is offered."""

    def __init__(self, choices: Sequence[Option], plain: bool = False) -> None:
        self.options = tuple(choices)
        self.plain = plain
        self.by_value = {option.value: option for option in self.options}

    def clean(self, raw: object, locale: Locale) -> Any:
        text = "" if raw is None else str(raw).strip()
        if not text or text in self.by_value:
            return text
        wanted = fold(text)
        for option in self.options:
            if wanted in {fold(option.value), fold(str(option.label)), *(fold(name) for name in option.also)}:
                return option.value
        near = similar(text, [str(option.label) for option in self.options])
        hint = " " + _("Did you mean “%(near)s”?") % {"near": near[0]} if near else ""
        raise ValueError(_("“%(text)s” is not one of the choices.") % {"text": text[:60]} + hint)

    def label(self, value: Any) -> str:
        option = self.by_value.get(value)
        return str(option.label) if option else str(value or "")

    def format(self, value: Any, locale: Locale, titles: Titles) -> str:
        return self.label(value)

    def html(self, value: Any, locale: Locale, titles: Titles) -> str:
        if not value:
            return ""
        option = self.by_value.get(value)
        if self.plain:
            return escape(self.label(value))
        tone = f" {option.tone}" if option and option.tone else ""
        return f'<span class="tag{tone}"><i></i>{escape(self.label(value))}</span>'

    def tokens(self, value: Any) -> list[str]:
        return tokens(self.label(value)) if value else []

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "enum": [option.value for option in self.options]}

    def sample(self) -> Any:
        return self.options[0].value if self.options else ""

    def input(self, value: Any, locale: Locale, titles: Titles) -> dict[str, Any]:
        return {"text": value, "options": [(o.value, str(o.label), o.value == value) for o in self.options]}


class Offered(Choice):
    """A choice whose values people set up; read whenever it is asked. `gone` says what a value is called that is offered no more."""

    def __init__(self, offered: Callable[[], Sequence[Option]], gone: Callable[[str], str | None], plain: bool = True) -> None:
        self.offered, self.gone, self.plain = offered, gone, plain

    @property
    def options(self) -> tuple[Option, ...]:  # type: ignore[override]
        return tuple(self.offered())

    @property
    def by_value(self) -> dict[str, Option]:  # type: ignore[override]
        return {option.value: option for option in self.offered()}

    def clean(self, raw: object, locale: Locale) -> Any:
        text = "" if raw is None else str(raw).strip()
        return text if text and self.gone(text) else super().clean(raw, locale)

    def label(self, value: Any) -> str:
        option = self.by_value.get(value)
        return str(option.label) if option else (self.gone(value) or str(value)) if value else ""

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "examples": [option.value for option in self.options]}

    def input(self, value: Any, locale: Locale, titles: Titles) -> dict[str, Any]:
        shown = super().input(value, locale, titles)
        if value and value not in self.by_value:
            shown["options"].append((value, self.label(value), True))
        return shown


def choice_from(choices: Iterable[tuple[str, Any]]) -> Choice:
    """A choice out of a model field's `choices`."""
    return Choice(tuple(Option(str(value), label) for value, label in choices if value not in ("", None)))
