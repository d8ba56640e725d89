"""Duplicates: a search begun, followed and stopped; the pairs it found, and what is decided about each."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as _n
from ninja import Query as Asked
from ninja import Router

from guanxi.entity.entity import Entity
from guanxi.entity.registry import entity_named
from guanxi.record.changes import API
from guanxi.record.merging import BOTH, GONE, KEPT, chosen_by, merge
from guanxi.record.refusals import Forbidden, Missing, Refused
from guanxi.surfaces.api.addressed import bad_cursor, entity_for, key_in
from guanxi.surfaces.api.answers import caller_of, json_answer
from guanxi.surfaces.api.bodies import check_shapes, nothing_sent, object_of
from guanxi.surfaces.api.callers import Caller
from guanxi.surfaces.api.parameters import Suspected
from guanxi.surfaces.api.problems import Problem
from guanxi.surfaces.dedupe.likeness import CERTAIN, LIKELY
from guanxi.surfaces.dedupe.model import DuplicatePair, DuplicateScan
from guanxi.surfaces.dedupe.queue import SHOWN, Pair, decide, joining, one, page, shown
from guanxi.surfaces.dedupe.tasks import begin, latest, stop, whole

DECIDED = {"different": "different", "later": "later", "open": ""}
"""What is sent, and how it is kept."""

router = Router()


def _mergeable(path: str, caller: Caller) -> Entity:
    """The entity, for those who may use the page: who may change such records. Missing, Forbidden."""
    entity = entity_for(path, caller)
    if not entity.mergeable:
        raise Missing(_("%(many)s cannot be merged.") % {"many": str(entity.noun.many).capitalize()})
    if not caller.user.rights.may("edit", entity.path):
        raise Forbidden(_("You may not do this with %(many)s.") % {"many": entity.noun.many})
    return entity


# ——— searching ———


@router.post("/{entity}/duplicates/search", operation_id="search_duplicates", summary=_n("Look for duplicates among %(many)s"))
def begin_search(request: HttpRequest, entity: str) -> HttpResponse:
    """A worker compares all records; `GET` tells how far it is. The search that runs already, if there is one."""
    caller = caller_of(request)
    kind = _mergeable(entity, caller)
    nothing_sent(request)
    return json_answer(_search_told(whole(begin(kind, by=caller.user))), 202, Location=f"/api/v1/{kind.path}/duplicates/search")


@router.get("/{entity}/duplicates/search", operation_id="duplicates_search", summary=_n("How far the search among %(many)s is"))
def read_search(request: HttpRequest, entity: str) -> HttpResponse:
    """The search that runs, or ran last."""
    run = latest(_mergeable(entity, caller_of(request)))
    if run is None:
        raise Missing(_("Nobody has looked for duplicates yet"))
    return json_answer(_search_told(run))


@router.post("/{entity}/duplicates/search/stop", operation_id="stop_duplicates_search", summary=_n("Stop the search among %(many)s"))
def stop_search(request: HttpRequest, entity: str) -> HttpResponse:
    """What was found before stays."""
    caller = caller_of(request)
    kind = _mergeable(entity, caller)
    nothing_sent(request)
    run = stop(kind, by=caller.user)
    if run is None:
        raise Missing(_("Nobody has looked for duplicates yet"))
    return json_answer(_search_told(run))


def _search_told(run: DuplicateScan) -> dict[str, Any]:
    return {
        "id": run.pk, "state": run.state, "stage": run.stage, "done": run.done, "total": run.total, "records": run.records,
        "compared": run.compared, "found": run.found, "begun_at": run.begun_at, "stopped_at": run.stopped_at, "finished_at": run.finished_at,
    }  # fmt: skip


# ——— pairs ———


@router.get("/{entity}/duplicates", operation_id="duplicates", summary=_n("List %(many)s that may be one"))
def list_pairs(request: HttpRequest, entity: str, asked: Asked[Suspected]) -> HttpResponse:
    """Likeliest first: the pairs of which the caller sees both records, with what they agree on and in what they differ."""
    caller = caller_of(request)
    kind = _mergeable(entity, caller)
    if asked.show and asked.show not in SHOWN:
        message = _("Choose one of these.") + " " + ", ".join(SHOWN)
        raise Problem("bad-request", message, errors=[("show", message)])
    try:
        pairs, more = page(kind, asked.show, caller.user, asked.cursor, asked.limit)
    except Refused:
        raise bad_cursor() from None
    return json_answer({"data": [_told(pair) for pair in pairs], "next": more or None})


@router.get("/{entity}/duplicates/{key}", operation_id="duplicate", summary=_n("Read a pair of %(many)s that may be one"))
def read_pair(request: HttpRequest, entity: str, key: str) -> HttpResponse:
    caller = caller_of(request)
    kind = _mergeable(entity, caller)
    return _answer(kind, one(kind, key_in(key), caller.user), caller)


@router.post("/{entity}/duplicates/{key}", operation_id="decide_duplicate", summary=_n("Decide about a pair of %(many)s"))
def decide_pair(request: HttpRequest, entity: str, key: str) -> HttpResponse:
    """“decision” is “different”, “later”, “open” or “merge”. Of a merge, “keep” is the key of the record that stays (the first one
    when left out), and “choices” says of fields whose value is taken: “kept”, “gone”, or “both” where there is room for both.
    A lead goes into an account or contact by “convert”, with “values” for what else that verb takes.
    """
    caller = caller_of(request)
    kind, number = _mergeable(entity, caller), key_in(key)
    sent, pair = object_of(request), one(kind, number, caller.user)
    decision, final = str(sent.get("decision", "")), kind.joins if pair.other else "merge"
    takes = {"decision", "values"} if pair.other else {"decision", "keep", "choices"}
    errors = {name: _("There is no such value.") for name in sent if name not in takes}
    if decision not in (*DECIDED, final):
        errors["decision"] = _("Choose one of these.") + " " + ", ".join((*DECIDED, final))
    elif decision != final:
        errors |= {name: _("Only “%(decision)s” takes this.") % {"decision": final} for name in sent.keys() - {"decision"}}
    if errors:
        raise Refused(errors)
    if decision != final:
        return _answer(kind, decide(kind, number, DECIDED[decision], by=caller.user), caller)
    return (_join if pair.other else _merge)(kind, pair, sent, caller)


def _join(entity: Entity, pair: DuplicatePair, sent: dict[str, Any], caller: Caller) -> HttpResponse:
    values, verb = sent.get("values", {}), entity.verb(entity.joins)
    if not isinstance(values, dict):
        raise Refused({"values": _("Send an object.")})
    second = entity_named(pair.other).model._default_manager.get(pk=pair.second_id)
    told = joining(entity, pair.other, second, caller.user)
    known = {field.name: field for field in verb.fields if field.name not in told}
    errors = {f"values.{name}"[:100]: _("This verb takes no such value.") for name in values if name not in known}
    if errors:
        raise Refused(errors)
    check_shapes(known, values)
    verb.run(entity.model(pk=pair.first_id), by=caller.user, origin=API.batched(), **{**told, **values})
    return json_answer({"id": pair.pk, "decision": verb.name, "joined": {"first": pair.first_id, "second": pair.second_id}})


def _merge(entity: Entity, pair: DuplicatePair, sent: dict[str, Any], caller: Caller) -> HttpResponse:
    keys = (pair.first_id, pair.second_id)
    keep, picks = sent.get("keep", pair.first_id), sent.get("choices", {})
    errors = {} if keep in keys and not isinstance(keep, bool) else {"keep": _("Send the key of one of the two.")}
    if not isinstance(picks, dict):
        errors["choices"] = _("Send an object.")
    else:
        errors |= {
            f"choices.{name}"[:100]: _("Send “kept”, “gone” or “both”, of a field.")
            for name, pick in picks.items()
            if name not in entity.fields or pick not in (KEPT, GONE, BOTH)
        }
    if errors:
        raise Refused(errors)
    with transaction.atomic():
        rows = {record.pk: record for record in entity.model._default_manager.filter(pk__in=keys)}
        kept, gone = rows[keep], rows[keys[0] if keep == keys[1] else keys[1]]
        done = merge(kept, gone, chosen_by(entity, kept, gone, picks, by=caller.user), by=caller.user, origin=API)
    merged = {"kept": done.kept_id, "gone": done.gone_id, "batch": done.batch}
    return json_answer({"id": pair.pk, "decision": "merge", "merged": merged})


def _answer(entity: Entity, pair: DuplicatePair, caller: Caller) -> HttpResponse:
    (told,) = shown(entity, [pair], caller.user)
    return json_answer(_told(told))


def _told(pair: Pair) -> dict[str, Any]:
    by, kept = pair.pair.decided_by, pair.pair
    sides = [{"id": record.pk, "title": title} for record, title in zip((pair.first, pair.second), pair.titles, strict=True)]
    return {
        "id": pair.key,
        "first": sides[0],
        "second": sides[1],
        "second_entity": pair.other.path,
        "bits": round(pair.bits, 2),
        "grade": "certain" if pair.bits >= CERTAIN else "likely" if pair.bits >= LIKELY else "possible",
        "decision": pair.decision or "open",
        "decided_by": {"id": by.pk, "title": str(by)} if by else None,
        "decided_at": kept.decided_at,
        "why": [
            {"field": why.field, "part": why.part, "label": why.label, "told": why.told, "first": why.texts[0], "second": why.texts[1]}
            for why in pair.reasons
        ],
    }
