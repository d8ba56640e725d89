"""A program of its own that parses one workbook: `python sheet_parser.py FILE MEMORY SECONDS`.

A damaged workbook can make the parser ask for all memory there is, which ends its process and cannot be
caught. So it runs apart, with a limit: it answers each sheet's name read from standard input with lines of
JSON on standard output. It imports nothing of the product, to start quickly.
"""

import datetime as dt
import itertools
import json
import resource
import sys
from collections.abc import Iterator
from typing import Any

import orjson
import python_calamine as calamine

TOGETHER = 500
"""Rows in one line."""
_KINDS = {dt.datetime: "moment", dt.date: "day", dt.time: "time", dt.timedelta: "span"}


def main(path: str, memory: int, seconds: int) -> None:
    """Say the sheets, then answer for every sheet that is asked for."""
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        book = calamine.CalamineWorkbook.from_path(path)
        worksheet, visible = calamine.SheetTypeEnum.WorkSheet, calamine.SheetVisibleEnum.Visible
        say({"sheets": [[one.name, one.typ == worksheet and one.visible == visible] for one in book.sheets_metadata]})
        for line in sys.stdin:
            asked = json.loads(line)
            sheet = book.get_sheet_by_name(asked["sheet"])
            say({"start": sheet.start, "merged": sheet.merged_cell_ranges or []})
            rows = sheet.iter_rows()
            for lot in in_lots(itertools.islice(rows, asked["most"])):
                say(lot)
            say({"more": sum(any(cell != "" for cell in row) for row in rows)})
    except calamine.PasswordError:
        say({"error": "password"})
    except BaseException as error:  # noqa: BLE001 - the parser's own panic is no Exception, and whatever it is must be said
        say({"error": (str(error).splitlines() or [type(error).__name__])[0][:80]})


def in_lots(rows: Iterator[list[Any]]) -> Iterator[list[list[Any]]]:
    """The rows as they can be sent, so many together, without the blank cells at their ends."""
    lot: list[list[Any]] = []
    for row in rows:
        while row and row[-1] == "":
            row.pop()
        lot.append([cell if type(cell) is str or type(cell) is bool else sendable(cell) for cell in row])
        if len(lot) == TOGETHER:
            yield lot
            lot = []
    yield lot


def sendable(cell: Any) -> Any:
    """A cell as JSON: whole numbers as such, times as [kind, text]."""
    if type(cell) is float:
        return int(cell) if cell.is_integer() and abs(cell) < 1e15 else cell
    kind = _KINDS.get(type(cell))
    if kind is None:
        return cell
    return [kind, cell.total_seconds() if isinstance(cell, dt.timedelta) else cell.isoformat()]


def say(answer: Any) -> None:
    """One line of JSON, at once."""
    sys.stdout.buffer.write(orjson.dumps(answer) + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
