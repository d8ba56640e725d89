"""Which payment settles which instalment, and that neither is used twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import F, Q
from django.utils.translation import gettext as _

from guanxi.base.money import Money, format_money
from guanxi.crm.payments.model import Instalment, Payment
from guanxi.crm.rates.converting import rate_on
from guanxi.entity.actors import Actor
from guanxi.entity.entity import Write
from guanxi.record.refusals import Refused


def derive(match: Any, changed: set[str]) -> None:
    """The currencies of both sides, the amount if none is said, and what it settles."""
    payment = Payment.objects.filter(pk=match.payment_id).first()
    instalment = Instalment.objects.filter(pk=match.instalment_id).first()
    if payment is None or instalment is None:
        return
    match.name = instalment.name
    match.currency, match.settled_currency = payment.currency, instalment.currency
    if match.currency == match.settled_currency:
        if match.amount is None:
            match.amount = min(payment.left, instalment.open)
        match.settled = match.amount
    elif match.settled is None or ("amount" in changed and "settled" not in changed):
        _convert(match, payment, instalment)


def _convert(match: Any, payment: Any, instalment: Any) -> None:
    """By the rate of the day the money came; as much as is left, if no amount is said, and no more than is open."""
    rate = rate_on(match.currency, match.settled_currency, payment.received_on)
    if rate is None:
        return
    if match.amount is not None:
        match.settled = Money(match.amount * rate, match.settled_currency).rounded().amount
        return
    match.amount, match.settled = payment.left, Money(payment.left * rate, match.settled_currency).rounded().amount
    if match.settled > instalment.open:
        match.amount, match.settled = Money(instalment.open / rate, match.currency).rounded().amount, instalment.open


def check(match: Any, changed: set[str], by: Actor) -> Mapping[str, str]:
    """Something is matched, between one customer's payment and instalment."""
    if match.settled is None:
        return {"settled": _("There is no rate for that day: type how much it settles.")}
    if not match.amount or not match.settled:
        return {"amount": _("There is nothing to match.")}
    if (match.amount > 0) != (match.settled > 0):
        return {"settled": _("Both amounts are above or below zero.")}
    theirs = Instalment.objects.filter(pk=match.instalment_id).values_list("account", flat=True).first()
    if not Payment.objects.filter(pk=match.payment_id, account=theirs).exists():
        return {"instalment": _("This instalment is another account's.")}
    return {}


def follow(writes: Sequence[Write], by: Actor) -> None:
    """No payment is used for more than it is, no instalment settled for more than it is. Both are locked, and their sums fresh."""
    check_payments({key for one in writes for key in (one.record.payment_id, one.before.get("payment")) if key}, by)
    check_instalments({key for one in writes for key in (one.record.instalment_id, one.before.get("instalment")) if key}, by)


def check_payments(keys: set[int], by: Actor) -> None:
    """Refused when more is matched than was paid, or paid back."""
    receipt = Q(amount__gte=0) & (Q(matched__gt=F("amount")) | Q(matched__lt=0))
    refund = Q(amount__lt=0) & (Q(matched__lt=F("amount")) | Q(matched__gt=0))
    wrong = Payment.objects.filter(receipt | refund, pk__in=keys).first()
    if wrong is not None:
        amount = format_money(wrong.amount, wrong.currency or by.locale.currency, by.locale.language)
        raise Refused({"amount": _("That is more than the payment of %(amount)s.") % {"amount": amount}})


def check_instalments(keys: set[int], by: Actor) -> None:
    """Refused when more is received than is due; what is paid over stays with the payment, not matched."""
    wrong = Instalment.objects.filter(Q(received__gt=F("amount")) | Q(received__lt=0), pk__in=keys).first()
    if wrong is not None:
        amount = format_money(wrong.amount, wrong.currency or by.locale.currency, by.locale.language)
        words = _("“%(instalment)s” is only %(amount)s: match less; the rest stays with the payment.")
        raise Refused({"amount": words % {"instalment": wrong.name, "amount": amount}})


def open_of(account: int, currency: str) -> list[Any]:
    """An account's open instalments in a currency, longest due first, locked."""
    due = Instalment.objects.filter(account=account, currency=currency, open__gt=0, deleted_at__isnull=True)
    return list(due.order_by("due_on", "pk").select_for_update())
