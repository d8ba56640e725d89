"""How expense claims are shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from guanxi.access.rights import company
from guanxi.crm.claims import verbs
from guanxi.crm.claims.model import Claim
from guanxi.crm.numbering import next_number
from guanxi.crm.payments.declaring import CONVERTED
from guanxi.crm.starting import today
from guanxi.entity.actors import Actor
from guanxi.entity.entity import Board, Entity, Noun, Preset, Related, Section
from guanxi.entity.field import Field
from guanxi.entity.kinds import Choice, Currency, MoneyKind, options
from guanxi.entity.rollup import Rollup
from guanxi.record.together import linked

KINDS = Choice(
    options(
        ("travel", gettext_lazy("Travel")),
        ("stay", gettext_lazy("Accommodation")),
        ("meal", gettext_lazy("Meals")),
        ("entertainment", gettext_lazy("Entertainment of customers")),
        ("gift", gettext_lazy("Gifts")),
        ("fair", gettext_lazy("Fairs and events")),
        ("sample", gettext_lazy("Samples")),
        ("communication", gettext_lazy("Communication")),
        ("other", gettext_lazy("Other")),
    ),
    plain=True,
)
STATUSES = Choice(
    options(
        ("draft", gettext_lazy("Draft")),
        ("submitted", gettext_lazy("Submitted"), "info"),
        ("approved", gettext_lazy("Approved"), "good"),
        ("rejected", gettext_lazy("Rejected"), "bad"),
        ("paid", pgettext_lazy("claim", "Paid back"), "good"),
    )
)
LACKS_RECEIPT = f'receipts = 0 and amount > {settings.RECEIPTS_ABOVE} and status in ("draft", "submitted", "approved")'
SETTLED = frozenset({"deal", "account", "campaign", "kind", "spent_on", "amount", "currency", "owner"})
"""What stands once it is submitted."""


def cost_field() -> Field:
    """What was claimed for a deal or an account, and approved."""
    cost = Rollup("claims", sum="amount", where='status in ("approved", "paid")', on="spent_on")
    return Field("claimed", kind=MoneyKind(), rollup=cost, hint=CONVERTED)


def cost_list(by: str) -> Related:
    """The claims of a deal or an account."""
    return Related("claims", "claims", by, gettext_lazy("Expense claims"), ("status", "spent_on", "amount"), "-spent_on")


def derive(claim: Any, changed: set[str]) -> None:
    """Its number; a deal's account; the company's currency, unless it says another."""
    claim.number = claim.number or next_number("EX")
    claim.currency = claim.currency or company().currency
    deal = linked(claim, "deal") if claim.account_id is None and "deal" in changed else None
    if deal is not None:
        claim.account_id = deal.account_id


def check(claim: Any, changed: set[str], by: Actor) -> Mapping[str, str]:
    """Something was spent, and not tomorrow; what was submitted stands; the deal is the account's."""
    if claim.amount is not None and claim.amount <= 0:
        return {"amount": _("Type an amount above zero.")}
    if claim.spent_on and claim.spent_on > by.locale.today and "spent_on" in changed:
        return {"spent_on": _("That day is still to come.")}
    deal = linked(claim, "deal")
    if deal is not None and changed & {"deal", "account"} and deal.account_id and claim.account_id != deal.account_id:
        return {"account": _("This belongs to another account.")}
    if claim.pk and claim.status not in {"draft", "rejected"}:
        return {name: _("This was submitted; withdraw it to change it.") for name in changed & SETTLED}
    return {}


def lacks_receipt(claim: Any) -> bool:
    """Whether it is above the amount from which a receipt is asked for, and has none. As `LACKS_RECEIPT` says of many."""
    return not claim.receipts and claim.status not in {"rejected", "paid"} and (claim.amount or 0) > settings.RECEIPTS_ABOVE


def advise(claim: Any, reader: Actor) -> str:
    """That the receipt is missing, to whoever looks at it."""
    return _("The receipt is missing: add a photo or a PDF of it under “Files”.") if lacks_receipt(claim) else ""


CLAIMS = Entity(
    path="claims",
    model=Claim,
    noun=Noun(gettext_lazy("expense claim"), gettext_lazy("expense claims")),
    icon="receipt-2",
    title="number",
    group="sell",
    order=("-id",),
    subtitle=("kind", "status"),
    fields_declared=[
        Field("number", glance=True, search="A"),
        Field("kind", kind=KINDS, glance=True, card=True),
        Field("status", kind=STATUSES, glance=True, read_only=True),
        Field("spent_on", glance=True, default=today),
        Field("amount", kind=MoneyKind(), glance=True, card=True, total=True),
        Field("currency", kind=Currency()),
        Field("owner", label=gettext_lazy("Person"), glance=True, card=True),
        Field("deal", glance=True),
        Field("account", glance=True),
        Field("campaign", search="D"),
        Field("receipts", read_only=True, glance=True, follows=True, hint=gettext_lazy("How many files are attached.")),
        Field("note", search="C"),
        Field("reason", read_only=True),
        Field("decided_by", read_only=True),
        Field("decided_on", read_only=True),
        Field("paid_on", read_only=True),
        Field("team"),
        Field("external_id", search="D"),
        Field("created_at", read_only=True),
        Field("created_by", read_only=True),
        Field("id", read_only=True),
    ],
    sections=[
        Section(gettext_lazy("Expense claim"), ("number", "owner", "kind", "spent_on", "amount", "currency", "receipts", "note")),
        Section(gettext_lazy("What for"), ("deal", "account", "campaign")),
        Section(gettext_lazy("Decision"), ("status", "decided_by", "decided_on", "reason", "paid_on", "team")),
    ],
    verbs=(verbs.submit, verbs.withdraw, verbs.approve, verbs.reject, verbs.pay),
    board=Board(by="status", total="amount"),
    calendar="spent_on",
    parent="account",
    views=[
        Preset("mine", gettext_lazy("My claims"), "owner = me", ("-spent_on",)),
        Preset("submitted", gettext_lazy("To decide"), 'status = "submitted" and owner != me', ("spent_on",)),
        Preset("approved", gettext_lazy("To pay back"), 'status = "approved"', ("spent_on",)),
        Preset("bare", gettext_lazy("Without a receipt"), LACKS_RECEIPT, ("spent_on",)),
        Preset("all", gettext_lazy("All expense claims"), "", ("-id",)),
    ],
    late={"receipts": LACKS_RECEIPT},
    advice=advise,
    counts_files="receipts",
    files_stand=verbs.receipts_stand,
    derive=derive,
    check=check,
    may_delete=verbs.may_delete,
)
