"""What the pages of an import show at each step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from guanxi.access.models import User
from guanxi.access.sight import writable
from guanxi.access.titles import titles
from guanxi.base.words import fold, similar
from guanxi.entity.entity import Entity
from guanxi.entity.field import Field
from guanxi.entity.kinds import Choice
from guanxi.entity.registry import entity_named
from guanxi.record.reach import visible
from guanxi.surfaces.exports.heads import OWN_KEY, OWN_NUMBER, head_of
from guanxi.surfaces.imports.actor import imports_of
from guanxi.surfaces.imports.model import OVER, Import
from guanxi.surfaces.imports.plan import (
    KEPT,
    LEFT_EMPTY,
    Place,
    Wishes,
    note_field,
    places_from,
    proposed,
    recognising,
    targets_of,
)
from guanxi.surfaces.imports.reading import TableInspection
from guanxi.surfaces.imports.remarks import ENCODINGS
from guanxi.surfaces.imports.running import Rehearsal, also_made, study_of
from guanxi.surfaces.imports.tasks import is_left

DELIMITERS = ((",", ","), (";", ";"), ("\t", "Tab"), ("|", "|"))
QUOTES = (('"', '"'), ("'", "'"), ("", "—"))
PAST = 20
NAMES = 60
REASONS = 12
EXAMPLES = 12


def first_step(entity: Entity, user: User) -> dict[str, Any]:
    """Choosing a file: what was imported before, what is possible."""
    return {
        "step": 1,
        "past": imports_of(user).filter(entity=entity.path)[:PAST],
        "most": settings.MAX_BODY_BYTES >> 20,
        "heads": heads(entity, user)[:8],
    }


def heads(entity: Entity, user: User) -> list[str]:
    """A column for every field that this person may set."""
    return [head_of(entity, one) for one in writable(entity, entity.data_fields, by=user)]


def second_step(one: Import, user: User, rehearsal: Rehearsal | None) -> dict[str, Any]:
    """How a file is read and where its columns go."""
    entity, study, wishes = entity_named(one.entity), study_of(one), Wishes.from_json(one.wishes)
    inspection, places = study.inspection, places_from(one.mapping)
    mapped = {place[0] for place in places if place}
    dates = [index for index, place in enumerate(places) if place and study.formats[index].ambiguous and _is_time(entity, place)]
    return {
        "step": 2, "entity": entity, "inspection": inspection, "columns": columns_shown(entity, inspection, places, user), "wishes": wishes,
        "left_out": sum(place is None for place in places), "missing_fields": lacking(entity, mapped, wishes),
        "identifying": [(name, name_of(entity, name), name in wishes.match) for name in recognising(entity, places)],
        "links": [(name, entity.fields[name].label, wishes.missing_for(name)) for name in dict.fromkeys(place[0] for place in places if place)
                  if name in entity.fields and entity.fields[name].k.linked() and name not in KEPT],
        "unsure_dates": [_example(inspection, index) for index in dates], "rehearsal": _rehearsal(one, entity, rehearsal, user) if rehearsal else None,
        "decided": [*_decided(entity, wishes, user), *_meant(entity, wishes)], "note": note_field(entity), "title_from": [inspection.columns[index] for index in wishes.title_from if index < len(inspection.columns)],
        **ways_of_reading(inspection),
    }  # fmt: skip


def ways_of_reading(inspection: TableInspection) -> dict[str, Any]:
    """How else the file could be read."""
    return {
        "encodings": _encodings(inspection),
        "delimiters": _with_present(DELIMITERS, inspection.delimiter),
        "quotes": _with_present(QUOTES, inspection.quote),
    }


def name_of(entity: Entity, name: str) -> str:
    """What a place is called."""
    return str(OWN_NUMBER) if name == OWN_KEY else str(entity.fields[name].label)


def _is_time(entity: Entity, place: Place) -> bool:
    return place is not None and place[0] in entity.fields and entity.fields[place[0]].k.name in {"date", "moment"}


def _example(inspection: TableInspection, index: int) -> tuple[str, str]:
    told = next((str(row[index]) for row in inspection.samples if row[index]), "")
    return inspection.columns[index], told


def _with_present(known: Sequence[tuple[str, str]], present: str) -> list[tuple[str, str]]:
    return list(known) if any(sign == present for sign, _label in known) else [*known, (present, present)]


def _encodings(inspection: TableInspection) -> list[tuple[str, Any]]:
    if not inspection.encoding:
        return []
    present = inspection.encoding
    return [(present, ENCODINGS.get(present, present)), *((code, label) for code, label in ENCODINGS.items() if code != present)]


def lacking(entity: Entity, mapped: set[str], wishes: Wishes) -> list[str]:
    """Fields that a new record must have and no column gives."""
    if OWN_KEY in mapped or ("given" in entity.fields and {"given", "family"} & mapped):
        return []
    named = {entity.title} if wishes.title_from else set()
    return [
        str(one.label)
        for one in entity.fields.values()
        if one.required and one.data and not one.read_only and one.default is None and one.name not in mapped | named and one.write is None
    ]


def columns_shown(entity: Entity, inspection: TableInspection, places: Sequence[Place], user: User) -> list[dict[str, Any]]:
    """Each column with samples, its place, and all places it could go to."""
    targets = [(f"{target.field}/{target.part}" if target.part else target.field, target.label) for target in targets_of(entity, by=user)]
    proposals = {proposal.index: proposal for proposal in proposed(entity, inspection, by=user)}
    shown = []
    for index, column in enumerate(inspection.columns):
        place = places[index] if index < len(places) else None
        chosen = "/".join(part for part in place if part) if place else ""
        samples = [str(row[index]) for row in inspection.samples if index < len(row) and row[index] not in (None, "")][:3]
        proposal = proposals.get(index)
        as_proposed = proposal is not None and (proposal.target.place if proposal.target else "") == chosen
        shown.append(
            {
                "index": index,
                "name": column,
                "samples": samples,
                "chosen": chosen,
                "targets": targets,
                "why": proposal.why if proposal and as_proposed else "",
            }
        )
    return shown


def _decided(entity: Entity, wishes: Wishes, user: User) -> list[dict[str, Any]]:
    """What the person said names mean."""
    told = []
    for field, names in wishes.names.items():
        target = entity.fields[field].k.linked() if field in entity.fields else None
        if target is None:
            continue
        known = titles({target: set(names.values())}, to=user)
        told += [
            {
                "field": field,
                "label": entity.fields[field].label,
                "name": name,
                "key": key,
                "known": known.get((target, key), f"#{key}") if key != LEFT_EMPTY else _("(empty)"),
                "to": target,
            }
            for name, key in names.items()
        ]
    return told


def _meant(entity: Entity, wishes: Wishes) -> list[dict[str, Any]]:
    """Which choices the person said texts mean."""
    return [
        {
            "field": field,
            "label": entity.fields[field].label,
            "name": text,
            "key": value,
            "known": choices_of(entity.fields[field]).get(value, value),
            "choice": True,
        }
        for field, said in wishes.values.items()
        if field in entity.fields
        for text, value in said.items()
    ]


def choices_of(one: Field) -> dict[str, str]:
    """The choices of a field, as they are read."""
    return {option.value: str(option.label) for option in one.k.options} if isinstance(one.k, Choice) else {}


def _rehearsal(one: Import, entity: Entity, rehearsal: Rehearsal, user: User) -> dict[str, Any]:
    """What would happen, in counts, names and reasons."""
    outcome = rehearsal.outcome
    return {
        "outcome": outcome, "rows": rehearsal.rows, "whole": rehearsal.whole, "names": unknown_names(entity, rehearsal, user), "texts": unknown_texts(entity, rehearsal),
        "made": [(entity_named(path).noun, count) for path, count in rehearsal.made.items()],
        "rejected": [
            (row.number, [(name_of(entity, name) if name in entity.fields or name == OWN_KEY else "", message) for name, message in errors.items()])
            for row, errors in outcome.rejected[:EXAMPLES]
        ],
        "more": max(0, len(outcome.rejected) - EXAMPLES),
    }  # fmt: skip


def unknown_names(entity: Entity, rehearsal: Rehearsal, user: User) -> list[dict[str, Any]]:
    """Names that are not known, the frequent ones first, each with the known one it is most like."""
    links = rehearsal.links
    if links is None:
        return []
    told = []
    for field, counts in links.unknown.items():
        target = entity.fields[field].k.linked() or ""
        for name, count in counts.most_common(NAMES):
            near = links.near.get((target, name), "")
            told.append({"field": field, "label": entity.fields[field].label, "name": name, "count": count, "near": near,
                         "key": _key_of(target, near, user) if near else None, "to": target})  # fmt: skip
    return told


def unknown_texts(entity: Entity, rehearsal: Rehearsal) -> list[dict[str, Any]]:
    """Texts that are none of a field's choices, each with the choices there are and the likeliest of them."""
    told = []
    for name, counts in rehearsal.reader.unknown.items() if rehearsal.reader else ():
        choices = choices_of(entity.fields[name])
        for text, count in counts.most_common(NAMES):
            near = next(iter(similar(text, list(choices.values()), 1)), "")
            begun = next((label for label in choices.values() if fold(text).startswith(fold(label))), near)
            told.append(
                {
                    "field": name,
                    "label": entity.fields[name].label,
                    "name": text,
                    "count": count,
                    "choices": list(choices.items()),
                    "near": begun,
                }
            )
    return told


