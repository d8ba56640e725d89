"""What is special about showing deals: time in stage, how their events are said, and what of them stands on the first page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from guanxi.access.models import User
from guanxi.crm.pipelines.queries import stages
from guanxi.surfaces.detail.asides import Aside, Figure
from guanxi.surfaces.history.told import Saying
from guanxi.surfaces.home.blocks import Attention, Measure

SAYINGS = {
    "deal.moved": Saying(gettext_lazy("%(who)s moved %(what)s"), "arrow-right", "info"),
    "deal.won": Saying(gettext_lazy("%(who)s won %(what)s"), "trophy", "good"),
    "deal.lost": Saying(gettext_lazy("%(who)s lost %(what)s"), "circle-x", "bad"),
    "deal.reopened": Saying(gettext_lazy("%(who)s reopened %(what)s"), "arrow-back-up", "warn"),
}


def in_stages(deal: Any, reader: User) -> Sequence[Figure]:
    """How long the deal was in each stage, and its age. One query."""
    known, spent = stages(), dict[int, dt.timedelta]()
    now = timezone.now()
    for period in deal.stage_periods.order_by("began_at", "id"):
        spent[period.stage_id] = spent.get(period.stage_id, dt.timedelta()) + ((period.ended_at or now) - period.began_at)
    figures = [
        Figure(known[key].name, days(span), tone="warn" if key == deal.stage_id and _stuck(deal, now) else "")
        for key, span in spent.items()
        if key in known and (known[key].outcome == "open")
    ]
    opened = deal.opened_on
    if opened and deal.outcome == "open":
        figures.append(Figure(_("Age"), days(dt.timedelta(days=(reader.locale.today - opened).days))))
    return figures


def _stuck(deal: Any, now: dt.datetime) -> bool:
    return deal.outcome == "open" and deal.stuck_at is not None and deal.stuck_at < now


def days(span: dt.timedelta) -> str:
    """A span in days."""
    count = max(span.days, 0)
    return ngettext("%(count)d day", "%(count)d days", count) % {"count": count} if count else _("less than a day")


TIME_IN_STAGE = Aside("deals", "stages", gettext_lazy("Time in stage"), in_stages)

CLOSING = Attention(
    "closing",
    "deals",
    gettext_lazy("Closing soon"),
    'owner = me and outcome = "open" and closes_on <= today+14d',
    ("closes_on",),
    ("account", "closes_on", "amount"),
    icon="calendar-time",
    empty=gettext_lazy("No deal of yours closes within two weeks."),
    main=True,
    rank=20,
)
STUCK = Attention(
    "stuck",
    "deals",
    gettext_lazy("Stuck"),
    'owner = me and outcome = "open" and stuck_at < now',
    ("stuck_at",),
    ("account", "stage", "amount"),
    icon="alert-triangle",
    tone="warn",
    empty=gettext_lazy("Every deal moves. Deals that stay in a stage too long show here."),
    rank=21,
)
WON = Measure(
    "won this month",
    "deals",
    gettext_lazy("Won this month"),
    'owner = me and outcome = "won" and closed_on within this_month',
    total="amount",
    tone="good",
    rank=10,
)
OPEN = Measure("open", "deals", gettext_lazy("Open deals"), 'owner = me and outcome = "open"', total="amount", rank=20)
QUARTER = Measure(
    "this quarter",
    "deals",
    gettext_lazy("Expected this quarter"),
    'owner = me and outcome = "open" and closes_on within this_quarter',
    total="weighted",
    hint=gettext_lazy("weighted by probability"),
    rank=30,
)
