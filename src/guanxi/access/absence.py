"""Who is away now."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from guanxi.access.models import Absence
from guanxi.base.zones import zone_named
from guanxi.record.memory import remember


def absent(now: dt.datetime | None = None) -> frozenset[int]:
    """The people who are away on their present day, each in their own time zone."""
    moment = now or timezone.now()
    return frozenset(user for user, zone, starts, ends in _absences() if starts <= moment.astimezone(zone_named(zone)).date() <= ends)


def _absences() -> list[tuple[int, str, dt.date, dt.date]]:
    """Those that are not long over. Remembered: whoever writes one begins a new epoch."""

    def read() -> list[tuple[int, str, dt.date, dt.date]]:
        living = Absence.objects.filter(deleted_at__isnull=True, ends_on__gte=timezone.now().date() - dt.timedelta(days=2))
        return list(living.values_list("user_id", "user__zone", "starts_on", "ends_on"))

    return remember("absences", read)
