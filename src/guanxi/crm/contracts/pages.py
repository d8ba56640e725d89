"""What stands of contracts on the first page."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

from guanxi.surfaces.home.blocks import Attention

ENDING = Attention(
    "ending contracts",
    "contracts",
    gettext_lazy("Contracts to decide on"),
    'owner = me and status = "signed" and notice_on <= today+60d',
    ("notice_on",),
    ("account", "notice_on", "value"),
    icon="contract",
    tone="warn",
    empty=gettext_lazy("No contract of yours needs a decision within 60 days."),
    rank=23,
)
