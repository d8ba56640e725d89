"""Verbs on the page of a record: a dialog that asks for what the verb needs, keeps errors in place, and says what was done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render as render_template
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from guanxi.access.models import User
from guanxi.access.sight import writable
from guanxi.entity.entity import Entity, Verb
from guanxi.entity.field import Field
from guanxi.entity.registry import entity_of
from guanxi.record.changes import Origin, delete, edit, restore
from guanxi.record.refusals import Forbidden, Refused
from guanxi.surfaces.answers import announce, by_htmx, done, forget_draft, go, one_submit, undo_of, url_of
from guanxi.surfaces.detail.standing import standing
from guanxi.surfaces.forms.inputs import Sheet, inputs, sent
from guanxi.surfaces.listing.rows import title_for
from guanxi.surfaces.pages import answering, record_or_404, toast, user_of
from guanxi.surfaces.public.sharing import dialog as links_dialog


@answering
@require_http_methods(["GET", "POST"])
def do(request: HttpRequest, entity: Entity, key: int, name: str) -> HttpResponse:
    """Ask what a verb needs, or do it."""
    user = user_of(request)
    verb = _verb(entity, name)
    try:
        stands = standing(entity, key, user, verbs=[verb])
    except Http404:
        late = verb.late_out_of_sight(entity, key, user)
        if late:
            raise Refused({"": late}) from None
        raise
    if not stands.verbs:
        late = verb.late(entity, key, user)
        if late:
            raise Refused({"": late})
        raise Forbidden(_("“%(verb)s” is not possible for this record now.") % {"verb": verb.label})
    also = _also(entity, user, request.POST.get("_also", ""))
    if request.method == "GET":
        return _ask(request, entity, stands.record, verb, user, raw=_plain(request, verb), errors={}, also=[])
    raw, more, origin = sent(request.POST, verb.fields), sent(request.POST, also), one_submit()
    try:
        result = _done(stands.record, verb, raw, more, by=user, origin=origin)
    except Refused as refusal:
        also = _asked_too(entity, verb, refusal, user, also)
        return _ask(request, entity, stands.record, verb, user, raw={**raw, **more}, errors=refusal.errors, also=also)
    return _answer(request, entity, verb, stands.record, result, user, origin)


def _verb(entity: Entity, name: str) -> Verb:
    try:
        return entity.verb(name)
    except LookupError as unknown:
        raise Http404(str(unknown)) from None


def _plain(request: HttpRequest, verb: Verb) -> dict[str, Any] | None:
    """Values that the address gives the verb's fields to start with."""
    given = {one.name: one.k.read(request.GET, one.name) for one in verb.fields if one.name in request.GET}
    return given or None


def _done(record: Any, verb: Verb, raw: Mapping[str, Any], more: Mapping[str, Any], *, by: User, origin: Origin) -> Any:
    """What was missing on the record is filled in, then the verb is done: both or neither."""
    with transaction.atomic():
        if more:
            edit(record, more, by=by, origin=origin)
        return verb(record, by=by, origin=origin, **raw)


def _asked_too(entity: Entity, verb: Verb, refusal: Refused, user: User, asked: list[Field]) -> list[Field]:
    """Fields of the record that the verb says must be filled first: the dialog asks for them too."""
    own = {one.name for one in verb.fields}
    names = [name for name in refusal.errors if name not in own] + [one.name for one in asked]
    return [one for one in writable(entity, entity.fields.values(), by=user) if one.name in names and one.write is None]


def _also(entity: Entity, user: User, names: str) -> list[Field]:
    listed = names.split(",")
    return [one for one in writable(entity, entity.fields.values(), by=user) if one.name in listed and one.write is None]


