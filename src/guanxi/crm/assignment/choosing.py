"""Whose turn it is: the ways of choosing among people, without any database.

Each way keeps in `turn` what it must remember until the next time, as plain JSON.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
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
        self.turn = turn
        self.room = None if room is None else {person: room.get(person, 0) for person in self.there}

    def pick(self, barred: Collection[int] = ()) -> Picked | None:
        """The next person, not one of the barred; None when there is nobody, or nobody has room."""
        able = self.able(barred)
        if not able:
            return None
        picked = self.choose(able)
        if self.room is not None:
            self.room[picked.person] -= 1
        self.turn["last"] = picked.person
        return picked

    def able(self, barred: Collection[int]) -> list[int]:
        """Who could get one now."""
        room = self.room
        return [person for person in self.there if person not in barred and (room is None or room[person] > 0)]

    def choose(self, able: Sequence[int]) -> Picked:
        """One of these."""
        last = self.turn.get("last")
        return Picked(self.following(able)[0], {"after": last} if last is not None else {})

    def following(self, able: Sequence[int]) -> list[int]:
        """These, whose turn is next first. One who left the list keeps no place: then it begins again."""
        last = self.turn.get("last")
        if last not in self.people:
            return list(able)
        place = self.people.index(last)
        order = {person: at for at, person in enumerate(self.people)}
        return sorted(able, key=lambda person: (order[person] - place - 1) % len(self.people))


class InOrder(InTurn):
    """The first who can."""

    def choose(self, able: Sequence[int]) -> Picked:
        return Picked(able[0])


class ByWeight(InTurn):
    """Smooth weighted round robin, as nginx balances: exact proportions over each full round, spread as evenly as can be."""

    def __init__(self, people: Sequence[int], turn: Turn, *, weights: Mapping[int, int], **others: Any) -> None:
        super().__init__(people, turn, **others)
        self.weights = weights

    def choose(self, able: Sequence[int]) -> Picked:
        kept: dict[str, int] = self.turn.setdefault("credit", {})
        total = sum(self.weights.get(person, 1) for person in able)
        for person in able:
            kept[str(person)] = kept.get(str(person), 0) + self.weights.get(person, 1)
        best = max(able, key=lambda person: kept[str(person)])
        kept[str(best)] -= total
        return Picked(best, {"share": self.weights.get(best, 1), "of": total})


class ByLoad(InTurn):
    """Whoever has least; among equals in turn."""

    def __init__(self, people: Sequence[int], turn: Turn, *, loads: Mapping[int, int], **others: Any) -> None:
        super().__init__(people, turn, **others)
        self.loads = {person: loads.get(person, 0) for person in self.people}

    def choose(self, able: Sequence[int]) -> Picked:
        order = self.following(able)
        best = min(order, key=lambda person: self.loads[person])
        others = [self.loads[person] for person in order if person != best]
        return Picked(best, {"load": self.loads[best], **({"others": min(others)} if others else {})})

    def took(self, person: int) -> None:
        """One more is counted of that person."""
        self.loads[person] += 1
