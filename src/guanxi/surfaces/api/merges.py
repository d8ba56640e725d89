"""Two records made one, and taken apart again."""

from __future__ import annotations

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as _n
from ninja import Query as Asked
from ninja import Router

from guanxi.entity.entity import Entity
from guanxi.record.changes import API
from guanxi.record.merging import merge, unmerge
from guanxi.record.models import merged
from guanxi.record.refusals import Missing, Refused
from guanxi.surfaces.api.addressed import entity_for, key_in
from guanxi.surfaces.api.answers import caller_of
from guanxi.surfaces.api.bodies import check_record, object_of
from guanxi.surfaces.api.callers import Caller
from guanxi.surfaces.api.parameters import LARGEST, Told
from guanxi.surfaces.api.records import written
from guanxi.surfaces.api.rows import Sheet
from guanxi.surfaces.api.versions import check_version

router = Router()


def _mergeable(path: str, caller: Caller) -> Entity:
    entity = entity_for(path, caller)
    if not entity.mergeable:
        raise Missing(_("%(many)s cannot be merged.") % {"many": str(entity.noun.many).capitalize()})
    return entity


@router.post("/{entity}/{key}/merge", operation_id="merge", summary=_n("Merge another one into %(one)s"))
def merge_records(request: HttpRequest, entity: str, key: str, asked: Asked[Told]) -> HttpResponse:
    """“gone” is the key of the other one, whose address leads here from then on. “values” are new ones for the record that stays.

    Without “values”, what it lacks is taken from the other one, and lists are joined.
    """
    caller = caller_of(request)
    kind, number = _mergeable(entity, caller), key_in(key)
    sheet, sent = Sheet(kind, caller.user, asked.fields, asked.expand), object_of(request)
    errors = {name: _("Send “gone” and, if you like, “values”.") for name in sent if name not in {"gone", "values"}}
    gone, values = sent.get("gone"), sent.get("values")
    if isinstance(gone, bool) or not isinstance(gone, int) or not 0 < gone <= LARGEST:
        errors["gone"] = _("Send the key of a record.")
    if values is not None and not isinstance(values, dict):
        errors["values"] = _("Send an object.")
    if errors:
        raise Refused(errors)
    if values is not None:
        check_record(kind, values)
    with transaction.atomic():
        check_version(request, kind, number, "edit", caller)
        merge(kind.model(pk=number), kind.model(pk=gone), values, by=caller.user, origin=API)
    return written(sheet, number)


@router.post("/{entity}/{key}/unmerge", operation_id="unmerge", summary=_n("Take %(one)s out of the one it was merged into"))
def unmerge_record(request: HttpRequest, entity: str, key: str, asked: Asked[Told]) -> HttpResponse:
    """The key is that of the record that is gone. Both are as they were, apart from what was changed since."""
    caller = caller_of(request)
    kind, number = _mergeable(entity, caller), key_in(key)
    sheet = Sheet(kind, caller.user, asked.fields, asked.expand)
    held = merged(kind.path).filter(gone_id=number).first()
    if held is None:
        raise Missing(_("There is no such record, or it was not merged."))
    unmerge(held, by=caller.user, origin=API)
    return written(sheet, number)
