"""The usual yearly spreadsheet of targets: a row for each person or team, a column for each month, quarter or the year."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from guanxi.access.rights import company
from guanxi.access.titles import people, teams
from guanxi.base.money import parse_money
from guanxi.base.words import fold
from guanxi.crm.forecast.spans import Span, containing, named
from guanxi.crm.forecast.tree import Key
from guanxi.crm.targets.kinds import month_named, period_meant
from guanxi.crm.targets.measures import CHOICES, COUNTED
from guanxi.crm.targets.queries import Aim, key_of, targets
from guanxi.entity.actors import Actor
from guanxi.entity.registry import entity_named
from guanxi.record.changes import Origin, insert, update
from guanxi.record.cleaning import check_reach, prepare
from guanxi.record.refusals import Forbidden, Refused
from guanxi.surfaces.imports.cells import as_text, is_blank
from guanxi.surfaces.imports.reading import rows
from guanxi.surfaces.imports.remarks import UnreadableTable
from guanxi.surfaces.imports.study import study

LARGEST = 5_000
TOLD = 3
PERSON = (
    "person",
    "name",
    "seller",
    "salesperson",
    "sales person",
    "sales rep",
    "owner",
    "who",
    "姓名",
    "人员",
    "销售",
    "销售人员",
    "负责人",
    "业务员",
    "员工",
    "目标人",
)
TEAM = ("team", "department", "group", "部门", "团队", "大区", "小组")
MEASURE = ("measure", "indicator", "kpi", "指标", "考核指标")
YEAR = ("year", "total", "whole year", "全年", "年度", "合计", "全年目标", "年度目标", "年目标")

SUMS = frozenset({"total", "sum", "subtotal", "grand total", "合计", "总计", "小计"})


@dataclass
class Sheet:
    """What stands in a file: values by whose, period and measure; the cells that could not be read, in words."""

    values: dict[tuple[Key, str, str], Decimal] = field(default_factory=dict)
    unread: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Taken:
    """How many targets were written, and what was left out."""

    written: int
    left_out: str


def take(name: str, pieces: Iterable[bytes], *, measure: str, year: str, by: Actor, origin: Origin) -> Taken:
    """The targets of a file; those that are there get new values. Refused, Forbidden."""
    if not (by.rights.may("import", "targets") and by.rights.may("create", "targets")):
        raise Forbidden(_("You may not create %(many)s.") % {"many": entity_named("targets").noun.many})
    try:
        span, said = named(year), CHOICES.clean(measure, by.locale)
    except ValueError as wrong:
        raise Refused({"file": str(wrong)}) from None
    with tempfile.NamedTemporaryFile(suffix=Path(name).suffix[:10].lower()) as file:
        for piece in pieces:
            file.write(piece)
        file.flush()
        try:
            sheet = read(Path(file.name), said or "won_amount", span, by=by)
        except UnreadableTable as unreadable:
            raise Refused({"file": str(unreadable)}) from None
    if not sheet.values:
        raise Refused({"file": _left_out(sheet.unread) or _("There are no targets in this file.")})
    return Taken(_write(sheet, by=by, origin=origin), _left_out(sheet.unread))


def _left_out(unread: Sequence[str]) -> str:
    if not unread:
        return ""
    left = ngettext("%(count)d cell or row was left out.", "%(count)d cells or rows were left out.", len(unread)) % {"count": len(unread)}
    return " ".join([left, *unread[:TOLD], *(["…"] if len(unread) > TOLD else [])])


# ——— reading ———


def read(path: Path, measure: str, year: Span, *, by: Actor) -> Sheet:
    """The targets in a file. UnreadableTable, Refused."""
    found, sheet = study(path, {}), Sheet()
    columns = found.inspection.columns
    whose, periods = _columns(columns, year)
    if not periods or not whose.keys() & {"person", "team"}:
        words = _("No column for %(what)s was found among: %(columns)s.")
        what = _("a month, a quarter or the year") if not periods else _("the person or the team")
        raise Refused({"file": words % {"what": what, "columns": ", ".join(columns[:16])[:300]}})
    known = _known()
    for row in rows(path, found.inspection):
        if row.number > LARGEST:
            raise Refused({"file": _("The file has more than %(most)d rows.") % {"most": LARGEST}})
        cells = {role: as_text(row.values[place]).strip() for role, place in whose.items() if not is_blank(row.values[place])}
        if not cells.keys() & {"person", "team"} or cells.get("person", cells.get("team", "")).casefold() in SUMS:
            continue
        try:
            key, said = _subject(cells, known), CHOICES.clean(cells.get("measure", ""), by.locale) or measure
        except ValueError as wrong:
            sheet.unread.append(_("Row %(row)d: %(why)s") % {"row": row.number, "why": wrong})
            continue
        _row(sheet, row, key, said, periods)
    return sheet


def _row(sheet: Sheet, row: Any, key: Key, measure: str, periods: Mapping[int, str]) -> None:
    for place, period in periods.items():
        cell = row.values[place]
        if is_blank(cell) or not as_text(cell).strip(" -–—/"):
            continue
        try:
            sheet.values[key, period, measure] = _value(as_text(cell), measure)
        except ValueError as wrong:
            sheet.unread.append(_("Row %(row)d: %(why)s") % {"row": row.number, "why": wrong})


def _value(text: str, measure: str) -> Decimal:
    money = parse_money(text, company().currency)
    if money.currency != company().currency:
        raise ValueError(_("Give the amount in %(currency)s.") % {"currency": company().currency})
    if not 0 <= money.amount < Decimal(10) ** 15:
        raise ValueError(_("A target is an amount that is not negative."))
    if measure in COUNTED and money.amount != money.amount.to_integral_value():
        raise ValueError(_("Type a whole number."))
    return round(money.amount, 4)


def _columns(columns: Sequence[str], year: Span) -> tuple[dict[str, int], dict[int, str]]:
    """Which column says whose, and which is of what period."""
    whose: dict[str, int] = {}
    periods: dict[int, str] = {}
    for place, column in enumerate(columns):
        plain = column.strip().casefold()
        role = next((role for role, names in (("person", PERSON), ("team", TEAM), ("measure", MEASURE)) if plain in names), "")
        if role:
            whose.setdefault(role, place)
        elif plain not in YEAR and (period := _period(column, year)) and period not in periods.values():
            periods[place] = period
    if not periods:
        periods = {
            place: year.name
            for place, column in enumerate(columns)
            if column.strip().casefold() in YEAR or _period(column, year) == year.name
        }
    return whose, periods


def _period(column: str, year: Span) -> str:
    """The period a column is of: 2026-11, Nov 2026, Q1, 1月, January; of the year that was chosen where it names none. Empty for none."""
    text = column.strip().removesuffix("目标").removesuffix("target").strip()
    month = month_named(text)
    if month:
        return next(one.name for one in year.parts("month") if one.first.month == month)
    try:
        return period_meant(text)
    except ValueError:
        pass
    try:
        return period_meant(f"{year.name} {text}") if any(letter in text for letter in "Qq季") else ""
    except ValueError:
        return ""


def _known() -> dict[str, dict[str, list[int]]]:
    """People and teams by their names, folded."""
    found: dict[str, dict[str, list[int]]] = {"person": {}, "team": {}}
    for role, several in (("person", people()), ("team", teams())):
        for key, name in several.items():
            found[role].setdefault(fold(name), []).append(key)
    return found


def _subject(cells: Mapping[str, str], known: Mapping[str, Mapping[str, list[int]]]) -> Key:
    """Whose a row is: the person it names, else the team; a name in the column of people may be a team’s too. ValueError."""
    for role, text in ((role, cells[role]) for role in ("person", "team") if role in cells):
        for kind in dict.fromkeys((role, "person", "team")):
            several = known[kind].get(fold(text), [])
            if len(several) == 1:
                return (kind, several[0])
            if several:
                raise ValueError(_("There are several of the name “%(name)s”.") % {"name": text[:60]})
        raise ValueError(_("There is nobody of the name “%(name)s”.") % {"name": text[:60]})
    raise ValueError(_("Fill this in."))


# ——— writing ———


def _write(sheet: Sheet, *, by: Actor, origin: Origin) -> int:
    entity = entity_named("targets")
    groups: dict[str, dict[tuple[Key, str], Decimal]] = {}
    for (key, period, measure), value in sheet.values.items():
        groups.setdefault(measure, {})[key, period] = value
    written = 0
    with transaction.atomic():
        for measure, values in groups.items():
            spans = [named(name) for name in dict.fromkeys(period for _key, period in values)]
            aim = Aim(containing(spans[0].first, spans[0].unit), measure)
            there = {(key_of(one), one.period): one for one in targets(aim, spans, to=by).select_for_update(of=("self",))}
            currency = "" if measure in COUNTED else company().currency
            renewed = [(there[key], {"value": value, "currency": currency}) for key, value in values.items() if key in there]
            check_reach(entity, [one for one, _values in renewed], "edit", by=by)
            written += len(update(entity, renewed, by=by, event="edited", origin=origin))
            made = [_made(key, period, measure, value, by) for (key, period), value in values.items() if (key, period) not in there]
            insert(entity, made, by=by, origin=origin)
            check_reach(entity, made, "create", by=by)
            written += len(made)
    return written


def _made(key: Key, period: str, measure: str, value: Decimal, by: Actor) -> Any:
    whose: dict[str, Any] = {"owner": key[1]} if key[0] == "person" else {"owner": None, "team": key[1]}
    return prepare(entity_named("targets"), {**whose, "period": period, "measure": measure, "value": value}, by=by)
