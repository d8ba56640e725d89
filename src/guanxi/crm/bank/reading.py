"""A bank statement file into lines: what each cell means, and by what a line is known again."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from guanxi.base.moments_read import parse_day
from guanxi.crm.bank.columns import IN, OUT, above_the_table, currency_named
from guanxi.crm.bank.layouts import Layout
from guanxi.entity.actors import Actor
from guanxi.record.refusals import Refused
from guanxi.surfaces.imports.cells import as_text, is_blank
from guanxi.surfaces.imports.extents import FormulaError
from guanxi.surfaces.imports.looks import ColumnFormat
from guanxi.surfaces.imports.reading import rows
from guanxi.surfaces.imports.study import Study

LARGEST = 20_000
"""Rows of one file; a statement of a day or a month has far fewer."""
WIDEST = Decimal(10) ** 15
TOLD = 3
NOTHING = frozenset({"", "-", "--", "—", "——", "/", "n/a"})


@dataclass
class Statement:
    """What stands in a file: the lines with their fingerprints, and what is no line or could not be read, by rows, in words."""

    lines: list[dict[str, Any]] = field(default_factory=list)
    prints: list[str] = field(default_factory=list)
    earlier: list[set[str]] = field(default_factory=list)
    """Of each line the fingerprints it has when the file is read as somebody said before."""
    unread: list[tuple[int, str]] = field(default_factory=list)
    besides: list[tuple[int, str]] = field(default_factory=list)
    """Rows that are no line, such as a sum below."""

    def told(self) -> str:
        """The rows that could not be read, in words; empty for none."""
        if not self.unread:
            return ""
        more = len(self.unread) - TOLD
        left = ngettext("%(count)d row was left out.", "%(count)d rows were left out.", len(self.unread)) % {"count": len(self.unread)}
        rows = [_("Row %(row)d: %(why)s") % {"row": row, "why": why} for row, why in self.unread[:TOLD]]
        return " ".join([left, *rows, *(["…"] if more > 0 else [])])


def read(
    path: Path, study: Study, layout: Layout, currency: str, *, by: Actor, others: Sequence[Layout] = (), most: int = LARGEST
) -> Statement:
    """The lines of a statement, at most so many; `currency` is that of a file which names none, `others` are layouts by which lines
    may be known already. UnreadableTable, Refused.
    """
    statement, reader = Statement(), _Reader(study, layout, currency, by)
    before = [_Reader(study, one, currency, by) for one in others]
    for row in rows(path, study.inspection):
        if len(statement.lines) >= most:
            if most < LARGEST:
                break
            raise Refused({"file": _("The file has more than %(most)d lines: export a shorter time.") % {"most": LARGEST}})
        earlier = {known for known in (one.print_of(row.values) for one in before) if known}
        try:
            line = reader.line(row.values)
        except NoLine as reason:
            statement.besides.append((row.number, str(reason)))
        except ValueError as wrong:
            statement.unread.append((row.number, str(wrong)))
        else:
            statement.prints.append(reader.print_for(line))
            statement.earlier.append(earlier)
            line.pop("balance")
            statement.lines.append(line)
    if not statement.lines:
        raise Refused({"file": statement.told() or _("There are no lines in this file.")})
    return statement


class NoLine(ValueError):
    """The row is something else than a line, and nothing is wrong with that."""


class _Reader:
    """Rows of one file, by what its columns are."""

    def __init__(self, study: Study, layout: Layout, currency: str, by: Actor) -> None:
        self.layout, self.formats = layout, study.formats
        self.own, named = above_the_table(study.inspection.preamble)
        self.currency, self.by = named or currency, by
        self.seen = Counter[str]()

    def print_for(self, line: dict[str, Any]) -> str:
        """By what the line is known again: all it says, and how many before it in the file say the same."""
        same = "\x1f".join(str(line[name]) for name in sorted(line))
        self.seen[same] += 1
        return hashlib.sha256(f"{same}\x1f{self.seen[same] - 1}".encode()).hexdigest()

    def print_of(self, cells: list[Any]) -> str:
        """The same of a row; empty when it is no line."""
        try:
            return self.print_for(self.line(cells))
        except ValueError:
            return ""

    def line(self, cells: list[Any]) -> dict[str, Any]:
        """One line. ValueError says what is wrong, NoLine that it is none, such as a sum below."""
        day, none = self._text(cells, "day"), ValueError if self._text(cells, "payer") else NoLine
        self._check_formulas(cells, "day")
        if not any(letter.isdigit() for letter in day):
            raise none(_("No day: a sum or a note."))
        amount = self._amount(cells)
        if not amount:
            raise none(_("No amount."))
        if abs(amount) >= WIDEST:
            raise ValueError(_("The amount has too many digits."))
        said = currency_named(self._text(cells, "currency"))
        return {
            "booked_on": parse_day(day, self._day_first()), "amount": amount.quantize(Decimal("0.0001")).normalize() + 0, "currency": said or self.currency,
            "payer": self._text(cells, "payer")[:200], "payer_account": self._text(cells, "payer_account")[:80],
            "text": self._text(cells, "text")[:1000], "reference": self._text(cells, "reference")[:120],
            "own_account": self._text(cells, "own_account")[:80] or self.own[:80], "balance": self._text(cells, "balance"),
        }  # fmt: skip

    def _day_first(self) -> bool:
        said, written = self.layout.day_first, self.formats[self.layout.places["day"][0]].day_first
        return next((one for one in (said, written) if one is not None), self.by.locale.day_first)

    def _text(self, cells: list[Any], role: str) -> str:
        said = [as_text(cells[place]).strip() for place in self.layout.places.get(role, ()) if not is_blank(cells[place])]
        return " · ".join(one for one in dict.fromkeys(said) if one not in NOTHING).replace("\x00", "")

    def _check_formulas(self, cells: list[Any], role: str) -> None:
        """A formula that failed is blank elsewhere; a day or an amount is not lost for it without a word."""
        for place in self.layout.places.get(role, ()):
            if isinstance(cells[place], FormulaError):
                raise ValueError(_("A formula failed there: %(text)s.") % {"text": str(cells[place])[:60]})

    def _number(self, cells: list[Any], role: str) -> Decimal | None:
        for place in self.layout.places.get(role, ()):
            cell = cells[place]
            self._check_formulas(cells, role)
            if is_blank(cell) or (isinstance(cell, str) and cell.strip() in NOTHING):
                return None
            found = ColumnFormat("number", decimal=self.formats[place].decimal).tidy(as_text(cell))
            if not isinstance(found, Decimal) or not found.is_finite():
                raise ValueError(_("“%(text)s” is not an amount.") % {"text": as_text(cell)[:60]})
            return found
        return None

    def _amount(self, cells: list[Any]) -> Decimal | None:
        """What came in, above zero, or went out, below it."""
        credit, debit = self._number(cells, "credit"), self._number(cells, "debit")
        if credit or debit:
            return (credit or Decimal(0)) - abs(debit or Decimal(0))
        amount = self._number(cells, "amount")
        sign = self._text(cells, "sign").casefold()
        if amount is None:
            return credit if credit is not None else debit
        return abs(amount) if sign in IN else -abs(amount) if sign in OUT else amount
