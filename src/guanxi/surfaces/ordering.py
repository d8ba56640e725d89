"""The order of records, how a page goes on after another, and the cursors that say where.

A page begins after the last values of the one before it, together with its key, and not at some number of records.
"""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import orjson
from django.core.exceptions import ValidationError
from django.db.models import BinaryField, BooleanField, F, Func, JSONField, OuterRef, Q, Subquery, Value
from django.db.models.expressions import Combinable
from django.db.models.lookups import GreaterThan, LessThan
from django.utils.translation import gettext as _

from guanxi.access.sight import clear_throughout
from guanxi.base.ordering import InOrder
from guanxi.entity.actors import Actor, Level
from guanxi.entity.entity import Entity
from guanxi.entity.field import Field
from guanxi.entity.registry import entity_named
from guanxi.record.reach import visible
from guanxi.record.veiling import CustomKey

MOST = 4
"""Fields of an order."""
LONGEST = 100
"""No number in a cursor has more digits before or after its point."""


class Unanswerable(Exception):
    """A question that cannot be answered as asked; says what to do instead."""


@dataclass(frozen=True)
class Term:
    """One column of an order."""

    field: Field
    expression: Any
    descending: bool
    nullable: bool
    indexed: bool
    holds: Any
    """Of what kind its values are; None for JSON, of a custom field that is no text."""


def orderable(entity: Entity, *, to: Actor) -> list[Field]:
    """The fields by which the reader may sort."""
    clear = [one for one in entity.fields.values() if to.rights.level(entity.path, one.name) > Level.MASKED]
    return [one for one in clear if one.k.orderable and _names_told(one, to)]


def _names_told(one: Field, to: Actor) -> bool:
    """Whether the reader may read what linked records are called: their order would tell it."""
    target = one.k.linked()
    return not target or to.rights.level(target, _sorts(entity_named(target)).name) > Level.MASKED


def _sorts(other: Entity) -> Field:
    """By what linked records are sorted."""
    return other.fields[other.order[0].lstrip("-") if other.settings else other.title]


def order_of(entity: Entity, order: Sequence[str], *, to: Actor) -> list[Term]:
    """The order, or else the entity's own, as terms; the key comes last by itself. Unanswerable for a field that cannot be sorted by."""
    if len(order) > MOST:
        raise Unanswerable(_("Sort by at most %(most)d fields.") % {"most": MOST})
    allowed = {one.name: one for one in orderable(entity, to=to)}
    terms: list[Term] = []
    for name in order or entity.order:
        plain = name.removeprefix("-")
        if plain not in allowed:
            if not order:
                continue
            raise Unanswerable(_("These records cannot be sorted by “%(field)s”.") % {"field": plain[:60]})
        terms.append(_term(entity, allowed[plain], name.startswith("-"), to=to))
        if plain == "id":
            break
    if not terms:
        key = entity.bound.get("id") or Field("id", attribute="id")
        terms.append(Term(key, F("pk"), True, False, True, entity.model._meta.pk))
    return terms


def _term(entity: Entity, one: Field, descending: bool, *, to: Actor) -> Term:
    if one.custom:
        # What is kept back in a pool stands with what is empty, or as it is masked: no index knows that.
        indexed = one.indexed and clear_throughout(entity, one, to=to)
        return Term(one, CustomKey(one.name, spoken=one.spoken), descending, True, indexed, InOrder.output_field if one.spoken else None)
    column: Any = entity.model._meta.get_field(one.name)
    target = one.k.linked()
    if target:
        other = entity_named(target)
        sorted_by = _sorts(other)
        held: Any = sorted_by.sorting(through=one.name)
        if not other.settings and (to.rights.where("see", other.path) or other.veil_for(to)):
            # Cursors tell the values: of records out of sight, or that keep their name back, there are none.
            seen = visible(other, to=to).filter(pk=OuterRef(one.lookup)).annotate(sorted_by=sorted_by.sorting())
            held = Subquery(seen.values("sorted_by")[:1])
        return Term(one, held, descending, True, False, _held(other, sorted_by))
    indexed = one.indexed or one.name == "id"
    return Term(one, one.sorting(), descending, column.null, indexed, _held(entity, one))


def _held(entity: Entity, one: Field) -> Any:
    """The model field of the values that records are sorted by."""
    column: Any = entity.model._meta.get_field(one.name)
    return InOrder.output_field if one.spoken else getattr(column, "output_field", None) or column


def ordering(terms: Sequence[Term], *, first: int) -> list[Any]:
    """What the database sorts by: the columns `order_<place>` from `first` on, and the key."""
    ordering: list[Any] = []
    for place, term in enumerate(terms, start=first):
        column = F(f"order_{place}")
        leads = place == 0
        nulls: dict[str, Any] = {} if leads or not term.nullable else {"nulls_last": True}
        ordering.append(column.desc(**nulls) if term.descending else column.asc(**nulls))
    last = terms[-1].descending if terms else True
    if not terms or terms[-1].field.name != "id":
        ordering.append("-pk" if last else "pk")
    return ordering


