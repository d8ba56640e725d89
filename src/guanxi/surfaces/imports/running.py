"""Running an import: chunk by chunk, each with its position in one transaction, so that a killed run goes on without doubles."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import get_language

from guanxi.entity.actors import Actor
from guanxi.record.memory import forget
from guanxi.record.models import Change
from guanxi.surfaces.imports.ahead import CHUNK, Reading, candidates
from guanxi.surfaces.imports.cells import Candidate, RowReader
from guanxi.surfaces.imports.links import LinkReader
from guanxi.surfaces.imports.model import UNFINISHED, Import, RejectedRow
from guanxi.surfaces.imports.plan import places_from
from guanxi.surfaces.imports.reading import Row, rows
from guanxi.surfaces.imports.study import Study, study
from guanxi.surfaces.imports.writing import Outcome, RowWriter

TURNS = 7267
"""The lock by which imports take turns."""


def study_of(one: Import) -> Study:
    """The file as the person has it read; what was found is kept with the import."""
    if one.found:
        return Study.from_json(one.found)
    found = study(one.path, one.reading)
    one.found = found.to_json()
    return found


def run(one: Import, *, by: Actor, tell: Callable[[Import], None] = lambda one: None, until: int | None = None) -> Import:
    """Bring in the rows that are left, `until` so many are done. Safe to call again after a kill. Forbidden, UnreadableTable."""
    found = study_of(one)
    writer = RowWriter(one, found, by)
    began = one.began_at or timezone.now()
    total = max(found.inspection.row_count, one.done)
    if not Import.objects.filter(pk=one.pk, state__in=UNFINISHED).update(state="running", began_at=began, total=total, error=""):
        return _fresh(one)
    one.refresh_from_db()
    reading = Reading(
        one.pk, writer.by.pk, one.entity, one.path, one.row, places_from(one.mapping), writer.wishes, found, writer.by.locale, get_language() or "en",
        connection.settings_dict,
    )  # fmt: skip
    for chunk in candidates(reading, writer.reader, total - one.done):
        if not _write(one, writer, chunk):
            return _fresh(one)
        tell(one)
        if until is not None and one.done >= until:
            return one
    Import.objects.filter(pk=one.pk, state="running").update(state="done", ended_at=timezone.now(), total=one.done)
    tell(_fresh(one))
    return one


def _write(one: Import, writer: RowWriter, chunk: list[Candidate]) -> bool:
    """A chunk, its rejected rows and how far the import is, in one transaction; False when it was stopped, or is run elsewhere."""
    with transaction.atomic():
        _without_waiting_for_the_disk()
        _one_after_the_other(writer)
        fresh = Import.objects.select_for_update(of=("self",)).get(pk=one.pk)
        if fresh.state != "running" or fresh.row != one.row:
            return False
        outcome = writer.write(chunk)
        RejectedRow.objects.bulk_create(
            RejectedRow(of=one, number=row.number, values=list(map(_plain, row.values)), reasons=[list(pair) for pair in errors.items()])
            for row, errors in outcome.rejected
        )
        one.row, one.done = chunk[-1].row.number, fresh.done + len(chunk)
        one.created, one.updated = fresh.created + outcome.created, fresh.updated + outcome.updated
        one.skipped, one.rejected = fresh.skipped + outcome.skipped, fresh.rejected + len(outcome.rejected)
        one.save(update_fields=["row", "done", "created", "updated", "skipped", "rejected"])
    return True


def _without_waiting_for_the_disk() -> None:
    """A power cut may lose the last chunks, and with them how far the import is: it goes on from there. What ends it waits for the disk."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")


def _one_after_the_other(writer: RowWriter) -> None:
    """Imports that may make records of the same entities take turns, chunk by chunk: each finds what the others made."""
    with connection.cursor() as cursor:
        for path in sorted(writer.makes):
            cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [TURNS, path])


def _fresh(one: Import) -> Import:
    one.refresh_from_db()
    return one


def _chunks(source: Iterator[Row]) -> Iterator[list[Row]]:
    while chunk := list(islice(source, CHUNK)):
        yield chunk


def _plain(cell: Any) -> Any:
    """A cell as JSON keeps it."""
    if isinstance(cell, (dt.date, dt.datetime, dt.time)):
        return cell.isoformat()
    return cell if isinstance(cell, (str, int, float, bool)) or cell is None else str(cell)


@dataclass
class Rehearsal:
    """What would become of some rows."""

    outcome: Outcome = field(default_factory=Outcome)
    links: LinkReader | None = None
    reader: RowReader | None = None
    rows: int = 0
    whole: bool = True
    """Whether these are all rows of the file."""

    @property
    def made(self) -> dict[str, int]:
        """How many linked records would be made, by entity."""
        return dict(self.links.made) if self.links else {}


def rehearse(one: Import, *, by: Actor, limit: int | None = None) -> Rehearsal:
    """What would become of the first rows; nothing is kept. Forbidden, UnreadableTable."""
    found = study_of(one)
    writer = RowWriter(one, found, by)
    done = Rehearsal(links=writer.links, reader=writer.reader)
    source = rows(one.path, found.inspection)
    with transaction.atomic():
        for chunk in _chunks(islice(source, limit)):
            done.outcome.add(writer.bring_in(chunk))
            done.rows += len(chunk)
        transaction.set_rollback(True)
    forget()  # of what was made and is gone again
    done.whole = next(source, None) is None
    return done


def names_in(one: Import, *, by: Actor) -> LinkReader:
    """The names of linked records in the whole file: which are not known, and what they are like. Forbidden, UnreadableTable."""
    found = study_of(one)
    writer = RowWriter(one, found, by)
    for chunk in _chunks(rows(one.path, found.inspection)):
        writer.names(chunk)
    return writer.links


def also_made(one: Import) -> dict[str, int]:
    """Records that were made because rows named them, by entity."""
    made: dict[str, int] = {}
    changes = Change.objects.filter(batch=one.batch, event__endswith=".created").exclude(entity=one.entity)
    for path in changes.values_list("entity", flat=True):
        made[path] = made.get(path, 0) + 1
    return made
