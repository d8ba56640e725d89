"""The pages of the funnel, and of what was won and lost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from guanxi.access.models import User
from guanxi.access.titles import titles
from guanxi.base.money import format_money, format_sum
from guanxi.crm.forecast.spans import containing
from guanxi.crm.funnel.asking import Asked, list_url, whose
from guanxi.crm.funnel.figures import NOWHERE, SCHEMA, Funnel, funnel, funnel_asked, sees_amounts, told
from guanxi.crm.funnel.wins import SCHEMA as WINS_SCHEMA
from guanxi.crm.funnel.wins import Row, Wins, wins, wins_asked
from guanxi.crm.funnel.wins import told as wins_told
from guanxi.crm.pipelines.queries import stages
from guanxi.crm.rates.summing import Summed, Sums
from guanxi.entity.registry import entity_named
from guanxi.surfaces.api.figures import Figures
from guanxi.surfaces.pages import answering, must_see, render, user_of

PATH, WINS = "/deals/funnel", "/deals/wins"
UNITS = ("month", "quarter", "year")
SHOWN = 200
"""So many rows are on a page; the API tells all."""
OF_WHOM = frozenset({"team", "owner"})


@answering
@require_GET
def of_period(request: HttpRequest) -> HttpResponse:
    """How far the deals opened in a period came."""
    user = user_of(request)
    must_see(entity_named("deals"), user)
    asked = funnel_asked(request.GET, user)
    whole = funnel(user, asked)
    return render(
        request, "crm/funnel.html", steps=[_step(whole, place, user) for place in range(len(whole.steps))], losses=_losses(whole, user),
        timed=whole.steps[0].stays is not None, early=_part(whole.early.lost, whole.lost(NOWHERE), user) if whole.early.lost.count else None,
        start=whole.start.count, other_url=asked.url(WINS), **around(asked, user, PATH), **money_of(whole.sums, user),
    )  # fmt: skip


FUNNEL = Figures("deals", "funnel", gettext_lazy("Funnel"), told, SCHEMA, takes=Figures.takes | OF_WHOM)


def _step(whole: Funnel, place: int, user: User) -> dict[str, Any]:
    step, (before, start) = whole.steps[place], whole.rates(place)
    stage = step.stage
    return {
        "title": stage.name if stage else _("Won"), "tone": stage.tone if stage else "good", "won": stage is None,
        "reached": _part(step.reached, whole.reached(place), user), "before": percent(before), "start": percent(start),
        "here": _part(step.here, whole.here(place), user), "lost": _part(step.lost, whole.lost(place), user), "stays": step.stays,
    }  # fmt: skip


def _losses(whole: Funnel, user: User) -> dict[str, Any]:
    """Reasons down, stages across."""
    rows = list(whole.losses())
    names = titles({"loss_reasons": {reason for reason, _by, _all in rows if reason}}, to=user)
    places = [*([NOWHERE] if whole.early.reasons else []), *range(len(whole.steps) - 1)]
    return {
        "stages": [stage.name if place != NOWHERE and (stage := whole.steps[place].stage) else _("No stage") for place in places],
        "rows": [{
            "title": names.get(("loss_reasons", reason or 0), _("No reason given")),
            "parts": [_part(by_place.get(place, Summed(())), whole.lost(place, reason, by_reason=True), user) for place in places],
            "all": _part(whole_reason, whole.lost(None, reason, by_reason=True), user),
        } for reason, by_place, whole_reason in rows],
    }  # fmt: skip


def _part(one: Summed, condition: str, user: User) -> dict[str, Any]:
    return {"count": one.count, "amount": money(one.amount, user), "url": list_url(condition)}


@answering
@require_GET
def won_and_lost(request: HttpRequest) -> HttpResponse:
    """What became of the deals closed in a period, by what they have in common."""
    user = user_of(request)
    must_see(entity_named("deals"), user)
    asked, by, known = wins_asked(request.GET, user)
    whole = wins(user, asked, by)
    rows = [_closed(whole, row, user) for row in whole.rows]
    return render(
        request, "crm/wins.html", rows=rows[:SHOWN], left=len(rows) - SHOWN, total=_closed(whole, whole.total, user), by=by, timed=whole.timed,
        dimensions=[(one.label, asked.url(WINS, by=one.name), one is by) for one in known], other_url=asked.url(PATH),
        **around(asked, user, WINS, every=True, by=by.name), **money_of(whole.sums, user),
    )  # fmt: skip


WON_AND_LOST = Figures("deals", "wins", gettext_lazy("Won and lost"), wins_told, WINS_SCHEMA, takes=Figures.takes | OF_WHOM | {"by"})


def _closed(whole: Wins, row: Row, user: User) -> dict[str, Any]:
    sides = {
        name: {**_part(of, whole.condition(row, name), user), "mean": money(row.mean(name), user), "days": row.days(name)}
        for name, of in (("won", row.won), ("lost", row.lost))
    }
    share = row.lost.count / whole.total.lost.count if whole.total.lost.count else None
    return {
        "title": row.title or _("All"), **sides, "closed": row.closed, "rate": percent(row.rate), "rate_of_amount": percent(row.rate_of_amount),
        "share": percent(share),
    }  # fmt: skip


# ——— what both pages have ———


def money(amount: Any, user: User) -> str:
    """An amount in the reader's currency, large ones without cents; nothing where amounts are not theirs to see."""
    if amount is None or not sees_amounts(user):
        return ""
    return format_sum(Decimal(amount), user.locale.currency, user.locale.language)


def percent(share: float | None) -> str:
    """A share in words; a dash where there is none."""
    return "–" if share is None else f"{round(share * 100)}%"


def money_of(sums: Sums, user: User) -> dict[str, Any]:
    """In which money amounts are shown, and what is left out."""
    language = user.locale.language
    missing = [format_money(amount, currency, language) for currency, amount in sorted(sums.missing.items())]
    shown = sees_amounts(user)
    return {
        "amounts": shown, "currency": user.locale.currency, "converted": ", ".join(sums.converted) if shown else "",
        "missing": " + ".join(missing) if shown else "",
    }  # fmt: skip


def around(asked: Asked, user: User, path: str, *, every: bool = False, **more: Any) -> dict[str, Any]:
    """The ways to other periods, pipelines, teams and people; `every` where all pipelines can be looked at together."""
    units: Mapping[str, str] = {"month": _("Month"), "quarter": _("Quarter"), "year": _("Year")}
    day = user.locale.today if asked.span.first <= user.locale.today < asked.span.after else asked.span.first
    names = entity_named("pipelines").model._default_manager.filter(deleted_at__isnull=True)
    pipelines: list[Any] = list(names.order_by("position", "pk")) if len({one.pipeline_id for one in stages().values()}) > 1 else []
    everyone = whose(user, asked, path, **more)
    return {
        "label": asked.span.label(user.locale.language), "here": asked.url(path, **more), **asked.ways(path, **more),
        "units": [(units[unit], replace(asked, span=containing(day, unit)).url(path, **more), unit == asked.span.unit) for unit in UNITS],
        "pipelines": [
            *([(_("All pipelines"), replace(asked, pipeline=None).url(path, **more), asked.pipeline is None)] if every and pipelines else []),
            *((one.name, replace(asked, pipeline=one.pk).url(path, **more), one.pk == asked.pipeline) for one in pipelines),
        ],
        "whose": everyone, "of": next((name for name, _url, current in everyone if current), _("Everyone")),
        "forecast_url": f"/deals/forecast?period={asked.span.name}",
    }  # fmt: skip
