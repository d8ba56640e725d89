"""The page of pairs that wait for a decision, and the search that finds them."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render as render_template
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from guanxi.access.models import User
from guanxi.entity.entity import Entity
from guanxi.surfaces.answers import by_htmx, go
from guanxi.surfaces.dedupe.queue import SHOWN, decide, page, part
from guanxi.surfaces.dedupe.tasks import begin, latest, may_search, stop
from guanxi.surfaces.pages import answering, must_see, render, toast, user_of
from guanxi.surfaces.reading import count


def _allowed(request: HttpRequest, entity: Entity) -> User:
    user = user_of(request)
    must_see(entity, user, "edit")
    if not entity.mergeable:
        raise Http404(_("There is no such page."))
    return user


@answering
@require_GET
def review(request: HttpRequest, entity: Entity) -> HttpResponse:
    """The queue: likely pairs, possible ones, those put off, those that are not the same."""
    user = _allowed(request, entity)
    show = request.GET.get("show", "likely")
    if show not in SHOWN:
        raise Http404(_("There is no such page."))
    pairs, more = page(entity, show, user, request.GET.get("after", ""))
    tabs = (
        [(name, label, count(part(entity, name, user).order_by())) for name, label in SHOWN.items()] if not request.GET.get("after") else []
    )
    run = latest(entity)
    context = {
        "entity": entity, "pairs": pairs, "more": more, "show": show, "tabs": tabs, "run": run,
        "counted": {"records": f"{run.records:,}", "found": f"{run.found:,}"} if run else {},
        "may_search": may_search(entity, user), **_joining(entity),
    }  # fmt: skip
    return render(request, "surfaces/dedupe/review.html", "pairs" if "after" in request.GET else None, **context)


def _joining(entity: Entity) -> dict[str, Any]:
    """The verb by which records go into their kin; not the verb itself: a template would call it."""
    if not entity.kin:
        return {}
    verb = entity.verb(entity.joins)
    return {"verb": verb.label, "verb_icon": verb.icon}


@answering
@require_POST
def search(request: HttpRequest, entity: Entity) -> HttpResponse:
    """Begin a search, or stop the one that runs."""
    user = _allowed(request, entity)
    if "stop" in request.POST:
        stop(entity, by=user)
    else:
        begin(entity, by=user)
    return go(request, f"/{entity.path}/duplicates/review")


@answering
@require_GET
def progress(request: HttpRequest, entity: Entity) -> HttpResponse:
    """How far the search is; asked for every second while the page is open, which is shown anew at its end."""
    user = _allowed(request, entity)
    run = latest(entity)
    if run is None or run.finished_at is not None:
        return go(request, f"/{entity.path}/duplicates/review")
    context = {"entity": entity, "run": run, "may_search": may_search(entity, user)}
    return render_template(request, "surfaces/dedupe/review.html#progress", context)


@answering
@require_POST
def said(request: HttpRequest, entity: Entity, key: int) -> HttpResponse:
    """Not the same, later, or open again."""
    user = _allowed(request, entity)
    decision = request.POST.get("decision", "")
    decide(entity, key, decision, by=user)
    if not by_htmx(request):
        return go(request, f"/{entity.path}/duplicates/review")
    told = {
        "different": _("Noted: these are not the same. They will not be shown together again."),
        "later": _("Put off."),
        "": _("Open again."),
    }
    return toast(HttpResponse(""), told[decision])
