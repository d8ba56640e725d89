"""The page of the forecast, and the dialog in which it is judged."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from guanxi.access.models import User
from guanxi.access.sight import clear
from guanxi.access.titles import people, teams
from guanxi.base.money import format_money, format_sum, parse_money
from guanxi.crm.forecast.figures import Forecast, Row, forecast
from guanxi.crm.forecast.judging import Subject, asked_of, history, holding, judge, kind_of, subject_of, undo
from guanxi.crm.forecast.rights import reach, sees
from guanxi.crm.forecast.spans import UNITS, Span, containing
from guanxi.crm.pipelines.entity import FORECASTS
from guanxi.crm.pipelines.queries import stages
from guanxi.crm.targets.queries import Aim, targets
from guanxi.crm.targets.standing import Standing
from guanxi.entity.registry import entity_named
from guanxi.record.refusals import Forbidden, Missing, Refused
from guanxi.surfaces.pages import answering, fire, must_see, render, toast, user_of

SHOWN = ("closed", "commit", "best", "pipeline")
PATH = "/deals/forecast"
NO_MORE: Mapping[str, Any] = {}


@answering
@require_GET
def of_period(request: HttpRequest) -> HttpResponse:
    """What deals will bring in a period, by team and person."""
    user = user_of(request)
    must_see(entity_named("deals"), user)
    span, pipeline = asked_of(request.GET, user)
    whole = forecast(user, span, pipeline)
    team = _team(request.GET.get("team", ""), whole)
    rows = [_row(whole, row, user) for row in whole.under(team)]
    head = _row(whole, whole.team(team) if team else whole.total, user)
    return render(
        request, "crm/forecast.html", "figures", rows=rows, head=head, team=team, crumbs=_crumbs(whole, team), columns=_columns(),
        amounts=sees("amount", user), aimed=any(row["target"] for row in (*rows, head)), weighed=sees("weighted", user) and sees("probability", user), here=_here(span, pipeline, team), changes_url=_here(span, pipeline, None, f"{PATH}/changes"), attainment_url=_here(span, pipeline, team, "/targets/attainment") if user.rights.may("see", "targets") else "",
        **around(span, pipeline, team, user), **_rates(whole, user),
    )  # fmt: skip


def _columns() -> list[str]:
    return [str(FORECASTS.label(name)) for name in SHOWN]


def _team(asked: str, whole: Forecast) -> int | None:
    """The team whose parts are shown: the one asked for, or the only one there is."""
    if asked.isdecimal() and len(asked) < 19 and int(asked) in whole.teams:
        return int(asked)
    if asked:
        raise Missing(_("There is no such team, or you may not see it."))
    top = list(whole.under(None))
    return top[0].key if len(top) == 1 and top[0].kind == "team" else None


def _here(span: Span, pipeline: int | None, team: int | None, path: str = PATH, more: Mapping[str, Any] = NO_MORE) -> str:
    asked = {"period": span.name, "pipeline": pipeline, "team": team, **more}
    return f"{path}?{urlencode({name: value for name, value in asked.items() if value})}"


def _crumbs(whole: Forecast, team: int | None) -> list[dict[str, Any]]:
    way, at = [], team
    while at is not None and at in whole.teams:
        way.append({"title": teams().get(at, ""), "url": _here(whole.found.span, whole.pipeline, at), "current": at == team})
        at = whole.found.parents.get(at)
    return way[::-1]


def around(
    span: Span, pipeline: int | None, team: int | None, user: User, path: str = PATH, more: Mapping[str, Any] = NO_MORE
) -> dict[str, Any]:
    """The ways to other periods and pipelines."""
    language, names = user.locale.language, entity_named("pipelines").model._default_manager.filter(deleted_at__isnull=True)
    units = {"month": _("Month"), "quarter": _("Quarter"), "year": _("Year")}
    day = user.locale.today if span.first <= user.locale.today < span.after else span.first
    steps = {}
    for name, count in (("before", -1), ("later", 1)):
        try:
            steps[name] = _here(span.moved(count), pipeline, team, path, more)
        except ValueError:
            steps[name] = ""
    pipelines: list[Any] = list(names.order_by("position", "pk")) if len({one.pipeline_id for one in stages().values()}) > 1 else []
    return {
        "span": span, "label": span.label(language), **steps,
        "units": [(units[unit], _here(containing(day, unit), pipeline, team, path, more), unit == span.unit) for unit in UNITS],
        "pipelines": [
            (_("All pipelines"), _here(span, None, team, path, more), pipeline is None),
            *((one.name, _here(span, one.pk, team, path, more), one.pk == pipeline) for one in pipelines),
        ] if pipelines else [],
    }  # fmt: skip


def _rates(whole: Forecast, user: User) -> dict[str, Any]:
    converter, language = whole.found.converter, user.locale.language
    missing = [format_money(amount, currency, language) for currency, amount in sorted(converter.missing.items())]
    return {
        "currency": whole.found.currency,
        "converted": ", ".join(sorted(converter.used - converter.missing.keys())),
        "missing": " + ".join(missing) if sees("amount", user) else ", ".join(sorted(converter.missing)),
    }


def _row(whole: Forecast, row: Row, user: User) -> dict[str, Any]:
    def money(amount: Any) -> str:
        return "" if amount is None else format_sum(amount, whole.found.currency, user.locale.language, bare=True)

    title = {"total": _("Everything you see"), "nobody": _("No owner"), "others": _("Other owners")}.get(row.kind, row.title)
    shown = sees("amount", user)
    parts = [
        {
            "count": row.sums.counts[name], "amount": money(row.sums.amounts[name]) if shown else "",
            "url": "/deals?" + urlencode({"view": "all", "where": whole.condition(row, name)}),
        }
        for name in SHOWN
    ]  # fmt: skip
    return {
        "kind": row.kind, "key": row.key, "title": title, "parts": parts, "raw": money(row.sums.raw), "weighted": money(row.sums.weighted),
        "own": row.own, "own_amount": money(row.own.amount) if row.own else "",
        "override": row.override, "override_amount": money(row.override.amount) if row.override else "",
        "override_by": people().get(row.override.by_id or 0, "") if row.override else "",
        "forecast": money(row.forecast), "target": row.target, **_aims(row.target, money),
        "url": _here(whole.found.span, whole.pipeline, row.key) if row.kind == "team" else "",
        "judge_url": _judge_url(whole, row, user),
    }  # fmt: skip


def _aims(target: Standing | None, money: Callable[[Any], str]) -> dict[str, str]:
    """A target in words; empty without one."""
    if target is None:
        return {}
    return {
        "aimed": money(target.target), "gap": money(target.gap), "due": money(target.due), "weekly": money(target.weekly),
        "attained": "–" if target.attained is None else f"{round(target.attained * 100)}%",
        "coverage": "–" if target.coverage is None else f"{target.coverage:.1f} ×", "tone": "good" if target.done >= target.due else "warn",
    }  # fmt: skip


def _judge_url(whole: Forecast, row: Row, user: User) -> str:
    """Where this row is judged, or what was said of it is read; nothing where neither is the reader's."""
    if row.kind not in {"person", "team"} or not sees("amount", user):
        return ""
    asked = {row.kind: row.key, "period": whole.found.span.name, **({"pipeline": whole.pipeline} if whole.pipeline else {})}
    return f"{PATH}/judge?{urlencode(asked)}"


