"""What can be done with orders: confirm, deliver, plan payment, close, cancel, reopen."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.crm.credit.gate import check_credit
from guanxi.crm.lines.declaring import copy_lines
from guanxi.crm.orders import rules
from guanxi.crm.orders.events import OrderCancelled, OrderClosed, OrderConfirmed, OrderReopened
from guanxi.crm.payments.planning import PLAN, plan_instalments
from guanxi.crm.starting import today
from guanxi.entity.actors import Actor
from guanxi.entity.field import Field
from guanxi.entity.kinds import Day, Text
from guanxi.entity.registry import entity_named
from guanxi.record.changes import Origin, create, create_many, write
from guanxi.record.refusals import Refused
from guanxi.record.verbs import verb


@verb(
    gettext_lazy("Confirm"),
    icon="check",
    tone="good",
    rule=rules.may_confirm,
    primary=True,
    key="c",
    fields=(Field("ordered_on", kind=Day(), label=gettext_lazy("Ordered"), default=today),),
    done=gettext_lazy("%(record)s is confirmed."),
)
def confirm(order: Any, *, by: Actor, origin: Origin, ordered_on: dt.date | None) -> Any:
    if not order.lines.filter(deleted_at__isnull=True).exists():
        raise Refused({"": _("There is nothing in this order yet: add a line first.")})
    check_credit(order, by=by)
    return write(order, by=by, event=OrderConfirmed, origin=origin, status="confirmed", ordered_on=ordered_on or by.locale.today)


@verb(
    gettext_lazy("Deliver the rest"),
    icon="truck-delivery",
    rule=rules.may_deliver,
    primary=True,
    fields=(
        Field("moved_on", kind=Day(), label=gettext_lazy("Day"), default=today),
        Field("tracking", kind=Text(80), label=gettext_lazy("Tracking number")),
    ),
    hint=gettext_lazy("Everything that is not delivered yet. For a part of it, add a delivery of one line."),
    done=gettext_lazy("%(record)s is delivered."),
)
def deliver(order: Any, *, by: Actor, origin: Origin, moved_on: dt.date | None, tracking: str) -> Any:
    left = order.lines.filter(deleted_at__isnull=True, delivered__lt=F("quantity")).order_by("position", "pk").select_for_update()
    rows = [
        {"order": order.pk, "line": line.pk, "quantity": line.quantity - line.delivered, "moved_on": moved_on, "tracking": tracking}
        for line in left
    ]
    create_many(entity_named("deliveries"), rows, by=by, origin=origin)
    return order


@verb(gettext_lazy("Plan payment"), icon="calendar-dollar", rule=rules.may_plan, fields=PLAN, bulk=False)
def plan(order: Any, *, by: Actor, origin: Origin, parts: int, first_on: dt.date, months: int) -> Any:
    about = {"order": order.pk, "contract": order.contract_id, "account": order.account_id, "owner": order.owner_id}
    plan_instalments(about, order.total - (order.planned or 0), order.currency, parts, first_on, months, by=by, origin=origin)
    return order


@verb(gettext_lazy("Close"), icon="lock", rule=rules.may_close, done=gettext_lazy("%(record)s is closed."))
def close(order: Any, *, by: Actor, origin: Origin) -> Any:
    return write(order, by=by, event=OrderClosed, origin=origin, status="closed")


@verb(
    gettext_lazy("Cancel order"),
    icon="ban",
    tone="bad",
    rule=rules.may_cancel,
    fields=(Field("reason", kind=Text(255), label=gettext_lazy("Reason"), required=True),),
    done=gettext_lazy("%(record)s is cancelled."),
)
def cancel(order: Any, *, by: Actor, origin: Origin, reason: str) -> Any:
    return write(order, by=by, event=OrderCancelled, origin=origin, status="cancelled", reason=reason)


@verb(gettext_lazy("Reopen"), icon="arrow-back-up", rule=rules.may_reopen, done=gettext_lazy("%(record)s is open again."))
def reopen(order: Any, *, by: Actor, origin: Origin) -> Any:
    status = "confirmed" if order.status == "closed" else "draft"
    if status == "confirmed":
        check_credit(order, by=by)
    return write(order, by=by, event=OrderReopened, origin=origin, status=status, reason="")


def ordered(source: Any, **more: Any) -> dict[str, Any]:
    """What an order says of the deal or quote it is made from."""
    return {"account": source.account_id, "contact": source.contact_id, "currency": source.currency, "owner": source.owner_id, **more}


def order_from(source: Any, lines: Any, *, by: Actor, origin: Origin, **more: Any) -> Any:
    """A draft order for the account of a deal or quote, with its lines."""
    if source.account_id is None:
        raise Refused({"account": _("An order is for an account: choose it first.")})
    order = create(entity_named("orders"), ordered(source, **more), by=by, origin=origin)
    copy_lines(lines, "order_lines", "order", order, by=by, origin=origin)
    order.refresh_from_db()
    return order
