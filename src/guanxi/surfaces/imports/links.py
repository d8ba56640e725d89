"""Names in a file to keys of records: found by name, decided by the person, made when wished, or explained.

A chunk of rows is looked up at once, and what is missing is made at once.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from guanxi.entity.actors import Actor
from guanxi.entity.entity import Entity
from guanxi.entity.field import Field
from guanxi.entity.kinds.links import key_of
from guanxi.entity.registry import entity_named
from guanxi.record.changes import Origin, create_many
from guanxi.record.models import Change
from guanxi.record.reach import visible
from guanxi.surfaces.imports.cells import Candidate
from guanxi.surfaces.imports.names import Near
from guanxi.surfaces.imports.plan import ABOVE, LEFT_EMPTY, Wishes, names_something
from guanxi.surfaces.imports.refusing import REFUSALS, why

NUMBERED = re.compile(r".*\[#(\d{1,19})\]", re.DOTALL)
"""A title with the record's number behind, as exports write it where a title is not enough."""
SEVERAL = re.compile(r"[;；\n]")
ALSO_SEVERAL = re.compile(r"[,，、]")
KNOWN_CAP = 50_000
"""The most titles read to propose near names."""
SHOWN = 80
FIRST = 5


@dataclass
class LinkReader:
    """Finds the records that names mean, for one import; remembers what it found."""

    entity: Entity
    wishes: Wishes
    by: Actor
    origin: Origin
    coming: frozenset[str] = frozenset()
    """Titles of the file's own rows: a link to one of them is to what is yet to come, not to what is like it."""
    known: dict[tuple[str, str], tuple[int, ...]] = field(default_factory=dict)
    """The records of a name, oldest first."""
    near: dict[tuple[str, str], str] = field(default_factory=dict)
    unknown: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    """Names not found, and how often, by field."""
    places: dict[tuple[str, str], list[int]] = field(default_factory=lambda: defaultdict(list))
    """The first rows with a name that is not known, by field and name."""
    made: Counter[str] = field(default_factory=Counter)
    """How many records were made for their names, by entity."""
    refused: dict[tuple[str, str], str] = field(default_factory=dict)
    """Why a record could not be made."""
    _titles: dict[str, Near] = field(default_factory=dict)
    _contexts: dict[str, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        links = [one for one in self.entity.fields.values() if one.k.linked()]
        # A contact's name may be shared; the row's account tells which of them is meant, so it is found first.
        self.links = sorted(links, key=lambda one: len(self._context_fields(one)))
        self.decided = {name: self._seen(name, chosen) for name, chosen in self.wishes.names.items() if name in self.entity.fields}

    def may_make(self, mapped: Collection[str]) -> set[str]:
        """The entities of which records may be made for names in these fields."""
        return {
            one.k.linked() or "" for one in self.links if one.name in mapped and self.wishes.missing_for(one.name) in {"create", "near"}
        }

    def resolve(self, candidates: Sequence[Candidate]) -> None:
        """Put keys in the place of names; what is wrong goes to a row's errors."""
        self._look_up(candidates)
        for one in self.links:
            rows = [row for row in candidates if one.name in row.names]
            if rows:
                self._make_missing(one, [row for row in rows if not row.errors])
                for row in rows:
                    self._put(one, row)

    def put_known(self, candidates: Sequence[Candidate]) -> None:
        """Put keys in the place of names that mean one record each. All others stay as they are, and are asked for again."""
        self._look_up(candidates, near=False)
        for one in self.links:
            target, decided = one.k.linked() or "", self.decided.get(one.name, ())
            for row in candidates:
                raw = row.names.get(one.name)
                if raw is None or not all(
                    text in decided or len(self.known.get((target, text), ())) == 1 for text in self._named(one, raw)
                ):
                    continue
                self._put(one, row)
                del row.names[one.name]
        for name in [name for name, keys in self.known.items() if not keys]:
            del self.known[name]

    def _seen(self, name: str, chosen: dict[str, int]) -> dict[str, int]:
        """What the person decided, as far as they may see the records."""
        target = self.entity.fields[name].k.linked()
        if target is None:
            return {}
        keys = set(visible(entity_named(target), to=self.by).filter(pk__in=list(chosen.values())).values_list("pk", flat=True))
        return {text: key for text, key in chosen.items() if key in keys or key == LEFT_EMPTY}

    # ——— looking up ———

    def look_up(self, candidates: Sequence[Candidate]) -> None:
        """Count the names that are not known, and find what they are like; nothing is made."""
        self._look_up(candidates)
        for row in candidates:
            for name, raw in row.names.items():
                one = self.entity.fields[name]
                for text in self._named(one, raw):
                    if text not in self.decided.get(name, ()) and not self.known.get((one.k.linked() or "", text)):
                        self.unknown[name][text] += 1
                        if len(self.places[name, text]) < FIRST:
                            self.places[name, text].append(row.row.number)

    def _look_up(self, candidates: Sequence[Candidate], *, near: bool = True) -> None:
        """All names of some rows at once, each kind of record with a few questions; `near` names for those that are not known."""
        wanted: dict[str, set[str]] = defaultdict(set)
        for row in candidates:
            for name, raw in row.names.items():
                target = self.entity.fields[name].k.linked() or ""
                wanted[target].update(text for text in _texts(raw, self.entity.fields[name].k.listed) if (target, text) not in self.known)
        for target, texts in wanted.items():
            if texts:
                self._find(target, sorted(texts), near=near)

    def find(self, target: str, texts: Sequence[str]) -> dict[str, tuple[int, ...]]:
        """The records of some names."""
        new = [text for text in texts if (target, text) not in self.known]
        if new:
            self._find(target, new)
        return {text: self.known[target, text] for text in texts}

    def _find(self, target: str, texts: Sequence[str], *, near: bool = True) -> None:
        entity = entity_named(target)
        rows = visible(entity, to=self.by)
        by_name: dict[str, set[int]] = defaultdict(set)
        columns = [entity.title, *(["username", "email"] if target == "users" else [])]
        where = Q()
        for column in columns:
            where |= Q(**{f"{column}__in": texts})
        for key, *named in rows.filter(where).values_list("pk", *columns):
            for title in named:
                if title:
                    by_name[str(title)].add(key)
        external = dict(rows.filter(external_id__in=texts).values_list("external_id", "pk"))
        numbered = {text: key for text in texts if (key := _number_in(text)) is not None}
        present = self._present(entity, set(numbered.values()))
        for text in texts:
            written = NUMBERED.fullmatch(text)
            found = tuple(sorted(by_name.get(text, ()))) or ((external[text],) if text in external else ())
            if written or not found:
                number = numbered.get(text)
                found = (number,) if number in present and number is not None else ()
            self.known[target, text] = found
        missing = [text for text in texts if not self.known[target, text] and not NUMBERED.fullmatch(text)]
        if entity.alias:
            for text in missing:
                key = entity.alias(text)
                self.known[target, text] = (key,) if key is not None else ()
            missing = [text for text in missing if not self.known[target, text]]
        if missing and near:
            self._propose(target, entity, rows, missing)

    def _present(self, entity: Entity, keys: set[int]) -> set[int]:
        """Those of the keys that there are; of what everybody sees also those in the trash, which records may still lead to."""
        if not keys:
            return set()
        rows = entity.model._default_manager.all() if entity.settings else visible(entity, to=self.by)
        return set(rows.filter(pk__in=keys).values_list("pk", flat=True))

    def _propose(self, target: str, entity: Entity, rows: Any, missing: list[str]) -> None:
        """Near names among those known before this import: what the file itself brought tells its names apart."""
        if target not in self._titles:
            brought = Change.objects.filter(batch=self.origin.batch, entity=target, event__endswith=".created").values("record_id")
            before = rows.exclude(pk__in=brought) if self.origin.batch else rows
            titles = before.order_by("-pk").values_list(entity.title, "pk")[:KNOWN_CAP]
            self._titles[target] = Near({str(title): key for title, key in titles})
        for text in missing:
            if target == self.entity.path and text in self.coming:
                continue
            match = self._titles[target].find(text)
            if match.name and match.name != text:
                self.near[target, text] = match.name

    # ——— making ———

    def _make_missing(self, one: Field, rows: Sequence[Candidate]) -> None:
        """Records for the names that are not known, where that is wished: those above first."""
        target, policy = one.k.linked() or "", self.wishes.missing_for(one.name)
        if policy not in {"create", "near"}:
            return
        if any(isinstance(row.names[one.name], dict) for row in rows):
            above: dict[str, dict[str, Any]] = {row.names[one.name][ABOVE]: {} for row in rows if isinstance(row.names[one.name], dict)}
            self._make(target, policy, {text: values for text, values in above.items() if text})
        wanted: dict[str, dict[str, Any]] = {}
        for row in rows:
            for text in self._named(one, row.names[one.name]):
                if text not in wanted:
                    wanted[text] = self._context(one, row)
        self._make(target, policy, wanted, self.decided.get(one.name, ()))

    def _make(self, target: str, policy: str, wanted: dict[str, dict[str, Any]], decided: Collection[str] = ()) -> None:
        missing = {
            text: values
            for text, values in wanted.items()
            if not self.known.get((target, text))
            and text not in decided
            and not NUMBERED.fullmatch(text)
            and names_something(text)
            and (target, text) not in self.refused
            and (policy == "create" or (target, text) not in self.near)
        }
        if missing:
            self._find(target, list(missing), near=False)  # another import may have made them since they were looked up
            missing = {text: values for text, values in missing.items() if not self.known[target, text]}
        if not missing:
            return
        entity = entity_named(target)
        rows = [{**values, **_called(entity, text)} for text, values in missing.items()]
        try:
            with transaction.atomic():
                records = create_many(entity, rows, by=self.by, origin=self.origin)
        except REFUSALS as refusal:
            if len(rows) > 1:
                for text, values in missing.items():
                    self._make(target, policy, {text: values})
                return
            self.refused[target, next(iter(missing))] = " ".join(why(refusal).values())
            return
        self.made[target] += len(records)
        for text, record in zip(missing, records, strict=True):
            self.known[target, text] = (record.pk,)

    def _context_fields(self, one: Field) -> list[str]:
        """Links that the linked records share with ours: a deal's contact has an account, as the deal has."""
        if one.name not in self._contexts:
            self._contexts[one.name] = self._shared_links(one)
        return self._contexts[one.name]

    def _shared_links(self, one: Field) -> list[str]:
        target = one.k.linked()
        if target in {None, "users", "teams", self.entity.path}:
            return []
        other = entity_named(target or "").bound
        mine = self.entity.bound
        return [
            name
            for name, field in other.items()
            if name in mine and name != one.name and field.k.linked() and not field.k.listed and not field.read_only
            and field.k.linked() == mine[name].k.linked() and field.k.linked() not in {"users", "teams", target}
        ]  # fmt: skip

    def _context(self, one: Field, row: Candidate) -> dict[str, Any]:
        values = {name: row.cleaned.columns.get(name) for name in self._context_fields(one)}
        if isinstance(row.names[one.name], dict):
            above = self.known.get((one.k.linked() or "", row.names[one.name][ABOVE]))
            values["parent"] = above[0] if above else None
        return {name: value for name, value in values.items() if value is not None}

    # ——— one row ———

    def _put(self, one: Field, row: Candidate) -> None:
        keys = [key for text in self._named(one, row.names[one.name]) if (key := self._key(one, row, text)) is not None]
        if one.name in row.errors or not keys:
            return
        value = tuple(dict.fromkeys(keys)) if one.k.listed else keys[0]
        if one.custom:
            row.cleaned.custom[one.name] = one.k.keep(value)
        else:
            row.cleaned.columns[one.name] = value

    def _named(self, one: Field, raw: Any) -> list[str]:
        """The names in a cell; of a team and the team above it the lower, when it is said."""
        if isinstance(raw, dict):
            return [raw.get("") or raw[ABOVE]]
        target = one.k.linked() or ""
        if not one.k.listed:
            return [raw if self.known.get((target, raw)) else self._first_known(target, raw)]
        return list(self._parts(target, raw))

    def _first_known(self, target: str, text: str) -> str:
        """Of several names in a cell for one the first that is known; the whole text when none is."""
        return next((part for part in _apart(text) if self.known.get((target, part))), text)

    def _parts(self, target: str, text: str) -> Iterator[str]:
        for part in _apart(text):
            pieces = [piece.strip() for piece in ALSO_SEVERAL.split(part) if piece.strip()]
            whole = len(pieces) == 1 or self.known.get((target, part)) or NUMBERED.fullmatch(part)
            yield from [part] if whole else pieces

    def _key(self, one: Field, row: Candidate, text: str) -> int | None:
        target = one.k.linked() or ""
        decided = self.decided.get(one.name, {}).get(text)
        if decided is not None:
            return decided if decided != LEFT_EMPTY else None
        found = self.known.get((target, text), ())
        if found:
            return found[0] if len(found) == 1 else self._likeliest(one, row, found)
        self.unknown[one.name][text] += 1
        if self.wishes.missing_for(one.name) == "empty":
            return None
        because = self.refused.get((target, text))
        if because:
            row.errors[one.name] = _("“%(name)s” could not be made: %(why)s") % {"name": text[:SHOWN], "why": because}
            return None
        if (
            row.errors
            and self.wishes.missing_for(one.name) in {"create", "near"}
            and (target, text) not in self.near
            and names_something(text)
        ):
            return None  # it would have been made, had nothing else been wrong with the row
        message = _("No %(one)s is called “%(name)s”.") % {"one": entity_named(target).noun.one, "name": text[:SHOWN]}
        near = self.near.get((target, text))
        row.errors[one.name] = message + (" " + _("Did you mean “%(near)s”?") % {"near": near} if near else "")
        return None

    def _likeliest(self, one: Field, row: Candidate, found: tuple[int, ...]) -> int:
        """Of records with the same name the one that belongs where the row belongs, else the oldest."""
        context = {name: row.cleaned.columns.get(name) for name in self._context_fields(one)}
        context = {name: key for name, key in context.items() if key is not None}
        if context:
            rows = entity_named(one.k.linked() or "").model._default_manager.filter(pk__in=found, **context)
            fitting = rows.order_by("pk").values_list("pk", flat=True).first()
            if fitting is not None:
                return int(fitting)
        return found[0]


def _called(entity: Entity, text: str) -> dict[str, Any]:
    """The values of a record made for its name; people may be named by their address."""
    if "email" in entity.bound and "@" in text and " " not in text:
        return {entity.title: text.partition("@")[0], "email": text}
    return {entity.title: text}


def _texts(raw: Any, listed: bool) -> Iterable[str]:
    """Every text of a cell that may be a name."""
    if isinstance(raw, dict):
        return [text for text in raw.values() if text]
    if not listed:
        return [raw, *_apart(raw)] if SEVERAL.search(raw) else [raw]
    found = []
    for part in _apart(raw):
        found += [part, *(piece.strip() for piece in ALSO_SEVERAL.split(part) if piece.strip())]
    return found


def _apart(text: str) -> list[str]:
    return [part.strip() for part in SEVERAL.split(text) if part.strip()]


def _number_in(text: str) -> int | None:
    """The record's number in a text that has one, or is one."""
    numbered = NUMBERED.fullmatch(text)
    digits = numbered[1] if numbered else text
    if not digits.isascii() or not digits.isdecimal():
        return None
    try:
        return key_of(digits)
    except ValueError:
        return None
