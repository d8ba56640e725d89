"""What can be done with expense claims: submit, withdraw, approve, reject, pay. Nobody decides on their own."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy

from guanxi.crm.claims.events import ClaimApproved, ClaimPaid, ClaimRejected, ClaimSubmitted, ClaimWithdrawn
from guanxi.crm.starting import today
from guanxi.entity.actors import Actor
from guanxi.entity.field import Field
from guanxi.entity.kinds import Day, Text
from guanxi.record.changes import Origin, write
from guanxi.record.verbs import verb


def may_submit(user: Actor) -> Q:
    """Drafts, and what was rejected, can be handed in."""
    return Q(status__in=["draft", "rejected"])


def may_withdraw(user: Actor) -> Q:
    """What nobody has decided on can be taken back."""
    return Q(status="submitted")


def may_decide(user: Actor) -> Q:
    """What others handed in can be decided on."""
    return Q(status="submitted") & _of_others(user)


def may_pay(user: Actor) -> Q:
    """What others spent and was approved can be paid back."""
    return Q(status="approved") & _of_others(user)


def _of_others(user: Actor) -> Q:
    return Q() if user.pk is None else Q(owner__isnull=True) | ~Q(owner=user.pk)


def may_delete(user: Actor) -> Q:
    """What is not under way, approved or paid can be thrown away."""
    return Q(status__in=["draft", "rejected"])


def receipts_stand(user: Actor) -> Q:
    """What was handed in keeps its receipts, until it is withdrawn or rejected."""
    return Q(status__in=["submitted", "approved", "paid"])


@verb(gettext_lazy("Submit"), icon="send", rule=may_submit, primary=True, key="s", done=gettext_lazy("%(record)s is submitted."))
def submit(claim: Any, *, by: Actor, origin: Origin) -> Any:
    return write(claim, by=by, event=ClaimSubmitted, origin=origin, status="submitted", reason="", decided_by=None, decided_on=None)


@verb(gettext_lazy("Withdraw"), icon="arrow-back-up", rule=may_withdraw, done=gettext_lazy("%(record)s is a draft again."))
def withdraw(claim: Any, *, by: Actor, origin: Origin) -> Any:
    return write(claim, by=by, event=ClaimWithdrawn, origin=origin, status="draft")


@verb(
    gettext_lazy("Approve"),
    icon="check",
    tone="good",
    action="approve",
    rule=may_decide,
    primary=True,
    key="a",
    done=gettext_lazy("%(record)s is approved."),
)
def approve(claim: Any, *, by: Actor, origin: Origin) -> Any:
    decided = {"decided_by": by.pk, "decided_on": by.locale.today}
    return write(claim, by=by, event=ClaimApproved, origin=origin, status="approved", **decided)


@verb(
    gettext_lazy("Reject"),
    icon="circle-x",
    tone="bad",
    action="approve",
    rule=may_decide,
    fields=(Field("reason", kind=Text(255), label=gettext_lazy("Reason"), required=True),),
    done=gettext_lazy("%(record)s is rejected."),
)
def reject(claim: Any, *, by: Actor, origin: Origin, reason: str) -> Any:
    decided = {"decided_by": by.pk, "decided_on": by.locale.today, "reason": reason}
    return write(claim, by=by, event=ClaimRejected, origin=origin, status="rejected", **decided)


@verb(
    gettext_lazy("Paid back"),
    icon="cash",
    action="approve",
    rule=may_pay,
    primary=True,
    fields=(Field("paid_on", kind=Day(), label=gettext_lazy("When"), default=today),),
    done=gettext_lazy("%(record)s is paid back."),
)
def pay(claim: Any, *, by: Actor, origin: Origin, paid_on: dt.date | None) -> Any:
    return write(claim, by=by, event=ClaimPaid, origin=origin, status="paid", paid_on=paid_on or by.locale.today)
