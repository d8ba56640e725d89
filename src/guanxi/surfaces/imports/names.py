"""Names of a file matched with names that are known: the same, the same but for writing, or alike.

Only the same name is a match; the others are proposed to a person. Nothing here looks into the database.
"""

from __future__ import annotations

import difflib
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from guanxi.base.words import fold
from guanxi.surfaces.imports.letters import simplified

ALIKE = 0.72
"""From this likeness on a near name is proposed."""
CONSIDERED = 12
"""Names compared letter by letter with one that is looked for."""
BUSY = 200
"""A piece shared by more names than this says little about any."""

_NOT_WORD = re.compile(r"[\W_]+")
_NUMBERS = re.compile(r"\d+")
# What a company is in law says nothing of which one it is.
_LEGAL = re.compile(
    r"\b(?:inc|incorporated|ltd|limited|llc|llp|plc|corp|corporation|co|company|gmbh|ag|kg|sa|sas|sarl|srl|spa|bv|nv|oy|ab|as|aps|sro|pty|pte|kk|group|holdings?)\b"
    r"|股份有限公司|有限责任公司|有限公司|股份公司|集团公司|公司|集团"
)


@dataclass(frozen=True, slots=True)
class Match:
    """What a name of the file is taken for."""

    how: Literal["exact", "folded", "near", "none"]
    key: int | None = None
    """Of the known name."""
    name: str = ""
    """As it is known."""
    score: float = 0.0
    others: tuple[str, ...] = ()
    """Other known names that are as likely, or nearly."""

    @property
    def is_certain(self) -> bool:
        """Whether it may be used without asking."""
        return self.how == "exact"


def folded(name: str) -> str:
    """A name without case, spaces, punctuation, accents, width and Chinese variants."""
    return _NOT_WORD.sub("", fold(simplified(name)))


def match_names(values: Iterable[str], known: Mapping[str, int]) -> dict[str, Match]:
    """A match for every different value; near ones are found by shared pieces, not by trying all."""
    index: Near | None = None
    found: dict[str, Match] = {}
    for value in values:
        if value in found:
            continue
        if value in known:
            found[value] = Match("exact", known[value], value, 1.0)
            continue
        index = index or Near(known)
        found[value] = index.find(value)
    return found


class Near:
    """Known names by their folded form, by their core without legal form, and by their pieces; finds the one that is meant."""

    def __init__(self, known: Mapping[str, int]) -> None:
        self.known = known
        self.by_folded: dict[str, list[str]] = defaultdict(list)
        self.by_core: dict[str, list[str]] = defaultdict(list)
        self.pieces: dict[str, list[int]] = defaultdict(list)
        self.cores: list[str] = []
        self.names: list[str] = list(known)
        for place, name in enumerate(self.names):
            self.by_folded[folded(name)].append(name)
            core = _core(name)
            self.by_core[core].append(name)
            self.cores.append(core)
            for piece in _pieces(core):
                self.pieces[piece].append(place)

    def find(self, value: str) -> Match:
        """What a name that is not known as it stands is taken for."""
        plain = folded(value)
        if not plain:
            return Match("none")
        if same := self.by_folded.get(plain):
            return self._match("folded", same, 1.0)
        core = _core(value)
        if same := self.by_core.get(core):
            return self._match("near", same, 0.95)
        return self._near(core)

    def _near(self, core: str) -> Match:
        scored = sorted(((_likeness(core, self.cores[place]), place) for place in self._candidates(core)), reverse=True)
        if not scored or scored[0][0] < ALIKE:
            return Match("none")
        best, place = scored[0]
        others = tuple(self.names[other] for score, other in scored[1:4] if score > best - 0.05)
        name = self.names[place]
        return Match("near", self.known[name], name, round(best, 3), others)

    def _candidates(self, core: str) -> list[int]:
        """The known names that share most of the rare pieces."""
        lists = sorted((self.pieces[piece] for piece in _pieces(core) if piece in self.pieces), key=len)
        # Where every piece is busy the rarest few still tell.
        rare = [places for places in lists if len(places) <= BUSY] or [places[: BUSY * 5] for places in lists[:3]]
        shared: Counter[int] = Counter()
        for places in rare:
            weight = 1 + int(BUSY / len(places)) // 20
            for place in places:
                shared[place] += weight
        return [place for place, _weight in shared.most_common(CONSIDERED)]

    def _match(self, how: Literal["folded", "near"], names: Sequence[str], score: float) -> Match:
        return Match(how, self.known[names[0]], names[0], score, tuple(names[1:4]))


def _core(name: str) -> str:
    """A folded name without its legal form, unless nothing else is left."""
    words = fold(simplified(name)).replace(".", "")
    return _NOT_WORD.sub("", _LEGAL.sub(" ", words)) or folded(name)


def _pieces(core: str) -> set[str]:
    """The neighbouring characters, three of an alphabet, two of Chinese; both ends count."""
    framed = f"\x02{core}\x03"
    size = 3 if core.isascii() else 2
    return {framed[place : place + size] for place in range(len(framed) - size + 1)}


def _likeness(one: str, other: str) -> float:
    """How alike two cores are, 0 to 1: the letters they share in order, more when one begins the other."""
    if not one or not other:
        return 0.0
    if min(len(one), len(other)) * 3 < max(len(one), len(other)) or _NUMBERS.findall(one) != _NUMBERS.findall(other):
        return 0.0  # GTX 100 is not GTX 200, however alike they look
    matcher = difflib.SequenceMatcher(None, one, other, autojunk=False)
    ratio = matcher.ratio() if matcher.real_quick_ratio() >= ALIKE <= matcher.quick_ratio() else 0.0
    if min(len(one), len(other)) > (2 if one.isascii() else 1) and (one.startswith(other) or other.startswith(one)):
        ratio = max(ratio, 0.75 + 0.2 * min(len(one), len(other)) / max(len(one), len(other)))
    return ratio


def likeness(one: str, other: str) -> float:
    """How alike two names are, 0 to 1, whatever they are in law."""
    return 1.0 if folded(one) == folded(other) else _likeness(_core(one), _core(other))
