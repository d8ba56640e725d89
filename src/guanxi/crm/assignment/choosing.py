"""Whose turn it is: the ways of choosing among people, without any database.

Each way keeps in `turn` what it must remember until the next time, as plain JSON.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import Any

Turn = dict[str, Any]


@dataclass(frozen=True)
class Picked:
    """Who, and by which facts."""

    person: int
    why: Mapping[str, Any] = field(default_factory=dict)


class InTurn:
    """Round robin: the next one after who had the last, in the order of the list."""

    def __init__(self, people: Sequence[int], turn: Turn, *, absent: Collection[int] = (), room: Mapping[int, int] | None = None) -> None:
        self.people = list(dict.fromkeys(people))
        self.there = [person for person in self.people if person not in absent]
        self.present = frozenset(self.there)
        self.turn = turn
        self.place = {person: at for at, person in enumerate(self.people)}
        self.room = None if room is None else {person: room.get(person, 0) for person in self.there}

    def pick(self, barred: Collection[int] = ()) -> Picked | None:
        """The next person, not one of the barred; None when there is nobody, or nobody has room."""
        picked = self.choose(barred)
        if picked is None:
            return None
        if self.room is not None:
            self.room[picked.person] -= 1
        self.turn["last"] = picked.person
        return picked

    def able(self, barred: Collection[int]) -> list[int]:
        """Who could get one now."""
        room = self.room
        return [person for person in self.there if person not in barred and (room is None or room[person] > 0)]

    def choose(self, barred: Collection[int]) -> Picked | None:
        """Who gets it, of those who can."""
        last, there, room = self.turn.get("last"), self.present, self.room
        for person in self.following():
            if person in there and person not in barred and (room is None or room[person] > 0):
                return Picked(person, {"after": last} if last is not None else {})
        return None

    def following(self) -> Iterator[int]:
        """All of the list, whose turn is next first. One who left the list keeps no place: then it begins again."""
        begin, people = self.place.get(self.turn.get("last", 0), -1) + 1, self.people
        return chain(islice(people, begin, None), islice(people, begin))


class InOrder(InTurn):
    """The first who can."""

    def choose(self, barred: Collection[int]) -> Picked | None:
        able = self.able(barred)
        return Picked(able[0]) if able else None


class ByWeight(InTurn):
    """Smooth weighted round robin, as nginx balances: exact proportions over each full round, spread as evenly as can be."""

    def __init__(self, people: Sequence[int], turn: Turn, *, weights: Mapping[int, int], **others: Any) -> None:
        super().__init__(people, turn, **others)
        self.weights = weights

    def choose(self, barred: Collection[int]) -> Picked | None:
        able = self.able(barred)
        if not able:
            return None
        kept: dict[str, int] = self.turn.setdefault("credit", {})
        total = sum(self.weights.get(person, 1) for person in able)
        for person in able:
            kept[str(person)] = kept.get(str(person), 0) + self.weights.get(person, 1)
        best = max(able, key=lambda person: kept[str(person)])
        kept[str(best)] -= total
        return Picked(best, {"share": self.weights.get(best, 1), "of": total})


class ByLoad(InTurn):
    """Whoever has least; among equals in turn."""

    def __init__(self, people: Sequence[int], turn: Turn, *, loads: dict[int, int], **others: Any) -> None:
        """`loads` is kept up to date, for whoever goes on with it."""
        super().__init__(people, turn, **others)
        self.loads = loads
        for person in self.people:
            loads.setdefault(person, 0)

    def choose(self, barred: Collection[int]) -> Picked | None:
        able, loads = self.able(barred), self.loads
        if not able:
            return None
        begin, number = self.place.get(self.turn.get("last", 0), -1) + 1, len(self.people)
        least = min(map(loads.__getitem__, able))
        equal = [person for person in able if loads[person] == least]
        best = min(equal, key=lambda person: (self.place[person] - begin) % number)
        others = min((loads[person] for person in able if person != best), default=None) if len(equal) == 1 else least
        return Picked(best, {"load": least, **({"others": others} if others is not None else {})})

    def took(self, person: int) -> None:
        """One more is counted of that person."""
        self.loads[person] += 1
