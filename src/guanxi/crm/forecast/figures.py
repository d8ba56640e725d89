"""A forecast as figures: what the page shows and the API tells, row by row down the tree of teams."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from guanxi.access.models import User
from guanxi.access.titles import teams
from guanxi.crm.forecast.categories import CATEGORIES, condition
from guanxi.crm.forecast.judging import Said, expected, said_of
from guanxi.crm.forecast.model import Judgement
from guanxi.crm.forecast.rights import sees
from guanxi.crm.forecast.rolling import Rollup, Sums, roll_up
from guanxi.crm.forecast.spans import Span
from guanxi.crm.forecast.tree import BESIDES, Key
from guanxi.crm.targets.queries import Aim, Aimed, aimed, total_of
from guanxi.crm.targets.standing import Standing, standing

CENT = Decimal("0.01")


@dataclass
class Row:
    """One team's or person's forecast; `nobody` for deals without an owner, `others` for owners out of reach, `total` for all that the reader sees."""

    kind: str
    key: int
    title: str
    parent: int | None
    sums: Sums
    own: Judgement | None = None
    override: Judgement | None = None
    target: Standing | None = None
    """How far they are on the way to what is aimed for; None where nothing is."""
    forecast: Decimal | None = None
    """What holds in the end; None for deals without an owner, or with one out of reach."""


@dataclass
class Forecast:
    """A period's forecast for one reader."""

    found: Rollup
    pipeline: int | None
    said: Said
    people: dict[int, Decimal]
    teams: dict[int, Decimal]
    aimed: Aimed
    today: dt.date

    def _standing(self, key: Key, sums: Sums) -> Standing | None:
        return self._held(self.aimed.values.get(key), sums)

    def _held(self, target: Decimal | None, sums: Sums) -> Standing | None:
        return None if target is None else standing(sums.amounts["closed"], target, self.found.span, self.today, sums.open)

    @property
    def total(self) -> Row:
        """Everything the reader sees."""
        of_teams = sum((self.teams[key] for key in self.found.teams_under(None)), Decimal(0))
        of_people = sum((self.people[one.pk] for one in self.found.people_in(None)), Decimal(0))
        besides = sum((self.found.by_person[key].raw for key in BESIDES.values() if key in self.found.by_person), Decimal(0))
        target = self._held(total_of(self.found, self.aimed.values), self.found.aimed_for)
        return Row("total", 0, "", None, self.found.total, target=target, forecast=of_teams + of_people + besides)

    def team(self, key: int) -> Row:
        """A team's row."""
        override = self.said.overrides.get(("team", key))
        parent = self.found.parents.get(key)
        parent = parent if parent in self.teams else None
        sums = self.found.by_team.get(key, Sums())
        return Row(
            "team",
            key,
            teams().get(key, ""),
            parent,
            sums,
            override=override,
            target=self._standing(("team", key), sums),
            forecast=self.teams[key],
        )

    def under(self, team: int | None) -> Iterator[Row]:
        """What stands right below a team: the teams, then the people; at the top those without a team, deals without an owner, and those of others."""
        for key in self.found.teams_under(team):
            yield self.team(key)
        for one in self.found.people_in(team):
            said, sums = self.said, self.found.by_person.get(one.pk, Sums())
            own, override = said.own.get(one.pk), said.overrides.get(("person", one.pk))
            yield Row("person", one.pk, one.name, team, sums, own, override, self._standing(("person", one.pk), sums), self.people[one.pk])
        for kind, key in BESIDES.items() if team is None else ():
            if key in self.found.by_person:
                yield Row(kind, key, "", None, self.found.by_person[key])

    def rows(self, team: int | None = None) -> Iterator[Row]:
        """All rows below a team, each team before what it is made of."""
        for row in self.under(team):
            yield row
            if row.kind == "team":
                yield from self.rows(row.key)

    def condition(self, row: Row, name: str) -> str:
        """The deals behind a figure."""
        pipeline = f"pipeline = {self.pipeline}" if self.pipeline else ""
        return " and ".join(filter(None, (condition(name, self.found.span), self.found.condition(row.kind, row.key), pipeline)))


