"""What the records behind links are called, as far as the reader may see them: one query for each entity linked to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

from django.db.models import CharField, Value
from django.db.models.functions import Cast

from guanxi.access.models import Team, User
from guanxi.entity.actors import Actor, Level, Toned
from guanxi.entity.entity import Entity
from guanxi.entity.field import Field
from guanxi.entity.registry import entity_named
from guanxi.record.memory import remember
from guanxi.record.reach import visible

Titles = dict[tuple[str, int], str]
TONE = "tone"


def people() -> dict[int, str]:
    """Every user's name."""
    found: dict[int, str] = remember("people", lambda: {user.pk: str(user) for user in User.objects.all()})
    return found


def teams() -> dict[int, str]:
    """Every team's name."""
    found: dict[int, str] = remember("team names", lambda: dict(Team.objects.values_list("pk", "name")))
    return found


def titles_for(records: Iterable[Any], fields: Sequence[Field], *, to: Actor) -> Titles:
    """Titles of all records that these fields of these records lead to."""
    wanted: dict[str, set[int]] = {}
    links = [(field, field.k.linked()) for field in fields if field.k.linked()]
    rows = list(records) if links else []
    for field, target in links:
        keys = wanted.setdefault(target or "", set())
        for record in rows:
            value = field.of(record)
            keys.update(value if isinstance(value, (tuple, list)) else [value] if value is not None else [])
    return titles(wanted, to=to)


def titles(wanted: dict[str, set[int]], *, to: Actor) -> Titles:
    """Titles by (entity, key) of those the reader may see; one query whatever they belong to."""
    found: Titles = {}
    asked: list[Any] = []
    for path, keys in wanted.items():
        if not keys:
            continue
        if path in {"users", "teams"}:
            names = people() if path == "users" else teams()
            found.update({(path, key): names[key] for key in keys if key in names})
            continue
        entity = entity_named(path)
        if entity.settings:
            names = remember(("titles", path), partial(_of_settings, entity))
            found.update({(path, key): names[key] for key in keys if key in names})
            continue
        asked.append(_of_visible(entity, keys, to))
    if asked:
        for path, key, title in asked[0].union(*asked[1:], all=True) if len(asked) > 1 else asked[0]:
            found[path, key] = title or f"#{key}"
    return found


def _of_settings(entity: Entity) -> dict[int, str]:
    """The titles of all records of an entity that administrators set up; with their tone where they have one."""
    rows = entity.model._default_manager.all()
    if TONE not in entity.bound:
        return {key: str(title) for key, title in rows.values_list("pk", entity.title)}
    return {key: Toned(str(title), tone) for key, title, tone in rows.values_list("pk", entity.title, TONE)}


def _of_visible(entity: Entity, keys: set[int], to: Actor) -> Any:
    """(path, key, title) of those of these records that the reader may see."""
    rows = visible(entity, to=to).filter(pk__in=keys).order_by()
    # Who may not read the field it is called by is told its number.
    named = to.rights.level(entity.path, entity.title) > Level.MASKED
    path, title = Value(entity.path, CharField()), Cast(entity.title, CharField()) if named else Value("", CharField())
    return rows.annotate(asked_path=path, asked_title=title).values_list("asked_path", "pk", "asked_title")
