"""What stands of payments on the first page."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

from guanxi.surfaces.home.blocks import Attention, Measure

OVERDUE = Attention(
    "overdue",
    "instalments",
    gettext_lazy("Overdue payments"),
    "owner = me and open > 0 and due_on < today",
    ("due_on",),
    ("account", "due_on", "open"),
    icon="calendar-dollar",
    tone="bad",
    empty=gettext_lazy("Nobody owes you anything that is due."),
    rank=22,
)
RECEIVED = Measure(
    "received this month",
    "payments",
    gettext_lazy("Received this month"),
    "owner = me and received_on within this_month",
    total="amount",
    tone="good",
    rank=15,
)
