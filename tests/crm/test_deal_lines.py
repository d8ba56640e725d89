"""A deal is worth what was typed, or what its products add up to; never something else."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

import pytest

from guanxi.crm.models import Deal
from guanxi.entity.registry import entity_named
from guanxi.record.changes import Origin, create, edit
from guanxi.record.history import undo_batch
from guanxi.record.refusals import Refused
from tests.cast import Cast, make

pytestmark = pytest.mark.django_db


def line(deal: Any, by: Any, origin: Origin, **values: Any) -> Any:
    return create(entity_named("deal_lines"), {"deal": deal.pk, **values}, by=by, origin=origin)


def test_products_make_the_amount_and_undo_gives_the_typed_one_back(cast: Cast) -> None:
    deal = make("deals", name="Docks", amount=320_100, currency="USD", owner=cast.bob.pk)
    product = make("products", name="Dock sensor", price=420, currency="USD")
    batch = uuid.uuid4()
    added = line(deal, cast.bob, Origin(batch=batch), product=product.pk, quantity=3)
    assert (added.name, added.price, added.currency) == ("Dock sensor", Decimal(420), "USD")
    deal = Deal.objects.get(pk=deal.pk)
    assert deal.amount == 1260
    with pytest.raises(Refused) as refused:
        edit(deal, {"amount": 5}, by=cast.bob)
    assert list(refused.value.errors) == ["amount"]
    with pytest.raises(Refused) as refused:
        edit(deal, {"currency": "CNY"}, by=cast.bob)
    assert list(refused.value.errors) == ["currency"]
    assert undo_batch(batch, by=cast.bob).counts == (2, 0)
    assert Deal.objects.get(pk=deal.pk).amount == 320_100


def test_a_list_price_in_another_currency_is_not_taken_for_this_one(cast: Cast) -> None:
    deal = make("deals", name="冷链监测", currency="CNY", owner=cast.bob.pk)
    product = make("products", name="Dock sensor", price=420, currency="USD")
    with pytest.raises(Refused) as refused:
        line(deal, cast.bob, Origin(), product=product.pk)
    assert list(refused.value.errors) == ["price"]
    line(deal, cast.bob, Origin(), product=product.pk, price=2900)
    assert Deal.objects.get(pk=deal.pk).amount == 2900
