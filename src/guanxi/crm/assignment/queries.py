"""Which rules and territories there are, whom they name and who is there; few, and remembered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Q

from guanxi.access.absence import absent
from guanxi.access.models import User
from guanxi.access.rights import team_tree
from guanxi.base.divisions import Division, divisions
from guanxi.base.words import fold
from guanxi.crm.assignment.model import AssignmentRule, Territory
from guanxi.entity.entity import Entity
from guanxi.entity.registry import entity_named
from guanxi.record.memory import remember


def rules() -> dict[int, AssignmentRule]:
    """Every living rule by key, in order."""
    living = AssignmentRule.objects.filter(deleted_at__isnull=True).order_by("position", "id")
    return remember("assignment rules", lambda: {one.pk: one for one in living})


def rules_for(path: str) -> list[AssignmentRule]:
    """The rules in use for an entity, in order."""
    return [one for one in rules().values() if one.of == path and one.active]


def territories() -> dict[int, Territory]:
    """Every living territory by key, in order."""
    living = Territory.objects.filter(deleted_at__isnull=True).order_by("position", "id")
    return remember("territories", lambda: {one.pk: one for one in living})


def named(people: Sequence[int], teams: Sequence[int]) -> list[int]:
    """The people a rule names who may sign in, in its order: persons first, then those of its teams."""
    team_of = _working()
    below = {key for team in teams for key in team_tree().get(team, (team,))}
    several = [*people, *(person for person, team in team_of.items() if team in below)]
    return [person for person in dict.fromkeys(several) if person in team_of]


def people_of(rule: AssignmentRule) -> list[int]:
    """Among whom a rule chooses: those it names; where it names nobody, everybody who works here, administrators aside."""
    if rule.people or rule.teams:
        return named(rule.people, rule.teams)
    return remember("everybody", lambda: list(_everybody().values_list("pk", flat=True)))


def _everybody() -> Any:
    return User.objects.filter(is_active=True, deleted_at__isnull=True, is_superuser=False).order_by("pk")


def able(people: Sequence[int], path: str) -> list[int]:
    """Those of these people to whom a record of the entity can be given: who may see such records at all."""
    return [person for person in people if _may_have(person, path)]


def skilled(people: Sequence[int], rule: AssignmentRule) -> list[int]:
    """Those of these people who have all the skills that the rule asks for."""
    asked = {fold(word) for word in rule.skills}
    return [person for person in people if asked <= _skills().get(person, frozenset())] if asked else list(people)


def _skills() -> dict[int, frozenset[str]]:
    """The skills of those who have some."""

    def read() -> dict[int, frozenset[str]]:
        rows = User.objects.exclude(skills=[]).values_list("pk", "skills")
        return {key: frozenset(map(fold, words)) for key, words in rows}

    return remember("skills", read)


def _may_have(person: int, path: str) -> bool:
    def read() -> bool:
        found = User.objects.filter(pk=person).first()
        return found is not None and bool(found.rights.may("see", path))

    return remember(("may be given", path, person), read)


def _working() -> dict[int, int | None]:
    """The team of everybody who may sign in, by key."""

    def read() -> dict[int, int | None]:
        living = User.objects.filter(is_active=True, deleted_at__isnull=True).order_by("pk")
        return dict(living.values_list("pk", "team_id"))

    return remember("working people", read)


def away() -> frozenset[int]:
    """Who is away now."""
    return absent()


def weights_of(rule: AssignmentRule) -> dict[int, int]:
    """The weight of each person the rule names; 1 for those of whom it says nothing."""
    return dict(zip(rule.people, numbers_in(rule.weights) or (), strict=False))


def numbers_in(text: str) -> list[int] | None:
    """Whole numbers from 1 to 1000 with commas between them; None when that is not what a text is."""
    parts = [part.strip() for part in text.replace("，", ",").split(",") if part.strip()]
    if any(not (part.isascii() and part.isdigit() and len(part) < 5 and 0 < int(part) <= 1000) for part in parts):
        return None
    return [int(part) for part in parts]


# ——— territories ———


def place_of(entity: Entity) -> str | None:
    """Where the region, industry and size of an entity's records are: "" on the record, `account__` on its account; None nowhere."""
    if "address" in entity.bound or "industry" in entity.bound:
        return ""
    account = entity.bound.get("account")
    return "account__" if account is not None and account.k.linked() == "accounts" else None


def within(territory: Territory, entity: Entity) -> Q | None:
    """The records that lie in a territory; None where the entity knows nothing of what it asks for."""
    place = place_of(entity)
    if place is None:
        return None
    known = entity.bound if place == "" else entity_named("accounts").bound
    where = Q()
    for name, clause in (
        ("address", _in_regions(territory.regions, place)),
        ("industry", Q(**{f"{place}industry__in": territory.industries}) if territory.industries else Q()),
        ("tags", Q(**{f"{place}tags__overlap": territory.tags}) if territory.tags else Q()),
        ("employees", _of_size(territory, place)),
    ):
        if clause and name not in known:
            return None
        where &= clause
    return where


def _of_size(territory: Territory, place: str) -> Q:
    where = Q()
    if territory.employees_from is not None:
        where &= Q(**{f"{place}employees__gte": territory.employees_from})
    if territory.employees_to is not None:
        where &= Q(**{f"{place}employees__lte": territory.employees_to})
    return where


def _in_regions(regions: Sequence[str], place: str) -> Q:
    where = Q()
    for region in regions:
        where |= _in_region(region.strip(), f"{place}address__")
    return where


def _in_region(region: str, at: str) -> Q:
    if region.isascii() and region.isdigit():
        parts = parts_of_code(region)
        return Q(**{f"{at}{part}__in": names for part, names in parts.items()}) if parts else Q(pk__in=[])
    if len(region) == 2 and region.isascii() and region.isupper():
        return Q(**{f"{at}country": region})
    where = Q()
    for part in ("province", "city", "district"):
        where |= Q(**{f"{at}{part}": region})
    return where


def parts_of_code(code: str) -> dict[str, list[str]]:
    """The parts of an address that a division code (GB/T 2260), or the beginning of one, asks for; nothing when it is none."""
    while code.endswith("00"):
        code = code[:-2]
    for province in divisions().provinces:
        if province.code == code:
            return {"province": _names(province)}
    for at in divisions().cities:
        if at.city.code == code:
            return {"province": _names(at.province), "city": _names(at.city)}
        for district in at.districts:
            if district.code == code:
                return {"city": _names(at.city), "district": _names(district)}
    return {}


def _names(one: Division) -> list[str]:
    return list(dict.fromkeys((one.name, one.short, one.title("en"))))


def depth_of(territory: Territory) -> int:
    """How many steps below the top."""
    known, at, steps = territories(), territory, 0
    while at.parent_id is not None and at.parent_id in known and steps < 50:
        at, steps = known[at.parent_id], steps + 1
    return steps


def asks(territory: Territory) -> int:
    """How much a territory asks for: the more, the more it fits what it fits."""
    sized = territory.employees_from is not None or territory.employees_to is not None
    return sum(map(bool, (territory.regions, territory.industries, territory.tags, sized)))
