"""What can be done to many records at once by this person, as the bulk bar offers it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Case, Value, When
from django.utils.translation import gettext as _

from guanxi.access.models import User
from guanxi.access.sight import changeable, clear
from guanxi.entity.entity import Entity, Verb
from guanxi.entity.field import Field
from guanxi.entity.registry import entity_named
from guanxi.surfaces.forms.choices import narrowed_by
from guanxi.surfaces.views.asking import Asked
from guanxi.surfaces.views.view import address

MERGED_AT_ONCE = 10
"""So many records are merged one after another."""
NOT_TOGETHER = {"external_id"}
"""Fields of which no two records have the same value."""


def offers(asked: Asked) -> list[dict[str, Any]]:
    """The buttons of the bulk bar; none without the right to change many at once."""
    entity, user = asked.entity, asked.user
    if not user.rights.may("bulk", entity.path):
        return []

    def offer(below: str, label: str, icon: str, **more: Any) -> dict[str, Any]:
        return {"url": address(asked.view, asked.base, below=f"bulk/{below}"), "label": label, "icon": icon, **more}

    found = []
    if user.rights.may("edit", entity.path) and editable(entity, by=user):
        found.append(offer("edit", _("Edit"), "pencil"))
    if entity.owned and user.rights.may("reassign", entity.path) and user.rights.may("edit", entity.path):
        found.append(offer("hand-over", _("Hand over"), "user-check"))
    found += [offer(f"verb/{one.name}", str(one.label), one.icon, verb=one.name) for one in verbs(entity, by=user)]
    if entity.mergeable and user.rights.may("edit", entity.path):
        found.append(offer("merge", _("Merge"), "arrows-join", key="m", least=2, most=MERGED_AT_ONCE))
    if user.rights.may("delete", entity.path):
        found.append(offer("delete", _("Delete"), "trash", danger=True))
    return found


def verbs(entity: Entity, *, by: User) -> list[Verb]:
    """The verbs that can be done to many."""
    return [one for one in entity.verbs if one.bulk and by.rights.may(one.action, entity.path)]


def possible(entity: Entity, *, by: User) -> dict[str, Case]:
    """For each verb that not every record allows, by its name, whether one does, as an expression."""
    rules = {one.name: one.rule(by) for one in verbs(entity, by=by) if one.rule} if by.rights.may("bulk", entity.path) else {}
    return {name: Case(When(rule, then=Value(True)), default=Value(False)) for name, rule in rules.items() if rule}


def masters(entity: Entity, fields: Iterable[Field], *, by: User) -> list[Field]:
    """The fields by which what settings offer for these is narrowed: the pipeline of a stage."""
    links = [(one, entity_named(one.k.linked() or "")) for one in fields if one.k.linked()]
    found = {narrowed_by(one, other, entity.fields) for one, other in links if other.settings}
    return [one for one in entity.fields.values() if one.name in found and clear(entity, one, to=by)]


def editable(entity: Entity, *, by: User) -> list[Field]:
    """The fields that can be set on many."""
    return [one for one in changeable(entity, entity.data_fields, by=by) if one.name not in NOT_TOGETHER]
