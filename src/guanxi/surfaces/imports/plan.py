"""From a file's columns to an entity's fields: the places a column can go, what is proposed, what the person wishes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from typing import Any

from django.utils import translation

from guanxi.access.sight import writable
from guanxi.entity.actors import Actor
from guanxi.entity.entity import Entity
from guanxi.entity.field import Field
from guanxi.entity.kinds import Address, Labelled, LongText
from guanxi.entity.registry import entity_named
from guanxi.surfaces.exports.heads import OWN_KEY, OWN_NUMBER, head_of
from guanxi.surfaces.imports.mapping import Proposal, Target, propose
from guanxi.surfaces.imports.reading import TableInspection
from guanxi.surfaces.imports.vocabulary import normalised

ABOVE = "above"
"""The part of a link for the record its record is part of: a team's parent team."""
KEPT = ("created_at", "created_by")
"""When and by whom a record was made where it comes from; administrators may bring it along."""
NOTES = ("description", "notes", "body")
_KEY = re.compile(r"[0-9A-Za-z_\-;,]{12,}")
ON_MATCH = ("update", "skip", "create", "reject")
MISSING = ("near", "create", "empty", "reject")
UNREADABLE = ("reject", "note", "empty")
LEFT_EMPTY = 0
"""In the place of a record's key: rows with this name come in without the link."""


@dataclass(frozen=True)
class Wishes:
    """How rows are matched and what is done with them."""

    match: tuple[str, ...] = ()
    """Fields whose values recognise a record that is there already."""
    on_match: str = "update"
    """`update`, `skip`, `create` or `reject`."""
    missing: str = "reject"
    """What to do with a link's name that is not found: `create` it, leave it `empty`, `reject` the row; `near` creates it
    unless a known name is much like it, and then rejects the row with the proposal."""
    missing_by_field: dict[str, str] = field(default_factory=dict)
    names: dict[str, dict[str, int]] = field(default_factory=dict)
    """What the person decided: {field: {name in the file: key of the record, or LEFT_EMPTY}}."""
    values: dict[str, dict[str, str]] = field(default_factory=dict)
    """The same for choices: {field: {text in the file: the choice}}."""
    unreadable: str = "reject"
    """What to do with a value that cannot be read: `reject` the row, leave the field `empty`, or do so and keep the text as a `note`."""
    title_from: tuple[int, ...] = ()
    """Columns from which a record's title is made when the file has none."""
    day_first: bool | None = None
    """Whether 05/11 is 5 November; None where the file says it itself, or the person's own habit decides."""

    def to_json(self) -> dict[str, Any]:
        """As kept with the import."""
        return asdict(self)

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> Wishes:
        """Back from `to_json`."""
        known: dict[str, Any] = {name: value for name, value in kept.items() if name in cls.__dataclass_fields__}
        for name in ("match", "title_from"):
            known[name] = tuple(known.get(name, ()))
        return cls(**known)

    def missing_for(self, name: str) -> str:
        """What to do with a name not found in this field."""
        return self.missing_by_field.get(name, self.missing)


Place = tuple[str, str | None] | None
"""A field and its part; None for a column left out."""


def places_from(kept: Sequence[Any]) -> list[Place]:
    """A mapping back from JSON."""
    return [(place[0], place[1]) if place else None for place in kept]


def targets_of(entity: Entity, *, by: Actor) -> list[Target]:
    """Every place a column can go, as far as this actor may write there."""
    found: list[Target] = []
    if OWN_KEY in entity.bound:
        labels = _in_both(lambda: str(OWN_NUMBER))
        found.append(Target(entity.path, OWN_KEY, labels[0], tuple(labels[1:]), "whole number"))
    for one in writable(entity, entity.data_fields, by=by):
        for part in parts_of(one):
            labels = _labels(entity, one, part)
            found.append(Target(entity.path, one.name, labels[0], tuple(labels[1:]), one.k.name, bool(one.required), part))
    for name in KEPT if by.rights.everything else ():
        if name in entity.bound:
            one = entity.bound[name]
            labels = _labels(entity, one, None)
            found.append(Target(entity.path, name, labels[0], tuple(labels[1:]), one.k.name))
    return found


def parts_of(one: Field) -> list[str | None]:
    """None for the whole value, and the pieces that may come in columns of their own."""
    if isinstance(one.k, Address):
        return [*one.k.parts, "text"]
    if isinstance(one.k, Labelled):
        return [None, *one.k.labels]
    target = one.k.linked()
    if target and not one.k.listed and "parent" in entity_named(target).fields:
        return [None, ABOVE]
    return [None]


def _labels(entity: Entity, one: Field, part: str | None) -> list[str]:
    """What the place is called in both languages, and by others."""
    also = list(one.also)
    if part == ABOVE:
        parent = entity_named(one.k.linked() or "").field("parent")
        return [f"{one.label} · {parent.label}", *parent.also]

    def named() -> str:
        if isinstance(one.k, Address):
            return str(one.k.labels.get(part or "", part)) if part != "text" else str(one.label)
        return f"{one.k.labels[part]} {one.label}" if part and isinstance(one.k, Labelled) else head_of(entity, one)

    return list(dict.fromkeys([*_in_both(named), *also]))


