"""When the verbs of deals are possible."""

from django.db.models import Q

from guanxi.entity.actors import Actor


def may_close(user: Actor) -> Q:
    """Open deals can be won or lost."""
    return Q(outcome="open")


def may_reopen(user: Actor) -> Q:
    """Closed deals can be reopened."""
    return ~Q(outcome="open")


def may_order(user: Actor) -> Q:
    """What is not lost can be ordered, by an account."""
    return ~Q(outcome="lost") & Q(account__isnull=False)


def may_quote(user: Actor) -> Q:
    """Open deals with an account can be quoted for."""
    return Q(outcome="open", account__isnull=False)
