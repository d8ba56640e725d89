"""One field edited in place."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render as render_template
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from guanxi.access.models import User
from guanxi.access.sight import changeable, readable
from guanxi.entity.entity import Entity
from guanxi.entity.field import Field
from guanxi.record.changes import Origin, edit
from guanxi.record.refusals import Forbidden, Refused, Stale
from guanxi.surfaces.answers import announce, one_submit, undo_of
from guanxi.surfaces.detail.facts import fact_of, facts_changed
from guanxi.surfaces.forms.following import follow_up
from guanxi.surfaces.forms.inputs import Sheet, control, sent
from guanxi.surfaces.forms.views import version_of
from guanxi.surfaces.history.conflict import touched
from guanxi.surfaces.history.told import value_text
from guanxi.surfaces.pages import answering, must_see, record_or_404, toast, user_of


@answering
@require_http_methods(["GET", "POST"])
def field(request: HttpRequest, entity: Entity, key: int, name: str) -> HttpResponse:
    """The editor of one field; its value once it is saved."""
    user = user_of(request)
    record = record_or_404(entity, key, user)
    one = settable(entity, name, user)
    if entity.keeps_back(name, record, user):
        raise Forbidden(_("This is kept back as long as it is in the pool."))
    if request.method == "GET":
        return editor(request, entity, one, record, user)
    raw = sent(request.POST, [one]).get(name)
    origin, before = one_submit(), {each.name: each.of(record) for each in entity.fields.values()}
    try:
        saved = save(record, one, raw, by=user, version=version_of(request), origin=origin)
    except Refused as refusal:
        return editor(request, entity, one, record, user, raw=raw, error=refused_words(entity, refusal, name))
    except Stale as stale:
        said = _changed_meanwhile(entity, one, stale, user)
        return editor(request, entity, one, stale.record, user, raw=raw, error=said, status=409)
    follow_up(entity, saved, before, by=user)
    return _saved(request, entity, one, record, saved, user, origin)


@answering
@require_GET
def again(request: HttpRequest, entity: Entity, name: str) -> HttpResponse:
    """One input anew, for what was typed into it so far: an address in another country is written otherwise."""
    user = user_of(request)
    must_see(entity, user)
    one = settable(entity, name, user)
    sheet = Sheet(entity, user, typed=sent(request.GET, [one]))
    id_ = request.GET.get("id", "")[:80] or f"f-{name}"
    return HttpResponse(control(sheet, one, id_=id_))


def settable(entity: Entity, name: str, user: User) -> Field:
    """The field, when this person may set it. 404 for one they may not know of, Forbidden for one they may only read."""
    one = entity.fields.get(name)
    if one is None or not readable(entity, [one], to=user):
        raise Http404(_("There is no such field."))
    if not changeable(entity, [one], by=user):
        raise Forbidden(_("You may not set this."))
    return one


def save(record: Any, one: Field, raw: Any, *, by: User, version: int | None, origin: Origin) -> Any:
    """The record with one value changed. A change meanwhile of other fields does no harm; of this one it is Stale."""
    try:
        return edit(record, {one.name: raw}, by=by, origin=origin, version=version)
    except Stale as stale:
        if one.name in touched(stale.meanwhile):
            raise
        return edit(stale.record, {one.name: raw}, by=by, origin=origin, version=stale.record.version)


def refused_words(entity: Entity, refusal: Refused, name: str) -> str:
    """What is wrong, in a line: the field's own error, else those of others with their names."""
    if name in refusal.errors:
        return refusal.errors[name]
    told = []
    for other, message in refusal.errors.items():
        one = entity.fields.get(other)
        told.append(_("%(field)s: %(message)s") % {"field": one.label, "message": message} if one else message)
    return " ".join(told)


def editor(
    request: HttpRequest,
    entity: Entity,
    one: Field,
    record: Any,
    user: User,
    *,
    raw: Any = None,
    error: str = "",
    status: int = 0,
) -> HttpResponse:
    """The form that stands in the place of a value, with what was typed when it was refused."""
    if not entity.model._default_manager.filter(user.rights.where("edit", entity.path), pk=record.pk).exists():
        raise Forbidden(_("You may see this record but not change it."))
    sheet = Sheet(entity, user, record=record, typed={one.name: raw} if error else None, prefix=f"e{record.pk}", alone=True)
    sheet.context = {each.name: each for each in entity.fields.values()}
    html = control(sheet, one, id_=f"e{record.pk}-{one.name}", error=error, focus=True, named=True)
    context = {
        "control": html, "field": one, "error": error, "id": f"e{record.pk}-{one.name}", "version": record.version,
        "action": f"/{entity.path}/{record.pk}/field/{one.name}",
        "small": one.k.template in {"kinds/text.html", "kinds/number.html", "kinds/choice.html", "kinds/day.html", "kinds/moment.html"},
    }  # fmt: skip
    return render_template(request, "surfaces/editor.html", context, status=status or (422 if error else 200))


def _saved(request: HttpRequest, entity: Entity, one: Field, record: Any, saved: Any, user: User, origin: Origin) -> HttpResponse:
    """The value as it now is, and the other facts that changed with it."""
    others = facts_changed(entity, record, saved, user, besides=one.name)
    context = {"fact": fact_of(entity, one, saved, user, may_edit=True), "others": others}
    response = render_template(request, "surfaces/editor.html#saved", context)
    if saved.version == record.version:
        return response
    announce(response, entity, saved.pk)
    response.headers["HX-Trigger"] = response.headers["HX-Trigger"].replace('"rewritten"', '"recorded"')
    said = _("%(field)s is saved.") % {"field": one.label}
    return toast(response, said, undo=undo_of(origin))


def _changed_meanwhile(entity: Entity, one: Field, stale: Stale, user: User) -> str:
    """Who wrote what into the same field, and how to go on."""
    latest = next(change for change in stale.meanwhile if one.name in change.diff)
    values = {"who": latest.by or _("Guanxi"), "text": value_text(one, latest.diff[one.name][1], to=user) or "–"}
    return _("%(who)s wrote “%(text)s” meanwhile. Save again to replace it, or press Esc to keep it.") % values
