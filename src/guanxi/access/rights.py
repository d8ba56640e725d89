"""What a person may do: roles merged into scopes a query understands, remembered per epoch."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.db.models import Q

from guanxi.access.models import ApiKey, Company, FieldRight, Permission, Role, Scope, Team, User
from guanxi.entity.actors import Action, Level
from guanxi.entity.conditions import compile as compile_condition
from guanxi.entity.conditions import from_json
from guanxi.entity.entity import Entity
from guanxi.entity.registry import entities, entity_named
from guanxi.record.memory import remember

NOTHING = Q(pk__in=[])
SHARED = {name: ~Q(**{name: []}) for name in ("co_workers", "readers")}
"""True of all that is shared; tells PostgreSQL, which counts no empty lists, how rare that is."""
OF_THE_WHOLE = frozenset({"see", "export", "import"})
"""Actions that a part allows as its whole does; any other on a part is an edit of the whole."""


@dataclass(frozen=True)
class Grant:
    """One reason why an action is allowed: a role and its scope."""

    role: str
    scope: Scope
    condition: Any = None


@dataclass
class Rights:
    """A user's rights. Implements the lower floors' protocol."""

    user: User
    everything: bool
    grants: dict[tuple[str, str], list[Grant]] = field(default_factory=dict)
    levels: dict[tuple[str, str], Level] = field(default_factory=dict)
    team_ids: tuple[int, ...] = ()
    below_ids: tuple[int, ...] = ()
    memo: dict[Any, Any] = field(default_factory=dict, compare=False)
    """What was worked out from these rights alone; it lasts as long as they do."""

    def may(self, action: Action, entity: str) -> bool:
        if self.everything:
            return True
        if action == "see" and entity_named(entity).settings:
            return True
        above = self._above(entity)
        if above:
            return self.may(above[1] if action not in OF_THE_WHOLE else action, above[0])
        return any(grant.scope != Scope.NONE for grant in self._granted(action, entity))

    def where(self, action: Action, entity: str) -> Q:
        if self.everything:
            return Q()
        if action == "see" and entity_named(entity).settings:
            return Q()
        above = self._above(entity)
        if above:
            return self._within(entity, *above, action)
        granted = self._granted(action, entity)
        if any(grant.scope == Scope.ALL for grant in granted):
            return Q()
        where = NOTHING
        for grant in granted:
            where |= self._clause(entity, grant, action)
        opened = self.opened(entity, action)
        return where if opened is None else where | opened

    def opened(self, entity: str, action: Action) -> Q | None:
        """The records that are open to the user beyond what their roles' scopes reach."""
        open_to = entity_named(entity).open_to
        return open_to(self.user, action) if open_to and self.may(action, entity) else None

    def by_owner(self, entity: str) -> bool:
        """Whether what may be seen follows from owners, teams and sharing alone: then it is told alike as long as these rights last."""
        above = self._above(entity)
        if above:
            return self.by_owner(above[0])
        return self.opened(entity, "see") is None and all(grant.scope != Scope.CONDITION for grant in self._granted("see", entity))

    def level(self, entity: str, field: str) -> Level:
        if self.everything:
            return Level.EDIT
        said = self.levels.get((entity, field), Level.EDIT)
        source = rolled_up().get((entity, field))
        return said if source is None else min(said, self._of_source(*source))

    def _of_source(self, entity: str, field: str) -> Level:
        """A roll-up tells no more than what it stands on: nothing to those who see no such records or not that field."""
        if not self.may("see", entity):
            return Level.HIDDEN
        return self.level(entity, field) if field else Level.EDIT

    def why(self, action: Action, entity: str) -> list[Grant]:
        """The grants behind a right, for explaining it."""
        return [Grant("administrator", Scope.ALL)] if self.everything else self._granted(action, entity)

    def _granted(self, action: str, entity: str) -> list[Grant]:
        return self.grants.get((entity, action), [])

    def _above(self, path: str) -> tuple[str, Action] | None:
        """The entity whose rights a part follows, and the action on it that changing the part needs."""
        entity = entity_named(path)
        if not entity.part_of:
            return None
        return entity.field(entity.part_of).k.linked() or "", "edit"

    def _within(self, path: str, above: str, change: Action, action: Action) -> Q:
        where = self.where(action if action in OF_THE_WHOLE else change, above)
        entity = entity_named(path)
        whole = entity_named(above).model._default_manager.filter(where, deleted_at__isnull=True)
        return Q(**{f"{entity.field(entity.part_of).name}__in": whole})

    def _clause(self, path: str, grant: Grant, action: Action) -> Q:
        entity = entity_named(path)
        if grant.scope == Scope.CONDITION:
            return compile_condition(from_json(grant.condition), entity, self.as_author)
        if not entity.owned:
            return Q() if entity.settings and grant.scope != Scope.NONE else NOTHING
        where = Q(owner_id=self.user.pk)
        # Before what is shared: of a whole team's records this is true of most, and costs less than to look into lists.
        teams: Iterable[int] = self.team_ids if grant.scope == Scope.TEAM else self.below_ids if grant.scope == Scope.BELOW else ()
        if teams:
            where |= Q(team_id__in=list(teams))
        if "co_workers" in entity.bound and action in {"see", "edit", "export", "bulk"}:
            where |= Q(co_workers__contains=[self.user.pk]) & SHARED["co_workers"]
        if "readers" in entity.bound and action in {"see", "export"}:
            where |= Q(readers__contains=[self.user.pk]) & SHARED["readers"]
        return where if grant.scope != Scope.NONE else NOTHING

    @cached_property
    def as_author(self) -> Any:
        """The user as the author of scope conditions: with every right, or a scope would need itself."""
        return _Author(self.user)


