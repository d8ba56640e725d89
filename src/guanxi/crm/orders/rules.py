"""When the verbs of orders are possible."""

from django.db.models import F, Q

from guanxi.entity.actors import Actor


def may_confirm(user: Actor) -> Q:
    """Drafts can be confirmed."""
    return Q(status="draft")


def may_deliver(user: Actor) -> Q:
    """Confirmed orders can be delivered until all of them is."""
    return Q(status="confirmed", delivered__lt=F("ordered"))


def may_close(user: Actor) -> Q:
    """Confirmed orders can be closed."""
    return Q(status="confirmed")


def may_cancel(user: Actor) -> Q:
    """What is not yet delivered can be cancelled."""
    return Q(status__in=["draft", "confirmed"], delivered=0)


def may_reopen(user: Actor) -> Q:
    """What is over can be taken up again."""
    return Q(status__in=["closed", "cancelled"])


def may_plan(user: Actor) -> Q:
    """What is worth more than is planned can be planned."""
    return ~Q(status="cancelled") & Q(planned__lt=F("total"))


def may_delete(user: Actor) -> Q:
    """Drafts and cancelled orders can be thrown away."""
    return Q(status__in=["draft", "cancelled"])
