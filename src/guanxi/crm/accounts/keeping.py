"""What keeps an account from the trash: what was agreed with it, billed to it, and received from it."""

from __future__ import annotations

from django.db.models import Exists, Model, OuterRef, Q

from guanxi.crm.contracts.model import Contract
from guanxi.crm.invoices.model import Invoice
from guanxi.crm.orders.model import Order
from guanxi.crm.payments.model import Payment
from guanxi.entity.actors import Actor

PAPERS: tuple[tuple[type[Model], Q], ...] = (
    (Order, ~Q(status__in=["draft", "cancelled"])), (Contract, ~Q(status="draft")), (Invoice, Q(status="issued")), (Payment, Q()),
)  # fmt: skip


def may_delete(user: Actor) -> Q:
    """Nothing is left behind that leads nowhere: it is merged with another account, or its papers are dealt with first."""
    where = Q()
    for model, these in PAPERS:
        where &= ~Q(Exists(model._default_manager.filter(these, account=OuterRef("pk"), deleted_at__isnull=True)))
    return where
