"""What a public page, and the paper of the same record, show: the declared fields in the reader's language, as plain text."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from guanxi.access.rights import company
from guanxi.access.sight import clear
from guanxi.access.titles import titles
from guanxi.base.moments import format_day
from guanxi.base.money import Money, format_in_full
from guanxi.entity.actors import Actor, Titles
from guanxi.entity.entity import Entity, Related
from guanxi.entity.field import Field
from guanxi.entity.kinds import Choice, Day
from guanxi.entity.public import Public
from guanxi.entity.registry import entity_named
from guanxi.record.reach import visible
from guanxi.record.refusals import Forbidden
from guanxi.surfaces.forms.inputs import capital

NUMBERS = {"money", "number", "whole number", "percent"}
MOST_LINES = 2000


@dataclass(frozen=True)
class Row:
    """A line: its cells, and the mark that tells it apart."""

    cells: list[str]
    mark: str = ""
    key: int = 0
    beneath: str = ""
    ticked: bool = False
    """A marked line that the visitor would take."""


@dataclass(frozen=True)
class Table:
    """The lines of a record."""

    heads: list[str] = field(default_factory=list)
    numeric: list[bool] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    ticked: list[Any] = field(default_factory=list)
    """The lines that the visitor would take."""


@dataclass(frozen=True)
class Shown:
    """A record as those outside read it."""

    noun: str
    title: str
    company: str
    state: str = ""
    tone: str = ""
    facts: list[tuple[str, str]] = field(default_factory=list)
    heads: list[str] = field(default_factory=list)
    numeric: list[bool] = field(default_factory=list)
    """Which columns hold numbers, and stand to the right."""
    rows: list[Row] = field(default_factory=list)
    totals: list[tuple[str, str]] = field(default_factory=list)
    texts: list[tuple[str, str]] = field(default_factory=list)
    note: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    """What is told of the record itself, by the names of its fields."""

    @property
    def columns(self) -> list[tuple[str, bool]]:
        return list(zip(self.heads, self.numeric, strict=True))

    def cells(self, row: Row) -> list[tuple[str, str, bool]]:
        """A line's cells with the heads they stand under."""
        return list(zip(self.heads, row.cells, self.numeric, strict=True))


def names_on(entity: Entity) -> dict[str, str]:
    """What stands on the page of the entity's records: each field with what it is called there; columns of lines as `lines.<name>`, but for the first."""
    public = entity.public
    assert public is not None, f"{entity.path} is not public"
    labels = {name: capital(public.labels.get(name, entity.fields[name].label)) for name in (*public.fields, *public.totals, *public.texts)}
    lines = entity.relation(public.lines) if public.lines else None
    if lines is not None:
        of = entity_named(lines.entity)
        labels |= {f"lines.{name}": capital(public.labels.get(name, of.fields[name].label)) for name in public.columns[1:]}
    return labels


def shown(entity: Entity, record: Any, *, to: Actor, ticked: Collection[int] = (), without: Collection[str] = ()) -> Shown:
    """The record for this reader, in the language in force, but for what is to be left out (as `names_on` calls it); totals are those with the ticked lines. Forbidden when not all is theirs to read."""
    public = entity.public
    assert public is not None, f"{entity.path} is not public"
    fields = [entity.fields[name] for name in public.named]
    lines = entity.relation(public.lines) if public.lines else None
    _check_sight(entity, fields, lines, public, to)
    known = titles({target: {one.of(record)} - {None} for one in fields if (target := one.k.linked())}, to=to)
    state, tone = _state(entity, public, record)
    table = _table(public, lines, record, to, ticked, without) if lines else Table()
    facts = _said([entity.fields[name] for name in public.fields], public, record, to, known)
    totals = _said([entity.fields[name] for name in public.totals], public, _with_ticked(entity, public, record, table), to, known)
    texts = _said([entity.fields[name] for name in public.texts], public, record, to, known)
    return Shown(
        noun=capital(entity.noun.one),
        title=entity.title_of(record),
        company=company().name,
        state=state,
        tone=tone,
        facts=[said for name, said in facts.items() if name not in without],
        heads=table.heads,
        numeric=table.numeric,
        rows=table.rows,
        totals=[said for name, said in totals.items() if name not in without],
        texts=[said for name, said in texts.items() if name not in without],
        note=public.notes(record, to) if public.notes else "",
        values={name: text for name, (_label, text) in (facts | totals | texts).items()},
    )


