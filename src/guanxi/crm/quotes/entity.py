"""How quotes and their lines are shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.crm.credit.verbs import release
from guanxi.crm.lines.declaring import sums_of_lines, taxed_lines
from guanxi.crm.numbering import next_number
from guanxi.crm.quotes import verbs
from guanxi.crm.quotes.mailing import mail
from guanxi.crm.quotes.model import Quote, QuoteLine
from guanxi.crm.quotes.outside import PUBLIC
from guanxi.crm.starting import currency_of
from guanxi.entity.actors import Actor
from guanxi.entity.entity import Board, Entity, Noun, Preset, Related, Section
from guanxi.entity.field import Field
from guanxi.entity.kinds import Choice, Currency, Links, Name, options
from guanxi.record.together import linked

STATUSES = Choice(
    options(
        ("draft", gettext_lazy("Draft")),
        ("sent", gettext_lazy("Sent"), "info"),
        ("accepted", gettext_lazy("Accepted"), "good"),
        ("rejected", gettext_lazy("Rejected"), "bad"),
        ("replaced", gettext_lazy("Replaced"), "warn"),
    )
)
OFFERED = frozenset({"account", "currency", "book", "valid_until", "terms"})
"""What stands once it was sent."""


def derive(quote: Any, changed: set[str]) -> None:
    """Its number, and a name; the price book's currency, or the account's, unless it says another."""
    book, deal = linked(quote, "book"), linked(quote, "deal")
    quote.number = quote.number or next_number("QT")
    quote.name = quote.name or (deal.name if deal else quote.number)
    quote.currency = quote.currency or (book.currency if book else currency_of(quote))


def check(quote: Any, changed: set[str], by: Actor) -> Mapping[str, str]:
    """A price book in its currency; what was sent stands."""
    book = linked(quote, "book")
    if book is not None and book.currency != quote.currency:
        return {"book": _("This price book is in %(currency)s.") % {"currency": book.currency}}
    if quote.pk is None:
        return {}
    if quote.status != "draft":
        return {name: _("This quote was sent; make a new edition of it.") for name in changed & OFFERED}
    if "currency" in changed and quote.lines.filter(deleted_at__isnull=True).exists():
        return {"currency": _("The lines of this quote are priced in the currency it has; remove them first.")}
    return {}


QUOTES = Entity(
    path="quotes",
    model=Quote,
    noun=Noun(gettext_lazy("quote"), gettext_lazy("quotes")),
    icon="file-dollar",
    title="name",
    group="sell",
    order=("-id",),
    subtitle=("number", "status"),
    fields_declared=[
        Field("name", kind=Name(200), glance=True, search="A"),
        Field("number", glance=True, search="A"),
        Field("edition", read_only=True),
        Field("account", glance=True, card=True),
        Field("status", kind=STATUSES, glance=True, read_only=True),
        *sums_of_lines("optional = false or taken = true"),
        Field("currency", kind=Currency()),
        Field("valid_until", glance=True, card=True),
        Field("owner", glance=True, card=True),
        Field("contact"),
        Field("deal"),
        Field("book"),
        Field("rate", read_only=True, hint=gettext_lazy("What one unit was worth in the company's currency on the day it was sent.")),
        Field("sent_on", read_only=True),
        Field("answered_on", read_only=True),
        Field("answered_by", read_only=True),
        Field("reason", read_only=True),
        Field("replaces", read_only=True),
        Field("terms", search="D"),
        Field("credit_note"),
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
        Section(gettext_lazy("Quote"), ("name", "number", "edition", "replaces", "account", "contact", "deal", "terms", "credit_note")),
        Section(gettext_lazy("Money"), ("book", "currency", "net", "tax", "total", "rate")),
        Section(gettext_lazy("Answer"), ("valid_until", "sent_on", "answered_on", "answered_by", "reason")),
        Section(gettext_lazy("Responsible"), ("owner", "team", "co_workers", "readers")),
    ],
    verbs=(verbs.send, mail, release, verbs.accept, verbs.order, verbs.contract, verbs.reject, verbs.revise, verbs.reprice),
    related=[
        Related(
            "lines",
            "quote_lines",
            "quote",
            gettext_lazy("Lines"),
            glance=("contents",),
            order="position",
            columns=("quantity", "price", "discount", "tax_rate", "optional", "gross"),
            begun_with=("product", "quantity"),
        ),
        Related("orders", "orders", "quote", gettext_lazy("Orders"), ("state", "total"), "-id", by_verb=True),
        Related("contracts", "contracts", "quote", gettext_lazy("Contracts"), ("status", "value"), "-id", by_verb=True),
        Related("replaced_by", "quotes", "replaces", gettext_lazy("Replaced by"), ("status", "total"), "-id", by_verb=True),
    ],
    board=Board(by="status", total="total"),
    calendar="valid_until",
    public=PUBLIC,
    late={"valid_until": 'status = "sent" and valid_until < today'},
    parent="account",
    views=[
        Preset("open", gettext_lazy("To be answered"), 'status = "sent"', ("valid_until",)),
        Preset("mine", gettext_lazy("My quotes"), "owner = me", ("-id",)),
        Preset("all", gettext_lazy("All quotes"), "", ("-id",)),
    ],
    derive=derive,
    check=check,
    may_delete=verbs.may_delete,
)

QUOTE_LINES = taxed_lines(
    "quote_lines",
    QuoteLine,
    Quote,
    "quote",
    Noun(gettext_lazy("quote line"), gettext_lazy("quote lines")),
    more=[Field("optional", glance=True), Field("taken", read_only=True, glance=True)],
)
