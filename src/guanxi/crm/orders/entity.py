"""How orders, their lines and deliveries are shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import F, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from guanxi.crm.credit.verbs import release
from guanxi.crm.lines.declaring import sums_of_lines, taxed_lines
from guanxi.crm.numbering import next_number
from guanxi.crm.orders import rules, verbs
from guanxi.crm.orders.model import Delivery, Order, OrderLine
from guanxi.crm.payments.declaring import MONEY, owing_fields, owing_lists
from guanxi.crm.starting import currency_of, today
from guanxi.entity.actors import Actor
from guanxi.entity.entity import Board, Entity, Noun, Preset, Related, Section, Write
from guanxi.entity.field import Field
from guanxi.entity.kinds import Address, Choice, Currency, Links, Number, options
from guanxi.entity.rollup import Rollup
from guanxi.record.refusals import Refused
from guanxi.record.together import linked

STATES = Choice(
    options(
        ("draft", gettext_lazy("Draft")),
        ("confirmed", gettext_lazy("Confirmed"), "info"),
        ("partly", gettext_lazy("Partly delivered"), "warn"),
        ("fulfilled", gettext_lazy("Delivered"), "acc"),
        ("closed", pgettext_lazy("order", "Closed"), "good"),
        ("cancelled", gettext_lazy("Cancelled"), "bad"),
    )
)
STATUSES = Choice(tuple(one for one in STATES.options if one.value in {"draft", "confirmed", "closed", "cancelled"}))
MOVES = Choice(options(("delivery", gettext_lazy("Delivery"), "good"), ("return", gettext_lazy("Return"), "warn")))


def derive(order: Any, changed: set[str]) -> None:
    """Its number; where it goes, unless it says so, is where the account is."""
    order.number = order.number or next_number("SO")
    order.currency = order.currency or currency_of(order)
    account = linked(order, "account")
    if order.pk is None and not order.delivery_address and account is not None:
        order.delivery_address = account.address


def check(order: Any, changed: set[str], by: Actor) -> Mapping[str, str]:
    """What was confirmed stays with its customer and in its currency; so does what has lines, in the latter."""
    if order.pk is None:
        return {}
    if order.status != "draft" and changed & {"account", "currency"}:
        return {name: _("This order is no draft any more.") for name in changed & {"account", "currency"}}
    if "currency" in changed and order.lines.filter(deleted_at__isnull=True).exists():
        return {"currency": _("The lines of this order are priced in the currency it has; remove them first.")}
    return {}


def derive_delivery(delivery: Any, changed: set[str]) -> None:
    """A delivery is called after its line, and belongs to the order of it unless it says one."""
    line = linked(delivery, "line") if "line" in changed or not delivery.name else None
    if line is not None:
        delivery.name = line.name
        if delivery.order_id is None:
            delivery.order_id = line.order_id


def check_delivery(delivery: Any, changed: set[str], by: Actor) -> Mapping[str, str]:
    """Something moves, of the order that is named, and only when that is confirmed."""
    if delivery.quantity is None or delivery.quantity <= 0:
        return {"quantity": _("A quantity is greater than zero.")}
    line = linked(delivery, "line") if changed & {"line", "order"} else None
    if line is not None and line.order_id != delivery.order_id:
        return {"line" if "line" in changed else "order": _("This line belongs to another order.")}
    if not Order.objects.filter(pk=delivery.order_id, status="confirmed").exists():
        return {"order": _("Only what is confirmed and not closed can be delivered or taken back.")}
    return {}


def follow_deliveries(writes: Sequence[Write], by: Actor) -> None:
    """No more goes out than was ordered, and no more comes back than went out. The lines are locked, and their sums fresh."""
    keys = {key for one in writes for key in (one.record.line_id, one.before.get("line")) if key}
    lines = OrderLine.objects.filter(pk__in=keys)
    if over := lines.filter(delivered__gt=F("quantity")).first():
        raise Refused({"quantity": _("That is more than was ordered of “%(line)s”.") % {"line": over.name}})
    if over := lines.filter(returned__gt=F("delivered")).first():
        raise Refused({"quantity": _("That is more than was delivered of “%(line)s”.") % {"line": over.name}})


ORDERS = Entity(
    path="orders",
    model=Order,
    noun=Noun(gettext_lazy("order"), gettext_lazy("orders")),
    icon="shopping-cart",
    title="number",
    group="sell",
    order=("-ordered_on",),
    subtitle=("state",),
    fields_declared=[
        Field("number", glance=True, search="A"),
        Field("account", glance=True, card=True),
        Field("state", kind=STATES, glance=True),
        *sums_of_lines(),
        Field("currency", kind=Currency()),
        Field("ordered_on", glance=True, default=today),
        Field("due_on", glance=True, card=True),
        Field("owner", glance=True, card=True),
        Field("contact"),
        Field("deal"),
        Field("quote"),
        Field("contract"),
        Field("delivery_address", kind=Address()),
        Field("status", kind=STATUSES, read_only=True),
        Field("reason", read_only=True),
        Field("credit_note"),
        Field("ordered", rollup=Rollup("lines", sum="quantity")),
        Field("delivered", rollup=Rollup("lines", sum="delivered")),
        Field("returned", rollup=Rollup("lines", sum="returned")),
        *owing_fields(),
        Field("description", search="D"),
        Field("team"),
        Field("co_workers", kind=Links("users")),
        Field("readers", kind=Links("users")),
        Field("external_id", search="B"),
        Field("created_at", read_only=True),
        Field("created_by", read_only=True),
        Field("changed_at", read_only=True),
        Field("id", read_only=True),
    ],
    sections=[
        Section(
            gettext_lazy("Order"),
            ("number", "account", "contact", "deal", "contract", "currency", "ordered_on", "description", "credit_note"),
        ),
        Section(gettext_lazy("Delivery"), ("due_on", "delivery_address", "ordered", "delivered", "returned", "reason")),
        Section(gettext_lazy("Money"), ("net", "tax", "total", *MONEY)),
        Section(gettext_lazy("Responsible"), ("owner", "team", "co_workers", "readers")),
    ],
    verbs=(verbs.confirm, release, verbs.deliver, verbs.plan, verbs.close, verbs.cancel, verbs.reopen),
    related=[
        Related(
            "lines",
            "order_lines",
            "order",
            gettext_lazy("Lines"),
            glance=("contents",),
            order="position",
            columns=("quantity", "price", "discount", "tax_rate", "delivered", "gross"),
            begun_with=("product", "quantity"),
        ),
        Related("deliveries", "deliveries", "order", gettext_lazy("Deliveries"), ("kind", "quantity", "moved_on"), "-moved_on"),
        *owing_lists("order"),
    ],
    board=Board(by="state", total="total"),
    calendar="due_on",
    late={"due_on": 'state in ("confirmed", "partly") and due_on < today'},
    parent="account",
    views=[
        Preset("open", gettext_lazy("To deliver"), 'state in ("confirmed", "partly")', ("due_on",)),
        Preset("mine", gettext_lazy("My orders"), "owner = me", ("-ordered_on",)),
        Preset("all", gettext_lazy("All orders"), "", ("-ordered_on",)),
    ],
    derive=derive,
    check=check,
    may_delete=rules.may_delete,
)

ORDER_LINES = taxed_lines(
    "order_lines",
    OrderLine,
    Order,
    "order",
    Noun(gettext_lazy("order line"), gettext_lazy("order lines")),
    more=[
        Field("delivered", kind=Number(14, 4), rollup=Rollup("deliveries", sum="quantity", where='kind = "delivery"'), glance=True),
        Field("returned", kind=Number(14, 4), rollup=Rollup("deliveries", sum="quantity", where='kind = "return"')),
    ],
    related=[Related("deliveries", "deliveries", "line", gettext_lazy("Deliveries"), ("kind", "quantity", "moved_on"), "-moved_on")],
)

DELIVERIES = Entity(
    path="deliveries",
    model=Delivery,
    noun=Noun(gettext_lazy("delivery"), gettext_lazy("deliveries")),
    icon="truck-delivery",
    title="name",
    searchable=False,
    part_of="order",
    parent="order",
    order=("-moved_on",),
    fields_declared=[
        Field("name", read_only=True, glance=True),
        Field("order", glance=True),
        Field("line", glance=True),
        Field("kind", kind=MOVES, glance=True),
        Field("quantity", kind=Number(14, 4), glance=True),
        Field("moved_on", glance=True, default=today),
        Field("tracking", glance=True),
        Field("reason"),
        Field("external_id"),
        Field("id", read_only=True),
    ],
    sections=[Section(gettext_lazy("Delivery"), ("order", "line", "kind", "quantity", "moved_on", "tracking", "reason"))],
    derive=derive_delivery,
    check=check_delivery,
    follow=follow_deliveries,
    may_delete=lambda user: Q(order__status="confirmed"),
)
