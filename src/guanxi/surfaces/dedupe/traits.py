"""What of a record is compared: its fields by the part they play, each value brought to the form in which it is compared."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from guanxi.base.names import company_core
from guanxi.base.phones import digits
from guanxi.base.pinyin import is_readable, pinyin
from guanxi.base.words import fold
from guanxi.entity.entity import Entity
from guanxi.entity.field import Field
from guanxi.entity.kinds import Name
from guanxi.entity.registry import entity_named

Values = Sequence[str]
Features = Sequence[Values]
"""For each trait the record's values; none where the record says nothing."""


@dataclass(frozen=True)
class Trait:
    """One thing compared: which field says it, and the part it plays."""

    field: str
    role: str
    """`name`, `firm`, `phone`, `email`, `code`, `site`, `street`, `postcode`, `place`, `day`, `link`, `word`."""


ROLES: dict[str, tuple[str, ...]] = {
    "phones": ("phone",), "phone": ("phone",), "e-mails": ("email",), "e-mail": ("email",), "registration number": ("code",),
    "url": ("site",), "address": ("street", "place", "postcode"), "date": ("day",), "link": ("link",),
}  # fmt: skip
"""By kind of field."""


def traits_of(entity: Entity) -> list[Trait]:
    """What records of this entity are compared by. Custom texts play the part of a code or a word, as their values turn out."""
    found = []
    for one in entity.data_fields:
        if one.name == entity.title:
            found.append(Trait(one.name, "name"))
        elif one.identity and isinstance(one.k, Name):
            found.append(Trait(one.name, "firm"))
        elif one.custom and one.k.name == "text":
            found.append(Trait(one.name, "word"))
        elif not one.read_only and not _says_nothing(entity, one.k.linked()):
            found += [Trait(one.name, role) for role in ROLES.get(one.k.name, ())]
    return found


def _says_nothing(entity: Entity, path: str | None) -> bool:
    """Whether a link there tells no record from another: to whoever has it, and to what administrators set up."""
    return path is not None and (path in {entity.path, "users", "teams"} or (path != "*" and entity_named(path).settings))


def columns_of(entity: Entity, traits: Iterable[Trait]) -> list[str]:
    """The columns of the table from which these traits are read."""
    fields = [entity.fields[trait.field] for trait in traits]
    return list(dict.fromkeys("custom" if one.custom else one.attribute for one in fields))


def features(entity: Entity, traits: Sequence[Trait], row: Mapping[str, Any]) -> list[list[str]]:
    """The record's values, as they are compared; `row` has its columns. A firm by whose name the record is called counts once."""
    told = [said(trait.role, _value(entity.fields[trait.field], row)) for trait in traits]
    names = [values for trait, values in zip(traits, told, strict=True) if trait.role == "name"]
    return [[] if trait.role == "firm" and values in names else values for trait, values in zip(traits, told, strict=True)]


def _value(one: Field, row: Mapping[str, Any]) -> Any:
    if one.custom:
        return one.k.load((row["custom"] or {}).get(one.name))
    return row[one.attribute]


def said(role: str, value: Any) -> list[str]:
    """A value in the form in which it is compared."""
    if not value:
        return []
    return [one for one in READ[role](value) if one]


_BETWEEN_TRAITS, _BETWEEN_VALUES = "\x1e", "\x1f"


def pack(said: Features) -> bytes:
    """Features in the least memory, of which a million are kept at once."""
    return _BETWEEN_TRAITS.join([_BETWEEN_VALUES.join(values) for values in said]).encode()


def unpack(packed: bytes) -> list[list[str]]:
    """The features again."""
    return [values.split(_BETWEEN_VALUES) if values else [] for values in packed.decode().split(_BETWEEN_TRAITS)]


# ——— by role ———


