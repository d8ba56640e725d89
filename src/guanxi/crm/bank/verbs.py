"""What can be done with lines of bank statements: match, set aside, take up again."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.crm.accounts.model import Account
from guanxi.crm.bank.events import BanklineDismissed, BanklineReopened
from guanxi.crm.bank.proposing import propose
from guanxi.crm.payments.model import Payment
from guanxi.entity.actors import Actor
from guanxi.entity.field import Field
from guanxi.entity.kinds import Link, Links, Text
from guanxi.entity.registry import entity_named
from guanxi.record.changes import Origin, create, edit, write
from guanxi.record.reach import visible
from guanxi.record.refusals import Refused
from guanxi.record.verbs import verb

LATE = gettext_lazy("Somebody has matched this line already, or set it aside.")


def may_match(user: Actor) -> Q:
    """Money received of which something is left."""
    return Q(amount__gt=0, left__gt=0, aside="")


def may_take_up(user: Actor) -> Q:
    """What was set aside."""
    return ~Q(aside="")


def may_delete(user: Actor) -> Q:
    """What no payment stands on."""
    return Q(used=0)


@verb(
    gettext_lazy("Match"),
    icon="receipt",
    tone="good",
    rule=may_match,
    primary=True,
    key="m",
    fields=(
        Field("instalments", kind=Links("instalments"), label=gettext_lazy("Instalments")),
        Field("account", kind=Link("accounts"), label=gettext_lazy("Account")),
        Field("payment", kind=Link("payments"), label=gettext_lazy("Payment recorded before")),
    ),
    hint=gettext_lazy(
        "The instalments that were paid, or the account whose money it is, or the payment that was recorded already. With nothing said,"
        " the proposal is taken if it is sure."
    ),
    too_late=LATE,
    done=gettext_lazy("%(record)s is matched."),
)
def match(line: Any, *, by: Actor, origin: Origin, instalments: Sequence[int], account: int | None, payment: int | None) -> Any:
    if not (instalments or account or payment):
        sure = next((one for one in propose([line], by=by).get(line.pk, ()) if one.sure), None)
        if sure is None:
            raise Refused({"instalments": _("No proposal is sure enough: say what was paid.")})
        instalments, account, payment = sure.keys, sure.account, sure.payment.pk if sure.payment else None
    if payment:
        edit(Payment(pk=payment), {"bank_line": line.pk}, by=by, origin=origin)
        return line
    paid = _locked(instalments, by)
    if len({one.account_id for one in paid} | ({account} if account else set())) > 1:
        raise Refused({"instalments": _("These belong to several accounts: match them one after the other.")})
    _receive(line, paid, account, by=by, origin=origin)
    return line


def _locked(keys: Sequence[int], by: Actor) -> list[Any]:
    """The instalments, locked in the order of their keys, as everything that settles them locks them; in the order in which they were said."""
    found = visible(entity_named("instalments"), to=by).filter(pk__in=keys).order_by("pk").select_for_update(of=("self",))
    rows = {one.pk: one for one in found}
    if any(key not in rows or rows[key].open <= 0 for key in keys):
        raise Refused({"instalments": _("One of these has been paid meanwhile.")})
    return [rows[key] for key in keys]


def _receive(line: Any, paid: Sequence[Any], account: int | None, *, by: Actor, origin: Origin) -> None:
    """The payment, and what it settles; what is paid over stays with it."""
    owner = paid[0].owner_id if paid else Account.objects.filter(pk=account or 0).values_list("owner", flat=True).first()
    values = {
        "account": paid[0].account_id if paid else account, "amount": line.left, "currency": line.currency, "received_on": line.booked_on,
        "method": "transfer", "payer": line.payer, "reference": line.reference, "note": line.text, "bank_line": line.pk,
        **({"owner": owner} if owner else {}),
    }  # fmt: skip
    made = create(entity_named("payments"), values, by=by, origin=origin)
    left, matches = Decimal(line.left), entity_named("matches")
    for one in paid:
        same = one.currency == line.currency
        part = min(left, one.open) if same else left
        if part <= 0:
            break
        pair = {"payment": made.pk, "instalment": one.pk, **({"amount": part} if same else {})}
        left -= create(matches, pair, by=by, origin=origin).amount


@verb(
    gettext_lazy("Set aside"),
    icon="circle-minus",
    rule=may_match,
    fields=(Field("reason", kind=Text(255), label=gettext_lazy("Reason"), required=True),),
    hint=gettext_lazy("For what no customer owes: interest, a transfer between our own accounts, a refund."),
    done=gettext_lazy("%(record)s is set aside."),
)
def set_aside(line: Any, *, by: Actor, origin: Origin, reason: str) -> Any:
    return write(line, by=by, event=BanklineDismissed, origin=origin, aside=reason)


@verb(gettext_lazy("Take up again"), icon="arrow-back-up", rule=may_take_up, done=gettext_lazy("%(record)s is to be matched again."))
def take_up(line: Any, *, by: Actor, origin: Origin) -> Any:
    return write(line, by=by, event=BanklineReopened, origin=origin, aside="")
