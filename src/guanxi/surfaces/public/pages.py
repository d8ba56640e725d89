"""The page a link leads to: one record as it is declared public, and the answers to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from guanxi.access.models import User
from guanxi.access.visitors import Visitor, locale_of
from guanxi.entity.entity import Entity
from guanxi.entity.public import Answer, Public
from guanxi.entity.registry import entity_named
from guanxi.record.changes import Origin, locked
from guanxi.record.reach import visible
from guanxi.record.refusals import Forbidden, Missing, Refused
from guanxi.record.verbs import possible
from guanxi.surfaces.public.inputs import as_plain, typed
from guanxi.surfaces.public.limits import too_often
from guanxi.surfaces.public.links import found, note_answer, note_opening
from guanxi.surfaces.public.model import PublicLink
from guanxi.surfaces.public.outside import from_elsewhere, outside, restrict, show, slow_down, sorry
from guanxi.surfaces.public.papers import file_name, paper
from guanxi.surfaces.public.showing import MOST_LINES, shown

PORTAL = Origin(via="portal")
OPENINGS, ANSWERS, PAPERS = 120, 20, 20
"""So many of each within a minute from one address."""


class Ended(Exception):
    """The link leads nowhere any more, or never did; the answer says so kindly."""

    def __init__(self, title: str, text: str, status: int = 410) -> None:
        super().__init__(title)
        self.title, self.text, self.status = title, text, status


@outside
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, token: str) -> HttpResponse:
    """Show the record, or take an answer to it."""
    if too_often(request, "public page", OPENINGS):
        return slow_down(request)
    try:
        link, entity, record, visitor = _reached(token)
        if request.method == "POST":
            return _answer(request, link, entity, record, visitor)
    except Ended as ended:
        return sorry(request, ended.title, ended.text, ended.status)
    if request.method == "GET" and not isinstance(request.user, User) and not _only_ticks(request, link):
        note_opening(link, record, language=get_language() or "", agent=request.headers.get("User-Agent", ""))
    return _show(request, entity, record, visitor, values=request.GET.dict())


def _only_ticks(request: HttpRequest, link: PublicLink) -> bool:
    """Whether a page that was opened before is asked for what another choice of lines adds up to."""
    return "ticked" in request.GET and link.first_opened_at is not None


@outside
@require_safe
def pdf(request: HttpRequest, token: str) -> HttpResponse:
    """The same as a PDF, in the language of the page."""
    if too_often(request, "public paper", PAPERS):
        return slow_down(request)
    try:
        _link, entity, record, visitor = _reached(token)
    except Ended as ended:
        return sorry(request, ended.title, ended.text, ended.status)
    content = paper(entity, record, to=visitor, language=get_language() or "en")
    return as_file(content, file_name(entity, record))


def as_file(content: bytes, name: str) -> HttpResponse:
    """A PDF to be kept under this name."""
    response = HttpResponse(content, content_type="application/pdf")
    response.headers["Content-Disposition"] = f"attachment; filename=\"document.pdf\"; filename*=UTF-8''{quote(name, safe='')}"
    return response


def _reached(token: str) -> tuple[PublicLink, Entity, Any, Visitor]:
    """The link, and the record behind it as its holder may read it. Ended."""
    link = found(token)
    if link is None:
        raise Ended(_("This link is not complete."), _("Copy the whole address from the message you got, or ask who sent it to you."), 404)
    if not link.living:
        raise Ended(_("This link has ended."), _("Ask who sent it to you for a new one."))
    entity = entity_named(link.entity)
    public, visitor = entity.public, Visitor(entity, link.record_id, locale_of(get_language() or "en"))
    record = visible(entity, to=visitor).filter(pk=link.record_id).first() if public else None
    if record is None:
        gone = str(public.gone) if public and public.gone else _("Ask who sent it to you for the present one.")
        raise Ended(_("What was here has changed."), gone)
    return link, entity, record, visitor.knowing(record)


def _show(
    request: HttpRequest,
    entity: Entity,
    record: Any,
    visitor: Visitor,
    *,
    status: int = 200,
    tried: str = "",
    values: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
    wrong: str = "",
) -> HttpResponse:
    public = entity.public
    assert public is not None
    said = shown(entity, record, to=visitor, ticked=_ticked(request))
    answers = _open_answers(entity, public, record, visitor)
    taking = next((one.verb for one in answers if one.takes and any(row.mark for row in said.rows)), "")
    context = {
        "shown": said,
        "lines": [
            {"cells": said.cells(row), "mark": row.mark, "key": row.key, "ticked": row.ticked, "beneath": row.beneath} for row in said.rows
        ],
        "taking": taking,
        "answers": [_form(one, tried or taking, values or {}, errors or {}, tried=bool(tried)) for one in answers],
        "version": record.version,
        "wrong": wrong,
        "done": _done(public, request.GET.get("done", "")) if request.method == "GET" else "",
        "pdf_url": f"{request.path}/pdf?lang={get_language()}",
    }
    response = show(request, "public/page.html", context, status)
    return restrict(response, scripts=bool(taking))


def _ticked(request: HttpRequest) -> list[int]:
    """The marked lines that were ticked, as far as they are numbers."""
    asked = request.POST if request.method == "POST" else request.GET
    return [int(one) for one in asked.getlist("line")[:MOST_LINES] if one.isascii() and one.isdigit() and len(one) < 19]


def _open_answers(entity: Entity, public: Public, record: Any, visitor: Visitor) -> list[Answer]:
    """The answers that can be given now."""
    if not public.answers:
        return []
    able = {one.name for one in possible(record, tuple(entity.verb(one.verb) for one in public.answers), by=visitor)}
    return [one for one in public.answers if one.verb in able]


def _form(answer: Answer, chosen: str, values: Mapping[str, str], errors: Mapping[str, str], *, tried: bool) -> dict[str, Any]:
    mine = answer.verb == chosen
    fields = [
        as_plain(one, value=values.get(one.name, "") if mine else "", error=errors.get(one.name, "") if mine else "")
        for one in answer.fields
    ]
    return {"answer": answer, "fields": fields, "open": mine and tried}


def _done(public: Public, verb: str) -> str:
    """Thanks for the answer that was just given."""
    answer = public.answer(verb)
    return str(answer.done) if answer is not None else ""


def _answer(request: HttpRequest, link: PublicLink, entity: Entity, record: Any, visitor: Visitor) -> HttpResponse:
    if from_elsewhere(request):
        return sorry(request, _("This page cannot be sent from elsewhere."), _("Open the link again, and answer there."), 403)
    if too_often(request, f"public answer {link.pk}", ANSWERS):
        return slow_down(request)
    assert entity.public is not None
    answer = entity.public.answer(request.POST.get("answer", ""))
    if answer is None:
        return _show(request, entity, record, visitor, status=422, wrong=_("Choose one of the answers."))
    values = typed(request.POST, answer.fields)
    errors = {one.name: _("Fill this in.") for one in answer.fields if one.required and not values[one.name]}
    try:
        if errors:
            raise Refused(errors)
        _write(request, link, entity, record, visitor, answer, values)
    except Refused as refusal:
        wrong = " ".join(message for name, message in refusal.errors.items() if name not in values)
        fresh = visible(entity, to=visitor).filter(pk=record.pk).first() or record
        return _show(request, entity, fresh, visitor, status=422, tried=answer.verb, values=values, errors=refusal.errors, wrong=wrong)
    except (Forbidden, Missing):
        fresh = visible(entity, to=visitor).filter(pk=record.pk).first()
        if fresh is None:
            raise Ended(
                _("What was here has changed."), str(entity.public.gone) or _("Ask who sent it to you for the present one.")
            ) from None
        wrong = _("This can no longer be answered so: it was answered already, or its time is over.")
        return _show(request, entity, fresh, visitor, status=409, wrong=wrong)
    return HttpResponseRedirect(f"{request.path}?lang={get_language()}&done={answer.verb}", status=303)


def _write(
    request: HttpRequest, link: PublicLink, entity: Entity, record: Any, visitor: Visitor, answer: Answer, values: dict[str, str]
) -> None:
    """The verb done and the answer kept, both or neither. The record is locked before the link, as everywhere. Refused, Forbidden, Missing."""
    with transaction.atomic():
        fresh = locked(entity, record.pk, action="edit", by=visitor)
        if not PublicLink.objects.select_for_update().get(pk=link.pk).living:
            raise Ended(_("This link has ended."), _("Ask who sent it to you for a new one."))
        if str(fresh.version) != request.POST.get("version", ""):
            verb = entity.verb(answer.verb)
            if not possible(fresh, (verb,), by=visitor):
                raise Forbidden
            raise Refused({"": _("Something was changed meanwhile. Look at it again; if you still agree, send your answer once more.")})
        taken = {answer.takes: _ticked(request)} if answer.takes else {}
        entity.verb(answer.verb).run(fresh, by=visitor, origin=PORTAL, **values, **taken)
        agent = request.headers.get("User-Agent", "")
        note_answer(link, fresh, answer.verb, values.get(answer.signed, ""), language=get_language() or "", agent=agent)
