"""Roll-ups: fields whose value follows from related records. Declared here, kept by `record/rollups.py`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Rollup:
    """What a field is over related records: how many there are, or one of the other functions over one of their fields.

    `Rollup("deals", sum="amount", where='outcome = "won"')`. With money the amount is converted into the currency of
    the record the field stands on, by the rate of the day `on`; while such a rate is missing there is no value.
    """

    over: str
    """The related list. Its records in the trash do not count."""
    sum: str = ""
    min: str = ""
    max: str = ""
    last: str = ""
    """The value on the last record in the order of `order`; on a tie, on the newest."""
    where: str = ""
    """A condition, as text, on the related record's own fields; it may neither look further nor depend on the day or the reader."""
    order: str = ""
    on: str = ""
    """The related record's day by which its money is converted; the day it was made where that is empty or not said."""

    @property
    def function(self) -> Literal["count", "sum", "min", "max", "last"]:
        """What is done."""
        if self.sum:
            return "sum"
        if self.min:
            return "min"
        if self.max:
            return "max"
        return "last" if self.last else "count"

    @property
    def field(self) -> str:
        """The related record's field it is done with; empty when they are counted."""
        return self.sum or self.min or self.max or self.last

    def __str__(self) -> str:
        told = self.function + (f"({self.field})" if self.field else "()")
        return f"{self.over}[{self.where}].{told}" if self.where else f"{self.over}.{told}"
