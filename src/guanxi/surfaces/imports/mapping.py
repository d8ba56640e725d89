"""Which field each column of a table means: proposed from its name and its values, for a person to correct.

Fields are given as plain descriptions (`Target`); nothing here knows a model. Reading files does not live here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from guanxi.surfaces.exports.heads import OWN_KEY
from guanxi.surfaces.imports.looks import ColumnFormat, column_format, is_number, share
from guanxi.surfaces.imports.names import Match, match_names
from guanxi.surfaces.imports.vocabulary import (
    ADDRESSES,
    ANY,
    Meaning,
    Sense,
    entities,
    is_known,
    is_not_kept,
    named_entity,
    normalised,
    senses,
    split_entity,
    unnumbered,
)

__all__ = [
    "REASONS",
    "ColumnFormat",
    "Match",
    "Proposal",
    "Target",
    "column_format",
    "guess_entity",
    "match_names",
    "propose",
]

LISTS = frozenset({"phones", "e-mails", "tags", "links"})
"""Kinds whose field takes any number of columns."""

LOOKS_OF_KINDS = {
    "e-mail": "email",
    "e-mails": "email",
    "url": "url",
    "phone": "phone",
    "phones": "phone",
    "date": "date",
    "moment": "date",
    "number": "number",
    "whole number": "number",
    "money": "number",
    "percent": "number",
    "year": "number",
    "duration": "duration",
}
"""What the values of a kind look like; kinds of free text and of choice look like anything."""

REASONS: dict[str, str | Promise] = {
    "same label": _("Same name as the field"),
    "vendor name": _("Name used by other systems"),
    "part of name": _("Name without what it is about"),
    "looks like email": _("The values look like e-mail addresses"),
    "looks like phone": _("The values look like phone numbers"),
    "looks like url": _("The values look like web addresses"),
    "not settable": _("Kept by the system, or not yours to set"),
    "not kept": _("Bookkeeping of the other system, left out"),
    "in parts": _("Already given by its parts"),
    "taken": _("Another column fits its field better"),
    "about another": _("About another kind of record"),
    "no field": _("There is no field for it"),
    "unknown": _("The name is not known"),
}
"""Why a column was given its field, or none, as a person reads it."""


@dataclass(frozen=True, slots=True)
class Target:
    """A field, or a part of one, that a column can be brought into."""

    entity: str
    field: str
    label: str
    labels: tuple[str, ...] = ()
    """Its label in the other languages, and other names for it."""
    kind: str = "text"
    required: bool = False
    part: str | None = None
    """A piece of a composite field: `city` of an address, `mobile` of phones."""

    @property
    def place(self) -> str:
        """The field, and the part if it is one, as the vocabulary writes it."""
        return f"{self.field}/{self.part}" if self.part else self.field

    @property
    def many(self) -> bool:
        """Whether several columns may go into it."""
        return self.kind in LISTS


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a column is taken for."""

    index: int
    column: str
    target: Target | None
    confidence: float
    reason: str
    """A key of REASONS."""

    @property
    def why(self) -> str:
        """The reason in the reader's language."""
        return str(REASONS[self.reason])


@dataclass(frozen=True, slots=True)
class _Candidate:
    confidence: float
    index: int
    target: Target
    reason: str
    meaning: Meaning | None = None


@dataclass(slots=True)
class _Fields:
    """The targets, by what they are called and where they stand."""

    targets: Sequence[Target]
    entities: list[str] = field(default_factory=list)
    by_label: dict[str, list[tuple[Target, float]]] = field(default_factory=dict)
    by_place: dict[tuple[str, str], Target] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.entities = list(dict.fromkeys(target.entity for target in self.targets))
        for target in self.targets:
            self.by_place.setdefault((target.entity, target.place), target)
            called = (target.label, *target.labels, *([] if target.field == OWN_KEY else [target.field.replace("_", " ")]))
            for order, label in enumerate(called):
                worth = 1.0 if order == 0 else 0.99
                known = self.by_label.setdefault(normalised(label), [])
                # A part named like its whole (field `address`, part `city`) is not meant by the whole's name.
                if order <= len(target.labels) or target.part is None:
                    known.append((target, worth))


def propose(columns: Sequence[str], samples: Sequence[Sequence[object]], targets: Sequence[Target]) -> list[Proposal]:
    """A field, or none, for every column; each target is used once unless it is a list.

    `samples` are rows of values, as many as there are to look at.
    """
    fields = _Fields(targets)
    values = [_column(samples, index) for index in range(len(columns))]
    names = [normalised(name) for name in columns]
    found: list[_Candidate] = []
    for index, name in enumerate(names):
        found += _by_name(index, name, values[index], fields)
    named = {one.index for one in found}
    chosen = _assign(_of_one_address([_less_if_blank(one, values, samples) for one in found], values), {})
    guessed = [
        candidate
        for index in range(len(columns))
        if index not in named and not is_not_kept(names[index]) and not _is_elsewhere(names[index], fields)
        for candidate in _by_looks(index, values[index], fields)
    ]
    chosen = _assign(guessed, chosen)
    whole = _given_in_parts(chosen)
    return [
        _proposal(index, column, chosen.get(index), index in whole, index in named, names[index], fields)
        for index, column in enumerate(columns)
    ]


