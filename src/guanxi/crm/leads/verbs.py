"""What can be done with leads: move, convert, disqualify, take up again, undo a conversion."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.crm.leads.choices import MOVES, REASONS, STATUSES
from guanxi.crm.leads.conversion import make_of, proposal, take_back
from guanxi.crm.leads.events import LeadDisqualified, LeadMoved, LeadQualified, LeadReopened
from guanxi.crm.leads.rules import may_convert, may_disqualify, may_reopen, may_unconvert
from guanxi.entity.actors import Actor
from guanxi.entity.field import Field
from guanxi.entity.kinds import Day, Link, LongText, Name, YesNo
from guanxi.record.changes import UI, Origin, write
from guanxi.record.refusals import Refused
from guanxi.record.verbs import verb

EVENTS = {"qualified": LeadQualified, "disqualified": LeadDisqualified}


def move(lead: Any, to: str, *, by: Actor, origin: Origin = UI) -> Any:
    """A locked lead to another status; what setting `status` means. Refused."""
    if to == "converted":
        raise Refused({"status": _("A lead becomes converted by being converted: choose “Convert”.")})
    if to not in MOVES.get(lead.status, ()):
        said = {"here": STATUSES.label(lead.status), "there": STATUSES.label(to)}
        raise Refused({"status": _("A lead cannot move from “%(here)s” to “%(there)s”.") % said})
    if to == "disqualified" and not lead.reason:
        raise Refused({"reason": _("Say why it is given up.")})
    event = LeadReopened if lead.status == "disqualified" else EVENTS.get(to, LeadMoved)
    cleared = {"reason": "", "reason_note": ""} if lead.status == "disqualified" else {}
    return write(lead, by=by, event=event, origin=origin, status=to, **cleared)


@verb(
    gettext_lazy("Convert"),
    icon="arrow-up-right",
    tone="good",
    rule=may_convert,
    primary=True,
    key="c",
    fields=(
        Field("account", kind=Link("accounts"), label=gettext_lazy("Account"), hint=gettext_lazy("Empty makes a new one.")),
        Field("contact", kind=Link("contacts"), label=gettext_lazy("Contact"), hint=gettext_lazy("Empty makes a new one.")),
        Field("with_deal", kind=YesNo(), label=gettext_lazy("Open a deal"), default=True),
        Field("deal_name", kind=Name(200), label=gettext_lazy("Name of the deal")),
        Field("closes_on", kind=Day(), label=gettext_lazy("Closes")),
    ),
    starts=proposal,
    done=gettext_lazy("%(record)s is converted."),
)
def convert(
    lead: Any,
    *,
    by: Actor,
    origin: Origin,
    account: int | None,
    contact: int | None,
    with_deal: bool | None,
    deal_name: str,
    closes_on: dt.date | None,
) -> Any:
    return make_of(
        lead, account=account, contact=contact, with_deal=bool(with_deal), deal_name=deal_name, closes_on=closes_on,
        by=by, origin=origin.batched(),
    )  # fmt: skip


@verb(
    gettext_lazy("Disqualify"),
    icon="circle-x",
    tone="bad",
    rule=may_disqualify,
    key="l",
    fields=(
        Field("reason", kind=REASONS, label=gettext_lazy("Reason"), required=True),
        Field("reason_note", kind=LongText(), label=gettext_lazy("What happened")),
    ),
    done=gettext_lazy("%(record)s is given up."),
)
def disqualify(lead: Any, *, by: Actor, origin: Origin, reason: str, reason_note: str) -> Any:
    values = {"reason": reason, "reason_note": reason_note}
    return write(lead, by=by, event=LeadDisqualified, origin=origin, status="disqualified", **values)


@verb(gettext_lazy("Take up again"), icon="arrow-back-up", rule=may_reopen, done=gettext_lazy("%(record)s is open again."))
def reopen(lead: Any, *, by: Actor, origin: Origin) -> Any:
    return move(lead, "working", by=by, origin=origin)


@verb(
    gettext_lazy("Undo conversion"),
    icon="arrow-back-up",
    rule=may_unconvert,
    bulk=False,
    hint=gettext_lazy("What was made for it goes to the trash; what was there stays."),
    done=gettext_lazy("%(record)s is a lead again."),
)
def unconvert(lead: Any, *, by: Actor, origin: Origin) -> None:
    take_back(lead, by=by, origin=origin.batched())
