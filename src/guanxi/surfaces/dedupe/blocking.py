"""Which pairs are compared at all: those that share a block. A record is in several blocks, so that a mistake in one value
leaves it with its likes in another; a block of very many says nothing and is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import combinations
from zlib import crc32

from guanxi.surfaces.dedupe.traits import Features, Values, sound

MOST = 60
"""Blocks of more records than this are left out: what so many share tells none apart."""
ALONE = {"phone": 20, "email": 22, "code": 22}
_NUMBER = re.compile(r"\d+")


def blocks(roles: Sequence[str], said: Features) -> set[int]:
    """The blocks of one record, as numbers."""
    return {_number(key) for key in keys(roles, said)}


def keys(roles: Sequence[str], said: Features) -> Iterator[str]:
    """The blocks of one record, in words: what is enough alone, and what is enough together."""
    parts: dict[str, list[str]] = {}
    for role, values in zip(roles, said, strict=True):
        if not values:
            continue
        if role in ALONE:
            for value in values:
                yield f"{role}:{value}"
                if role == "code":
                    # One half of a mistyped number is right.
                    yield f"{role}<{value[: len(value) // 2 + 1]}"
                    yield f"{role}>{value[len(value) // 2 - 1 :]}"
        for hint in _hints(role, values):
            parts.setdefault(role, []).append(hint)
    names = sorted(set(parts.get("name", ())))
    if names:
        yield f"whole:{''.join(sorted(names))}"
    for one, other in combinations(names[:5], 2):
        yield f"names:{one}:{other}"
    for role in ("firm", "day", "postcode", "street", "place", "link", "site", "word", "number"):
        for hint in parts.get(role, ()):
            for name in names[:4]:
                yield f"{role}:{hint}:{name}"
    for first, second in (("day", "postcode"), ("day", "street"), ("postcode", "street"), ("site", "place"), ("street", "place")):
        for one in parts.get(first, ()):
            for other in parts.get(second, ()):
                yield f"{first}:{one}:{second}:{other}"


def _hints(role: str, values: Values) -> list[str]:
    """What of a value is the same in spite of small mistakes."""
    if role in {"name", "firm"}:
        return [sound(word) for word in values if len(word) > 1 or not word.isascii()]
    if role == "street":
        words = [word for word in values[0].split() if len(word) > 3 and not word[0].isdigit()]
        number = _NUMBER.search(values[0])
        return [sound(word) for word in words[:2]] + ([f"no{number[0]}"] if number else [])
    if role == "place":
        return [sound(values[0])]
    if role == "phone":
        return []
    return [values[0]]


def _number(key: str) -> int:
    """Sixty-two bits of the key; the same in every process."""
    text = key.encode()
    return crc32(text) << 30 | (crc32(text[::-1]) & 0x3FFFFFFF)
