"""What a role may: a scope for each action on each entity, a level for each field. Set by the page and by programs alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from guanxi.access.models import FieldRight, Permission, Role, Scope
from guanxi.entity.actors import Actor, Level
from guanxi.entity.conditions import ConditionError, check, from_json, parse, print_text, to_json
from guanxi.entity.entity import Entity
from guanxi.entity.registry import entities
from guanxi.record.memory import raise_epoch
from guanxi.record.refusals import Refused


def governed() -> list[Entity]:
    """Entities whose rights roles decide."""
    return [entity for entity in entities() if not entity.part_of]


def scopes_of(entity: Entity) -> list[Scope]:
    """Which records there can be a right to: what has no owner is nobody's own."""
    return [one for one in Scope if entity.owned or one in {Scope.NONE, Scope.ALL, Scope.CONDITION}]


def said_condition(permission: Permission | None) -> str:
    """A permission's condition as text."""
    return print_text(from_json(permission.condition)) if permission and permission.condition else ""


def grant_scopes(role: Role, wanted: Mapping[tuple[Entity, Any], tuple[str, Any]], *, by: Actor) -> None:
    """Scopes by entity and action, each with its condition as text or as JSON; others stay. Refused, by `entity.action`; nothing is set then."""
    errors: dict[str, str] = {}
    chosen: list[tuple[str, str, str, Any]] = []
    for (entity, action), (scope, condition) in wanted.items():
        name, tree = f"{entity.path}.{action}", None
        if scope not in scopes_of(entity):
            errors[name] = _("Choose a scope.")
        elif scope == Scope.CONDITION and not condition:
            errors[name] = _("Say which ones.")
        elif scope == Scope.CONDITION:
            try:
                read = parse(condition) if isinstance(condition, str) else from_json(condition)
                tree = to_json(check(read, entity, by))
            except ConditionError as wrong:
                errors[name] = str(wrong)
        chosen.append((entity.path, action, scope, tree))
    if errors:
        raise Refused(errors)
    with transaction.atomic():
        for path, action, scope, tree in chosen:
            Permission.objects.update_or_create(role=role, entity=path, action=action, defaults={"scope": scope, "condition": tree})
    raise_epoch()


def grant_levels(role: Role, entity: Entity, levels: Mapping[str, Level]) -> None:
    """What may be done with fields; others stay."""
    with transaction.atomic():
        FieldRight.objects.filter(role=role, entity=entity.path, field__in=levels).delete()
        FieldRight.objects.bulk_create(
            FieldRight(role=role, entity=entity.path, field=name, level=level) for name, level in levels.items() if level != Level.EDIT
        )
    raise_epoch()
