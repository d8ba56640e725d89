"""How likely two records are one: evidence in bits, added up over what is compared.

After Fellegi and Sunter (1969): agreement on a value counts by how rare the value is among these records (log2 of one in so
many), disagreement counts against it by how seldom it happens between records of one thing. What kinds of values mean is
fixed below; only how often each value occurs is taken from the records themselves, so nothing has to be trained.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import log2

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA, JaroWinkler

from guanxi.surfaces.dedupe.traits import NOT_TELLING, Features, Trait, Values, sound, syllables

EXPECTED = 0.2
"""So many others of each record are thought to be it again, before anything is known."""
OUTSIDE = 500
"""So many records that are not here are thought of too, each with other values: two of ten who share a phone share something rare."""
CERTAIN, LIKELY, POSSIBLE = 8.0, 3.0, 0.0
"""Bits from which on a pair is all but certainly one (256 to 1), likely one (8 to 1), as likely one as not."""


@dataclass
class Known:
    """How many records there are, and how often each value occurs; by trait."""

    traits: Sequence[Trait]
    total: int = 0
    often: list[dict[str, int]] = field(default_factory=list)
    filled: list[int] = field(default_factory=list)
    distinct: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.often = [{} for _trait in self.traits]
        self.filled = [0 for _trait in self.traits]

    def add(self, said: Features) -> None:
        """Count one record."""
        self.total += 1
        for place, values in enumerate(said):
            if values:
                self.filled[place] += 1
                often = self.often[place]
                for value in values:
                    often[value] = often.get(value, 0) + 1

    def settle(self) -> None:
        """Forget what occurs once: what is not known occurs once. Most values of a million records do."""
        self.distinct = [len(often) for often in self.often]
        self.often = [{value: number for value, number in often.items() if number > 1} for often in self.often]

    def roles(self) -> list[str]:
        """The part each trait plays: a custom text whose values are all but unique is a code."""
        found = []
        for place, trait in enumerate(self.traits):
            unique = self.filled[place] >= 20 and self.distinct[place] >= 0.6 * self.filled[place]
            found.append("code" if trait.role == "word" and unique else trait.role)
        return found

    def rarity(self, place: int, value: str, most: float) -> float:
        """Bits that agreement on the value is worth: one in so many records has it."""
        return max(0.0, min(most, log2((self.total + OUTSIDE) / self.often[place].get(value, 1))))


@dataclass(frozen=True, slots=True)
class Verdict:
    """The evidence: bits for (above 0) or against being one, in all and by trait."""

    bits: float
    parts: tuple[float, ...]
    same: tuple[bool, ...]
    """Of which traits they say the very same."""

    @property
    def told(self) -> list[str]:
        """For each trait “same”, “alike”, “differs”, or nothing."""
        return [
            "same" if same else "alike" if bits > 0 else "differs" if bits < 0 else ""
            for bits, same in zip(self.parts, self.same, strict=True)
        ]


class Comparison:
    """Compares records of which this much is known."""

    def __init__(self, known: Known) -> None:
        self.known = known
        self.roles = known.roles()
        self.prior = log2(EXPECTED / max(known.total, 2))
        self.ways = [WAYS[role] for role in self.roles]

    def __call__(self, one: Features, other: Features) -> Verdict:
        known = self.known
        parts = [
            way(known, place, ours, theirs) if ours and theirs else 0.0
            for place, (way, ours, theirs) in enumerate(zip(self.ways, one, other, strict=True))
        ]
        bits = self.prior + sum(parts)
        if bits < POSSIBLE:
            return NOTHING
        return Verdict(bits, tuple(parts), tuple(map(_same, self.roles, one, other)))


def _same(role: str, ours: Values, theirs: Values) -> bool:
    """Whether they say the very same: a name all of it, of several phones one."""
    return ours == theirs != [] if role in {"name", "firm"} else not set(ours).isdisjoint(theirs)


NOTHING = Verdict(float("-inf"), (), ())
"""Of pairs that are less likely one than not, no more is told."""


# ——— by role ———


def _name(known: Known, place: int, ours: Values, theirs: Values) -> float:
    """By words. However many are the same, a name says no more than which of all these records is meant, and a little."""
    return max(-8.0, min(_name_by_words(known, place, ours, theirs), log2(known.total + 1) + 3))


def _name_by_words(known: Known, place: int, ours: Values, theirs: Values) -> float:
    if ours == theirs:
        return sum(known.rarity(place, word, 16) for word in ours)
    ours, theirs = _as_said(ours, theirs)
    left, right = list(ours), list(theirs)
    bits = 0.0
    for word in ours:
        if word in right:
            left.remove(word)
            right.remove(word)
            bits += known.rarity(place, word, 14)
    while left and right:
        likeness, word, other = max((_likeness(word, other), word, other) for word in left for other in right)
        if likeness < 0.8:
            break
        left.remove(word)
        right.remove(other)
        rarity = min(known.rarity(place, word, 14), known.rarity(place, other, 14))
        bits += rarity * (0.45 + 2.25 * (likeness - 0.8)) if len(word) > 1 and len(other) > 1 else min(rarity, 3.0)
    if len(left) == len(ours) and len(right) == len(theirs):
        bits -= 4.0  # nothing of the name is the same
    bits -= 4.0 * min(len(left), len(right)) + 1.2 * abs(len(left) - len(right))
    if bits < 12 and (len(ours) != len(theirs) or left):
        # Words run together or cut otherwise: “north wind”, “northwind”.
        whole = fuzz.ratio("".join(ours), "".join(theirs)) / 100
        if whole >= 0.85:
            bits = max(bits, (whole - 0.55) * 2 * sum(known.rarity(place, word, 14) for word in min(ours, theirs, key=len)))
    return bits


def _as_said(ours: Values, theirs: Values) -> tuple[Values, Values]:
    """Both in letters when only one is in characters."""
    scripts = ["".join(words).isascii() for words in (ours, theirs)]
    if scripts[0] == scripts[1]:
        return ours, theirs
    return [part for word in ours for part in syllables(word)], [part for word in theirs for part in syllables(word)]


def _likeness(word: str, other: str) -> float:
    """How alike two words are, from 0 to 1: as written, as said, or one the beginning of the other."""
    if len(word) == 1 or len(other) == 1:
        return 0.85 if word[0] == other[0] and word.isascii() and not word.isdigit() else 0.0
    if word.isdigit() or other.isdigit():
        return 0.0
    if not word.isascii() and not other.isascii():
        alike = sound(word) == sound(other)
        return max(0.95 if alike else 0.0, fuzz.ratio(word, other) / 100)
    written = JaroWinkler.similarity(word, other)
    if min(len(word), len(other)) >= 4 and OSA.distance(word, other, score_cutoff=1) <= 1:
        written = max(written, 0.93)
    return written


def _firm(known: Known, place: int, ours: Values, theirs: Values) -> float:
    """As a name; but people change where they work, and many work at one place."""
    return max(-2.0, min(_name(known, place, ours, theirs), 10.0))


def _any(known: Known, place: int, ours: Values, theirs: Values, most: float) -> float:
    """The rarest value that both have; 0 when they share none."""
    shared = set(ours) & set(theirs)
    return max((known.rarity(place, value, most) for value in shared), default=0.0)


def _phone(known: Known, place: int, ours: Values, theirs: Values) -> float:
    found = _any(known, place, ours, theirs, 20)
    if found:
        return found
    near = any(len(one) > 6 and OSA.distance(one, other, score_cutoff=1) <= 1 for one in ours for other in theirs)
    return 5.0 if near else -3.0


def _email(known: Known, place: int, ours: Values, theirs: Values) -> float:
    found = _any(known, place, ours, theirs, 22)
    if found:
        return found
    near = any(OSA.distance(one, other, score_cutoff=2) <= 2 and len(one) > 9 for one in ours for other in theirs)
    return 6.0 if near else -1.5


def _code(known: Known, place: int, ours: Values, theirs: Values) -> float:
    found = _any(known, place, ours, theirs, 22)
    if found:
        return found
    distance = min(OSA.distance(one, other) / max(len(one), len(other)) for one in ours for other in theirs)
    return 7.0 if distance <= 0.15 else 3.0 if distance <= 0.3 else -5.0


def _site(known: Known, place: int, ours: Values, theirs: Values) -> float:
    return _any(known, place, ours, theirs, 14) or -2.0


def _street(known: Known, place: int, ours: Values, theirs: Values) -> float:
    (one,), (other,) = ours[:1], theirs[:1]
    if one == other:
        return known.rarity(place, one, 14)
    (number, words), (other_number, other_words) = _parted(one), _parted(other)
    alike = max(fuzz.token_set_ratio(words, other_words) * 0.97, fuzz.ratio(words, other_words))
    if number and number == other_number:
        return min(9.0, known.rarity(place, one, 14)) if alike >= 80 else 4.0 if alike >= 60 else -1.0
    if number and other_number:
        near = len(number) > 1 and OSA.distance(number, other_number, score_cutoff=1) <= 1
        return (2.0 if near else -1.0) if alike >= 80 else -3.0
    return 5.0 if alike >= 80 else -1.0 if alike >= 60 else -3.0


def _parted(street: str) -> tuple[str, str]:
    """A house number, the first number there is, and the words that tell one street from another."""
    words = street.split()
    number = next((word for word in words if word.isdigit()), "")
    named = [word for word in words if word != number and word not in NOT_TELLING]
    return number, " ".join(named)


def _postcode(known: Known, place: int, ours: Values, theirs: Values) -> float:
    (one,), (other,) = ours[:1], theirs[:1]
    if one == other:
        return known.rarity(place, one, 9)
    return 2.5 if OSA.distance(one, other, score_cutoff=1) <= 1 else -2.0


def _place(known: Known, place: int, ours: Values, theirs: Values) -> float:
    (one,), (other,) = ours[:1], theirs[:1]
    if one == other:
        return known.rarity(place, one, 8)
    alike = max(fuzz.ratio(one, other), fuzz.partial_ratio(one, other) * 0.9 if min(len(one), len(other)) > 4 else 0)
    return min(5.0, known.rarity(place, one, 8)) if alike >= 80 else -1.5


def _day(known: Known, place: int, ours: Values, theirs: Values) -> float:
    (one,), (other,) = ours[:1], theirs[:1]
    if one == other:
        return known.rarity(place, one, 14)
    swapped = one[:4] == other[:4] and one[4:6] == other[6:] and one[6:] == other[4:6]
    return 6.0 if swapped or OSA.distance(one, other, score_cutoff=1) <= 1 else -4.0


def _link(known: Known, place: int, ours: Values, theirs: Values) -> float:
    return _any(known, place, ours, theirs, 9) or -1.5


def _word(known: Known, place: int, ours: Values, theirs: Values) -> float:
    return _any(known, place, ours, theirs, 6) if set(ours) & set(theirs) else -0.5


WAYS = {
    "name": _name, "firm": _firm, "phone": _phone, "email": _email, "code": _code, "site": _site, "street": _street, "postcode": _postcode,
    "place": _place, "day": _day, "link": _link, "word": _word,
}  # fmt: skip
