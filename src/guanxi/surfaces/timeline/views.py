"""The timeline's pages, and writing into it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render as render_template
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from guanxi.entity.entity import Entity
from guanxi.record.refusals import Forbidden, Refused
from guanxi.surfaces.answers import announce, by_htmx, forget_draft, go, one_submit, undo_of, url_of
from guanxi.surfaces.inbox.telling import tell_mentioned
from guanxi.surfaces.pages import answering, must_see, record_or_404, toast, user_of
from guanxi.surfaces.timeline.composer import composer_of, draft_of, write_down
from guanxi.surfaces.timeline.diary import has_diary, the_diary
from guanxi.surfaces.timeline.events import Place, timeline
from guanxi.surfaces.timeline.filters import filters_of, known


@answering
@require_http_methods(["GET", "POST"])
def events(request: HttpRequest, entity: Entity, key: int) -> HttpResponse:
    """The timeline, filtered by `?show=`, from `?before=` on; or a new entry."""
    user = user_of(request)
    must_see(entity, user)
    if request.method == "POST":
        return _write(request, entity, key)
    record = record_or_404(entity, key, user)
    chosen = known(entity, user, request.GET.get("show", ""))
    before = Place.parse(request.GET["before"]) if request.GET.get("before") else None
    shown = timeline(entity, record, user, show_only=chosen, before=before)
    context = {
        "entity": entity, "record": record, "timeline": shown, "filters": filters_of(entity, record, user, chosen), "show": chosen,
    }  # fmt: skip
    if not by_htmx(request):
        return go(request, url_of(record))
    part = "older" if before else "timeline"
    return render_template(request, f"surfaces/timeline.html#{part}", context)


def _write(request: HttpRequest, entity: Entity, key: int) -> HttpResponse:
    user = user_of(request)
    record, diary = record_or_404(entity, key, user), the_diary()
    if diary is None or not has_diary(entity) or not user.rights.may("create", diary.entity):
        raise Forbidden(_("You may not write here."))
    origin = one_submit()
    way = diary.way(request.POST.get(diary.kind, ""))
    try:
        entry = write_down(entity, record, request.POST, by=user, origin=origin)
    except Refused as refusal:
        composer = composer_of(entity, record, user, chosen=way.name, typed=request.POST, errors=refusal.errors)
        return render_template(request, "surfaces/composer.html", {"composer": composer, "record": record}, status=422)
    chosen = [int(one) for one in request.POST.getlist("mentions") if one.isascii() and one.isdigit() and len(one) < 19]
    untold = tell_mentioned(entry, request.POST.get(diary.text, ""), by=user, chosen=chosen, where=record)
    said = _("Saved: %(way)s.") % {"way": way.label}
    if untold:
        said += " " + _("Not told, because they may not see this record: %(names)s.") % {"names": ", ".join(untold)}
    if not by_htmx(request):
        return go(request, url_of(record), said, undo=undo_of(origin))
    context = {"composer": composer_of(entity, record, user, chosen=way.name), "record": record, "saved": True}
    response = render_template(request, "surfaces/composer.html", context)
    forget_draft(announce(response, entity, key), draft_of(entity, key))
    return toast(response, said, undo=undo_of(origin), level="warn" if untold else "good")


@answering
@require_GET
def compose(request: HttpRequest, entity: Entity, key: int) -> HttpResponse:
    """The composer at another tab, with what was typed so far."""
    user = user_of(request)
    record = record_or_404(entity, key, user)
    composer = composer_of(entity, record, user, chosen=request.GET.get("way", ""), typed=request.GET)
    if composer is None:
        raise Forbidden(_("You may not write here."))
    return render_template(request, "surfaces/composer.html", {"composer": composer, "record": record, "focus": True})
