"""What people say of figures, beside what records come to: told, said, taken back."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as _n
from ninja import Query as Asked
from ninja import Router

from guanxi.record.refusals import Missing, Refused
from guanxi.record.verbs import clean_arguments
from guanxi.surfaces.api.addressed import entity_for, key_in
from guanxi.surfaces.api.answers import caller_of, json_answer
from guanxi.surfaces.api.bodies import check_shapes, object_of
from guanxi.surfaces.api.callers import Caller
from guanxi.surfaces.api.figures import FIGURES, Judged
from guanxi.surfaces.api.parameters import OfPeriod, of_those
from guanxi.surfaces.api.problems import Problem

router = Router()


@router.get("/{entity}/figures/{name}/judgements", operation_id="judgements", summary=_n("What people say of it"))
def list_judgements(request: HttpRequest, entity: str, name: str, asked: Asked[OfPeriod]) -> HttpResponse:
    """Of one person or team, newest first; what was taken back is told too."""
    caller = caller_of(request)
    judged = _judged(entity, name, caller)
    given = of_those(asked, judged.takes)
    try:
        return json_answer({"data": judged.tell(caller.user, given)})
    except Refused as wrong:
        raise Problem("bad-request", str(wrong), errors=list(wrong.errors.items())) from None


@router.post("/{entity}/figures/{name}/judgements", operation_id="judge", summary=_n("Say what it will be"))
def add_judgement(request: HttpRequest, entity: str, name: str) -> HttpResponse:
    """One's own say on one's own figures, or on those of a person or team that one manages. What was said before is kept."""
    caller = caller_of(request)
    judged = _judged(entity, name, caller)
    values = object_of(request)
    check_shapes({one.name: one for one in judged.fields}, values)
    cleaned = clean_arguments(entity_for(entity, caller), judged.fields, values, by=caller.user)
    return json_answer(judged.say(caller.user, **cleaned), status=201)


@router.post("/{entity}/figures/{name}/judgements/{key}/undo", operation_id="undo_judgement", summary=_n("Take a say back"))
def undo_judgement(request: HttpRequest, entity: str, name: str, key: str) -> HttpResponse:
    """What was said before it holds again."""
    caller = caller_of(request)
    judged = _judged(entity, name, caller)
    return json_answer(judged.undo(caller.user, key_in(key)))


def _judged(entity: str, name: str, caller: Caller) -> Judged:
    one = FIGURES.get(entity_for(entity, caller).path, name)
    if one is None or one.judged is None:
        raise Missing(_("There are no such figures."))
    return one.judged