def _check_sight(entity: Entity, fields: Sequence[Field], lines: Related | None, public: Public, to: Actor) -> None:
    seen = all(clear(entity, one, to=to) for one in fields)
    if lines is not None:
        of = entity_named(lines.entity)
        names = [*public.columns, *(one for one in (public.beneath, public.marked, public.chosen) if one)]
        seen = seen and all(clear(of, of.fields[name], to=to) for name in names)
    if not seen:
        raise Forbidden(_("You may not read everything that stands on it."))


def _said(fields: Sequence[Field], public: Public, record: Any, to: Actor, known: Titles) -> dict[str, tuple[str, str]]:
    """Labels and values of the fields that have one and may be told, by their names."""
    said = {}
    for one in fields:
        value = one.of(record)
        text = "" if one.k.is_empty(value) else _text(one, value, to, known)
        if text:
            said[one.name] = (capital(public.labels.get(one.name, one.label)), text)
    return said


def _text(one: Field, value: Any, to: Actor, known: Titles) -> str:
    """A value as papers write it: days with their year, amounts with their coins."""
    if isinstance(value, Money):
        return format_in_full(value.amount, value.currency, to.locale.language)
    if isinstance(one.k, Day) and value is not None:
        return format_day(value, dt.date.min, to.locale.language)
    return one.k.format(value, to.locale, known)


def _state(entity: Entity, public: Public, record: Any) -> tuple[str, str]:
    if not public.state:
        return "", ""
    one = entity.fields[public.state]
    assert isinstance(one.k, Choice), f"{entity.path}.{public.state} is no choice"
    option = one.k.by_value.get(one.of(record))
    return (str(option.label), option.tone) if option else ("", "")


def _with_ticked(entity: Entity, public: Public, record: Any, table: Table) -> Any:
    """The record as it would be with the ticked lines: sums of lines are theirs too. A copy; the record stays as it is."""
    if not table.ticked:
        return record
    richer = copy(record)
    for one in (entity.fields[name] for name in public.totals):
        if one.rollup is not None and one.rollup.sum:
            setattr(richer, one.attribute, getattr(record, one.attribute) + sum(getattr(line, one.rollup.sum) for line in table.ticked))
    return richer


def _table(public: Public, lines: Related, record: Any, to: Actor, ticked: Collection[int], without: Collection[str]) -> Table:
    """The lines; columns in which none has anything are left out."""
    entity = entity_named(lines.entity)
    found = list(visible(entity, to=to).filter(**{lines.by: record.pk}).order_by(lines.order, "pk")[:MOST_LINES])
    fields = [entity.fields[name] for name in public.columns if f"lines.{name}" not in without]
    fields = [one for place, one in enumerate(fields) if place == 0 or any(one.of(line) for line in found)]
    known: Titles = {}
    rows, taken = [], []
    for line in found:
        mark, beneath = _mark(entity, public, line), str(getattr(line, public.beneath)) if public.beneath else ""
        row = Row([_text(one, one.of(line), to, known) for one in fields], mark, line.pk, beneath, ticked=bool(mark) and line.pk in ticked)
        rows.append(row)
        taken += [line] if row.ticked else []
    heads = [capital(public.labels.get(one.name, one.label)) for one in fields]
    return Table(heads, [one.k.name in NUMBERS for one in fields], rows, taken)


def _mark(entity: Entity, public: Public, line: Any) -> str:
    """What tells a line apart; nothing for one that was taken."""
    mark = entity.fields[public.marked] if public.marked else None
    if mark is None or not mark.of(line) or (public.chosen and entity.fields[public.chosen].of(line)):
        return ""
    return capital(mark.label)
