"""Why a person may or may not: the grants behind each action, and whether a record falls under them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from guanxi.access.models import Scope, User
from guanxi.access.rights import Grant
from guanxi.entity.actors import ACTIONS, Level
from guanxi.entity.conditions import from_json, print_text
from guanxi.entity.entity import Entity


@dataclass(frozen=True)
class Reason:
    """One action: whether it is allowed, and because of what."""

    action: str
    allowed: bool
    because: tuple[str, ...]


def why(user: User, entity: Entity, key: int | None = None) -> list[Reason]:
    """Each action on the entity, or on one record of it, with the reasons."""
    reasons = []
    for action in ACTIONS:
        grants = user.rights.why(action, entity.path)
        allowed = user.rights.may(action, entity.path)
        if key is not None and allowed:
            rows = entity.model._default_manager.filter(user.rights.where(action, entity.path), pk=key)
            allowed = rows.exists()
        reasons.append(Reason(action, allowed, tuple(_because(user, entity, grant, key) for grant in grants) or (_said_nothing(entity),)))
    return reasons


def _said_nothing(entity: Entity) -> str:
    if entity.part_of:
        return _("follows the rights on the record it is a part of (%(field)s)") % {"field": entity.part_of}
    if entity.settings:
        return _("everyone may see these; only granted roles may change them")
    return _("no role grants it")


def _because(user: User, entity: Entity, grant: Grant, key: int | None) -> str:
    text = f"{grant.role}: {Scope(grant.scope).label}"
    if grant.scope == Scope.CONDITION:
        text += f" — {print_text(from_json(grant.condition))}"
    if key is None or grant.scope in {Scope.NONE, Scope.ALL}:
        return text
    record = entity.model._default_manager.filter(pk=key).first()
    return f"{text} ({_facts(user, record)})" if record is not None else text


def _facts(user: User, record: Any) -> str:
    facts = []
    owner = getattr(record, "owner_id", None)
    facts.append(
        _("owner is this person") if owner == user.pk else _("owner is %(owner)s") % {"owner": getattr(record, "owner", None) or "—"}
    )
    team = getattr(record, "team_id", None)
    if team in user.rights.team_ids:
        facts.append(_("in their team"))
    elif team in user.rights.below_ids:
        facts.append(_("in a team below"))
    else:
        facts.append(_("in another team"))
    if user.pk in getattr(record, "co_workers", ()):
        facts.append(_("co-worker"))
    if user.pk in getattr(record, "readers", ()):
        facts.append(_("reader"))
    return ", ".join(facts)


def field_levels(user: User, entity: Entity) -> dict[str, Level]:
    """Fields with less than full rights for this person."""
    levels = {name: user.rights.level(entity.path, name) for name in entity.fields}
    return {name: level for name, level in levels.items() if level < Level.EDIT}
