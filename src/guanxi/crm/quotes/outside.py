"""What a customer sees of a quote by its link, how they answer, and how the seller is told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from guanxi.entity.actors import Actor
from guanxi.entity.field import Field
from guanxi.entity.kinds import Text
from guanxi.entity.public import Answer, Public
from guanxi.surfaces.inbox.words import Said

NAME = Field("answered_by", kind=Text(200), label=gettext_lazy("Your name"), required=True)


def may_show(user: Actor) -> Q:
    """What was sent, and not taken back for another edition."""
    return Q(status__in=["sent", "accepted", "rejected"])


def note(quote: Any, reader: Actor) -> str:
    """That the offer has run out unanswered."""
    over = quote.status == "sent" and quote.valid_until is not None and quote.valid_until < reader.locale.today
    return _("This quote is no longer valid. Ask us for a new one.") if over else ""


PUBLIC = Public(
    fields=("number", "account", "sent_on", "valid_until", "owner", "answered_by", "answered_on"),
    open=may_show,
    state="status",
    lines="lines",
    columns=("name", "quantity", "price", "discount", "total", "tax_rate", "gross"),
    beneath="contents",
    marked="optional",
    chosen="taken",
    totals=("net", "tax", "total"),
    texts=("terms",),
    labels={
        "account": pgettext_lazy("quote", "For"),
        "owner": gettext_lazy("Your contact"),
        "sent_on": gettext_lazy("Date"),
        "total": pgettext_lazy("sum", "Total"),
    },
    answers=(
        Answer(
            "accept",
            pgettext_lazy("answer", "Accept"),
            (NAME,),
            signed="answered_by",
            tone="good",
            takes="taken",
            hint=gettext_lazy("You accept this quote as it stands, with the optional lines you ticked. Your name and the time are kept."),
            done=gettext_lazy("Thank you. Your acceptance has reached us."),
        ),
        Answer(
            "reject",
            pgettext_lazy("answer", "Decline"),
            (NAME, Field("reason", kind=Text(255), label=gettext_lazy("Why?"), required=True)),
            signed="answered_by",
            icon="circle-x",
            tone="bad",
            done=gettext_lazy("Thank you for telling us."),
        ),
    ),
    gone=gettext_lazy("This quote was taken back or replaced by a newer one. Ask us for the present one."),
    notes=note,
)

NEWS: Mapping[str, Said] = {
    "quotes.accept outside": Said("check", gettext_lazy("%(name)s accepted %(record)s"), "good"),
    "quotes.reject outside": Said("circle-x", gettext_lazy("%(name)s declined %(record)s"), "bad"),
}
