"""Links between records of one entity (part of, reports to, next step of): followed upwards, none comes back to where it began."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db import connection
from django.utils.translation import gettext as _

from guanxi.entity.entity import Entity, Write
from guanxi.entity.field import Field
from guanxi.record.refusals import Refused

LOCK = 7266


def upward(entity: Entity) -> list[Field]:
    """The columns by which a record leads to another one of its entity."""
    return [one for one in entity.fields.values() if not one.custom and not one.k.listed and one.k.linked() == entity.path]


def leads_to(entity: Entity, one: Field, starts: Sequence[int], key: int | None = None) -> set[int]:
    """Those of the records from which the link leads to the record, however many steps on; back to themselves, without one."""
    table, column = entity.model._meta.db_table, one.attribute
    with connection.cursor() as cursor:
        cursor.execute(
            f'WITH RECURSIVE up(start, at) AS (SELECT id, "{column}" FROM "{table}" WHERE id = ANY(%s) '
            f'UNION SELECT up.start, t."{column}" FROM up JOIN "{table}" t ON t.id = up.at) '
            "SELECT DISTINCT start FROM up WHERE at = coalesce(%s, start)",
            [list(starts), key],
        )
        return {start for (start,) in cursor.fetchall()}


def refuse_circles(entity: Entity, writes: Iterable[Write]) -> None:
    """After the rows are written, so that of several changed at once all count. Who moves records of an entity waits for
    whoever moved some before. Refused."""
    for one in upward(entity):
        moved = [write.record.pk for write in writes if one.name in write.before and one.of(write.record) is not None]
        if moved:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [LOCK, f"{entity.path}.{one.name}"])
            if leads_to(entity, one, moved):
                raise Refused({one.name: _("This leads back to the record itself.")}, entity.fields)
