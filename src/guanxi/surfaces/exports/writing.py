"""Rows of a file out of records: exact values, links by title, formulas made harmless.

What goes out comes in again unchanged, so whatever is written here `imports` reads back.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import tempfile
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import IO, Any

import xlsxwriter
from django.db.models import Q

from guanxi.access.sight import clear, readable
from guanxi.access.titles import Titles, titles_for
from guanxi.base.money import Money
from guanxi.entity.actors import Actor
from guanxi.entity.entity import Entity
from guanxi.entity.field import Field
from guanxi.entity.kinds import Day, Number, Percent
from guanxi.entity.registry import entity_named
from guanxi.record.reach import reachable, visible
from guanxi.surfaces.exports.heads import OWN_KEY, head_of
from guanxi.surfaces.reading import Query, every, rows

NUMBER = re.compile(r"[+-]?[\d.,]+")
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
NOT_PLAIN = re.compile(r".*\[#\d+\]|\d+|[-–—/]+|.*[;,；，、\n].*|n/a|#n/a|null|none|\(null\)|\(none\)|nan|\\n", re.DOTALL | re.IGNORECASE)
"""Titles that stand for something else in a file: for a number, for nothing, for several."""
SEPARATORS = str.maketrans(dict.fromkeys(";,；，、\n", " "))
XLSX_ROWS = 1_048_575
"""What a worksheet holds below its head."""
XLSX_TEXT = 32_767
CUT = " […]"
"""Behind a text that is longer than a cell of a worksheet may be; such a text changes nothing when it comes back."""
EXCEL_BEGINS = dt.date(1900, 3, 1)
"""Days before are counted wrongly by Excel."""

Cell = str | Decimal | int | dt.date


def harmless(text: str) -> str:
    """The text with an apostrophe before it when a spreadsheet would run it as a formula."""
    return f"'{text}" if text.startswith((*FORMULA, "'")) and not NUMBER.fullmatch(text) else text


def bare(text: str) -> str:
    """The text that `harmless` was given."""
    return text[1:] if text.startswith("'") and text[1:].startswith((*FORMULA, "'")) else text


def columns_for(entity: Entity, names: Sequence[str], *, to: Actor) -> list[Field]:
    """The fields to export: those named, or all data fields; the key first, hidden ones never."""
    allowed = {one.name: one for one in readable(entity, entity.data_fields, to=to)}
    chosen = [allowed[name] for name in names if name in allowed] if names else list(allowed.values())
    key = allowed.get(OWN_KEY)
    return [key, *(one for one in chosen if one.name != OWN_KEY)] if key else chosen


def table(query: Query, fields: Sequence[Field], *, to: Actor, chunk: int = 500) -> Iterator[list[Cell]]:
    """The head, in the language in force now, then a row for each record the actor may export. Forbidden where they are too many."""
    if query.entity.taken_along:
        may_export = Q(to.rights.where("export", query.entity.path))
        query.entity.taken_along(rows(query, to=to).filter(may_export), fields, to)
    heads: list[Cell] = [head_of(query.entity, one) for one in fields]
    return _lines(heads, query, fields, to, chunk)


def _lines(heads: list[Cell], query: Query, fields: Sequence[Field], to: Actor, chunk: int) -> Iterator[list[Cell]]:
    yield heads
    entity = query.entity
    may_export = to.rights.where("export", entity.path)
    for records in every(query, to=to, chunk=chunk):
        if may_export:
            keys = set(reachable(entity, "export", to).filter(pk__in=[one.pk for one in records]).values_list("pk", flat=True))
            records = [one for one in records if one.pk in keys]
        titles = titles_for(records, fields, to=to)
        named = named_apart(titles, to=to)
        yield from ([_cell(entity, one, record, named, to) for one in fields] for record in records)


def _cell(entity: Entity, one: Field, record: Any, named: Titles, to: Actor) -> Cell:
    value = one.of(record)
    if not clear(entity, one, to=to):
        return one.k.mask(value)
    target = one.k.linked()
    if target is not None:
        return _names(target, value, named)
    if isinstance(value, Money):
        value = value.amount
    if isinstance(one.k, Number) and isinstance(value, (Decimal, int)):
        return one.k.text(value) if isinstance(one.k, Percent) else Decimal(str(one.k.dump(value)))
    return value if isinstance(one.k, Day) and value else one.k.text(value)


def _names(target: str, value: Any, named: Titles) -> str:
    """The linked records' titles, as far as the reader sees them."""
    if isinstance(value, (list, tuple)):
        told = [(key, named[target, key]) for key in value if (target, key) in named]
        return "; ".join(title.translate(SEPARATORS) if title.endswith(f"[#{key}]") else title for key, title in told)
    return named.get((target, value), "") if value is not None else ""


