"""Table files of any kind: what they hold (`inspect`) and their rows (`rows`).

Everything found can be overridden by the person who sees the file. What columns mean does not live here.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple, cast

from guanxi.surfaces.imports import delimited, encodings, layout, workbooks
from guanxi.surfaces.imports.delimited import Dialect
from guanxi.surfaces.imports.encodings import Encoding
from guanxi.surfaces.imports.extents import FormulaError, Limits
from guanxi.surfaces.imports.findings import Findings
from guanxi.surfaces.imports.formats import format_of, refuse_other_texts
from guanxi.surfaces.imports.remarks import Remark, UnreadableTable

__all__ = ["FormulaError", "Limits", "Remark", "Row", "TableInspection", "UnreadableTable", "inspect", "rows"]

Format = Literal["csv", "tsv", "xlsx", "xls", "ods"]

SAMPLES = 20
STUDIED_ROWS = 5000
"""Rows of a workbook that are looked at; the others are only counted."""
STUDIED = 4 << 20
"""Characters of a text table that are parsed to count, to compare and to warn."""
SNIFFED = 256 << 10
"""Characters from which the delimiter is found."""
CLOSING = 12
"""The most rows that notes under a table may have."""


class Row(NamedTuple):
    """One row of a table."""

    number: int
    """Its number in the file as a person sees it: notes, header and blank rows count, from 1."""
    values: list[Any]
    """At least as many as there are columns, blank ones `""`; more when the row has more filled cells."""


@dataclass(frozen=True, slots=True)
class TableInspection:
    """What a table file holds, and how it is read."""

    format: Format
    columns: tuple[str, ...]
    samples: tuple[tuple[Any, ...], ...]
    """The first rows, as wide as the columns."""
    header_row: int
    """The number of the row of column names; 0 when there is none."""
    first_row: int
    """The number of the row that the data begins with, at the earliest."""
    row_count: int
    """Rows of data; blank ones are not counted."""
    row_count_exact: bool
    warnings: tuple[Remark, ...]
    preamble: tuple[str, ...] = ()
    """The text of the rows above the header."""
    last_row: int = 0
    """Rows beyond are notes under the table; 0 when there are none."""
    encoding: str = ""
    """Empty for workbooks."""
    encoding_reason: str = ""
    fallback: str = ""
    """The encoding of the lines that are not UTF-8, in a file pasted together."""
    lenient: bool = False
    nuls: bool = False
    delimiter: str = ""
    quote: str = ""
    escape: str = ""
    sheet: str = ""
    sheets: tuple[str, ...] = ()
    first_column: int = 0
    """The column of the sheet, from 0, that the first of `columns` is."""

    def overrides(self) -> dict[str, Any]:
        """What was decided, as arguments of `inspect` that decide the same again."""
        chosen: dict[str, Any] = {"header_row": self.header_row}
        if self.sheet:
            return chosen | {"sheet": self.sheet}
        # A file pasted together has no one encoding to insist on.
        kept = {} if self.fallback else {"encoding": self.encoding}
        return chosen | kept | {"delimiter": self.delimiter, "quote": self.quote}

    def to_json(self) -> dict[str, Any]:
        """As JSON, to be kept with an import. The samples are kept as text."""
        stored = dataclasses.asdict(self)
        stored["warnings"] = [{"code": remark.code, "values": dict(remark.values)} for remark in self.warnings]
        stored["samples"] = [[cell if isinstance(cell, (int, float, bool)) else str(cell) for cell in row] for row in self.samples]
        return stored

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> TableInspection:
        """What `to_json` kept; its rows are read the same."""
        warnings = tuple(Remark(one["code"], one["values"]) for one in stored["warnings"])
        samples = tuple(tuple(row) for row in stored["samples"])
        lists = {name: tuple(stored[name]) for name in ("columns", "preamble", "sheets")}
        return cls(**{**stored, **lists, "warnings": warnings, "samples": samples})


def inspect(
    path: str | Path,
    *,
    encoding: str | None = None,
    delimiter: str | None = None,
    quote: str | None = None,
    header_row: int | None = None,
    sheet: str | None = None,
    limits: Limits | None = None,
) -> TableInspection:
    """What a file holds; what a person chose is taken as it is. `header_row=0`: no header; `quote=""`: no quotes.

    Raises UnreadableTable, which says what is wrong and what to do.
    """
    path = Path(path)
    kind = format_of(path)
    if kind == "text":
        return _inspect_text(path, encoding, delimiter, quote, header_row)
    return _inspect_workbook(path, kind, sheet, header_row, limits or Limits())


def rows(path: str | Path, inspection: TableInspection, start: int = 0, *, limits: Limits | None = None) -> Iterator[Row]:
    """The rows of data after row number `start`, blank ones left out. Text tables are streamed."""
    path = Path(path)
    after = max(start, inspection.first_row - 1)
    if inspection.sheet:
        with workbooks.open_workbook(path, inspection.format, limits or Limits()) as book:
            numbered = book.rows(inspection.sheet)
            yield from _cut(((number, values) for number, values in numbered if number > after), inspection)
        return
    yield from _text_rows(path, inspection, after)


def _text_rows(path: Path, inspection: TableInspection, after: int) -> Iterator[Row]:
    width, last = len(inspection.columns), inspection.last_row
    dialect = Dialect(inspection.delimiter, inspection.quote, inspection.escape)
    encoding = _encoding_of(inspection)
    with encodings.opened(path, encoding) as lines:
        found = delimited.records(lines, dialect)
        number = after
        # The innermost loop of an import: the plain case is kept to a few steps.
        for values in itertools.islice(found, after, None):
            number += 1
            if len(values) != width:
                _fit(values, width, number)
            if any(values):
                if last and number > last:
                    return
                yield Row(number, values)


def _encoding_of(inspection: TableInspection) -> Encoding:
    lenient = int(inspection.lenient)
    return Encoding(inspection.encoding, "", fallback=inspection.fallback or None, bad_lines=lenient, nuls=int(inspection.nuls))


def _cut(numbered: Iterable[tuple[int, list[Any]]], inspection: TableInspection) -> Iterator[Row]:
    width, last = len(inspection.columns), inspection.last_row
    for number, values in numbered:
        if last and number > last:
            return
        if len(values) != width:
            _fit(values, width, number)
        if any(value != "" and value is not None for value in values):
            yield Row(number, values)


def _fit(values: list[Any], width: int, number: int) -> None:
    """Blank cells added to a short row; those beyond the columns taken off a long one, unless filled."""
    if len(values) > delimited.WIDEST_ROW:
        raise UnreadableTable("too many columns", row=number, columns=f"{len(values):,}", limit=f"{delimited.WIDEST_ROW:,}")
    while len(values) > width and values[-1] == "":
        values.pop()
    values += [""] * (width - len(values))


def _inspect_text(path: Path, chosen: str | None, delimiter: str | None, quote: str | None, header_row: int | None) -> TableInspection:
    encoding = encodings.detect(path, chosen)
    start = encodings.read_start(path, encoding, SNIFFED)
    refuse_other_texts(start, chosen=chosen is not None)
    dialect = delimited.sniff(start, delimiter, quote)
    found = Findings(dialect.delimiter)
    found.about_encoding(encoding)
    named = 1 if delimiter is None and delimited.named_separator(start) else 0
    studied, ended = _study(path, encoding, dialect, found)
    layout_found = _layout(studied, header_row, skip=named)
    header, first, names = layout_found
    names = _trimmed(names, studied[first - 1 :])
    columns = layout.column_names(names, len(names))
    data = [(number, values) for number, values in enumerate(studied[first - 1 :], first) if any(values)]
    last = _closing_row(studied, first, len(columns)) if ended else 0
    if last:
        data = [(number, values) for number, values in data if number <= last]
        found.add("closing rows", row=last + 1)
    found.about_table(studied, header, first, names, data)
    count, exact = _count(path, encoding, data, ended, above=first - 1)
    if not found.has("open quote") and ended and not data and header:
        found.add("no rows")
    return TableInspection(
        format="tsv" if dialect.delimiter == "\t" else "csv",
        columns=columns,
        samples=_samples(data, len(columns)),
        header_row=header,
        first_row=first,
        row_count=count,
        row_count_exact=exact,
        warnings=tuple(found.remarks),
        preamble=_preamble(studied, header or first),
        last_row=last,
        encoding=encoding.name,
        encoding_reason=encoding.reason,
        fallback=encoding.fallback or "",
        lenient=encoding.lenient,
        nuls=encoding.nuls > 0,
        delimiter=dialect.delimiter,
        quote=dialect.quote,
        escape=dialect.escape,
    )


def _study(path: Path, encoding: Encoding, dialect: Dialect, found: Findings) -> tuple[list[list[str]], bool]:
    """The first records of a text table, and whether these are all."""
    studied: list[list[str]] = []
    size = 0
    with encodings.opened(path, encoding) as lines:
        try:
            for record in delimited.records(lines, dialect):
                studied.append(record)
                size += sum(map(len, record)) + len(record)
                if size > STUDIED:
                    return studied, False
        except UnreadableTable as error:
            # A person can still choose another quotation mark when they see the rows before the trouble.
            if error.code not in ("open quote", "long cell") or not studied:
                raise
            found.add("open quote", row=error.values["row"])
    return studied, True


def _layout(studied: Sequence[Sequence[Any]], chosen: int | None, *, skip: int = 0) -> tuple[int, int, list[str]]:
    """The number of the header row (0: none), of the first row of data, and the names as written."""
    if chosen is not None:
        if not 0 <= chosen <= len(studied):
            raise UnreadableTable("bad header row", row=chosen, rows=len(studied))
        if chosen:
            return chosen, chosen + 1, [_name(cell) for cell in studied[chosen - 1]]
        found = layout.Header(-1, skip)
    else:
        head = layout.find_header(studied[skip : skip + layout.SEARCHED + layout.COMPARED])
        found = layout.Header(head.index + skip if head.index >= 0 else -1, head.first + skip)
    if found.index >= 0:
        return found.index + 1, found.first + 1, [_name(cell) for cell in studied[found.index]]
    width = max((len(row) for row in studied[found.first : found.first + 1000]), default=0)
    return 0, found.first + 1, [""] * width


def _name(cell: object) -> str:
    return "" if cell is None else str(cell).strip()


def _trimmed(names: list[str], data: Sequence[Sequence[Any]]) -> list[str]:
    """The names without nameless columns at the end in which nothing stands."""
    width = len(names)
    while width > 1 and not names[width - 1] and not any(len(row) >= width and row[width - 1] not in ("", None) for row in data):
        width -= 1
    return names[:width]


def _samples(data: Sequence[tuple[int, list[Any]]], width: int) -> tuple[tuple[Any, ...], ...]:
    return tuple(tuple([*values, *[""] * (width - len(values))][:width]) for _number, values in data[:SAMPLES])


def _preamble(studied: Sequence[Sequence[Any]], until: int) -> tuple[str, ...]:
    texts = (" ".join(str(cell) for cell in row if cell not in ("", None)).strip() for row in studied[: until - 1])
    return tuple(text for text in texts if text)


def _closing_row(studied: Sequence[Sequence[Any]], first: int, width: int) -> int:
    """The last row of data when notes follow it: a blank row, then lines of a single cell to the end; else 0."""
    place = len(studied)
    while place > first and len(studied[place - 1]) <= 1:
        place -= 1
    notes = studied[place:]
    if width < 3 or place < first or not any(any(row) for row in notes) or any(notes[0]) or len(notes) > CLOSING:
        return 0
    return place


def _count(path: Path, encoding: Encoding, data: Sequence[tuple[int, Sequence[str]]], ended: bool, *, above: int) -> tuple[int, bool]:
    """The rows of data: counted when all were read, else estimated from the lines of the whole file."""
    if ended or not data:
        return len(data), ended
    lines_each = 1 + sum(cell.count("\n") for _number, row in data for cell in row) / len(data)
    if encoding.lines:
        return max(len(data), round(encoding.lines / lines_each) - above), False
    characters = sum(sum(map(len, row)) + len(row) for _number, row in data) / len(data)
    return max(len(data), round(path.stat().st_size / characters) - above), False


def _inspect_workbook(path: Path, kind: str, chosen: str | None, header_row: int | None, limits: Limits) -> TableInspection:
    with workbooks.open_workbook(path, kind, limits) as book:
        if chosen is not None and chosen not in book.sheets:
            raise UnreadableTable("unknown sheet", sheet=chosen[:60], sheets=", ".join(book.sheets))
        sheet, first_column, read, more = _sheet(book, chosen)
    found = Findings("")
    header, first, names = _layout(read, header_row)
    names = _trimmed(names + [""] * (max(map(len, read)) - len(names)), read[first - 1 :])
    data = [(number, row) for number, row in enumerate(read[first - 1 :], first) if any(cell != "" for cell in row)]
    if others := sum(other != sheet and book.is_filled(other) for other in book.sheets):
        found.add("other sheets", count=others, text=sheet)
    found.about_table(read, header, first, names, data)
    if header and not data:
        found.add("no rows")
    columns = layout.column_names(names, len(names), first_column)
    return TableInspection(
        format=cast("Format", kind),
        columns=columns,
        samples=_samples(data, len(columns)),
        header_row=header,
        first_row=first,
        row_count=len(data) + more,
        row_count_exact=True,
        warnings=tuple(found.remarks),
        preamble=_preamble(read, header or first),
        sheet=sheet,
        sheets=book.sheets,
        first_column=first_column,
    )


def _sheet(book: workbooks.Workbook, chosen: str | None) -> tuple[str, int, list[list[Any]], int]:
    """The chosen sheet, or the first that is not empty: the column it begins with, its first rows, how many more."""
    for sheet in (chosen,) if chosen is not None else book.sheets:
        opened = book.rows(sheet, STUDIED_ROWS)
        read = [values for _number, values in opened]
        if any(cell != "" for row in read for cell in row) or opened.more:
            return sheet, opened.first_column, read, opened.more
    raise UnreadableTable("no table", sheet=chosen or ", ".join(book.sheets)[:60])