def _in_both(named: Any) -> list[str]:
    """A name in English and Chinese, the one in force first."""
    here = translation.get_language() or "en"
    found = {}
    for language in ("en", "zh-hans"):
        with translation.override(language):
            found[language] = named()
    order = ("zh-hans", "en") if here.startswith("zh") else ("en", "zh-hans")
    return list(dict.fromkeys(found[language] for language in order))


def proposed(entity: Entity, inspection: TableInspection, *, by: Actor) -> list[Proposal]:
    """Where each column probably goes. A column called like a field that is not this person's to set goes nowhere else."""
    targets = targets_of(entity, by=by)
    withheld = _withheld(entity, targets)
    free = [index for index, column in enumerate(inspection.columns) if normalised(column) not in withheld]
    columns = [inspection.columns[index] for index in free]
    found = propose(columns, [[row[index] for index in free] for row in inspection.samples], targets)
    placed = {free[one.index]: replace(one, index=free[one.index]) for one in found}
    return [placed.get(index) or Proposal(index, column, None, 0.0, "not settable") for index, column in enumerate(inspection.columns)]


def _withheld(entity: Entity, targets: Sequence[Target]) -> set[str]:
    """What fields are called that nobody, or not this person, may set."""
    settable = {one.field for one in targets}
    taken = {normalised(label) for one in targets for label in (one.label, *one.labels)}
    named = {
        normalised(label) for one in entity.data_fields if one.name not in settable for label in _in_both(partial(head_of, entity, one))
    }
    return named - taken


def places_of(proposals: Sequence[Proposal]) -> list[Place]:
    """The proposals as a mapping."""
    return [(one.target.field, one.target.part) if one.target else None for one in proposals]


def recognising(entity: Entity, places: Sequence[Place]) -> list[str]:
    """The mapped fields by which a record can be recognised, the surest first."""
    mapped = {place[0] for place in places if place}
    usable = [one.name for one in entity.fields.values() if one.identity or one.name in {entity.title, "code", "username"}]
    return [name for name in (OWN_KEY, "external_id", *usable) if name in mapped]


def note_field(entity: Entity) -> Field | None:
    """The long text that takes what has no other place."""
    return next((entity.bound[name] for name in NOTES if name in entity.bound and isinstance(entity.bound[name].k, LongText)), None)


def first_wishes(entity: Entity, places: Sequence[Place], samples: Sequence[Sequence[Any]] = (), *, by: Actor) -> Wishes:
    """What a person probably wants: recognise by what identifies, make a title from links when there is none."""
    mapped = {place[0] for place in places if place}
    usable = recognising(entity, places)
    match = [name for name in usable if name in {OWN_KEY, "external_id"} or entity.fields[name].identity]
    if OWN_KEY in match:
        match = [OWN_KEY]
    elif entity.settings and not match:
        match = [entity.title] if entity.title in mapped else []
    title_from: list[int] = []
    if entity.title not in mapped and entity.fields[entity.title].required and OWN_KEY not in mapped and not _derives_title(entity, mapped):
        links = [index for index, place in enumerate(places) if place and place[0] in entity.fields and _may_name(entity, place)]
        title_from = links[:2] or [index for index, place in enumerate(places) if place][:1]
    return Wishes(
        match=tuple(match), title_from=tuple(title_from), missing="near", missing_by_field=_without_names(entity, places, samples, by)
    )


def _without_names(entity: Entity, places: Sequence[Place], samples: Sequence[Sequence[Any]], by: Actor) -> dict[str, str]:
    """The links that are left empty where they are not known: keys of another system name nobody, and not everybody may add users."""
    found = {}
    for index, place in enumerate(places):
        target = entity.fields[place[0]].k.linked() if place and place[0] in entity.fields and place[0] not in KEPT else None
        if place is None or target is None:
            continue
        texts = [str(row[index]).strip() for row in samples if index < len(row) and str(row[index] or "").strip()]
        if (texts and not any(map(names_something, texts))) or (target == "users" and not by.rights.may("create", "users")):
            found[place[0]] = "empty"
    return found


def names_something(text: str) -> bool:
    """Whether a text can be what people call something: words, not a key such as 8001;8002 or 005000000000001AAA."""
    letters = sum(letter.isalpha() for letter in text)
    return letters > 0 and not (_KEY.fullmatch(text) and any(letter.isdigit() for letter in text))


def _derives_title(entity: Entity, mapped: set[str]) -> bool:
    """People are called by their parts."""
    return "given" in entity.fields and bool({"given", "family"} & mapped)


def _may_name(entity: Entity, place: Place) -> bool:
    assert place is not None
    one = entity.fields[place[0]]
    target = one.k.linked()
    return target is not None and target not in {"users", "teams"} and one.write is None and place[1] is None
