"""The ZIP packages of Excel and OpenDocument workbooks, looked through without opening them.

Finds what a package is, what it unpacks to, how far the cells of each sheet reach and which formulas failed.
Values are read by the parser, not here.
"""

from __future__ import annotations

import re
import xml.parsers.expat
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from guanxi.surfaces.imports.extents import Extent, Limits
from guanxi.surfaces.imports.remarks import UnreadableTable

_PIECE = 1 << 18
_OVERLAP = 1 << 14
_PLACES = re.compile(rb' r="([A-Z]{0,3}\d{1,7})"')
"""Where rows and cells say that they are, as every program writes it; a literal beginning is found fastest."""
_ODD_PLACES = re.compile(rb"""\sr\s*=\s*["']([A-Z]{0,3}\d{1,7})["']""")
_LETTERS = bytes(range(65, 91))
_DIGITS = b"0123456789"
_ERROR_CELL = re.compile(
    rb"""<(?:\w+:)?c\s[^>]*?\bt=["']e["'][^>]*>(?:<(?:\w+:)?f[^>]*?(?:/>|>[^<]*</(?:\w+:)?f>))?<(?:\w+:)?v>([^<]{1,20})<"""
)
_TAGS = re.compile(rb"<(?:\w+:)?(row|c)[\s>/]")
_REFERENCE = re.compile(rb"""\br=["']([A-Z]{1,3})(\d{1,7})["']""")
_DISGUISED = re.compile(rb"""\sr=["'][^"'>]{0,20}&""")
_OFFICE = "urn:oasis:names:tc:opendocument:xmlns:"


def zip_format(path: Path) -> str:
    """What a ZIP file is: `xlsx`, `ods`; anything else is refused by name."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
            protected = any(entry.flag_bits & 1 for entry in archive.infolist())
            mimetype = archive.read("mimetype")[:80] if "mimetype" in names and not protected else b""
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, zlib.error) as error:
        raise UnreadableTable("damaged", detail=_short(error)) from error
    if protected:
        raise UnreadableTable("password")
    if "xl/workbook.xml" in names or any(name.lower() == "xl/workbook.xml" for name in names):
        return "xlsx"
    if b"opendocument.spreadsheet" in mimetype or (mimetype == b"" and {"content.xml", "META-INF/manifest.xml"} <= names):
        return "ods"
    if "xl/workbook.bin" in names:
        raise UnreadableTable("binary workbook")
    if any(name.endswith(".iwa") or name == "Index.zip" for name in names):
        raise UnreadableTable("numbers")
    if "word/document.xml" in names or b"opendocument.text" in mimetype:
        raise UnreadableTable("not a table", kind="document")
    if "ppt/presentation.xml" in names or b"opendocument.presentation" in mimetype:
        raise UnreadableTable("not a table", kind="presentation")
    raise UnreadableTable("archive", kind="ZIP")


def _unpacked(path: Path, limits: Limits) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Every part of a ZIP in pieces. Sizes are counted while unpacking: the directory of a bomb lies."""
    left = limits.unpacked
    with zipfile.ZipFile(path) as archive, path.open("rb") as raw:
        entries = archive.infolist()
        if len(entries) > limits.parts:
            raise UnreadableTable("too large unpacked", limit=limits.unpacked >> 20)
        for entry in entries:
            if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise UnreadableTable("damaged", detail=f"compression {entry.compress_type}")

            def pieces(entry: zipfile.ZipInfo = entry) -> Iterator[bytes]:
                nonlocal left
                for piece in _inflate(raw, entry):
                    left -= len(piece)
                    if left < 0:
                        raise UnreadableTable("too large unpacked", limit=limits.unpacked >> 20)
                    yield piece

            read = pieces()
            yield entry.filename, read
            for _rest in read:  # what the caller did not look at counts too
                pass


