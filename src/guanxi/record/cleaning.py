"""Values before they are written: cleaned by their kinds, completed, and checked against what the writer may reach."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth import get_user_model
from django.utils.translation import gettext as _

from guanxi.entity.actors import Actor, Level
from guanxi.entity.entity import Entity
from guanxi.entity.field import Field
from guanxi.entity.registry import entity_named
from guanxi.record.memory import remember
from guanxi.record.owning import OWNERLESS
from guanxi.record.reach import reachable
from guanxi.record.refusals import Forbidden, Refused
from guanxi.record.saying import blank
from guanxi.record.together import together

Values = Mapping[str, Any]


@dataclass
class Cleaned:
    """Values by kind of place: columns, custom keys, and those set by a verb."""

    columns: dict[str, Any] = field(default_factory=dict)
    custom: dict[str, Any] = field(default_factory=dict)
    by_verb: list[tuple[Field, Any]] = field(default_factory=list)


def prepare(entity: Entity, values: Values, *, by: Actor) -> Any:
    """An unsaved record of checked values, with defaults; links are not yet checked. Refused."""
    errors: dict[str, str] = {}
    cleaned = clean(entity, values, by=by, errors=errors, creating=True)
    return assemble(entity, cleaned, by=by, errors=errors)


def prepare_many(entity: Entity, rows: Sequence[Values], *, by: Actor) -> list[Any]:
    """Unsaved records of checked values, side by side. Refused, with the position of the first bad row in `errors["#"]`."""
    errors: list[dict[str, str]] = [{} for _row in rows]
    cleaned = [clean(entity, values, by=by, errors=wrong, creating=True) for values, wrong in zip(rows, errors, strict=True)]
    records = []
    with together(entity, [one.columns for one in cleaned]):
        for position, (one, wrong) in enumerate(zip(cleaned, errors, strict=True)):
            try:
                records.append(assemble(entity, one, by=by, errors=wrong))
            except Refused as refusal:
                told = {**refusal.errors, "#": str(position)} if len(rows) > 1 else refusal.errors
                raise Refused(told, entity.fields) from None
    return records


def assemble(entity: Entity, cleaned: Cleaned, *, by: Actor, errors: dict[str, str]) -> Any:
    """An unsaved record of cleaned values, with defaults and what follows from them. Refused, with the errors found before too."""
    usual, defaults, required = _plan(entity)
    for one in defaults:
        kept = cleaned.custom if one.custom else cleaned.columns
        if one.name not in kept and one.name not in errors:
            start = one.starting(by)
            if start is not None:
                kept[one.name] = one.k.keep(start) if one.custom else start
    record = blank(entity.model)
    for name, value in cleaned.columns.items():
        record.__dict__[entity.fields[name].attribute] = value
    record.custom = {name: value for name, value in cleaned.custom.items() if not entity.fields[name].k.is_empty(value)}
    if entity.owned:
        if record.owner_id is None:
            record.__dict__[OWNERLESS] = "said" if "owner" in cleaned.columns else "left"
            if "owner" not in cleaned.columns and "owner" not in errors:
                record.owner_id = by.pk
        if record.team_id is None:
            record.team_id = team_of(record.owner_id)
    changed = usual.union(cleaned.columns, cleaned.custom)
    if entity.derive and not errors:
        entity.derive(record, changed)
    for one in required:
        if one.name not in errors and one.k.is_empty(one.of(record)):
            errors[one.name] = _("Fill this in.")
    if entity.check and not errors:
        errors.update(entity.check(record, changed, by))
    if errors:
        raise Refused(errors, entity.fields)
    return record


def _plan(entity: Entity) -> tuple[set[str], list[Field], list[Field]]:
    """The fields that start with what their columns start with, those that start with another value, and those that must have one."""

    def make() -> tuple[set[str], list[Field], list[Field]]:
        starting = [one for one in entity.fields.values() if one.default is not None]
        new = blank(entity.model).__dict__
        usual = {one.name for one in starting if not one.custom and not callable(one.default) and new.get(one.attribute) == one.default}
        return usual, [one for one in starting if one.name not in usual], [one for one in entity.fields.values() if one.required]

    return entity.once("plan", make)


def clean(entity: Entity, values: Values, *, by: Actor, errors: dict[str, str], creating: bool) -> Cleaned:
    """Values as the fields' kinds mean them; what is wrong goes to `errors`."""
    cleaned, locale = Cleaned(), by.locale
    for name, raw in values.items():
        one = entity.fields.get(name)
        if one is None:
            errors[name] = _unknown(entity, name)
            continue
        if one.read_only or not one.data:
            errors[name] = _("This is kept by the system.")
            continue
        if by.rights.level(entity.path, name) < Level.EDIT:
            errors[name] = _("You may not set this.")
            continue
        try:
            value = one.k.clean(raw, locale)
        except ValueError as refusal:
            errors[name] = str(refusal)
            continue
        if (value is None and not one.nullable) or (one.always and one.k.is_empty(value)):
            if not creating:
                errors[name] = _("Fill this in.")
            continue
        if one.custom:
            cleaned.custom[name] = one.k.keep(value)
        elif one.write is not None and not creating:
            cleaned.by_verb.append((one, value))
        else:
            cleaned.columns[name] = value
    return cleaned


def _unknown(entity: Entity, name: str) -> str:
    try:
        entity.field(name)
    except LookupError as unknown:
        return str(unknown)
    return ""


def check_links(entity: Entity, records: Sequence[Any], *, by: Actor, names: Iterable[str] | None = None) -> None:
    """Every linked record exists and may be seen by the actor. Refused."""
    wanted: dict[str, tuple[str, set[int]]] = {}
    for name in names if names is not None else entity.fields:
        one = entity.fields.get(name)
        target = one.k.linked() if one else None
        if one is None or target is None or one.read_only:
            continue
        keys: set[int] = set()
        for record in records:
            value = one.of(record)
            if value is not None:
                keys.update(value if isinstance(value, (list, tuple)) else (value,))
        if keys:
            wanted[name] = (target, keys)
    for name, (target, keys) in wanted.items():
        missing = keys - set(reachable(entity_named(target), "see", by).filter(pk__in=keys).values_list("pk", flat=True))
        if missing:
            words = _("There is no such record (%(key)s), or you may not see it.") % {"key": min(missing)}
            raise Refused({name: words}, entity.fields)


def check_reach(entity: Entity, records: Sequence[Any], action: Any, *, by: Actor) -> None:
    """What was written is within the actor's reach. Forbidden."""
    where = by.rights.where(action, entity.path)
    if not where or not records:
        return
    keys = [record.pk for record in records]
    if entity.model._default_manager.filter(where, pk__in=keys).count() < len(set(keys)):
        raise Forbidden(_("You may not make %(many)s that you could not reach afterwards.") % {"many": entity.noun.many})


def team_of(user: int | None) -> int | None:
    """The team a user's records belong to."""
    teams = remember("team of user", lambda: dict(get_user_model().objects.values_list("pk", "team_id")))
    return teams.get(user) if user is not None else None
