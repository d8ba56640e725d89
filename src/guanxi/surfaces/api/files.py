"""Files of records: listed, added, read, renamed, put in the trash and back."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as _n
from ninja import Query as Asked
from ninja import Router

from guanxi.access.titles import people
from guanxi.entity.entity import Entity
from guanxi.record.changes import API
from guanxi.record.files import add, file_of, files_of, remove, removed_from, rename, restore, takes_files
from guanxi.record.keeping import staged
from guanxi.record.models import File
from guanxi.record.purging import kept_for
from guanxi.record.reach import reachable
from guanxi.record.refusals import Forbidden, Missing, Refused
from guanxi.surfaces.api.addressed import entity_for, key_in, record_for
from guanxi.surfaces.api.answers import caller_of, json_answer, nothing
from guanxi.surfaces.api.bodies import object_of
from guanxi.surfaces.api.callers import Caller
from guanxi.surfaces.api.parameters import OfFiles, Sent
from guanxi.surfaces.api.receiving import files_in
from guanxi.surfaces.files.serving import serve

router = Router()


@router.get("/{entity}/{key}/files", operation_id="files", summary=_n("List the files of %(one)s"))
def list_files(request: HttpRequest, entity: str, key: str, asked: Asked[OfFiles]) -> HttpResponse:
    """All of them, newest first. Those in the trash are told to who may change the record."""
    caller = caller_of(request)
    kind, record = _record(entity, key, caller)
    if asked.removed and not reachable(kind, "edit", caller.user).filter(pk=record.pk).exists():
        raise Forbidden(_("You may see this record but not change it."))
    found = removed_from(record, to=caller.user) if asked.removed else files_of(record, to=caller.user)
    return json_answer({"data": [_told(one) for one in found]})


@router.post("/{entity}/{key}/files", operation_id="add_file", summary=_n("Add files to %(one)s"))
def add_files(request: HttpRequest, entity: str, key: str, asked: Asked[Sent]) -> HttpResponse:
    """One or more parts “file” of a form, or the bytes of one file as the body; all are added or none.

    What a file is follows from its bytes. One that the record has already, by name and content, is told and not added again.
    """
    caller = caller_of(request)
    kind = _takes(entity, caller)
    record, made = kind.model(pk=key_in(key)), []
    sent = files_in(request)
    if not sent:
        raise Refused({"file": _("Choose a file.")})
    origin = API.batched()
    with transaction.atomic():
        for one in sent:
            with staged(one.chunks()) as upload:
                made.append(add(record, one.name or "", upload, by=caller.user, origin=origin))
    return json_answer({"data": [_told(one) for one in made]}, 201)


@router.get("/{entity}/{key}/files/{file}", operation_id="get_file", summary=_n("Read what is known of a file of %(one)s"))
def get_file(request: HttpRequest, entity: str, key: str, file: str) -> HttpResponse:
    caller = caller_of(request)
    return json_answer(_told(_found(entity, key, file, caller)))


@router.get("/{entity}/{key}/files/{file}/content", operation_id="file_content", summary=_n("Read the bytes of a file of %(one)s"))
def file_content(request: HttpRequest, entity: str, key: str, file: str) -> HttpResponseBase:
    """As they were sent, to be saved under the name in Content-Disposition."""
    caller = caller_of(request)
    return serve(request, _found(entity, key, file, caller))


@router.patch("/{entity}/{key}/files/{file}", operation_id="rename_file", summary=_n("Rename a file of %(one)s"))
def rename_file(request: HttpRequest, entity: str, key: str, file: str) -> HttpResponse:
    """Its extension stays unless the new name has one; a name that another file has is numbered."""
    caller = caller_of(request)
    sent = object_of(request)
    errors = {name: _("There is no such value.") for name in sent if name != "name"}
    if not isinstance(sent.get("name"), str):
        errors["name"] = _("Send text.")
    if errors:
        raise Refused(errors)
    return json_answer(_told(rename(_found(entity, key, file, caller), sent["name"], by=caller.user, origin=API)))


@router.delete("/{entity}/{key}/files/{file}", operation_id="delete_file", summary=_n("Delete a file of %(one)s"))
def delete_file(request: HttpRequest, entity: str, key: str, file: str) -> HttpResponse:
    """The file goes to the trash, from where it can be restored."""
    caller = caller_of(request)
    remove(_found(entity, key, file, caller), by=caller.user, origin=API)
    return nothing()


@router.post("/{entity}/{key}/files/{file}/restore", operation_id="restore_file", summary=_n("Restore a file of %(one)s from the trash"))
def restore_file(request: HttpRequest, entity: str, key: str, file: str) -> HttpResponse:
    caller = caller_of(request)
    return json_answer(_told(restore(_found(entity, key, file, caller, removed=True), by=caller.user, origin=API)))


def _takes(path: str, caller: Caller) -> Entity:
    entity = entity_for(path, caller)
    if not takes_files(entity):
        raise Missing(_("%(many)s have no files.") % {"many": str(entity.noun.many).capitalize()})
    return entity


def _record(path: str, key: str, caller: Caller) -> tuple[Entity, Any]:
    entity = _takes(path, caller)
    return entity, record_for(entity, key, caller)


def _found(path: str, key: str, file: str, caller: Caller, *, removed: bool = False) -> File:
    _entity, record = _record(path, key, caller)
    return file_of(record, key_in(file), to=caller.user, removed=removed)


def _told(file: File) -> dict[str, Any]:
    kept = kept_for()
    by = people().get(file.by_id) if file.by_id is not None else None
    return {
        "id": file.pk,
        "name": file.name,
        "size": file.size,
        "type": file.media_type,
        "sha256": file.sha256,
        "added_at": file.at,
        "added_by": {"id": file.by_id, "title": by} if by is not None else None,
        "deleted_at": file.deleted_at,
        "kept_until": file.deleted_at + kept if file.deleted_at and kept else None,
    }
