"""What stands of credit on the pages of accounts, orders and quotes."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.access.models import User
from guanxi.access.sight import clear
from guanxi.base.moments import format_day
from guanxi.base.money import format_money
from guanxi.crm.accounts.model import Account
from guanxi.crm.credit.gate import beyond, released
from guanxi.crm.credit.model import CreditRelease
from guanxi.crm.credit.queries import Standing, behaviour, policy, standing
from guanxi.entity.registry import entity_named, entity_of
from guanxi.record.reach import visible
from guanxi.surfaces.detail.asides import Aside, Figure
from guanxi.surfaces.history.told import Saying

SAYINGS = {
    "order.released": Saying(gettext_lazy("%(who)s released %(what)s"), "shield-check", "warn"),
    "quote.released": Saying(gettext_lazy("%(who)s released %(what)s"), "shield-check", "warn"),
}


def _may_read(reader: User) -> bool:
    accounts = entity_named("accounts")
    return all(clear(accounts, accounts.field(name), to=reader) for name in ("owed", "credit_limit", "credit_class"))


def credit(account: Any, reader: User) -> Sequence[Figure]:
    """Class, limit, used, free and overdue; how the account pays. Nothing while nobody has reviewed it and no rules are in use."""
    if not _may_read(reader) or not (account.credit_class or account.credit_limit is not None or policy() is not None):
        return []
    stands = standing(account, reader.locale.today)
    figures = (
        [Figure(_("Class"), account.credit_class, tone={"A": "good", "D": "bad"}.get(account.credit_class, ""))]
        if account.credit_class
        else []
    )
    figures += _figures(stands, reader)
    if account.credit_days is not None:
        figures.append(Figure(_("Days to pay"), str(account.credit_days)))
    pays = behaviour(visible(entity_named("instalments"), to=reader).filter(account=account.pk), reader.locale.today)
    if pays.paid:
        figures.append(Figure(_("Paid in time"), f"{pays.on_time} / {pays.paid}", share=round(100 * pays.on_time / pays.paid)))
        figures.append(Figure(_("Late on average"), _("%(days).1f days") % {"days": pays.average_late}))
        figures.append(Figure(_("Proposed for character"), str(pays.character)))
    return figures


def _figures(stands: Standing, reader: User) -> list[Figure]:
    def amount(value: Decimal | None) -> str:
        return "–" if value is None else format_money(value, stands.currency, reader.locale.language)

    figures = []
    if stands.limit is not None:
        figures.append(Figure(_("Credit limit"), amount(stands.limit)))
    share = min(100, round(100 * max(stands.used, Decimal(0)) / stands.limit)) if stands.limit and stands.used is not None else None
    if stands.used is not None and stands.used < 0:
        figures.append(Figure(_("Paid ahead"), amount(-stands.used), tone="good"))
    else:
        figures.append(Figure(_("Used"), amount(stands.used), share=share))
    if stands.limit is not None:
        figures.append(Figure(_("Free"), amount(stands.free), tone="bad" if stands.free is not None and stands.free < 0 else ""))
    if stands.overdue is None or stands.overdue > 0:
        figures.append(Figure(_("Overdue"), amount(stands.overdue), tone="bad"))
    return figures


def committed(record: Any, reader: User) -> Sequence[Figure]:
    """On an order or quote: how its account stands, what stops a draft, and who released it."""
    rules = policy()
    if rules is None or rules.mode == "none" or record.account_id is None or not _may_read(reader):
        return []
    account = visible(entity_named("accounts"), to=reader).filter(pk=record.account_id).first()
    if not isinstance(account, Account):
        return []
    stands = standing(account, reader.locale.today)
    figures = _figures(stands, reader)
    if record.status == "draft" and released(record) is None:
        figures += [Figure(problem, "", tone="bad") for problem in beyond(record, stands, reader)]
    last = CreditRelease.objects.filter(entity=entity_of(record).path, record_id=record.pk).select_related("by").order_by("-at").first()
    if last is not None:
        day = format_day(last.at.astimezone(reader.locale.zone).date(), reader.locale.today, reader.locale.language)
        figures.append(Figure(_("Released by %(person)s: %(reason)s") % {"person": last.by or "–", "reason": last.reason}, day))
    return figures


ASIDES = (
    Aside("accounts", "credit", gettext_lazy("Credit"), credit, needs=("instalments", "orders", "invoices"), later=True),
    Aside("orders", "credit", gettext_lazy("Credit"), committed, needs=("accounts", "instalments", "invoices"), later=True),
    Aside("quotes", "credit", gettext_lazy("Credit"), committed, needs=("accounts", "orders", "instalments", "invoices"), later=True),
)
