"""Files that were in the trash for longer than is kept, by themselves or with their record: they are forgotten, and the change says so.

Only rows go here. The bytes go with the nightly sweep of `keeping`, which removes a content that no row names, so one that another
record has stays. A process that is killed in between leaves bytes that the next sweep takes.
"""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from guanxi.entity.actors import SYSTEM
from guanxi.entity.entity import Entity
from guanxi.entity.registry import entities
from guanxi.record.changes import Origin
from guanxi.record.files import PURGED, takes_files, tell, told
from guanxi.record.models import File

AT_ONCE = 200
"""Records whose files go in one transaction."""

FORGET = """
UPDATE merge SET journal = jsonb_set(
    jsonb_set(journal, '{beside,before,file}', coalesce(journal #> '{beside,before,file}', '{}') - %(keys)s::text[]),
    '{beside,after,file}', coalesce(journal #> '{beside,after,file}', '{}') - %(keys)s::text[])
WHERE entity = %(entity)s AND undone_at IS NULL
    AND (jsonb_exists_any(journal #> '{beside,before,file}', %(keys)s) OR jsonb_exists_any(journal #> '{beside,after,file}', %(keys)s))
"""
"""What a merge would give back when it is undone, no longer has these files."""


def kept_for() -> dt.timedelta | None:
    """How long files stay in the trash; None for ever."""
    return dt.timedelta(days=settings.DELETED_FILES_DAYS) if settings.DELETED_FILES_DAYS else None


def purge() -> int:
    """Forget the files whose time is over; how many. What is restored, renamed or edited at this moment is left for the next night."""
    kept = kept_for()
    if kept is None:
        return 0
    before = timezone.now() - kept
    return sum(_purge_of(entity, before) for entity in entities() if takes_files(entity))


def _purge_of(entity: Entity, before: dt.datetime) -> int:
    gone, last = 0, 0
    while keys := list(
        _over(entity, before).filter(record_id__gt=last).values_list("record_id", flat=True).distinct().order_by("record_id")[:AT_ONCE]
    ):
        last = keys[-1]
        with transaction.atomic():
            gone += _purge_batch(entity, keys, before)
    return gone


def _over(entity: Entity, before: dt.datetime) -> QuerySet[File]:
    """The files of an entity's records that were in the trash since before then, or their records were."""
    deleted = entity.model._default_manager.filter(deleted_at__lt=before).values("pk")
    return File.objects.filter(Q(deleted_at__lt=before) | Q(record_id__in=deleted), entity=entity.path)


def _purge_batch(entity: Entity, keys: list[int], before: dt.datetime) -> int:
    """The records are locked as whoever restores them or their files locks them; their files are looked at again then."""
    records = list(entity.model._default_manager.filter(pk__in=keys).order_by("pk").select_for_update(of=("self",), skip_locked=True))
    over = _over(entity, before).filter(record_id__in=[record.pk for record in records]).order_by("id")
    by_record: dict[int, list[File]] = {}
    for file in over:
        by_record.setdefault(file.record_id, []).append(file)
    gone = [file.pk for files in by_record.values() for file in files]
    if not gone:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(FORGET, {"keys": [str(key) for key in gone], "entity": entity.path})
    File.objects.filter(pk__in=gone).delete()
    for record in records:
        if files := by_record.get(record.pk):
            tell(entity, record, PURGED, [told(file) for file in files], None, by=SYSTEM, origin=Origin("system"))
    return len(gone)
