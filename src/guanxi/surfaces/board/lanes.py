"""Which lanes a board has, and what stands above each: how many cards, and their sums by currency."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.utils.translation import gettext as _

from guanxi.access.models import User
from guanxi.access.sight import clear, clear_throughout
from guanxi.access.titles import titles
from guanxi.entity.conditions import And, Compare, Tree, all_of
from guanxi.entity.entity import Entity
from guanxi.entity.field import Field
from guanxi.entity.kinds import Choice, Link
from guanxi.entity.registry import entity_named
from guanxi.record.memory import remember
from guanxi.surfaces.ordering import Unanswerable
from guanxi.surfaces.reading import Query, rows
from guanxi.surfaces.views.asking import Asked

MOST_LANES = 40
FIRST_SCOPES = 8
"""So many scopes are looked into for a card."""


@dataclass(frozen=True)
class Lane:
    """One lane: the value its cards share."""

    value: Any
    label: str
    tone: str = ""
    optional: bool = False
    """Shown only when it has cards: no value, or one that is no longer offered."""
    settles: Any = None
    """What follows from standing in it: the value of the field that the board `settles`."""
    shut: bool = False
    """What is asked for keeps its cards out: a place to drop one, of which no number is told."""

    @property
    def key(self) -> str:
        return "" if self.value in (None, "") else str(self.value)


@dataclass(frozen=True)
class Head:
    """How many cards a lane has, and their sums as (amount, currency)."""

    number: int = 0
    total: tuple[tuple[Decimal, str], ...] = ()
    weighted: tuple[tuple[Decimal, str], ...] = ()

    @property
    def share(self) -> int | None:
        """The weighted sum as a percentage of the sum, when both are in one currency."""
        if len(self.total) != 1 or len(self.weighted) != 1 or not self.total[0][0]:
            return None
        return max(0, min(100, round(100 * self.weighted[0][0] / self.total[0][0])))


@dataclass(frozen=True)
class Arrangement:
    """A board as it is asked for: the field that makes lanes, the lanes, and the records that stand in them."""

    asked: Asked
    by: Field
    lanes: list[Lane]
    query: Query
    scopes: list[tuple[int, str]] = field(default_factory=list)
    """What else the lanes could be of (pipelines), with names."""
    scope: int | None = None
    total: Field | None = None
    weighted: Field | None = None

    def where(self, lane: Lane) -> Q:
        """The lane's cards among the board's."""
        if not self.by.custom:
            return Q(**{self.by.attribute: lane.value}) if lane.key else self._without_value()
        return Q(**{f"custom__{self.by.name}": lane.value}) if lane.key else ~Q(custom__has_key=self.by.name)

    def _without_value(self) -> Q:
        where = Q(**{f"{self.by.attribute}__isnull": True})
        return where if self.by.k.empty is None else where | Q(**{self.by.attribute: self.by.k.empty})

    def narrowed(self, lane: Lane) -> Query:
        """The lane's cards as a question of their own."""
        op, value = ("=", lane.value) if lane.key else ("is empty", None)
        return _also(self.query, Compare((self.by.name,), op, value))

    def lane_of(self, key: str) -> Lane:
        """The lane of that key. Unanswerable."""
        for lane in self.lanes:
            if lane.key == key:
                return lane
        raise Unanswerable(_("There is no such lane."))


def arrange(asked: Asked) -> Arrangement:
    """The board that is asked for. Unanswerable."""
    entity, user = asked.entity, asked.user
    board = entity.board
    by = _lane_field(asked)
    summed = {one.name: one for one in entity.fields.values() if one.total and clear(entity, one, to=user)}
    total = summed.get(board.total) if board else None
    weighted = summed.get(board.weighted) if board else None
    if total is None:
        total = next(iter(summed.values()), None)
    query, scopes, scope = Query(entity, asked.view.condition, _order(asked), asked.view.search), [], None
    if board and board.scope and by.name == board.by and clear(entity, entity.fields[board.scope], to=user):
        scopes = _named(entity.fields[board.scope])
        scope = _chosen_scope(asked, board.scope, scopes) or _first_filled(query, board.scope, scopes, to=user)
        if scope is not None:
            query = _also(query, Compare((board.scope,), "=", scope))
    lanes = _lanes(entity, by, query, scope=(board.scope if board else "", scope), to=user)
    return Arrangement(asked, by, _shut(lanes, entity, by, query.condition), query, scopes, scope, total, weighted)


