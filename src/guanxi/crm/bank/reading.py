"""A bank statement file into lines: what each cell means, and by what a line is known again."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from guanxi.base.moments_read import parse_day
from guanxi.crm.bank.columns import IN, OUT, above_the_table, currency_named, roles_of
from guanxi.entity.actors import Actor
from guanxi.record.refusals import Refused
from guanxi.surfaces.imports.cells import as_text, is_blank
from guanxi.surfaces.imports.looks import ColumnFormat
from guanxi.surfaces.imports.reading import rows
from guanxi.surfaces.imports.study import Study, study

LARGEST = 20_000
"""Rows of one file; a statement of a day or a month has far fewer."""
WIDEST = Decimal(10) ** 15
TOLD = 3
NOTHING = frozenset({"", "-", "--", "—", "——", "/", "n/a"})


@dataclass
class Statement:
    """What stands in a file: the lines with their fingerprints, and the rows that could not be read, in words."""

    lines: list[dict[str, Any]] = field(default_factory=list)
    prints: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)

    def told(self) -> str:
        """The rows left out, in words; empty for none."""
        if not self.unread:
            return ""
        more = len(self.unread) - TOLD
        left = ngettext("%(count)d row was left out.", "%(count)d rows were left out.", len(self.unread)) % {"count": len(self.unread)}
        return " ".join([left, *self.unread[:TOLD], *(["…"] if more > 0 else [])])


def read(path: Path, currency: str, *, by: Actor) -> Statement:
    """The lines of a statement; `currency` is that of a file which names none. UnreadableTable, Refused."""
    found = study(path, {})
    reader = _Reader(found, currency, by)
    statement, seen = Statement(), Counter[str]()
    for row in rows(path, found.inspection):
        if len(statement.lines) >= LARGEST:
            raise Refused({"file": _("The file has more than %(most)d lines: export a shorter time.") % {"most": LARGEST}})
        try:
            line = reader.line(row.values)
        except ValueError as wrong:
            statement.unread.append(_("Row %(row)d: %(why)s") % {"row": row.number, "why": wrong})
            continue
        if line is None:
            continue
        same = "\x1f".join(str(line[name]) for name in sorted(line))
        statement.prints.append(hashlib.sha256(f"{same}\x1f{seen[same]}".encode()).hexdigest())
        seen[same] += 1
        line.pop("balance")
        statement.lines.append(line)
    if not statement.lines and not statement.unread:
        raise Refused({"file": _("There are no lines in this file.")})
    return statement


class _Reader:
    """Rows of one file, by what its columns are called."""

    def __init__(self, found: Study, currency: str, by: Actor) -> None:
        self.roles: Mapping[str, list[int]] = roles_of(found.inspection.columns)
        self.formats = found.formats
        self.own, named = above_the_table(found.inspection.preamble)
        self.currency, self.by = named or currency, by
        missing = [
            words
            for words, roles in ((_("the day"), ("day",)), (_("the amount"), ("amount", "credit")))
            if not any(role in self.roles for role in roles)
        ]
        if missing:
            names = ", ".join(column for column in found.inspection.columns[:12])
            words = _("No column for %(what)s was found among: %(columns)s. Name it Date, Amount, Credit or Debit and upload it again.")
            raise Refused({"file": words % {"what": " / ".join(missing), "columns": names[:300]}})

    def line(self, cells: list[Any]) -> dict[str, Any] | None:
        """One line; None for a row that is none, such as a sum below. ValueError says what is wrong."""
        amount = self._amount(cells)
        day = self._text(cells, "day")
        if amount is None and not any(letter.isdigit() for letter in day):
            return None
        if not day or not any(letter.isdigit() for letter in day):
            return None
        if amount is None or not amount:
            return None
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
        said = self.formats[self.roles["day"][0]].day_first
        return said if said is not None else self.by.locale.day_first

    def _text(self, cells: list[Any], role: str) -> str:
        said = [as_text(cells[place]).strip() for place in self.roles.get(role, ()) if not is_blank(cells[place])]
        return " · ".join(one for one in dict.fromkeys(said) if one not in NOTHING).replace("\x00", "")

    def _number(self, cells: list[Any], role: str) -> Decimal | None:
        for place in self.roles.get(role, ()):
            cell = cells[place]
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


def known_again(prints: Iterable[str], known: Iterable[str]) -> list[int]:
    """The places of the lines that are new."""
    old = set(known)
    return [place for place, one in enumerate(prints) if one not in old]
