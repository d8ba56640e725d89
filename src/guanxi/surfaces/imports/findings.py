"""What is odd about a table: gathered while it is looked at, for a person to see before anything is imported."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from guanxi.surfaces.imports.delimited import swallowed
from guanxi.surfaces.imports.encodings import Encoding
from guanxi.surfaces.imports.extents import FormulaError
from guanxi.surfaces.imports.letters import common_share
from guanxi.surfaces.imports.remarks import Remark

SHOWN = 40
"""Characters of a cell that a remark quotes."""
LOOKED_AT = 2000
"""Rows whose cells are looked at for damage."""

_ERROR = re.compile(r"#(?:N/A|REF!|VALUE!|DIV/0!|NAME\?|NULL!|NUM!|SPILL!|CALC!)$|Err:5\d\d$")
_ROUNDED = re.compile(r"\d(?:[.,]\d+)?E\+\d{1,2}$", re.IGNORECASE)
_LOST = re.compile(r"\?{3,}$|[?]{2,}[^?]*[?]{2,}|\ufffd")
_DAMAGED = ("锟斤拷", "烫烫烫", "屯屯屯", "ï»¿", "Ã©", "â€", "ï¿½")
_TWICE = re.compile(r"[\u0080-\u00ff\u0152-\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122]{2,}")


class Findings:
    """The remarks on one file, each code once."""

    def __init__(self, delimiter: str) -> None:
        self.delimiter = delimiter
        self.remarks: list[Remark] = []

    def add(self, code: str, **values: str | int) -> None:
        """Say something, once."""
        if not self.has(code):
            self.remarks.append(Remark(code, values))

    def has(self, code: str) -> bool:
        """Whether it was said."""
        return any(remark.code == code for remark in self.remarks)

    def about_encoding(self, encoding: Encoding) -> None:
        """What the bytes showed."""
        if encoding.fallback:
            first = encoding.first_bad_line
            self.add("mixed encodings", count=encoding.bad_lines, row=first, encoding=encoding.fallback)
        elif encoding.bad_lines:
            first = encoding.first_bad_line
            self.add("undecodable", count=encoding.bad_lines, row=first, encoding=encoding.name)
        if not encoding.sure and not encoding.fallback:
            self.add("unsure encoding")
        if encoding.nuls:
            self.add("nul characters", count=encoding.nuls)

    def about_table(
        self, studied: Sequence[Sequence[Any]], header: int, first: int, names: Sequence[str], data: Sequence[tuple[int, Sequence[Any]]]
    ) -> None:
        """What the header and the rows showed."""
        if not header:
            self.add("no header")
        else:
            skipped = sum(any(cell not in ("", None) for cell in row) for row in studied[: header - 1])
            if skipped:
                self.add("skipped rows", count=skipped)
            self._about_names(names)
        self._about_widths(data, len(names))
        self._about_cells(studied[header - 1] if header else (), header, data)

    def _about_names(self, names: Sequence[str]) -> None:
        if blank := sum(not name for name in names):
            self.add("blank names", count=blank)
        repeated = [name for name, count in Counter(name.casefold() for name in names if name).items() if count > 1]
        if repeated:
            self.add("repeated names", text=next(name for name in names if name.casefold() == repeated[0])[:SHOWN])

    def _about_widths(self, data: Sequence[tuple[int, Sequence[Any]]], width: int) -> None:
        uneven = [number for number, row in data if len(row) != width and _filled_width(row) != width and self._is_ragged(row, width)]
        if uneven:
            self.add("ragged rows", count=len(uneven), row=uneven[0])
        for number, row in data:
            if self.delimiter and swallowed(row, self.delimiter):
                self.add("swallowed rows", row=number)
                break

    def _is_ragged(self, row: Sequence[Any], width: int) -> bool:
        # Programs leave out blank cells at the end of every row; a row that is short otherwise is cut.
        return _filled_width(row) > width or (bool(self.delimiter) and len(row) < width)

    def _about_cells(self, header: Sequence[Any], header_row: int, data: Sequence[tuple[int, Sequence[Any]]]) -> None:
        errors: list[tuple[int, str]] = []
        for number, text in _texts(header, header_row, data):
            if type(text) is FormulaError or (text[:1] in "#E" and _ERROR.match(text)):
                errors.append((number, text))
            elif not text.isascii() and is_mojibake(text):
                self.add("mojibake", row=number, text=text[:SHOWN])
            elif ("?" in text or "\ufffd" in text) and _LOST.search(text):
                self.add("lost characters", row=number, text=text[:SHOWN])
            elif "+" in text and _ROUNDED.match(text):
                self.add("rounded numbers", row=number, text=text[:SHOWN])
        if errors:
            self.add("formula errors", count=len(errors), text=errors[0][1], row=errors[0][0])


def _texts(header: Iterable[Any], header_row: int, data: Sequence[tuple[int, Sequence[Any]]]) -> Iterator[tuple[int, str]]:
    for cell in header:
        if isinstance(cell, str) and cell:
            yield header_row, cell
    for number, row in data[:LOOKED_AT]:
        for cell in row:
            if isinstance(cell, str) and cell:
                yield number, cell


def _filled_width(row: Sequence[Any]) -> int:
    return next((place for place in range(len(row), 0, -1) if row[place - 1] not in ("", None)), 0)


def is_mojibake(text: str) -> bool:
    """Whether a text is UTF-8 that was read as Windows-1252 or as GBK, or shows the marks of lost characters."""
    if any(mark in text for mark in _DAMAGED):
        return True
    for run in _TWICE.findall(text):
        try:
            again = run.encode("cp1252").decode("utf-8")
        except UnicodeError:
            continue
        if len(again) < len(run):
            return True
    return _read_as_gbk(text)


def _read_as_gbk(text: str) -> bool:
    """Whether a text such as 鍖椾含 (北京) is UTF-8 read as GBK: rare characters that make common ones again."""
    rare = [character for character in text if "\u4e00" <= character <= "\u9fff"]
    if len(rare) < 3 or common_share(rare) > 0.5:
        return False
    # The last byte is often lost on the way, so what does not decode is left out.
    again = text.encode("gb18030", "ignore").decode("utf-8", "ignore")
    plain = [character for character in again if "\u4e00" <= character <= "\u9fff"]
    return len(plain) * 3 >= len(rare) * 2 * 0.7 and common_share(plain) >= max(0.6, common_share(rare) + 0.3)
