"""The search for duplicates among all records of an entity, or between these and their kin: read, put into blocks, compared within them.

Only what records say is kept in memory, packed; blocks and pairs are the database's. How many pairs are compared grows with the
records and not with their square: the smallest blocks come first. Each step and how far the search is are one transaction
(see `worked`): a search that was killed goes on where it was, and finds nothing twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db import Error, connection, transaction
from django.utils import timezone

from guanxi.surfaces.dedupe.blocking import MOST, blocks
from guanxi.surfaces.dedupe.likeness import POSSIBLE, Comparison, Known
from guanxi.surfaces.dedupe.model import DuplicateScan
from guanxi.surfaces.dedupe.subject import Across, Within, subject_of
from guanxi.surfaces.dedupe.traits import Features, pack, unpack
from guanxi.surfaces.dedupe.worked import Found, Worked, drop_left

STEP = 20_000
PAIRS_EACH, PAIRS_ANYWAY = 6, 1_000_000
"""At most so many pairs a record are compared, and so many more whatever the number of records."""

Said = dict[int, bytes]
Subject = Within | Across


class Stopped(Exception):
    """Somebody stopped the search."""


def scan(run: DuplicateScan) -> None:
    """Search, or go on searching, and write what was found. Decisions made before stay; open pairs that are no longer found go."""
    subject, worked = subject_of(run), Worked(run.pk)
    drop_left()
    try:
        if not worked.holds(run):
            _begin(run, worked)
        comparison, said = _read(subject, run, worked)
        if run.stage != "comparing":
            _pair(subject, comparison, said, run, worked)
        _compare(subject, comparison, said, run, worked)
        _keep(run, worked)
    except Stopped:
        _end(run, worked)
    except Error:
        raise  # the database was away: the search is taken up again where it was
    except Exception:
        _end(run, worked)
        raise


def _end(run: DuplicateScan, worked: Worked) -> None:
    with transaction.atomic():
        DuplicateScan.objects.filter(pk=run.pk).update(finished_at=timezone.now())
        worked.drop()


def _tell(run: DuplicateScan, **values: Any) -> None:
    """Note how far it is; Stopped when somebody asked for that."""
    for name, value in values.items():
        setattr(run, name, value)
    if not DuplicateScan.objects.filter(pk=run.pk, stopped_at__isnull=True).update(**values):
        raise Stopped


def _begin(run: DuplicateScan, worked: Worked) -> None:
    with transaction.atomic():
        worked.begin()
        _tell(run, stage="reading", done=0, total=0, records=0, compared=0, found=0)


def _read(subject: Subject, run: DuplicateScan, worked: Worked) -> tuple[Comparison, Said]:
    """What all records say, and how often each value is said."""
    known, said = Known(subject.traits), Said()
    for key, packed in worked.told():
        known.add(unpack(packed))
        said[key] = packed
    if run.stage == "reading":
        _read_on(subject, run, worked, known, said)
    known.settle()
    return Comparison(known), said


def _read_on(subject: Subject, run: DuplicateScan, worked: Worked, known: Known, said: Said) -> None:
    """What the records say that were not read yet, some thousand at a time."""
    last = next(reversed(said), 0)
    _tell(run, total=len(said) + subject.after(last))
    while True:
        read = {}
        for key, told in subject.told(last, STEP):
            known.add(told)
            read[key] = pack(told)
        if not read:
            break
        last = next(reversed(read))
        said.update(read)
        with transaction.atomic():
            worked.keep_said(read.items())
            _tell(run, done=len(said))
    _tell(run, stage="pairing", records=len(said), done=0, total=len(said))


def _pair(subject: Subject, comparison: Comparison, said: Said, run: DuplicateScan, worked: Worked) -> None:
    """The pairs to compare, in a table."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE duplicate_block (block bigint, id bigint) ON COMMIT DROP")
        with cursor.copy("COPY duplicate_block FROM STDIN") as copy:
            for rows in _block_rows(comparison.roles, said):
                copy.write(rows)
        cursor.execute("ANALYZE duplicate_block")
        cursor.execute("SET LOCAL work_mem = '256MB'")
        cursor.execute(
            f"""CREATE TEMPORARY TABLE duplicate_candidate ON COMMIT DROP AS
            SELECT ids, cardinality(ids) AS number FROM
                (SELECT array_agg(id ORDER BY id) AS ids FROM duplicate_block GROUP BY block
                HAVING count(*) BETWEEN 2 AND %s AND {subject.blocks}) AS one""",
            [MOST],
        )
        cursor.execute("SELECT number, count(*) FROM duplicate_candidate GROUP BY number ORDER BY number")
        most = _largest(cursor.fetchall(), PAIRS_EACH * len(said) + PAIRS_ANYWAY)
        total = worked.keep_pairs(
            f"""SELECT DISTINCT ids[a] AS first, ids[b] AS second FROM duplicate_candidate,
                generate_series(1, number - 1) AS a, generate_series(a + 1, number) AS b
                WHERE number <= {int(most)} AND {subject.pair}"""
        )
        cursor.execute("DROP TABLE duplicate_block, duplicate_candidate")
        _tell(run, stage="comparing", done=0, total=total, found=0)


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


def _compare(subject: Subject, comparison: Comparison, said: Said, run: DuplicateScan, worked: Worked) -> None:
    """The pairs that may be one, some thousand pairs at a time."""
    before = 0
    one: Features = ()
    while pairs := worked.pairs_after(run.done, STEP):
        found: list[Found] = []
        for first, second in pairs:
            if first != before:
                one, before = unpack(said[first]), first
            verdict = comparison(*subject.ready(one, unpack(said[second])))
            if verdict.bits >= POSSIBLE:
                found.append((first, second, verdict.bits, subject.because(verdict)))
        done = run.done + len(pairs)
        with transaction.atomic():
            worked.keep_found(found)
            _tell(run, done=done, compared=done, found=run.found + len(found))


def _keep(run: DuplicateScan, worked: Worked) -> None:
    """The pairs into the queue, in one transaction. Of two entities the first record is ours, whose key is the greater one here."""
    keys = "second, -first" if run.other else "first, second"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"""INSERT INTO duplicate_pair (entity, other, first_id, second_id, bits, why, scan_id, decision)
            SELECT %s, %s, {keys}, bits, why, %s, '' FROM {worked.found} ON CONFLICT (entity, other, first_id, second_id)
            DO UPDATE SET bits = excluded.bits, why = excluded.why, scan_id = excluded.scan_id""",
            [run.entity, run.other, run.pk],
        )
        cursor.execute(
            "DELETE FROM duplicate_pair WHERE entity = %s AND other = %s AND decision = '' AND scan_id IS DISTINCT FROM %s",
            [run.entity, run.other, run.pk],
        )
        worked.drop()
        _tell(run, stage="done", finished_at=timezone.now())
