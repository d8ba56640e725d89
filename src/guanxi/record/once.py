"""Work that only one process may be at: a lock that lives as long as the connection of whoever holds it."""

from __future__ import annotations

from django.db import connection


class only_once:  # noqa: N801 - a context manager that reads as a word
    """A lock on one piece of work of a kind; whoever comes second is told so and steps back."""

    def __init__(self, kind: int, key: int) -> None:
        self.kind, self.key = kind, key

    def __enter__(self) -> bool:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [self.kind, self.key])
            return bool(cursor.fetchone()[0])

    def __exit__(self, *_failure: object) -> None:
        if connection.connection is not None and not connection.connection.closed:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [self.kind, self.key])
