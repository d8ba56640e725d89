"""Creating and editing a record on a page of its own or in the dialog."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render as render_template
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from guanxi.access.models import User
from guanxi.entity.entity import Entity
from guanxi.entity.field import Field
from guanxi.entity.registry import entity_named
from guanxi.record.changes import create, edit
from guanxi.record.refusals import Forbidden, Missing, Refused, Stale
from guanxi.surfaces.answers import by_htmx, done, go, in_dialog, one_submit, undo_of, url_of
from guanxi.surfaces.forms.following import follow_up
from guanxi.surfaces.forms.inputs import Group, Sheet, essentials, given, groups, inputs, other_errors, sent, starting
from guanxi.surfaces.history.conflict import conflict
from guanxi.surfaces.listing.rows import title_for
from guanxi.surfaces.pages import answering, must_see, record_or_404, user_of

NOT_COPIED = {"external_id"}


@answering
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest, entity: Entity) -> HttpResponse:
    """A new record; in the dialog only what it needs most."""
    user = user_of(request)
    must_see(entity, user, "create")
    start = {**starting(entity, user), **_copied(request, entity, user), **given(entity, request.GET, user)}
    quick = in_dialog(request)
    sections = essentials(entity, user, request.GET) if quick else groups(entity, user)
    sheet = Sheet(entity, user, values=start, prefix="q" if quick else "f")
    if request.method == "GET":
        return _show(request, sheet, sections, quick=quick)
    raw = sent(request.POST, [one for group in sections for one in group.fields])
    origin = one_submit()
    try:
        record = create(entity, {**_only_given(start, raw, request), **raw}, by=user, origin=origin)
    except Refused as refusal:
        sheet.typed, sheet.errors = raw, refusal.errors
        return _show(request, sheet, sections, quick=quick)
    follow_up(entity, record, {}, by=user, created=True)
    said = _("“%(record)s” is created.") % {"record": title_for(entity, to=user)(record)}
    if quick:
        return done(entity, record.pk, said, undo=undo_of(origin), url=url_of(record), draft=f"{draft_of(entity)}:quick")
    again = "again" in request.POST
    return go(request, request.get_full_path() if again else url_of(record), said, undo=undo_of(origin), draft=draft_of(entity))


@answering
@require_http_methods(["GET", "POST"])
def change(request: HttpRequest, entity: Entity, key: int) -> HttpResponse:
    """All fields of a record at once."""
    user = user_of(request)
    record = record_or_404(entity, key, user)
    if not entity.model._default_manager.filter(user.rights.where("edit", entity.path), pk=key).exists():
        raise Forbidden(_("You may see this record but not change it."))
    sections, quick = groups(entity, user, record), in_dialog(request)
    sheet = Sheet(entity, user, record=record, prefix="q" if quick else "f")
    if request.method == "GET":
        return _show(request, sheet, sections, quick=quick)
    raw = sent(request.POST, [one for group in sections for one in group.fields])
    raw = {name: value for name, value in raw.items() if request.POST.get(f"_keep-{name}") != "theirs"}
    origin, before = one_submit(), _texts(entity, record)
    try:
        saved = edit(record, raw, by=user, origin=origin, version=version_of(request))
    except Refused as refusal:
        sheet.typed, sheet.errors = raw, refusal.errors
        return _show(request, sheet, sections, quick=quick)
    except Stale as stale:
        return conflict(request, entity, stale, raw)
    follow_up(entity, saved, before, by=user)
    said = _("“%(record)s” is saved.") % {"record": title_for(entity, to=user)(saved)}
    if quick and not request.headers.get("HX-Current-URL", "").partition("?")[0].endswith("/edit"):
        return done(entity, key, said, undo=undo_of(origin), draft=f"{draft_of(entity, key)}:quick")
    return go(request, url_of(saved), said, undo=undo_of(origin), draft=draft_of(entity, key))


def draft_of(entity: Entity, key: int | None = None) -> str:
    """Under which name a browser keeps what is typed into the form."""
    return f"{entity.path}:{key or 'new'}"


def version_of(request: HttpRequest) -> int | None:
    """The version the person was looking at; Missing sense is refused, no version means no check."""
    text = request.POST.get("version", "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Missing(_("This form is out of date; open it again."))
    return int(text)


def _texts(entity: Entity, record: Any) -> dict[str, Any]:
    """Values that what follows a write compares with."""
    return {one.name: one.of(record) for one in entity.fields.values()}


def _copied(request: HttpRequest, entity: Entity, user: User) -> dict[str, Any]:
    """The values of the record that `?copy=` names, as far as the person may read and set them."""
    key = request.GET.get("copy", "")
    if not (key.isascii() and key.isdigit() and len(key) < 19):
        return {}
    record = record_or_404(entity, int(key), user)
    fields = [one for group in groups(entity, user) for one in group.fields]
    return {one.name: one.of(record) for one in fields if one.name not in NOT_COPIED}


def _only_given(start: Mapping[str, Any], raw: Mapping[str, Any], request: HttpRequest) -> dict[str, Any]:
    """What the address gives for fields that did not stand in the form."""
    return {name: value for name, value in start.items() if name in request.GET and name not in raw}


def _show(request: HttpRequest, sheet: Sheet, sections: list[Group], *, quick: bool = False) -> HttpResponse:
    entity, record = sheet.entity, sheet.record
    fields: list[Field] = [one for group in sections for one in group.fields]
    shown = {one.name: one for one in inputs(sheet, fields)}
    parts = [(group.label, [shown[one.name] for one in group.fields if one.name in shown]) for group in sections]
    context = {
        "entity": entity,
        "record": record,
        "title": title_for(entity, to=sheet.by)(record) if record else _("New %(noun)s") % {"noun": entity.noun.one},
        "back": url_of(record) if record else _whole(entity, request) or f"/{entity.path}",
        "sections": [(label, part) for label, part in parts if part],
        "names": ",".join(one.name for one in fields),
        "wrong": other_errors(entity, sheet.errors or {}, shown),
        "count": len(sheet.errors or {}),
        "key": draft_of(entity, record.pk if record else None),
        "action": request.get_full_path(),
        "duplicates": any(one.identity for one in fields),
    }
    part = "quick" if quick else "form" if by_htmx(request) else ""
    template = f"surfaces/form.html#{part}" if part else "surfaces/form.html"
    return render_template(request, template, context, status=422 if sheet.errors else 200)


def _whole(entity: Entity, request: HttpRequest) -> str:
    """The page of the record that a new part is for."""
    key = request.GET.get(entity.part_of, "") if entity.part_of else ""
    target = entity.field(entity.part_of).k.linked() if entity.part_of else ""
    return f"/{entity_named(target).path}/{key}" if target and key.isascii() and key.isdigit() else ""
