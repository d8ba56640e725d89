"""The job behind a search for duplicates."""

from __future__ import annotations

from django.utils import timezone
from procrastinate.contrib.django import app

from guanxi.access.models import User
from guanxi.entity.entity import Entity
from guanxi.record.memory import keep_up
from guanxi.surfaces.dedupe.model import DuplicateScan
from guanxi.surfaces.dedupe.scanning import scan
from guanxi.surfaces.inbox.telling import tell


@app.task(name="find_duplicates")
def find_duplicates(run: int) -> None:
    """The whole search; taken up again after a kill, it begins anew."""
    keep_up()
    found = DuplicateScan.objects.filter(pk=run, finished_at__isnull=True).first()
    if found is None:
        return
    scan(found)
    found.refresh_from_db()
    if found.user_id and not found.stopped_at:
        tell([found.user_id], "duplicates found", None, entity=found.entity, found=found.found)


def begin(entity: Entity, *, by: User) -> DuplicateScan:
    """A search that a worker begins; the one that runs already, if there is one."""
    running = DuplicateScan.objects.filter(entity=entity.path, finished_at__isnull=True, stopped_at__isnull=True).first()
    if running is not None:
        return running
    run = DuplicateScan.objects.create(entity=entity.path, user=by)
    find_duplicates.defer(run=run.pk)
    return run


def stop(run: DuplicateScan) -> None:
    """No further step; what was found before stays."""
    DuplicateScan.objects.filter(pk=run.pk, finished_at__isnull=True).update(stopped_at=timezone.now())
