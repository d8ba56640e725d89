"""Undoing for programs: one change, or all that one call or one press of a button wrote. By new changes, as on the page."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as _n
from ninja import Router

from guanxi.record.changes import API
from guanxi.record.history import undo, undo_batch
from guanxi.record.models import Change
from guanxi.record.refusals import Missing, Refused
from guanxi.surfaces.api.addressed import key_in
from guanxi.surfaces.api.answers import caller_of, json_answer
from guanxi.surfaces.api.bodies import nothing_sent
from guanxi.surfaces.api.history import in_sight

router = Router()


@router.post("/changes/{key}/undo", operation_id="changes_undo", summary=_n("Undo a change"))
def undo_change(request: HttpRequest, key: str) -> HttpResponse:
    """The values before it, the record back from the trash, or in it. Refused when the same values were changed again since."""
    user = caller_of(request).user
    nothing_sent(request)
    change = Change.objects.filter(pk=key_in(key)).first()
    if change is None or not user.rights.may("see", change.entity):
        raise Missing(_("There is no such change, or you may not see it."))
    origin = API.batched()
    record = undo(change, by=user, origin=origin)
    told = {"entity": change.entity, "id": record.pk, "version": record.version, "deleted": record.deleted_at is not None}
    return json_answer({**told, "batch": origin.batch})


@router.post("/batches/{batch}/undo", operation_id="batches_undo", summary=_n("Undo all that was written at once"))
def undo_all(request: HttpRequest, batch: str) -> HttpResponse:
    """“batch” is told with each change and each write of many. What cannot be undone stands, and is told with the reason where it is in sight.

    The answer has a batch of its own, by which the undoing is undone.
    """
    user = caller_of(request).user
    nothing_sent(request)
    origin = API.batched()
    undone = undo_batch(_batch_in(batch), by=user, origin=origin)
    if not undone.changes:
        raise Missing(_("There is nothing to undo."))
    if not undone.count:
        raise Refused({"": undone.left[0][1]})
    seen = in_sight([change for change, _reason in undone.left], to=user)
    left = [
        {"change": change.pk, "entity": change.entity, "id": change.record_id, "reason": reason}
        for change, reason in undone.left
        if (change.entity, change.record_id) in seen
    ]
    again = (undone.merge.undone_batch or undone.merge.batch) if undone.merge is not None else origin.batch
    return json_answer({"undone": undone.count, "stand": len(undone.left), "left": left, "batch": again})


def _batch_in(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise Missing(_("There is nothing to undo.")) from None
