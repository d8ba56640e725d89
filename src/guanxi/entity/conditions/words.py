"""The words and signs of a condition's text, each with its place."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from django.utils.translation import gettext as _

from guanxi.entity.conditions.errors import ConditionError, Position, position_in
from guanxi.entity.conditions.literals import read_literal, unquote
from guanxi.entity.conditions.tree import MOST_TEXT, Scalar, too_long

Sort = Literal["name", "ticked", "text", "number", "sign", "end"]

_QUOTES = {'"': '"', "'": "'", "“": "”", "”": "”", "‘": "’", "’": "’", "「": "」", "`": "`"}
_WORD = re.compile(
    r"""(?P<space>[\s\u200b\ufeff]+)
    |(?P<name>[^\W\d]\w*)
    |(?P<number>[+\-−－＋]?\d(?:[\w:%％/+\-：]|[.．](?=\d))*)
    |(?P<sign>>=|<=|!=|<>|==|&&|\|\||!|[=<>()\[\].,≥≤≠＝＞＜（）［］【】，、])
    |(?P<quote>["'“”‘’「`])""",
    re.VERBOSE,
)
_SIGNS = {
    "<>": "!=", "≠": "!=", "==": "=", "＝": "=", "≥": ">=", "≤": "<=", "＞": ">", "＜": "<",
    "（": "(", "）": ")", "［": "[", "］": "]", "【": "[", "】": "]", "，": ",", "、": ",",
}  # fmt: skip
_INSTEAD = {"&&": ("and",), "||": ("or",), "!": ("not", "!="), "&": ("and",), "|": ("or",), "~": ("contains",), "*": ("contains",)}


@dataclass(frozen=True, slots=True)
class Word:
    """One word or sign: its sort, its meaning, and where it begins and ends."""

    sort: Sort
    value: Scalar
    start: int
    end: int

    @property
    def lower(self) -> str:
        """A name as keywords are compared; nothing else equals a keyword."""
        return self.value.lower() if self.sort == "name" and isinstance(self.value, str) else ""


def split(text: str, pointer: str | None = None) -> list[Word]:
    """The words of a text, closed by one of sort `end`. ConditionError."""
    if len(text) > MOST_TEXT:
        raise too_long(Position(0, 1, 1, pointer))
    words: list[Word] = []
    at = 0
    while at < len(text):
        found = _WORD.match(text, at)
        if found is None:
            raise _stray(text, at, pointer)
        sort, written = found.lastgroup, found[0]
        end = found.end()
        if sort == "name":
            words.append(Word("name", written, at, end))
        elif sort == "sign":
            if written in _INSTEAD:
                raise _stray(text, at, pointer, written)
            words.append(Word("sign", _SIGNS.get(written, written), at, end))
        elif sort == "number":
            try:
                words.append(Word("number", read_literal(written), at, end))
            except ValueError as wrong:
                raise ConditionError(str(wrong), position_in(text, at, pointer), place=written[:60]) from None
        elif sort == "quote":
            end = _closing(text, at, pointer)
            words.append(Word("ticked" if written == "`" else "text", unquote(text[at + 1 : end - 1]), at, end))
        at = end
    words.append(Word("end", None, len(text), len(text)))
    return words


def _closing(text: str, at: int, pointer: str | None) -> int:
    """Where the quotation that begins here ends."""
    closing = _QUOTES[text[at]]
    found = re.compile(rf"(?:[^{closing}\\]|\\.)*+{closing}", re.DOTALL).match(text, at + 1)
    if found is None:
        message = _("This quotation is not closed; add %(quote)s.") % {"quote": closing}
        raise ConditionError(message, position_in(text, at, pointer), place=text[at : at + 20])
    if text[at] == "`" and found.end() == at + 2:
        raise ConditionError(_("Write a name between the backticks."), position_in(text, at, pointer), place="``")
    return found.end()


def _stray(text: str, at: int, pointer: str | None, sign: str = "") -> ConditionError:
    sign = sign or text[at]
    message = _("“%(sign)s” has no meaning here.") % {"sign": sign if sign.isprintable() else repr(sign)[1:-1]}
    return ConditionError(message, position_in(text, at, pointer), place=sign, suggestions=_INSTEAD.get(sign, ()))
