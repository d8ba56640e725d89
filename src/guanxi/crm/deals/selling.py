"""What deals sell: the products of their lines, each at what it comes to; of a deal without lines the product and amount it names."""

from __future__ import annotations

from typing import Any

from django.db.models import Case, F, FilteredRelation, Q, Sum, When

from guanxi.access.models import User
from guanxi.access.sight import clear
from guanxi.crm.forecast.rights import sees
from guanxi.entity.registry import entity_named

MADE_OF = ("product", "total", "currency")


def sees_sold(reader: User) -> bool:
    """Whether the reader sees what deals sell, by their lines too."""
    lines = entity_named("deal_lines")
    return sees("product", reader) and all(clear(lines, lines.fields[name], to=reader) for name in MADE_OF)


def selling(deals: Any) -> Any:
    """A row for each deal and each product it sells, `sold`, with what that comes to, `worth`, in the deal's currency."""
    living = FilteredRelation("lines", condition=Q(lines__deleted_at__isnull=True))
    without = Q(line__isnull=True)
    rows = deals.annotate(
        line=living,
        sold=Case(When(without, then=F("product_id")), default=F("line__product_id")),
        sells_for=Case(When(without, then=F("amount")), default=F("line__total")),
    )
    return rows.order_by().values("pk", "sold").annotate(worth=Sum("sells_for"))


def sells(what: str) -> str:
    """The deals that sell a product of which this holds (`product = 17`), as a condition."""
    return f"(lines is empty and {what} or lines[{what}] is not empty)"
