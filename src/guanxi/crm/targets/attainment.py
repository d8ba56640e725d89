"""Attainment: what was done of what is aimed for, row by row down the tree of teams."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from guanxi.access.models import User
from guanxi.access.titles import teams
from guanxi.crm.forecast.tree import BESIDES, OTHERS, Key
from guanxi.crm.targets.queries import COMPANY, Aim, Aimed, aimed, total_of
from guanxi.crm.targets.results import Results, results
from guanxi.crm.targets.standing import Standing, standing

CENT = Decimal("0.01")


@dataclass(frozen=True)
class Row:
    """One team's or person's attainment; `nobody` for records without an owner, `others` for owners out of reach, `total` for all that the reader sees."""

    kind: str
    key: int
    title: str
    parent: int | None
    done: Decimal
    held: Standing | None
    """None where nothing is aimed for."""
    target: Any = None
    """The target that was set for it and this very period."""


@dataclass
class Attainment:
    """A period's attainment of one measure, for one reader."""

    aim: Aim
    found: Results
    aimed: Aimed
    today: dt.date

    def _row(self, key: Key, title: str, parent: int | None) -> Row:
        target, done = self.aimed.values.get(key), self.found.of(key)
        held = None if target is None else standing(done, target, self.aim.span, self.today)
        return Row(key[0], key[1], title, parent, done, held, self.aimed.said.get(key))

    @property
    def total(self) -> Row:
        """Everything the reader sees."""
        target = total_of(self.found.tree, self.aimed.values)
        done = self.found.total - self.found.by_person.get(OTHERS, Decimal(0))  # targets within reach are not about what others own
        held = None if target is None else standing(done, target, self.aim.span, self.today)
        return Row("total", 0, "", None, self.found.total, held, self.aimed.said.get(COMPANY))

    def team(self, key: int) -> Row:
        """A team's row."""
        tree = self.found.tree
        parent = tree.parents.get(key)
        return self._row(("team", key), teams().get(key, ""), parent if parent is not None and tree.reach.over(team=parent) else None)

    def under(self, team: int | None) -> Iterator[Row]:
        """What stands right below a team: the teams, then the people; at the top records without an owner too, and those of others."""
        tree = self.found.tree
        for key in tree.teams_under(team):
            yield self.team(key)
        for one in tree.people_in(team):
            yield self._row(("person", one.pk), one.name, team)
        for kind, key in BESIDES.items() if team is None else ():
            if key in self.found.by_person:
                yield Row(kind, key, "", None, self.found.by_person[key], None)

    def rows(self, team: int | None = None) -> Iterator[Row]:
        """All rows below a team, each team before what it is made of."""
        for row in self.under(team):
            yield row
            if row.kind == "team":
                yield from self.rows(row.key)

    def condition(self, row: Row) -> str:
        """The records behind what was done."""
        return " and ".join(filter(None, (self.aim.condition, self.found.tree.condition(row.kind, row.key))))


def attainment(reader: User, aim: Aim) -> Attainment:
    """What was done of what is aimed for. Two queries, and one for rates. Forbidden."""
    found = results(aim, reader)
    return Attainment(aim, found, aimed(aim, found.tree, to=reader), reader.locale.today)


# ——— for programs ———

_TEXT = {"type": "string"}
_FIGURE = {"type": ["string", "null"]}
_ROW = {
    "kind": {"type": "string", "enum": ["total", "team", "person", *BESIDES]}, "id": {"type": ["integer", "null"]}, "title": _TEXT,
    "team": {"type": ["integer", "null"]}, "set": {"type": ["integer", "null"]}, "done": _TEXT,
    **dict.fromkeys(("target", "attained", "gap", "due", "pace", "weekly"), _FIGURE), "condition": _TEXT,
}  # fmt: skip
SCHEMA: dict[str, Any] = {
    "type": "object", "additionalProperties": False,
    "required": ["period", "first", "after", "measure", "unit", "currency", "converted", "missing", "data"],
    "properties": {
        "period": _TEXT, "first": _TEXT, "after": _TEXT, "measure": _TEXT, "unit": {"type": "string", "enum": ["amount", "count"]}, "currency": _TEXT,
        "converted": {"type": "array", "items": _TEXT}, "missing": {"type": "array", "items": _TEXT},
        "data": {"type": "array", "items": {"type": "object", "additionalProperties": False, "required": list(_ROW), "properties": _ROW}},
    },
}  # fmt: skip


def told(reader: User, aim: Aim) -> dict[str, Any]:
    """Attainment as JSON: the total, then every row down the tree; `set` is the key of the target where one was set."""
    whole = attainment(reader, aim)
    return {
        "period": aim.span.name, "first": aim.span.first.isoformat(), "after": aim.span.after.isoformat(), "measure": aim.measure,
        "unit": aim.by.unit, "currency": reader.locale.currency if aim.by.amount else "",
        "converted": sorted(whole.found.used - whole.found.missing.keys()), "missing": sorted({*whole.found.missing, *whole.aimed.missing}),
        "data": [_told(whole, row) for row in (whole.total, *whole.rows())],
    }  # fmt: skip


def _told(whole: Attainment, row: Row) -> dict[str, Any]:
    held = row.held
    return {
        "kind": row.kind, "id": row.key if row.key > 0 else None, "title": row.title, "team": row.parent, "set": row.target.pk if row.target else None,
        "done": str(row.done.quantize(CENT)), "condition": whole.condition(row),
        **{name: _figure(getattr(held, name), CENT) if held else None for name in ("target", "gap", "due", "weekly")},
        **{name: _figure(getattr(held, name), Decimal("0.0001")) if held else None for name in ("attained", "pace")},
    }  # fmt: skip


def _figure(value: Decimal | None, step: Decimal) -> str | None:
    return None if value is None else str(value.quantize(step))