def _column(samples: Sequence[Sequence[object]], index: int) -> list[object]:
    cells = [row[index] for row in samples if index < len(row)]
    return [cell for cell in cells if cell is not None and str(cell).strip()]


def _less_if_blank(candidate: _Candidate, values: Sequence[Sequence[object]], samples: Sequence[Sequence[object]]) -> _Candidate:
    """Of two columns for one field the one with values is meant: vendors export every field they know."""
    return replace(candidate, confidence=candidate.confidence - 0.1) if samples and not values[candidate.index] else candidate


def _of_one_address(found: list[_Candidate], values: Sequence[Sequence[object]]) -> list[_Candidate]:
    """The candidates without those of a second address for the same field: the fuller address stays, else the first kind."""
    filled: dict[tuple[str, str], dict[str, int]] = {}
    for one in found:
        if one.meaning is not None and one.meaning.group:
            groups = filled.setdefault((one.target.entity, one.target.field), {})
            groups[one.meaning.group] = groups.get(one.meaning.group, 0) + len(values[one.index])
    kept = {place: max(groups, key=lambda group: (groups[group], -ADDRESSES.index(group))) for place, groups in filled.items()}
    parts = _parts_beside(found)
    return [
        one
        for one in found
        if one.meaning is None
        or not one.meaning.group
        or (one.meaning.group == kept[one.target.entity, one.target.field] and one.target.part not in parts.get(one.index, ()))
    ]


def _parts_beside(found: Sequence[_Candidate]) -> dict[int, set[str | None]]:
    """For a column that may be a whole address or its street (详细地址) the part it is not, judged by the other columns."""
    possible: dict[int, set[str | None]] = {}
    for one in found:
        if one.meaning is not None and one.meaning.group:
            possible.setdefault(one.index, set()).add(one.target.part)
    unsure = {index for index, parts in possible.items() if {"street", "text"} <= parts}
    others = {part for index, parts in possible.items() if index not in unsure for part in parts}
    return {index: {"text"} if others & {"city", "province", "district", "postcode"} else {"street"} for index in unsure}


def _by_name(index: int, name: str, values: Sequence[object], fields: _Fields) -> Iterator[_Candidate]:
    """The targets that a column's name may mean."""
    if not name:
        return
    for label in dict.fromkeys((name, unnumbered(name))):
        for target, worth in fields.by_label.get(label, ()):
            yield _weighed(_Candidate(worth if label == name else 0.9, index, target, "same label"), values)
    prefixed = list(split_entity(name))
    about = [entity for entity, _rest in prefixed]
    for entity in fields.entities:
        # “Deal - Owner” beside “Activity - Owner” is the deal's, though both have owners.
        own = 0.02 if entity in about else 0.0
        for sense in _own_senses(name, entity, fields):
            yield from _placed(index, sense, entity, 0.93 + own, "vendor name", values, fields)
        for prefix, rest in prefixed:
            if prefix == entity:
                for sense in _own_senses(rest, entity, fields):
                    yield from _placed(index, sense, entity, 0.9, "part of name", values, fields)


def _own_senses(name: str, entity: str, fields: _Fields) -> list[Sense]:
    """The senses of a name in an entity; its own words come before those that every entity has."""
    found = [sense for sense in senses(name) if sense.meaning.entity in (entity, ANY)]
    return sorted(found, key=lambda sense: sense.meaning.entity == ANY)


def _placed(
    index: int, sense: Sense, entity: str, confidence: float, reason: str, values: Sequence[object], fields: _Fields
) -> Iterator[_Candidate]:
    """The targets where a meaning may be kept, the best place first."""
    general = 0.03 if sense.meaning.entity == ANY else 0.0
    order = 0.0
    for place in sense.meaning.places:
        target = fields.by_place.get((entity, place.lstrip("~")))
        if target is not None:
            worth = confidence - general - order - min(sense.rank, 20) * 0.002 - (0.08 if place.startswith("~") else 0.0)
            yield _weighed(_Candidate(worth, index, target, reason, sense.meaning), values, sense.meaning.looks)
            order += 0.05


def _weighed(candidate: _Candidate, values: Sequence[object], looks: str = "") -> _Candidate:
    """The candidate, less believed when the values do not look like its kind."""
    kind = LOOKS_OF_KINDS.get(candidate.target.kind, "")
    expected = kind or (looks if looks in ("email", "phone", "date") else "")
    if not values or not expected or expected == "duration":
        return candidate
    fitting = share(values, expected)
    if expected == "date":  # a spreadsheet's days are numbers
        fitting = max(fitting, share(values, "number") * 0.9)
    if expected == "phone":  # internal lines and hotlines are short
        fitting = max(fitting, sum(_is_short_phone(value) for value in values) / len(values))
    if fitting >= 0.5:
        return candidate
    return replace(candidate, confidence=candidate.confidence * (0.6 + 0.4 * fitting))


