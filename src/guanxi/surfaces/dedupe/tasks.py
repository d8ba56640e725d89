"""The job behind a search for duplicates."""

from __future__ import annotations

from contextlib import suppress
from copy import copy

from django.db import Error, transaction
from django.db.models import Q, QuerySet
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
    """The whole search, with its parts one after the other; taken up again after a kill, it goes on where it was."""
    keep_up()
    with only_once(LOCK, run) as mine:
        left = list(_all_of(run).filter(finished_at__isnull=True)) if mine else []
        if not left:
            return
        try:
            for one in left:
                scan(one)
        except Error:
            raise
        except Exception:
            _all_of(run).filter(finished_at__isnull=True).update(finished_at=timezone.now())
            raise
    found = whole(DuplicateScan.objects.get(pk=run))
    if found.user_id and not found.stopped_at:
        tell([found.user_id], "duplicates found", None, entity=found.entity, found=found.found)


def _all_of(run: int) -> QuerySet[DuplicateScan]:
    """A search and its parts, in order."""
    return DuplicateScan.objects.filter(Q(pk=run) | Q(part_of=run)).order_by("pk")


def whole(run: DuplicateScan) -> DuplicateScan:
    """A search and its parts told as one: how far the part is that it is at, and what all have found."""
    several = list(_all_of(run.pk))
    told = copy(next((one for one in several if one.finished_at is None), several[-1]))
    told.pk, told.records, told.begun_at = run.pk, several[0].records, run.begun_at
    told.compared, told.found = sum(one.compared for one in several), sum(one.found for one in several)
    return told


def may_search(entity: Entity, user: User) -> bool:
    """Whether the person may start a search: it reads all records, so it takes the right to change many at once."""
    return bool(user.rights.may("bulk", entity.path) and user.rights.may("edit", entity.path))


def latest(entity: Entity) -> DuplicateScan | None:
    """The search that runs, or ran last, with its parts."""
    run = DuplicateScan.objects.filter(entity=entity.path, part_of__isnull=True).order_by("-pk").first()
    return whole(run) if run else None


def begin(entity: Entity, *, by: User) -> DuplicateScan:
    """A search that a worker begins; the one that runs already, if there is one, which goes on if it was left. Forbidden."""
    _allow(entity, by)
    left = DuplicateScan.objects.filter(entity=entity.path, finished_at__isnull=True, stopped_at__isnull=True)
    one = left.select_related("part_of").order_by("pk").first()
    run = new_search(entity, by) if one is None else one.part_of or one
    with suppress(AlreadyEnqueued), transaction.atomic():  # it waits for a worker already; a transaction around this goes on
        find_duplicates.configure(queueing_lock=f"find_duplicates {run.pk}").defer(run=run.pk)
    return run


def new_search(entity: Entity, by: User | None) -> DuplicateScan:
    """A search that nobody is at yet: among the records, and between these and each of their kin."""
    with transaction.atomic():
        run = DuplicateScan.objects.create(entity=entity.path, user=by)
        for kin in entity.kin:
            DuplicateScan.objects.create(entity=entity.path, other=kin.entity, user=by, part_of=run)
    return run


def stop(entity: Entity, *, by: User) -> DuplicateScan | None:
    """No further step of the search that runs; what was found before stays. Forbidden."""
    _allow(entity, by)
    run = latest(entity)
    if run is not None:
        _all_of(run.pk).filter(finished_at__isnull=True).update(stopped_at=timezone.now())
    return latest(entity)


def _allow(entity: Entity, by: User) -> None:
    if not may_search(entity, by):
        raise Forbidden(_("You may not change many %(many)s at once.") % {"many": entity.noun.many})
