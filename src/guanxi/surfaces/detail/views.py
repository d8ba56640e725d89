"""The page of one record, its preview beside a list, and the parts of it that are made anew."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.shortcuts import render as render_template
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from guanxi.access.models import User
from guanxi.access.sight import clear, readable
from guanxi.access.titles import titles
from guanxi.entity.entity import Entity
from guanxi.entity.field import Field
from guanxi.record.merging import heir
from guanxi.surfaces.answers import by_htmx, go
from guanxi.surfaces.detail import lines as consists
from guanxi.surfaces.detail.asides import asides_of
from guanxi.surfaces.detail.facts import parts_of
from guanxi.surfaces.detail.head import head_of
from guanxi.surfaces.detail.next_step import next_step
from guanxi.surfaces.detail.related import EAGER, fetch, listed, lists_of, wanted
from guanxi.surfaces.detail.standing import Standing, standing
from guanxi.surfaces.files.block import block_of
from guanxi.surfaces.pages import answering, must_see, record_or_404, render, user_of
from guanxi.surfaces.timeline import events
from guanxi.surfaces.timeline.composer import composer_of
from guanxi.surfaces.timeline.filters import filters_of


@answering
@require_GET
def detail(request: HttpRequest, entity: Entity, key: int) -> HttpResponse:
    """Everything about one record: facts, next step, timeline, what leads to it."""
    user = user_of(request)
    must_see(entity, user)
    try:
        stands = standing(entity, key, user)
    except Http404:
        return redirect(heir_of(entity, key, user))
    if "peek" in request.GET and by_htmx(request):
        return _peek(request, entity, stands, user)
    context = gathered(entity, stands, user, facts=True)
    context["composer"] = composer_of(entity, stands.record, user)
    context["composes"] = context["composer"] is not None
    context["filters"] = filters_of(entity, stands.record, user)
    return render(request, "surfaces/detail.html", **context)


@answering
@require_GET
def fresh(request: HttpRequest, entity: Entity, key: int) -> HttpResponse:
    """The parts of the page that a write may have changed, each put in its place; not the composer, where someone may be typing."""
    user = user_of(request)
    try:
        stands = standing(entity, key, user)
    except Http404:
        if not by_htmx(request):
            raise
        return go(request, f"/{entity.path}", _("The record is no longer yours to see."))
    facts = "facts" in request.GET
    context = gathered(entity, stands, user, facts=facts)
    context |= {"oob": True, "composes": True, "filters": filters_of(entity, stands.record, user)}
    # What came later is there by now: it does not go and come again with every write.
    context |= {"asides": context["asides"] + _asides(entity, stands.record, user, later=True), "later": ""}
    return render_template(request, "surfaces/detail.html#fresh", context)


@answering
@require_GET
def peek(request: HttpRequest, entity: Entity, key: int) -> HttpResponse:
    """The record beside the list: head, next step, facts and what happened last."""
    user = user_of(request)
    must_see(entity, user)
    try:
        stands = standing(entity, key, user)
    except Http404:
        return redirect(f"{heir_of(entity, key, user)}/peek")
    return _peek(request, entity, stands, user) if by_htmx(request) else go(request, f"/{entity.path}/{key}")


def heir_of(entity: Entity, key: int, user: User) -> str:
    """The page of the record into which one that is not there was merged; 404 when it was not."""
    kept = heir(entity, key)
    return f"/{entity.path}/{record_or_404(entity, kept or 0, user).pk}"


def _peek(request: HttpRequest, entity: Entity, stands: Standing, user: User) -> HttpResponse:
    context = gathered(entity, stands, user, facts=True, aside=False)
    return render_template(request, "surfaces/peek.html", context)


@answering
@require_GET
def related(request: HttpRequest, entity: Entity, key: int, name: str) -> HttpResponse:
    """One related list, fetched when it is seen."""
    user = user_of(request)
    record = record_or_404(entity, key, user)
    one = next((each for each in lists_of(entity, user) if each.name == name), None)
    if one is None:
        raise Http404(_("There is no such list."))
    rows = fetch(one, record, user)
    known = titles(wanted(one, rows, user), to=user)
    return render_template(request, "surfaces/detail.html#related", {"one": listed(one, record, entity, rows, user, known)})


def gathered(entity: Entity, stands: Standing, user: User, *, facts: bool, aside: bool = True) -> dict[str, Any]:
    """What the page shows. Titles of everything on it are looked up at once."""
    record = stands.record
    lists = lists_of(entity, user) if aside else []
    rows = {one.name: fetch(one, record, user) for one in lists[:EAGER]}
    tables = [(one, consists.fetch(one, record, user)) for one in (consists.tables_of(entity, user) if aside else [])]
    raw = events.read(entity, record, user)
    shown = readable(entity, entity.fields.values(), to=user)
    found = raw.wanted(user)
    in_lists = (wanted(one, rows[one.name], user) for one in lists[:EAGER])
    in_tables = (consists.wanted(one, parts, user) for one, parts in tables)
    for wants in (_links(entity, record, shown, user), *in_lists, *in_tables):
        for path, keys in wants.items():
            found.setdefault(path, set()).update(keys)
    known = titles(found, to=user)
    timeline = events.show(raw, entity, record, user, known)
    facts_of, empty = parts_of(entity, record, user, may_edit=stands.may_edit, known=known) if facts else ([], [])
    return {
        "entity": entity,
        "record": record,
        "head": head_of(entity, stands, user, known),
        "next": next_step(entity, record, user, timeline.next_plan, may_edit=stands.may_edit),
        "parts": facts_of,
        "empty": empty,
        "with_facts": facts,
        "timeline": timeline,
        "asides": _asides(entity, record, user, later=False) if aside else [],
        "later": f"/{entity.path}/{record.pk}/asides" if aside and asides_of(entity.path, user, later=True) else "",
        "tables": [consists.table(one, record, parts, user, known) for one, parts in tables],
        "files": block_of(entity, stands, user) if aside else None,
        "lists": [listed(one, record, entity, rows.get(one.name), user, known) for one in lists],
        "may_edit": stands.may_edit,
    }


@answering
@require_GET
def asides(request: HttpRequest, entity: Entity, key: int) -> HttpResponse:
    """What is fetched once the page is there."""
    user = user_of(request)
    record = record_or_404(entity, key, user)
    return render_template(request, "surfaces/detail.html#asides", {"asides": _asides(entity, record, user, later=True)})


def _links(entity: Entity, record: Any, fields: Iterable[Field], user: User) -> dict[str, set[int]]:
    """Records that the facts lead to."""
    found: dict[str, set[int]] = {}
    for one in fields:
        target = one.k.linked()
        if target and clear(entity, one, to=user):
            value = one.of(record)
            found.setdefault(target, set()).update(value if isinstance(value, (tuple, list)) else {value} - {None})
    return found


def _asides(entity: Entity, record: Any, user: User, *, later: bool) -> list[dict[str, Any]]:
    shown = [{"label": one.label, "figures": one.figures(record, user)} for one in asides_of(entity.path, user, later=later)]
    return [one for one in shown if one["figures"]]
