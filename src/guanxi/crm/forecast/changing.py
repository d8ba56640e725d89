"""The page of what changed in a forecast since a day, and of how good past commitments were."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_GET

from guanxi.access.models import User
from guanxi.base.money import format_sum
from guanxi.crm.forecast.figures import CENT
from guanxi.crm.forecast.judging import asked_of
from guanxi.crm.forecast.pages import PATH, around
from guanxi.crm.forecast.slippage import EFFECTS, Accuracy, accuracy, slippage
from guanxi.entity.registry import entity_named
from guanxi.surfaces.api.figures import Figures
from guanxi.surfaces.pages import answering, must_see, render, user_of

DAYS = (1, 7, 30)
PAST = 4
LABELS = {
    "new": pgettext_lazy("forecast", "New"), "in": gettext_lazy("Pulled in"), "grown": gettext_lazy("Grown"), "shrunk": gettext_lazy("Shrunk"),
    "out": gettext_lazy("Pushed out or omitted"), "won": gettext_lazy("Won"), "lost": gettext_lazy("Lost"),
    "gone": gettext_lazy("In the trash"),
}  # fmt: skip


@answering
@require_GET
def of_period(request: HttpRequest) -> HttpResponse:
    """What became of a period's open deals since some days ago."""
    user = user_of(request)
    must_see(entity_named("deals"), user)
    span, pipeline = asked_of(request.GET, user)
    days = next((days for days in DAYS if str(days) == request.GET.get("days")), 7)
    found = slippage(user, span, user.locale.today - dt.timedelta(days), user.locale.today, pipeline)

    def money(amount: Decimal) -> str:
        return format_sum(amount, found.currency, user.locale.language)

    way = around(span, pipeline, None, user, f"{PATH}/changes")
    here = f"{PATH}/changes?period={span.name}" + (f"&pipeline={pipeline}" if pipeline else "")
    earlier = [span.moved(-count) for count in range(1, PAST + 1)] if span.first.year > 1971 + PAST else []
    past = accuracy(user, *earlier, pipeline=pipeline)
    missing = found.missing.union(*(one.missing for one in past))
    return render(
        request, "crm/changes.html", start=money(found.start), end=money(found.end), since=found.since, missing=", ".join(sorted(missing)),
        currency=found.currency, forecast_url=here.replace("/changes", ""),
        effects=[(LABELS[name], found.counts[name], money(found.effects[name])) for name in EFFECTS if found.counts[name]],
        days=[(_("Since yesterday") if one == 1 else _("%(days)s days") % {"days": one}, f"{here}&days={one}", one == days) for one in DAYS],
        past=[_past(one, user) for one in past], **way,
    )  # fmt: skip


def _past(found: Accuracy, user: User) -> dict[str, Any]:
    language = user.locale.language
    sums = {name: format_sum(getattr(found, name), found.currency, language) for name in ("start", "half", "won")}
    return {"label": found.span.label(language), "known": found.known, "rate": found.rate, **sums}


def _tell(user: User, asked: Mapping[str, str]) -> Any:
    span, pipeline = asked_of(asked, user)
    today = user.locale.today
    found = slippage(user, span, today - dt.timedelta(7), today, pipeline)
    return {
        "period": span.name, "since": found.since.isoformat(), "currency": found.currency, "missing": sorted(found.missing),
        "start": str(found.start.quantize(CENT)), "end": str(found.end.quantize(CENT)),
        "effects": {name: {"deals": found.counts[name], "amount": str(found.effects[name].quantize(CENT))} for name in EFFECTS},
    }  # fmt: skip


_TEXT = {"type": "string"}
_EFFECT = {"type": "object", "required": ["deals", "amount"], "properties": {"deals": {"type": "integer"}, "amount": _TEXT}}
SCHEMA = {
    "type": "object", "additionalProperties": False,
    "required": ["period", "since", "currency", "missing", "start", "end", "effects"],
    "properties": {
        "period": _TEXT, "since": _TEXT, "currency": _TEXT, "missing": {"type": "array", "items": _TEXT}, "start": _TEXT, "end": _TEXT,
        "effects": {"type": "object", "additionalProperties": False, "properties": dict.fromkeys(EFFECTS, _EFFECT)},
    },
}  # fmt: skip
SLIPPAGE = Figures("deals", "slippage", gettext_lazy("What changed in the forecast within 7 days"), _tell, SCHEMA)
