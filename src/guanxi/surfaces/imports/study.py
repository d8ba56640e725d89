"""A file looked at before it is brought in: what it holds, how its columns write dates, numbers and percentages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from guanxi.surfaces.imports.looks import ColumnFormat, column_format, parse_number
from guanxi.surfaces.imports.reading import TableInspection, inspect, rows

STUDIED = 1000
"""Rows from which the way of writing is told."""


@dataclass(frozen=True)
class Study:
    """What is known of a file; kept with the import, so that its rows are read alike to the end."""

    inspection: TableInspection
    formats: tuple[ColumnFormat, ...]
    percents: tuple[bool, ...]
    """Of each column, whether its numbers are per cent (60) rather than shares (0.6)."""

    @property
    def is_chinese(self) -> bool:
        """Whether its columns or first rows are in Chinese."""
        texts = [*self.inspection.columns, *(str(cell) for row in self.inspection.samples for cell in row)]
        return any("\u4e00" <= letter <= "\u9fff" for text in texts for letter in text)

    def to_json(self) -> dict[str, Any]:
        """As kept with the import."""
        return {"inspection": self.inspection.to_json(), "formats": [asdict(one) for one in self.formats], "percents": list(self.percents)}

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> Study:
        """Back from `to_json`."""
        formats = tuple(ColumnFormat(**one) for one in kept["formats"])
        return cls(TableInspection.from_json(kept["inspection"]), formats, tuple(kept["percents"]))


def study(path: str | Path, reading: dict[str, Any]) -> Study:
    """The file as the person has it read. UnreadableTable."""
    return studied(path, inspect(path, **reading))


def studied(path: str | Path, inspection: TableInspection) -> Study:
    """How the columns of a file are written. UnreadableTable."""
    sample = [row.values for row in islice(rows(path, inspection), STUDIED)]
    columns = [[row[index] for row in sample] for index in range(len(inspection.columns))]
    return Study(inspection, tuple(map(column_format, columns)), tuple(map(_are_percents, columns)))


def _are_percents(cells: Sequence[Any]) -> bool:
    """Whether the numbers of a column lie between 0 and 100 rather than 0 and 1."""
    plain = [cell for cell in cells if str(cell).strip() and not str(cell).strip().endswith(("%", "％"))]
    numbers = [abs(number) for cell in plain if (number := parse_number(str(cell), ".")) is not None]
    return bool(numbers) and 1 < max(numbers) <= 100 and len(numbers) >= len(plain) * 0.8
