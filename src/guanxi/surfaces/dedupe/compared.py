"""Two records side by side: in what they differ, what each says, and whose value is proposed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from guanxi.access.models import User
from guanxi.access.sight import clear, readable
from guanxi.access.titles import people, titles_for
from guanxi.entity.actors import Titles
from guanxi.entity.entity import Entity
from guanxi.entity.field import Field
from guanxi.entity.kinds import Moment
from guanxi.record.merging import BOTH, GONE, KEPT, choices, currencies, moving
from guanxi.surfaces.history.values import value_text
from guanxi.surfaces.listing.rows import title_for


@dataclass(frozen=True)
class Side:
    """One of the two records, as the head of its column."""

    key: int
    title: str
    notes: list[str]
    when: SafeString


@dataclass(frozen=True)
class Differing:
    """One field in which they differ."""

    name: str
    label: str
    texts: tuple[str, str]
    both: str
    """Both in one, when there is room for both."""
    pick: str
    """Whose value is taken; empty when this person has no say."""


@dataclass(frozen=True)
class Compared:
    """The whole comparison."""

    kept: Side
    gone: Side
    differing: list[Differing]
    same: list[tuple[str, str]]
    moves: list[str]


def compared(entity: Entity, kept: Any, gone: Any, user: User, picked: Mapping[str, str] | None = None) -> Compared:
    """What the page shows; `picked` are choices made before, which a refusal sends back."""
    fields = [one for one in _in_order(entity, user) if not one.read_only]
    known = titles_for([kept, gone], [one for one in fields if clear(entity, one, to=user)], to=user)
    picks = {**choices(entity, kept, gone, by=user), **(picked or {})}
    differing, same = [], []
    told_with_amounts = set(currencies(entity, kept, gone).values())
    for one in fields:
        if one.name in told_with_amounts:
            continue
        if one.k.dump(one.of(kept)) == one.k.dump(one.of(gone)):
            if not one.k.is_empty(one.of(kept)):
                same.append((str(one.label), _text(entity, one, kept, user, known)))
            continue
        seen = clear(entity, one, to=user)
        differing.append(_differing(entity, one, kept, gone, user, known, picks.get(one.name, "") if seen else ""))
    moves = [f"{number:,} {other.noun.one if number == 1 else other.noun.many}" for other, number in moving(entity, gone.pk, to=user)]
    return Compared(_side(entity, kept, user), _side(entity, gone, user), differing, same, moves)


def _in_order(entity: Entity, user: User) -> Iterable[Field]:
    """The readable fields as the form has them, the others after."""
    placed = dict.fromkeys(name for section in entity.sections for name in section.fields)
    names = dict.fromkeys((*placed, *(one.name for one in entity.data_fields)))
    return readable(entity, [entity.fields[name] for name in names if name in entity.fields and entity.fields[name].data], to=user)


def _differing(entity: Entity, one: Field, kept: Any, gone: Any, user: User, known: Titles, pick: str) -> Differing:
    texts = (_text(entity, one, kept, user, known), _text(entity, one, gone, user, known))
    together = one.k.both(one.of(kept), one.of(gone)) if pick else None
    useful = together is not None and all(one.k.dump(together) != one.k.dump(one.of(side)) for side in (kept, gone))
    both = value_text(one, one.k.dump(together), to=user, known=known) if useful else ""
    if pick == BOTH and not useful:
        # One holds all of the other.
        pick = KEPT if one.k.dump(together) == one.k.dump(one.of(kept)) else GONE
    return Differing(one.name, str(one.label), texts, both, pick)


def _text(entity: Entity, one: Field, record: Any, user: User, known: Titles) -> str:
    value = one.of(record)
    if not clear(entity, one, to=user):
        return one.k.mask(value)
    currency = str(getattr(record, getattr(one.k, "currency", "") or "pk", ""))
    return value_text(one, one.k.dump(value), to=user, known=known, currency=currency)


def _side(entity: Entity, record: Any, user: User) -> Side:
    notes = [_("No. %(number)s") % {"number": record.pk}]
    if entity.owned:
        owner = entity.fields["owner"]
        seen = clear(entity, owner, to=user)
        notes.append(people().get(record.owner_id or 0, "") or pgettext("owner", "nobody") if seen else "")
    when = mark_safe(Moment().html(record.created_at, user.locale, {}))  # noqa: S308 - the kind escapes
    return Side(record.pk, title_for(entity, to=user)(record), [note for note in notes if note], when)


def picks_of(entity: Entity, sent: Mapping[str, Any], names: Sequence[str]) -> dict[str, str]:
    """The choices a form sent for these fields."""
    found = {name: str(sent.get(f"pick-{name}", "")) for name in names}
    return {name: pick for name, pick in found.items() if pick in {KEPT, GONE, BOTH} and name in entity.fields}
