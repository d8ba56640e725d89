"""Stored values of changes, as the reader may read them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from guanxi.access.models import User
from guanxi.access.titles import titles
from guanxi.base.money import CURRENCIES, Money
from guanxi.entity.actors import Titles
from guanxi.entity.field import Field
from guanxi.entity.kinds import MoneyKind, Number
from guanxi.entity.registry import entity_named
from guanxi.record.history import readable_diff
from guanxi.record.models import Change

LONGEST = 300
PLAIN = Number()


def value_text(one: Field, stored: Any, *, to: User, known: Titles | None = None, currency: str = "") -> str:
    """A stored value as text. An amount whose currency is not known is a number, never one of another currency."""
    if stored is None:
        return ""
    try:
        value = one.k.load(stored)
    except (ValueError, TypeError, ArithmeticError):
        return str(stored)[:LONGEST]
    if known is None:
        known = titles({target: set(keys) for target, keys in _leads_to(one, stored)}, to=to)
    if isinstance(one.k, MoneyKind):
        if currency not in CURRENCIES:
            return PLAIN.format(value, to.locale, known)
        value = Money(value, currency)
    text = one.k.format(value, to.locale, known)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _leads_to(one: Field, stored: Any) -> Iterable[tuple[str, list[int]]]:
    """The records a stored value leads to."""
    target = one.k.linked()
    if target and stored is not None:
        keys = stored if isinstance(stored, list) else [stored]
        yield target, [key for key in keys if isinstance(key, int)]


def wanted_titles(changes: Iterable[Change], *, to: User) -> dict[str, set[int]]:
    """Every record that the readable parts of these changes lead to, for one look at their titles."""
    wanted: dict[str, set[int]] = {}
    for change in changes:
        entity = entity_named(change.entity)
        for name, pair in readable_diff(change, to=to).items():
            for stored in pair:
                for target, keys in _leads_to(entity.fields[name], stored):
                    wanted.setdefault(target, set()).update(keys)
    return wanted


def currency_in(change: Change, one: Field, own: Mapping[str, Any] | None = None) -> str:
    """The currency of an amount in a change: from the same change, else the record's own."""
    name = getattr(one.k, "currency", "")
    for stored in reversed(change.diff.get(name, [])):
        if stored:
            return str(stored)
    return str((own or {}).get(name) or "")
