"""The names that other systems give to columns, and what they mean in our trade words.

The words are data, in `vocabulary.json`; here is only how a name is normalised and looked up.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from guanxi.base.words import fold
from guanxi.surfaces.imports.letters import simplified

ANY = "any"
"""The entity of a meaning that every entity may have."""
ADDRESSES = ("billing", "shipping", "home", "other")
"""The kinds of address, the likeliest to be the one that matters first."""

_CJK = "\u3400-\u9fff"
_HUMPS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z](?!\b))")
_CUSTOM = re.compile(r"__c$|\((?:required|optional|必填|选填|必選|選填)\)|（(?:必填|选填|必選|選填)）", re.IGNORECASE)
_NOISE = re.compile(r"[\W_]+")
_BESIDE_CJK = re.compile(rf"(?<=[{_CJK}]) | (?=[{_CJK}])")
_DIGITS = re.compile(rf"\s*\b\d+\b|(?<=[{_CJK}])\d+")


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a column name stands for."""

    entity: str
    """An entity's name, or `any`."""
    concept: str
    places: tuple[str, ...]
    """Where it may be kept, best first: `field` or `field/part`; `~field` for want of a better."""
    looks: str = ""
    """What its values look like: email, phone, url, date, number."""
    unless: tuple[str, ...] = ()
    """Concepts that together say the same; where they are all given this one is left."""
    group: str = ""
    """Of several addresses the one it is part of; parts of two are never mixed into one."""


@dataclass(frozen=True, slots=True)
class Sense:
    """A meaning found for a name, and how far down the list of its names that one stands."""

    meaning: Meaning
    rank: int


@lru_cache(maxsize=20_000)
def normalised(name: str) -> str:
    """A column name for comparing: words apart, without case, accents, punctuation; Chinese simplified."""
    words = _HUMPS.sub(" ", _CUSTOM.sub(" ", name.strip()))
    text = fold(simplified(words.replace("'", "").replace("’", "")))
    text = _NOISE.sub(" ", text).strip()
    text = re.sub(r"\be mail\b", "email", text)
    text = re.sub(r"\bweb site\b", "website", text)
    return _BESIDE_CJK.sub("", text)


def unnumbered(name: str) -> str:
    """A normalised name without its numbers: `phone 1 value` as `phone value`."""
    return _BESIDE_CJK.sub("", " ".join(_DIGITS.sub(" ", name).split()))


def senses(name: str) -> list[Sense]:
    """What a normalised name may mean, in every entity."""
    index = _vocabulary().index
    return index.get(name) or index.get(unnumbered(name)) or []


def is_not_kept(name: str) -> bool:
    """Whether a normalised name is a vendor's own bookkeeping, known and left."""
    return bool({name, unnumbered(name)} & _vocabulary().not_kept)


def is_known(name: str) -> bool:
    """Whether a text from a file is a column name seen before."""
    plain = normalised(name)
    if senses(plain) or is_not_kept(plain):
        return True
    return any(senses(rest) for _entity, rest in split_entity(plain))


def split_entity(name: str) -> Iterator[tuple[str, str]]:
    """An entity named at the start of a normalised name, and the rest: `deal value` is (deals, value)."""
    for word, entity in _vocabulary().entity_words:
        if name.startswith(word) and len(name) > len(word):
            rest = name[len(word) :]
            if rest[0] == " " or "\u3400" <= word[-1] <= "\u9fff":
                yield entity, rest.strip()


def entities() -> list[str]:
    """The entities whose column names are known."""
    return _vocabulary().entities


def named_entity(name: str) -> str | None:
    """The entity that a normalised name names as a whole: `contact person` is none, `person` is contacts."""
    return next((entity for word, entity in _vocabulary().entity_words if word == name), None)


@dataclass(frozen=True, slots=True)
class _Vocabulary:
    entities: list[str]
    entity_words: list[tuple[str, str]]
    index: dict[str, list[Sense]]
    not_kept: frozenset[str]


@cache
def _vocabulary() -> _Vocabulary:
    stored: dict[str, Any] = json.loads(Path(__file__).with_name("vocabulary.json").read_text("utf-8"))
    index: dict[str, list[Sense]] = defaultdict(list)
    for entity in (*stored["entities"], ANY):
        for concept, said in stored[entity].items():
            unless = tuple(said.get("unless", ()))
            meaning = Meaning(entity, concept, tuple(said["at"]), said.get("looks", ""), unless)
            for rank, name in enumerate(said["names"]):
                _add(index, name, Sense(meaning, rank))
    _add_addresses(index, stored["address"])
    words = [(normalised(word), entity) for entity, said in stored["entities"].items() for word in said]
    words.sort(key=lambda pair: -len(pair[0]))
    not_kept = frozenset(normalised(name) for name in stored["not kept"])
    return _Vocabulary(list(stored["entities"]), words, dict(index), not_kept)


def _add(index: dict[str, list[Sense]], name: str, sense: Sense) -> None:
    senses_of_name = index[normalised(name)]
    if all(known.meaning is not sense.meaning for known in senses_of_name):
        senses_of_name.append(sense)


def _add_addresses(index: dict[str, list[Sense]], said: dict[str, Any]) -> None:
    """Every kind of address with every part: `billing city`, `住宅地址邮政编码`."""
    for label, kind in said["labels"].items():
        for part, names in said["parts"].items():
            places = tuple(f"{field}/{part}" for field in kind["at"])
            whole = tuple(kind["at"]) if part == "text" else ()
            unless = (f"{label} street",) if part == "text" else ()
            meaning = Meaning(ANY, f"{label} {part}", (*places, *whole), unless=unless, group=label)
            for order, prefix in enumerate(kind["names"]):
                for rank, name in enumerate(names):
                    if prefix != name:
                        _add(index, f"{prefix} {name}", Sense(meaning, order + rank))
                if part == "text" and prefix.endswith(("address", "地址", "住址")):
                    _add(index, prefix, Sense(meaning, order))
