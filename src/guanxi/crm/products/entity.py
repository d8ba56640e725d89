"""How products are shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from guanxi.crm.products.model import Component, Product
from guanxi.crm.starting import own_currency
from guanxi.entity.actors import Actor
from guanxi.entity.entity import Entity, Noun, Preset, Related, Section
from guanxi.entity.field import Field
from guanxi.entity.kinds import Choice, Currency, Name, Number, Percent, UnitPrice, options
from guanxi.record.memory import tell_everyone
from guanxi.record.together import linked

PRICED_AS = Choice(options(("own", _("Its own price")), ("parts", _("The sum of its parts"))), plain=True)


def check(product: Any, changed: set[str], by: Actor) -> Mapping[str, str]:
    """A discount is a part of the price."""
    return {} if 0 <= product.bundle_discount <= 1 else {"bundle_discount": gettext("A discount is between 0% and 100%.")}


def derive_component(component: Any, changed: set[str]) -> None:
    """A component is called after its part."""
    part = linked(component, "part")
    component.name = part.name if part is not None else ""


def check_component(component: Any, changed: set[str], by: Actor) -> Mapping[str, str]:
    """Bundles are of plain products, each once: what a bundle consists of can be said in one breath."""
    if component.quantity <= 0:
        return {"quantity": gettext("A quantity is greater than zero.")}
    living = Component.objects.filter(deleted_at__isnull=True).exclude(pk=component.pk)
    if component.part_id == component.bundle_id or living.filter(bundle=component.part_id).exists():
        return {"part": gettext("A bundle is no part of a bundle.")}
    if living.filter(part=component.bundle_id).exists():
        return {"bundle": gettext("This product is a part of a bundle already, so it cannot be one.")}
    if living.filter(bundle=component.bundle_id, part=component.part_id).exists():
        return {"part": gettext("This product is in the bundle already.")}
    return {}


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
        Field("price", kind=UnitPrice(), glance=True),
        Field("currency", kind=Currency(), default=own_currency),
        Field("unit", glance=True),
        Field("priced_as", kind=PRICED_AS, hint=_("What one of a bundle costs; a price in a price book comes before either.")),
        Field("bundle_discount", kind=Percent(), hint=_("Taken off the sum of the parts.")),
        Field("active", glance=True),
        Field("description"),
        Field("external_id"),
        Field("created_at", read_only=True),
        Field("id", read_only=True),
    ],
    sections=[
        Section(_("Product"), ("name", "code", "family", "price", "currency", "unit", "active", "description")),
        Section(_("Bundle"), ("priced_as", "bundle_discount")),
    ],
    related=[
        Related("components", "components", "bundle", _("Consists of"), ("quantity",), "position"),
        Related("in_bundles", "components", "part", _("Part of bundles"), ("bundle", "quantity"), "id"),
        Related("deals", "deals", "product", _("Deals"), ("stage", "amount"), "-id"),
    ],
    check=check,
    follow=tell_everyone,
    views=[Preset("sale", _("On sale"), "active = true", ("name",)), Preset("all", _("All products"), "", ("name",))],
)

COMPONENTS = Entity(
    path="components",
    model=Component,
    noun=Noun(_("component"), _("components")),
    icon="packages",
    title="name",
    settings=True,
    searchable=False,
    order=("position",),
    fields_declared=[
        Field("name", read_only=True, glance=True),
        Field("bundle", glance=True),
        Field("part", glance=True),
        Field("quantity", kind=Number(14, 4), glance=True),
        Field("position"),
        Field("external_id"),
        Field("id", read_only=True),
    ],
    sections=[Section(_("Component"), ("bundle", "part", "quantity", "position"))],
    derive=derive_component,
    check=check_component,
    follow=tell_everyone,
)
