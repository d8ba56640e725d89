"""The job behind a search for duplicates."""

from __future__ import annotations

from contextlib import suppress

from django.db import Error, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from guanxi.access.models import User
from guanxi.entity.entity import Entity
from guanxi.record.memory import keep_up
from guanxi.record.once import only_once
from guanxi.record.refusals import Forbidden
from guanxi.surfaces.dedupe.model import DuplicateScan
from guanxi.surfaces.dedupe.scanning import scan
from guanxi.surfaces.inbox.telling import tell

LOCK = 7265
PATIENT = RetryStrategy(max_attempts=8, exponential_wait=3, retry_exceptions=[Error])
"""A database that is away comes back."""


@app.task(name="find_duplicates", retry=PATIENT)
def find_duplicates(run: int) -> None:
    """The whole search; taken up again after a kill, it goes on where it was."""
    keep_up()
    with only_once(LOCK, run) as mine:
        found = DuplicateScan.objects.filter(pk=run, finished_at__isnull=True).first() if mine else None
        if found is None:
            return
        scan(found)
    found.refresh_from_db()
    if found.user_id and not found.stopped_at:
        tell([found.user_id], "duplicates found", None, entity=found.entity, found=found.found)


def may_search(entity: Entity, user: User) -> bool:
    """Whether the person may start a search: it reads all records, so it takes the right to change many at once."""
    return bool(user.rights.may("bulk", entity.path) and user.rights.may("edit", entity.path))


def latest(entity: Entity) -> DuplicateScan | None:
    """The search that runs, or ran last."""
    return DuplicateScan.objects.filter(entity=entity.path).order_by("-pk").first()


def begin(entity: Entity, *, by: User) -> DuplicateScan:
    """A search that a worker begins; the one that runs already, if there is one, which goes on if it was left. Forbidden."""
    _allow(entity, by)
    run = DuplicateScan.objects.filter(entity=entity.path, finished_at__isnull=True, stopped_at__isnull=True).first()
    if run is None:
        run = DuplicateScan.objects.create(entity=entity.path, user=by)
    with suppress(AlreadyEnqueued), transaction.atomic():  # it waits for a worker already; a transaction around this goes on
        find_duplicates.configure(queueing_lock=f"find_duplicates {run.pk}").defer(run=run.pk)
    return run


def stop(entity: Entity, *, by: User) -> DuplicateScan | None:
    """No further step of the search that runs; what was found before stays. Forbidden."""
    _allow(entity, by)
    run = latest(entity)
    if run is not None and run.finished_at is None:
        DuplicateScan.objects.filter(pk=run.pk, finished_at__isnull=True).update(stopped_at=timezone.now())
        run.refresh_from_db()
    return run


def _allow(entity: Entity, by: User) -> None:
    if not may_search(entity, by):
        raise Forbidden(_("You may not change many %(many)s at once.") % {"many": entity.noun.many})
