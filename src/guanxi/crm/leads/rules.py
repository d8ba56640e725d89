"""When the verbs of leads are possible."""

from django.db.models import Q

from guanxi.crm.leads.choices import OPEN
from guanxi.entity.actors import Actor


def may_convert(user: Actor) -> Q:
    """Open leads can be converted."""
    return Q(status__in=OPEN)


def may_disqualify(user: Actor) -> Q:
    """Open leads can be given up."""
    return Q(status__in=OPEN)


def may_reopen(user: Actor) -> Q:
    """Leads that were given up can be taken up again."""
    return Q(status="disqualified")


def may_unconvert(user: Actor) -> Q:
    """A conversion can be undone."""
    return Q(status="converted")
