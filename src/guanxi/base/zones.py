"""Time zones by their names."""

from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


def is_zone(name: str) -> bool:
    """Whether this machine knows a zone of that name."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


@lru_cache(maxsize=512)
def zone_named(name: str) -> ZoneInfo:
    """The zone; UTC where this machine does not know it: names come from people and from other systems, and some are given up."""
    return ZoneInfo(name) if is_zone(name) else ZoneInfo("UTC")
