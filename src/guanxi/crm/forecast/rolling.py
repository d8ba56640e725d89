"""The roll-up: deals of a period by person and category in one query, added up the tree of teams."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import Case, Count, DateField, F, Q, Sum, Value, When
from django.utils.translation import gettext as _

from guanxi.access.models import Team, User
from guanxi.crm.forecast.categories import CATEGORIES, category, within
from guanxi.crm.forecast.rights import Reach, reach, sees, sees_forecast
from guanxi.crm.forecast.spans import Span
from guanxi.crm.rates.converting import Converter
from guanxi.entity.registry import entity_named
from guanxi.record.memory import remember
from guanxi.record.reach import visible
from guanxi.record.refusals import Forbidden

ZERO = Decimal(0)
NOBODY = 0
"""Stands for the owner of deals that have none."""


@dataclass
class Sums:
    """What some deals of a period add up to, in the company's currency."""

    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(CATEGORIES, 0))
    amounts: dict[str, Decimal] = field(default_factory=lambda: dict.fromkeys(CATEGORIES, ZERO))
    weighted: Decimal = ZERO
    """Won amounts, and those of open deals by their probability; omitted ones aside."""

    @property
    def raw(self) -> Decimal:
        """What is won and committed."""
        return self.amounts["closed"] + self.amounts["commit"]

    @property
    def open(self) -> Decimal:
        """What is open and not omitted."""
        return self.amounts["commit"] + self.amounts["best"] + self.amounts["pipeline"]

    def add(self, other: Sums) -> None:
        for name in CATEGORIES:
            self.counts[name] += other.counts[name]
            self.amounts[name] += other.amounts[name]
        self.weighted += other.weighted


@dataclass
class Person:
    """A user as the forecast needs them."""

    pk: int
    name: str
    team_id: int | None
    is_active: bool


@dataclass
class Rollup:
    """A period's deals by person and team, as far as the reader may see them."""

    span: Span
    currency: str
    reach: Reach
    by_person: dict[int, Sums]
    people: Mapping[int, Person]
    parents: Mapping[int, int | None]
    """Of every living team."""
    converter: Converter
    by_team: dict[int, Sums] = field(default_factory=dict)
    total: Sums = field(default_factory=Sums)

    @cached_property
    def _below(self) -> dict[int | None, list[int]]:
        """Teams the reader sees by the one right above; at the top, those of which they see none above."""
        seen = [key for key in self.parents if self.reach.over(team=key)]
        known, below = set(seen), dict[int | None, list[int]]()
        for key in seen:
            parent = self.parents[key]
            below.setdefault(parent if parent in known else None, []).append(key)
        return below

    @cached_property
    def _homes(self) -> dict[int | None, list[Person]]:
        homes: dict[int | None, list[Person]] = {}
        for one in self.people.values():
            homes.setdefault(self.home(one), []).append(one)
        return homes

    def teams_under(self, team: int | None) -> list[int]:
        """The teams right below one, or at the top."""
        return self._below.get(team, [])

    def people_in(self, team: int | None) -> list[Person]:
        """The people right in a team; at the top those in none, and the reader where no team is theirs to see."""
        return self._homes.get(team, [])

    def home(self, person: Person) -> int | None:
        """The team under which a person is listed."""
        return person.team_id if person.team_id in self.parents and self.reach.over(team=person.team_id) else None


def roll_up(reader: User, span: Span, pipeline: int | None = None) -> Rollup:
    """The forecast of a period before anyone judges it. One query, and one for rates where there are several currencies. Forbidden."""
    if not sees_forecast(reader):
        raise Forbidden(_("The forecast is grouped by fields of deals that you may not see."))
    target, today, whose = reader.locale.currency, reader.locale.today, reach(reader)
    known = everyone()
    chosen = {key: one for key, one in known.items() if whose.over(team=one.team_id) or key == reader.pk}
    converter = Converter(target)
    by_person = _by_person(reader, span, pipeline, chosen, whose, converter, today)
    chosen = {key: one for key, one in chosen.items() if one.is_active or key in by_person}
    found = Rollup(span, target, whose, by_person, chosen, parents(), converter)
    _climb(found)
    return found


def _by_person(
    reader: User, span: Span, pipeline: int | None, chosen: Mapping[int, Person], whose: Reach, converter: Converter, today: dt.date
) -> dict[int, Sums]:
    rows = list(grouped(reader, span, pipeline, whose, converter.target))
    converter.learn((row["currency"], row["day"] or today) for row in rows)
    weighs = sees("weighted", reader) and sees("probability", reader)
    by_person: dict[int, Sums] = {}
    for row in rows:
        owner = row["owner_id"] or NOBODY
        if owner != NOBODY and owner not in chosen:
            continue
        sums, name, day = by_person.setdefault(owner, Sums()), row["category"], row["day"] or today
        sums.counts[name] += row["count"]
        if "amount__sum" not in row:
            continue
        amount, rate = row["amount__sum"] or ZERO, converter.rate(row["currency"], day)
        if rate is None:
            converter.miss(row["currency"], amount)
            continue
        sums.amounts[name] += amount * rate
        if name == "closed":
            sums.weighted += amount * rate
        elif name != "omitted" and weighs:
            sums.weighted += (row["weighted__sum"] or ZERO) * rate
    return by_person


def grouped(reader: User, span: Span, pipeline: int | None, whose: Reach, target: str) -> Any:
    """The rows of sums: by owner, category, currency, and the day of the rate where one is needed (none: today's)."""
    found = visible(entity_named("deals"), to=reader).order_by().filter(within(span))
    if not whose.everyone:
        mine = Q(owner=reader.pk) | Q(owner__in=[one.pk for one in everyone().values() if whose.over(team=one.team_id)])
        found = found.filter(mine | Q(owner__isnull=True, team__in=list(whose.teams)))
    if pipeline:
        found = found.filter(pipeline=pipeline)
    day = Case(When(Q(outcome="won") & ~Q(currency__in=["", target]), then=F("closed_on")), default=Value(None), output_field=DateField())
    sums = {"amount__sum": Sum("amount"), "weighted__sum": Sum("weighted")} if sees("amount", reader) else {}
    return found.values("owner_id", "currency", category=category(), day=day).annotate(count=Count("pk"), **sums)


def _climb(found: Rollup) -> None:
    """Each person's sums to their team and those above it, and to the total."""
    for key, sums in found.by_person.items():
        found.total.add(sums)
        at = found.home(found.people[key]) if key != NOBODY else None
        seen: set[int] = set()
        while at is not None and at in found.parents and at not in seen and found.reach.over(team=at):
            seen.add(at)
            found.by_team.setdefault(at, Sums()).add(sums)
            at = found.parents[at]


def everyone() -> dict[int, Person]:
    """Everybody there is or was, by key, in the order of names; remembered."""

    def read() -> dict[int, Person]:
        rows = User.objects.order_by("name", "pk").values_list("pk", "name", "team_id", "is_active")
        return {row[0]: Person(*row) for row in rows}

    return remember("people of the forecast", read)


def parents() -> dict[int, int | None]:
    """Every living team with the one above it, in the order of names; remembered."""

    def read() -> dict[int, int | None]:
        return dict(Team.objects.filter(deleted_at__isnull=True).order_by("name", "pk").values_list("pk", "parent_id"))

    return remember("parents of teams", read)
