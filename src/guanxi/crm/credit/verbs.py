"""What can be done about credit: review an account, and release what goes beyond its limit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.crm.credit.gate import release_credit
from guanxi.crm.credit.model import MARKS
from guanxi.crm.credit.queries import behaviour, review_of
from guanxi.entity.actors import Actor
from guanxi.entity.field import Field
from guanxi.entity.kinds import Day, MoneyKind, Text, Whole
from guanxi.entity.registry import entity_named
from guanxi.record.changes import Origin, create, update
from guanxi.record.events import Event
from guanxi.record.reach import visible
from guanxi.record.verbs import verb


class OrderReleased(Event):
    """An order was let through although it goes beyond the account's credit."""


class QuoteReleased(Event):
    """A quote was let through although it goes beyond the account's credit."""


def proposed(account: Any, by: Actor) -> Mapping[str, Any]:
    """What a new review starts with: the marks of the one before; for character, where there is none, how the account pays."""
    last = review_of(account.pk, by.locale.today)
    values: dict[str, Any] = {}
    if last is not None:
        values = {name: getattr(last, name) for mark in MARKS for name in (mark, f"{mark}_note")} | {"limit": last.limit, "days": last.days}
    pays = behaviour(visible(entity_named("instalments"), to=by).filter(account=account.pk), by.locale.today)
    if pays.character is not None and values.get("character") is None:
        values |= {"character": pays.character, "character_note": told(pays)}
    return values


def told(pays: Any) -> str:
    """How an account pays, in words."""
    share = round(100 * pays.on_time / pays.paid) if pays.paid else 0
    said = _("%(on_time)d of %(paid)d instalments in time (%(share)d%%), %(late).1f days late on average.") % {
        "on_time": pays.on_time, "paid": pays.paid, "share": share, "late": pays.average_late,
    }  # fmt: skip
    return said + (" " + _("Overdue now: for %(days)d days.") % {"days": pays.overdue_days} if pays.overdue_days else "")


def _asked() -> tuple[Field, ...]:
    labels = {
        "character": (gettext_lazy("Character"), gettext_lazy("Evidence of character")),
        "capacity": (gettext_lazy("Capacity"), gettext_lazy("Evidence of capacity")),
        "capital": (gettext_lazy("Capital"), gettext_lazy("Evidence of capital")),
        "collateral": (gettext_lazy("Collateral"), gettext_lazy("Evidence of collateral")),
        "conditions": (gettext_lazy("Conditions"), gettext_lazy("Evidence of conditions")),
    }
    marks = [
        one
        for mark, (label, note) in labels.items()
        for one in (Field(mark, kind=Whole(0, 100), label=label), Field(f"{mark}_note", kind=Text(500), label=note))
    ]
    return (
        *marks,
        Field("limit", kind=MoneyKind(), label=gettext_lazy("Credit limit")),
        Field("days", kind=Whole(0, 3650), label=gettext_lazy("Days to pay")),
        Field("valid_until", kind=Day(), label=gettext_lazy("Valid until")),
    )


@verb(
    gettext_lazy("Review credit"),
    icon="shield-check",
    action="approve",
    bulk=False,
    fields=_asked(),
    starts=proposed,
    hint=gettext_lazy("Five marks out of 100. Where nobody has judged character yet, how the account pays is proposed."),
)
def review(account: Any, *, by: Actor, origin: Origin, **found: Any) -> Any:
    create(entity_named("credit_reviews"), {"account": account.pk, **found, "reviewed_on": by.locale.today}, by=by, origin=origin)
    return account


def may_release(user: Actor) -> Q:
    """Drafts can be released."""
    return Q(status="draft")


@verb(
    gettext_lazy("Release credit"),
    icon="shield-check",
    action="approve",
    rule=may_release,
    fields=(Field("reason", kind=Text(255), label=gettext_lazy("Reason"), required=True),),
    hint=gettext_lazy("Lets this go beyond the account's limit, for the amount it has now."),
    done=gettext_lazy("%(record)s is released."),
)
def release(record: Any, *, by: Actor, origin: Origin, reason: str) -> Any:
    release_credit(record, reason, by=by)
    entity = entity_named("orders" if record._meta.model_name == "order" else "quotes")
    event = OrderReleased if entity.path == "orders" else QuoteReleased
    update(entity, [(record, {})], by=by, event=event, origin=origin, besides={"credit_release": [None, reason]})
    return record
