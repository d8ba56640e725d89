"""How price books and their prices are shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.crm.pricebooks.model import Price, PriceBook
from guanxi.crm.starting import own_currency
from guanxi.entity.actors import Actor
from guanxi.entity.entity import Entity, Noun, Preset, Related, Section
from guanxi.entity.field import Field
from guanxi.entity.kinds import Currency, Number, UnitPrice
from guanxi.record.together import linked


def check(book: Any, changed: set[str], by: Actor) -> Mapping[str, str]:
    """It ends after it begins; prices stay in the currency they are in."""
    if book.starts_on and book.ends_on and book.ends_on < book.starts_on:
        return {"ends_on": _("It would end before it begins.")}
    if book.pk and "currency" in changed and book.prices.filter(deleted_at__isnull=True).exists():
        return {"currency": _("The prices of this book are in the currency it has; remove them first.")}
    return {}


def derive_price(price: Any, changed: set[str]) -> None:
    """A price is called after its product, and in the currency of its book."""
    product, book = linked(price, "product"), linked(price, "book")
    price.name = product.name if product else ""
    price.currency = book.currency if book else ""


def check_price(price: Any, changed: set[str], by: Actor) -> Mapping[str, str]:
    """Nothing costs less than nothing, and quantities are above zero."""
    if price.price is not None and price.price < 0:
        return {"price": _("A price is not below zero.")}
    return {"from_quantity": _("A quantity is greater than zero.")} if price.from_quantity <= 0 else {}


PRICE_BOOKS = Entity(
    path="price_books",
    model=PriceBook,
    noun=Noun(gettext_lazy("price book"), gettext_lazy("price books")),
    icon="book",
    title="name",
    settings=True,
    order=("name",),
    fields_declared=[
        Field("name", glance=True, search="A"),
        Field("currency", kind=Currency(), glance=True, default=own_currency),
        Field("starts_on", glance=True),
        Field("ends_on", glance=True),
        Field("active", glance=True),
        Field("external_id"),
        Field("id", read_only=True),
    ],
    sections=[Section(gettext_lazy("Price book"), ("name", "currency", "starts_on", "ends_on", "active"))],
    related=[Related("prices", "prices", "book", gettext_lazy("Prices"), ("from_quantity", "price"), "name")],
    views=[
        Preset("use", gettext_lazy("In use"), "active = true", ("name",)),
        Preset("all", gettext_lazy("All price books"), "", ("name",)),
    ],
    check=check,
)

PRICES = Entity(
    path="prices",
    model=Price,
    noun=Noun(gettext_lazy("price"), gettext_lazy("prices")),
    icon="tag",
    title="name",
    settings=True,
    searchable=False,
    order=("name",),
    fields_declared=[
        Field("name", read_only=True, glance=True),
        Field("book", glance=True),
        Field("product", glance=True),
        Field("from_quantity", kind=Number(14, 4), glance=True),
        Field("price", kind=UnitPrice(), glance=True),
        Field("currency", kind=Currency(), read_only=True),
        Field("external_id"),
        Field("id", read_only=True),
    ],
    sections=[Section(gettext_lazy("Price"), ("book", "product", "from_quantity", "price"))],
    derive=derive_price,
    check=check_price,
)
