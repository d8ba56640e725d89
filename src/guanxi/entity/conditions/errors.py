"""What is wrong with a condition, said so that a person can mend it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _


@dataclass(frozen=True, slots=True)
class Position:
    """Where in a condition: in its text by offset, line and column (from 1), or in its JSON by pointer, or both."""

    offset: int | None = None
    line: int | None = None
    column: int | None = None
    pointer: str | None = None

    def __str__(self) -> str:
        if self.pointer is not None:
            return _("at %(pointer)s") % {"pointer": self.pointer or "/"}
        return _("line %(line)s, column %(column)s") % {"line": self.line, "column": self.column}


def position_in(text: str, offset: int, pointer: str | None = None) -> Position:
    """The position of an offset in a text."""
    offset = min(offset, len(text))
    line = text.count("\n", 0, offset) + 1
    column = offset - (text.rfind("\n", 0, offset) + 1) + 1
    return Position(offset, line, column, pointer)


class ConditionError(ValueError):
    """A condition that cannot be read, or not by this person.

    `message` is a sentence, `position` says where, `place` is the part of the condition it is
    about (`deals.amout`), and `suggestions` are texts that could stand there instead, likeliest first.
    """

    def __init__(self, message: str, position: Position | None = None, *, place: str = "", suggestions: tuple[str, ...] = ()) -> None:
        self.message = message
        self.position = position
        self.place = place
        self.suggestions = suggestions
        super().__init__(message)

    def __str__(self) -> str:
        parts = [self.message]
        if self.suggestions:
            either = _("” or “").join(self.suggestions)
            parts.append(_("Did you mean “%(near)s”?") % {"near": either})
        if self.position is not None:
            parts.append(f"({self.position})")
        return " ".join(parts)

    def as_json(self) -> dict[str, Any]:
        """The error for the API and the condition builder."""
        where = self.position or Position()
        return {
            "message": str(self.message),
            "offset": where.offset,
            "line": where.line,
            "column": where.column,
            "pointer": where.pointer,
            "place": self.place,
            "suggestions": list(self.suggestions),
        }
