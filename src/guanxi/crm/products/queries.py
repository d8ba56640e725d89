"""Which product is meant."""

from __future__ import annotations

from decimal import Decimal

from guanxi.crm.products.model import Component, Product
from guanxi.record.memory import remember


def product_of(key: int | None) -> Product | None:
    """The product of that key, remembered: lines ask for it one by one, and whoever changes a product begins a new epoch."""
    return remember(("product", key), lambda: Product.objects.filter(pk=key).first()) if key is not None else None


def parts_of(key: int | None) -> list[tuple[Product, Decimal]]:
    """What a product consists of, and how many of each; nothing for one that is no bundle. Remembered."""
    return remember(("parts", key), lambda: _parts(key)) if key is not None else []


def _parts(key: int | None) -> list[tuple[Product, Decimal]]:
    found = Component.objects.filter(bundle=key, deleted_at__isnull=True).select_related("part").order_by("position", "pk")
    return [(one.part, one.quantity) for one in found]


def contents_of(key: int | None, quantity: Decimal) -> str:
    """What so many of a bundle consist of, a line for each part; empty for what is no bundle."""
    return "\n".join(f"{plain(quantity * each)} × {part.name}" for part, each in parts_of(key))


def plain(quantity: Decimal) -> str:
    """A quantity without zeros that say nothing."""
    return f"{quantity:.4f}".rstrip("0").rstrip(".")
