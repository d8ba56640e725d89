"""The container of Excel 97 workbooks and of protected ones, looked through without opening them.

Finds what the container holds, how far the cells of each sheet reach and which formulas failed
(Microsoft's MS-CFB and MS-XLS). Values are read by the parser, not here.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

from guanxi.surfaces.imports.extents import Extent, Limits
from guanxi.surfaces.imports.remarks import UnreadableTable

MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
COLUMNS = 256
"""Of an Excel 97 sheet."""

_LAST = 0xFFFFFFFA
"""Sector numbers from here on are marks, not places."""
_ERRORS = {0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A"}
_SHEET, _PASSWORD, _ERROR, _FORMULA, _DIMENSIONS, _BEGIN = 0x0085, 0x002F, 0x0205, 0x0006, 0x0200, 0x0809
_CELL_RECORDS = frozenset((0x0201, 0x0203, 0x0204, 0x0205, 0x0006, 0x00FD, 0x027E, 0x00D6))
_CELL_ROWS = frozenset((0x00BD, 0x00BE))
"""Several numbers, or several blanks, of one row."""
_OTHERS = {"WordDocument": "document", "PowerPoint Document": "presentation"}


class Container:
    """A compound file: its streams by name."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self.size = 1 << struct.unpack_from("<H", raw, 30)[0]
        self.small = 1 << struct.unpack_from("<H", raw, 32)[0]
        self.cutoff = struct.unpack_from("<I", raw, 56)[0]
        if self.size not in (512, 4096) or self.small != 64:
            raise struct.error("unusual sectors")
        self.table = self._allocation()
        self.small_table = self._numbers(self._chain(struct.unpack_from("<I", raw, 60)[0]))
        self.streams: dict[str, tuple[int, int]] = {}
        self.small_stream = b""
        self._directory(self._chain(struct.unpack_from("<I", raw, 48)[0]))

    def _sector(self, number: int) -> bytes:
        start = (number + 1) * self.size
        return self.raw[start : start + self.size]

    def _numbers(self, raw: bytes) -> list[int]:
        return list(struct.unpack(f"<{len(raw) // 4}I", raw[: len(raw) // 4 * 4]))

    def _allocation(self) -> list[int]:
        places = list(struct.unpack_from("<109I", self.raw, 76))
        more = struct.unpack_from("<I", self.raw, 68)[0]
        seen: set[int] = set()
        while more < _LAST and more not in seen:
            seen.add(more)
            *listed, more = self._numbers(self._sector(more)) or [_LAST]
            places += listed
        table: list[int] = []
        for place in places:
            if place < _LAST:
                table += self._numbers(self._sector(place))
        return table

    def _chain(self, number: int) -> bytes:
        pieces: list[bytes] = []
        while number < _LAST and number < len(self.table):
            if len(pieces) > len(self.table):
                raise struct.error("its sectors form a loop")  # in which the parser would stay for ever
            pieces.append(self._sector(number))
            number = self.table[number]
        return b"".join(pieces)

    def _directory(self, raw: bytes) -> None:
        for start in range(0, len(raw) - 127, 128):
            entry = raw[start : start + 128]
            length, kind = struct.unpack_from("<HB", entry, 64)
            first, size = struct.unpack_from("<II", entry, 116)
            name = entry[: max(min(length, 64) - 2, 0)].decode("utf-16-le", "replace")
            if kind == 5:
                self.small_stream = self._chain(first)[:size]
            elif kind == 2:
                self.streams[name] = (first, size)

    def read(self, name: str) -> bytes:
        """A stream's bytes."""
        first, size = self.streams[name]
        if size >= self.cutoff:
            return self._chain(first)[:size]
        pieces: list[bytes] = []
        while first < _LAST and first < len(self.small_table):
            if len(pieces) > len(self.small_table):
                raise struct.error("its sectors form a loop")
            pieces.append(self.small_stream[first * self.small : (first + 1) * self.small])
            first = self.small_table[first]
        return b"".join(pieces)[:size]


def opened(path: Path) -> Container:
    """The container of a file; damaged ones are refused."""
    try:
        container = Container(path.read_bytes())
        for name in container.streams:
            container.read(name)
    except (struct.error, IndexError, MemoryError) as error:
        raise UnreadableTable("damaged", detail=str(error)[:80]) from error
    return container


def compound_format(path: Path) -> str:
    """What a compound file is: `xls`; anything else is refused by name."""
    streams = opened(path).streams
    if "EncryptedPackage" in streams:
        raise UnreadableTable("password")
    if "Workbook" in streams or "Book" in streams:
        return "xls"
    for name, kind in _OTHERS.items():
        if name in streams:
            raise UnreadableTable("not a table", kind=kind)
    raise UnreadableTable("not a table", kind="unknown")


def look_through_xls(path: Path, _limits: Limits) -> dict[int, Extent]:
    """The extent of every sheet by its order in the workbook."""
    container = opened(path)
    name = "Workbook" if "Workbook" in container.streams else "Book"
    stream = container.read(name)
    starts: list[int] = []
    for kind, body, _place in _records(stream, 0):
        if kind == _PASSWORD:
            raise UnreadableTable("password")
        if kind == _SHEET and len(body) >= 4:
            starts.append(struct.unpack_from("<I", body)[0])
    return {order: _extent(stream, start) for order, start in enumerate(starts)}


def _records(stream: bytes, place: int) -> Iterator[tuple[int, bytes, int]]:
    """The records of one part of the stream, up to its end mark."""
    depth = 0
    while place + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, place)
        yield kind, stream[place + 4 : place + 4 + length], place
        place += 4 + length
        depth += kind == _BEGIN
        if kind == 0x000A:
            depth -= 1
            if depth <= 0:
                return


def _extent(stream: bytes, start: int) -> Extent:
    extent = Extent()
    for kind, body, _place in _records(stream, start):
        if kind in _CELL_RECORDS and len(body) >= 6:
            row, column = struct.unpack_from("<HH", body)
            if column >= COLUMNS:
                raise UnreadableTable("damaged", detail=f"a cell in column {column}")
            extent.rows, extent.columns = max(extent.rows, row + 1), max(extent.columns, column + 1)
            if kind == _ERROR and len(body) >= 8 and body[7] == 1:
                extent.errors[row, column] = _ERRORS.get(body[6], "#VALUE!")
            elif kind == _FORMULA and len(body) >= 14 and body[12:14] == b"\xff\xff" and body[6] == 2:
                extent.errors[row, column] = _ERRORS.get(body[8], "#VALUE!")
        elif kind in _CELL_ROWS and len(body) >= 6:
            row, last = struct.unpack_from("<H", body)[0], struct.unpack_from("<H", body, len(body) - 2)[0]
            extent.rows, extent.columns = max(extent.rows, row + 1), max(extent.columns, last + 1)
    return extent
