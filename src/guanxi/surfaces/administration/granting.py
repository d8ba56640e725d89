"""What a role may: a scope for each action on each entity, a level for each field. Set by the page and by programs alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.access.models import FieldRight, Permission, Role, Scope, User
from guanxi.entity.actors import Actor, Level
from guanxi.entity.conditions import ConditionError, check, from_json, parse, print_text, to_json
from guanxi.entity.entity import Entity
from guanxi.entity.registry import entities, entity_named
from guanxi.record.changes import UI, Origin, update
from guanxi.record.models import Change
from guanxi.record.refusals import Refused
from guanxi.surfaces.history.told import Saying, explain, say

ACTION_LABELS = {
    "see": gettext_lazy("See"), "create": gettext_lazy("Create"), "edit": gettext_lazy("Edit"), "delete": gettext_lazy("Delete"),
    "export": gettext_lazy("Export"), "import": gettext_lazy("Import"), "reassign": gettext_lazy("Hand over"), "bulk": gettext_lazy("Many at once"),
    "approve": gettext_lazy("Approve"),
}  # fmt: skip
LEVEL_LABELS = {
    Level.HIDDEN: gettext_lazy("Hidden"), Level.MASKED: gettext_lazy("Masked"), Level.READ: gettext_lazy("Read only"),
    Level.EDIT: gettext_lazy("Edit"),
}  # fmt: skip


def governed() -> list[Entity]:
    """Entities whose rights roles decide."""
    return [entity for entity in entities() if not entity.part_of]


def scopes_of(entity: Entity) -> list[Scope]:
    """Which records there can be a right to: what has no owner is nobody's own."""
    return [one for one in Scope if entity.owned or one in {Scope.NONE, Scope.ALL, Scope.CONDITION}]


def said_condition(permission: Permission | None) -> str:
    """A permission's condition as text."""
    return print_text(from_json(permission.condition)) if permission and permission.condition else ""


def grant(
    role: Role,
    *,
    scopes: Mapping[tuple[Entity, Any], tuple[str, Any]] = {},
    levels: Mapping[Entity, Mapping[str, Level]] = {},
    by: Actor,
    origin: Origin = UI,
) -> None:
    """Scopes by entity and action, each with its condition as text or as JSON, and levels by entity and field; others stay.

    One change of the role tells what became of which. Refused, by `entity.action`; nothing is set then.
    """
    chosen = _checked(scopes, by)
    with transaction.atomic():
        locked = Role.objects.select_for_update().get(pk=role.pk)
        before, after = _kept(locked), {}
        for (entity, action), (scope, tree) in chosen.items():
            after[f"{entity.path}.{action}"] = _said(scope, tree)
        after |= {f"{entity.path}/{name}": level.name.lower() for entity, said in levels.items() for name, level in said.items()}
        changed = {place: said for place, said in after.items() if said != before.get(place, _USUAL["/" in place])}
        for (entity, action), (scope, tree) in chosen.items():
            if f"{entity.path}.{action}" in changed:
                kept = {"scope": scope, "condition": tree}
                Permission.objects.update_or_create(role=locked, entity=entity.path, action=action, defaults=kept)
        for entity, said in levels.items():
            _set_levels(locked, entity, {name: level for name, level in said.items() if f"{entity.path}/{name}" in changed})
        if changed:
            told = {RIGHTS: [{place: before.get(place, _USUAL["/" in place]) for place in changed}, changed]}
            update(entity_named("roles"), [(locked, {})], by=by, event="granted", origin=origin, besides=told)


def _checked(scopes: Mapping[tuple[Entity, Any], tuple[str, Any]], by: Actor) -> dict[tuple[Entity, Any], tuple[str, Any]]:
    """The same with their conditions as they are kept. Refused."""
    errors: dict[str, str] = {}
    chosen: dict[tuple[Entity, Any], tuple[str, Any]] = {}
    for (entity, action), (scope, condition) in scopes.items():
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
        chosen[entity, action] = (str(scope), tree)
    if errors:
        raise Refused(errors)
    return chosen


def _set_levels(role: Role, entity: Entity, levels: Mapping[str, Level]) -> None:
    FieldRight.objects.filter(role=role, entity=entity.path, field__in=levels).delete()
    FieldRight.objects.bulk_create(
        FieldRight(role=role, entity=entity.path, field=name, level=level) for name, level in levels.items() if level != Level.EDIT
    )


# ——— what became of them, in the history of the role ———

RIGHTS = "+rights"
_USUAL = {False: str(Scope.NONE), True: Level.EDIT.name.lower()}
"""What a role may where nothing is said: of an action, of a field."""
MOST_TOLD = 20


def _kept(role: Role) -> dict[str, str]:
    """What the role may now, by `entity.action` and `entity/field`."""
    kept = {f"{one.entity}.{one.action}": _said(one.scope, one.condition) for one in Permission.objects.filter(role=role)}
    rights = FieldRight.objects.filter(role=role).values_list("entity", "field", "level")
    return kept | {f"{entity}/{name}": Level(level).name.lower() for entity, name, level in rights}


def _said(scope: str, tree: Any) -> str:
    """A scope as history keeps it; one that is a condition as its text."""
    return f"= {print_text(from_json(tree))}" if tree else str(scope)


def rights_told(after: Mapping[str, str], change: Change, to: User) -> str:
    """What became of the rights, in words: for administrators."""
    if not to.rights.everything:
        return ""
    before = change.diff[RIGHTS][0]
    lines = [f"{_place(place)}: {_word(place, before[place])} → {_word(place, said)}" for place, said in after.items()]
    return "; ".join(lines[:MOST_TOLD]) + (" …" if len(lines) > MOST_TOLD else "")


def _place(place: str) -> str:
    path, _sign, name = place.partition("/" if "/" in place else ".")
    try:
        entity = entity_named(path)
    except LookupError:  # of an earlier version
        return place
    field = entity.fields.get(name) if "/" in place else None
    return f"{capfirst(str(entity.noun.many))}, {field.label if field else ACTION_LABELS.get(name, name)}"


def _word(place: str, said: str) -> str:
    if "/" in place:
        return next((str(label) for level, label in LEVEL_LABELS.items() if level.name.lower() == said), said)
    return said.removeprefix("= ") if said.startswith("= ") else str(Scope(said).label) if said in Scope.values else said


say({"role.granted": Saying(gettext_lazy("%(who)s changed the rights of %(what)s"), "shield-lock")})
explain(RIGHTS, rights_told)
