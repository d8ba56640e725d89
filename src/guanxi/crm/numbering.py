"""Numbers of documents: a short prefix, the year, and a count that goes on."""

from __future__ import annotations

from django.db import connection
from django.utils import timezone

SEQUENCES = ("SO", "CT", "QT", "PY", "EX")


def next_number(prefix: str) -> str:
    """The next number of such documents, `SO-2026-00017`. A number given to a write that failed is not used again."""
    assert prefix in SEQUENCES
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(%s)", [f"crm_number_{prefix.lower()}"])
        return f"{prefix}-{timezone.localdate().year}-{cursor.fetchone()[0]:05}"
