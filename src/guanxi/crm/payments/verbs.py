"""What can be done with payments and instalments: match, receive."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.crm.payments.matching import open_of
from guanxi.crm.starting import today
from guanxi.entity.actors import Actor
from guanxi.entity.field import Field
from guanxi.entity.kinds import Day, Link, MoneyKind
from guanxi.entity.registry import entity_named
from guanxi.record.changes import Origin, create, create_many
from guanxi.record.refusals import Refused
from guanxi.record.verbs import verb


def may_match(user: Actor) -> Q:
    """Payments of which something is left can be matched."""
    return Q(left__gt=0)


def may_receive(user: Actor) -> Q:
    """Instalments of which something is open can be paid."""
    return Q(open__gt=0)


@verb(
    gettext_lazy("Match"),
    icon="receipt",
    rule=may_match,
    primary=True,
    key="m",
    fields=(
        Field("instalment", kind=Link("instalments"), label=gettext_lazy("Instalment")),
        Field("amount", kind=MoneyKind(), label=gettext_lazy("Amount")),
    ),
    hint=gettext_lazy("Without an instalment, the account's open ones are settled, longest due first."),
    done=gettext_lazy("%(record)s is matched."),
)
def match(payment: Any, *, by: Actor, origin: Origin, instalment: int | None, amount: Decimal | None) -> Any:
    matches = entity_named("matches")
    if instalment is not None:
        create(matches, {"payment": payment.pk, "instalment": instalment, "amount": amount}, by=by, origin=origin)
        return payment
    left, rows = amount if amount is not None else payment.left, []
    for one in open_of(payment.account_id, payment.currency):
        part = min(left, one.open)
        if part > 0:
            rows.append({"payment": payment.pk, "instalment": one.pk, "amount": part})
            left -= part
    if not rows:
        raise Refused({"instalment": _("This account has no open instalment in the currency of the payment.")})
    create_many(matches, rows, by=by, origin=origin)
    return payment


@verb(
    gettext_lazy("Receive"),
    icon="cash",
    tone="good",
    rule=may_receive,
    primary=True,
    key="r",
    bulk=False,
    fields=(
        Field("amount", kind=MoneyKind(), label=gettext_lazy("Amount")),
        Field("received_on", kind=Day(), label=gettext_lazy("Received on"), default=today),
    ),
    hint=gettext_lazy("Without an amount, all that is open. What is paid over stays with the payment, to be matched later."),
    done=gettext_lazy("Received for %(record)s."),
)
def receive(instalment: Any, *, by: Actor, origin: Origin, amount: Decimal | None, received_on: dt.date | None) -> Any:
    paid = instalment.open if amount is None else amount
    if paid <= 0:
        raise Refused({"amount": _("Type an amount above zero.")})
    values = {"account": instalment.account_id, "amount": paid, "currency": instalment.currency, "owner": instalment.owner_id}
    payment = create(entity_named("payments"), {**values, "received_on": received_on or by.locale.today}, by=by, origin=origin)
    matched = {"payment": payment.pk, "instalment": instalment.pk, "amount": min(paid, instalment.open)}
    create(entity_named("matches"), matched, by=by, origin=origin)
    return instalment
