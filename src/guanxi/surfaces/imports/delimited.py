"""Text tables: what separates the cells, what quotes them, and the records of the file."""

from __future__ import annotations

import csv
import io
import itertools
import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from guanxi.surfaces.imports.remarks import UnreadableTable

DELIMITERS = (",", ";", "\t", "|", "^", "\x1f", "，", "；")
LONGEST_CELL = 1_000_000
WIDEST_ROW = 16_384
JUDGED_RECORDS = 500
_SEP_LINE = re.compile(r"\ufeff?\"?sep=(.)\"?[ \t;,]*\r?\n?$", re.IGNORECASE)
_ESCAPED = re.compile(r'\\"(?=[^,;\t|\r\n])')
# Swallowed by the cell that an unclosed quotation mark opened, else read as the last record.
_END = "\x1dend of table\x1d"


@dataclass(frozen=True, slots=True)
class Dialect:
    """How the cells of a text table are told apart."""

    delimiter: str = ","
    quote: str = '"'
    """Empty when no character quotes."""
    escape: str = ""

    def options(self) -> dict[str, Any]:
        """For `csv.reader`."""
        quoting = csv.QUOTE_MINIMAL if self.quote else csv.QUOTE_NONE
        return {
            "delimiter": self.delimiter,
            "quotechar": self.quote or None,
            "quoting": quoting,
            "escapechar": self.escape or None,
        }


def records(lines: Iterable[str], dialect: Dialect) -> Iterator[list[str]]:
    """The records of a text table, the blank ones empty; the number of each is its place, from 1."""
    # The module's limit is for the whole process; without raising it every long note would be refused.
    csv.field_size_limit(LONGEST_CELL)
    reader = csv.reader(itertools.chain(lines, (_END,)), **dialect.options())
    before: list[str] | None = None
    count = 0
    try:
        for record in reader:
            if before is not None:
                yield before
            before = record
            count += 1
    except csv.Error as error:
        raise _refusal(error, count + 1) from error
    except UnicodeDecodeError as error:
        raise UnreadableTable("wrong encoding", row=count + 1, encoding=error.encoding) from error
    if before != [_END]:
        raise UnreadableTable("open quote", row=count)


def _refusal(error: csv.Error, row: int) -> UnreadableTable:
    if "field larger" in str(error):
        return UnreadableTable("long cell", row=row, limit=f"{LONGEST_CELL:,}")
    return UnreadableTable("broken row", row=row, detail=str(error))


def sniff(text: str, delimiter: str | None = None, quote: str | None = None) -> Dialect:
    """The dialect in which the start of a file reads as a table of equally wide rows."""
    for name in (delimiter, quote):
        if name is not None and len(name) > 1:
            raise UnreadableTable("bad delimiter")
    if delimiter is None:
        delimiter = named_separator(text) or best_delimiter(text, quote)
    if quote is None:
        quote = _quote(text, delimiter)
    escape = "\\" if quote and len(_ESCAPED.findall(text)) > text.count('""') else ""
    return Dialect(delimiter, quote, escape)


def named_separator(text: str) -> str | None:
    """The delimiter that a first line such as `sep=;` names, as Excel writes it."""
    found = _SEP_LINE.match(text[:20].split("\n", 1)[0] + "\n")
    return found[1] if found else None


def best_delimiter(text: str, quote: str | None = None) -> str:
    """The delimiter that gives the widest, most even rows."""
    quote = '"' if quote is None else quote
    scored = [(_evenness(text, Dialect(one, quote)), -order, one) for order, one in enumerate(DELIMITERS) if one in text]
    best = max(scored, default=(0.0, 0, ","))
    return best[2] if best[0] > 0 else ","


def _evenness(text: str, dialect: Dialect) -> float:
    """How much a text looks like a table when cut by a delimiter; 0 when it is never cut."""
    read = sample_records(text, dialect, JUDGED_RECORDS)
    rows = [record for record in read if any(cell.strip() for cell in record)]
    if not rows:
        return 0.0
    widths = Counter(len(row) for row in rows if len(row) > 1)
    if not widths:
        return 0.0
    width, count = max(widths.items(), key=lambda pair: pair[1] * (1 + math.log2(pair[0])))
    cells = [cell for row in rows if len(row) == width for cell in row[1:]]
    # A comma in prose or in “Meyer, Anna” is followed by a space.
    spaced = sum(cell.startswith(" ") for cell in cells) / len(cells)
    # What stands inside a quoted cell is no delimiter; cutting there leaves quotation marks at the cut.
    torn = sum(cell.count('"') % 2 for cell in cells) / len(cells)
    return count / len(rows) * (1 + math.log2(width)) * (1 - 0.7 * spaced) * (1 - torn)


def sample_records(text: str, dialect: Dialect, most: int) -> list[list[str]]:
    """The first records of a text that may be cut off anywhere; as many as can be read."""
    csv.field_size_limit(LONGEST_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), **dialect.options())
    found: list[list[str]] = []
    try:
        found.extend(itertools.islice(reader, most))
    except csv.Error:
        return found
    return found


def _quote(text: str, delimiter: str) -> str:
    """The character around cells: a double quotation mark, unless only single ones are around cells."""
    edge = re.escape(delimiter)
    if re.search(rf'(?:^|{edge})"', text, re.MULTILINE):
        return '"'
    single = len(re.findall(rf"(?:^|{edge})'[^'\r\n]*'(?={edge}|\r|\n|$)", text, re.MULTILINE))
    opened = len(re.findall(rf"(?:^|{edge})'", text, re.MULTILINE))
    return "'" if single > 1 and single >= 0.9 * opened else '"'


def swallowed(record: Sequence[str], delimiter: str) -> bool:
    """Whether a cell holds several rows, as after a quotation mark that nobody closed."""
    for cell in record:
        if cell.count("\n") > 2:
            inner = [line for line in cell.split("\n") if line]
            if len(record) > 1 and sum(line.count(delimiter) >= max(len(record) - 1, 2) for line in inner) > 2:
                return True
    return False
