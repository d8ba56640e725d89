"""One number over many records, as its reader may know it: how many, or the sum of a field."""

from __future__ import annotations

from decimal import Decimal

from django.utils.translation import gettext as _

from guanxi.access.models import User
from guanxi.access.sight import clear
from guanxi.entity.field import Field
from guanxi.entity.kinds import MoneyKind
from guanxi.surfaces.board.cards import amounts
from guanxi.surfaces.ordering import Unanswerable
from guanxi.surfaces.reading import Query, count, rows, totals

Sums = list[tuple[Decimal, str]]


def sums(query: Query, summed: Field, *, to: User) -> Sums:
    """(sum, currency) of the field over the records, largest first; asked to the end, so within `at_most`. Unanswerable."""
    if not clear(query.entity, summed, to=to):
        raise Unanswerable(_("“%(field)s” cannot be summed.") % {"field": summed.label})
    told = totals(rows(query, to=to), [summed], cap=None) or {}
    return told.get(summed.name) or []


def measured(query: Query, summed: Field | None, *, to: User) -> str:
    """The number in words: “10,000+” for very many, sums of several currencies side by side. Unanswerable, ConditionError."""
    if summed is None:
        return str(count(rows(query, to=to)))
    found = sums(query, summed, to=to)
    if isinstance(summed.k, MoneyKind):
        return amounts(found or [(Decimal(0), to.locale.currency)], to=to)
    return summed.k.format(sum((amount for amount, _currency in found), Decimal(0)), to.locale, {})
