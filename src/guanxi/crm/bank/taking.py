"""Taking a bank statement in: its new lines are kept, those known already are not kept again."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from guanxi.access.rights import company
from guanxi.crm.bank.layouts import Layout, by_names, look_at, proposed, remember, said_before, unclear
from guanxi.crm.bank.model import BankLine
from guanxi.crm.bank.reading import Statement, read
from guanxi.entity.actors import Actor
from guanxi.entity.registry import entity_named
from guanxi.record.changes import Origin, insert
from guanxi.record.cleaning import check_reach, prepare_many
from guanxi.record.refusals import Forbidden, Refused
from guanxi.surfaces.imports.remarks import UnreadableTable
from guanxi.surfaces.imports.study import Study

CHUNK = 1000

Choose = Callable[[Study], Layout]
"""Says which columns of a file are what. Refused."""


@dataclass(frozen=True)
class Taken:
    """How many lines were new, and how many of these are money received; how many were known, and how many of these as they were
    read before, with other columns; what stands in the file, and how it was read.
    """

    new: int
    received: int
    known: int
    otherwise: int
    study: Study
    layout: Layout
    statement: Statement

    @property
    def left_out(self) -> str:
        """The rows that could not be read, in words."""
        return self.statement.told()


def take(
    name: str, pieces: Iterable[bytes], *, by: Actor, origin: Origin, reading: Mapping[str, Any] | None = None, choose: Choose = proposed
) -> Taken:
    """The new lines of a statement file. Refused, of “file”, “columns” or “dates”; Forbidden."""
    with tempfile.NamedTemporaryFile() as file:
        for piece in pieces:
            file.write(piece)
        file.flush()
        return take_file(name, Path(file.name), by=by, origin=origin, reading=reading, choose=choose)


def take_file(
    name: str, path: Path, *, by: Actor, origin: Origin, reading: Mapping[str, Any] | None = None, choose: Choose = proposed
) -> Taken:
    """The same of a file on disk."""
    check_may_take(by)
    try:
        study = look_at(path, reading or {})
        layout = choose(study)
        if problems := unclear(study, layout):
            raise Refused(problems)
        others = [one for one in (*said_before(study), by_names(study)) if one != layout] if layout.said else []
        statement = read(path, study, layout, company().currency, by=by, others=others)
    except UnreadableTable as unreadable:
        raise Refused({"file": str(unreadable)}) from None
    with transaction.atomic():
        new, otherwise = _keep(Path(name).name.replace("\x00", "")[-200:], statement, by=by, origin=origin)
        remember(study, layout, by=by)
    received = sum(one.amount > 0 for one in new)
    return Taken(len(new), received, len(statement.lines) - len(new), otherwise, study, layout, statement)


def check_may_take(by: Actor) -> None:
    """Forbidden for who may make no bank lines."""
    entity = entity_named("bank_lines")
    if not by.rights.may("create", entity.path):
        raise Forbidden(_("You may not create %(many)s.") % {"many": entity.noun.many})


def _keep(source: str, statement: Statement, *, by: Actor, origin: Origin) -> tuple[list[Any], int]:
    """The lines that are new, kept; how many are there as they were read before."""
    entity = entity_named("bank_lines")
    with connection.cursor() as cursor:
        # Two people with the same file at the same moment: one after the other.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('guanxi bank statement'))")
    asked = {*statement.prints}.union(*statement.earlier)
    known = set(BankLine.objects.filter(deleted_at__isnull=True, fingerprint__in=asked).values_list("fingerprint", flat=True))
    fresh: list[tuple[dict[str, Any], str]] = []
    otherwise = 0
    for values, one, earlier in zip(statement.lines, statement.prints, statement.earlier, strict=True):
        if one in known:
            continue
        if not known.isdisjoint(earlier):
            otherwise += 1
            continue
        fresh.append((values, one))
    records = prepare_many(entity, [values for values, _print in fresh], by=by)
    for record, (_values, one) in zip(records, fresh, strict=True):
        record.source, record.fingerprint = source, one
    for start in range(0, len(records), CHUNK):
        insert(entity, records[start : start + CHUNK], by=by, origin=origin)
    check_reach(entity, records, "create", by=by)
    return records, otherwise
