"""What can be done with invoices: issue, void."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy

from guanxi.crm.invoices.events import InvoiceIssued, InvoiceVoided
from guanxi.crm.starting import today
from guanxi.entity.actors import Actor
from guanxi.entity.field import Field
from guanxi.entity.kinds import Day, Text
from guanxi.record.changes import Origin, write
from guanxi.record.verbs import verb


def may_issue(user: Actor) -> Q:
    """What is asked for can be issued."""
    return Q(status="requested")


def may_void(user: Actor) -> Q:
    """What is issued or asked for can be taken back."""
    return Q(status__in=["requested", "issued"])


def may_delete(user: Actor) -> Q:
    """An issued invoice is voided, never thrown away."""
    return ~Q(status="issued")


@verb(
    gettext_lazy("Issue"),
    icon="file-invoice",
    tone="good",
    rule=may_issue,
    primary=True,
    fields=(
        Field("number", kind=Text(60), label=gettext_lazy("Number"), required=True),
        Field("issued_on", kind=Day(), label=gettext_lazy("Issued"), default=today),
    ),
    bulk=False,
    done=gettext_lazy("%(record)s is issued."),
)
def issue(invoice: Any, *, by: Actor, origin: Origin, number: str, issued_on: dt.date | None) -> Any:
    values = {"status": "issued", "number": number, "issued_on": issued_on or by.locale.today}
    return write(invoice, by=by, event=InvoiceIssued, origin=origin, **values)


@verb(
    gettext_lazy("Void"),
    icon="ban",
    tone="bad",
    rule=may_void,
    fields=(Field("reason", kind=Text(255), label=gettext_lazy("Reason"), required=True),),
    done=gettext_lazy("%(record)s is void."),
)
def void(invoice: Any, *, by: Actor, origin: Origin, reason: str) -> Any:
    return write(invoice, by=by, event=InvoiceVoided, origin=origin, status="void", reason=reason)
