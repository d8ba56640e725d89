"""A cell edited in place, and one row as it is now."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from guanxi.access.models import User
from guanxi.entity.entity import Entity
from guanxi.entity.field import Field
from guanxi.record.refusals import Forbidden, Missing, Refused, Stale
from guanxi.surfaces.answers import announce, one_submit, undo_of
from guanxi.surfaces.bulk.acts import possible
from guanxi.surfaces.forms.fields import refused_words, save, settable
from guanxi.surfaces.forms.following import follow_up
from guanxi.surfaces.forms.inputs import Sheet, control
from guanxi.surfaces.forms.views import version_of
from guanxi.surfaces.listing.rows import asking, marks, needed, rows_html
from guanxi.surfaces.pages import answering, must_see, record_or_404, toast, user_of
from guanxi.surfaces.reading import Query, rows
from guanxi.surfaces.views.asking import ask, columns_of

SMALL = {"kinds/text.html", "kinds/number.html", "kinds/choice.html", "kinds/day.html", "kinds/moment.html"}


@require_http_methods(["GET", "POST"])
@answering
def cell(request: HttpRequest, entity: Entity, key: int, name: str) -> HttpResponse:
    """The editor of one cell; the row once it is saved."""
    user = user_of(request)
    must_see(entity, user)
    record = record_or_404(entity, key, user)
    one = settable(entity, name, user)
    if not entity.model._default_manager.filter(user.rights.where("edit", entity.path), pk=key).exists():
        raise Forbidden(_("You may see this record but not change it."))
    if request.method == "GET":
        return _editor(request, entity, one, record, user)
    raw = one.k.read(request.POST, name)
    origin, before = one_submit(), {each.name: each.of(record) for each in entity.fields.values()}
    try:
        saved = save(record, one, raw, by=user, version=version_of(request), origin=origin)
    except Refused as refusal:
        return _editor(request, entity, one, record, user, raw=raw, error=refused_words(entity, refusal, name))
    except Stale as stale:
        said = _("Somebody else changed this meanwhile; save again to set it anyway.")
        return _editor(request, entity, one, stale.record, user, raw=raw, error=said, status=409)
    follow_up(entity, saved, before, by=user)
    response = HttpResponse(_row(entity, key, _columns(request.GET, entity, user), to=user))
    if saved.version == record.version:
        return response
    said = _("%(field)s is saved.") % {"field": one.label}
    return toast(announce(response, entity, key), said, undo=undo_of(origin))


@require_GET
@answering
def row(request: HttpRequest, entity: Entity, key: int) -> HttpResponse:
    """One row as it is now. Missing when the reader may not see the record (any more)."""
    user = user_of(request)
    must_see(entity, user)
    html = _row(entity, key, _columns(request.GET, entity, user), to=user)
    if not html:
        raise Missing(_("There is no such record, or you may not see it."))
    return HttpResponse(html)


def _columns(params: QueryDict, entity: Entity, user: User) -> list[Field]:
    return columns_of(ask(params, entity, to=user).view, to=user)


def _row(entity: Entity, key: int, columns: list[Field], *, to: User) -> str:
    verbs = possible(entity, by=to)
    found = rows(Query(entity), to=to).filter(pk=key).only("pk", *needed(entity, columns))
    return rows_html(entity, list(found.annotate(**marks(entity, columns, to=to), **asking(verbs))), columns, to=to, verbs=verbs)


def _editor(
    request: HttpRequest, entity: Entity, one: Field, record: object, user: User, *, raw: object = None, error: str = "", status: int = 0
) -> HttpResponse:
    """The form that stands in the cell, with what was typed when it was refused."""
    id_ = f"cell-{one.name}"
    sheet = Sheet(entity, user, record=record, typed={one.name: raw} if error else None, prefix="cell", alone=True)
    sheet.context = dict(entity.fields)
    context = {
        "control": control(sheet, one, id_=id_, error=error, focus=True, named=True),
        "field": one, "error": error, "id": id_, "version": getattr(record, "version", ""),
        "action": request.get_full_path(), "small": one.k.template in SMALL,
    }  # fmt: skip
    return render(request, "surfaces/listing/editor.html", context, status=status or (422 if error else 200))