def after_key(terms: Sequence[Term], values: Sequence[Any], key: int, *, first: int) -> Any:
    """The rows that come after (values, key). One index range when there is one column besides the key."""
    columns: list[tuple[Combinable, Any, Term | None]] = [
        (F(f"order_{place}"), value, term) for place, (term, value) in enumerate(zip(terms, values, strict=True), start=first)
    ]
    descending = terms[-1].descending if terms else True
    if not terms or terms[-1].field.name != "id":
        columns.append((F("pk"), key, None))
    # A row comparison leaves out what is empty; only of the leading column is that known to be somewhere else.
    gaps = any(term is not None and term.nullable for _column, _value, term in columns[1 - min(first, 1) :])
    one_way = all(term.descending == descending for term in terms)
    if len(columns) <= 2 and one_way and not gaps and all(value is not None for _column, value, _term in columns):
        left = Func(*[column for column, _value, _term in columns], function="ROW", output_field=BooleanField())
        right = Func(*[_value_of(value, term) for _column, value, term in columns], function="ROW", output_field=BooleanField())
        return LessThan(left, right) if descending else GreaterThan(left, right)
    return _after_each(columns, descending)


def _after_each(columns: Sequence[tuple[Any, Any, Term | None]], last_descending: bool) -> Q:
    later, same = Q(pk__in=[]), Q()
    for column, value, term in columns:
        name = column.name
        descending = term.descending if term else last_descending
        if value is None:
            same &= Q(**{f"{name}__isnull": True})
            continue
        beyond = Q(**{f"{name}__{'lt' if descending else 'gt'}": _value_of(value, term)})
        if term is not None and term.nullable:
            beyond |= Q(**{f"{name}__isnull": True})
        later |= same & beyond
        same &= Q(**{name: _value_of(value, term)})
    return later


def _value_of(value: Any, term: Term | None) -> Value:
    return Value(value, output_field=JSONField()) if term is not None and term.holds is None else Value(value)


# ——— cursors ———


def encode(record: Any, terms: Sequence[Term]) -> str:
    """The cursor of what comes after a record, which has its values as `order_<place>`."""
    values = [getattr(record, f"order_{place}") for place in range(len(terms))]
    phase = 1 if terms[0].nullable and values[0] is None else 0
    names = [("-" if term.descending else "") + term.field.name for term in terms]
    packed = orjson.dumps([phase, names, [_pack(value) for value in values], record.pk])
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def decode(cursor: str, terms: Sequence[Term]) -> tuple[int, list[Any], int]:
    """Whether a cursor is among what is empty (1) or not (0), its values and its key. Unanswerable where it does not fit the order."""
    try:
        phase, names, packed, key = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        values = [_unpack(value) for value in packed]
        expected = [("-" if term.descending else "") + term.field.name for term in terms]
        right = names == expected and len(values) == len(terms) and (type(phase), type(key)) == (int, int)
        right = right and phase in (0, 1) and 0 < key < 2**63
        right = right and all(_fits(value, term) for term, value in zip(terms, values, strict=True))
        if right and (phase == 1) == (terms[0].nullable and values[0] is None):
            return phase, values, key
    except (ValueError, TypeError, KeyError, ArithmeticError):
        pass
    raise Unanswerable(_("This page's cursor does not fit the order; start from the first page."))


def _fits(value: Any, term: Term) -> bool:
    """Whether such a term can have the value: cursors come from outside."""
    if value is None:
        return term.nullable
    if isinstance(value, str) and "\x00" in value:
        return False
    if isinstance(value, Decimal) and not (value.is_finite() and abs(value.adjusted()) < LONGEST):
        return False
    if isinstance(value, dt.datetime) and value.tzinfo is None:
        return False
    if term.holds is None:
        return isinstance(value, (str, int, float, bool))
    if isinstance(term.holds, BinaryField):
        return isinstance(value, bytes)
    try:
        return type(term.holds.to_python(value)) is type(value)
    except ValidationError:
        return False


def _pack(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return {"t": value.isoformat()}
    if isinstance(value, dt.date):
        return {"d": value.isoformat()}
    if isinstance(value, Decimal):
        return {"n": str(value)}
    if isinstance(value, bytes):
        return {"b": value.hex()}
    return value


def _unpack(value: Any) -> Any:
    if not isinstance(value, dict):
        if value is not None and not isinstance(value, (str, int, float, bool)):
            raise TypeError
        return value
    ((kind, text),) = value.items()
    if kind == "t":
        return dt.datetime.fromisoformat(text)
    if kind == "d":
        return dt.date.fromisoformat(text)
    if kind == "n":
        return Decimal(text)
    if kind == "b":
        return bytes.fromhex(text)
    raise ValueError
