"""The page of search results, by entity."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from guanxi.surfaces.listing.frame import capital
from guanxi.surfaces.pages import answering, render, user_of
from guanxi.surfaces.search.query import find, searched

LIMIT = 50


@require_GET
@answering
def search(request: HttpRequest) -> HttpResponse:
    """What is found, and where else to look."""
    user = user_of(request)
    text = request.GET.get("q", "").replace("\x00", "").strip()[:200]
    seen = searched(user)
    only = next((one for one in seen if one.path == request.GET.get("in")), None)
    hits = find(text, to=user, entities=[only] if only else seen, limit=LIMIT) if text else []
    found = {hit.entity.path for hit in hits}
    groups = [
        {"entity": one, "label": capital(str(one.noun.many)), "hits": [hit for hit in hits if hit.entity is one]}
        for one in seen
        if one.path in found
    ]
    tabs = [{"label": capital(str(one.noun.many)), "path": one.path, "current": one is only} for one in seen if one.group]
    context = {"text": text, "groups": groups, "tabs": tabs, "only": only, "number": len(hits), "more": len(hits) == LIMIT}
    return render(request, "surfaces/search/search.html", "results", **context)
