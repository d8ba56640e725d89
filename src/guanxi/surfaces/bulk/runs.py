"""Bulk actions as jobs: begun, gone on with chunk by chunk, stopped, told of when over.

A chunk, its results and how far the run is are one transaction: a worker killed at any moment loses nothing and does
nothing twice.
"""

from __future__ import annotations

import json
import uuid
from typing import Any

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from guanxi.access.acting import acting
from guanxi.access.models import ApiKey, User
from guanxi.entity.conditions import ConditionError, from_json, to_json
from guanxi.entity.registry import entity_named
from guanxi.record.changes import Origin
from guanxi.record.refusals import Forbidden, Missing
from guanxi.surfaces.bulk.aim import Aim
from guanxi.surfaces.bulk.doing import TOLD, Act, do
from guanxi.surfaces.bulk.model import BulkRun
from guanxi.surfaces.inbox.telling import tell
from guanxi.surfaces.reading import Query, rows

CHUNKS = {"edit": 500, "delete": 500, "verb": 100}


def begin(aim: Aim, act: Act, key: ApiKey | None = None) -> BulkRun:
    """A run over everything aimed at, with the rights of a program's key if there is one; the caller enqueues it."""
    condition = aim.query.condition
    return BulkRun.objects.create(
        user=aim.user, api_key=key, entity=aim.entity.path, what=act.what, verb=act.verb,
        values=json.loads(json.dumps(dict(act.values), default=str)),  # numbers of programs are exact, and kept as text
        keys=list(aim.keys) if aim.keys is not None else None, condition=to_json(condition) if condition is not None else None,
        search=aim.query.search, upto=aim.last_key(), batch=uuid.uuid4(), total=aim.number(),
    )  # fmt: skip


def advance(key: int) -> bool:
    """Do the next chunk; whether there may be another."""
    with transaction.atomic():
        run = (
            BulkRun.objects.select_for_update(of=("self",))
            .select_related("user", "api_key")
            .filter(pk=key, finished_at__isnull=True)
            .first()
        )
        if run is None:
            return False
        with translation.override(run.user.language):
            try:
                going_on = not run.stopped_at and _chunk(run, acting(run.user, run.api_key))
            except (Forbidden, ConditionError) as refusal:
                run.problem, going_on = str(refusal), False
            if not going_on:
                run.finished_at = timezone.now()
        run.save()
        if not going_on:
            _tell(run)
    return going_on


def _chunk(run: BulkRun, user: User) -> bool:
    """The next records done; False when there were none."""
    keys = _next_keys(run, user)
    if not keys:
        return False
    entity = entity_named(run.entity)
    origin = Origin("api" if run.api_key else "ui", run.batch)
    outcome = do(entity, Act(run.what, run.verb, run.values), keys, by=user, origin=origin)
    run.after = keys[-1]
    run.done += outcome.done
    run.failed += outcome.failed
    run.failures = [*run.failures, *(list(one) for one in outcome.failures)][:TOLD]
    return True


def _next_keys(run: BulkRun, user: User) -> list[int]:
    """The records that follow, by their number: what a chunk changes does not move them."""
    size = CHUNKS[run.what]
    if run.keys is not None:
        return sorted(key for key in run.keys if key > run.after)[:size]
    condition = from_json(run.condition) if run.condition else None
    found = rows(Query(entity_named(run.entity), condition, search=run.search), to=user)
    return list(found.filter(pk__gt=run.after, pk__lte=run.upto).order_by("pk").values_list("pk", flat=True)[:size])


def stop(run: BulkRun) -> None:
    """No further chunk; what is done stays done and can be undone."""
    BulkRun.objects.filter(pk=run.pk, finished_at__isnull=True).update(stopped_at=timezone.now())


def own_run(number: int, *, by: User, key: ApiKey | None = None) -> BulkRun:
    """One's own run; of a key with a role, one that it began. Missing."""
    found = BulkRun.objects.filter(pk=number, user=by)
    run = (found if key is None or key.role_id is None else found.filter(api_key=key)).first()
    if run is None:
        raise Missing(_("There is no such job."))
    return run


def _tell(run: BulkRun) -> None:
    values: dict[str, Any] = {"entity": run.entity, "done": run.done, "failed": run.failed, "run": run.pk}
    tell([run.user_id], "bulk finished", None, **values)
