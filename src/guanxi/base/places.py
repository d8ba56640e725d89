"""Texts with places in braces that are put in by themselves: “Dear {name}”."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping

PLACE = re.compile(r"\{([a-z_]{1,40})\}")


def filled(text: str, told: Mapping[str, str]) -> str:
    """The text with what is told put in its places; places that are told nothing stay as they are."""
    return PLACE.sub(lambda place: told.get(place[1], place[0]), text)


def unknown_places(text: str, known: Container[str]) -> list[str]:
    """Places that nothing is ever put into."""
    return sorted({place for place in PLACE.findall(text) if place not in known})
