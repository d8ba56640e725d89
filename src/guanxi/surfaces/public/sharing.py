"""For those who are signed in: the links of a record, and its paper."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render as render_template
from django.urls import reverse
from django.utils import translation
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from guanxi.access.models import LANGUAGES, User
from guanxi.access.titles import titles
from guanxi.access.visitors import Visitor, locale_of
from guanxi.entity.entity import Entity
from guanxi.entity.public import Public
from guanxi.record.refusals import Refused
from guanxi.surfaces.answers import by_htmx, url_of
from guanxi.surfaces.listing.rows import title_for
from guanxi.surfaces.pages import answering, must_see, record_or_404, user_of
from guanxi.surfaces.public.links import links_of, make_link, may_share, revoke_link, token_of
from guanxi.surfaces.public.model import PublicLink, PublicVisit
from guanxi.surfaces.public.pages import as_file
from guanxi.surfaces.public.papers import file_name, paper
from guanxi.surfaces.public.showing import shown

LATEST = 100


@dataclass(frozen=True)
class Way:
    """A link as those who may share the record see it."""

    link: PublicLink
    url: str
    """Empty when it leads nowhere any more."""
    visits: list[tuple[dt.datetime, str]]
    """When it was opened or answered lately, and how."""


def address_of(request: HttpRequest, link: PublicLink) -> str:
    """The whole address of a link, as somebody outside types it."""
    return request.build_absolute_uri(reverse("public-page", args=[token_of(link)]))


@answering
@require_http_methods(["GET", "POST"])
def share(request: HttpRequest, entity: Entity, key: int) -> HttpResponse:
    """The links of a record; POST makes one."""
    user = user_of(request)
    record = _shareable(entity, key, user)
    error = ""
    if request.method == "POST":
        try:
            make_link(record, by=user, note=request.POST.get("note", ""), expires_at=_end_of(request.POST.get("expires_on", ""), user))
        except Refused as refusal:
            error = " ".join(refusal.errors.values())
    return dialog(request, entity, record, user, error=error)


@answering
@require_POST
def revoke(request: HttpRequest, entity: Entity, key: int, link: int) -> HttpResponse:
    """End a link."""
    user = user_of(request)
    record = _shareable(entity, key, user)
    revoke_link(record, link, by=user)
    return dialog(request, entity, record, user)


def dialog(request: HttpRequest, entity: Entity, record: Any, user: User, *, error: str = "") -> HttpResponse:
    """The links with what became of them, each to be copied, and a form for another."""
    public = entity.public
    assert public is not None
    found = links_of(entity, record.pk)
    able = entity.model._default_manager.filter(public.open(user), pk=record.pk).exists()
    visits = _visits(public, found)
    ways = [Way(link, address_of(request, link) if link.living else "", visits[link.pk]) for link in found]
    context = {
        "entity": entity,
        "record": record,
        "title": title_for(entity, to=user)(record),
        "ways": ways,
        "able": able,
        "error": error,
        "days": public.days,
        "action": f"/{entity.path}/{record.pk}/share",
        "back": url_of(record),
    }
    template = "public/share.html#dialog" if by_htmx(request) else "public/share.html"
    return render_template(request, template, context, status=422 if error else 200)


def _visits(public: Public, links: Sequence[PublicLink]) -> Mapping[int, list[tuple[dt.datetime, str]]]:
    """The latest openings and answers by each link."""
    told: dict[int, list[tuple[dt.datetime, str]]] = {link.pk: [] for link in links}
    for visit in PublicVisit.objects.filter(link__in=links).order_by("-at", "-pk")[:LATEST]:
        answer = public.answer(visit.what)
        told[visit.link_id].append((visit.at, f"{answer.label}: {visit.name or '–'}" if answer else pgettext("link", "Opened")))
    return told


def _shareable(entity: Entity, key: int, user: User) -> Any:
    if entity.public is None:
        raise Http404(_("There is no such page."))
    record = record_or_404(entity, key, user)
    if not may_share(entity, key, user):
        raise PermissionDenied(_("You may see this record but not change it."))
    return record


def _end_of(day: str, user: User) -> dt.datetime | None:
    """The end of a day typed, where the person lives. Refused."""
    if not day:
        return None
    try:
        found = parse_date(day)
    except ValueError:
        found = None
    if found is None:
        raise Refused({"expires_at": _("This is not a day.")})
    return dt.datetime.combine(found, dt.time(23, 59, 59), user.locale.zone)


@answering
@require_GET
def print_paper(request: HttpRequest, entity: Entity, key: int) -> HttpResponse:
    """The record as a PDF, in the language asked for or the reader's own. For whoever may see the record and all that stands on it."""
    user = user_of(request)
    must_see(entity, user)
    if entity.public is None:
        raise Http404(_("There is no such page."))
    record = record_or_404(entity, key, user)
    asked = request.GET.get("lang", "")
    language = asked if asked in dict(LANGUAGES) else user.language
    shown(entity, record, to=user)  # refuses those from whom something on it is kept
    with translation.override(language):
        # Money and days as the paper's language writes them, whoever prints it.
        reader = _as_outside(entity, record, user, language)
        content = paper(entity, record, to=reader, language=language)
        return as_file(content, file_name(entity, record))


def _as_outside(entity: Entity, record: Any, user: User, language: str) -> Visitor:
    """A reader in that language who knows what the person knows of the records that this one leads to."""
    reader = Visitor(entity, record.pk, locale_of(language)).knowing(record)
    known = titles({path: set(keys) for path, keys in reader.links.items()}, to=user)
    return replace(reader, links={path: frozenset(key for key in keys if (path, key) in known) for path, keys in reader.links.items()})
