"""The history of a record, and undoing what was done."""

from __future__ import annotations

import uuid

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from guanxi.access.models import User
from guanxi.entity.entity import Entity
from guanxi.entity.registry import entity_named
from guanxi.record import events
from guanxi.record.history import changes_of, undo, undo_batch
from guanxi.record.models import Change, Merge
from guanxi.record.reach import reachable
from guanxi.record.refusals import Missing, Refused
from guanxi.surfaces.answers import announce, by_htmx, done, go, one_submit, undo_of
from guanxi.surfaces.history.told import tell_changes
from guanxi.surfaces.listing.rows import title_for
from guanxi.surfaces.pages import answering, must_see, record_or_404, render, toast, user_of

PAGE = 30


@answering
@require_GET
def history(request: HttpRequest, entity: Entity, key: int) -> HttpResponse:
    """Everything that happened to a record, newest first: who, when, before, after."""
    user = user_of(request)
    must_see(entity, user)
    record = record_or_404(entity, key, user)
    found = changes_of(record)
    before = request.GET.get("before", "")
    if before.isascii() and before.isdigit() and len(before) < 19:
        found = found.filter(pk__lt=int(before))
    changes = list(found[: PAGE + 1])
    told = tell_changes(changes[:PAGE], to=user, about=(entity.path, key), own=record)
    may_edit = reachable(entity, "edit", user).filter(pk=key).exists()
    older = changes[PAGE - 1].pk if len(changes) > PAGE else None
    context = {
        "entity": entity,
        "record": record,
        "title": title_for(entity, to=user)(record),
        "told": told,
        "may_edit": may_edit,
        "older": older,
    }
    return render(request, "surfaces/history.html", "changes" if before else "dialog", **context)


@answering
@require_POST
def undo_change(request: HttpRequest, key: int) -> HttpResponse:
    """One change undone, by a new change."""
    user = user_of(request)
    change = Change.objects.filter(pk=key).first()
    if change is None or not user.rights.may("see", change.entity):
        raise Missing(_("There is no such change, or you may not see it."))
    entity = entity_named(change.entity)
    origin = one_submit()
    try:
        record = undo(change, by=user, origin=origin)
    except Refused as refusal:
        raise Refused({"": refusal.told(entity.fields)}) from None
    said = _("Undone: “%(record)s” is as it was before.") % {"record": title_for(entity, to=user)(record)}
    return _undone(request, entity, record.pk, said, undo_of(origin), gone=record.deleted_at is not None)


@answering
@require_POST
def undo_submit(request: HttpRequest, batch: uuid.UUID) -> HttpResponse:
    """Everything one submit wrote, undone as far as it can be."""
    user = user_of(request)
    origin = one_submit()
    undone = undo_batch(batch, by=user, origin=origin)
    changes, left = undone.changes, undone.left
    if undone.merge is not None:
        return _apart(request, undone.merge, user)
    if not changes:
        raise Http404(_("There is nothing to undo."))
    if not undone.count:
        raise Refused({"": left[0][1]})
    said = ngettext("Undone.", "%(count)d changes undone.", undone.count) % {"count": undone.count}
    if left:
        said += " " + ngettext("One could not be undone.", "%(left)d could not be undone.", len(left)) % {"left": len(left)}
    # What a verb of its own undid is where one goes back to: a lead, not the account that was made of it.
    back = next((change for change in changes if events.undoing(change.event)), None)
    if back is not None:
        return go(request, f"/{back.entity}/{back.record_id}", said, undo=undo_of(origin))
    first = changes[-1]
    gone = first.event.endswith(".created")
    many = len({(change.entity, change.record_id) for change in changes}) > 1
    return _undone(request, entity_named(first.entity), first.record_id, said, undo_of(origin), gone=gone, many=many)


def _apart(request: HttpRequest, merge: Merge, user: User) -> HttpResponse:
    """Taken apart, or merged again: on the kept record's page, where both can be seen to be so."""
    url = f"/{merge.entity}/{merge.kept_id}"
    if merge.undone_at is None:
        return go(request, url, _("Merged again."), undo=f"/batches/{merge.batch}/undo")
    return go(request, url, _("The merge is undone: both records are back."), undo=f"/batches/{merge.undone_batch}/undo")


def _undone(request: HttpRequest, entity: Entity, key: int, said: str, again: str, *, gone: bool, many: bool = False) -> HttpResponse:
    if not by_htmx(request):
        return go(request, f"/{entity.path}" if gone else f"/{entity.path}/{key}", said)
    here = request.headers.get("HX-Current-URL", "").partition("?")[0].rstrip("/")
    if gone and here.endswith(f"/{entity.path}/{key}"):
        return go(request, f"/{entity.path}", said, undo=again)
    return announce(toast(done(entity, key, said), said, undo=again), entity, key, *(["refresh-list"] if many else []))