def _name(value: Any) -> list[str]:
    """Its words, apart from legal forms, places and what brackets add."""
    value = _BRACKETS.sub(" ", str(value)).strip() or str(value)
    return _WORDS.findall(company_core(str(value)).replace("'", "").replace("’", ""))


def _phones(value: Any) -> list[str]:
    return [digits(one).lstrip("0") for one in _listed(value)]


def _emails(value: Any) -> list[str]:
    return [one.casefold() for one in _listed(value)]


def _listed(value: Any) -> list[str]:
    return [one["value"] for one in value] if isinstance(value, list) else [str(value)]


def _code(value: Any) -> list[str]:
    return ["".join(_WORDS.findall(fold(str(value))))]


def _site(value: Any) -> list[str]:
    host = str(value).partition("://")[2].partition("/")[0].casefold()
    return [host.removeprefix("www.")]


_BRACKETS = re.compile(r"[(（\[【][^()（）\[\]【】]*[)）\]】]")
_WORDS = re.compile(r"[^\W_]+")
_SHORT = {
    "street": "st", "road": "rd", "avenue": "av", "ave": "av", "boulevard": "blvd", "blv": "blvd", "drive": "dr", "lane": "ln",
    "court": "ct", "crescent": "cr", "cres": "cr", "circuit": "cct", "place": "pl", "square": "sq", "terrace": "tce", "highway": "hwy",
    "parkway": "pkwy", "close": "cl", "circle": "cir", "north": "n", "south": "s", "east": "e", "west": "w", "saint": "st",
    "strasse": "str", "straße": "str",
}  # fmt: skip
"""Words of streets that are often cut short."""
_ORDINALS = {
    "first": "1st",
    "second": "2nd",
    "third": "3rd",
    "fourth": "4th",
    "fifth": "5th",
    "sixth": "6th",
    "seventh": "7th",
    "eighth": "8th",
}
NOT_TELLING = frozenset({*_SHORT.values(), "at", "near", "between", "off", "of", "the", "and", "in"})
"""Words that tell no street from another."""


def _street(value: Any) -> list[str]:
    text = fold(value.get("street") or value.get("text") or "")
    words = [_SHORT.get(word) or _ORDINALS.get(word, word) for word in _WORDS.findall(text)]
    return [" ".join(words)]


def _place(value: Any) -> list[str]:
    return [" ".join(_WORDS.findall(fold(value.get("district") or value.get("city") or value.get("province") or "")))]


def _postcode(value: Any) -> list[str]:
    return [fold(value.get("postcode") or "").replace(" ", "")]


def _day(value: Any) -> list[str]:
    return [str(value).replace("-", "")]


def _plain(value: Any) -> list[str]:
    return [fold(str(value))]


READ: dict[str, Callable[[Any], list[str]]] = {
    "name": _name, "firm": _name, "phone": _phones, "email": _emails, "code": _code, "site": _site, "street": _street, "place": _place,
    "postcode": _postcode, "day": _day, "link": lambda value: [str(value)], "word": _plain,
}  # fmt: skip


# ——— how words sound ———


_HAN = re.compile("[\u3400-\u9fff]")
_ALIKE = str.maketrans("bpfvwckgqjxszdtmnlr", "1111" + "1" + "22222222" + "33" + "55" + "46")
"""Soundex's groups of consonants (Russell 1918), with w among the lips' and m with n."""


def syllables(word: str) -> tuple[str, ...]:
    """A word of Chinese characters as it is read; any other as it stands."""
    if word and _HAN.match(word) and all(map(is_readable, word)):
        return tuple(pinyin(word).split())
    return (word,)


def sound(word: str) -> str:
    """The same for words that are said alike: of Chinese the pinyin, of others the first letter and the groups of its consonants."""
    if _HAN.search(word):
        return "".join(syllables(word))
    codes = word.translate(_ALIKE)
    kept = [word[:1]] + [code for before, code in itertools.pairwise(codes) if code != before and code.isdigit()]
    return "".join(kept[:5])
