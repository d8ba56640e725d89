"""How instalments, payments and their matches are shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from guanxi.crm.bank.checking import check_bank_line, check_lines
from guanxi.crm.numbering import next_number
from guanxi.crm.payments import matching
from guanxi.crm.payments.belonging import belong, check_belonging
from guanxi.crm.payments.model import Instalment, Match, Payment
from guanxi.crm.payments.verbs import match, receive
from guanxi.crm.starting import currency_of, today
from guanxi.entity.actors import Actor
from guanxi.entity.entity import Board, Entity, Noun, Page, Preset, Related, Section, Write
from guanxi.entity.field import Field
from guanxi.entity.kinds import Choice, Currency, MoneyKind, options
from guanxi.entity.rollup import Rollup

STATES = Choice(
    options(
        ("open", pgettext_lazy("instalment", "Open"), "info"),
        ("part", gettext_lazy("Partly received"), "warn"),
        ("paid", gettext_lazy("Received"), "good"),
    )
)
METHODS = Choice(
    options(
        ("transfer", gettext_lazy("Bank transfer")),
        ("alipay", gettext_lazy("Alipay")),
        ("wechat", gettext_lazy("WeChat Pay")),
        ("card", gettext_lazy("Card")),
        ("cheque", gettext_lazy("Cheque")),
        ("acceptance", gettext_lazy("Acceptance bill")),
        ("cash", gettext_lazy("Cash")),
        ("other", gettext_lazy("Other")),
    ),
    plain=True,
)


def derive(instalment: Any, changed: set[str]) -> None:
    """What it belongs to says whose it is; a name."""
    belong(instalment, changed)
    instalment.name = instalment.name or _("Instalment")


def check(instalment: Any, changed: set[str], by: Actor) -> Mapping[str, str]:
    """It is somebody's, above zero, and stays in its currency and with its account once something was received."""
    wrong = check_belonging(instalment, changed)
    if wrong:
        return wrong
    if instalment.amount is not None and instalment.amount <= 0:
        return {"amount": _("Type an amount above zero.")}
    settled = changed & {"account", "currency"} if instalment.pk and instalment.received else set()
    return {name: _("Something was received for this already.") for name in settled}


def follow(writes: Sequence[Write], by: Actor) -> None:
    """An instalment is never less than what was received for it."""
    matching.check_instalments({one.record.pk for one in writes if "amount" in one.before}, by)


def derive_payment(payment: Any, changed: set[str]) -> None:
    """Its number; the account's currency, unless it says another."""
    payment.number = payment.number or next_number("PY")
    payment.currency = payment.currency or currency_of(payment)


def check_payment(payment: Any, changed: set[str], by: Actor) -> Mapping[str, str]:
    """Some money moved; what is matched stays in its currency and with its account."""
    if not payment.amount:
        return {"amount": _("Type an amount; less than zero for money paid back.")}
    used = changed & {"account", "currency"} if payment.pk and payment.matched else set()
    if used:
        return {name: _("This payment is matched already.") for name in used}
    return check_bank_line(payment) if payment.bank_line_id and changed & {"bank_line", "currency", "amount"} else {}


def follow_payments(writes: Sequence[Write], by: Actor) -> None:
    """A payment is never less than what it is matched with, and payments never more than the bank line they are."""
    matching.check_payments({one.record.pk for one in writes if "amount" in one.before}, by)
    banked = {one.record.bank_line_id for one in writes if one.created or {"amount", "bank_line", "deleted_at"} & set(one.before)} - {None}
    if banked:
        check_lines(banked)