@dataclass(frozen=True)
class _Author:
    user: User

    @property
    def pk(self) -> int:
        return self.user.pk

    @property
    def locale(self) -> Any:
        return self.user.locale

    @property
    def team_id(self) -> int | None:
        return self.user.team_id

    @property
    def team_ids(self) -> tuple[int, ...]:
        return self.user.team_ids

    @property
    def rights(self) -> Rights:
        return Rights(self.user, everything=True)


# ——— remembered per epoch ———


def company() -> Company:
    """The company; a nameless one before set-up."""
    found: Company = remember("company", lambda: Company.objects.first() or Company(name=""))
    return found


def rolled_up() -> dict[tuple[str, str], tuple[str, str]]:
    """The entity and field (none for a count) on which each roll-up stands."""

    def make() -> dict[tuple[str, str], tuple[str, str]]:
        found: dict[tuple[str, str], tuple[str, str]] = {}
        for entity in entities():
            for one in entity.fields.values():
                related = entity.relation(one.rollup.over) if one.rollup else None
                if one.rollup and related:
                    found[entity.path, one.name] = (related.entity, one.rollup.field)
        return found

    sources: dict[tuple[str, str], tuple[str, str]] = remember("rolled up", make)
    return sources


def team_tree() -> dict[int, tuple[int, ...]]:
    """Every team with itself and all below it."""

    def make() -> dict[int, tuple[int, ...]]:
        parents = dict(Team.objects.values_list("pk", "parent_id"))
        below: dict[int, list[int]] = {key: [] for key in parents}
        for key in parents:
            at: int | None = key
            seen: set[int] = set()
            while at is not None and at not in seen:
                seen.add(at)
                below[at].append(key)
                at = parents.get(at)
        return {key: tuple(keys) for key, keys in below.items()}

    tree: dict[int, tuple[int, ...]] = remember("teams", make)
    return tree


def rights_of(user: User, key: ApiKey | None = None) -> Rights:
    """The user's rights, or the narrower ones of an API key's own role."""
    role = key.role_id if key else None
    made: tuple[Any, ...] = remember(("rights", user.pk, role), lambda: _made(user, role))
    everything, grants, levels, team_ids, below_ids, memo = made
    return Rights(user, everything, grants, levels, team_ids, below_ids, memo)


def _made(user: User, role: int | None) -> tuple[Any, ...]:
    roles = Role.objects.filter(pk__in=[role] if role else user.roles, deleted_at__isnull=True)
    names = dict(roles.values_list("pk", "name"))
    grants: dict[tuple[str, str], list[Grant]] = {}
    for one in Permission.objects.filter(role__in=names):
        grants.setdefault((one.entity, one.action), []).append(Grant(names[one.role_id], Scope(one.scope), one.condition))
    levels = _merged_levels(set(names))
    team_ids = tuple({key for key in [user.team_id, *user.also_in] if key is not None})
    tree = team_tree()
    below_ids = tuple({below for key in team_ids for below in tree.get(key, (key,))})
    return (
        user.is_superuser and user.is_active and role is None,
        grants if user.is_active else {},
        levels,
        team_ids,
        below_ids,
        {},
    )


def _merged_levels(roles: set[int]) -> dict[tuple[str, str], Level]:
    """The highest level of each field over the roles; a role that says nothing of a field allows it."""
    said: dict[tuple[str, str], dict[int, int]] = {}
    for one in FieldRight.objects.filter(role__in=roles):
        said.setdefault((one.entity, one.field), {})[one.role_id] = one.level
    merged = {name: Level(max(levels.values())) for name, levels in said.items() if set(levels) == roles}
    return {**merged, **_of_telling(merged)}


def _of_telling(levels: dict[tuple[str, str], Level]) -> dict[tuple[str, str], Level]:
    """The levels of fields from which another, hidden or masked, could be worked out: as low as that one's."""
    lowered: dict[tuple[str, str], Level] = {}
    if not any(level <= Level.MASKED for level in levels.values()):
        return lowered
    for entity in entities():
        for one in entity.fields_declared:
            own = levels.get((entity.path, one.name), Level.EDIT)
            told = [levels.get(told_by(entity, path), Level.EDIT) for path in one.told]
            low = min([own, *(level for level in told if level <= Level.MASKED)])
            if low < own:
                lowered[entity.path, one.name] = low
    return lowered


def told_by(entity: Entity, path: str) -> tuple[str, str]:
    """The entity and field that a path of `Field.tells` names. LookupError."""
    link, dot, name = path.rpartition(".")
    target = entity_named(entity.field(link).k.linked() or "") if dot else entity
    return target.path, target.field(name).name
