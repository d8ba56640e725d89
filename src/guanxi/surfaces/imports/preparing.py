"""New records worked out before they are written, in the process that reads ahead.

What follows from a row's values alone is worked out there: keys for names that mean one record each, defaults, what the
noun derives and checks, the first entry of its history, the words it is found by. Whatever needs a question to the
database, or could not be done, is left to the process that writes, which does it as for a row that nobody prepared.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, NoReturn

from django.db import Error, connection

from guanxi.entity.actors import Actor
from guanxi.entity.entity import Entity
from guanxi.record.changes import UI
from guanxi.record.cleaning import Cleaned, assemble
from guanxi.record.refusals import Refused
from guanxi.record.saying import SAID, Said, blank, said
from guanxi.surfaces.imports.cells import Candidate, Ready
from guanxi.surfaces.imports.links import LinkReader
from guanxi.surfaces.imports.matching import Matcher, Pair
from guanxi.surfaces.imports.plan import Wishes
from guanxi.surfaces.imports.reading import Row

NOTHING_TOLD = Cleaned()
"""What the cells mean of a row that was worked out: it is read again where that is asked for."""
ENOUGH = 500
"""Rows after which it is plain whether preparing pays."""


class Asked(Exception):
    """A question to the database while none should be asked."""


class Preparer:
    """Prepares the rows of one import. The database must not let it write."""

    def __init__(self, entity: Entity, wishes: Wishes, by: Actor) -> None:
        self.entity, self.by = entity, by
        self.links, self.matcher = LinkReader(entity, wishes, by, UI), Matcher(entity, wishes.match, by)
        self.able = True
        """Whether most records of this kind can be worked out without a question."""
        self.warm = False
        self.tried = self.asked = 0

    def prepare(self, candidates: Sequence[Candidate]) -> None:
        """Whatever can be said ahead of these rows."""
        self.links.put_known(candidates)
        rows = [one for one in candidates if not one.errors and not one.names] if self.able else []
        if rows and not self.warm:
            self._warm_up(rows[0])
        with connection.execute_wrapper(_refuse):
            for one in rows:
                try:
                    ready = self._ready(one)
                except Refused:
                    continue  # the writer says why
                except Asked:
                    self.asked += 1
                    continue
                self.matcher.identify(one)
                one.ready = ready
        self.tried += len(rows)
        self.able = self.able and (self.tried < ENOUGH or self.asked * 2 < self.tried)

    def _warm_up(self, one: Candidate) -> None:
        """What is remembered from one record to the next is asked for once. What would write is refused by the database."""
        self.warm = True
        with suppress(Refused, Asked):
            try:
                self._ready(one)
            except Error:
                self.able = False

    def _ready(self, one: Candidate) -> Ready:
        record = assemble(self.entity, Cleaned(dict(one.cleaned.columns), dict(one.cleaned.custom)), by=self.by, errors={})
        if not getattr(record, self.entity.title):
            raise Asked("its key")  # by which it is then called
        return Ready(self.matcher.title_of(one), said(self.entity, record))


def packed(candidates: Sequence[Candidate]) -> list[Any]:
    """Rows as they go from one process to the other: of those that were worked out only what it takes to write them."""
    return [_packed(one, one.ready) if one.ready else one for one in candidates]


def _packed(one: Candidate, ready: Ready) -> tuple[Any, ...]:
    return (one.row.number, one.row.values, one.number, one.kept, one.identities, ready.title, tuple(ready.said))


def unpacked(sent: list[Any]) -> list[Candidate]:
    """The rows that were packed."""
    return [one if type(one) is Candidate else _unpacked(*one) for one in sent]


def _unpacked(
    row: int,
    cells: list[Any],
    number: int | None,
    kept: dict[str, Any],
    identities: list[Pair],
    title: str,
    said: Any,
) -> Candidate:
    return Candidate(Row(row, cells), NOTHING_TOLD, number=number, kept=kept, identities=identities, ready=Ready(title, Said(*said)))


def made_of(entity: Entity, ready: Ready) -> Any:
    """The unsaved record that was prepared."""
    record = blank(entity.model)
    record.__dict__.update(ready.said.values)
    record.__dict__[SAID] = ready.said
    return record


def _refuse(_execute: Callable[..., Any], sql: str, *_rest: Any) -> NoReturn:
    raise Asked(sql)
