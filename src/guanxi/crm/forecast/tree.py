"""The tree of teams with their people, as far as a reader's reach goes: what forecasts and targets are added up along."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from guanxi.access.models import Team, User
from guanxi.base.ordering import InOrder
from guanxi.crm.forecast.rights import Reach
from guanxi.entity.actors import Actor
from guanxi.record.memory import remember

Key = tuple[str, int]
"""`team` or `person`, and whose."""
NOBODY, OTHERS = 0, -1
"""Stand for the owner of records that have none, and for owners out of reach of whom the reader sees records all the same."""
BESIDES = {"nobody": NOBODY, "others": OTHERS}


@dataclass
class Person:
    """A user as the tree needs them."""

    pk: int
    name: str
    team_id: int | None
    is_active: bool


@dataclass
class Tree:
    """Teams and people within reach."""

    reach: Reach
    people: Mapping[int, Person]
    parents: Mapping[int, int | None]
    """Of every living team."""

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

    def right_below(self, team: int | None) -> list[Key]:
        """The teams, then the people, right below a team or at the top."""
        return [*(("team", key) for key in self.teams_under(team)), *(("person", one.pk) for one in self.people_in(team))]

    def heads(self, team: int) -> int:
        """How many people are in a team and all below it."""
        return len(self.people_in(team)) + sum(self.heads(key) for key in self.teams_under(team))

    def within(self, team: int) -> Iterator[int]:
        """A team and all below it."""
        yield team
        for key in self.teams_under(team):
            yield from self.within(key)

    def condition(self, kind: str, key: int) -> str:
        """The records of a team, a person, of nobody or of others, for the reader; empty for all."""
        if kind == "team":
            return f"owner.team in ({', '.join(map(str, self.within(key)))})"
        if kind == "person":
            return f"owner = {key}"
        if kind == "nobody":
            return "owner is empty"
        if kind == "others":
            teams = ", ".join(map(str, sorted(self.reach.teams)))
            return "owner is not empty and owner != me" + (f" and not owner.team in ({teams})" if teams else "")
        return ""

    def above(self, person: Person) -> Iterator[int]:
        """The teams above a person, nearest first, as far as they are within reach."""
        at, seen = self.home(person), set[int]()
        while at is not None and at in self.parents and at not in seen and self.reach.over(team=at):
            seen.add(at)
            yield at
            at = self.parents[at]


def place_of(owner: int | None, people: Container[int]) -> int:
    """Under whom a record is counted, of the people within reach."""
    return NOBODY if owner is None else owner if owner in people else OTHERS


def everyone() -> dict[int, Person]:
    """Everybody there is or was, by key, in the order of names; remembered."""

    def read() -> dict[int, Person]:
        rows = User.objects.order_by(InOrder("name"), "pk").values_list("pk", "name", "team_id", "is_active")
        return {row[0]: Person(*row) for row in rows}

    return remember("people of the forecast", read)


def parents() -> dict[int, int | None]:
    """The team above each living one, in the order of names; remembered."""

    def read() -> dict[int, int | None]:
        return dict(Team.objects.filter(deleted_at__isnull=True).order_by(InOrder("name"), "pk").values_list("pk", "parent_id"))

    return remember("parents of teams", read)


def within_reach(reader: Actor, whose: Reach) -> dict[int, Person]:
    """The people whom a reader's reach takes in, themselves besides."""
    return {key: one for key, one in everyone().items() if whose.over(team=one.team_id) or key == reader.pk}
