"""What the options of `guanxi import` wish: where columns go, how rows are matched, what names and texts mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from guanxi.entity.actors import Actor
from guanxi.entity.entity import Entity
from guanxi.entity.registry import entity_named
from guanxi.record.reach import visible
from guanxi.record.refusals import Refused
from guanxi.surfaces.imports import choosing
from guanxi.surfaces.imports.plan import Place, first_wishes
from guanxi.surfaces.imports.study import Study
from guanxi.web.command import RefusedError


def mapped(entity: Entity, found: Study, places: list[Place], maps: Sequence[str], *, by: Actor) -> list[Place]:
    """Where columns go: as proposed, and as asked for. Refused."""
    said = dict(one.partition("=")[::2] for one in maps)
    try:
        return choosing.placed(entity, found, places, said, by=by)
    except Refused as refused:
        path, message = next(iter(refused.errors.items()))
        column = path.partition(".")[2]
        raise RefusedError(f"--map {column}={said[column]}: {message}") from None


def wished(entity: Entity, places: list[Place], found: Study, options: Mapping[str, Any], *, by: Actor) -> dict[str, Any]:
    """How rows are matched and what is done with them. Refused."""
    said = {name: options[name] for name in ("on_match", "unreadable", "day_first")}
    said |= {"names": decided(entity, options["names"], by=by), "values": meant(entity, options["values"])}
    if options["missing"]:
        said |= {"missing": options["missing"], "missing_by_field": {}}
    if options["match"] is not None:
        said["match"] = [name.strip() for name in options["match"].split(",") if name.strip() and name.strip() != "none"]
    first = first_wishes(entity, places, found.inspection.samples, by=by)
    try:
        return choosing.wished(entity, places, first, said, by=by).to_json()
    except Refused as refused:
        raise RefusedError(_told(*next(iter(refused.errors.items())), options)) from None


def _told(path: str, message: str, options: Mapping[str, Any]) -> str:
    """A refusal by the option that it is about."""
    name, _dot, rest = path.partition(".")
    if name == "match":
        return f"--match {options['match']}: {message}"
    return f"--{name.removesuffix('s')} {rest.replace('.', ':', 1)}: {message}"


def decided(entity: Entity, names: Sequence[str], *, by: Actor) -> dict[str, dict[str, int]]:
    """What names in the file mean. Refused."""
    found: dict[str, dict[str, int]] = {}
    for one in names:
        field, name, known = _parts(one, "--name", "FIELD:NAME=KNOWN")
        target = entity.fields[field].k.linked() if field in entity.fields else None
        if target is None:
            continue  # meant for another of the files
        other = entity_named(target)
        key = visible(other, to=by).filter(**{other.title: known}).order_by("pk").values_list("pk", flat=True).first()
        if key is None:
            raise RefusedError(f"--name {one}: no {other.noun.one} is called “{known}”")
        found.setdefault(field, {})[name] = key
    return found


def meant(entity: Entity, values: Sequence[str]) -> dict[str, dict[str, str]]:
    """Which choices texts in the file mean. Refused."""
    found: dict[str, dict[str, str]] = {}
    for one in values:
        field, text, choice = _parts(one, "--value", "FIELD:TEXT=CHOICE")
        if field in entity.fields:  # otherwise meant for another of the files
            found.setdefault(field, {})[text] = choice
    return found


def _parts(one: str, option: str, form: str) -> tuple[str, str, str]:
    field, _colon, rest = one.partition(":")
    name, equals, known = rest.partition("=")
    if not equals:
        raise RefusedError(f"{option} {one}: write {form}")
    return field, name, known
