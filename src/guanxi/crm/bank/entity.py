"""How lines of bank statements are shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from guanxi.access.rights import company
from guanxi.crm.bank import verbs
from guanxi.crm.bank.model import BankLine
from guanxi.crm.starting import today
from guanxi.entity.actors import Actor
from guanxi.entity.entity import Entity, Noun, Preset, Related, Section, Write
from guanxi.entity.field import Field
from guanxi.entity.kinds import Choice, Currency, MoneyKind, options
from guanxi.entity.rollup import Rollup
from guanxi.record.refusals import Refused

STATES = Choice(
    options(
        ("open", gettext_lazy("To match"), "warn"),
        ("part", gettext_lazy("Partly matched"), "warn"),
        ("matched", gettext_lazy("Matched"), "good"),
        ("aside", gettext_lazy("Set aside")),
        ("out", pgettext_lazy("bank line", "Paid out")),
    )
)
STANDS = frozenset({"amount", "currency"})


def derive(line: Any, changed: set[str]) -> None:
    """It is called after who paid; the company's currency, unless it says another."""
    line.name = (line.payer or line.text or line.reference)[:200]
    line.currency = line.currency or company().currency


def check(line: Any, changed: set[str], by: Actor) -> Mapping[str, str]:
    """Some money moved; what is matched stays as it is."""
    if not line.amount:
        return {"amount": _("Type an amount; less than zero for money paid out.")}
    return {name: _("This line is matched already.") for name in changed & STANDS if line.pk and line.used}


def follow(writes: Sequence[Write], by: Actor) -> None:
    """A line of a file that is known again while it is in the trash does not come back a second time."""
    back = [one.record for one in writes if "deleted_at" in one.before and one.record.deleted_at is None and one.record.fingerprint]
    for line in back:
        if BankLine.objects.filter(fingerprint=line.fingerprint, deleted_at__isnull=True).exclude(pk=line.pk).exists():
            raise Refused({"": _("This line has been uploaded again meanwhile.")})


BANK_LINES = Entity(
    path="bank_lines",
    model=BankLine,
    noun=Noun(gettext_lazy("bank line"), gettext_lazy("bank lines")),
    icon="building-bank",
    title="name",
    group="",
    order=("-booked_on",),
    subtitle=("booked_on", "state"),
    fields_declared=[
        Field("name", read_only=True, glance=True),
        Field("booked_on", glance=True, default=today),
        Field("amount", kind=MoneyKind(), glance=True, total=True),
        Field("currency", kind=Currency()),
        Field("state", kind=STATES, glance=True),
        Field("used", kind=MoneyKind(), rollup=Rollup("payments", sum="amount"), total=True),
        Field("left", kind=MoneyKind(), glance=True, total=True),
        Field("payer", search="A"),
        Field("payer_account", search="C"),
        Field("text", glance=True, search="C"),
        Field("reference", search="B"),
        Field("own_account"),
        Field("source", read_only=True),
        Field("aside", read_only=True),
        Field("owner"),
        Field("team"),
        Field("external_id", search="D"),
        Field("created_at", read_only=True),
        Field("created_by", read_only=True),
        Field("id", read_only=True),
    ],
    sections=[
        Section(gettext_lazy("Bank line"), ("booked_on", "amount", "currency", "state", "used", "left", "aside")),
        Section(gettext_lazy("Where from"), ("payer", "payer_account", "text", "reference", "own_account", "source")),
        Section(gettext_lazy("Responsible"), ("owner", "team")),
    ],
    verbs=(verbs.match, verbs.set_aside, verbs.take_up),
    related=[Related("payments", "payments", "bank_line", gettext_lazy("Payments"), ("account", "amount"), "id")],
    calendar="booked_on",
    views=[
        Preset("open", gettext_lazy("To match"), 'state in ("open", "part")', ("-booked_on",)),
        Preset("all", gettext_lazy("All bank lines"), "", ("-booked_on",)),
    ],
    derive=derive,
    check=check,
    follow=follow,
    may_delete=verbs.may_delete,
)
