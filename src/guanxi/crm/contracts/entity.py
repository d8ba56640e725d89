"""How contracts are shown."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.crm.contracts import verbs
from guanxi.crm.contracts.model import Contract
from guanxi.crm.numbering import next_number
from guanxi.crm.payments.declaring import CONVERTED, MONEY, owing_fields, owing_lists
from guanxi.crm.starting import currency_of
from guanxi.entity.actors import Actor
from guanxi.entity.entity import Board, Entity, Noun, Preset, Related, Section
from guanxi.entity.field import Field
from guanxi.entity.kinds import Choice, Currency, Links, MoneyKind, Name, options
from guanxi.entity.rollup import Rollup

KINDS = Choice(
    options(
        ("sale", gettext_lazy("Sale")),
        ("framework", gettext_lazy("Framework agreement")),
        ("service", gettext_lazy("Service")),
        ("subscription", gettext_lazy("Subscription")),
        ("lease", gettext_lazy("Lease")),
        ("agency", gettext_lazy("Agency")),
        ("other", gettext_lazy("Other")),
    ),
    plain=True,
)
STATUSES = Choice(
    options(
        ("draft", gettext_lazy("Draft")),
        ("review", gettext_lazy("In review"), "warn"),
        ("signed", gettext_lazy("Signed"), "good"),
        ("ended", gettext_lazy("Ended")),
        ("terminated", gettext_lazy("Terminated"), "bad"),
    )
)
RENEWALS = Choice(
    options(
        ("none", gettext_lazy("Ends by itself")),
        ("asked", gettext_lazy("If both agree")),
        ("automatic", gettext_lazy("Unless notice is given")),
    ),
    plain=True,
)
AGREED = frozenset({"account", "currency", "value", "starts_on", "terms"})
"""What stands once it is signed; verbs change the rest of what was agreed."""


def derive(contract: Any, changed: set[str]) -> None:
    """Its number; the day by which one must decide whether it goes on."""
    contract.number = contract.number or next_number("CT")
    contract.currency = contract.currency or currency_of(contract)
    contract.notice_on = contract.ends_on - dt.timedelta(days=contract.notice_days or 0) if contract.ends_on else None


def check(contract: Any, changed: set[str], by: Actor) -> Mapping[str, str]:
    """It ends after it begins, and stands once it is signed."""
    if contract.starts_on and contract.ends_on and contract.ends_on < contract.starts_on:
        return {"ends_on": _("It would end before it begins.")}
    if contract.pk and contract.status not in {"draft", "review"}:
        return {name: _("This was signed; renew or terminate the contract instead.") for name in changed & AGREED}
    return {}


CONTRACTS = Entity(
    path="contracts",
    model=Contract,
    noun=Noun(gettext_lazy("contract"), gettext_lazy("contracts")),
    icon="contract",
    title="name",
    group="sell",
    order=("-id",),
    subtitle=("status", "number"),
    fields_declared=[
        Field("name", kind=Name(200), glance=True, search="A"),
        Field("number", glance=True, search="A"),
        Field("account", glance=True, card=True),
        Field("status", kind=STATUSES, glance=True, read_only=True),
        Field("value", kind=MoneyKind(negative=False), glance=True, card=True, total=True),
        Field("currency", kind=Currency()),
        Field("starts_on"),
        Field("ends_on", glance=True, card=True),
        Field("owner", glance=True, card=True),
        Field("kind", kind=KINDS),
        Field("contact"),
        Field("our_party"),
        Field("parties", kind=Links("accounts")),
        Field("deal"),
        Field("quote"),
        Field("signed_on", read_only=True),
        Field("renewal", kind=RENEWALS),
        Field("notice_days"),
        Field("notice_on", read_only=True),
        Field("remind_days"),
        Field("reminded_for", read_only=True),
        Field("terms", search="D"),
        Field("reason", read_only=True),
        Field(
            "ordered",
            kind=MoneyKind(),
            rollup=Rollup("orders", sum="total", where='status in ("confirmed", "closed")', on="ordered_on"),
            hint=CONVERTED,
        ),
        *owing_fields(),
        Field("team"),
        Field("co_workers", kind=Links("users")),
        Field("readers", kind=Links("users")),
        Field("external_id", search="D"),
        Field("created_at", read_only=True),
        Field("created_by", read_only=True),
        Field("changed_at", read_only=True),
        Field("id", read_only=True),
    ],
    sections=[
        Section(gettext_lazy("Contract"), ("name", "number", "kind", "deal", "terms")),
        Section(gettext_lazy("Parties"), ("account", "contact", "our_party", "parties")),
        Section(
            gettext_lazy("Time"), ("signed_on", "starts_on", "ends_on", "renewal", "notice_days", "notice_on", "remind_days", "reason")
        ),
        Section(gettext_lazy("Money"), ("value", "currency", "ordered", *MONEY)),
        Section(gettext_lazy("Responsible"), ("owner", "team", "co_workers", "readers")),
    ],
    verbs=(verbs.sign, verbs.renew, verbs.plan, verbs.end, verbs.terminate),
    related=[
        *owing_lists("contract"),
        Related("orders", "orders", "contract", gettext_lazy("Orders"), ("state", "ordered_on", "total"), "-ordered_on"),
    ],
    board=Board(by="status", total="value"),
    calendar="ends_on",
    late={"ends_on": 'status = "signed" and ends_on < today', "notice_on": 'status = "signed" and notice_on < today'},
    parent="account",
    views=[
        Preset("mine", gettext_lazy("My contracts"), "owner = me", ("-id",)),
        Preset("ending", gettext_lazy("Decide within 60 days"), 'status = "signed" and notice_on <= today+60d', ("notice_on",)),
        Preset("all", gettext_lazy("All contracts"), "", ("-id",)),
    ],
    derive=derive,
    check=check,
    may_delete=verbs.may_delete,
)
