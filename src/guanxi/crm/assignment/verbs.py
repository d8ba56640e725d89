"""What can be done with any record that has an owner: have the rules say whose it is."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.crm.assignment.assigning import assign
from guanxi.crm.assignment.queries import rules_for
from guanxi.entity.actors import Actor
from guanxi.entity.entity import Entity, Verb
from guanxi.record.changes import Origin
from guanxi.record.refusals import Refused
from guanxi.record.verbs import verb


def assigning(path: str) -> Verb:
    """The verb, for one entity: offered where there are rules."""

    def may_assign(user: Actor) -> Q:
        return Q() if rules_for(path) else Q(pk__in=[])

    @verb(
        gettext_lazy("Assign by rules"),
        icon="route",
        rule=may_assign,
        action="reassign",
        done=gettext_lazy("%(record)s is assigned by the rules."),
    )
    def assign_by_rules(record: Any, *, by: Actor, origin: Origin) -> None:
        if not assign(record, by=by, origin=origin):
            raise Refused({"": _("No rule is for this record, or nobody it names is there.")})

    return assign_by_rules


def give_verb(*entities: Entity) -> None:
    """Offer it on these entities, as far as their records have owners."""
    for entity in entities:
        owned = any(one.name == "owner" for one in entity.fields_declared)
        if owned and not entity.part_of and not entity.managed:
            entity.verbs = (*entity.verbs, assigning(entity.path))
