"""Telling browsers that something happened: `publish` inside the transaction, delivered when it commits.

`event_stream.py` carries what is published to the pages that are open.
"""

from collections.abc import Collection, Mapping
from typing import Any

import orjson
from django.db import connection

# What is published to people, as {"to": [user ids] or null for everyone, "event": name, "data": …}
CHANNEL = "guanxi_events"
# What the write path says for itself: the payload is the path of an entity of which some record changed
CHANGES = "guanxi_change"
# PostgreSQL refuses a notice of 8,000 bytes and more; recipients are split, so the rest is for the data
LARGEST_DATA = 4_000
RECIPIENTS_AT_ONCE = 300


def publish(user_ids: Collection[int] | None, event: str, data: Mapping[str, Any]) -> None:
    """Send `event` to the open pages of these users, or of everyone for None, once the transaction commits.

    `data` is small and secret to nobody among them: ids and words, not records. More than 4,000 bytes raise ValueError.
    """
    if len(orjson.dumps(data)) > LARGEST_DATA:
        raise ValueError(f"{event}: the data of an event is limited to {LARGEST_DATA} bytes")
    with connection.cursor() as cursor:
        for recipients in _portions(user_ids):
            notice = orjson.dumps({"to": recipients, "event": event, "data": data}).decode()
            cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, notice])


def _portions(user_ids: Collection[int] | None) -> list[list[int] | None]:
    if user_ids is None:
        return [None]
    ordered = sorted(set(user_ids))
    return [ordered[start : start + RECIPIENTS_AT_ONCE] for start in range(0, len(ordered), RECIPIENTS_AT_ONCE)]
