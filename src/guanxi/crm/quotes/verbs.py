"""What can be done with quotes: price, send, accept, reject, revise, make an order or a contract of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.access.rights import company
from guanxi.crm.contracts.model import Contract
from guanxi.crm.credit.gate import check_credit
from guanxi.crm.lines.declaring import copy_lines
from guanxi.crm.orders.model import Order
from guanxi.crm.orders.verbs import order_from
from guanxi.crm.pricebooks.queries import price_in
from guanxi.crm.quotes.events import LineTaken, QuoteAccepted, QuoteRejected, QuoteReplaced, QuoteSent
from guanxi.crm.rates.converting import rate_on
from guanxi.crm.starting import today
from guanxi.entity.actors import Actor
from guanxi.entity.field import Field
from guanxi.entity.kinds import Day, Links, Text
from guanxi.entity.registry import entity_named
from guanxi.record.changes import Origin, create, write
from guanxi.record.refusals import Refused
from guanxi.record.verbs import verb
from guanxi.surfaces.public.links import make_link

AMONTH = dt.timedelta(days=30)
AGREED = Q(optional=False) | Q(taken=True)
"""The lines of an accepted quote that are ordered."""


def may_send(user: Actor) -> Q:
    """Drafts can be sent."""
    return Q(status="draft")


def may_price(user: Actor) -> Q:
    """Drafts with a price book can be priced anew."""
    return Q(status="draft", book__isnull=False)


def may_answer(user: Actor) -> Q:
    """What was sent can be answered."""
    return Q(status="sent")


def may_accept(user: Actor) -> Q:
    """What was sent can be accepted as long as it is valid."""
    return Q(status="sent") & (Q(valid_until__isnull=True) | Q(valid_until__gte=user.locale.today))


def may_revise(user: Actor) -> Q:
    """What was sent or rejected can be offered anew."""
    return Q(status__in=["sent", "rejected"])


def may_order(user: Actor) -> Q:
    """What was accepted can be ordered, once; again when that order was cancelled."""
    ordered = Order.objects.filter(quote=OuterRef("pk"), deleted_at__isnull=True).exclude(status="cancelled")
    return Q(status="accepted") & Q(~Exists(ordered))


def may_contract(user: Actor) -> Q:
    """What was accepted can become a contract, once."""
    return Q(status="accepted") & Q(~Exists(Contract.objects.filter(quote=OuterRef("pk"), deleted_at__isnull=True)))


def may_delete(user: Actor) -> Q:
    """What nobody was sent can be thrown away."""
    return Q(status="draft")


@verb(
    gettext_lazy("Send"),
    icon="send",
    tone="good",
    rule=may_send,
    primary=True,
    key="s",
    fields=(
        Field("sent_on", kind=Day(), label=gettext_lazy("Sent"), default=today),
        Field("valid_until", kind=Day(), label=gettext_lazy("Valid until")),
    ),
    hint=gettext_lazy("From now on the quote stands as it is. You get a link for the customer, who can answer there."),
    done=gettext_lazy("%(record)s is sent."),
    shares=True,
)
def send(quote: Any, *, by: Actor, origin: Origin, sent_on: dt.date | None, valid_until: dt.date | None) -> Any:
    mark_sent(quote, by=by, origin=origin, sent_on=sent_on, valid_until=valid_until)
    make_link(quote, by=by)


def mark_sent(quote: Any, *, by: Actor, origin: Origin, sent_on: dt.date | None = None, valid_until: dt.date | None = None) -> None:
    """A draft becomes what was offered, if credit allows it. Refused."""
    if not quote.lines.filter(deleted_at__isnull=True, optional=False).exists():
        raise Refused({"": _("There is nothing in this quote yet: add a line first.")})
    day = sent_on or by.locale.today
    until = valid_until or quote.valid_until or day + AMONTH
    if until < day:
        raise Refused({"valid_until": _("It would be over before it is sent.")})
    check_credit(quote, by=by)
    rate = rate_on(quote.currency, company().currency, day)
    write(quote, by=by, event=QuoteSent, origin=origin, status="sent", sent_on=day, valid_until=until, rate=rate)


@verb(
    gettext_lazy("Price anew"),
    icon="tags",
    rule=may_price,
    bulk=False,
    hint=gettext_lazy("Every line gets the price of the price book for its quantity."),
)
def reprice(quote: Any, *, by: Actor, origin: Origin) -> Any:
    for line in quote.lines.filter(deleted_at__isnull=True, product__isnull=False).order_by("pk").select_for_update(of=("self",)):
        price = price_in(quote.book_id, line.product_id, line.quantity, quote.currency)
        if price is not None:
            write(line, by=by, event="edited", origin=origin, price=price)
    return quote


def optional_lines(quote: Any, by: Actor) -> Mapping[str, Sequence[tuple[Any, str]]]:
    """The lines that are taken only when the customer says so."""
    lines = quote.lines.filter(deleted_at__isnull=True, optional=True).order_by("position", "pk")
    return {"taken": [(line.pk, line.name) for line in lines]}


def take_lines(quote: Any, keys: Sequence[int], *, by: Actor, origin: Origin) -> None:
    """These optional lines count from now on. Refused for any other."""
    lines = list(quote.lines.filter(deleted_at__isnull=True, optional=True, pk__in=keys).order_by("pk").select_for_update(of=("self",)))
    if len(lines) < len(set(keys)):
        raise Refused({"taken": _("Only the optional lines of this quote can be taken.")})
    for line in lines:
        write(line, by=by, event=LineTaken, origin=origin, taken=True)
    if lines:
        quote.refresh_from_db()


@verb(
    gettext_lazy("Accepted"),
    icon="check",
    tone="good",
    rule=may_accept,
    primary=True,
    fields=(
        Field("answered_by", kind=Text(200), label=gettext_lazy("By whom")),
        Field("answered_on", kind=Day(), label=gettext_lazy("When"), default=today),
        Field("taken", kind=Links("quote_lines"), label=gettext_lazy("Optional lines that were taken")),
    ),
    offers=optional_lines,
    done=gettext_lazy("%(record)s is accepted."),
)
def accept(quote: Any, *, by: Actor, origin: Origin, answered_by: str, answered_on: dt.date | None, taken: list[int]) -> Any:
    take_lines(quote, taken, by=by, origin=origin)
    values = {"status": "accepted", "answered_by": answered_by, "answered_on": answered_on or by.locale.today}
    return write(quote, by=by, event=QuoteAccepted, origin=origin, **values)


@verb(
    gettext_lazy("Rejected"),
    icon="circle-x",
    tone="bad",
    rule=may_answer,
    fields=(
        Field("reason", kind=Text(255), label=gettext_lazy("Reason"), required=True),
        Field("answered_by", kind=Text(200), label=gettext_lazy("By whom")),
    ),
    done=gettext_lazy("%(record)s is rejected."),
)
def reject(quote: Any, *, by: Actor, origin: Origin, reason: str, answered_by: str) -> Any:
    values = {"status": "rejected", "reason": reason, "answered_by": answered_by, "answered_on": by.locale.today}
    return write(quote, by=by, event=QuoteRejected, origin=origin, **values)


@verb(gettext_lazy("New edition"), icon="copy", rule=may_revise, bulk=False)
def revise(quote: Any, *, by: Actor, origin: Origin) -> Any:
    names = ("name", "number", "currency", "terms")
    links = ("account", "contact", "deal", "book", "owner")
    values = {name: getattr(quote, name) for name in names} | {name: getattr(quote, f"{name}_id") for name in links}
    newer = create(entity_named("quotes"), values, by=by, origin=origin)
    write(newer, by=by, event="edited", origin=origin, edition=quote.edition + 1, replaces=quote.pk)
    copy_lines(quote.lines, "quote_lines", "quote", newer, by=by, origin=origin)
    write(quote, by=by, event=QuoteReplaced, origin=origin, status="replaced")
    newer.refresh_from_db()
    return newer


@verb(gettext_lazy("Make an order"), icon="shopping-cart", rule=may_order, primary=True, bulk=False)
def order(quote: Any, *, by: Actor, origin: Origin) -> Any:
    return order_from(quote, quote.lines.filter(AGREED), by=by, origin=origin, deal=quote.deal_id, quote=quote.pk)


@verb(gettext_lazy("Make a contract"), icon="contract", rule=may_contract, bulk=False)
def contract(quote: Any, *, by: Actor, origin: Origin) -> Any:
    values = {
        "name": quote.name, "account": quote.account_id, "contact": quote.contact_id, "deal": quote.deal_id, "value": quote.total,
        "currency": quote.currency, "terms": quote.terms, "owner": quote.owner_id, "quote": quote.pk,
    }  # fmt: skip
    return create(entity_named("contracts"), values, by=by, origin=origin)


def quote_from(deal: Any, *, by: Actor, origin: Origin) -> Any:
    """A draft quote for a deal, with its lines."""
    values = {"name": deal.name, "account": deal.account_id, "contact": deal.contact_id, "deal": deal.pk, "owner": deal.owner_id}
    made = create(entity_named("quotes"), {**values, "currency": deal.currency}, by=by, origin=origin)
    copy_lines(deal.lines, "quote_lines", "quote", made, by=by, origin=origin)
    made.refresh_from_db()
    return made
