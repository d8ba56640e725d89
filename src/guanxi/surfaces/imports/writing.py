"""Rows into records: created, updated, left or rejected; none is lost. A chunk is written at once, and row by row where that is refused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from guanxi.access.sight import writable
from guanxi.entity.actors import Actor
from guanxi.entity.entity import Entity
from guanxi.entity.kinds import Address, Labelled, Tags
from guanxi.entity.registry import entity_named
from guanxi.record.changes import Origin, edit_cleaned, insert
from guanxi.record.cleaning import Cleaned, assemble, check_links, check_reach
from guanxi.record.owning import assign_new
from guanxi.record.reach import reachable, visible
from guanxi.record.refusals import Forbidden, Refused
from guanxi.record.together import together
from guanxi.surfaces.exports.heads import OWN_KEY
from guanxi.surfaces.exports.writing import CUT
from guanxi.surfaces.imports.actor import Importer
from guanxi.surfaces.imports.cells import Candidate, RowReader, as_text
from guanxi.surfaces.imports.links import LinkReader
from guanxi.surfaces.imports.matching import Matcher
from guanxi.surfaces.imports.model import Import
from guanxi.surfaces.imports.plan import KEPT, Wishes, places_from
from guanxi.surfaces.imports.preparing import made_of
from guanxi.surfaces.imports.reading import Row, rows
from guanxi.surfaces.imports.refusing import REFUSALS, why
from guanxi.surfaces.imports.study import Study


@dataclass
class Outcome:
    """What became of some rows."""

    created: int = 0
    updated: int = 0
    skipped: int = 0
    """Known already, and nothing about them differs or was to be changed."""
    rejected: list[tuple[Row, dict[str, str]]] = field(default_factory=list)

    def add(self, other: Outcome) -> None:
        """These and those."""
        self.created += other.created
        self.updated += other.updated
        self.skipped += other.skipped
        self.rejected += other.rejected


class RowWriter:
    """Writes rows of one import. Forbidden when the person may not import so."""

    def __init__(self, one: Import, study: Study, by: Actor) -> None:
        self.one = one
        self.entity: Entity = entity_named(one.entity)
        self.wishes = Wishes.from_json(one.wishes)
        self.by = Importer.of(by, self.wishes.day_first)
        places = places_from(one.mapping)
        _check_rights(self.entity, {place[0] for place in places if place}, by)
        # Histories from elsewhere keep their moments; then all records of this import are given theirs here.
        self.keeps = any(place and place[0] in KEPT for place in places)
        self.origin = Origin("import", one.batch, kept=self.keeps)
        self.reader = RowReader(self.entity, places, self.wishes, study, self.by.locale)
        self.links = LinkReader(self.entity, self.wishes, self.by, Origin("import", one.batch), self._coming(study))
        self.matcher = Matcher(self.entity, self.wishes.match, self.by)
        self.partial = {place[0] for place in places if place and place[1]}
        self.made: Counter[str] = self.links.made
        self.makes = {self.entity.path, *self.links.may_make({place[0] for place in places if place})}
        """The entities of which records may be made."""

    def _coming(self, study: Study) -> frozenset[str]:
        """The titles in the file, where its rows may link to each other."""
        places = places_from(self.one.mapping)
        title = next((index for index, place in enumerate(places) if place and place[0] == self.entity.title), None)
        linked = any(
            place and place[0] in self.entity.fields and self.entity.fields[place[0]].k.linked() == self.entity.path for place in places
        )
        if title is None or not linked:
            return frozenset()
        return frozenset(as_text(row.values[title]).strip() for row in rows(self.one.path, study.inspection) if row.values[title])

    def names(self, chunk: Sequence[Row]) -> None:
        """Look up the names in some rows, and write nothing."""
        self.links.look_up([self.reader.read(row) for row in chunk])

    def bring_in(self, chunk: Sequence[Row]) -> Outcome:
        """Rows to records."""
        return self.write([self.reader.read(row) for row in chunk])

    def write(self, candidates: list[Candidate]) -> Outcome:
        """Rows that were read, to records."""
        outcome = Outcome()
        self.links.resolve([one for one in candidates if one.names])
        self._know_makers(candidates)
        ready = []
        for one in candidates:
            if one.errors:
                outcome.rejected.append((one.row, one.errors))
            else:
                ready.append(one)
                if one.ready is None:
                    self.matcher.identify(one)
        while ready:
            ready = self._round(ready, outcome)
        return outcome

    def _round(self, ready: list[Candidate], outcome: Outcome) -> list[Candidate]:
        """Write the rows that are about different records; those that are left are about the same as one of these."""
        if self.wishes.on_match == "create":
            self._create(ready, outcome)
            return []
        now, later = self.matcher.apart(ready)
        known = self.matcher.known(now)
        fresh, met, taken = [], [], set[int]()
        for one in now:
            key = known.get(one.row.number)
            if key is None and one.number is not None:
                message = _("There is no such record (%(key)s), or you may not see it.") % {"key": one.number}
                outcome.rejected.append((one.row, {OWN_KEY: message}))
            elif key is None:
                fresh.append(one)
            elif key in taken:
                later.append(one)
            else:
                taken.add(key)
                met.append((one, key))
        self._create(fresh, outcome)
        self._meet(met, outcome)
        return sorted(later, key=lambda one: one.row.number)

    # ——— new records ———

    def _create(self, candidates: Sequence[Candidate], outcome: Outcome) -> None:
        prepared: list[tuple[Candidate, Any]] = []
        with together(self.entity, [one.cleaned.columns for one in candidates if not one.ready]):
            for one in candidates:
                try:
                    prepared.append((one, self._assembled(one)))
                except Refused as refusal:
                    outcome.rejected.append((one.row, refusal.errors))
        outcome.created += self._together(prepared, self._insert, outcome)

    def _assembled(self, one: Candidate) -> Any:
        record = made_of(self.entity, one.ready) if one.ready else assemble(self.entity, one.cleaned, by=self.by, errors={})
        if self.keeps:
            record.created_at = one.kept.get("created_at") or timezone.now()
            record.created_by_id = one.kept["created_by"] if one.kept.get("created_by") else self.by.pk
            record.changed_at, record.changed_by_id = timezone.now(), self.by.pk
        return record

    def _insert(self, pairs: Sequence[tuple[Candidate, Any]]) -> int:
        records = [record for _one, record in pairs]
        for record in records:
            record.pk = None
        check_links(self.entity, records, by=self.by)
        insert(self.entity, records, by=self.by, origin=self.origin)
        for action in ("create", "import"):
            check_reach(self.entity, records, action, by=self.by)
        assign_new(self.entity, records, by=self.by, origin=self.origin)
        return len(records)

    # ——— records that are there ———

    def _meet(self, met: Sequence[tuple[Candidate, int]], outcome: Outcome) -> None:
        """Rows about records that are there already."""
        if self.wishes.on_match == "skip":
            outcome.skipped += len(met)
        elif self.wishes.on_match == "reject":
            for one, key in met:
                outcome.rejected.append((one.row, {"": _("There is such a record already (%(key)s).") % {"key": key}}))
        else:
            before = len(outcome.rejected)
            told = self._told([one for one, _key in met])
            outcome.rejected += [(one.row, one.errors) for one in told if one.errors]
            changed = self._together(
                [(one, key) for one, (_one, key) in zip(told, met, strict=True) if not one.errors], self._update, outcome
            )
            outcome.updated += changed
            outcome.skipped += len(met) - changed - (len(outcome.rejected) - before)

    def _told(self, candidates: Sequence[Candidate]) -> list[Candidate]:
        """The rows with what their cells mean: those that were worked out as new records are read again."""
        told = [self.reader.read(one.row) if one.ready else one for one in candidates]
        self.links.resolve([now for now, one in zip(told, candidates, strict=True) if one.ready])
        return told

    def _update(self, pairs: Sequence[tuple[Candidate, int]]) -> int:
        wanted = {key: one for one, key in pairs}
        rows = reachable(self.entity, "edit", self.by).filter(self.by.rights.where("import", self.entity.path), pk__in=wanted)
        records = list(rows.order_by("pk").select_for_update(of=("self",)))
        if len(records) < len(wanted):
            raise Forbidden(_("You may see this record but not change it."))
        return edit_cleaned(
            self.entity, [(record, self._news(wanted[record.pk], record)) for record in records], by=self.by, origin=self.origin
        )

    def _news(self, one: Candidate, record: Any) -> Cleaned:
        """What a row says that a record should now be; what it says nothing of stays."""
        news = Cleaned(custom=dict(one.cleaned.custom))
        for name, value in one.cleaned.columns.items():
            field_ = self.entity.fields[name]
            if name == self.entity.title and (self.wishes.title_from or one.called):
                continue
            if name == "external_id" and record.external_id:
                continue
            if one.notes and self.reader.note is not None and name == self.reader.note.name:
                news.columns[name] = self._with_notes(one, value, getattr(record, name))
            elif field_.write is not None:
                news.by_verb.append((field_, value))
            else:
                news.columns[name] = self._joined(field_, value, record, exact=one.number is not None)
        return news

    def _with_notes(self, one: Candidate, value: str, there: str) -> str:
        """The text of a row with what could not be read; what a record says already is not said again."""
        notes = "\n".join(one.notes)
        if value != notes:
            return value
        return there if notes in there else f"{there}\n{notes}".strip()

    def _joined(self, one: Any, value: Any, record: Any, *, exact: bool) -> Any:
        """A list or an address that only parts of are told, with the parts that are there; our own exports tell all of it."""
        there = one.of(record)
        if isinstance(value, str) and value.endswith(CUT) and there.startswith(value.removesuffix(CUT)):
            return there
        if one.k.listed and one.k.linked():
            return (*value, *(key for key in self._unseen(one, there) if key not in value))
        if exact or not there:
            return value
        if isinstance(one.k, Address) and one.name in self.partial and value.get("city", there.get("city")) == there.get("city"):
            return {**there, **value}
        if isinstance(one.k, Labelled):
            known = {pair["value"] for pair in there}
            return [*there, *(pair for pair in value if pair["value"] not in known)]
        if isinstance(one.k, Tags):
            return [*there, *(word for word in value if word not in there)]
        return value

    def _unseen(self, one: Any, keys: Sequence[int]) -> list[int]:
        """Linked records that the person does not see, and so could not have named."""
        if not keys:
            return []
        seen = set(visible(entity_named(one.k.linked()), to=self.by).filter(pk__in=keys).values_list("pk", flat=True))
        return [key for key in keys if key not in seen]

    # ——— both ———

    def _together(self, pairs: list[Any], write: Callable[[list[Any]], int], outcome: Outcome) -> int:
        """Write all at once; where that is refused, halves of them, so that a refusal is of the rows it belongs to. How many were written."""
        if not pairs:
            return 0
        try:
            with transaction.atomic():
                return write(pairs)
        except REFUSALS as refusal:
            if len(pairs) == 1:
                outcome.rejected.append((pairs[0][0].row, why(refusal)))
                return 0
        middle = len(pairs) // 2
        return self._together(pairs[:middle], write, outcome) + self._together(pairs[middle:], write, outcome)

    def _know_makers(self, candidates: Sequence[Candidate]) -> None:
        """The users by whom records were made elsewhere; unknown ones are left out."""
        names = {one.kept["created_by"] for one in candidates if isinstance(one.kept.get("created_by"), str)}
        known = self.links.find("users", sorted(names)) if names else {}
        for one in candidates:
            if "created_by" in one.kept:
                one.kept["created_by"] = next(iter(known.get(one.kept["created_by"], ())), None)


def _check_rights(entity: Entity, fields: set[str], by: Actor) -> None:
    if not by.rights.may("import", entity.path):
        raise Forbidden(_("You may not import %(many)s.") % {"many": entity.noun.many})
    allowed = {one.name for one in writable(entity, entity.data_fields, by=by)} | {OWN_KEY} | (set(KEPT) if by.rights.everything else set())
    for name in sorted(fields - allowed):
        label = entity.fields[name].label if name in entity.fields else name
        raise Forbidden(_("You may not set “%(field)s”.") % {"field": label})
