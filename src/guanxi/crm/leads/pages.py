"""What is special about showing leads: their qualification, how their events are said, what each method yields."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views.decorators.http import require_GET

from guanxi.access.models import User
from guanxi.access.sight import clear
from guanxi.base.money import format_sum
from guanxi.crm.leads.choices import ANSWERS
from guanxi.crm.leads.man import letters
from guanxi.crm.leads.yields import Amounts, Yield, yields
from guanxi.entity.registry import entity_named
from guanxi.surfaces.detail.asides import Aside, Figure
from guanxi.surfaces.history.told import Saying
from guanxi.surfaces.home.blocks import Attention, Measure
from guanxi.surfaces.pages import answering, must_see, render, user_of

SAYINGS = {
    "lead.moved": Saying(gettext_lazy("%(who)s moved %(what)s"), "arrow-right", "info"),
    "lead.qualified": Saying(gettext_lazy("%(who)s qualified %(what)s"), "check", "good"),
    "lead.disqualified": Saying(gettext_lazy("%(who)s gave %(what)s up"), "circle-x", "bad"),
    "lead.reopened": Saying(gettext_lazy("%(who)s took %(what)s up again"), "arrow-back-up", "warn"),
    "lead.converted": Saying(gettext_lazy("%(who)s converted %(what)s"), "arrow-up-right", "good"),
    "lead.reverted": Saying(gettext_lazy("%(who)s undid the conversion of %(what)s"), "arrow-back-up", "warn"),
}
TONES = {"yes": "good", "no": "bad"}


def qualification(lead: Any, reader: User) -> Sequence[Figure]:
    """The three answers with who gave them, and the letters of the class. No query."""
    entity, figures = entity_named("leads"), []
    questions = (("money", pgettext("qualification", "Money")), ("authority", _("Authority")), ("need", _("Need")))
    for name, label in questions:
        fields = [entity.fields[one] for one in (f"has_{name}", f"{name}_note", f"{name}_by")]
        answer, note, said_by = (one.of(lead) if clear(entity, one, to=reader) else "" for one in fields)
        if not answer:
            return []
        told = f"{note} ({said_by})" if note and said_by else note or said_by
        figures.append(Figure(label, f"{ANSWERS.label(answer)} · {told}" if told else ANSWERS.label(answer), tone=TONES.get(answer, "")))
    return [*figures, Figure(_("Class"), letters(lead.has_money, lead.has_authority, lead.has_need))]


QUALIFICATION = Aside("leads", "qualification", gettext_lazy("Qualification"), qualification)

NEW = Attention(
    "new leads",
    "leads",
    gettext_lazy("New leads"),
    'owner = me and status = "new"',
    ("-id",),
    ("company", "source", "prospect"),
    icon="user-plus",
    tone="info",
    empty=gettext_lazy("Every lead of yours has been looked at."),
    rank=25,
)
LEADS = Measure(
    "my leads",
    "leads",
    gettext_lazy("Open leads"),
    'owner = me and status in ("new", "working", "nurturing", "qualified")',
    rank=15,
)

SPANS = (("year", gettext_lazy("Last 12 months"), 365), ("quarter", gettext_lazy("Last 90 days"), 90), ("all", gettext_lazy("Ever"), None))


@answering
@require_GET
def yield_by_method(request: HttpRequest) -> HttpResponse:
    """What each prospecting method yields, side by side."""
    user = user_of(request)
    must_see(entity_named("leads"), user)
    asked = request.GET.get("since", "year")
    days = next((days for name, _label, days in SPANS if name == asked), 365)
    since = user.locale.today - dt.timedelta(days=days) if days else None
    rows = [_row(one, user) for one in yields(user, since=since)]
    spans = [(name, label, name == asked) for name, label, _days in SPANS]
    return render(request, "crm/yield.html", rows=rows, spans=spans)


def _row(one: Yield, user: User) -> dict[str, Any]:
    where = f"method = {one.method}" if one.method else "method is empty"
    return {
        "name": one.name or _("No method"),
        "url": f"/methods/{one.method}" if one.method else "",
        "leads_url": "/leads?" + urlencode({"view": "all", "where": where}),
        "of": one,
        "revenue": _amounts(one.revenue, user),
        "cost": _amounts(one.cost, user),
    }


def _amounts(sums: Amounts, user: User) -> str:
    return " + ".join(format_sum(amount, currency or user.locale.currency, user.locale.language) for amount, currency in sums)
