"""What a product costs."""

from __future__ import annotations

from decimal import Decimal

from guanxi.crm.pricebooks.model import Price


def price_in(book: int, product: int, quantity: Decimal, currency: str) -> Decimal | None:
    """The price of a piece at a quantity in a price book of that currency; None when the book does not have it."""
    tiers = Price.objects.filter(book=book, product=product, book__currency=currency, from_quantity__lte=quantity, deleted_at__isnull=True)
    return tiers.order_by("-from_quantity", "-pk").values_list("price", flat=True).first()