def _is_short_phone(value: object) -> bool:
    return bool(re.match(r"[+\d(][\d\s()\-./+;,x*]{2,}$", str(value).strip()))


def _by_looks(index: int, values: Sequence[object], fields: _Fields) -> Iterator[_Candidate]:
    """The targets that a column's values fit when its name says nothing."""
    for look, kinds in (("email", ("e-mails", "e-mail")), ("url", ("url",)), ("phone", ("phones", "phone"))):
        if not values or share(values, look) < 0.8 or (look == "phone" and not _surely_phones(values)):
            continue
        fitting = [target for target in fields.targets if target.kind in kinds]
        for order, target in enumerate(sorted(fitting, key=lambda target: target.part is not None)):
            yield _Candidate(0.55 - min(order, 20) * 0.01, index, target, f"looks like {look}")


def _surely_phones(values: Sequence[object]) -> bool:
    """Whether the values cannot be plain numbers such as keys: they carry phone punctuation or mobile prefixes."""
    texts = [str(value).strip() for value in values]
    marked = sum(not is_number(text) or bool(re.match(r"\+|0\d|(?:86)?1[3-9]\d{9}$", text)) for text in texts)
    return marked * 5 >= len(texts) * 4


def _assign(found: Iterable[_Candidate], chosen: dict[int, _Candidate]) -> dict[int, _Candidate]:
    """The best candidate of each column, no single target twice."""
    chosen = dict(chosen)
    used = {candidate.target for candidate in chosen.values()}
    for candidate in sorted(found, key=lambda one: (-one.confidence, one.index)):
        if candidate.index in chosen or (candidate.target in used and not candidate.target.many):
            continue
        chosen[candidate.index] = candidate
        used.add(candidate.target)
    return chosen


def _given_in_parts(chosen: dict[int, _Candidate]) -> set[int]:
    """The columns that only repeat what others give in parts: a full name beside given and family name."""
    concepts: dict[str, set[str]] = {}
    for candidate in chosen.values():
        if candidate.meaning is not None:
            concepts.setdefault(candidate.target.entity, set()).add(candidate.meaning.concept)
    return {
        index
        for index, candidate in chosen.items()
        if candidate.meaning is not None
        and candidate.meaning.unless
        and not candidate.target.required
        and concepts[candidate.target.entity].issuperset(candidate.meaning.unless)
    }


def _is_elsewhere(name: str, fields: _Fields) -> bool:
    """Whether a name speaks of a kind of record that is not brought in."""
    about = [entity for entity, rest in split_entity(name) if senses(rest)]
    return bool(about) and not set(about) & set(fields.entities)


def _proposal(index: int, column: str, chosen: _Candidate | None, whole: bool, named: bool, name: str, fields: _Fields) -> Proposal:
    if chosen is not None and not whole:
        return Proposal(index, column, chosen.target, round(chosen.confidence, 3), chosen.reason)
    if whole:
        reason = "in parts"
    elif named:
        reason = "taken"
    elif is_not_kept(name):
        reason = "not kept"
    elif _is_elsewhere(name, fields):
        reason = "about another"
    else:
        reason = "no field" if is_known(column) else "unknown"
    return Proposal(index, column, None, 0.0, reason)


def guess_entity(columns: Sequence[str]) -> list[tuple[str, float]]:
    """The entities that the columns may be about, the likeliest first, with the share of what speaks for each."""
    scores = dict.fromkeys(entities(), 0.0)
    seen: set[tuple[str, str]] = set()
    for order, column in enumerate(columns):
        name = normalised(column)
        first = 1.5 if order == 0 else 1.0
        if whole := named_entity(name):
            scores[whole] += 0.4 * first
        for entity, rest in split_entity(name):
            scores[entity] += first * (0.8 if rest in ("name", "id", "title", "subject", "名称", "编号") else 0.5)
            break
        meant = [sense.meaning for sense in senses(name)]
        own = [meaning for meaning in meant if meaning.entity != ANY]
        for meaning in own:
            # What only one kind of record has says more than what four have.
            worth = first / len({other.entity for other in own}) ** 2 * (1.0 if len(own) == len(meant) else 0.2)
            if (meaning.entity, meaning.concept) not in seen:
                seen.add((meaning.entity, meaning.concept))
                scores[meaning.entity] += worth
    total = sum(scores.values())
    ranked = sorted(scores.items(), key=lambda pair: -pair[1])
    return [(entity, round(score / total, 3) if total else 0.0) for entity, score in ranked]


def said_first(columns: Sequence[str]) -> str | None:
    """The entity that the first column names: what a sheet of several kinds, `Person - Name, Deal - Value`, has a row for."""
    return next((entity for entity, _rest in split_entity(normalised(columns[0]))), None) if columns else None
