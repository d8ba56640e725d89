"""Reading many records: one way for lists, boards, API and exports.

Pages go by keyset on (order, key), never by OFFSET; counts and sums stop at a cap.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import orjson
from django.db import connection
from django.db.models import Case, F, Q, QuerySet, Sum, Value, When, Window
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce, RowNumber
from django.utils.translation import gettext as _

from guanxi.base.words import tsquery
from guanxi.entity.actors import Actor, Level
from guanxi.entity.conditions import Tree
from guanxi.entity.conditions import compile as compile_condition
from guanxi.entity.conditions.sql import IsNotTrue
from guanxi.entity.entity import Entity
from guanxi.entity.field import Field
from guanxi.record.reach import visible
from guanxi.surfaces.ordering import Term, Unanswerable, after_key, decode, encode, order_of, ordering

COUNT_CAP = 10_000
SUM_CAP = 200_000
SORT_CAP = 20_000
"""The most records that are sorted without an index."""
FEW = 5_000
"""So many records are sorted sooner than they are sought along an index…"""
LARGE = 50_000
"""…of a table with at least so many."""
_sizes: dict[str, tuple[float, float]] = {}


@dataclass(frozen=True)
class Query:
    """Which records, in which order. `order` names fields; a leading minus is descending."""

    entity: Entity
    condition: Tree | None = None
    order: tuple[str, ...] = ()
    search: str = ""


@dataclass(frozen=True)
class Page:
    """Some records and the cursor of the next page, None at the end."""

    records: list[Any]
    next: str | None


@dataclass(frozen=True)
class Count:
    """How many; `capped` when there are more than this."""

    number: int
    capped: bool

    def __str__(self) -> str:
        return f"{self.number:,}+" if self.capped else f"{self.number:,}"


def rows(query: Query, *, to: Actor) -> QuerySet[Any]:
    """The records of the query that the reader may see, in no order."""
    found = visible(query.entity, to=to)
    if query.condition is not None:
        found = found.filter(compile_condition(query.condition, query.entity, to))
    if query.search:
        words = tsquery(query.search)
        if words is None:
            return found.none()  # type: ignore[no-any-return]
        documents = "SELECT record_id FROM search_document WHERE entity = %s AND words @@ %s::tsquery"
        parameters: list[Any] = [query.entity.path, words]
        weights = open_weights(query.entity, to=to)
        if weights is not None:
            documents += ' AND ts_filter(words, %s::"char"[]) @@ %s::tsquery'
            parameters += [f"{{{','.join(weights)}}}", words]
        where = Q(pk__in=RawSQL(documents, parameters))  # noqa: S611 - parameters only
        veil = query.entity.veil_for(to)
        if veil is not None:
            # What a record keeps back does not find it either.
            withheld = {query.entity.fields[name].search.lower() for name in veil.names}
            open_to_all = [one for one in weights or "abcd" if one not in withheld]
            told = f'{documents} AND ts_filter(words, %s::"char"[]) @@ %s::tsquery'
            where &= Q(IsNotTrue(veil.any())) | Q(pk__in=RawSQL(told, [*parameters, f"{{{','.join(open_to_all)}}}", words]))  # noqa: S611 - as above
        found = found.filter(where)
    return found  # type: ignore[no-any-return]


def open_weights(entity: Entity, *, to: Actor) -> list[str] | None:
    """The weights of search words by which this reader may find records; None for all.

    A weight is shared by several fields. With one of them withheld from the reader, none of its words count.
    """
    if to.rights.everything:
        return None
    fields = [one for one in entity.fields.values() if one.search]
    withheld = {one.search for one in fields if to.rights.level(entity.path, one.name) <= Level.MASKED}
    return sorted({one.search.lower() for one in fields if one.search not in withheld}) if withheld else None


def page(
    query: Query,
    *,
    to: Actor,
    after: str | None = None,
    limit: int = 50,
    only: Sequence[str] | None = None,
    also: Mapping[str, Any] | None = None,
    fetch: Callable[[QuerySet[Any]], Sequence[Any]] = list,
) -> Page:
    """The next `limit` records after a cursor; `also` names expressions to fetch with each; `fetch=plain` gives rows without models.

    Unanswerable for a cursor or order that is none.
    """
    terms = order_of(query.entity, query.order, to=to)
    found = rows(query, to=to)
    few = expects_few(query, found, to=to)
    if not few and not terms[0].indexed and after is None and count(found, cap=SORT_CAP).capped:
        message = _("Sorting by “%(field)s” needs an index for so many records; filter first, or sort by another column.")
        raise Unanswerable(message % {"field": terms[0].field.label})
    if only is not None:
        found = found.only("pk", *only)
    found = found.annotate(**_sorted_by(terms, few), **(also or {}))
    phase, values, key = decode(after, terms) if after else (0, [], 0)
    records: list[Any] = []
    phases = [0, 1] if terms[0].nullable else [0]
    for present in phases:
        if present < phase or len(records) > limit:
            continue
        part = found.filter(order_0__isnull=bool(present)) if terms[0].nullable else found
        sorting = terms[1:] if present else terms
        if after and present == phase:
            part = part.filter(after_key(sorting, values[1:] if present else values, key, first=1 if present else 0))
        part = part.order_by(*ordering(sorting, first=1 if present else 0))
        records += fetch(part[: limit + 1 - len(records)])
    more = len(records) > limit
    records = records[:limit]
    return Page(records, encode(records[-1], terms) if more else None)


def first_pages(
    query: Query,
    groups: Sequence[Q],
    *,
    to: Actor,
    limit: int = 20,
    only: Sequence[str] | None = None,
    also: Mapping[str, Any] | None = None,
) -> list[Page]:
    """The first page of each group of the query's records, all in one statement: a board's lanes."""
    terms = order_of(query.entity, query.order, to=to)
    found = rows(query, to=to)
    if only is not None:
        found = found.only("pk", *only)
    if not groups:
        return []
    few = expects_few(query, found, to=to)
    found = found.annotate(**_sorted_by(terms, few), **(also or {}))
    if few:
        return _ranked_pages(found, groups, terms, limit)
    # Ascending, PostgreSQL puts what is empty last by itself; descending it takes a second part.
    phases = [0, 1] if terms[0].nullable and terms[0].descending else [None]
    parts = []
    for group_place, group in enumerate(groups):
        for phase in phases:
            part = found.filter(group).annotate(group_place=Value(group_place))
            sorting = terms
            if phase is not None:
                part, sorting = part.filter(order_0__isnull=bool(phase)), terms[phase:]
            parts.append(part.order_by(*ordering(sorting, first=phase or 0))[: limit + 1])
    return _paged(parts[0] if len(parts) == 1 else parts[0].union(*parts[1:], all=True), len(groups), terms, limit)


def _ranked_pages(found: QuerySet[Any], groups: Sequence[Q], terms: Sequence[Term], limit: int) -> list[Page]:
    """The first pages out of few records: all are found once, and ranked within their group."""
    sorting = [
        F(f"order_{place}").desc(nulls_last=True) if term.descending else F(f"order_{place}").asc(nulls_last=True)
        for place, term in enumerate(terms)
    ]
    if terms[-1].field.name != "id":
        sorting.append(F("pk").desc() if terms[-1].descending else F("pk").asc())
    cases = [When(group, then=Value(place)) for place, group in enumerate(groups)]
    ranked = found.annotate(group_place=Case(*cases, default=Value(-1)))
    ranked = ranked.annotate(group_rank=Window(RowNumber(), partition_by=F("group_place"), order_by=sorting))
    ranked = ranked.filter(group_place__gte=0, group_rank__lte=limit + 1).order_by("group_place", "group_rank")
    return _paged(ranked, len(groups), terms, limit)


def _paged(found: Iterable[Any], groups: int, terms: Sequence[Term], limit: int) -> list[Page]:
    gathered: list[list[Any]] = [[] for _group in range(groups)]
    for record in found:
        gathered[record.group_place].append(record)
    return [Page(records[:limit], encode(records[limit - 1], terms) if len(records) > limit else None) for records in gathered]


def _sorted_by(terms: Sequence[Term], few: bool) -> dict[str, Any]:
    """The columns of an order; of few records in a form that no index has, so that they are found first and sorted then."""
    return {
        f"order_{place}": Coalesce(term.expression, term.expression) if few and place == 0 else term.expression
        for place, term in enumerate(terms)
    }


def expects_few(query: Query, found: QuerySet[Any], *, to: Actor) -> bool:
    """Whether the database expects few records out of a large table.

    It would seek the first page of them along the order's index, which may lead past all the others; what it expects
    costs a plan to ask, not the records.
    """
    narrowed = query.condition is not None or query.search or to.rights.where("see", query.entity.path)
    if not narrowed or _size(query.entity) < LARGE:
        return False
    plan = found.order_by().values("pk").explain(format="json")
    return bool(plan) and orjson.loads(plan)[0]["Plan"]["Plan Rows"] <= FEW


def _size(entity: Entity) -> float:
    """About how many rows the entity's table has, as the database last saw; asked again after a minute."""
    table = entity.model._meta.db_table
    known = _sizes.get(table)
    if known is None or known[0] < time.monotonic() - 60:
        with connection.cursor() as cursor:
            cursor.execute("SELECT reltuples FROM pg_class WHERE oid = %s::regclass", [table])
            known = _sizes[table] = (time.monotonic(), cursor.fetchone()[0])
    return known[1]