INSTALMENTS = Entity(
    path="instalments",
    model=Instalment,
    noun=Noun(gettext_lazy("instalment"), gettext_lazy("instalments")),
    icon="calendar-dollar",
    title="name",
    group="sell",
    order=("due_on",),
    subtitle=("state",),
    fields_declared=[
        Field("name", glance=True, search="C"),
        Field("account", glance=True, card=True),
        Field("contract"),
        Field("order"),
        Field("due_on", glance=True, card=True, default=today),
        Field("amount", kind=MoneyKind(), glance=True, card=True, total=True),
        Field("currency", kind=Currency()),
        Field("received", kind=MoneyKind(), rollup=Rollup("matches", sum="settled"), total=True),
        Field("open", kind=MoneyKind(), glance=True, total=True),
        Field("state", kind=STATES, glance=True),
        Field("note"),
        Field("owner", glance=True, card=True),
        Field("team"),
        Field("external_id", search="D"),
        Field("created_at", read_only=True),
        Field("created_by", read_only=True),
        Field("id", read_only=True),
    ],
    sections=[
        Section(
            gettext_lazy("Instalment"), ("name", "order", "contract", "account", "due_on", "amount", "currency", "received", "open", "note")
        ),
        Section(gettext_lazy("Responsible"), ("owner", "team")),
    ],
    verbs=(receive,),
    related=[Related("matches", "matches", "instalment", gettext_lazy("Received by"), ("payment", "settled"), "-id")],
    board=Board(by="state", total="open"),
    calendar="due_on",
    late={"due_on": "open > 0 and due_on < today"},
    parent="account",
    views=[
        Preset("due", gettext_lazy("Due this month"), "open > 0 and due_on within this_month", ("due_on",)),
        Preset("late", gettext_lazy("Overdue"), "open > 0 and due_on < today", ("due_on",)),
        Preset("late30", gettext_lazy("1–30 days late"), "open > 0 and due_on >= today-30d and due_on < today", ("due_on",)),
        Preset("late60", gettext_lazy("31–60 days late"), "open > 0 and due_on >= today-60d and due_on < today-30d", ("due_on",)),
        Preset("late90", gettext_lazy("61–90 days late"), "open > 0 and due_on >= today-90d and due_on < today-60d", ("due_on",)),
        Preset("later", gettext_lazy("Over 90 days late"), "open > 0 and due_on < today-90d", ("due_on",)),
        Preset("all", gettext_lazy("All instalments"), "", ("due_on",)),
    ],
    derive=derive,
    check=check,
    follow=follow,
    may_delete=lambda user: Q(received=0),
)

PAYMENTS = Entity(
    path="payments",
    model=Payment,
    noun=Noun(gettext_lazy("payment"), gettext_lazy("payments")),
    icon="cash",
    title="number",
    group="sell",
    order=("-received_on",),
    subtitle=("received_on",),
    fields_declared=[
        Field("number", glance=True, search="A"),
        Field("account", glance=True),
        Field("received_on", glance=True, default=today),
        Field("amount", kind=MoneyKind(), glance=True, total=True),
        Field("currency", kind=Currency()),
        Field("matched", kind=MoneyKind(), rollup=Rollup("matches", sum="amount"), total=True),
        Field("left", kind=MoneyKind(), glance=True, total=True),
        Field("method", kind=METHODS, glance=True),
        Field("payer", search="C"),
        Field("reference", search="B"),
        Field("bank_line"),
        Field("note"),
        Field("owner", glance=True),
        Field("team"),
        Field("external_id", search="D"),
        Field("created_at", read_only=True),
        Field("created_by", read_only=True),
        Field("id", read_only=True),
    ],
    sections=[
        Section(gettext_lazy("Payment"), ("number", "account", "received_on", "amount", "currency", "matched", "left")),
        Section(gettext_lazy("Where from"), ("method", "payer", "reference", "bank_line", "note")),
        Section(gettext_lazy("Responsible"), ("owner", "team")),
    ],
    verbs=(match,),
    related=[Related("matches", "matches", "payment", gettext_lazy("Settles"), ("instalment", "settled"), "-id")],
    calendar="received_on",
    parent="account",
    pages=(Page("bank", gettext_lazy("Bank statements"), "building-bank", needs="bank_lines"),),
    views=[
        Preset("left", gettext_lazy("To match"), "left > 0", ("received_on",)),
        Preset("month", gettext_lazy("This month"), "received_on within this_month", ("-received_on",)),
        Preset("all", gettext_lazy("All payments"), "", ("-received_on",)),
    ],
    derive=derive_payment,
    check=check_payment,
    follow=follow_payments,
    may_delete=lambda user: Q(matched=0),
)

MATCHES = Entity(
    path="matches",
    model=Match,
    noun=Noun(gettext_lazy("match"), gettext_lazy("matches")),
    icon="receipt",
    title="name",
    searchable=False,
    part_of="payment",
    parent="payment",
    fields_declared=[
        Field("name", read_only=True, glance=True),
        Field("payment", glance=True),
        Field("instalment", glance=True),
        Field("amount", kind=MoneyKind(), glance=True, total=True),
        Field("currency", kind=Currency(), read_only=True),
        Field("settled", kind=MoneyKind("settled_currency"), glance=True),
        Field("settled_currency", kind=Currency(), read_only=True),
        Field("external_id"),
        Field("id", read_only=True),
    ],
    sections=[Section(gettext_lazy("Match"), ("payment", "instalment", "amount", "settled"))],
    derive=matching.derive,
    check=matching.check,
    follow=matching.follow,
)
