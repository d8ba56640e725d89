"""The roles a new company starts with."""

from __future__ import annotations

from collections.abc import Mapping

from guanxi.access.models import Permission, Role, Scope
from guanxi.entity.actors import ACTIONS, SYSTEM
from guanxi.entity.entity import Entity
from guanxi.entity.registry import entities, entity_named
from guanxi.record.changes import Origin, create
from guanxi.record.memory import raise_epoch

WORDS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "en": {
        "seller": ("Seller", "Sees and works on their own records."),
        "manager": ("Sales manager", "Sees and works on the records of their team and the teams below."),
        "reader": ("Reader", "Sees everything, changes nothing."),
    },
    "zh-hans": {
        "seller": ("销售", "查看和处理自己的记录。"),
        "manager": ("销售经理", "查看和处理本团队及下级团队的记录。"),
        "reader": ("只读", "查看全部记录，不能修改。"),
    },
}
GRANTS: Mapping[str, Mapping[str, Scope]] = {
    "seller": {**dict.fromkeys(ACTIONS, Scope.OWN), "import": Scope.NONE, "reassign": Scope.NONE, "approve": Scope.NONE},
    "manager": dict.fromkeys(ACTIONS, Scope.BELOW),
    "reader": {"see": Scope.ALL, "export": Scope.ALL},
}


def start_roles(language: str = "en") -> dict[str, Role]:
    """The starting roles by key, made when there are none of their names."""
    made: dict[str, Role] = {}
    for key, (name, note) in WORDS.get(language, WORDS["en"]).items():
        role = Role.objects.filter(name=name).first()
        if role is None:
            role = create(entity_named("roles"), {"name": name, "note": note}, by=SYSTEM, origin=Origin("system"))
            grant(role, {entity.path: starting(key, entity) for entity in entities() if not entity.settings and not entity.part_of})
        made[key] = role
    return made


def starting(key: str, entity: Entity) -> Mapping[str, Scope]:
    """What a starting role may do with an entity's records."""
    granted = GRANTS[key]
    if not entity.managed or granted.get("reassign", Scope.NONE) != Scope.NONE:
        return granted
    return {action: scope for action, scope in granted.items() if action in {"see", "export"}}


def grant(role: Role, grants: Mapping[str, Mapping[str, str]]) -> None:
    """Give a role scopes by entity and action; those named replace what it had."""
    rows = [
        Permission(role=role, entity=path, action=action, scope=scope)
        for path, actions in grants.items()
        for action, scope in actions.items()
    ]
    unique = ["role", "entity", "action"]
    Permission.objects.bulk_create(rows, update_conflicts=True, unique_fields=unique, update_fields=["scope"])
    raise_epoch()
