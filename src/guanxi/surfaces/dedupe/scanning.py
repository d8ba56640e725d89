"""The search for duplicates among all records of an entity: read, put into blocks, compared within them.

Only what records say is kept in memory, packed; blocks and pairs are the database's, in tables of this session. How many
pairs are compared grows with the records and not with their square: the smallest blocks come first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from psycopg.types.json import Jsonb

from guanxi.entity.entity import Entity
from guanxi.entity.registry import entity_named
from guanxi.surfaces.dedupe.blocking import MOST, blocks
from guanxi.surfaces.dedupe.likeness import POSSIBLE, Comparison, Known, Verdict
from guanxi.surfaces.dedupe.model import DuplicateScan
from guanxi.surfaces.dedupe.traits import Features, Trait, columns_of, features, pack, traits_of, unpack

STEP = 20_000
PAIRS_EACH, PAIRS_ANYWAY = 6, 1_000_000
"""At most so many pairs a record are compared, and so many more whatever the number of records."""

Said = dict[int, bytes]


class Stopped(Exception):
    """Somebody stopped the search."""


def scan(run: DuplicateScan) -> None:
    """Search, and write what was found. Decisions made before stay; open pairs that are no longer found go."""
    entity = entity_named(run.entity)
    try:
        comparison, said = _read(entity, run)
        _pair(comparison, said, run)
        found = _compare(comparison, said, run)
        _keep(entity, comparison.known.traits, found, run)
    except Stopped:
        DuplicateScan.objects.filter(pk=run.pk).update(finished_at=timezone.now())
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE IF EXISTS duplicate_block, duplicate_candidate, duplicate_found")


def _tell(run: DuplicateScan, **values: Any) -> None:
    """Note how far it is; Stopped when somebody asked for that."""
    for name, value in values.items():
        setattr(run, name, value)
    if not DuplicateScan.objects.filter(pk=run.pk, stopped_at__isnull=True).update(**values):
        raise Stopped


def _read(entity: Entity, run: DuplicateScan) -> tuple[Comparison, Said]:
    """What all records say, and how often each value is said."""
    traits = traits_of(entity)
    known, said = Known(traits), Said()
    rows = entity.model._default_manager.filter(deleted_at__isnull=True).order_by("pk")
    _tell(run, stage="reading", done=0, total=rows.count())
    for row in rows.values("pk", *columns_of(entity, traits)).iterator(chunk_size=5000):
        told = features(entity, traits, row)
        known.add(told)
        said[row["pk"]] = pack(told)
        if len(said) % STEP == 0:
            _tell(run, done=len(said))
    known.settle()
    _tell(run, records=len(said))
    return Comparison(known), said


def _pair(comparison: Comparison, said: Said, run: DuplicateScan) -> None:
    """The pairs to compare, in a table."""
    _tell(run, stage="pairing", done=0, total=len(said))
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS duplicate_block, duplicate_candidate")
        cursor.execute("CREATE TEMPORARY TABLE duplicate_block (block bigint, id bigint)")
        with cursor.copy("COPY duplicate_block FROM STDIN") as copy:
            for rows in _block_rows(comparison.roles, said):
                copy.write(rows)
        cursor.execute("ANALYZE duplicate_block")
        cursor.execute("SET work_mem = '256MB'")
        cursor.execute(
            """CREATE TEMPORARY TABLE duplicate_candidate AS
            SELECT ids, cardinality(ids) AS number FROM
                (SELECT array_agg(id ORDER BY id) AS ids FROM duplicate_block GROUP BY block HAVING count(*) BETWEEN 2 AND %s) AS one""",
            [MOST],
        )
        cursor.execute("DROP TABLE duplicate_block")
        cursor.execute("SELECT number, count(*) FROM duplicate_candidate GROUP BY number ORDER BY number")
        most = _largest(cursor.fetchall(), PAIRS_EACH * len(said) + PAIRS_ANYWAY)
        cursor.execute(
            """CREATE TEMPORARY TABLE duplicate_block AS
            SELECT DISTINCT ids[a] AS first, ids[b] AS second FROM duplicate_candidate,
                generate_series(1, number - 1) AS a, generate_series(a + 1, number) AS b WHERE number <= %s""",
            [most],
        )
        cursor.execute("RESET work_mem")


def _block_rows(roles: Sequence[str], said: Said) -> Iterator[str]:
    """Lines of (block, key) for COPY, some thousand at a time."""
    lines: list[str] = []
    for key, told in said.items():
        lines += [f"{block}\t{key}\n" for block in blocks(roles, unpack(told))]
        if len(lines) > 10_000:
            yield "".join(lines)
            lines = []
    yield "".join(lines)


def _largest(sizes: Iterable[tuple[int, int]], budget: int) -> int:
    """The size up to which blocks may be taken so that no more pairs than the budget come of them; of two at least."""
    most, pairs = 2, 0
    for size, number in sizes:
        pairs += number * size * (size - 1) // 2
        if pairs > budget:
            break
        most = max(most, size)
    return most


def _compare(comparison: Comparison, said: Said, run: DuplicateScan) -> list[tuple[int, int, Verdict]]:
    """The pairs that may be one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM duplicate_block")
        (total,) = cursor.fetchone() or (0,)
    _tell(run, stage="comparing", done=0, total=total)
    found, done, before = [], 0, 0
    one: Features = ()
    for first, second in _pairs():
        if first != before:
            one, before = unpack(said[first]), first
        verdict = comparison(one, unpack(said[second]))
        if verdict.bits >= POSSIBLE:
            found.append((first, second, verdict))
        done += 1
        if done % STEP == 0:
            _tell(run, done=done, found=len(found))
    _tell(run, compared=done, done=done, found=len(found))
    return found


def _pairs() -> Iterator[tuple[int, int]]:
    with transaction.atomic(), connection.connection.cursor(name="duplicate_pairs") as cursor:
        cursor.itersize = STEP
        cursor.execute("SELECT first, second FROM duplicate_block ORDER BY first, second")
        yield from cursor


def _keep(entity: Entity, traits: Sequence[Trait], found: Sequence[tuple[int, int, Verdict]], run: DuplicateScan) -> None:
    """The pairs into the queue, in one transaction."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE duplicate_found (first bigint, second bigint, bits float, why jsonb)")
        with cursor.copy("COPY duplicate_found FROM STDIN") as copy:
            for first, second, verdict in found:
                copy.write_row((first, second, verdict.bits, Jsonb(because(traits, verdict))))
        cursor.execute(
            """INSERT INTO duplicate_pair (entity, first_id, second_id, bits, why, scan_id, decision)
            SELECT %s, first, second, bits, why, %s, '' FROM duplicate_found
            ON CONFLICT (entity, first_id, second_id) DO UPDATE SET bits = excluded.bits, why = excluded.why, scan_id = excluded.scan_id""",
            [entity.path, run.pk],
        )
        cursor.execute(
            "DELETE FROM duplicate_pair WHERE entity = %s AND decision = '' AND scan_id IS DISTINCT FROM %s", [entity.path, run.pk]
        )
        _tell(run, stage="done", finished_at=timezone.now())


def because(traits: Sequence[Trait], verdict: Verdict) -> list[list[str]]:
    """For each trait that both have, whether they agree."""
    return [[trait.field, trait.role, told] for trait, told in zip(traits, verdict.told, strict=True) if told]