# ——— judging ———


@answering
@require_http_methods(["GET", "POST"])
def judging(request: HttpRequest) -> HttpResponse:
    """What was said of one forecast, and a say of one's own."""
    user = user_of(request)
    must_see(entity_named("deals"), user)
    asked = request.POST if request.method == "POST" else request.GET
    span, pipeline = asked_of(asked, user)
    subject = subject_of(person=_key(asked.get("person")), team=_key(asked.get("team")), to=user)
    if request.method == "GET":
        return _dialog(request, subject, span, pipeline, user)
    typed = {"amount": asked.get("amount", ""), "note": asked.get("note", "")}
    try:
        money = parse_money(typed["amount"], user.locale.currency)
        if money.currency != user.locale.currency:
            raise ValueError(_("Give the amount in %(currency)s.") % {"currency": user.locale.currency})
        judge(subject, span, pipeline, by=user, amount=money.amount, note=typed["note"])
    except ValueError as wrong:
        return _dialog(request, subject, span, pipeline, user, typed=typed, errors={"amount": str(wrong)})
    except Refused as wrong:
        return _dialog(request, subject, span, pipeline, user, typed=typed, errors=wrong.errors)
    return _done(_("The forecast of %(name)s is noted.") % {"name": subject.name})


def _key(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() and len(text) < 19 else None


def _dialog(
    request: HttpRequest, subject: Subject, span: Span, pipeline: int | None, user: User, *, typed: Any = None, errors: Any = None
) -> HttpResponse:
    try:
        kind = kind_of(subject, user)
    except Forbidden:
        kind = ""
    said = history(subject, span, pipeline, to=user)
    hold = holding(said)
    context = {
        "subject": subject, "span": span, "pipeline": pipeline, "label": span.label(user.locale.language), "kind": kind,
        "typed": typed or {}, "errors": errors or {}, "currency": user.locale.currency, "action": f"{PATH}/judge", "undo_url": f"{PATH}/undo",
        "target": _target(subject, span, pipeline, user),
        "said": [_told(one, user, kind, hold) for one in said],
    }  # fmt: skip
    response = render(request, "crm/judging.html", "dialog", **context)
    response.status_code = 422 if errors else 200
    return response


def _target(subject: Subject, span: Span, pipeline: int | None, user: User) -> dict[str, str]:
    """The target of won amounts, and where it is set; nothing where neither is the reader's."""
    entity = entity_named("targets")
    asked: dict[str, Any] = (
        {"owner": subject.person.pk} if subject.person is not None else {"team": subject.team.pk, "owner": ""} if subject.team else {}
    )
    there = targets(Aim(span, pipeline=pipeline), [span], to=user).filter(**{name: key or None for name, key in asked.items()}).first()
    if there is not None and clear(entity, entity.fields["value"], to=user):
        return {"url": f"/targets/{there.pk}", "value": format_money(there.value, there.currency, user.locale.language)}
    team = subject.person.team_id if subject.person is not None else subject.team.pk if subject.team is not None else None
    if there is not None or not user.rights.may("create", entity.path) or not reach(user, "create", entity.path).over(team=team):
        return {}
    asked |= {"period": span.name, "measure": "won_amount", **({"pipeline": pipeline} if pipeline else {})}
    return {"new_url": f"/targets/new?{urlencode(asked)}"}


def _told(one: Any, user: User, kind: str, hold: set[int]) -> dict[str, Any]:
    undone = getattr(one, "undone", None)
    return {
        "key": one.pk, "kind": one.kind, "amount": format_money(one.amount, one.currency, user.locale.language), "note": one.note,
        "by": str(one.by or "–"), "at": one.at, "undone": undone, "undone_by": str(undone.by or "–") if undone else "",
        "holds": one.pk in hold, "may_undo": kind == one.kind and one.pk in hold,
    }  # fmt: skip


@answering
@require_POST
def undoing(request: HttpRequest) -> HttpResponse:
    """One say taken back."""
    undo(_key(request.POST.get("key")) or 0, by=user_of(request))
    return _done(_("Taken back; what was said before holds again."))


def _done(message: str) -> HttpResponse:
    """Close the dialog, say it, and have the figures come anew."""
    return toast(fire(HttpResponse(status=204), close_dialog=True, judged=True), message)
