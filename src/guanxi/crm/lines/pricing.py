"""What a line costs: from the product and quantity to whole coins."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from guanxi.base.money import Money
from guanxi.crm.pricebooks.queries import price_in
from guanxi.crm.products.model import Product
from guanxi.crm.products.queries import contents_of, parts_of, product_of
from guanxi.entity.actors import Actor
from guanxi.record.together import linked

CENT = Decimal("0.0001")
Derive = Callable[[Any, set[str]], None]


def priced_for(link: str) -> Derive:
    """How a line of the whole that `link` leads to gets its currency, name, price and total."""

    def derive(line: Any, changed: set[str]) -> None:
        """The currency from the whole, name and price from the product; the total."""
        if link in changed or not line.currency:
            whole = linked(line, link)
            line.currency = (whole.currency if whole is not None else "") or line.currency
        if line.product_id and (not line.name or line.price is None):
            product = product_of(line.product_id)
            if product:
                line.name = line.name or product.name
                if line.price is None:
                    line.price = _listed(line, product, linked(line, link))
        if {"quantity", "product"} & changed and line.pk:
            _reprice(line, link, keep=changed)
        if line.pk is None and line.product_id and not line.contents:
            line.contents = contents_of(line.product_id, Decimal(line.quantity))
        if line.price is not None:
            line.total = (Decimal(line.quantity) * Decimal(line.price) * (1 - Decimal(line.discount))).quantize(CENT)

    return derive


def _reprice(line: Any, link: str, *, keep: set[str]) -> None:
    """What was priced by the list is priced by it anew: another tier of quantity, another product. What was typed by hand stays."""
    before = type(line)._default_manager.filter(pk=line.pk).first()
    if before is not None and "contents" not in keep and before.contents == contents_of(before.product_id, before.quantity):
        line.contents = contents_of(line.product_id, Decimal(line.quantity))
    if "price" in keep:
        return
    was, now = product_of(before.product_id) if before is not None else None, product_of(line.product_id)
    whole = linked(line, link)
    if before is None or was is None or now is None or before.price != _listed(before, was, whole):
        return
    line.price = _listed(line, now, whole)
    if line.name == was.name:
        line.name = now.name


def _listed(line: Any, product: Product, whole: Any) -> Decimal | None:
    """The price of the whole's price book for the quantity, or else the product's own; None where neither is in the currency."""
    book = getattr(whole, "book_id", None)
    listed = price_in(book, product.pk, Decimal(line.quantity), line.currency) if book else None
    if listed is not None:
        return listed
    if product.priced_as == "parts" and parts_of(product.pk):
        return _of_parts(product, Decimal(line.quantity), line.currency, book)
    return product.price if product.currency in {"", line.currency} else None


def _of_parts(bundle: Product, quantity: Decimal, currency: str, book: int | None) -> Decimal | None:
    """What the parts of one bundle cost, at the quantities that so many bundles take, less the discount; None where one has no price."""
    whole = Decimal(0)
    for part, each in parts_of(bundle.pk):
        listed = price_in(book, part.pk, quantity * each, currency) if book else None
        price = listed if listed is not None else part.price if part.currency in {"", currency} else None
        if price is None:
            return None
        whole += price * each
    return (whole * (1 - bundle.bundle_discount)).quantize(CENT)


def tax_of(line: Any) -> None:
    """Total and tax in whole coins, and their sum."""
    total = Money(Decimal(line.total or 0), line.currency).rounded()
    tax = (total * Decimal(line.tax_rate)).rounded()
    line.total, line.tax, line.gross = total.amount, tax.amount, (total + tax).amount


def check_line(line: Any, changed: set[str], by: Actor) -> Mapping[str, str]:
    """A line says what it is for, and how much it is where no price list says so."""
    if not line.product_id and not line.name:
        return {"product": _("Choose a product or describe what is sold.")}
    product = product_of(line.product_id) if line.price is None else None
    if product is not None and product.price is not None:
        other = {"listed": product.currency, "deal": line.currency}
        return {"price": _("The list price is in %(listed)s and this in %(deal)s: type the price.") % other}
    return {}


def check_taxed_line(line: Any, changed: set[str], by: Actor) -> Mapping[str, str]:
    """What a document adds up has a price, a quantity and no more discount than price."""
    wrong = check_line(line, changed, by)
    if wrong:
        return wrong
    if line.price is None:
        return {"price": _("Type the price.")}
    if line.quantity <= 0:
        return {"quantity": _("A quantity is greater than zero.")}
    if not 0 <= line.discount <= 1:
        return {"discount": _("A discount is between 0% and 100%.")}
    if not 0 <= line.tax_rate <= 1:
        return {"tax_rate": _("A tax rate is between 0% and 100%.")}
    return {}
