"""What a search has worked out so far, in tables of its own: a process that is killed leaves them to the one that takes the search up.

Unlogged, so that they cost little to write: when PostgreSQL itself breaks down they are empty, which `holds` sees. Dropped when
the search is over.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.db import connection
from psycopg.types.json import Jsonb

from guanxi.surfaces.dedupe.model import DuplicateScan

Found = tuple[int, int, float, list[list[str]]]
"""First, second, bits, why."""


@dataclass(frozen=True)
class Worked:
    """The tables of one search."""

    scan: int

    @property
    def said(self) -> str:
        """What each record says, packed."""
        return f"duplicate_said_{self.scan}"

    @property
    def pairs(self) -> str:
        """The pairs to compare, numbered in order."""
        return f"duplicate_pairs_{self.scan}"

    @property
    def found(self) -> str:
        """The pairs that may be one."""
        return f"duplicate_found_{self.scan}"

    def begin(self) -> None:
        """Empty tables for what records say."""
        self.drop()
        _do(f"CREATE UNLOGGED TABLE {self.said} (id bigint, said bytea)")

    def drop(self) -> None:
        """All of it gone."""
        _do(f"DROP TABLE IF EXISTS {self.said}, {self.pairs}, {self.found}")

    def holds(self, run: DuplicateScan) -> bool:
        """Whether all that the search is said to have done is there."""
        if run.stage == "waiting" or not _is_there(self.said):
            return False
        if _count(self.said) != (run.done if run.stage == "reading" else run.records):
            return False
        return run.stage != "comparing" or (_is_there(self.found) and (_count(self.pairs), _count(self.found)) == (run.total, run.found))

    def keep_said(self, rows: Iterable[tuple[int, bytes]]) -> None:
        """What more records say."""
        with connection.cursor() as cursor, cursor.copy(f"COPY {self.said} FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)

    def told(self) -> Iterator[tuple[int, bytes]]:
        """What the records said that were read so far, in order."""
        with connection.cursor() as cursor, cursor.copy(f"COPY {self.said} TO STDOUT (FORMAT binary)") as copy:
            copy.set_types(["int8", "bytea"])
            yield from copy.rows()

    def keep_pairs(self, blocks: str) -> int:
        """The pairs of a query (first, second) numbered, and room for those that are found; how many pairs."""
        _do(f"DROP TABLE IF EXISTS {self.pairs}, {self.found}")
        _do(f"CREATE UNLOGGED TABLE {self.pairs} AS SELECT row_number() OVER (ORDER BY first, second) AS number, * FROM ({blocks}) AS pair")
        _do(f"CREATE UNIQUE INDEX ON {self.pairs} (number)")
        _do(f"CREATE UNLOGGED TABLE {self.found} (first bigint, second bigint, bits float, why jsonb)")
        return _count(self.pairs)

    def pairs_after(self, number: int, most: int) -> list[tuple[int, int]]:
        """So many pairs after the one of that number, in order."""
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT first, second FROM {self.pairs} WHERE number > %s AND number <= %s ORDER BY number", [number, number + most]
            )
            return [(first, second) for first, second in cursor.fetchall()]

    def keep_found(self, several: Sequence[Found]) -> None:
        """More pairs that may be one."""
        with connection.cursor() as cursor, cursor.copy(f"COPY {self.found} FROM STDIN") as copy:
            for first, second, bits, why in several:
                copy.write_row((first, second, bits, Jsonb(why)))


def drop_left() -> None:
    """Tables of searches that are over or gone: whoever was at them was killed at the very end."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relkind = 'r' AND relpersistence = 'u' AND relname ~ '^duplicate_said_[0-9]+$'")
        keys = {int(name.rpartition("_")[2]) for (name,) in cursor.fetchall()}
    going_on = set(DuplicateScan.objects.filter(pk__in=keys, finished_at__isnull=True).values_list("pk", flat=True))
    for key in sorted(keys - going_on):
        Worked(key).drop()


def _do(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def _is_there(table: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [table])
        return bool(cursor.fetchone()[0])


def _count(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        return int(cursor.fetchone()[0])