def forecast(reader: User, span: Span, pipeline: int | None = None) -> Forecast:
    """The forecast of a period, with what people say of it. Four queries at most. Forbidden."""
    found = roll_up(reader, span, pipeline)
    said = said_of(found, pipeline, to=reader)
    targets = aimed(Aim(span, pipeline=pipeline), found, to=reader) if sees("amount", reader) else Aimed()
    return Forecast(found, pipeline, said, *expected(found, said), targets, reader.locale.today)


# ——— for programs ———

MONEY = {"type": ["string", "null"]}
TEXT = {"type": "string"}
_PART = {"type": "object", "required": ["deals", "amount", "condition"], "additionalProperties": False, "properties": {
    "deals": {"type": "integer"}, "amount": MONEY, "condition": TEXT,
}}  # fmt: skip
_SAID = {
    "type": ["object", "null"],
    "properties": {"id": {"type": "integer"}, "amount": TEXT, "note": TEXT, "by": {"type": ["integer", "null"]}, "at": TEXT},
}
_ROW = {
    "kind": {"type": "string", "enum": ["total", "team", "person", *BESIDES]}, "id": {"type": ["integer", "null"]}, "title": TEXT,
    "team": {"type": ["integer", "null"]}, **dict.fromkeys(CATEGORIES, _PART), "raw": MONEY, "weighted": MONEY, "own": _SAID,
    "override": _SAID, "forecast": MONEY, "target": MONEY, "gap": MONEY, "due": MONEY, "weekly": MONEY, "attained": MONEY, "coverage": MONEY,
}  # fmt: skip
SCHEMA: dict[str, Any] = {
    "type": "object", "additionalProperties": False, "required": ["period", "first", "after", "currency", "converted", "missing", "data"],
    "properties": {
        "period": TEXT, "first": TEXT, "after": TEXT, "currency": TEXT,
        "converted": {"type": "array", "items": TEXT},
        "missing": {"type": "object", "additionalProperties": TEXT},
        "data": {"type": "array", "items": {"type": "object", "additionalProperties": False, "required": list(_ROW), "properties": _ROW}},
    },
}  # fmt: skip


def told(reader: User, span: Span, pipeline: int | None = None) -> dict[str, Any]:
    """The forecast as JSON: the total, then every row down the tree; amounts as text in the company's currency, null where they are not the reader's to see."""
    one = forecast(reader, span, pipeline)
    found, shown, weighed = one.found, sees("amount", reader), sees("weighted", reader) and sees("probability", reader)
    return {
        "period": span.name, "first": span.first.isoformat(), "after": span.after.isoformat(), "currency": found.currency,
        "converted": sorted(found.converter.used - found.converter.missing.keys()),
        "missing": {currency: _money(amount) for currency, amount in sorted(found.converter.missing.items())} if shown else {},
        "data": [_told(one, row, shown, weighed) for row in (one.total, *one.rows())],
    }  # fmt: skip


def _told(whole: Forecast, row: Row, shown: bool, weighed: bool) -> dict[str, Any]:
    parts = {
        name: {"deals": row.sums.counts[name], "amount": _money(row.sums.amounts[name], shown), "condition": whole.condition(row, name)}
        for name in CATEGORIES
    }
    return {
        "kind": row.kind, "id": row.key if row.key > 0 else None, "title": row.title, "team": row.parent, **parts,
        "raw": _money(row.sums.raw, shown), "weighted": _money(row.sums.weighted, shown and weighed),
        "own": _said(row.own), "override": _said(row.override), "forecast": _money(row.forecast, shown),
        **{name: _money(getattr(row.target, name)) if row.target else None for name in ("target", "gap", "due", "weekly")},
        **{name: _fraction(getattr(row.target, name)) if row.target else None for name in ("attained", "coverage")},
    }  # fmt: skip


def _said(one: Judgement | None) -> dict[str, Any] | None:
    if one is None:
        return None
    return {"id": one.pk, "amount": _money(one.amount), "note": one.note, "by": one.by_id, "at": one.at.isoformat()}


def _money(amount: Decimal | None, shown: bool = True) -> str | None:
    return str(amount.quantize(CENT)) if shown and amount is not None else None


def _fraction(part: Decimal | None) -> str | None:
    return None if part is None else str(part.quantize(Decimal("0.0001")))
