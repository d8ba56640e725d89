"""Files of records: added, renamed, put in the trash and back, each with a change of the record. Bytes are the business of `keeping`.

Who sees the record sees its files, unless the record keeps something from them; who edits it adds and removes them.
A file is no value: the record's version stays, so nobody's open form grows stale because a photo was added.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from copy import copy
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection, transaction
from django.db.models import OuterRef, QuerySet
from django.db.models.expressions import Combinable
from django.db.models.functions import JSONObject
from django.utils import timezone
from django.utils.translation import gettext as _

from guanxi.base.files import clean_name, media_type, shorten, split
from guanxi.entity.actors import Actor
from guanxi.entity.entity import Entity, Write
from guanxi.entity.registry import entity_named, entity_of
from guanxi.record.changes import UI, Origin, locked
from guanxi.record.keeping import Staged, settle
from guanxi.record.models import Change, File
from guanxi.record.refusals import Missing, Refused
from guanxi.record.saying import as_json
from guanxi.record.tables import FILES, record_of_writes

MOST = 500
"""So many files one record may have."""
ADDED, REMOVED, RESTORED, RENAMED, PURGED = "file_added", "file_removed", "file_restored", "file_renamed", "file_purged"


def takes_files(entity: Entity) -> bool:
    """Whether its records can have files: what is set up, and parts of other records, cannot."""
    return not entity.settings and not entity.part_of


# ——— reading ———


def files_of(record: Any, *, to: Actor) -> QuerySet[File]:
    """The files of a record that the reader may see, newest first."""
    return _of(record, to).filter(deleted_at__isnull=True)


def removed_from(record: Any, *, to: Actor) -> QuerySet[File]:
    """Those that were put in the trash, the latest first. For those who may edit the record."""
    return _of(record, to).filter(deleted_at__isnull=False).order_by("-deleted_at", "-id")


def _of(record: Any, to: Actor) -> QuerySet[File]:
    entity = entity_of(record)
    if not takes_files(entity) or keeps_back(entity, record, to):
        return File.objects.none()
    return File.objects.filter(entity=entity.path, record_id=record.pk).order_by("-at", "-id")


def keeps_back(entity: Entity, record: Any, to: Actor) -> bool:
    """Whether the record keeps something from this reader until it is theirs: then its files too."""
    veil = entity.veil_for(to)
    return veil is not None and any(getattr(record, veil.column) in keys for keys in (*veil.hidden.values(), *veil.masked.values()))


def file_of(record: Any, key: int, *, to: Actor, removed: bool = False) -> File:
    """One file of a record that the reader sees. Missing."""
    found = (removed_from if removed else files_of)(record, to=to).filter(pk=key).first()
    if found is None:
        raise Missing(_("There is no such file, or you may not see it."))
    return found


def attached(entity: Entity) -> Combinable:
    """The files of each record of a query, as JSON, newest first: so that a page of one record asks nothing more. See `from_attached`."""
    rows = File.objects.filter(entity=entity.path, record_id=OuterRef("pk"), deleted_at__isnull=True).order_by("-at", "-id")
    return ArraySubquery(rows.values(file=JSONObject(**{name: name for name in LISTED})))


LISTED = ("id", "entity", "record_id", "name", "size", "media_type", "sha256", "at", "by_id")


def from_attached(rows: Iterable[dict[str, Any]]) -> list[File]:
    """Files out of what `attached` found."""
    return [File(**{**row, "at": dt.datetime.fromisoformat(row["at"])}) for row in rows]


def told(file: File) -> dict[str, Any]:
    """What a change and an agreement keep of a file."""
    return {"id": file.pk, "name": file.name, "size": file.size, "type": file.media_type, "sha256": file.sha256}


# ——— writing ———


def add(record: Any, name: str, upload: Staged, *, by: Actor, origin: Origin = UI) -> File:
    """A file of the record; the one it has already when that has the same name and content. Refused, Forbidden, Missing."""
    entity = entity_of(record)
    with transaction.atomic():
        held = _held(entity, record.pk, by)
        name = clean_name(name)
        present = dict(File.objects.filter(entity=entity.path, record_id=held.pk, deleted_at__isnull=True).values_list("name", "sha256"))
        if present.get(name) == upload.sha256:
            return File.objects.get(entity=entity.path, record_id=held.pk, deleted_at__isnull=True, name=name, sha256=upload.sha256)
        if len(present) >= MOST:
            raise Refused({"": _("A record has at most %(most)d files.") % {"most": MOST}})
        if not upload.size:
            raise Refused({"": _("“%(name)s” is empty.") % {"name": name}})
        settle(upload)
        file = File.objects.create(
            entity=entity.path, record_id=held.pk, name=_free(name, present), size=upload.size, sha256=upload.sha256, by_id=by.pk,
            media_type=media_type(upload.head, name),
        )  # fmt: skip
        tell(entity, held, ADDED, None, [told(file)], by=by, origin=origin)
    return file


def rename(file: File, name: str, *, by: Actor, origin: Origin = UI) -> File:
    """The file by another name; its extension stays unless another is given. Refused, Forbidden, Missing."""
    entity = entity_named(file.entity)
    with transaction.atomic():
        held, fresh = _both(entity, file, by)
        _check_open(entity, held, by)
        before = told(fresh)
        name = clean_name(name, fallback="")
        if not name:
            raise Refused({"name": _("Type a name.")})
        if not split(name)[1]:
            name = shorten(name, 180) + split(fresh.name)[1]
        if name == fresh.name:
            return fresh
        others = File.objects.filter(entity=entity.path, record_id=held.pk, deleted_at__isnull=True).exclude(pk=fresh.pk)
        fresh.name = _free(name, set(others.values_list("name", flat=True)))
        fresh.save(update_fields=["name"])
        tell(entity, held, RENAMED, [before], [told(fresh)], by=by, origin=origin)
    return fresh


def remove(file: File, *, by: Actor, origin: Origin = UI) -> File:
    """The file in the trash. Refused, Forbidden, Missing."""
    entity = entity_named(file.entity)
    with transaction.atomic():
        held, fresh = _both(entity, file, by)
        _check_open(entity, held, by)
        if fresh.deleted_at is None:
            fresh.deleted_at = timezone.now()
            fresh.save(update_fields=["deleted_at"])
            tell(entity, held, REMOVED, [told(fresh)], None, by=by, origin=origin)
    return fresh


def restore(file: File, *, by: Actor, origin: Origin = UI) -> File:
    """The file back from the trash. Forbidden, Missing."""
    entity = entity_named(file.entity)
    with transaction.atomic():
        held, fresh = _both(entity, file, by)
        if fresh.deleted_at is not None:
            others = File.objects.filter(entity=entity.path, record_id=held.pk, deleted_at__isnull=True)
            fresh.name, fresh.deleted_at = _free(fresh.name, set(others.values_list("name", flat=True))), None
            fresh.save(update_fields=["name", "deleted_at"])
            tell(entity, held, RESTORED, None, [told(fresh)], by=by, origin=origin)
    return fresh


def _held(entity: Entity, key: int, by: Actor) -> Any:
    """The record, locked, when the actor may edit it and it keeps nothing back from them. Missing, Forbidden, Refused."""
    if not takes_files(entity):
        raise Missing(_("%(many)s have no files.") % {"many": str(entity.noun.many).capitalize()})
    held = locked(entity, key, action="edit", by=by)
    if keeps_back(entity, held, by):
        raise Missing(_("There is no such record, or you may not see it."))
    return held


def _both(entity: Entity, file: File, by: Actor) -> tuple[Any, File]:
    held = _held(entity, file.record_id, by)
    fresh = File.objects.filter(pk=file.pk, entity=entity.path, record_id=held.pk).first()
    if fresh is None:
        raise Missing(_("There is no such file, or you may not see it."))
    return held, fresh


def _check_open(entity: Entity, record: Any, by: Actor) -> None:
    if entity.files_stand is not None and entity.model._default_manager.filter(entity.files_stand(by), pk=record.pk).exists():
        raise Refused({"": _("The files of “%(record)s” stay as they are now.") % {"record": entity.title_of(record)}})


def _free(name: str, taken: Iterable[str]) -> str:
    """The name, numbered when another file has it."""
    taken, (stem, ending), found = set(taken), split(name), name
    for number in range(2, MOST + 3):
        if found not in taken:
            break
        found = f"{shorten(stem, 170)} ({number}){ending}"
    return found


Told = list[dict[str, Any]] | None


def tell(entity: Entity, record: Any, event: str, before: Told, after: Told, *, by: Actor, origin: Origin) -> None:
    """The change, the words it is found by, the count."""
    writer = copy(record)
    writer.changed_at, writer.changed_by_id = timezone.now(), by.pk
    name = f"{entity.model._meta.model_name}.{event}"
    record_of_writes(
        entity, [Write(writer, False, {FILES: before}, origin)], [as_json({FILES: [before, after]})], event=name, origin=origin
    )
    count_files(entity, [record.pk])


def count_files(entity: Entity, keys: Sequence[int]) -> None:
    """How many files the records have, in the column that says so. As with roll-ups, no change tells of it."""
    if not entity.counts_files:
        return
    table, column = entity.model._meta.db_table, entity.fields[entity.counts_files].attribute
    count = "(SELECT count(*) FROM file WHERE entity = %s AND record_id = one.id AND deleted_at IS NULL)"
    with connection.cursor() as cursor:
        cursor.execute(f'UPDATE "{table}" one SET "{column}" = {count} WHERE id = ANY(%s)', [entity.path, list(keys)])


# ——— along with records ———


def carry(record: Any, to: Any, *, by: Actor, origin: Origin) -> list[File]:
    """The other record gets the files too: what a lead had, its deal has. As far as the actor may see them."""
    entity = entity_of(to)
    held = list(files_of(record, to=by).order_by("at", "id"))
    present = set(File.objects.filter(entity=entity.path, record_id=to.pk, deleted_at__isnull=True).values_list("name", flat=True))
    made = []
    for one in held:
        name = _free(one.name, present)
        present.add(name)
        made.append(
            File(entity=entity.path, record_id=to.pk, name=name, size=one.size, sha256=one.sha256, media_type=one.media_type, at=one.at,
                 by_id=one.by_id, copied_from=one)
        )  # fmt: skip
    if made:
        File.objects.bulk_create(made)
        tell(entity, to, ADDED, None, [told(one) for one in made], by=by, origin=origin)
    return made


def carry_back(record: Any, to: Any, *, by: Actor, origin: Origin) -> None:
    """What was carried from the one record to the other goes to the trash there."""
    entity, source = entity_of(to), entity_of(record)
    carried = File.objects.filter(entity=entity.path, record_id=to.pk, deleted_at__isnull=True)
    carried = carried.filter(copied_from__entity=source.path, copied_from__record_id=record.pk)
    gone = list(carried.order_by("id"))
    if gone:
        carried.update(deleted_at=timezone.now())
        tell(entity, to, REMOVED, [told(one) for one in gone], None, by=by, origin=origin)


def undo_files(change: Change, *, by: Actor, origin: Origin) -> Any:
    """The files as they were before this change; the record. Refused, Forbidden, Missing."""
    before, after = change.diff[FILES]
    rows = File.objects.in_bulk([one["id"] for one in after or before])
    if len(rows) < len(after or before):
        raise Missing(_("There is no such file, or you may not see it."))
    first = next(iter(rows.values()))
    record: Any = entity_named(first.entity).model._default_manager.get(pk=first.record_id)
    if record.deleted_at is None or not after:
        for one in after or before:
            _undo(change, rows[one["id"]], one["name"], (before or [one])[0]["name"], by=by, origin=origin)
    return record


def _undo(change: Change, file: File, name: str, before: str, *, by: Actor, origin: Origin) -> None:
    kind = change.event.rpartition(".")[2]
    if kind == REMOVED:
        restore(file, by=by, origin=origin)
    elif kind != RENAMED:
        remove(file, by=by, origin=origin)
    elif file.name == name:
        rename(file, before, by=by, origin=origin)
    else:
        raise Refused({"": _("Changed again since; undo the later change first.")})