def _ask(
    request: HttpRequest,
    entity: Entity,
    record: Any,
    verb: Verb,
    user: User,
    *,
    raw: Mapping[str, Any] | None,
    errors: Mapping[str, str],
    also: list[Field],
) -> HttpResponse:
    start = {one.name: one.starting(user) for one in verb.fields}
    if request.method == "GET":
        proposed, errors = _proposed(verb, record, user, raw or {})
        start |= proposed
        raw = {name: value for name, value in raw.items() if name not in verb.renewed} if raw else None
    values = {name: value for name, value in start.items() if value is not None}
    offers = verb.offers(record, user) if verb.offers is not None else None
    known = {**{one.name: one.k.empty for one in verb.fields}, **values}
    sheet = Sheet(entity, user, values=known, typed=raw, errors=errors, prefix="v", offers=offers)
    # A link for which this record has nothing to offer is not asked for.
    own = inputs(sheet, [one for one in verb.fields if offers is None or not one.k.linked() or offers.get(one.name, True)])
    extra = Sheet(entity, user, record=record, typed=raw if also else None, errors=errors, prefix="v")
    more = inputs(extra, [replace(one, required=True) for one in also])
    shown = {one.name for one in (*own, *more)}
    context = {
        "entity": entity,
        "record": record,
        # Not the verb itself: a template would call it.
        "label": verb.label,
        "icon": verb.icon,
        "tone": verb.tone,
        "hint": verb.hint,
        "title": title_for(entity, to=user)(record),
        "inputs": [*more, *own],
        "also": ",".join(one.name for one in also),
        "wrong": [message for name, message in errors.items() if name not in shown],
        "again": list(verb.again),
        "keeps": ",".join(one.name for one in verb.fields if one.name not in verb.renewed),
        "action": f"/{entity.path}/{record.pk}/do/{verb.name}",
        "back": url_of(record),
        "key": _draft(entity, record, verb),
    }
    template = "surfaces/verb.html#dialog" if by_htmx(request) else "surfaces/verb.html"
    response = render_template(request, template, context, status=422 if errors else 200)
    renews = request.method == "GET" and by_htmx(request) and any(name in request.GET for name in verb.again)
    return forget_draft(response, _draft(entity, record, verb)) if renews else response


def _proposed(verb: Verb, record: Any, user: User, given: Mapping[str, Any]) -> tuple[dict[str, Any], Mapping[str, str]]:
    """What the dialog proposes, after what the address gives it; and why the verb cannot be done here."""
    try:
        values = dict(verb.starts(record, user)) if verb.starts is not None else {}
        for name, proposes in verb.again.items():
            if name in given:
                one = next(each for each in verb.fields if each.name == name)
                values |= proposes(record, user, one.k.clean(given[name], user.locale))
    except Refused as refusal:
        return {}, refusal.errors
    except ValueError:  # what the address gives is shown as it is, and refused when it is sent
        return values, {}
    return values, {}


def _answer(request: HttpRequest, entity: Entity, verb: Verb, record: Any, result: Any, user: User, origin: Origin) -> HttpResponse:
    """Say it; go to what came of it when that is another record."""
    name = title_for(entity, to=user)(record)
    said = str(verb.done) % {"record": name} if verb.done else f"{name}: {verb.label}"
    other = result is not None and hasattr(result, "pk") and (type(result), result.pk) != (type(record), record.pk)
    if other:
        return go(request, f"/{entity_of(result).path}/{result.pk}", said, undo=undo_of(origin), draft=_draft(entity, record, verb))
    if not by_htmx(request):
        return go(request, url_of(record), said, undo=undo_of(origin))
    if verb.shares:
        links = toast(links_dialog(request, entity, record, user), said, undo=undo_of(origin))
        return announce(forget_draft(links, _draft(entity, record, verb)), entity, record.pk)
    return done(entity, record.pk, said, undo=undo_of(origin), draft=_draft(entity, record, verb))


def _draft(entity: Entity, record: Any, verb: Verb) -> str:
    return f"{entity.path}:{record.pk}:{verb.name}"


@answering
@require_POST
def remove(request: HttpRequest, entity: Entity, key: int) -> HttpResponse:
    """Into the trash, with a way back."""
    user = user_of(request)
    record = record_or_404(entity, key, user)
    origin = one_submit()
    name, page = title_for(entity, to=user)(record), url_of(record)
    delete(record, by=user, origin=origin)
    said = _("“%(record)s” is in the trash.") % {"record": name}
    here = request.headers.get("HX-Current-URL", "").partition("?")[0].rstrip("/")
    if by_htmx(request) and not here.endswith(f"/{entity.path}/{key}") and not here.endswith(f"/{entity.path}/{key}/edit"):
        return announce(done(entity, key, said, undo=undo_of(origin)), entity, key, "close-peek")
    return go(request, page if entity.part_of else f"/{entity.path}", said, undo=undo_of(origin))


@answering
@require_POST
def bring_back(request: HttpRequest, entity: Entity, key: int) -> HttpResponse:
    """Out of the trash."""
    user = user_of(request)
    origin = one_submit()
    record = restore(entity.model(pk=key), by=user, origin=origin)
    said = _("“%(record)s” is restored.") % {"record": title_for(entity, to=user)(record)}
    if by_htmx(request):
        return done(entity, key, said, undo=undo_of(origin), url=url_of(record))
    return go(request, url_of(record), said, undo=undo_of(origin))