def named_apart(titles: Titles, *, to: Actor) -> Titles:
    """Titles by which their records would not be found again get the record's number behind: shared ones, numbers, those in the trash."""
    by_entity: dict[str, set[str]] = {}
    for (path, _key), title in titles.items():
        by_entity.setdefault(path, set()).add(title)
    meant: dict[tuple[str, str], set[int]] = {}
    for path, names in by_entity.items():
        entity = entity_named(path)
        columns = [entity.title, *(name for name in ("username", "email") if name in entity.bound)]
        where = Q()
        for column in columns:
            where |= Q(**{f"{column}__in": names})
        for key, *said in visible(entity, to=to).filter(where).values_list("pk", *columns):
            for text in said:
                meant.setdefault((path, str(text)), set()).add(key)
    plain = {
        (path, key): meant.get((path, title)) == {key} and not NOT_PLAIN.fullmatch(title) and " ".join(title.split()) == title
        for (path, key), title in titles.items()
    }
    return {(path, key): title if plain[path, key] else f"{title} [#{key}]" for (path, key), title in titles.items()}


# ——— CSV ———


def csv_lines(lines: Iterator[Sequence[Cell]]) -> Iterator[bytes]:
    """CSV as a stream of bytes: UTF-8 with a mark, so that spreadsheets read Chinese."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    yield b"\xef\xbb\xbf"
    for number, line in enumerate(lines):
        writer.writerow([harmless(cell) if isinstance(cell, str) else _plain(cell) for cell in line])
        if number % 200 == 199:
            yield _emptied(buffer)
    yield _emptied(buffer)


def _plain(cell: Decimal | int | dt.date) -> str:
    return f"{cell:f}" if isinstance(cell, Decimal) else cell.isoformat() if isinstance(cell, dt.date) else str(cell)


def _emptied(buffer: io.StringIO) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode()


# ——— XLSX ———


def xlsx_file(lines: Iterator[Sequence[Cell]], sheet: str) -> IO[bytes]:
    """A workbook in a temporary file, written row by row; further sheets when one is full. Texts are texts: nothing runs."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    book = xlsxwriter.Workbook(file, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    bold, day = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd"})
    head = [str(cell) for cell in next(lines)]
    number, page = XLSX_ROWS, None
    for line in lines:
        if number >= XLSX_ROWS:
            page, number = _sheet(book, sheet, head, bold), 0
        number += 1
        for place, cell in enumerate(line):
            _write(page, number, place, cell, day)
    if page is None:
        _sheet(book, sheet, head, bold)
    book.close()
    file.seek(0)
    return file


def _write(page: Any, row: int, column: int, cell: Cell, day: Any) -> None:
    if isinstance(cell, (Decimal, int)) and Decimal(repr(float(cell))) == cell:
        page.write_number(row, column, float(cell))
    elif isinstance(cell, dt.date) and cell >= EXCEL_BEGINS:
        page.write_datetime(row, column, cell, day)
    elif isinstance(cell, str):
        # What the import would take for our apostrophe before a formula is given one, to lose it there.
        text = cell if bare(cell) == cell else f"'{cell}"
        page.write_string(row, column, text if len(text) <= XLSX_TEXT else text[: XLSX_TEXT - len(CUT)] + CUT)
    else:
        page.write_string(row, column, _plain(cell))


def _sheet(book: Any, name: str, head: Sequence[str], bold: Any) -> Any:
    taken = len(book.worksheets())
    title = (name[:26] + (f" {taken + 1}" if taken else "")).translate(str.maketrans("", "", "[]:*?/\\"))
    page = book.add_worksheet(title or None)
    for place, text in enumerate(head):
        page.write_string(0, place, text, bold)
    page.freeze_panes(1, 0)
    return page


# ——— around ———


def file_name(entity: Entity, day: dt.date, ending: str) -> str:
    """What the file is called."""
    return f"{entity.path}-{day.isoformat()}.{ending}"


def how_many(query: Query, *, to: Actor) -> int:
    """How many rows there will be at most; for a progress bar."""
    return int(rows(query, to=to).count())
