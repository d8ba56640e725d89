"""How far the cells of a sheet reach, and how far they may."""

from __future__ import annotations

from dataclasses import dataclass, field

from guanxi.surfaces.imports.remarks import UnreadableTable


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is unpacked and held before a workbook is refused."""

    unpacked: int = 1 << 30
    """Bytes of all its parts together."""
    cells: int = 12_000_000
    """Rows × columns of one sheet; the parser takes about 32 bytes each."""
    parts: int = 10_000
    memory: int = 3 << 30
    """Bytes that the parser may take."""
    seconds: int = 10
    """Time on the processor that the parser may take for a small file; a quarter more for every MB."""


class FormulaError(str):
    """A cell whose formula failed, such as `#N/A`: a text that is no value."""

    __slots__ = ()


@dataclass(slots=True)
class Extent:
    """How far the cells of a sheet reach, and its errors."""

    rows: int = 0
    columns: int = 0
    errors: dict[tuple[int, int], str] = field(default_factory=dict)
    """(row, column), from 0, of cells whose formula failed."""
    name: str = ""

    def check(self, limits: Limits, name: str = "") -> None:
        """Refuse a sheet that would take too much memory: mostly it has a stray cell far away."""
        if self.rows * self.columns > limits.cells:
            raise UnreadableTable("too many cells", sheet=name or self.name, rows=f"{self.rows:,}", columns=f"{self.columns:,}")
