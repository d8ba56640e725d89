"""How long deals stay in stages: each stay from the periods that the record keeps, as a histogram of hours."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection

HOURS = 24
STAYS = """
    SELECT stage_id, hours, count(*), sum(CASE WHEN hours IS NULL THEN greatest(date_part('epoch', %s - began_at), 0) END)
    FROM crm_stageperiod WHERE stage_id = ANY(%s) AND deal_id IN ({deals}) GROUP BY 1, 2
"""


@dataclass
class Stays:
    """The stays in one stage: how many ended and how long they were, and apart from them those that go on. In days."""

    ended: int = 0
    still: int = 0
    _so_far: float = 0
    _hours: list[tuple[int, int]] = field(default_factory=list)

    def add(self, hours: int | None, count: int, so_far: float | None) -> None:
        """So many stays of so many hours; those that go on have none, but seconds until now."""
        if hours is None:
            self.still, self._so_far = self.still + count, self._so_far + (so_far or 0)
        else:
            self.ended += count
            self._hours.append((hours, count))

    @property
    def mean(self) -> float | None:
        """Of those that ended."""
        return sum(hours * count for hours, count in self._hours) / self.ended / HOURS if self.ended else None

    @property
    def median(self) -> float | None:
        """Of those that ended, to the hour: half of the stays are no longer."""
        passed = 0
        for hours, count in sorted(self._hours):
            passed += count
            if passed * 2 >= self.ended:
                return hours / HOURS
        return None

    @property
    def so_far(self) -> float | None:
        """The mean until now of those that go on."""
        return self._so_far / self.still / 86400 if self.still else None


def stays(deals: Any, within: Iterable[int], now: dt.datetime) -> dict[int, Stays]:
    """The stays of deals in each of these stages. One query."""
    found = {key: Stays() for key in within}
    try:
        sql, values = deals.values("id").query.sql_with_params()
    except EmptyResultSet:
        return found
    with connection.cursor() as cursor:
        cursor.execute(STAYS.format(deals=sql), [now, list(found), *values])
        for stage, hours, count, so_far in cursor.fetchall():
            found[stage].add(hours, count, so_far)
    return found
