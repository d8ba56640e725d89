"""Links by which somebody outside sees one record: listed, made, revoked."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as _n
from ninja import Router

from guanxi.entity.entity import Entity
from guanxi.record.refusals import Forbidden, Missing, Refused
from guanxi.surfaces.api.addressed import entity_for, key_in, record_for
from guanxi.surfaces.api.answers import caller_of, json_answer
from guanxi.surfaces.api.bodies import object_of
from guanxi.surfaces.api.callers import Caller
from guanxi.surfaces.public.links import links_of, make_link, may_share, revoke_link, token_of
from guanxi.surfaces.public.model import PublicLink

router = Router()


def _public(path: str, caller: Caller) -> Entity:
    entity = entity_for(path, caller)
    if entity.public is None:
        raise Missing(_("%(many)s have no public page.") % {"many": str(entity.noun.many).capitalize()})
    return entity


@router.get("/{entity}/{key}/links", operation_id="links", summary=_n("List the public links of %(one)s"))
def list_links(request: HttpRequest, entity: str, key: str) -> HttpResponse:
    """For those who may change the record: whoever has a link sees it."""
    caller = caller_of(request)
    kind = _public(entity, caller)
    record = record_for(kind, key, caller)
    if not may_share(kind, record.pk, caller.user):
        raise Forbidden(_("You may see this record but not change it."))
    return json_answer({"data": [_told(request, link) for link in links_of(kind, record.pk)]})


@router.post("/{entity}/{key}/links", operation_id="link", summary=_n("Make a public link to %(one)s"))
def create_link(request: HttpRequest, entity: str, key: str) -> HttpResponse:
    """Whoever has its address sees the record without signing in, and can answer it, until it ends."""
    caller = caller_of(request)
    kind, number = _public(entity, caller), key_in(key)
    sent = object_of(request)
    errors = {name: _("There is no such value.") for name in sent if name not in {"note", "expires_at"}}
    note = sent.get("note", "")
    if not isinstance(note, str) or len(note) > 200 or "\x00" in note:
        errors["note"] = _("Send a text of at most %(most)d characters.") % {"most": 200}
    expires_at = _moment(sent.get("expires_at"), errors)
    if errors:
        raise Refused(errors)
    link = make_link(kind.model(pk=number), by=caller.user, note=note, expires_at=expires_at)
    return json_answer(_told(request, link), 201)


@router.post("/{entity}/{key}/links/{link}/revoke", operation_id="revoke_link", summary=_n("Revoke a public link to %(one)s"))
def end_link(request: HttpRequest, entity: str, key: str, link: str) -> HttpResponse:
    """It leads nowhere from now on, for ever."""
    caller = caller_of(request)
    kind, number = _public(entity, caller), key_in(key)
    return json_answer(_told(request, revoke_link(kind.model(pk=number), key_in(link), by=caller.user)))


def _moment(sent: Any, errors: dict[str, str]) -> dt.datetime | None:
    if sent is None:
        return None
    try:
        found = dt.datetime.fromisoformat(sent)
    except (TypeError, ValueError):
        found = None
    if found is None or found.tzinfo is None:
        errors["expires_at"] = _("Send a moment with its zone: 2026-11-24T08:00:00Z.")
        return None
    return found


def _told(request: HttpRequest, link: PublicLink) -> dict[str, Any]:
    by = link.made_by
    return {
        "id": link.pk,
        "url": request.build_absolute_uri(reverse("public-page", args=[token_of(link)])) if link.living else None,
        "note": link.note,
        "made_at": link.made_at,
        "made_by": {"id": by.pk, "title": str(by)} if by else None,
        "expires_at": link.expires_at,
        "revoked_at": link.revoked_at,
        "opened": link.opened,
        "first_opened_at": link.first_opened_at,
        "last_opened_at": link.last_opened_at,
    }