def _key_of(target: str, title: str, user: User) -> int | None:
    other = entity_named(target)
    key: int | None = visible(other, to=user).filter(**{other.title: title}).order_by("pk").values_list("pk", flat=True).first()
    return key


def last_step(one: Import, user: User) -> dict[str, Any]:
    """How far an import is, or how it ended."""
    entity = entity_named(one.entity)
    reasons: dict[str, list[int]] = {}
    for row in one.rejections.all()[:2000]:
        for field, message in row.reasons:
            known = field in entity.fields or field == OWN_KEY
            reasons.setdefault(f"{name_of(entity, field)}: {message}" if known else message, []).append(row.number)
    told = sorted(reasons.items(), key=lambda pair: -len(pair[1]))[:REASONS]
    left_alone = one.state == "running" and is_left(one.pk)
    return {
        "step": 3, "entity": entity, "moving": one.state in {"waiting", "running", "reverting"}, "left_alone": left_alone,
        "reasons": [(message, ", ".join(map(str, rows[:5])) + (" …" if len(rows) > 5 else ""), len(rows)) for message, rows in told],
        "made": [(entity_named(path).noun, count) for path, count in also_made(one).items()] if one.state != "waiting" else [],
        "may_revert": one.state in OVER and (one.created or one.updated), "left": one.left[:50], "left_more": max(0, len(one.left) - 50),
        "title": _("Import of %(file)s") % {"file": one.name},
    }  # fmt: skip
