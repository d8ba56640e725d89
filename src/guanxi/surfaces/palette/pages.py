"""What the palette shows for what was typed."""

from __future__ import annotations

from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from guanxi.surfaces.listing.frame import capital
from guanxi.surfaces.pages import answering, user_of
from guanxi.surfaces.palette.commands import Command, creations, lists, matching, pages, verbs_here, views
from guanxi.surfaces.search.query import Hit, find

HITS = 12
Group = tuple[str, list[Command], list[Hit]]


@require_GET
@answering
def palette(request: HttpRequest) -> HttpResponse:
    """Groups of options: records found, verbs here, pages, views, new records."""
    if request.headers.get("HX-Request") != "true":
        return redirect("search")
    user = user_of(request)
    text = request.GET.get("q", "").replace("\x00", "").strip()[:200]
    name, verbs = verbs_here(user, request.headers.get("Referer", ""))
    groups: list[Group] = []
    if not text:
        groups = [(name, verbs, []), (_("Create"), creations(user), []), (_("Go to"), [*pages(user), *lists(user)], [])]
    else:
        found = find(text, to=user, limit=HITS)
        groups.append((name, matching(verbs, text), []))
        exact = matching([*lists(user), *pages(user), *creations(user)], text)
        records: list[Group] = [
            (capital(str(entity.noun.many)), [], [hit for hit in found if hit.entity is entity])
            for entity in dict.fromkeys(hit.entity for hit in found)
        ]
        commands: list[Group] = [(_("Go to"), exact, []), (_("Views"), matching(views(user), text), [])]
        groups += [*commands, *records] if len(text) < 3 and exact else [*records, *commands]
        groups.append(("", [Command(_("Search everywhere for “%(text)s”") % {"text": text}, "search", "/search?q=" + quote(text))], []))
    return render(request, "surfaces/palette/options.html", {"groups": [one for one in groups if one[1] or one[2]]})