def every(query: Query, *, to: Actor, chunk: int = 1000, only: Sequence[str] | None = None) -> Iterator[list[Any]]:
    """All records of the query, a chunk at a time, with constant memory."""
    after: str | None = None
    while True:
        part = page(query, to=to, after=after, limit=chunk, only=only)
        if part.records:
            yield part.records
        after = part.next
        if after is None:
            return


def count(found: QuerySet[Any], *, cap: int = COUNT_CAP) -> Count:
    """How many rows, exact to the cap."""
    number = found.order_by().values("pk")[: cap + 1].count()
    return Count(min(number, cap), number > cap)


def totals(found: QuerySet[Any], fields: Sequence[Field], *, cap: int | None = SUM_CAP) -> dict[str, list[tuple[Decimal, str]]] | None:
    """Sums by currency of the fields, largest first; None when there are more rows than `cap`, too many to sum quickly."""
    if not fields:
        return {}
    if cap is not None and count(found, cap=cap).capped:
        return None
    money = next((getattr(one.k, "currency", "") for one in fields if hasattr(one.k, "currency")), "")
    sums = {f"sum_{one.name}": Sum(one.lookup) for one in fields}
    grouped = found.order_by().values(money).annotate(**sums) if money else [found.order_by().aggregate(**sums)]
    summed: dict[str, list[tuple[Decimal, str]]] = {one.name: [] for one in fields}
    for row in grouped:
        for one in fields:
            amount = row[f"sum_{one.name}"]
            if amount is not None:
                summed[one.name].append((amount, row.get(money, "")))
    return {name: sorted(pairs, reverse=True) for name, pairs in summed.items()}
