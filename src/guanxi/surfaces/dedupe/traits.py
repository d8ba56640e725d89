"""What of a record is compared: its fields by the part they play, each value brought to the form in which it is compared."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from guanxi.base.names import company_core
from guanxi.base.phones import digits
from guanxi.base.pinyin import is_readable, pinyin
from guanxi.base.words import fold
from guanxi.entity.entity import Entity, Kin
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


def traits_across(entity: Entity, kin: Kin) -> list[tuple[Trait, Trait]]:
    """What a record and one of its kin are compared by: traits that play the same part in both, and what the one is called in the other."""
    other = entity_named(kin.entity)
    ours, theirs = traits_of(entity), traits_of(other)
    pairs = [(Trait(kin.called, "name"), Trait(other.title, "name"))]
    if kin.called == entity.title:
        pairs += [(one, link) for one in ours if one.role == "firm" for link in _firms(entity, other)]
    for one in ours:
        alike = [each for each in theirs if each.role == one.role and (one.role != "word" or each.field == one.field)]
        if one.role not in {"name", "firm", "link"} and alike:
            pairs.append((one, next((each for each in alike if each.field == one.field), alike[0])))
    return pairs


def _firms(entity: Entity, other: Entity) -> list[Trait]:
    """Links of the other to kin that are called by another field: where a contact works."""
    firms = {kin.entity for kin in entity.kin if kin.called != entity.title}
    return [Trait(one.name, "firm") for one in other.data_fields if one.k.linked() in firms and not one.k.listed and not one.custom]


def columns_of(entity: Entity, traits: Iterable[Trait]) -> list[str]:
    """The columns of the table from which these traits are read."""
    fields = [(entity.fields[trait.field], trait.role) for trait in traits]
    return list(dict.fromkeys("custom" if one.custom else _column(one, role) for one, role in fields))


def _column(one: Field, role: str) -> str:
    """Of where somebody works the name counts, not the key."""
    linked = one.k.linked()
    return f"{one.name}__{entity_named(linked).title}" if linked and role == "firm" else one.attribute


def reader_of(entity: Entity, traits: Sequence[Trait]) -> Callable[[Mapping[str, Any]], list[list[str]]]:
    """Reads a record's values as they are compared, off its columns. A firm by whose name the record is called counts once."""
    roles = [trait.role for trait in traits]
    reads = [_reading(entity.fields[trait.field], trait.role) for trait in traits]

    def features(row: Mapping[str, Any]) -> list[list[str]]:
        told = [said(role, read(row)) for role, read in zip(roles, reads, strict=True)]
        names = [values for role, values in zip(roles, told, strict=True) if role == "name"]
        return [[] if role == "firm" and values in names else values for role, values in zip(roles, told, strict=True)]

    return features


def _reading(one: Field, role: str) -> Callable[[Mapping[str, Any]], Any]:
    if one.custom:
        return lambda row: one.k.load((row["custom"] or {}).get(one.name))
    return itemgetter(_column(one, role))


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
