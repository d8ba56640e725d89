"""Recognising a record that is there already: by the identities its values have, among those the person may see."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.http import QueryDict

from guanxi.access.models import User
from guanxi.access.sight import clear, writable
from guanxi.base.names import company_core
from guanxi.base.ordering import in_order
from guanxi.base.words import fold
from guanxi.entity.entity import Entity
from guanxi.entity.field import Field
from guanxi.entity.kinds import Name
from guanxi.entity.registry import kin_of
from guanxi.record.models import Identity
from guanxi.record.reach import visible
from guanxi.surfaces.listing.rows import title_for
from guanxi.surfaces.search.query import Hit, find

MOST = 5
LOOKED_AT = 200
LETTERS = 4
"""Of a name in letters, so many say something; of one in Chinese, two characters."""
STRENGTH = {"code": 0, "email": 1, "phone": 2, "name": 3}


@dataclass(frozen=True)
class Likeness:
    """A record that is likely the same, and the labels of the fields that say so."""

    entity: Entity
    record: Any
    title: str
    because: list[str]
    strong: bool
    """Something but the name is the same."""


def alike(entity: Entity, typed: QueryDict, user: User, *, besides: Collection[tuple[str, int]]) -> list[Hit]:
    """Up to five records whose names say the same as the name typed so far, legal forms and places aside."""
    own = (entity.path, typed.get("_id", ""))
    fields = [one for one in writable(entity, entity.fields.values(), by=user) if one.identity and isinstance(one.k, Name)]
    cores = [company_core(typed.get(one.name, "")[:200]) for one in fields if clear(entity, one, to=user)]
    core = next((core for core in cores if len(core) >= (LETTERS if core.isascii() else 2)), "")
    if not core:
        return []
    found = find(core, to=user, entities=_looked_in(entity, user), limit=3 * MOST)
    named = [one for one in found if (one.entity.path, one.key) not in besides and (one.entity.path, str(one.key)) != own]
    return [one for one in named if all(word in fold(one.title) for word in core.split())][:MOST]


def likely(entity: Entity, typed: QueryDict, user: User) -> list[Likeness]:
    """Up to five records that share an identity with what is typed, surest first; of this entity, and of those it is declared alike."""
    own = typed.get("_id", "")
    pairs, key = _identities(entity, typed, user), int(own) if own.isascii() and own.isdigit() else 0
    found = [likeness for one in _looked_in(entity, user) for likeness in _found(one, pairs, key if one is entity else 0, user)]
    return sorted(found, key=lambda one: (not one.strong, in_order(one.title)))[:MOST]


def _looked_in(entity: Entity, user: User) -> list[Entity]:
    return [entity, *(one for one in kin_of(entity) if user.rights.may("see", one.path))]


def same_as(entity: Entity, record: Any, user: User) -> list[Likeness]:
    """Up to five others that share an identity with a record, surest first."""
    fields = [one for one in entity.fields.values() if one.identity and clear(entity, one, to=user)]
    return _found(entity, {pair: one for one in fields for pair in one.k.identities(one.of(record))}, record.pk, user)


def _found(entity: Entity, asked: Mapping[tuple[str, str], Field], own: int, user: User) -> list[Likeness]:
    """Fields of the entity that the person may not read tell nothing."""
    secret = {one.k.name for one in entity.fields.values() if one.identity and not clear(entity, one, to=user)}
    pairs = {pair: one for pair, one in asked.items() if one.k.name not in secret}
    if not pairs:
        return []
    wanted = Q()
    for what, value in pairs:
        wanted |= Q(what=what, value=value)
    shared: dict[int, set[tuple[str, str]]] = {}
    for key, what, value in Identity.objects.filter(wanted, entity=entity.path).values_list("record_id", "what", "value")[:LOOKED_AT]:
        shared.setdefault(key, set()).add((what, value))
    shared.pop(own, None)
    found = [_likeness(entity, record, shared[record.pk], pairs, user) for record in visible(entity, to=user).filter(pk__in=list(shared))]
    return sorted(found, key=lambda one: (not one.strong, in_order(one.title)))[:MOST]


def _identities(entity: Entity, typed: QueryDict, user: User) -> dict[tuple[str, str], Field]:
    """The identities of what is typed so far; half a phone number has none yet. Fields the person may not read tell nothing."""
    found: dict[tuple[str, str], Field] = {}
    for one in writable(entity, entity.fields.values(), by=user):
        if not one.identity or not clear(entity, one, to=user):
            continue
        try:
            value = one.k.clean(one.k.read(typed, one.name), user.locale)
        except ValueError:
            continue
        found.update(dict.fromkeys(one.k.identities(value), one))
    return found


def _likeness(entity: Entity, record: Any, same: set[tuple[str, str]], fields: Mapping[tuple[str, str], Field], user: User) -> Likeness:
    reasons = sorted(same, key=lambda pair: STRENGTH.get(pair[0], 9))
    labels = dict.fromkeys(str(fields[pair].label) for pair in reasons if pair in fields)
    return Likeness(entity, record, title_for(entity, to=user)(record), list(labels), any(what != "name" for what, _value in same))
