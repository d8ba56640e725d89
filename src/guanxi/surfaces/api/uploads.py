"""Whole files that records are made of, in a form that is not ours: a room puts here what it takes, each gets an address and a place in the document."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as _n
from ninja import Query as Asked
from ninja import Router

from guanxi.access.models import User
from guanxi.record.changes import API, Origin
from guanxi.record.refusals import Missing
from guanxi.surfaces.api.addressed import entity_for
from guanxi.surfaces.api.answers import caller_of, json_answer
from guanxi.surfaces.api.bodies import parsed
from guanxi.surfaces.api.declared import Declared
from guanxi.surfaces.api.parameters import OfUpload
from guanxi.surfaces.api.problems import Problem
from guanxi.surfaces.api.receiving import file_in
from guanxi.surfaces.api.schemas import Json

router = Router()


@dataclass(frozen=True)
class Upload:
    """A file by its entity and name. `take` gets it with how it is to be read, and tells what came of it; it raises as pages do."""

    entity: str
    name: str
    label: str | Promise
    take: Callable[[User, UploadedFile[Any], Mapping[str, Any], Origin], Any]
    schema: Json


UPLOADS = Declared[Upload]()


@router.post("/{entity}/uploads/{what}", operation_id="upload", summary=_n("Take in a file of %(many)s"))
def take_upload(request: HttpRequest, entity: str, what: str, asked: Asked[OfUpload]) -> HttpResponse:
    """One part “file” of a form, or the bytes as the body. What was read before is not kept a second time."""
    caller = caller_of(request)
    one = UPLOADS.get(entity_for(entity, caller).path, what)
    if one is None:
        raise Missing(_("There is nothing at this address."))
    sent = file_in(request)
    how = {name: value for name, value in asked.model_dump().items() if value not in ("", None)}
    if "columns" in how:
        how["columns"] = _object(how["columns"])
    return json_answer(one.take(caller.user, sent, how, API.batched()))


def _object(text: str) -> dict[str, Any]:
    found = parsed(text.encode(errors="surrogatepass"), "columns")
    if not isinstance(found, dict):
        raise Problem("bad-request", _("Send an object."), errors=[("columns", _("Send an object."))])
    return found