def _shut(lanes: Sequence[Lane], entity: Entity, by: Field, condition: Tree | None) -> list[Lane]:
    """The lanes, those shut whose cards the condition plainly keeps out: by the lanes themselves, or by what follows from them."""
    settles = entity.board.settles if entity.board and entity.board.by == by.name else ""
    options = getattr(entity.fields[settles].k, "options", ()) if settles else ()
    known: dict[tuple[Any, ...], set[str]] = {(by.name,): {lane.key for lane in lanes}}
    for path in [(settles,), (by.name, settles)] if settles else ():
        known[path] = {one.value for one in options}
    terms = [
        (term.path, term.op in {"=", "in"}, values)
        for term in (condition.parts if isinstance(condition, And) else (condition,))
        if isinstance(term, Compare) and term.path in known and term.op in {"=", "in", "!=", "not in"}
        if (values := {str(one) for one in (term.value if isinstance(term.value, tuple) else (term.value,))}) <= known[term.path]
    ]

    def out(lane: Lane) -> bool:
        said = ((lane.key if path == (by.name,) else lane.settles, among, values) for path, among, values in terms)
        return any(value and (value in values) != among for value, among, values in said)

    return [replace(lane, shut=out(lane)) for lane in lanes]


def _order(asked: Asked) -> tuple[str, ...]:
    """Cards stand in the entity's own order, which its lanes have an index for, unless another was asked for."""
    view, base = asked.view, asked.base
    return view.order if base.shape == "board" or view.order != base.order else ()


def laneable(entity: Entity, *, to: User) -> list[Field]:
    """The fields that can make lanes for this reader."""
    return [
        one
        for one in entity.fields.values()
        if clear_throughout(entity, one, to=to) and ((isinstance(one.k, Choice) and one.k.closed) or (isinstance(one.k, Link) and one.data))
    ]


def _lane_field(asked: Asked) -> Field:
    entity = asked.entity
    name = asked.view.option("by") or (entity.board.by if entity.board else "")
    allowed = {one.name: one for one in laneable(entity, to=asked.user)}
    if name in allowed:
        return allowed[name]
    if not name and allowed:
        return next(iter(allowed.values()))
    raise Unanswerable(_("These records cannot be put in lanes by “%(field)s”.") % {"field": name[:60]})


def _also(query: Query, term: Tree) -> Query:
    tree = all_of((query.condition, term)) if query.condition is not None else term
    return Query(query.entity, tree, query.order, query.search)


def _named(scope: Field) -> list[tuple[int, str]]:
    return [(key, title) for key, title, _tone, _scopes, gone in _records(scope.k.linked() or "") if not gone]


def _chosen_scope(asked: Asked, name: str, scopes: Sequence[tuple[int, str]]) -> int | None:
    known = [key for key, _title in scopes]
    wanted = asked.view.option("lanes")
    if wanted:
        if wanted.isascii() and wanted.isdigit() and int(wanted) in known:
            return int(wanted)
        raise Unanswerable(_("There is no such board."))
    condition = asked.view.condition
    for part in getattr(condition, "parts", (condition,)):
        if isinstance(part, Compare) and part.path == (name,) and part.op == "=" and part.value in known:
            return int(str(part.value))
    return None


def _first_filled(query: Query, name: str, scopes: Sequence[tuple[int, str]], *, to: User) -> int | None:
    """The first scope in which this person finds something: who works on the second pipeline does not begin on an empty board."""
    known = [key for key, _title in scopes]
    if len(known) > 1:
        found = rows(query, to=to).order_by()
        attribute = query.entity.fields[name].attribute
        filled = (key for key in known[:FIRST_SCOPES] if found.filter(**{attribute: key}).exists())
        return next(filled, known[0])
    return next(iter(known), None)


