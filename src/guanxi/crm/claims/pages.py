"""What stands of expense claims on the first page, and how their events are said."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

from guanxi.surfaces.history.told import Saying
from guanxi.surfaces.home.blocks import Attention

SAYINGS = {
    "claim.submitted": Saying(gettext_lazy("%(who)s submitted %(what)s"), "send", "info"),
    "claim.withdrawn": Saying(gettext_lazy("%(who)s withdrew %(what)s"), "arrow-back-up", "warn"),
    "claim.approved": Saying(gettext_lazy("%(who)s approved %(what)s"), "check", "good"),
    "claim.rejected": Saying(gettext_lazy("%(who)s rejected %(what)s"), "circle-x", "bad"),
    "claim.paid": Saying(gettext_lazy("%(who)s paid %(what)s back"), "cash", "good"),
}
DECIDE = Attention(
    "claims to decide",
    "claims",
    gettext_lazy("Expense claims to decide"),
    'status = "submitted" and team = my_team and owner != me',
    ("spent_on",),
    ("owner", "kind", "amount"),
    icon="receipt-2",
    tone="info",
    empty=gettext_lazy("Nobody in your team waits for a decision."),
    rank=40,
)
