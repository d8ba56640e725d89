"""Naive Bayes over facts, and how good it is; no database.

Each fact speaks for itself: the logarithm of how much more often it was seen among what was won than among what was lost, with
one added to every count (Laplace), so that nothing is certain. The sum, with what the two classes weigh, is the log-odds.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

Facts = Mapping[str, str]
"""What is known of a record: a value, or the number of a range, by field. An empty one is a fact too."""

RANGES = 5
"""Numbers are told apart by so many ranges, each with as many of the records."""


@dataclass
class Counts:
    """How often each fact was seen among what was won and what was lost."""

    won: int = 0
    lost: int = 0
    seen: dict[tuple[str, str], list[int]] = field(default_factory=dict)
    """[won, lost] by (field, value)."""

    def add(self, facts: Facts, won: bool, times: int = 1) -> None:
        """One record more, or less."""
        if won:
            self.won += times
        else:
            self.lost += times
        for pair in facts.items():
            self.seen.setdefault(pair, [0, 0])[0 if won else 1] += times

    def told(self) -> dict[tuple[str, str], tuple[int, int]]:
        """Only what was seen at all."""
        return {pair: (won, lost) for pair, (won, lost) in self.seen.items() if won or lost}

    def distinct(self) -> Counter[str]:
        """How many values of each field were seen."""
        return Counter(name for name, _value in self.told())


def weight(won: int, lost: int, all_won: int, all_lost: int, values: int) -> float:
    """What one fact adds to the log-odds; nothing when it was never seen."""
    if not won and not lost:
        return 0.0
    return math.log((won + 1) / (all_won + values)) - math.log((lost + 1) / (all_lost + values))


def prior(won: int, lost: int) -> float:
    """The log-odds before anything is known."""
    return math.log((won + 1) / (lost + 1))


def chance(log_odds: float) -> float:
    """The probability that log-odds mean."""
    return 1 / (1 + math.exp(-max(min(log_odds, 700.0), -700.0)))


class Judge:
    """Counts made ready to judge many records."""

    def __init__(self, counts: Counts) -> None:
        values = counts.distinct()
        self.prior = prior(counts.won, counts.lost)
        self.weights = {
            (name, value): weight(won, lost, counts.won, counts.lost, values[name]) for (name, value), (won, lost) in counts.told().items()
        }

    def chance(self, facts: Facts) -> float:
        """How likely it is won."""
        return chance(self.prior + sum(self.weights.get(pair, 0.0) for pair in facts.items()))

    def alone(self, name: str, facts: Facts) -> float:
        """What one field adds to the log-odds."""
        return self.weights.get((name, facts[name]), 0.0) if name in facts else 0.0


# ——— ranges ———


def edges_of(numbers: Iterable[float]) -> list[float]:
    """Where the ranges begin, so that each holds as many of these numbers; fewer where many are equal."""
    ordered = sorted(numbers)
    if not ordered:
        return []
    cuts = [ordered[len(ordered) * place // RANGES] for place in range(1, RANGES)]
    return [cut for cut in dict.fromkeys(cuts) if cut > ordered[0]]


def range_of(number: float, edges: Sequence[float]) -> str:
    """The number of the range in which a number lies."""
    return str(bisect_right(edges, number))


# ——— how good it is ———


def auc(chances: Sequence[float], won: Sequence[bool]) -> float | None:
    """How likely something won was judged higher than something lost (area under the ROC curve, by ranks); None for one class only."""
    order = sorted(range(len(chances)), key=lambda at: chances[at])
    ranks, start = [0.0] * len(order), 0
    while start < len(order):
        end = start
        while end < len(order) and chances[order[end]] == chances[order[start]]:
            end += 1
        for at in order[start:end]:
            ranks[at] = (start + end + 1) / 2
        start = end
    good = sum(won)
    bad = len(won) - good
    if not good or not bad:
        return None
    return (sum(rank for rank, is_won in zip(ranks, won, strict=True) if is_won) - good * (good + 1) / 2) / (good * bad)


def brier(chances: Sequence[float], won: Sequence[bool]) -> float:
    """The mean squared error of the chances (Brier 1950); 0 is perfect."""
    return sum((one - is_won) ** 2 for one, is_won in zip(chances, won, strict=True)) / len(won) if won else 0.0


def calibration(chances: Sequence[float], won: Sequence[bool]) -> list[tuple[int, int, int, float]]:
    """Per tenth of the chances: (which tenth, how many, how many of them won, their mean chance); empty ones are left out."""
    tenths: dict[int, list[tuple[float, bool]]] = {}
    for one, is_won in zip(chances, won, strict=True):
        tenths.setdefault(min(int(one * 10), 9), []).append((one, is_won))
    return [
        (tenth, len(rows), sum(is_won for _one, is_won in rows), sum(one for one, _won in rows) / len(rows))
        for tenth, rows in sorted(tenths.items())
    ]
