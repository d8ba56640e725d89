"""Where in a sheet the table begins: notes above it, the row of column names, the names themselves."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from guanxi.surfaces.imports.vocabulary import is_known

SEARCHED = 60
"""Rows in which the header is looked for."""
COMPARED = 30
"""Rows below a header that are compared with it."""

_DATA = re.compile(
    r"[^@\s]+@[^@\s]+\.\w+$"
    r"|(?:https?://|www\.)\S+$"
    r"|[-+(]?[¥$€£]?\s?[\d.,'\s]*\d\)?\s?%?$"
    r"|\d{1,4}[-/.年]\d{1,2}[-/.月]\d{1,4}日?(?:[T ].*)?$"
    r"|\+?[\d ()\-.]{7,}$"
)


@dataclass(frozen=True, slots=True)
class Header:
    """The row of column names among the rows looked at."""

    index: int
    """Its place from 0; -1 when the table has none."""
    first: int
    """The place of the first row of data."""


def find_header(rows: Sequence[Sequence[object]]) -> Header:
    """The row that names the columns: about as wide as the table, of short words, unlike what is below."""
    searched = rows[:SEARCHED]
    filled = [_filled(row) for row in searched]
    starts = [index for index, count in enumerate(filled) if count]
    if not starts:
        return Header(-1, 0)
    best, best_score = -1, 0.0
    for order, index in enumerate(starts):
        below = [rows[place] for place in range(index + 1, min(len(rows), index + 1 + COMPARED)) if _filled(rows[place])]
        score = _header_score(rows[index], below) - 0.03 * order
        if score > best_score:
            best, best_score = index, score
    if best >= 0:
        return Header(best, best + 1)
    widest = max(filled)
    first = next(index for index in starts if filled[index] * 2 >= widest)
    return Header(-1, first)


def _header_score(row: Sequence[object], below: Sequence[Sequence[object]]) -> float:
    """Above 0 for a row that may be the header; the higher the likelier."""
    cells = [(place, str(cell).strip()) for place, cell in enumerate(row) if cell not in ("", None)]
    cells = [(place, text) for place, text in cells if text]
    if not cells:
        return 0.0
    known = sum(is_known(text) for _place, text in cells) / len(cells)
    data = sum(looks_like_data(row[place]) for place, _text in cells) / len(cells)
    width = max([len(cells), *(_filled(one) for one in below)])
    span = max([_span(row), *(_span(one) for one in below)])
    # A sparse table, such as an address book, names ninety columns and fills ten.
    fullness = max(len(cells) / width, _span(row) / span if len(cells) > 1 else 0.0)
    if len(cells) == 1 and span > 1:
        return 0.0
    if known < 0.3 and (data > 0.3 or _repeats(cells, below)):
        return 0.0
    unlike = _unlike(cells, below)
    distinct = len({text for _place, text in cells}) / len(cells)
    long = sum(len(text) > 60 for _place, text in cells) / len(cells)
    return fullness + known + 0.5 * unlike + 0.3 * distinct - data - long - (0.6 if fullness < 0.5 else 0)


def looks_like_data(cell: object) -> bool:
    """Whether a cell holds a value rather than a name: a number, date, address of mail or web, long text."""
    if not isinstance(cell, str):
        return isinstance(cell, (bool, int, float, dt.date, dt.time, dt.timedelta))
    text = cell.strip()
    return len(text) > 100 or bool(_DATA.match(text))


def _repeats(cells: Sequence[tuple[int, str]], below: Sequence[Sequence[object]]) -> bool:
    """Whether the row's words turn up again below them, as the values of a choice do."""
    again = 0
    for place, text in cells:
        again += any(place < len(row) and str(row[place]).strip() == text for row in below)
    return again > 1 or (again == 1 and len(cells) == 1)


def _unlike(cells: Sequence[tuple[int, str]], below: Sequence[Sequence[object]]) -> float:
    """The share of columns whose name is words and whose values are data."""
    unlike = 0
    for place, text in cells:
        values = [row[place] for row in below if place < len(row) and row[place] not in ("", None)]
        unlike += bool(values) and not looks_like_data(text) and sum(map(looks_like_data, values)) * 2 > len(values)
    return unlike / len(cells)


def _filled(row: Sequence[object]) -> int:
    return sum(cell is not None and str(cell).strip() != "" for cell in row)


def _span(row: Sequence[object]) -> int:
    """The cells up to the last filled one."""
    return next((place for place in range(len(row), 0, -1) if str(row[place - 1] or "").strip()), 0)


def letters(index: int) -> str:
    """The letters of a column as a spreadsheet shows them: 0 is A, 26 is AA."""
    name = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        name = chr(65 + rest) + name
    return name


def column_names(header: Sequence[object], width: int, first_column: int = 0) -> tuple[str, ...]:
    """The names of the columns: blank ones by letter, repeated ones numbered."""
    given = [" ".join(str(cell if cell is not None else "").split()) for cell in header]
    given += [""] * (width - len(given))
    taken = {name.casefold() for name in given if name}
    names: list[str] = []
    seen: set[str] = set()
    for index, name in enumerate(given):
        chosen = name or _("Column %(letters)s") % {"letters": letters(first_column + index)}
        stem, number = chosen, 1
        while chosen.casefold() in seen or (number > 1 and chosen.casefold() in taken):
            number += 1
            chosen = f"{stem} {number}"
        seen.add(chosen.casefold())
        names.append(chosen)
    return tuple(names)