def _inflate(raw: Any, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    raw.seek(entry.header_offset)
    header = raw.read(30)
    if header[:4] != b"PK\x03\x04":
        raise zipfile.BadZipFile("a part is missing")
    raw.seek(int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little"), 1)
    left = entry.compress_size
    inflater = zlib.decompressobj(-15) if entry.compress_type == zipfile.ZIP_DEFLATED else None
    while left > 0:
        packed = raw.read(min(left, _PIECE))
        if not packed:
            raise zipfile.BadZipFile("the file ends too early")
        left -= len(packed)
        while packed:
            piece = inflater.decompress(packed, _PIECE * 4) if inflater else packed
            packed = inflater.unconsumed_tail if inflater else b""
            yield piece


def look_through_xlsx(path: Path, limits: Limits) -> dict[int, Extent]:
    """The extent of every sheet by its order in the workbook."""
    parts: dict[str, Extent] = {}
    texts: dict[str, bytes] = {}
    try:
        for name, pieces in _unpacked(path, limits):
            if name.startswith("xl/worksheets/") and name.endswith(".xml"):
                parts[name] = _xlsx_extent(pieces)
            elif name in ("xl/workbook.xml", "xl/_rels/workbook.xml.rels"):
                texts[name] = b"".join(pieces)
    except (zipfile.BadZipFile, zlib.error, OSError) as error:
        raise UnreadableTable("damaged", detail=_short(error)) from error
    order = _sheet_parts(texts)
    found = {place: parts[part] for place, part in enumerate(order) if part in parts}
    if any(part not in parts for part in order) or not order:
        # A part that cannot be told by name must be no larger than allowed either.
        widest = max(parts.values(), key=lambda extent: extent.rows * extent.columns, default=Extent())
        found |= {place: Extent(widest.rows, widest.columns) for place in range(len(order) or 1) if place not in found}
    return found


def _sheet_parts(texts: dict[str, bytes]) -> list[str]:
    """The part of each sheet, in the workbook's order."""
    links = {}
    for found in re.finditer(rb"<(?:\w+:)?Relationship\s[^>]*>", texts.get("xl/_rels/workbook.xml.rels", b"")):
        attributes = dict(re.findall(rb"""(\w+)=["']([^"']*)["']""", found[0]))
        target = attributes.get(b"Target", b"").decode("utf-8", "replace")
        links[attributes.get(b"Id", b"")] = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    sheets = re.findall(rb"""<(?:\w+:)?sheet\s[^>]*?\b\w+:id=["']([^"']*)["']""", texts.get("xl/workbook.xml", b""))
    return [links.get(sheet, "") for sheet in sheets]


def _xlsx_extent(pieces: Iterator[bytes]) -> Extent:
    """How far the cells of a sheet's XML reach. By pattern, not by parsing: as fast as it unpacks."""
    extent = Extent()
    columns: set[bytes] = set()
    tail = b""
    unplaced = most_unplaced = 0
    for piece in pieces:
        text = tail + piece
        if b"&#" in text and _DISGUISED.search(text):
            raise UnreadableTable("damaged", detail="a cell's place is disguised")
        tags = text.count(b"<c ") + text.count(b"<c>") + text.count(b"<row ")
        places = _PLACES.findall(text)
        if len(places) < tags:
            places = _ODD_PLACES.findall(text)
        together = b" ".join(places)
        columns.update(together.translate(None, _DIGITS).split())
        extent.rows = max(extent.rows, max(map(int, together.translate(None, _LETTERS).split()), default=0))
        if b't="e"' in text or b"t='e'" in text:
            _note_errors(text, extent)
        if len(places) < tags - 1:
            # Cells that do not say where they are stand one after the other.
            for tag in _TAGS.finditer(piece):
                unplaced = 0 if tag[1] == b"row" else unplaced + 1
                most_unplaced = max(most_unplaced, unplaced)
        tail = text[-_OVERLAP:]
    extent.columns = max(max(map(_column_number, columns), default=-1) + 1, most_unplaced)
    return extent


def _note_errors(text: bytes, extent: Extent) -> None:
    for found in _ERROR_CELL.finditer(text):
        if place := _REFERENCE.search(found[0]):
            extent.errors[int(place[2]) - 1, _column_number(place[1])] = found[1].decode("ascii", "replace")


def _column_number(name: bytes) -> int:
    """The number of a column from 0: `A` is 0."""
    number = 0
    for letter in name:
        number = number * 26 + letter - 64
    return number - 1


class _OdsReader:
    """Counts the cells of an OpenDocument sheet as the parser will lay them out, repeats included."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.extents: dict[int, Extent] = {}
        self.table = -1
        self.row = self.column = self.repeat_rows = 0
        self.repeat_columns = 1
        self.filled = self.in_error = False
        self.text = ""
        self.row_filled = 0
        self.pending_rows = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        kind = name.rpartition(" ")[2]
        if kind == "table":
            self.table += 1
            self.extents[self.table] = Extent(name=attributes.get(f"{_OFFICE}table:1.0 name", ""))
            self.row = 0
        elif kind == "table-row":
            self.repeat_rows = int(attributes.get(f"{_OFFICE}table:1.0 number-rows-repeated", "1"))
            self.column = self.row_filled = 0
        elif kind in ("table-cell", "covered-table-cell"):
            self.repeat_columns = int(attributes.get(f"{_OFFICE}table:1.0 number-columns-repeated", "1"))
            self.filled = any(key.startswith(f"{_OFFICE}office:1.0 value") for key in attributes)
            self.in_error = any(key.endswith("calcext:1.0 value-type") and value == "error" for key, value in attributes.items())
            self.text = ""

    def words(self, text: str) -> None:
        self.filled = self.filled or bool(text.strip())
        if self.in_error:
            self.text += text

    def end(self, name: str) -> None:
        kind = name.rpartition(" ")[2]
        extent = self.extents.get(self.table)
        if extent is None:
            return
        if kind in ("table-cell", "covered-table-cell"):
            if self.in_error and self.repeat_rows == 1:
                extent.errors[self.row, self.column] = self.text.strip() or "#VALUE!"
            self.column += self.repeat_columns
            if self.filled:
                self.row_filled = self.column
            self.filled = self.in_error = False
        elif kind == "table-row":
            self.row += self.repeat_rows
            if self.row_filled:
                extent.rows = self.row
                extent.columns = max(extent.columns, self.row_filled)


def look_through_ods(path: Path, limits: Limits) -> dict[int, Extent]:
    reader = _OdsReader(limits)
    try:
        for name, pieces in _unpacked(path, limits):
            if name == "META-INF/manifest.xml" and b"encryption-data" in b"".join(pieces):
                raise UnreadableTable("password")
            if name == "content.xml":
                parser = xml.parsers.expat.ParserCreate(namespace_separator=" ")
                parser.StartElementHandler = reader.start
                parser.EndElementHandler = reader.end
                parser.CharacterDataHandler = reader.words
                parser.EntityDeclHandler = _refuse_entity
                for piece in pieces:
                    parser.Parse(piece, False)
                parser.Parse(b"", True)
    except (zipfile.BadZipFile, zlib.error, OSError, ValueError, xml.parsers.expat.ExpatError) as error:
        raise UnreadableTable("damaged", detail=_short(error)) from error
    return reader.extents


def _refuse_entity(*_declaration: object) -> None:
    """Entities that expand are how a small file of XML becomes a large one; no spreadsheet declares any."""
    raise UnreadableTable("damaged", detail="it declares entities")


def _short(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:80]
