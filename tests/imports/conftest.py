"""Makers of spreadsheets in the formats that no writer at hand makes: OpenDocument, Excel 97, protected ones."""

import struct
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

ODS_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?><office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
    ' xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
    ' xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0">'
)
ODS_TYPE = "application/vnd.oasis.opendocument.spreadsheet"


@pytest.fixture
def make_ods(tmp_path: Path) -> Callable[..., Path]:
    """An OpenDocument spreadsheet of one sheet from the XML of its rows."""

    def make(rows: str, manifest: str = "", declared: str = "") -> Path:
        path = tmp_path / "made.ods"
        head = ODS_HEAD.replace("?>", "?>" + declared, 1)
        body = f'{head}<office:body><office:spreadsheet><table:table table:name="T">{rows}</table:table>'
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("mimetype", ODS_TYPE)
            archive.writestr(
                "META-INF/manifest.xml",
                f'<?xml version="1.0"?><manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
                f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{ODS_TYPE}"/>{manifest}</manifest:manifest>',
            )
            archive.writestr("content.xml", body + "</office:spreadsheet></office:body></office:document-content>")
        return path

    return make


@pytest.fixture
def make_xlsx(tmp_path: Path) -> Callable[..., Path]:
    """An Excel workbook; sheets of rows, whatever the writer can write."""

    def make(sheets: Mapping[str, Sequence[Sequence[Any]]], **options: Any) -> Path:
        path = tmp_path / "made.xlsx"
        with xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd", **options}) as book:
            for name, rows in sheets.items():
                sheet = book.add_worksheet(name)
                for number, row in enumerate(rows):
                    sheet.write_row(number, 0, row)
        return path

    return make


def compound(streams: Mapping[str, bytes]) -> bytes:
    """A compound file (MS-CFB, version 3) that holds the streams."""
    padded = {name: body + bytes(-max(len(body), 4096) % 512 if len(body) >= 4096 else 4096 - len(body)) for name, body in streams.items()}
    names = list(padded)
    sectors: list[bytes] = []
    table: list[int] = []
    starts = {}
    for name in names:
        starts[name] = len(sectors)
        count = len(padded[name]) // 512
        sectors += [padded[name][place * 512 : place * 512 + 512] for place in range(count)]
        table += [*range(len(table) + 1, len(table) + count), 0xFFFFFFFE]
    directory_start = len(sectors)
    entries = [_entry("Root Entry", 5, 0xFFFFFFFE, 0, child=1)]
    entries += [
        _entry(name, 2, starts[name], len(padded[name]), right=place + 2 if place + 1 < len(names) else 0xFFFFFFFF)
        for place, name in enumerate(names)
    ]
    directory = b"".join(entries)
    directory += bytes(-len(directory) % 512)
    sectors += [directory[place : place + 512] for place in range(0, len(directory), 512)]
    table += [*range(len(table) + 1, len(sectors)), 0xFFFFFFFE]
    count = -(-(len(sectors) + 1) // 127)
    places = list(range(len(sectors), len(sectors) + count))
    table += [0xFFFFFFFD] * count
    table += [0xFFFFFFFF] * (count * 128 - len(table))
    sectors += [struct.pack("<128I", *table[place * 128 : place * 128 + 128]) for place in range(count)]
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    head += struct.pack("<IIIIIIIII", 0, count, directory_start, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    head += struct.pack("<109I", *(places + [0xFFFFFFFF] * (109 - len(places))))
    return head + b"".join(sectors)


def _entry(name: str, kind: int, start: int, size: int, child: int = 0xFFFFFFFF, right: int = 0xFFFFFFFF) -> bytes:
    raw = name.encode("utf-16-le") + b"\0\0"
    entry = raw.ljust(64, b"\0") + struct.pack("<HBBIII", len(raw), kind, 1, 0xFFFFFFFF, right, child)
    return entry + bytes(36) + struct.pack("<III", start, size, 0)


def _record(kind: int, body: bytes) -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def _cell(row: int, column: int, value: object) -> bytes:
    place = struct.pack("<HHH", row, column, 0)
    if isinstance(value, str) and value.startswith("=error"):
        return _record(0x0205, place + bytes((int(value[6:]), 1)))
    if isinstance(value, str):
        return _record(0x0204, place + struct.pack("<HB", len(value), 1) + value.encode("utf-16-le"))
    assert isinstance(value, (int, float))
    return _record(0x0203, place + struct.pack("<d", value))


@pytest.fixture
def make_xls(tmp_path: Path) -> Callable[..., Path]:
    """An Excel 97 workbook of one sheet from {(row, column): value}; `=error42` is an error of that code."""

    def make(cells: Mapping[tuple[int, int], object], protected: bool = False) -> Path:
        begin = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0, 0, 0, 0))
        password = _record(0x002F, bytes(54)) if protected else b""
        fonts = _record(0x0031, struct.pack("<HHHHHBBBB", 200, 0, 0x7FFF, 400, 0, 0, 0, 0, 0) + bytes((5, 0)) + b"Arial")
        formats = _record(0x00E0, bytes(20))
        name = "客户"
        sheet_name = bytes((len(name), 1)) + name.encode("utf-16-le")
        ahead = len(begin) + len(password) + len(fonts) + len(formats) + 4 + 6 + len(sheet_name) + 4
        bound = _record(0x0085, struct.pack("<IBB", ahead, 0, 0) + sheet_name)
        book = begin + password + fonts + formats + bound + _record(0x000A, b"")
        sheet = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0, 0, 0, 0))
        sheet += b"".join(_cell(row, column, value) for (row, column), value in sorted(cells.items())) + _record(0x000A, b"")
        path = tmp_path / "made.xls"
        path.write_bytes(compound({"Workbook": book + sheet}))
        return path

    return make


@pytest.fixture
def make_compound(tmp_path: Path) -> Callable[[Mapping[str, bytes]], Path]:
    """A compound file with streams of any name."""

    def make(streams: Mapping[str, bytes]) -> Path:
        path = tmp_path / "made.xls"
        path.write_bytes(compound(streams))
        return path

    return make
