"""What keeps an account from the trash: what was agreed with it, billed to it, and received from it."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet

from guanxi.crm.contracts.model import Contract
from guanxi.crm.invoices.model import Invoice
from guanxi.crm.orders.model import Order
from guanxi.crm.payments.model import Payment
from guanxi.entity.actors import Actor


def may_delete(user: Actor) -> Q:
    """Nothing is left behind that leads nowhere: it is merged with another account, or its papers are dealt with first."""
    papers: tuple[QuerySet[Contract] | QuerySet[Invoice] | QuerySet[Order] | QuerySet[Payment], ...] = (
        Order.objects.exclude(status__in=["draft", "cancelled"]), Contract.objects.exclude(status="draft"),
        Invoice.objects.filter(status="issued"), Payment.objects.all(),
    )  # fmt: skip
    where = Q()
    for several in papers:
        where &= Q(~Exists(several.filter(account=OuterRef("pk"), deleted_at__isnull=True)))
    return where
