"""How often somebody outside may ask: counted in PostgreSQL, so for all processes together."""

from __future__ import annotations

import datetime as dt

from django.db import connection
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac

from guanxi.surfaces.public.model import Attempt

KEPT = dt.timedelta(days=1)
COUNT = """
    INSERT INTO attempt (key, starts_at, count) VALUES (%s, %s, 1)
    ON CONFLICT (key, starts_at) DO UPDATE SET count = attempt.count + 1 RETURNING count
"""


def too_often(request: HttpRequest, purpose: str, most: int, seconds: int = 60) -> bool:
    """Whether this address has asked for it more than `most` times in the present stretch of time; this time counts."""
    return counted(purpose, request.META.get("REMOTE_ADDR", ""), seconds) > most


def counted(purpose: str, who: str, seconds: int) -> int:
    """How often it was asked for by now, this time included."""
    now = timezone.now().timestamp()
    starts_at = dt.datetime.fromtimestamp(now - now % seconds, dt.UTC)
    key = salted_hmac("guanxi.attempt", f"{purpose}\n{who}", algorithm="sha256").hexdigest()
    with connection.cursor() as cursor:
        cursor.execute(COUNT, [key, starts_at])
        return int(cursor.fetchone()[0])


def forget_attempts() -> int:
    """Throw away what no limit asks for any more; how many rows."""
    return Attempt.objects.filter(starts_at__lt=timezone.now() - KEPT).delete()[0]
