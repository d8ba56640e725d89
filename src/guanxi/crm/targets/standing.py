"""How far one is on the way to a target, and whether that is as far as it should be by now."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from guanxi.crm.forecast.spans import Span

ZERO = Decimal(0)


@dataclass(frozen=True)
class Standing:
    """How far one is on the way to a target."""

    target: Decimal
    done: Decimal
    due: Decimal
    """What would be done by now if it were done evenly over working days."""
    weeks: Decimal
    """Weeks of five working days that are left."""
    coming: Decimal | None = None
    """What may still come; None where that is not known."""

    @property
    def gap(self) -> Decimal:
        return max(self.target - self.done, ZERO)

    @property
    def attained(self) -> Decimal | None:
        """As a fraction."""
        return self.done / self.target if self.target else None

    @property
    def coverage(self) -> Decimal | None:
        """How many times the open deals are the gap."""
        return self.coming / self.gap if self.gap and self.coming is not None else None

    @property
    def weekly(self) -> Decimal | None:
        """What is needed in each week that is left."""
        return self.gap / max(self.weeks, Decimal(1)) if self.weeks else None

    @property
    def pace(self) -> Decimal | None:
        """What is done against what would be due by now, as a fraction; None before anything is."""
        return self.done / self.due if self.due else None


def standing(done: Decimal, target: Decimal, span: Span, today: dt.date, coming: Decimal | None = None) -> Standing:
    """How far one is, on a day."""
    every, gone = working_days(span.first, span.after), working_days(span.first, min(max(today, span.first), span.after))
    due = target * gone / every if every else target
    return Standing(target, done, due, Decimal(every - gone) / 5, coming)


def working_days(first: dt.date, after: dt.date) -> int:
    """Mondays to Fridays from a day to before another."""
    whole, rest = divmod((after - first).days, 7)
    return whole * 5 + sum((first.weekday() + at) % 7 < 5 for at in range(rest))
