"""The dialogs of bulk actions: what is asked, what came of it, how far a job is."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from guanxi.entity.entity import Entity
from guanxi.entity.field import Field
from guanxi.record.refusals import Refused
from guanxi.surfaces.answers import go, one_submit, undo_of
from guanxi.surfaces.bulk import runs
from guanxi.surfaces.bulk.acts import MERGED_AT_ONCE, editable, masters, verbs
from guanxi.surfaces.bulk.aim import Aim, aim_of
from guanxi.surfaces.bulk.doing import Act, Outcome, allow, do, wrong_with
from guanxi.surfaces.bulk.model import BulkRun
from guanxi.surfaces.bulk.tasks import run_later
from guanxi.surfaces.dedupe.pages import merging_address
from guanxi.surfaces.forms.choices import keys_of
from guanxi.surfaces.forms.inputs import Sheet, as_input, inputs
from guanxi.surfaces.pages import answering, fire, must_see, toast, user_of
from guanxi.surfaces.views.asking import asked_for

AT_ONCE = 1_000
"""So many records are changed while the person waits; verbs, which go one by one, fewer."""
VERBS_AT_ONCE = 100


@require_POST
@answering
def edit(request: HttpRequest, entity: Entity) -> HttpResponse:
    """New values for some fields of many records."""
    aim = _aim(request, entity)
    allowed = {one.name: one for one in editable(entity, by=aim.user)}
    chosen = [allowed[name] for name in dict.fromkeys(request.POST.getlist("edit")) if name in allowed]
    if "go" not in request.POST:
        return _ask(request, aim, _("Edit %(number)s"), fields=chosen, choices=list(allowed.values()))
    if not chosen:
        return _ask(request, aim, _("Edit %(number)s"), choices=list(allowed.values()), errors={"": _("Choose a field to change.")})
    values = {one.name: one.k.read(request.POST, one.name) for one in chosen}
    return _go(request, aim, Act("edit", values=values), _("Edit %(number)s"), fields=chosen, choices=list(allowed.values()))


@require_POST
@answering
def hand_over(request: HttpRequest, entity: Entity) -> HttpResponse:
    """Another owner for many records."""
    aim = _aim(request, entity)
    if not entity.owned:
        raise Http404
    owner = entity.fields["owner"]
    act = Act("edit", values={"owner": owner.k.read(request.POST, "owner")})
    allow(entity, act, by=aim.user)
    if "go" not in request.POST:
        return _ask(request, aim, _("Hand over %(number)s"), fields=[owner])
    return _go(request, aim, act, _("Hand over %(number)s"), fields=[owner])


@require_POST
@answering
def do_verb(request: HttpRequest, entity: Entity, name: str) -> HttpResponse:
    """A verb done to many records, each by itself."""
    aim = _aim(request, entity)
    verb = next((one for one in verbs(entity, by=aim.user) if one.name == name), None)
    if verb is None:
        raise Http404(_("There is no such action."))
    fields = list(verb.fields)
    heading = str(verb.label).replace("%", "%%") + _(": %(number)s")
    if "go" not in request.POST:
        return _ask(request, aim, heading, fields=fields, hint=str(verb.hint))
    values = {one.name: one.k.read(request.POST, one.name) for one in fields}
    return _go(request, aim, Act("verb", name, values), heading, fields=fields)


@require_POST
@answering
def delete(request: HttpRequest, entity: Entity) -> HttpResponse:
    """Many records into the trash."""
    aim = _aim(request, entity)
    allow(entity, Act("delete"), by=aim.user)
    if "go" not in request.POST:
        return _ask(request, aim, _("Delete %(number)s"), hint=_("They go to the trash and can be restored from there."), danger=True)
    return _go(request, aim, Act("delete"), _("Delete %(number)s"), danger=True)


@require_POST
@answering
def merge(request: HttpRequest, entity: Entity) -> HttpResponse:
    """To the page that compares two of them; the others come after, one by one. The first one picked is proposed to stay."""
    aim = _aim(request, entity)
    must_see(entity, aim.user, "edit")
    if not entity.mergeable:
        raise Http404(_("There is no such action."))
    keys = aim.keys or ()
    if not 2 <= len(keys) <= MERGED_AT_ONCE:
        raise Refused({"": _("Pick from two to %(most)d records that are one.") % {"most": MERGED_AT_ONCE}})
    return go(request, merging_address(entity, *keys))


@require_GET
@answering
def field_input(request: HttpRequest, entity: Entity) -> HttpResponse:
    """The input of one more field to edit; nothing for none, which takes one away."""
    user = user_of(request)
    must_see(entity, user)
    one = next((one for one in editable(entity, by=user) if one.name == request.GET.get("field")), None)
    if one is None:
        return HttpResponse("")
    under = {one.name: keys_of(request.GET[one.name]) for one in masters(entity, [one], by=user) if one.name in request.GET}
    sheet = Sheet(entity, user, prefix="bulk", context=dict(entity.fields), under=under)
    return render(request, "surfaces/bulk/field.html", {"one": as_input(sheet, one), "entity": entity})


# ——— asking, doing, telling ———


def _aim(request: HttpRequest, entity: Entity) -> Aim:
    asked = asked_for(request, entity)
    must_see(entity, asked.user, "bulk")
    return aim_of(request, asked)


def _ask(
    request: HttpRequest,
    aim: Aim,
    heading: str,
    *,
    fields: list[Field] | None = None,
    choices: list[Field] | None = None,
    errors: dict[str, str] | None = None,
    typed: dict[str, Any] | None = None,
    hint: str = "",
    danger: bool = False,
) -> HttpResponse:
    """The dialog that asks what to do with them."""
    entity, user = aim.entity, aim.user
    under = {one.name: aim.leading_to(one) for one in masters(entity, choices or (), by=user)}
    sheet = Sheet(
        entity,
        user,
        typed=typed,
        errors=errors,
        prefix="bulk",
        context=dict(entity.fields) if choices else None,
        under=under,
        values={one.name: one.starting(user) for one in fields or () if one.name not in entity.fields},
    )
    shown = inputs(sheet, fields) if fields else []
    named = {one.name for one in shown}
    context = {
        "heading": heading % {"number": said_number(entity, aim.number(), capped=aim.everything)},
        "inputs": shown, "names": [one.name for one in fields or ()], "choices": choices,
        "under": urlencode({name: ",".join(map(str, keys)) for name, keys in under.items() if keys}), "entity": entity, "aim": aim,
        "ids": ",".join(map(str, aim.keys or ())), "action": request.get_full_path(), "hint": hint, "danger": danger,
        "wrong": [message for name, message in (errors or {}).items() if name not in named],
    }  # fmt: skip
    return render(request, "surfaces/bulk/dialog.html", context, status=422 if errors else 200)


def said_number(entity: Entity, number: int, *, capped: bool = False) -> str:
    """So many records, with their noun."""
    return f"{number:,} {entity.noun.one if number == 1 else entity.noun.many}"


def _go(
    request: HttpRequest,
    aim: Aim,
    act: Act,
    heading: str,
    *,
    fields: list[Field] | None = None,
    choices: list[Field] | None = None,
    danger: bool = False,
) -> HttpResponse:
    """Do it now when they are few, as a job when they are many; say what came of it."""
    entity, user = aim.entity, aim.user
    allow(entity, act, by=user)
    errors = wrong_with(entity, act, by=user)
    if errors:
        return _ask(request, aim, heading, fields=fields, choices=choices, errors=errors, typed=dict(act.values), danger=danger)
    keys = aim.within(VERBS_AT_ONCE if act.what == "verb" else AT_ONCE)
    if keys is None:
        run = runs.begin(aim, act)
        run_later(run.pk)
        return render(request, "surfaces/bulk/run.html", {"run": run, "entity": entity})
    origin = one_submit()
    outcome = do(entity, act, keys, by=user, origin=origin)
    response = HttpResponse(status=204)
    if outcome.failed:
        response = render(request, "surfaces/bulk/outcome.html", {"outcome": outcome, "entity": entity, "said": said(entity, act, outcome)})
    response = fire(response, refresh_list=True, changed={"entity": entity.path, "id": None})
    if not outcome.failed:
        response = fire(response, close_dialog=True)
    if outcome.done:
        response = toast(response, said(entity, act, outcome), undo=undo_of(origin))
    elif not outcome.failed:
        response = toast(response, _("Nothing had to be changed."), level="info")
    return response


def said(entity: Entity, act: Act, outcome: Outcome | BulkRun) -> str:
    """What was done, in a sentence."""
    number = said_number(entity, outcome.done)
    if act.what == "delete":
        return ngettext("%(number)s is in the trash.", "%(number)s are in the trash.", outcome.done) % {"number": number}
    if act.what == "verb":
        return _("%(verb)s: %(number)s.") % {"verb": entity.verb(act.verb).label, "number": number}
    return ngettext("%(number)s changed.", "%(number)s changed.", outcome.done) % {"number": number}


# ——— jobs ———


@require_GET
@answering
def run(request: HttpRequest, entity: Entity, key: int) -> HttpResponse:
    """How far a job is; asked for every second while its dialog is open."""
    found = runs.own_run(key, by=user_of(request))
    response = render(
        request, "surfaces/bulk/run.html",
        {"run": found, "entity": entity, "said": said(entity, Act(found.what, found.verb), found), "undo": f"/batches/{found.batch}/undo"},
    )  # fmt: skip
    return fire(response, refresh_list=True) if found.finished_at else response


@require_POST
@answering
def stop(request: HttpRequest, entity: Entity, key: int) -> HttpResponse:
    """No further chunk."""
    runs.stop(runs.own_run(key, by=user_of(request)))
    return run_shown(request, entity, key)


def run_shown(request: HttpRequest, entity: Entity, key: int) -> HttpResponse:
    """The state of a job after something was done to it."""
    found = runs.own_run(key, by=user_of(request))
    return render(request, "surfaces/bulk/run.html", {"run": found, "entity": entity})
