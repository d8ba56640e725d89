"""Spreadsheets of Excel, WPS and LibreOffice: their sheets and rows.

The parser (calamine) holds a whole sheet as a full rectangle, drops formula errors, and can be brought to end
its process. So every file is looked through first (`packages`, `compound`) and parsed in a process of its own.
"""

from __future__ import annotations

import datetime as dt
import itertools
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import orjson

from guanxi.surfaces.imports import compound, packages
from guanxi.surfaces.imports.extents import Extent, FormulaError, Limits
from guanxi.surfaces.imports.remarks import UnreadableTable

_ERROR_NAMES = "#N/A #REF! #VALUE! #DIV/0! #NAME? #NULL! #NUM! #SPILL! #CALC! #GETTING_DATA Err:502 Err:504 Err:508 Err:522"
FORMULA_ERRORS = frozenset(_ERROR_NAMES.split())


class Workbook:
    """An open workbook; `with` closes it."""

    def __init__(self, path: Path, extents: dict[int, Extent], limits: Limits) -> None:
        self.limits = limits
        program = Path(__file__).with_name("sheet_parser.py")
        seconds = limits.seconds + limits.seconds * (path.stat().st_size >> 20) // 4
        self._parser = subprocess.Popen(  # noqa: S603 - our own program on a file that we named
            [sys.executable, "-P", str(program), str(path), str(limits.memory), str(seconds)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        try:
            named = self._answer()["sheets"]
        except BaseException:
            self.close()
            raise
        self.sheets: tuple[str, ...] = tuple(name for name, shown in named if shown) or tuple(name for name, _shown in named)
        """The visible sheets of cells, in order."""
        self._extents = {name: extents[order] for order, (name, _shown) in enumerate(named) if order in extents}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_failure: object) -> None:
        self.close()

    def close(self) -> None:
        """End the parser, whatever it is doing."""
        self._parser.kill()
        self._parser.wait()
        for pipe in (self._parser.stdin, self._parser.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()

    def is_filled(self, sheet: str) -> bool:
        """Whether a sheet has cells, as far as was seen without opening it."""
        extent = self._extents.get(sheet)
        return extent is None or extent.rows > 0

    def rows(self, sheet: str, most: int | None = None) -> Sheet:
        """The rows of a sheet, to be gone through once; beyond so many they are only counted."""
        extent = self._extents.get(sheet, Extent())
        extent.check(self.limits, sheet)
        self._ask({"sheet": sheet, "most": most})
        head = self._answer()
        first = head["start"][1] if head["start"] else 0
        errors: dict[int, list[tuple[int, str]]] = {}
        for (row, column), text in extent.errors.items():
            errors.setdefault(row, []).append((column - first, text))
        merges: dict[int, list[tuple[int, int]]] = {}
        for (top, left), (bottom, _right) in head["merged"]:
            if bottom > top and left >= first:
                merges.setdefault(top, []).append((left - first, bottom))
        return Sheet(self._answer, first, errors, merges)

    def _ask(self, question: dict[str, Any]) -> None:
        pipe = self._parser.stdin
        with suppress(OSError):  # a parser that is no more is noticed when it does not answer
            if pipe is not None:
                pipe.write(json.dumps(question).encode() + b"\n")
                pipe.flush()

    def _answer(self) -> Any:
        line = self._parser.stdout.readline() if self._parser.stdout else b""
        if not line.endswith(b"\n"):
            raise UnreadableTable("damaged", detail="the parser gave up")
        answer = orjson.loads(line)
        if isinstance(answer, dict) and "error" in answer:
            if answer["error"] == "password":
                raise UnreadableTable("password")
            raise UnreadableTable("damaged", detail=answer["error"])
        return answer


@dataclass(slots=True)
class Sheet:
    """The rows of a sheet with their numbers as shown, blank ones too; a merge down fills every row of it."""

    answer: Callable[[], Any]
    first_column: int
    """The column of the sheet, from 0, that rows begin with."""
    errors: dict[int, list[tuple[int, str]]]
    merges: dict[int, list[tuple[int, int]]]
    more: int = 0
    """Rows that are not blank beyond those gone through; known at the end."""

    def __iter__(self) -> Iterator[tuple[int, list[Any]]]:
        filling: dict[int, tuple[int, object]] = {}
        for row, values in enumerate(itertools.chain.from_iterable(self._lots())):
            for column, text in self.errors.get(row, ()):
                if column >= 0:
                    _put(values, column, FormulaError(text))
            for column, (last, value) in list(filling.items()):
                if row > last:
                    del filling[column]
                else:
                    _put(values, column, value)
            for column, last in self.merges.get(row, ()):
                if column < len(values):
                    filling[column] = (last, values[column])
            yield row + 1, values

    def _lots(self) -> Iterator[list[list[Any]]]:
        while isinstance(lot := self.answer(), list):
            yield [[_text(cell) if type(cell) is str else _moment(cell) if type(cell) is list else cell for cell in row] for row in lot]
        self.more = lot["more"]


def _put(values: list[Any], column: int, value: object) -> None:
    values += [""] * (column + 1 - len(values))
    values[column] = value


def _text(cell: str) -> str:
    """A text without the carriage returns that Excel writes in words."""
    if cell in FORMULA_ERRORS:
        return FormulaError(cell)
    return cell.replace("_x000D_\n", "\n").replace("\r\n", "\n") if "\n" in cell else cell


def _moment(cell: list[Any]) -> object:
    """A day, moment, time of day or span as it was sent."""
    kind, value = cell
    if kind == "span":
        return dt.timedelta(seconds=value)
    read = {"moment": dt.datetime.fromisoformat, "day": dt.date.fromisoformat, "time": dt.time.fromisoformat}
    return read[kind](value)


def open_workbook(path: Path, kind: str, limits: Limits) -> Workbook:
    """The workbook, once it is known to be safe to open."""
    looks = {"xlsx": packages.look_through_xlsx, "ods": packages.look_through_ods, "xls": compound.look_through_xls}
    extents = looks[kind](path, limits)
    if kind == "ods":  # of which the parser reads every sheet at once
        for extent in extents.values():
            extent.check(limits)
    return Workbook(path, extents, limits)
