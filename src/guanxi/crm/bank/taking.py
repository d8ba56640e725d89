"""Taking a bank statement in: its new lines are kept, those known already are not kept again."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from django.db import connection, transaction
from django.utils.translation import gettext as _

from guanxi.access.rights import company
from guanxi.crm.bank.model import BankLine
from guanxi.crm.bank.reading import known_again, read
from guanxi.entity.actors import Actor
from guanxi.entity.registry import entity_named
from guanxi.record.changes import Origin, insert
from guanxi.record.cleaning import check_reach, prepare
from guanxi.record.refusals import Forbidden, Refused
from guanxi.surfaces.imports.remarks import UnreadableTable

CHUNK = 1000


@dataclass(frozen=True)
class Taken:
    """How many lines were new, and how many of these are money received; how many were known; what was left out."""

    new: int
    received: int
    known: int
    left_out: str


def take(name: str, pieces: Iterable[bytes], *, by: Actor, origin: Origin) -> Taken:
    """The new lines of a statement file. Refused, Forbidden."""
    entity = entity_named("bank_lines")
    if not by.rights.may("create", entity.path):
        raise Forbidden(_("You may not create %(many)s.") % {"many": entity.noun.many})
    suffix = Path(name).suffix[:10].lower()
    with tempfile.NamedTemporaryFile(suffix=suffix) as file:
        for piece in pieces:
            file.write(piece)
        file.flush()
        try:
            statement = read(Path(file.name), company().currency, by=by)
        except UnreadableTable as unreadable:
            raise Refused({"file": str(unreadable)}) from None
    with transaction.atomic():
        with connection.cursor() as cursor:
            # Two people with the same file at the same moment: one after the other.
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('guanxi bank statement'))")
        living = BankLine.objects.filter(deleted_at__isnull=True, fingerprint__in=statement.prints)
        fresh = known_again(statement.prints, living.values_list("fingerprint", flat=True))
        records = []
        for place in fresh:
            record = prepare(entity, statement.lines[place], by=by)
            record.source, record.fingerprint = Path(name).name.replace("\x00", "")[-200:], statement.prints[place]
            records.append(record)
        for start in range(0, len(records), CHUNK):
            insert(entity, records[start : start + CHUNK], by=by, origin=origin)
        check_reach(entity, records, "create", by=by)
    received = sum(one.amount > 0 for one in records)
    return Taken(len(records), received, len(statement.lines) - len(records), statement.told())
