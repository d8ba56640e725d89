"""Taking an import back: what it made goes to the trash, what it changed becomes what it was.

Records that somebody changed since, or uses, are left as they are and reported. Every piece is a transaction; taken up
again after a kill, it goes on with what is not yet done.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from guanxi.entity.actors import Actor
from guanxi.entity.entity import Entity
from guanxi.entity.registry import entities, entity_named
from guanxi.record.changes import Origin, edit, trash
from guanxi.record.models import Change
from guanxi.record.reach import reachable
from guanxi.surfaces.imports.model import Import
from guanxi.surfaces.imports.refusing import REFUSALS, why

PIECE = 500
TOLD = 1000
Tell = Callable[[Import], None]


def revert(one: Import, *, by: Actor, tell: Tell = lambda one: None) -> Import:
    """Take an import back. Safe to call again after a kill."""
    Reverting(one, by, tell).run()
    return one


class Reverting:
    """One import being taken back."""

    def __init__(self, one: Import, by: Actor, tell: Tell) -> None:
        self.one, self.by, self.tell = one, by, tell
        self.origin = Origin("import", uuid.uuid5(one.batch, "revert"))
        self.ours = [one.batch, self.origin.batch]

    def run(self) -> None:
        """Changed records first, then those made; the entity imported before those made for its links."""
        self.one.left = []
        changes = Change.objects.filter(batch=self.one.batch)
        made = changes.filter(event__endswith=".created")
        paths = sorted(set(made.values_list("entity", flat=True)), key=lambda path: path != self.one.entity)
        for path in sorted(set(changes.exclude(event__endswith=".created").values_list("entity", flat=True))):
            keys = changes.filter(entity=path).exclude(event__endswith=".created").order_by("record_id").values_list("record_id", flat=True)
            created = set(made.filter(entity=path).values_list("record_id", flat=True))
            for piece in _pieces([key for key in dict.fromkeys(keys) if key not in created]):
                self._restore(entity_named(path), piece)
        for path in paths:
            for piece in _pieces(list(made.filter(entity=path).order_by("record_id").values_list("record_id", flat=True))):
                self._remove(entity_named(path), piece)
        self.one.reverted = Change.objects.filter(batch=self.origin.batch).values("entity", "record_id").distinct().count()
        self.one.state, self.one.ended_at = "reverted", timezone.now()
        self.one.save(update_fields=["state", "ended_at", "left", "reverted"])

    # ——— records that were changed ———

    def _restore(self, entity: Entity, keys: Sequence[int]) -> None:
        with transaction.atomic():
            found: dict[int, list[Change]] = {}
            for change in Change.objects.filter(batch=self.one.batch, entity=entity.path, record_id__in=keys).order_by("id"):
                found.setdefault(change.record_id, []).append(change)
            records = {record.pk: record for record in entity.model._default_manager.filter(pk__in=keys).select_for_update()}
            for key, several in found.items():
                if key in records:
                    self._restore_one(entity, records[key], several)
        self.tell(self.one)

    def _restore_one(self, entity: Entity, record: Any, changes: Sequence[Change]) -> None:
        """The values before the import, unless somebody set others since."""
        values: dict[str, Any] = {}
        for change in changes:
            for name, (before, after) in change.diff.items():
                values[name] = [values[name][0] if name in values else before, after]
        wanted = {}
        for name, (before, after) in values.items():
            field = entity.fields.get(name)
            if field is None or field.read_only or not field.data:
                continue
            present = field.k.dump(field.of(record))
            if present == before:
                continue
            if present != after:
                self._leave(entity, record, _("“%(field)s” was changed again since.") % {"field": field.label})
                return
            wanted[name] = before
        if wanted:
            try:
                with transaction.atomic():
                    edit(record, wanted, by=self.by, origin=self.origin)
            except REFUSALS as refusal:
                self._leave(entity, record, " ".join(why(refusal).values()))

    # ——— records that were made ———

    def _remove(self, entity: Entity, keys: Sequence[int]) -> None:
        with transaction.atomic():
            records = {
                record.pk: record
                for record in entity.model._default_manager.filter(pk__in=keys, deleted_at__isnull=True).select_for_update()
            }
            since = Change.objects.filter(entity=entity.path, record_id__in=records).exclude(batch__in=self.ours)
            changed = set(since.values_list("record_id", flat=True))
            used = self._used(entity, list(records))
            mine = set(
                reachable(entity, "delete", self.by)
                .filter(entity.may_delete(self.by) if entity.may_delete else Q(), pk__in=records)
                .values_list("pk", flat=True)
            )
            gone = []
            for key, record in records.items():
                if key in changed:
                    self._leave(entity, record, _("It was changed since."))
                elif key in used:
                    self._leave(entity, record, _("Other records belong to it by now: %(many)s.") % {"many": used[key]})
                elif key not in mine:
                    self._leave(entity, record, _("You may not delete it."))
                else:
                    gone.append(record)
            trash(entity, gone, by=self.by, origin=self.origin)
        self.tell(self.one)

    def _used(self, entity: Entity, keys: Sequence[int]) -> dict[int, str]:
        """The records to which others lead that do not go with this import, and what those are called."""
        used: dict[int, str] = {}
        for other in entities():
            made = Change.objects.filter(batch=self.one.batch, entity=other.path, event__endswith=".created").values("record_id")
            staying = [key for path, key, _title, _reason in self.one.left if path == other.path]
            rows = other.model._default_manager.filter(Q(pk__in=staying) | ~Q(pk__in=made), deleted_at__isnull=True)
            for field in other.bound.values():
                if field.k.linked() == entity.path and not field.k.listed and not field.read_only:
                    for key in rows.filter(**{f"{field.attribute}__in": keys}).values_list(field.attribute, flat=True).distinct():
                        used.setdefault(key, str(other.noun.many))
        return used

    def _leave(self, entity: Entity, record: Any, reason: str) -> None:
        if len(self.one.left) < TOLD:
            self.one.left.append([entity.path, record.pk, entity.title_of(record), reason])


def _pieces(keys: Sequence[int]) -> list[Sequence[int]]:
    return [keys[start : start + PIECE] for start in range(0, len(keys), PIECE)]
