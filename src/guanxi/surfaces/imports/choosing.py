"""What callers say of an import, held against its file and its entity: each thing that cannot be is refused by its name.

The page offers only what there is; programs and the command line write what they like.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.utils.translation import gettext as _

from guanxi.base.words import similar
from guanxi.entity.actors import Actor
from guanxi.entity.entity import Entity
from guanxi.entity.kinds import Choice
from guanxi.entity.registry import entity_named
from guanxi.record.reach import visible
from guanxi.record.refusals import Refused
from guanxi.surfaces.imports.plan import LEFT_EMPTY, MISSING, ON_MATCH, UNREADABLE, Place, Wishes, recognising, targets_of
from guanxi.surfaces.imports.study import Study

LARGEST = 2**63 - 1
Said = Mapping[str, Any]


def placed(entity: Entity, study: Study, places: list[Place], said: Said, *, by: Actor) -> list[Place]:
    """The places with some columns going elsewhere: `{column: "field" or "field/part", or nothing to leave it out}`.

    A column is named as in the file, or by its number from 1. Refused, by `columns.` and the column.
    """
    columns = study.inspection.columns
    known = {one.place: (one.field, one.part) for one in targets_of(entity, by=by)}
    found, errors = list(places), {}
    for column, place in said.items():
        index = _column(columns, column)
        if index is None:
            errors[f"columns.{column}"] = _("There is no column “%(column)s”; there are %(columns)s.") % {
                "column": column,
                "columns": ", ".join(columns),
            }
        elif not place:
            found[index] = None
        elif place in known:
            found[index] = known[place]
        else:
            errors[f"columns.{column}"] = _nowhere(entity, str(place), known)
    if errors:
        raise Refused(errors)
    return found


def _column(columns: tuple[str, ...], said: str) -> int | None:
    if said in columns:
        return columns.index(said)
    number = int(said) if said.isascii() and said.isdigit() and len(said) < 6 else 0
    return number - 1 if 0 < number <= len(columns) else None


def _nowhere(entity: Entity, place: str, known: Collection[str]) -> str:
    """Why a column cannot go there: the field has no such part, there is none of that name, or it is not this person's to set."""
    name, slash, part = place.partition("/")
    if slash and name in entity.fields:
        parts = ", ".join(one.partition("/")[2] for one in known if one.startswith(f"{name}/"))
        if not parts:
            return _("%(field)s has no parts.") % {"field": name}
        return _("%(field)s has no part “%(part)s”; it has %(parts)s.") % {"field": name, "part": part, "parts": parts}
    if name in entity.fields:
        return _("A file may not set this.")
    try:
        entity.field(name)
    except LookupError as unknown:
        return str(unknown)
    return _("A file may not set this.")


def wished(entity: Entity, places: list[Place], wishes: Wishes, said: Said, *, by: Actor) -> Wishes:
    """The wishes with some said anew, by the names of `Wishes`. Refused, by name: `on_match`, `names.account.Globex`."""
    errors: dict[str, str] = {}
    kept = wishes.to_json()
    for name, value in said.items():
        if name == "match":
            kept["match"] = _match(entity, places, value, errors)
        elif name in _CHOICES:
            kept[name] = _one_of(_CHOICES[name], value, name, errors)
        elif name == "missing_by_field":
            kept[name] = {
                field: _one_of(MISSING, wish, f"{name}.{field}", errors) for field, wish in _links(entity, name, value, errors).items()
            }
        elif name == "names":
            kept[name] = {field: _names(entity, field, told, errors, by) for field, told in _links(entity, name, value, errors).items()}
        elif name == "values":
            kept[name] = _values(entity, value, errors, by)
        elif name == "day_first":
            kept[name] = value
            if value is not None and not isinstance(value, bool):
                errors[name] = _("Send true or false.")
        else:
            errors[name] = _("There is no such value.")
    if errors:
        raise Refused(errors)
    return Wishes.from_json(kept)


_CHOICES = {"on_match": ON_MATCH, "missing": MISSING, "unreadable": UNREADABLE}


def _one_of(known: tuple[str, ...], value: Any, path: str, errors: dict[str, str]) -> Any:
    if value not in known:
        errors[path] = _("Choose one of these.") + " " + ", ".join(known)
    return value


def _match(entity: Entity, places: list[Place], value: Any, errors: dict[str, str]) -> list[str]:
    possible = recognising(entity, places)
    if not isinstance(value, (list, tuple)):
        errors["match"] = _("Send a list.")
    elif value and not possible:
        errors["match"] = _("No column of this file tells records apart.")
    elif any(name not in possible for name in value):
        errors["match"] = _("Records of this file can be recognised by %(names)s.") % {"names": ", ".join(possible)}
    else:
        return list(value)
    return []


def _links(entity: Entity, path: str, value: Any, errors: dict[str, str]) -> dict[str, Any]:
    """What is said of fields that lead to other records."""
    if not isinstance(value, dict):
        errors[path] = _("Send an object.")
        return {}
    links = [one.name for one in entity.fields.values() if one.k.linked()]
    for name in value:
        if name not in links:
            errors[f"{path}.{name}"] = _("No such link.") + _near(name, links)
    return {name: told for name, told in value.items() if name in links}


def _near(name: str, known: list[str]) -> str:
    near = similar(name[:60], known)
    return " " + _("Did you mean “%(near)s”?") % {"near": near[0]} if near else ""


def _names(entity: Entity, field: str, told: Any, errors: dict[str, str], by: Actor) -> dict[str, int]:
    """The records that names in the file mean: `{name: key, or nothing}`."""
    if not isinstance(told, dict):
        errors[f"names.{field}"] = _("Send an object.")
        return {}
    found: dict[str, int] = {}
    for name, key in told.items():
        if key is None:
            found[name] = LEFT_EMPTY
        elif isinstance(key, bool) or not isinstance(key, int) or not 0 < key <= LARGEST:
            errors[f"names.{field}.{name}"] = _("Send the key of a record.")
        else:
            found[name] = key
    target = entity_named(entity.fields[field].k.linked() or "")
    seen = set(visible(target, to=by).filter(pk__in=[key for key in found.values() if key]).values_list("pk", flat=True))
    for name, key in found.items():
        if key and key not in seen:
            errors[f"names.{field}.{name}"] = _("There is no such record, or you may not see it.")
    return found


def _values(entity: Entity, value: Any, errors: dict[str, str], by: Actor) -> dict[str, dict[str, str]]:
    """The choices that texts in the file mean: `{field: {text: choice, or nothing}}`."""
    if not isinstance(value, dict):
        errors["values"] = _("Send an object.")
        return {}
    found: dict[str, dict[str, str]] = {}
    choices = [one.name for one in entity.fields.values() if isinstance(one.k, Choice)]
    for field, told in value.items():
        if field not in choices:
            errors[f"values.{field}"] = _("This field has no choices.") + _near(field, choices)
        elif not isinstance(told, dict):
            errors[f"values.{field}"] = _("Send an object.")
        else:
            for text, choice in told.items():
                try:
                    found.setdefault(field, {})[text] = entity.fields[field].k.clean(choice, by.locale) or ""
                except ValueError as wrong:
                    errors[f"values.{field}.{text}"] = str(wrong)
    return found
