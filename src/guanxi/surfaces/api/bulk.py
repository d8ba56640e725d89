"""Many records at once, for programs: new values, a verb or the trash, for those named or all that match. Few now, many by a worker."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as _n
from ninja import Query as Asked
from ninja import Router

from guanxi.entity.entity import Entity
from guanxi.record.changes import Origin
from guanxi.record.refusals import Forbidden, Refused
from guanxi.surfaces.api.addressed import entity_for, key_in
from guanxi.surfaces.api.answers import caller_of, json_answer
from guanxi.surfaces.api.bodies import check_record, check_shapes, nothing_sent, object_of
from guanxi.surfaces.api.callers import Caller
from guanxi.surfaces.api.parameters import LARGEST, Meant
from guanxi.surfaces.api.records import query_of, view_of
from guanxi.surfaces.bulk import runs
from guanxi.surfaces.bulk.acts import editable, verbs
from guanxi.surfaces.bulk.aim import MOST_PICKED, Aim
from guanxi.surfaces.bulk.doing import Act, allow, do, wrong_with
from guanxi.surfaces.bulk.model import BulkRun
from guanxi.surfaces.bulk.pages import AT_ONCE, VERBS_AT_ONCE
from guanxi.surfaces.bulk.tasks import run_later

TAKES = ("ids", "all", "edit", "verb", "values", "delete")

router = Router()


@router.post("/{entity}/bulk", operation_id="bulk", summary=_n("Change, do or delete many %(many)s at once"))
def bulk(request: HttpRequest, entity: str, asked: Asked[Meant]) -> HttpResponse:
    """Which ones: “ids”, or “all”: true, which means all that match the parameters. What: “edit” with new values, “verb” with “values”, or “delete”: true.

    Each that refuses stays as it was and is told. More than a thousand (a hundred for verbs) are done by a worker: 202, and `GET` of Location tells how far it is.
    """
    caller, sent = caller_of(request), object_of(request)
    kind = entity_for(entity, caller)
    if not caller.user.rights.may("bulk", kind.path):
        raise Forbidden(_("You may not change many %(many)s at once.") % {"many": kind.noun.many})
    act, aim = _act(kind, sent, caller), _aim(kind, sent, asked, caller)
    allow(kind, act, by=caller.user)
    if errors := wrong_with(kind, act, by=caller.user):
        raise Refused({f"{'edit' if act.what == 'edit' else 'values'}.{name}": message for name, message in errors.items()})
    keys = aim.within(VERBS_AT_ONCE if act.what == "verb" else AT_ONCE)
    if keys is None:
        run = runs.begin(aim, act, caller.key)
        run_later(run.pk)
        return json_answer(_told(run), 202, Location=f"/api/v1/bulk/{run.pk}")
    batch = uuid.uuid4()
    outcome = do(kind, act, keys, by=caller.user, origin=Origin("api", batch))
    done = BulkRun(entity=kind.path, done=outcome.done, failed=outcome.failed, failures=outcome.failures, total=len(keys), batch=batch)
    return json_answer({**_told(done), "state": "done"})


@router.get("/bulk/{key}", operation_id="bulk_get", summary=_n("How far a change of many is"))
def get_run(request: HttpRequest, key: str) -> HttpResponse:
    """One that the caller began."""
    caller = caller_of(request)
    return json_answer(_told(runs.own_run(key_in(key), by=caller.user, key=caller.key)))


@router.post("/bulk/{key}/stop", operation_id="bulk_stop", summary=_n("Stop a change of many"))
def stop_run(request: HttpRequest, key: str) -> HttpResponse:
    """What is done stays, and can be undone by its batch."""
    caller = caller_of(request)
    nothing_sent(request)
    runs.stop(runs.own_run(key_in(key), by=caller.user, key=caller.key))
    return json_answer(_told(runs.own_run(key_in(key), by=caller.user, key=caller.key)))


def _act(entity: Entity, sent: dict[str, Any], caller: Caller) -> Act:
    """The one thing that is to be done. Refused."""
    errors = {name: _("There is no such value.") for name in sent if name not in TAKES}
    chosen = [name for name in ("edit", "verb", "delete") if sent.get(name) not in (None, False)]
    if errors or len(chosen) != 1:
        raise Refused(errors or {"": _("Send one of “edit”, “verb” and “delete”.")})
    if chosen == ["delete"]:
        if sent["delete"] is not True:
            raise Refused({"delete": _("Send true or false.")})
        return Act("delete")
    name = "edit" if chosen == ["edit"] else "values"
    values = sent.get(name) or {}
    if not isinstance(values, dict):
        raise Refused({name: _("Send an object.")})
    if name == "edit":
        check_record(entity, values)
        settable = {one.name for one in editable(entity, by=caller.user)} | {"owner"}
        wrong = {f"edit.{one}": _("This cannot be set on many.") for one in values if one in entity.fields and one not in settable}
        if wrong or not values:
            raise Refused(wrong or {"edit": _("Choose a field to change.")})
        return Act("edit", values=values)
    verb = next((one for one in verbs(entity, by=caller.user) if one.name == sent["verb"]), None)
    if verb is None:
        raise Refused({"verb": _("There is no such action.")})
    known = {one.name: one for one in verb.fields}
    unknown = {f"values.{one}": _("This verb takes no such value.") for one in values if one not in known}
    if unknown:
        raise Refused(unknown)
    check_shapes(known, values)
    return Act("verb", verb.name, values)


def _aim(entity: Entity, sent: dict[str, Any], asked: Meant, caller: Caller) -> Aim:
    """Which records are meant. Refused, ConditionError, Problem."""
    query = query_of(asked, entity, view_of(entity, asked.view, caller))
    ids, everything = sent.get("ids"), sent.get("all", False)
    if not isinstance(everything, bool):
        raise Refused({"all": _("Send true or false.")})
    if (ids is None) != everything:
        raise Refused({"ids": _("Send the keys of records, or “all”: true.")})
    if ids is not None and (asked.condition or asked.q or asked.view):
        raise Refused({"ids": _("Send either the keys of records or what they match.")})
    if ids is None:
        return Aim(query, caller.user, None)
    if (
        not isinstance(ids, list)
        or not ids
        or any(isinstance(key, bool) or not isinstance(key, int) or not 0 < key <= LARGEST for key in ids)
    ):
        raise Refused({"ids": _("Send the keys of records, or “all”: true.")})
    if len(ids) > MOST_PICKED:
        raise Refused({"ids": _("At most %(most)d records at once.") % {"most": MOST_PICKED}})
    return Aim(query, caller.user, tuple(dict.fromkeys(ids)))


def _told(run: BulkRun) -> dict[str, Any]:
    state = "running" if run.finished_at is None else "stopped" if run.stopped_at or run.problem else "done"
    return {
        "id": run.pk, "entity": run.entity, "state": state, "total": run.total, "done": run.done, "failed": run.failed,
        "failures": [{"id": key, "title": title, "reason": reason} for key, title, reason in run.failures],
        "problem": run.problem, "batch": run.batch,
    }  # fmt: skip
