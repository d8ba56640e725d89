"""What can be done with contracts: sign, renew, plan payment, end, terminate."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django.db.models import F, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.crm.contracts.agreement import keep_agreement
from guanxi.crm.contracts.events import ContractEnded, ContractRenewed, ContractSigned, ContractTerminated
from guanxi.crm.payments.planning import PLAN, plan_instalments
from guanxi.crm.starting import today
from guanxi.entity.actors import Actor
from guanxi.entity.field import Field
from guanxi.entity.kinds import Day, MoneyKind, Text
from guanxi.record.changes import Origin, write
from guanxi.record.refusals import Refused
from guanxi.record.verbs import verb


def may_sign(user: Actor) -> Q:
    """Drafts can be signed."""
    return Q(status__in=["draft", "review"])


def may_end(user: Actor) -> Q:
    """What is signed can be renewed, ended and terminated."""
    return Q(status="signed")


def may_plan(user: Actor) -> Q:
    """What is worth more than is planned can be planned."""
    return ~Q(status="terminated") & Q(planned__lt=F("value"))


def may_delete(user: Actor) -> Q:
    """What nobody signed can be thrown away."""
    return Q(status__in=["draft", "review"])


@verb(
    gettext_lazy("Sign"),
    icon="writing-sign",
    tone="good",
    rule=may_sign,
    primary=True,
    fields=(Field("signed_on", kind=Day(), label=gettext_lazy("Signed"), default=today),),
    done=gettext_lazy("%(record)s is signed."),
)
def sign(contract: Any, *, by: Actor, origin: Origin, signed_on: dt.date | None) -> Any:
    day = signed_on or by.locale.today
    values = {"status": "signed", "signed_on": day, "starts_on": contract.starts_on or day}
    write(contract, by=by, event=ContractSigned, origin=origin, **values)
    keep_agreement(contract, "signed", by=by)
    return contract


@verb(
    gettext_lazy("Renew"),
    icon="refresh",
    rule=may_end,
    fields=(
        Field("ends_on", kind=Day(), label=gettext_lazy("Goes on until"), required=True),
        Field(
            "value", kind=MoneyKind(), label=gettext_lazy("Value for that time"), hint=gettext_lazy("Added to the value of the contract.")
        ),
    ),
    done=gettext_lazy("%(record)s is renewed."),
)
def renew(contract: Any, *, by: Actor, origin: Origin, ends_on: dt.date, value: Decimal | None) -> Any:
    if contract.ends_on and ends_on <= contract.ends_on:
        raise Refused({"ends_on": _("It goes on until then already.")})
    more = {"value": (contract.value or 0) + value} if value is not None else {}
    write(contract, by=by, event=ContractRenewed, origin=origin, ends_on=ends_on, **more)
    keep_agreement(contract, "renewed", by=by)
    return contract


@verb(gettext_lazy("Plan payment"), icon="calendar-dollar", rule=may_plan, fields=PLAN, bulk=False)
def plan(contract: Any, *, by: Actor, origin: Origin, parts: int, first_on: dt.date, months: int) -> Any:
    about = {"contract": contract.pk, "account": contract.account_id, "owner": contract.owner_id}
    left = Decimal((contract.value or 0) - (contract.planned or 0))
    plan_instalments(about, left, contract.currency, parts, first_on, months, by=by, origin=origin)
    return contract


@verb(gettext_lazy("Ended"), icon="check", rule=may_end, done=gettext_lazy("%(record)s has ended."))
def end(contract: Any, *, by: Actor, origin: Origin) -> Any:
    return write(contract, by=by, event=ContractEnded, origin=origin, status="ended", ends_on=contract.ends_on or by.locale.today)


@verb(
    gettext_lazy("Terminate"),
    icon="ban",
    tone="bad",
    rule=may_end,
    fields=(
        Field("ends_on", kind=Day(), label=gettext_lazy("Ends"), default=today),
        Field("reason", kind=Text(255), label=gettext_lazy("Reason"), required=True),
    ),
    done=gettext_lazy("%(record)s is terminated."),
)
def terminate(contract: Any, *, by: Actor, origin: Origin, ends_on: dt.date | None, reason: str) -> Any:
    values = {"status": "terminated", "ends_on": ends_on or by.locale.today, "reason": reason}
    return write(contract, by=by, event=ContractTerminated, origin=origin, **values)
