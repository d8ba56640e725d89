"""What an order or quote may not go beyond. Every verb that commits us to a customer asks here, under a lock of the account."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from guanxi.access.sight import clear
from guanxi.base.money import format_money
from guanxi.crm.accounts.model import Account
from guanxi.crm.credit.model import CreditRelease
from guanxi.crm.credit.queries import Standing, converted, policy, standing
from guanxi.entity.actors import Actor
from guanxi.entity.registry import entity_named, entity_of
from guanxi.record.refusals import Refused

STOPS = frozenset({"warn", "stop", "release"})


def check_credit(record: Any, *, by: Actor) -> None:
    """Refused when the record takes its account beyond the limit, or the account owes something too long, as the rules say.

    The account stays locked until the transaction ends, so that of two at once the second sees the first.
    """
    rules = policy()
    if rules is None or rules.mode not in STOPS or record.account_id is None:
        return
    account = Account.objects.select_for_update(of=("self",)).get(pk=record.account_id)
    stands = standing(account, by.locale.today)
    problems = beyond(record, stands, by)
    if not problems or (rules.mode == "release" and released(record) is not None):
        return
    told = " ".join(problems)
    if rules.mode == "warn":
        if record.credit_note:
            return
        raise Refused({"credit_note": _("%(problem)s Say why it goes on all the same.") % {"problem": told}})
    if rules.mode == "release":
        raise Refused({"": _("%(problem)s Somebody who may approve has to release it first.") % {"problem": told}})
    raise Refused({"": _("%(problem)s It cannot go on.") % {"problem": told}})


def beyond(record: Any, stands: Standing, by: Actor) -> list[str]:
    """In which ways a record goes beyond how its account may stand, in words that tell no more than the reader may see."""
    problems = []
    worth = converted([(record.total, record.currency or stands.currency)], stands.currency, by.locale.today)
    told = _tellable(by)

    def amount(value: Decimal) -> str:
        return format_money(value, stands.currency, by.locale.language)

    if stands.limit is not None:
        if worth is None or stands.used is None:
            problems.append(_("What the account owes cannot be worked out: an exchange rate is missing."))
        elif stands.used + worth > stands.limit:
            over = {"over": amount(stands.used + worth - stands.limit), "limit": amount(stands.limit)}
            words = _("This goes %(over)s beyond the credit limit of %(limit)s.") % over
            problems.append(words if told else _("This goes beyond the account's credit limit."))
    if stands.late is None or stands.late > 0:
        rules = policy()
        days = (rules.overdue_days if rules else None) or 0
        if told and stands.late is not None:
            problems.append(_("%(amount)s is overdue for more than %(days)d days.") % {"amount": amount(stands.late), "days": days})
        else:
            problems.append(_("The account owes something for too long."))
    return problems


def _tellable(by: Actor) -> bool:
    accounts = entity_named("accounts")
    return all(clear(accounts, accounts.field(name), to=by) for name in ("owed", "credit_limit"))


def released(record: Any) -> CreditRelease | None:
    """The release that lets the record through as it is now: for this account, and for no less money."""
    found = (
        CreditRelease.objects.filter(entity=entity_of(record).path, record_id=record.pk, account=record.account_id).order_by("-at").first()
    )
    return found if found is not None and found.currency == record.currency and found.amount >= record.total else None


def release_credit(record: Any, reason: str, *, by: Actor) -> CreditRelease:
    """Let a record through. Refused when nothing stops it, or nothing may let it through."""
    rules = policy()
    if rules is None or rules.mode != "release":
        raise Refused({"": _("The credit rules ask for no release.")})
    account = Account.objects.select_for_update(of=("self",)).get(pk=record.account_id)
    stands = standing(account, by.locale.today)
    if not beyond(record, stands, by):
        raise Refused({"": _("Nothing stops this: it is within the limit.")})
    return CreditRelease.objects.create(
        entity=entity_of(record).path, record_id=record.pk, account=account, amount=record.total, currency=record.currency, used=stands.used,
        limit=stands.limit, overdue=stands.overdue, reason=reason, by_id=by.pk,
    )  # fmt: skip
