"""The page on which two records become one: which is the other, and whose value each field takes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render as render_template
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from guanxi.access.models import User
from guanxi.entity.entity import Entity
from guanxi.entity.field import Field
from guanxi.entity.kinds import Link
from guanxi.record.merging import choices, chosen_by, merge
from guanxi.record.reach import reachable
from guanxi.record.refusals import Refused
from guanxi.surfaces.answers import by_htmx, go, one_submit
from guanxi.surfaces.dedupe.compared import compared, picks_of
from guanxi.surfaces.forms.duplicates import same_as
from guanxi.surfaces.forms.inputs import Sheet, inputs
from guanxi.surfaces.listing.rows import title_for
from guanxi.surfaces.pages import answering, must_see, record_or_404, user_of

MOST_AFTER = 20
"""So many records at most wait to be merged after two."""


@answering
@require_http_methods(["GET", "POST"])
def merging(request: HttpRequest, entity: Entity, key: int) -> HttpResponse:
    """Ask with which record; show both side by side; merge them."""
    user = user_of(request)
    must_see(entity, user, "edit")
    if not entity.mergeable:
        raise Http404(_("There is no such page."))
    record = record_or_404(entity, key, user)
    other = _other(entity, request.GET.get("with", ""), user)
    if other is None or other.pk == record.pk:
        return _ask(request, entity, record, user)
    if request.method == "POST":
        return _merged(request, entity, record, other, user)
    return _side_by_side(request, entity, record, other, user)


def merging_address(entity: Entity, kept: int, gone: int, *others: int, review: bool = False) -> str:
    """Where two records are compared and merged; `others` come after them, one by one."""
    asked = {"with": gone, **({"then": ",".join(map(str, others))} if others else {}), **({"from": "review"} if review else {})}
    return f"/{entity.path}/{kept}/merge?{urlencode(asked, safe=',')}"


def _others(request: HttpRequest, entity: Entity, user: User, *besides: int) -> list[int]:
    """The records that come after these two, as far as they can still be merged."""
    parts = [part for part in request.GET.get("then", "").split(",")[:MOST_AFTER] if part.isascii() and part.isdigit() and len(part) < 19]
    asked = [key for key in dict.fromkeys(map(int, parts)) if key not in besides]
    able = set(reachable(entity, "edit", user).filter(pk__in=asked).values_list("pk", flat=True)) if asked else set()
    return [key for key in asked if key in able]


def _other(entity: Entity, text: str, user: User) -> Any:
    """The record that the address names as the other one; None when it names none."""
    if not text:
        return None
    return record_or_404(entity, int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0, user)


def _ask(request: HttpRequest, entity: Entity, record: Any, user: User) -> HttpResponse:
    """Which one it is merged with: those that look alike, and any other."""
    one = Field("with", kind=Link(entity.path), label=_("Another %(noun)s") % {"noun": entity.noun.one})
    sheet = Sheet(entity, user, values={"with": None}, prefix="merge")
    able = reachable(entity, "edit", user)
    found = same_as(entity, record, user)
    editable = set(able.filter(pk__in=[likeness.record.pk for likeness in found]).values_list("pk", flat=True))
    context = {
        "entity": entity, "record": record, "title": title_for(entity, to=user)(record), "input": replace(inputs(sheet, [one])[0], wide=True),
        "found": [likeness for likeness in found if likeness.record.pk in editable],
    }  # fmt: skip
    return render_template(request, f"surfaces/dedupe/ask.html{'#dialog' if by_htmx(request) else ''}", context)


def _side_by_side(
    request: HttpRequest,
    entity: Entity,
    kept: Any,
    gone: Any,
    user: User,
    *,
    picked: dict[str, str] | None = None,
    wrong: Refused | None = None,
) -> HttpResponse:
    may = reachable(entity, "edit", user).filter(pk__in=[kept.pk, gone.pk]).count() == 2
    told = []
    for name, message in (wrong.errors if wrong else {}).items():
        field = entity.fields.get(name)
        told.append(_("%(field)s: %(message)s") % {"field": field.label, "message": message} if field else message)
    review = request.GET.get("from") == "review"
    others = _others(request, entity, user, kept.pk, gone.pk)
    context = {
        "entity": entity, "both": compared(entity, kept, gone, user, picked), "may": may, "wrong": told,
        "action": merging_address(entity, kept.pk, gone.pk, *others, review=review), "others": len(others),
        "swap": merging_address(entity, gone.pk, kept.pk, *others, review=review),
        "back": f"/{entity.path}/duplicates/review" if review else f"/{entity.path}/{kept.pk}",
    }  # fmt: skip
    return render_template(request, "surfaces/dedupe/merge.html", context, status=422 if wrong else 200)


def _merged(request: HttpRequest, entity: Entity, kept: Any, gone: Any, user: User) -> HttpResponse:
    picked = picks_of(entity, request.POST, list(choices(entity, kept, gone, by=user)))
    name = title_for(entity, to=user)
    names = {"gone": name(gone), "kept": name(kept)}
    try:
        done = merge(kept, gone, chosen_by(entity, kept, gone, picked, by=user), by=user, origin=one_submit())
    except Refused as refusal:
        return _side_by_side(request, entity, kept, gone, user, picked=picked, wrong=refusal)
    alike = names["gone"] == names["kept"]
    said = (_("The two records of “%(kept)s” are one now.") if alike else _("“%(gone)s” was merged into “%(kept)s”.")) % names
    others = _others(request, entity, user, kept.pk, gone.pk)
    if others:
        return go(request, merging_address(entity, kept.pk, *others), said, undo=f"/batches/{done.batch}/undo")
    back = f"/{entity.path}/duplicates/review" if request.GET.get("from") == "review" else f"/{entity.path}/{kept.pk}"
    return go(request, back, said, undo=f"/batches/{done.batch}/undo")
