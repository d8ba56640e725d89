"""What happens between owners and pools."""

from django.utils.translation import gettext_lazy

from guanxi.record.events import Event


class LeadClaimed(Event):
    """Somebody took a lead from its pool."""

    undone_by = "give_back"
    undone_with = {"reason": gettext_lazy("Claimed by mistake")}


class LeadReturned(Event):
    """A lead was given back to a pool, with the reason why."""

    undone_by = "claim"


class LeadRecycled(Event):
    """A lead went back to a pool by one of its rules."""


class LeadGiven(Event):
    """A lead was given out of its pool to somebody, by the pool's rule."""


class AccountGiven(Event):
    """An account was given out of its pool to somebody, by the pool's rule."""


class AccountClaimed(Event):
    """Somebody took an account from its pool."""

    undone_by = "give_back"
    undone_with = {"reason": gettext_lazy("Claimed by mistake")}


class AccountReturned(Event):
    """An account was given back to a pool, with the reason why."""

    undone_by = "claim"


class AccountRecycled(Event):
    """An account went back to a pool by one of its rules."""
