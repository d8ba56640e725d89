"""Questions that may take long, asked with a limit: a page tells less rather than keep a person waiting."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError, connection, transaction

LATER = 1500
"""Milliseconds for what is fetched after the page is there."""


class TooLong(Exception):
    """The database did not answer in time."""


@contextmanager
def at_most(milliseconds: int = LATER) -> Iterator[None]:
    """Give up on a question after so long. TooLong."""
    within = connection.in_atomic_block  # else the setting ends with the transaction
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(milliseconds)])
            yield
            if within:
                with connection.cursor() as cursor:
                    cursor.execute("SELECT set_config('statement_timeout', '0', true)")
    except OperationalError as slow:
        if getattr(slow.__cause__, "sqlstate", "") == "57014":
            raise TooLong from slow
        raise
