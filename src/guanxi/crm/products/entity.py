"""How products are shown."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from guanxi.crm.products.model import Product
from guanxi.crm.starting import own_currency
from guanxi.entity.actors import Actor
from guanxi.entity.entity import Entity, Noun, Preset, Related, Section, Write
from guanxi.entity.field import Field
from guanxi.entity.kinds import Currency, MoneyKind, Name
from guanxi.record.memory import raise_epoch


def tell_everyone(writes: Sequence[Write], by: Actor) -> None:
    """Names of products are remembered by every process: begin a new epoch."""
    raise_epoch()


PRODUCTS = Entity(
    path="products",
    model=Product,
    noun=Noun(_("product"), _("products")),
    icon="package",
    title="name",
    group="sell",
    settings=True,
    order=("name",),
    subtitle=("family",),
    fields_declared=[
        Field("name", kind=Name(200), glance=True, search="A", identity=True),
        Field("code", glance=True, search="B"),
        Field("family", glance=True, search="C"),
        Field("price", kind=MoneyKind(), glance=True),
        Field("currency", kind=Currency(), default=own_currency),
        Field("unit", glance=True),
        Field("active", glance=True),
        Field("description"),
        Field("external_id"),
        Field("created_at", read_only=True),
        Field("id", read_only=True),
    ],
    sections=[Section(_("Product"), ("name", "code", "family", "price", "currency", "unit", "active", "description"))],
    related=[Related("deals", "deals", "product", _("Deals"), ("stage", "amount"), "-id")],
    follow=tell_everyone,
    views=[Preset("sale", _("On sale"), "active = true", ("name",)), Preset("all", _("All products"), "", ("name",))],
)
