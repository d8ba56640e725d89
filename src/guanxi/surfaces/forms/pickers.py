"""What pickers ask for: records by a few letters, a record made on the way, likely duplicates."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render as render_template
from django.views.decorators.http import require_GET, require_POST

from guanxi.access.models import User
from guanxi.access.sight import clear
from guanxi.base.ordering import in_order
from guanxi.base.words import fold
from guanxi.entity.entity import Entity
from guanxi.entity.field import Field
from guanxi.entity.kinds import Person
from guanxi.entity.registry import entity_named
from guanxi.record.changes import create
from guanxi.record.reach import visible
from guanxi.record.refusals import Refused
from guanxi.surfaces.answers import one_submit
from guanxi.surfaces.forms.choices import FEW, all_of, belongs_by, keys_of
from guanxi.surfaces.forms.duplicates import alike, likely
from guanxi.surfaces.listing.rows import title_for
from guanxi.surfaces.ordering import order_of
from guanxi.surfaces.pages import answering, must_see, user_of
from guanxi.surfaces.reading import Query, rows

MOST = 20
LOOKED_AT = 60


@answering
@require_GET
def suggest(request: HttpRequest, entity: Entity) -> HttpResponse:
    """`?q=` and `?depend=`: up to twenty records to choose from, nearest first; settings of several others say of which they are."""
    user = user_of(request)
    must_see(entity, user)
    depend = request.GET.get("depend", "")
    found = matching(entity, request.GET.get("q", "").replace("\x00", "").strip()[:100], user, depend)
    options, of = [option(entity, record, user) for record in found], _masters(entity, depend, user)
    for record, shown in zip(found, options, strict=True):
        if of:
            shown["label"] = f"{of[1].get(of[0].of(record), '')} · {shown['label']}"
    return JsonResponse({"options": options})


def _masters(entity: Entity, depend: str, user: User) -> tuple[Field, dict[Any, str]] | None:
    """The field that says what records of a settings entity belong to, and the names of those; None where all belong to one."""
    master = entity.fields.get(belongs_by(entity)) if entity.settings else None
    if master is None or not clear(entity, master, to=user) or len(keys_of(depend)) == 1:
        return None
    names = dict(all_of(entity_named(master.k.linked() or "")) or ())
    return (master, names) if len(names) > 1 else None


def matching(entity: Entity, q: str, user: User, depend: str = "") -> list[Any]:
    """Records the person may see that match; those that belong to `depend` first, and only those of settings."""
    master = _master(entity, depend)
    if master is None:
        return _matching(entity, q, user)[: _most(entity)]
    found = _matching(entity, q, user, **master)
    if entity.settings:
        return found
    seen = {record.pk for record in found}
    return (found + [record for record in _matching(entity, q, user) if record.pk not in seen])[:MOST]


def _matching(entity: Entity, q: str, user: User, **where: Any) -> list[Any]:
    if q and entity.searchable:
        found = rows(Query(entity, search=q), to=user).filter(**where)[:LOOKED_AT]
    elif q:
        found = visible(entity, to=user).filter(**{f"{entity.title}__icontains": q}, **where)[:LOOKED_AT]
    else:
        return list(visible(entity, to=user).filter(**where).order_by(*_order(entity, user), "pk")[: _most(entity)])
    begins, q = fold(q), fold(q)
    return sorted(found, key=lambda one: (not fold(entity.title_of(one)).startswith(begins), in_order(entity.title_of(one))))


def _most(entity: Entity) -> int:
    return FEW if entity.settings else MOST


def _order(entity: Entity, user: User) -> list[Any]:
    """Settings in their own order, those that belong to one together; others newest first, which needs no sorting."""
    if not entity.settings:
        return ["-pk"]
    name = belongs_by(entity)
    together = [f"{name}__{one}" for one in entity_named(entity.fields[name].k.linked() or "").order] if name else []
    return together + [one.expression.desc() if one.descending else one.expression.asc() for one in order_of(entity, (), to=user)]


def _master(entity: Entity, depend: str) -> dict[str, list[int]] | None:
    """Those that belong to the records of these keys."""
    name, keys = belongs_by(entity), keys_of(depend)
    return {f"{name}_id__in": keys} if name and keys else None


def option(entity: Entity, record: Any, user: User) -> dict[str, Any]:
    """A record as an option: its key, its title, what tells it apart."""
    titles: dict[tuple[str, int], str] = {}
    sub = [
        one.k.format(one.of(record), user.locale, titles)
        for one in (entity.fields[name] for name in entity.subtitle if name in entity.fields)
        if not one.k.linked() and clear(entity, one, to=user)
    ]
    shown: dict[str, Any] = {
        "value": record.pk,
        "label": title_for(entity, to=user)(record),
        "sub": " · ".join(part for part in sub if part),
    }
    if entity.path == Person().to:
        shown["avatar"] = record.pk
    return shown


@answering
@require_POST
def quick(request: HttpRequest, entity: Entity) -> HttpResponse:
    """A record out of nothing but what it is called, while another is being written."""
    user = user_of(request)
    must_see(entity, user, "create")
    label = request.POST.get("label", "").strip()
    try:
        record = create(entity, {entity.title: label}, by=user, origin=one_submit())
    except Refused as refusal:
        told = refusal.told(entity.fields)
        problem = json.dumps({"title": told, "detail": told, "status": 422})
        return HttpResponse(problem, status=422, content_type="application/problem+json")
    return JsonResponse(option(entity, record, user))


@answering
@require_GET
def duplicates(request: HttpRequest, entity: Entity) -> HttpResponse:
    """Records that are likely the one being typed, among those the person may see."""
    user = user_of(request)
    must_see(entity, user)
    found = likely(entity, request.GET, user)
    similar = alike(entity, request.GET, user, besides={(one.entity.path, one.record.pk) for one in found})
    return render_template(request, "surfaces/duplicates.html", {"entity": entity, "found": found, "similar": similar})
