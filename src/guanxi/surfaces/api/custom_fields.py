"""Fields of one's own, for programs of administrators: added, worded anew, indexed, retired. At once on every surface."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as _n
from ninja import Query as Asked
from ninja import Router

from guanxi.record import custom
from guanxi.record.models import CustomField
from guanxi.record.refusals import Missing, Refused
from guanxi.surfaces.api.addressed import entities_asked, entity_for, key_in
from guanxi.surfaces.api.answers import administrator, json_answer
from guanxi.surfaces.api.bodies import misfits, object_of
from guanxi.surfaces.api.parameters import OfFields

TEXT = {"type": "string"}
YES = {"type": "boolean"}
CHOICE = {"type": "object", "properties": {"value": TEXT, "label_en": TEXT, "label_zh": TEXT}, "required": ["value"]}
WORDING: dict[str, Any] = {
    "label_en": TEXT, "label_zh": TEXT, "hint": TEXT, "choices": {"type": "array", "items": CHOICE},
    "required": YES, "glance": YES, "search": YES,
}  # fmt: skip
"""What can be said anew at any time."""
DECLARED: dict[str, Any] = {"entity": TEXT, "key": TEXT, "kind": TEXT, "to": TEXT}
"""What is said once."""
STATE: dict[str, Any] = {"indexed": YES, "retired": YES}

router = Router()


@router.get("/fields", operation_id="fields", summary=_n("List custom fields"))
def list_fields(request: HttpRequest, asked: Asked[OfFields]) -> HttpResponse:
    """For administrators; retired ones too. What everybody may know of fields is in the metadata of their entity."""
    caller = administrator(request)
    rows = CustomField.objects.filter(entity__in=entities_asked(asked.entity, caller))
    return json_answer({"data": [_told(row) for row in rows]})


@router.post("/fields", operation_id="fields_create", summary=_n("Add a custom field"))
def create_field(request: HttpRequest) -> HttpResponse:
    """“kind” is one of those the page offers; a choice has “choices”, a link says in “to” where it leads. It is on every surface at once."""
    caller, sent = administrator(request), object_of(request)
    _check(sent, {**DECLARED, **WORDING})
    try:
        entity = entity_for(sent.get("entity") or "", caller)
    except Missing as missing:
        raise Refused({"entity": str(missing)}) from None
    row = CustomField(entity=entity.path, key=sent.get("key") or "", kind=sent.get("kind") or "")
    if row.kind == "link":
        row.options = [sent.get("to") or ""]
    elif sent.get("to"):
        raise Refused({"to": _("Only a link leads somewhere.")})
    _word(row, sent)
    _save(row, partial(custom.add, row))
    return json_answer(_told(row), 201, Location=f"/api/v1/fields/{row.pk}")


@router.get("/fields/{key}", operation_id="fields_get", summary=_n("Read a custom field"))
def get_field(request: HttpRequest, key: str) -> HttpResponse:
    administrator(request)
    return json_answer(_told(_row(key)))


@router.patch("/fields/{key}", operation_id="fields_edit", summary=_n("Change a custom field"))
def edit_field(request: HttpRequest, key: str) -> HttpResponse:
    """Its words, choices and where it shows; “indexed”: true for sorting and ranges over many records; “retired”: true takes it from
    every surface, and its values stay with the records. Entity, key and kind stay.
    """
    administrator(request)
    row, sent = _row(key), object_of(request)
    _check(sent, {**WORDING, **STATE})
    before = list(row.options)
    if sent.keys() & WORDING:
        _word(row, sent)
        _save(row, partial(custom.change, row, before))
    indexed, retired = sent.get("indexed"), sent.get("retired")
    if indexed is not None and indexed != row.indexed:
        (custom.index if indexed else custom.unindex)(row)
    if retired is not None and retired != bool(row.retired_at):
        custom.retire(row, retired=retired)
    return json_answer(_told(_row(key)))


def _row(key: str) -> CustomField:
    row = CustomField.objects.filter(pk=key_in(key)).first()
    if row is None:
        raise Missing(_("There is no such field."))
    return row


def _check(sent: Mapping[str, Any], takes: Mapping[str, Any]) -> None:
    errors = {name: _("There is no such value.") for name in sent if name not in takes}
    for name, value in sent.items():
        if name in takes:
            misfits(takes[name], value, name, errors)
    if errors:
        raise Refused(errors)


def _word(row: CustomField, sent: Mapping[str, Any]) -> None:
    """The row with what is said of it, unsaved."""
    for name in ("label_en", "label_zh", "hint"):
        if name in sent:
            setattr(row, name, (sent[name] or "").strip())
    for name in ("required", "glance", "search"):
        if name in sent:
            setattr(row, name, bool(sent[name]))
    if sent.get("choices") and row.kind in custom.KINDS and row.kind != "choice":
        raise Refused({"choices": _("This field has no choices.")})
    if "choices" in sent and row.kind == "choice":
        row.options = [_option(one) for one in sent["choices"] or ()]


def _option(one: Mapping[str, Any]) -> list[str]:
    value = one["value"].strip()
    return [value, (one.get("label_en") or value).strip(), (one.get("label_zh") or "").strip()]


def _save(row: CustomField, save: Callable[[], Any]) -> None:
    """Refused by the names that the API has for what a row calls its options."""
    try:
        save()
    except Refused as refused:
        name = "to" if row.kind == "link" else "choices"
        raise Refused({name if one == "options" else one: message for one, message in refused.errors.items()}) from None


def _told(row: CustomField) -> dict[str, Any]:
    choices = (
        [{"value": value, "label_en": english, "label_zh": chinese} for value, english, chinese in row.options]
        if row.kind == "choice"
        else []
    )
    return {
        "id": row.pk, "entity": row.entity, "key": row.key, "kind": row.kind, "to": row.options[0] if row.kind == "link" else None,
        "label_en": row.label_en, "label_zh": row.label_zh, "hint": row.hint, "choices": choices, "required": row.required, "glance": row.glance,
        "search": row.search, "indexed": row.indexed, "retired": row.retired_at is not None,
    }  # fmt: skip
