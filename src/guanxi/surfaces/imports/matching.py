"""Which record a row is about: recognised by what identifies it, as far as the person may see.

Several things may identify a record, some more surely than others. A weaker one does not count where a surer one says
that these are two: people of one office share its phone, not their e-mail addresses.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.db import connection

from guanxi.base.words import fold, tokens
from guanxi.entity.actors import Actor
from guanxi.entity.entity import Entity
from guanxi.entity.field import Field
from guanxi.record.reach import visible
from guanxi.record.saying import as_json
from guanxi.surfaces.exports.heads import OWN_KEY
from guanxi.surfaces.imports.cells import Candidate
from guanxi.surfaces.imports.names import ALIKE, likeness

SUREST = ("id", "external", "=", "code", "email", "name", "phone")
"""What identifies, the surest first; `=` is any other field, taken as it stands."""
APART = {"phone": ("external", "code", "email"), "name": ("external", "code"), "=": ("external",), "email": ("code",)}
"""For what identifies less surely, what shows that two are not one when both have it and it differs."""
MOST = 20
"""Records looked at for one value."""

Pair = tuple[str, str]
Said = dict[str, set[str]]
"""What is said of a record, by what it is."""


class Matcher:
    """Recognises records for one import."""

    def __init__(self, entity: Entity, match: Sequence[str], by: Actor) -> None:
        self.entity, self.by = entity, by
        self.fields = [entity.fields[name] for name in match if name in entity.fields and name != OWN_KEY]

    def identify(self, one: Candidate) -> None:
        """Note what identifies the row's record, the surest first."""
        if one.number is not None:
            one.identities = [("id", str(one.number))]
            return
        values = {**one.cleaned.columns, **one.cleaned.custom}
        pairs = [pair for field in self.fields if field.name in values for pair in self._pairs(field, values[field.name])]
        one.identities = sorted(dict.fromkeys(pairs), key=lambda pair: SUREST.index(_kind(pair[0])))

    def _pairs(self, field: Field, value: Any) -> list[Pair]:
        if field.k.is_empty(value):
            return []
        if field.name == "external_id":
            return [("external", str(value))]
        if field.identity:
            return field.k.identities(value)
        return [(f"={field.name}", str(value))]

    def known(self, candidates: Sequence[Candidate]) -> dict[int, int]:
        """The key of the record each row is about, by the row's number; rows about new records are left out."""
        pairs = {pair for one in candidates for pair in one.identities}
        found = self._found(pairs)
        if not found:
            return {}
        said, titles = self._said({key for keys in found.values() for key in keys})
        matched: dict[int, int] = {}
        for one in candidates:
            for pair in one.identities:
                keys = [key for key in found.get(pair, ()) if key in said and not self._two(one, pair, said[key], titles[key])]
                if keys:
                    matched[one.row.number] = keys[0]
                    break
        return matched

    def apart(self, candidates: Sequence[Candidate]) -> tuple[list[Candidate], list[Candidate]]:
        """Rows that are about different records, and the later ones about the same, to be written after."""
        seen: dict[Pair, list[Candidate]] = defaultdict(list)
        now: list[Candidate] = []
        later: list[Candidate] = []
        for one in candidates:
            if any(
                not self._two(one, pair, _by_what(other.identities), self.title_of(other))
                for pair in one.identities
                for other in seen.get(pair, ())
            ):
                later.append(one)
                continue
            now.append(one)
            for pair in one.identities:
                seen[pair].append(one)
        return now, later

    def _two(self, one: Candidate, pair: Pair, other: Said, title: str) -> bool:
        """Whether a row and a record that share a value are two all the same, because something surer differs."""
        mine = _by_what(one.identities)
        for what in APART.get(_kind(pair[0]), ()):
            if what in mine and what in other and mine[what].isdisjoint(other[what]):
                return True
        return pair[0] == "phone" and not alike(self.title_of(one), title)

    def title_of(self, one: Candidate) -> str:
        """What a row calls its record."""
        if one.ready is not None:
            return one.ready.title
        columns = one.cleaned.columns
        return str(columns.get(self.entity.title) or " ".join(str(columns.get(part) or "") for part in ("given", "family")).strip())

    # ——— what is there ———

    def _found(self, pairs: set[Pair]) -> dict[Pair, list[int]]:
        """Records with these values."""
        found: dict[Pair, list[int]] = {}
        kept = [pair for pair in pairs if pair[0] in {"code", "email", "name", "phone"}]
        if kept:
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT i.what, i.value, (array_agg(i.record_id ORDER BY i.record_id))[:%s] "
                    "FROM ROWS FROM (json_array_elements_text(%s), json_array_elements_text(%s)) AS asked(what, value) "
                    "JOIN identity i ON i.value = asked.value AND i.what = asked.what AND i.entity = %s GROUP BY 1, 2",
                    [MOST, as_json([what for what, _value in kept]), as_json([value for _what, value in kept]), self.entity.path],
                )
                found.update({(what, value): keys for what, value, keys in cursor.fetchall()})
        by_column: dict[str, list[str]] = defaultdict(list)
        for what, value in pairs:
            if what in {"id", "external"} or what.startswith("="):
                by_column[what].append(value)
        for what, values in by_column.items():
            column = {"id": "pk", "external": "external_id"}.get(what, what[1:])
            rows = visible(self.entity, to=self.by).filter(**{f"{column}__in": values}).order_by("pk")
            for value, key in rows.values_list(column, "pk"):
                found.setdefault((what, str(value)), []).append(key)
        return found

    def _said(self, keys: set[int]) -> tuple[dict[int, Said], dict[int, str]]:
        """What is said of the records among these that the person may see, and what they are called."""
        said: dict[int, Said] = {}
        titles: dict[int, str] = {}
        for key, title, external in (
            visible(self.entity, to=self.by).filter(pk__in=keys).values_list("pk", self.entity.title, "external_id")
        ):
            said[key] = defaultdict(set, {"external": {external}} if external else {})
            titles[key] = str(title)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT record_id, what, value FROM identity WHERE entity = %s AND record_id = ANY(%s)", [self.entity.path, list(said)]
            )
            for key, what, value in cursor.fetchall():
                said[key].setdefault(what, set()).add(value)
        return said, titles


def alike(one: str, other: str) -> bool:
    """Whether two names may be one's: alike in letters, in another order, or one the other's pinyin. An unknown name may be anyone's."""
    mine, theirs = fold(one), fold(other)
    if not mine or not theirs or mine == theirs or sorted(mine.split()) == sorted(theirs.split()):
        return True
    if mine.isascii() != theirs.isascii():
        latin, other_script = (mine, theirs) if mine.isascii() else (theirs, mine)
        words = latin.split()
        found = set(tokens(other_script))
        return "".join(words) in found or "".join(reversed(words)) in found
    return likeness(one, other) >= ALIKE


def _kind(what: str) -> str:
    return "=" if what.startswith("=") else what


def _by_what(pairs: Sequence[Pair]) -> Said:
    said: Said = {}
    for what, value in pairs:
        said.setdefault(what, set()).add(value)
    return said
