"""What a write answers with: a toast with Undo, the news that a record changed, the way to the next page."""

from __future__ import annotations

import json
import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _

from guanxi.entity.entity import Entity
from guanxi.entity.registry import entity_of
from guanxi.record.changes import Origin
from guanxi.surfaces.pages import toast


def one_submit() -> Origin:
    """The origin of everything one submit writes, so that it can be undone as one."""
    return Origin(via="ui", batch=uuid.uuid4())


def undo_of(origin: Origin) -> str:
    """Where a submit is undone."""
    return f"/batches/{origin.batch}/undo" if origin.batch else ""


def by_htmx(request: HttpRequest) -> bool:
    """Whether a fragment is asked for."""
    return request.headers.get("HX-Request") == "true" and not request.headers.get("HX-Boosted")


def in_dialog(request: HttpRequest) -> bool:
    """Whether the answer goes into the dialog."""
    return request.headers.get("HX-Target") == "dialog-body"


def url_of(record: Any) -> str:
    """The page of a record; of the whole, for a part."""
    entity = entity_of(record)
    if entity.part_of:
        part = entity.field(entity.part_of)
        return f"/{part.k.linked()}/{part.of(record)}"
    return f"/{entity.path}/{record.pk}"


def announce(response: HttpResponse, entity: Entity, key: int | None, *events: str) -> HttpResponse:
    """Have lists and the record's own page show what is now true; `events` are fired besides."""
    said = json.loads(response.headers.get("HX-Trigger", "{}"))
    told = {"entity": entity.path, "id": key}
    said |= {"changed": told, "rewritten": told} | dict.fromkeys(events, True)
    response.headers["HX-Trigger"] = json.dumps(said)
    return response


def forget_draft(response: HttpResponse, key: str) -> HttpResponse:
    """Have the browser forget the unsaved text of a form: it is saved now."""
    said = json.loads(response.headers.get("HX-Trigger", "{}"))
    response.headers["HX-Trigger"] = json.dumps({"draft-saved": {"key": key}, **said})
    return response


def done(entity: Entity, key: int | None, message: str, *, undo: str = "", url: str = "", draft: str = "") -> HttpResponse:
    """Nothing to show but that it is done: the dialog closes, a toast says what was done."""
    response = toast(HttpResponse(status=204), message, undo=undo)
    if draft:
        forget_draft(response, draft)
    if url:
        said = json.loads(response.headers["HX-Trigger"])
        said["toast"]["link"] = {"url": url, "label": _("Open")}
        response.headers["HX-Trigger"] = json.dumps(said)
    return announce(response, entity, key, "close-dialog")


def go(request: HttpRequest, url: str, message: str = "", *, undo: str = "", draft: str = "") -> HttpResponse:
    """On to another page, which says what was done."""
    if message:
        messages.success(request, message, extra_tags=undo)
    if by_htmx(request):
        response = HttpResponse(status=204, headers={"HX-Redirect": url})
        return forget_draft(response, draft) if draft else response
    return HttpResponseRedirect(url)
