"""What happened to records: reading changes, undoing them, and consuming them in commit order."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext as _

from guanxi.entity.actors import Actor, Level
from guanxi.entity.entity import Entity
from guanxi.entity.registry import entity_named, entity_of
from guanxi.record import events
from guanxi.record.changes import UI, Origin, delete, edit, restore
from guanxi.record.files import undo_files
from guanxi.record.merging import and_merged, undo_merge
from guanxi.record.models import Change, Merge, merged
from guanxi.record.reach import reachable
from guanxi.record.refusals import Forbidden, Missing, Refused
from guanxi.record.tables import FILES


def changes_of(record: Any) -> QuerySet[Change]:
    """Everything that happened to one record and to those merged into it, newest first. The caller has seen to it that the reader may see the record."""
    entity = entity_of(record)
    return Change.objects.filter(and_merged(entity, record.pk), entity=entity.path).order_by("-id")


def changes_about(record: Any) -> QuerySet[Change]:
    """The record's changes and those of records whose timeline it is (a deal's for its account), newest first."""
    entity = entity_of(record)
    own = Q(and_merged(entity, record.pk), entity=entity.path)
    below = Q(and_merged(entity, record.pk, "parent_id"), parent_entity=entity.path)
    return Change.objects.filter(own | below).order_by("-id")


def readable_diff(change: Change, *, to: Actor) -> dict[str, tuple[Any, Any]]:
    """(before, after) of the fields the reader may read; masked ones masked, hidden ones left out."""
    entity = entity_named(change.entity)
    told: dict[str, tuple[Any, Any]] = {}
    kept_back = _kept_back(entity, change, to)
    for name, (before, after) in change.diff.items():
        if name in kept_back:
            continue
        level = to.rights.level(entity.path, name)
        field = entity.fields.get(name)
        if level == Level.HIDDEN or field is None:
            continue
        if level == Level.MASKED:
            before, after = (field.k.mask(field.k.load(value)) for value in (before, after))
        told[name] = (before, after)
    return told


def _kept_back(entity: Entity, change: Change, to: Actor) -> frozenset[str]:
    """Fields that the record keeps from the reader now, although it told them once."""
    veil = entity.veil_for(to)
    if veil is None or veil.names.isdisjoint(change.diff):
        return frozenset()
    rows = entity.model._default_manager.filter(pk=change.record_id)
    return frozenset(name for name in veil.names & set(change.diff) if rows.filter(veil.of(name)).exists())


def files_told(change: Change, *, to: Actor) -> list[list[dict[str, Any]]] | None:
    """The files that a change tells of, [before, after]; None when it tells of none, or the record keeps them from the reader."""
    if FILES not in change.diff:
        return None
    veil = entity_named(change.entity).veil_for(to)
    if veil is not None and entity_named(change.entity).model._default_manager.filter(veil.any(), pk=change.record_id).exists():
        return None
    return [list(side or ()) for side in change.diff[FILES]]


def undo(change: Change, *, by: Actor, origin: Origin = UI) -> Any:
    """The record as it was before this change, by a new change. Refused when a later one touched the same values, Missing."""
    entity = entity_named(change.entity)
    record: Any = entity.model._default_manager.filter(by.rights.where("see", entity.path), pk=change.record_id).first()
    if record is None:
        raise Missing(_("There is no such change, or you may not see it."))
    if FILES in change.diff:
        return undo_files(change, by=by, origin=origin)
    kind = change.event.rpartition(".")[2]
    if kind in {"merged", "absorbed", "unmerged"}:
        merge = undo_merge(change.batch, by=by, origin=origin)
        if merge is not None:
            return entity.model._default_manager.get(pk=merge.kept_id)
    if kind == "deleted":
        return restore(record, by=by, origin=origin)
    if kind in {"created", "restored"}:
        return record if record.deleted_at else delete(record, by=by, origin=origin)
    undoing = events.undoing(change.event)
    if undoing:
        name, told = undoing
        return entity.verb(name)(record, by=by, origin=origin, **told)
    values, errors = {}, {}
    if change.diff and entity.fields.keys().isdisjoint(change.diff):
        raise Refused({"": _("This is not undone here; change it back where it was changed.")})
    for name, (before, after) in change.diff.items():
        field = entity.fields.get(name)
        if field is None or field.read_only or not field.data:
            continue
        present = field.k.dump(field.of(record))
        if present == before:
            continue
        if present != after:
            errors[name] = _("Changed again since; undo the later change first.")
        values[name] = before
    if errors:
        raise Refused(errors)
    return edit(record, values, by=by, origin=origin)


@dataclass(frozen=True)
class Undone:
    """What became of a submit that was to be undone: its changes, newest first; those that stand, and why; or the merge taken apart."""

    changes: list[Change]
    left: list[tuple[Change, str]]
    merge: Merge | None = None

    @property
    def count(self) -> int:
        """How many changes are undone."""
        return 1 if self.merge is not None else len(self.changes) - len(self.left)

    @property
    def counts(self) -> tuple[int, int]:
        """How many changes are undone, and how many stand."""
        return self.count, len(self.left)


def undo_batch(batch: uuid.UUID, *, by: Actor, origin: Origin = UI) -> Undone:
    """Every change of one submit undone, newest first.

    What followed from a change may be refused as long as its cause stands; it gets a second chance when that is gone.
    """
    changes = list(Change.objects.filter(batch=batch).order_by("-id"))
    merge = undo_merge(batch, by=by, origin=origin)
    if merge is not None:
        return Undone(changes, [], merge)
    refused = [change for change in changes if _wrong_with_undoing(change, by=by, origin=origin)]
    left = [(change, wrong) for change in refused if (wrong := _wrong_with_undoing(change, by=by, origin=origin))]
    return Undone(changes, left)


def _wrong_with_undoing(change: Change, *, by: Actor, origin: Origin) -> str:
    """Undo a change; why that cannot be, in words."""
    try:
        undo(change, by=by, origin=origin)
    except Refused as refusal:
        return refusal.told(entity_named(change.entity).fields)
    except (Forbidden, Missing) as refusal:
        return str(refusal)
    return ""


@dataclass(frozen=True)
class Cursor:
    """A place in the stream of changes: everything up to it was consumed."""

    xid: int = 0
    id: int = 0

    def __str__(self) -> str:
        return f"{self.xid}-{self.id}"

    @classmethod
    def parse(cls, text: str) -> Cursor:
        """The cursor a consumer kept; ValueError when it is none of ours."""
        xid, _dash, key = (text or "0-0").partition("-")
        if not (xid.isascii() and xid.isdigit() and key.isascii() and key.isdigit() and len(text) < 60):
            raise ValueError(_("This is not a cursor of changes."))
        return cls(int(xid), int(key))


def changes_since(cursor: Cursor, limit: int = 500) -> list[tuple[Cursor, Change]]:
    """Changes after the cursor in commit order, none skipped: only those of transactions that all later ones see ended."""
    settled = RawSQL("change.xid < pg_snapshot_xmin(pg_current_snapshot())", ())
    after = RawSQL("(change.xid, change.id) > (%s::text::xid8, %s)", (str(cursor.xid), cursor.id))
    rows = (
        Change.objects.annotate(settled=settled, after=after, place=RawSQL("change.xid::text::bigint", ()))
        .filter(settled=True, after=True)
        .order_by("xid", "id")[:limit]
    )
    return [(Cursor(change.place, change.pk), change) for change in rows]


def trash_of(entity: Entity, *, to: Actor) -> Any:
    """Records in the trash that the actor could restore; those merged into others come back by undoing the merge."""
    rows = entity.model._default_manager.filter(to.rights.where("delete", entity.path), deleted_at__isnull=False)
    if entity.mergeable:
        rows = rows.exclude(Exists(merged(entity.path).filter(gone_id=OuterRef("pk"))))
    return rows.order_by("-deleted_at", "-id")


def record_behind(change: Change, *, to: Actor) -> Any | None:
    """The change's record when the reader may see it."""
    return reachable(entity_named(change.entity), "see", to).filter(pk=change.record_id).first()
