"""Instalments that add up to more than their order or contract: said beside both, and beside each instalment; never refused.

Charges, interest and exchange differences are planned on top of what was sold, so more may well be meant; but mostly something
was planned twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.access.models import User
from guanxi.access.sight import clear
from guanxi.base.money import Money, format_money
from guanxi.entity.entity import Entity
from guanxi.entity.registry import entity_named, entity_of
from guanxi.record.reach import visible
from guanxi.surfaces.detail.asides import Aside, Figure

WORTH = {"orders": "total", "contracts": "value"}
"""What each comes to."""


def overplanned(record: Any, reader: User) -> Sequence[Figure]:
    """How much more is planned than an order or contract comes to; nothing where that is not so, or not known."""
    entity = entity_of(record)
    over = _over(entity, record, reader)
    if not over:
        return []
    words = _("Instalments add up to more than this %(one)s comes to") % {"one": entity.noun.one}
    return [Figure(words, format_money(over.amount, over.currency, reader.locale.language), tone="warn")]


def of_instalment(instalment: Any, reader: User) -> Sequence[Figure]:
    """The same of the order and the contract to which an instalment belongs, by their names. A query for each."""
    found = []
    for name, path in (("order", "orders"), ("contract", "contracts")):
        entity, key = entity_named(path), getattr(instalment, f"{name}_id")
        whole = visible(entity, to=reader).filter(pk=key).first() if key and reader.rights.may("see", path) else None
        over = _over(entity, whole, reader) if whole is not None else None
        if over:
            words = _("Instalments add up to more than “%(record)s” comes to") % {"record": entity.title_of(whole)}
            found.append(Figure(words, format_money(over.amount, over.currency, reader.locale.language), tone="warn"))
    return found


def _over(entity: Entity, record: Any, reader: User) -> Money | None:
    """A contract without a value comes to nothing in particular."""
    worth = WORTH[entity.path]
    if not all(clear(entity, entity.fields[name], to=reader) for name in ("planned", worth)):
        return None
    planned, comes_to = record.planned, getattr(record, worth)
    if not planned or comes_to is None or (entity.path == "contracts" and not comes_to):
        return None
    over = Money(Decimal(planned - comes_to), record.currency or reader.locale.currency).rounded()
    return over if over.amount > 0 else None


PLANNED_OVER = (
    Aside("orders", "overplanned", gettext_lazy("Payment plan"), overplanned, needs=("instalments",)),
    Aside("contracts", "overplanned", gettext_lazy("Payment plan"), overplanned, needs=("instalments",)),
    Aside("instalments", "overplanned", gettext_lazy("Payment plan"), of_instalment),
)
