"""What the options of `guanxi import` wish: where columns go, how rows are matched, what names and texts mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from guanxi.entity.actors import SYSTEM, Actor
from guanxi.entity.entity import Entity
from guanxi.entity.registry import entity_named
from guanxi.record.reach import visible
from guanxi.surfaces.imports.plan import Place, first_wishes, parts_of, recognising
from guanxi.surfaces.imports.study import Study
from guanxi.web.command import RefusedError


def mapped(entity: Entity, found: Study, places: list[Place], maps: Sequence[str]) -> list[Place]:
    """Where columns go: as proposed, and as asked for. Refused."""
    columns = found.inspection.columns
    for one in maps:
        column, equals, field = one.partition("=")
        if not equals or column not in columns:
            raise RefusedError(f"--map {one}: there is no column “{column}”; there are {', '.join(columns)}")
        name, _slash, part = field.partition("/")
        if name and name not in entity.fields:
            try:
                entity.field(name)
            except LookupError as unknown:
                raise RefusedError(f"--map {one}: {unknown}") from None
        if part and part not in parts_of(entity.fields[name]):
            known = ", ".join(str(one) for one in parts_of(entity.fields[name]) if one)
            raise RefusedError(f"--map {one}: {name} has no part “{part}”" + (f"; it has {known}" if known else ""))
        places[columns.index(column)] = (name, part or None) if name else None
    return places


def wished(entity: Entity, places: list[Place], found: Study, options: Mapping[str, Any], *, by: Actor) -> dict[str, Any]:
    """How rows are matched and what is done with them. Refused."""
    wishes = first_wishes(entity, places, found.inspection.samples, by=by).to_json()
    wishes |= {name: options[name] for name in ("on_match", "unreadable", "day_first")}
    wishes |= {"names": decided(entity, options["names"]), "values": meant(entity, options["values"])}
    if options["missing"]:
        wishes |= {"missing": options["missing"], "missing_by_field": {}}
    if options["match"] is not None:
        chosen = [name.strip() for name in options["match"].split(",") if name.strip() and name.strip() != "none"]
        possible = recognising(entity, places)
        for name in chosen:
            if name not in possible:
                raise RefusedError(f"--match {name}: records of this file can be recognised by {', '.join(possible) or 'nothing'}")
        wishes["match"] = chosen
    return wishes


def decided(entity: Entity, names: Sequence[str]) -> dict[str, dict[str, int]]:
    """What names in the file mean. Refused."""
    found: dict[str, dict[str, int]] = {}
    for one in names:
        field, _colon, rest = one.partition(":")
        name, equals, known = rest.partition("=")
        if not equals:
            raise RefusedError(f"--name {one}: write FIELD:NAME=KNOWN")
        target = entity.fields[field].k.linked() if field in entity.fields else None
        if target is None:
            continue  # meant for another of the files
        other = entity_named(target)
        key = visible(other, to=SYSTEM).filter(**{other.title: known}).order_by("pk").values_list("pk", flat=True).first()
        if key is None:
            raise RefusedError(f"--name {one}: no {other.noun.one} is called “{known}”")
        found.setdefault(field, {})[name] = key
    return found


def meant(entity: Entity, values: Sequence[str]) -> dict[str, dict[str, str]]:
    """Which choices texts in the file mean. Refused."""
    found: dict[str, dict[str, str]] = {}
    for one in values:
        field, _colon, rest = one.partition(":")
        text, equals, choice = rest.partition("=")
        if not equals:
            raise RefusedError(f"--value {one}: write FIELD:TEXT=CHOICE")
        if field not in entity.fields:
            continue  # meant for another of the files
        try:
            found.setdefault(field, {})[text] = entity.fields[field].k.clean(choice, SYSTEM.locale)
        except ValueError as wrong:
            raise RefusedError(f"--value {one}: {wrong}") from None
    return found