def _records(path: str) -> list[tuple[int, str, str, dict[str, Any], bool]]:
    """Every record of a settings entity: key, title, tone, its links and choices by attribute, whether it is in the trash."""
    entity = entity_named(path)

    def read() -> list[tuple[int, str, str, dict[str, Any], bool]]:
        said = [one.attribute for one in entity.bound.values() if isinstance(one.k, (Link, Choice))]
        order = [name for name in entity.order if name.lstrip("-") in entity.bound]
        rows: list[Any] = list(entity.model._default_manager.order_by(*order, "pk"))
        return [
            (
                row.pk, entity.title_of(row), getattr(row, "tone", ""),
                {name: getattr(row, name) for name in said}, row.deleted_at is not None,
            )
            for row in rows
        ]  # fmt: skip

    return remember(("lanes", path), read)


def _lanes(entity: Entity, by: Field, query: Query, *, scope: tuple[str, int | None], to: User) -> list[Lane]:
    nothing = Lane(None, _("None"), optional=True)
    if isinstance(by.k, Choice):
        return [*(Lane(one.value, str(one.label), one.tone) for one in by.k.options), nothing]
    target = entity_named(by.k.linked() or "")
    if target.settings and target.path not in {"users", "teams"}:
        return [*_settings_lanes(entity, by, target, *scope), nothing]
    found = rows(query, to=to).order_by().values_list(by.attribute)
    most = [key for key, _number in found.annotate(lane_number=Count("pk")).order_by("-lane_number")[:MOST_LANES] if key is not None]
    names = titles({target.path: set(most)}, to=to)
    return [*(Lane(key, names.get((target.path, key), _("(no access)"))) for key in most), nothing]


def _settings_lanes(entity: Entity, by: Field, target: Entity, scope_name: str, scope: int | None) -> list[Lane]:
    link, board = None, entity.board if entity.board and entity.board.by == by.name else None
    if scope is not None and board:
        wanted = entity.fields[scope_name].k.linked()
        link = next((one.attribute for one in target.bound.values() if one.k.linked() == wanted), None)
    return [
        Lane(key, title, tone, optional=gone, settles=said.get(board.settles) if board else None)
        for key, title, tone, said, gone in _records(target.path)
        if link is None or said.get(link) == scope
    ]


def heads(found: QuerySet[Any], board: Arrangement, keys: Sequence[str] | None = None) -> dict[str, Head]:
    """What stands above each lane, by lane key: one grouped query."""
    entity = board.asked.entity
    fields = [one for one in (board.total, board.weighted) if one is not None]
    currency = next((getattr(one.k, "currency", "") for one in fields if getattr(one.k, "currency", "") in entity.bound), "")
    by = f"custom__{board.by.name}" if board.by.custom else board.by.attribute
    names = [by, *([currency] if currency else [])]
    sums = {f"sum_{one.name}": Sum(one.lookup) for one in fields}
    numbers: dict[str, int] = {}
    summed: dict[tuple[str, str], list[tuple[Decimal, str]]] = {}
    for row in found.order_by().values(*names).annotate(lane_number=Count("pk"), **sums):
        key = "" if row[by] in (None, "") else str(row[by])
        numbers[key] = numbers.get(key, 0) + row["lane_number"]
        for one in fields:
            if row[f"sum_{one.name}"] is not None:
                summed.setdefault((key, one.name), []).append((row[f"sum_{one.name}"], row.get(currency, "")))

    def of(key: str, one: Field | None) -> tuple[tuple[Decimal, str], ...]:
        return tuple(sorted(summed.get((key, one.name), ()), reverse=True)) if one else ()

    wanted = [lane.key for lane in board.lanes] if keys is None else keys
    return {key: Head(numbers.get(key, 0), of(key, board.total), of(key, board.weighted)) for key in wanted}
