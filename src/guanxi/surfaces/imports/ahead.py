"""Rows read ahead: a second process turns cells into values, and values into new records, while this one writes what came before.

It has more than half of the work of a long import, and may only read of the database. It ends when this process ends,
however that comes about: nobody reads its pipe any more.
"""

from __future__ import annotations

import contextlib
import fcntl
import gc
import logging
import os
import pickle
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from typing import IO, Any

from django.db import connection, connections
from django.utils import translation

from guanxi.entity.actors import Locale
from guanxi.entity.registry import entity_named
from guanxi.record.memory import keep_up
from guanxi.record.refusals import Forbidden
from guanxi.surfaces.imports.actor import Importer, actor_of
from guanxi.surfaces.imports.cells import Candidate, RowReader
from guanxi.surfaces.imports.model import Import
from guanxi.surfaces.imports.plan import Place, Wishes
from guanxi.surfaces.imports.preparing import Preparer, packed, unpacked
from guanxi.surfaces.imports.reading import Row, rows
from guanxi.surfaces.imports.remarks import UnreadableTable
from guanxi.surfaces.imports.study import Study

log = logging.getLogger(__name__)

CHUNK = 1000
WORTH_IT = 20_000
"""Rows from which a second process pays: it takes a second to begin."""
MEANWHILE = 4000
PIPE = 1 << 20
FULL = 50_000
"""New objects after which those are looked for that nobody needs."""
USUAL = gc.get_threshold()
BEGIN = "import django; django.setup(); from guanxi.surfaces.imports.ahead import main; main()"


@dataclass(frozen=True)
class Reading:
    """What it takes to read the rows of an import."""

    number: int
    """The import's own."""
    by: int | None
    """Who imports."""
    entity: str
    path: str
    after: int
    """The number of the last row that was brought in."""
    places: list[Place]
    wishes: Wishes
    study: Study
    locale: Locale
    language: str
    database: dict[str, Any]
    """How Django reaches the database of this process."""
    meanwhile: int = field(default_factory=lambda: MEANWHILE)
    """Rows that this process reads by itself until the other is there."""


def candidates(reading: Reading, reader: RowReader, left: int) -> Iterator[list[Candidate]]:
    """The rows as they were read, in chunks; about `left` are to come. UnreadableTable."""
    source = rows(reading.path, reading.study.inspection, reading.after)
    if left < WORTH_IT or (os.cpu_count() or 1) < 2:
        yield from _chunks(reader, source)
        return
    last = reading.after
    with rarely_collecting(), ThreadPoolExecutor(1) as receiving, _elsewhere(reading) as arriving:
        for chunk in _chunks(reader, islice(source, reading.meanwhile)):
            last = chunk[-1].row.number
            yield chunk
        try:
            coming = receiving.submit(_next, arriving)
            while (sent := coming.result()) is not None:
                coming = receiving.submit(_next, arriving)  # unpacked while PostgreSQL writes these
                last = sent[-1].row.number
                yield sent
            return
        except (EOFError, pickle.UnpicklingError):
            log.warning("The process that read ahead ended; going on without it from row %s", last)
    yield from _chunks(reader, rows(reading.path, reading.study.inspection, last))


@contextlib.contextmanager
def rarely_collecting() -> Iterator[None]:
    """Look less often for objects that hold each other and nobody needs: rows hold each other in no circles."""
    gc.set_threshold(FULL, *USUAL[1:])
    try:
        yield
    finally:
        gc.set_threshold(*USUAL)  # as the process began: what another import set meanwhile is no measure


def _chunks(reader: RowReader, source: Iterator[Row]) -> Iterator[list[Candidate]]:
    while chunk := [reader.read(row) for row in islice(source, CHUNK)]:
        yield chunk


def _next(arriving: IO[bytes]) -> list[Candidate] | None:
    sent = pickle.load(arriving)  # noqa: S301 - written by the process we began, from rows it read
    if isinstance(sent, Exception):
        raise sent
    return None if sent is None else unpacked(sent)


@contextlib.contextmanager
def _elsewhere(reading: Reading) -> Iterator[IO[bytes]]:
    """The pipe through which a process of its own sends the rows after the first."""
    process = subprocess.Popen(  # noqa: S603 - ourselves
        [sys.executable, "-P", "-c", BEGIN], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdin
    assert process.stdout
    try:
        with contextlib.suppress(OSError):  # a smaller pipe only makes it wait more often
            fcntl.fcntl(process.stdout, fcntl.F_SETPIPE_SZ, PIPE)
        with contextlib.suppress(BrokenPipeError):  # it is gone already; whoever reads will notice
            pickle.dump(reading, process.stdin)
            process.stdin.close()
        yield process.stdout
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def send(reading: Reading, pipe: IO[bytes]) -> None:
    """What the other process does: the rows after the first, chunk by chunk, then nothing, or what went wrong."""
    options = reading.database.get("OPTIONS", {})
    only_reads = f"{options.get('options', '')} -c default_transaction_read_only=on".strip()
    connections.settings["default"].update({**reading.database, "OPTIONS": {**options, "options": only_reads}})
    connection.close()
    keep_up()
    with translation.override(reading.language):
        reader = RowReader(entity_named(reading.entity), reading.places, reading.wishes, reading.study, reading.locale)
        source = islice(rows(reading.path, reading.study.inspection, reading.after), reading.meanwhile, None)
        preparer = _preparer(reading)
        try:
            for chunk in _chunks(reader, source):
                if preparer is not None:
                    preparer.prepare(chunk)
                pickle.dump(packed(chunk), pipe, pickle.HIGHEST_PROTOCOL)
                pipe.flush()
        except UnreadableTable as wrong:
            pickle.dump(wrong, pipe)
        else:
            pickle.dump(None, pipe)
        pipe.flush()


def _preparer(reading: Reading) -> Preparer | None:
    """Who works out new records; nobody when it is not plain on whose behalf."""
    one = Import.objects.select_related("user", "api_key").filter(pk=reading.number, user=reading.by).first()
    if one is None:
        return None
    try:
        by = Importer.of(actor_of(one), reading.wishes.day_first)
    except Forbidden:
        return None
    return Preparer(entity_named(reading.entity), reading.wishes, by)


def main() -> None:
    """Read what is asked for on standard input."""
    gc.freeze()
    pipe = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what anything prints is no row
    with rarely_collecting(), contextlib.suppress(BrokenPipeError):
        send(pickle.load(sys.stdin.buffer), pipe)  # noqa: S301 - from the process that began us
