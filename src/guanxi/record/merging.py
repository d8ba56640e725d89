"""Merging two records that are one, and taking them apart again.

A merge is one transaction: values chosen field by field go to the record that is kept; all that leads to the other one leads
to it; the other one is gone (in the trash, its address leading to the kept one). Its journal holds what was before and after,
so that an unmerge gives both back, apart from what people changed since.

The journal: `kept` and `gone`, each [snapshot before, snapshot after]; `beside`, the rows beside them before and after.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.db import transaction
from django.db.models import BooleanField, Q
from django.db.models.expressions import RawSQL
from django.utils import timezone
from django.utils.translation import gettext as _

from guanxi.entity.actors import Actor, Level
from guanxi.entity.entity import Entity
from guanxi.entity.field import Field
from guanxi.entity.registry import entity_named, entity_of
from guanxi.record.beside import give_back, move_beside, rows_beside
from guanxi.record.changes import CHUNK, UI, Origin, edit_locked, locked, update
from guanxi.record.cleaning import Values
from guanxi.record.hierarchy import leads_to, upward
from guanxi.record.leading import leading, links_to, move_links
from guanxi.record.models import Change, File, Merge, merged
from guanxi.record.reach import visible
from guanxi.record.refusals import Forbidden, Missing, Refused
from guanxi.record.saying import snapshot
from guanxi.record.tables import index_again

FILE_TABLE = File._meta.db_table
KEPT, GONE, BOTH = "kept", "gone", "both"


# ——— which value ———


def choices(entity: Entity, kept: Any, gone: Any, *, by: Actor) -> dict[str, str]:
    """For each field that the actor may set and in which the records differ, whose value is proposed.

    What the kept record says stands; where it says nothing the other one speaks; lists and notes have room for both.
    """
    found, settled = {}, entity.settles(kept, gone) if entity.settles else {}
    for one in entity.data_fields:
        if one.read_only or one.name in settled or by.rights.level(entity.path, one.name) < Level.EDIT:
            continue
        ours, theirs = one.of(kept), one.of(gone)
        if one.k.dump(ours) == one.k.dump(theirs):
            continue
        if one.k.is_empty(theirs) or _leads_to_itself(entity, one, theirs, kept, gone):
            found[one.name] = KEPT
        elif one.k.is_empty(ours):
            found[one.name] = GONE
        else:
            found[one.name] = BOTH if one.k.both(ours, theirs) is not None else KEPT
    return found


def currencies(entity: Entity, kept: Any, gone: Any) -> dict[str, str]:
    """Currencies that go with an amount in which the records differ, by the amount's name: neither is taken without the other."""
    found = {}
    for one in entity.data_fields:
        currency = entity.fields.get(getattr(one.k, "currency", "") or "")
        if currency is not None and one.k.dump(one.of(kept)) != one.k.dump(one.of(gone)):
            found[one.name] = currency.name
    return found


def _leads_to_itself(entity: Entity, one: Field, value: Any, kept: Any, gone: Any) -> bool:
    """Whether the kept record would lead to itself by this value, however many steps on."""
    if one not in upward(entity):
        return False
    return value in (kept.pk, gone.pk) or bool(leads_to(entity, one, [value], kept.pk))


def chosen(entity: Entity, kept: Any, gone: Any, picks: Mapping[str, str]) -> dict[str, Any]:
    """The values that these choices mean, of the fields in which the kept record changes."""
    values, followed = {}, dict[str, str]()
    for amount, currency in currencies(entity, kept, gone).items():
        if amount in picks:
            followed.setdefault(currency, picks[amount])
    for name, pick in {**picks, **followed}.items():
        one = entity.fields[name]
        ours, theirs = one.of(kept), one.of(gone)
        value = theirs if pick == GONE else one.k.both(ours, theirs) if pick == BOTH else ours
        if value is None and pick == BOTH:
            value = ours
        if one.k.dump(value) != one.k.dump(ours):
            values[name] = one.k.dump(value)
    return values


def chosen_by(entity: Entity, kept: Any, gone: Any, picks: Mapping[str, str], *, by: Actor) -> dict[str, Any]:
    """The values that a person's choices mean, and what is proposed for the fields they did not choose of."""
    proposed = choices(entity, kept, gone, by=by)
    return chosen(entity, kept, gone, {**proposed, **{name: pick for name, pick in picks.items() if name in proposed}})


# ——— merging ———


def merge(kept: Any, gone: Any, values: Values | None = None, *, by: Actor, origin: Origin = UI) -> Merge:
    """Make two records one. `values` are new ones for the kept record; without them, those that `choices` proposes.

    Refused (values that cannot be, the same record twice), Forbidden (without the right to edit both), Missing.
    """
    entity = entity_of(kept)
    if not entity.mergeable:
        raise Forbidden(_("%(many)s cannot be merged.") % {"many": str(entity.noun.many).capitalize()})
    if kept.pk == gone.pk:
        raise Refused({"": _("Choose two different records.")})
    batch = uuid.uuid4()
    origin = replace(origin, batch=batch)
    with transaction.atomic():
        kept, gone = _locked_pair(entity, kept.pk, gone.pk, by)
        before = {KEPT: snapshot(entity, kept), GONE: snapshot(entity, gone)}
        rows = rows_beside(entity, [kept.pk, gone.pk])
        if values is None:
            values = chosen(entity, kept, gone, choices(entity, kept, gone, by=by))
        _let_go(entity, gone, kept, by=by, origin=origin, values=values)
        if values:
            edit_locked(entity, [kept], values, by=by, origin=origin)
        if entity.settles:
            update(entity, [(kept, entity.settles(kept, gone))], by=by, event="edited", origin=origin)
        move_links(entity, kept, gone, by=by, origin=origin)
        move_beside(entity, kept.pk, gone.pk)
        kept, gone = (entity.model._default_manager.get(pk=one.pk) for one in (kept, gone))
        update(entity, [(kept, {})], by=by, event="merged", origin=origin, besides={"merged_from": [None, gone.pk]})
        if FILE_TABLE in rows:
            index_again(entity, [kept])
        after = {KEPT: snapshot(entity, kept), GONE: snapshot(entity, gone)}
        journal = {side: [before[side], after[side]] for side in (KEPT, GONE)}
        beside = {"before": rows, "after": rows_beside(entity, [kept.pk, gone.pk])}
        return Merge.objects.create(
            entity=entity.path, kept_id=kept.pk, gone_id=gone.pk, by_id=by.pk, batch=batch, values=dict(values),
            journal={**journal, "beside": beside},
        )  # fmt: skip


def _locked_pair(entity: Entity, kept: int, gone: int, by: Actor) -> tuple[Any, Any]:
    """Both, locked in order of their keys so that two who merge the same records do not wait for each other."""
    found = {key: locked(entity, key, action="edit", by=by) for key in sorted((kept, gone))}
    return found[kept], found[gone]


def _let_go(entity: Entity, gone: Any, kept: Any, *, by: Actor, origin: Origin, values: Values) -> None:
    """The record out of sight, without what only one record may have and the kept one takes over."""
    fields = entity.model._meta.concrete_fields
    unique = {one.name for one in fields if one.unique and not one.primary_key and one.null}
    given = {name: None for name in unique & set(values) if getattr(gone, name, None) is not None and name in entity.fields}
    new = {"deleted_at": timezone.now(), **given}
    update(entity, [(gone, new)], by=by, event="absorbed", origin=origin, derive=False, besides={"merged_into": [None, kept.pk]})


# ——— taking apart ———


def unmerge(merge: Merge, *, by: Actor, origin: Origin = UI) -> tuple[Any, Any]:
    """Both records back: (the kept one, the one that was gone). What was changed since stays with the kept one.

    Refused (undone already, or one of them was merged on since), Forbidden (without the right to edit both), Missing.
    """
    entity = entity_named(merge.entity)
    origin = replace(origin, batch=uuid.uuid4())
    with transaction.atomic():
        held = Merge.objects.select_for_update(of=("self",)).filter(pk=merge.pk, undone_at__isnull=True).first()
        if held is None:
            raise Refused({"": _("This merge is undone already.")})
        if merged(entity.path).filter(gone_id=held.kept_id).exists():
            raise Refused({"": _("The record was merged with another one since; undo that merge first.")})
        kept = locked(entity, held.kept_id, action="edit", by=by)
        gone = _locked_gone(entity, held.gone_id, by)
        present = rows_beside(entity, [kept.pk, gone.pk])
        _as_before(entity, kept, held.journal[KEPT], by=by, event="unmerged", origin=origin, besides={"unmerged": [None, gone.pk]})
        _as_before(entity, gone, held.journal[GONE], by=by, event="unmerged", origin=origin, besides={"unmerged_from": [None, kept.pk]})
        _links_back(entity, held, by=by, origin=origin)
        for record, side in ((gone, GONE), (kept, KEPT)):
            record.refresh_from_db()
            _as_before(entity, record, held.journal[side], by=by, event="unmerged", origin=origin, settable=True)
        give_back(entity, held.journal["beside"], present, kept.pk, gone.pk)
        if FILE_TABLE in held.journal["beside"]["before"]:
            index_again(entity, [kept, gone])
        Merge.objects.filter(pk=held.pk).update(undone_at=timezone.now(), undone_by=by.pk, undone_batch=origin.batch)
    return kept, gone


def _locked_gone(entity: Entity, key: int, by: Actor) -> Any:
    rows = entity.model._default_manager.filter(pk=key).select_for_update(of=("self",))
    found = rows.filter(by.rights.where("edit", entity.path)).first()
    if found is None:
        raise Forbidden(_("You may not do this to this record.")) if rows.exists() else Missing(_("It is not there any more."))
    return found


def _as_before(
    entity: Entity,
    record: Any,
    pair: list[dict[str, Any]],
    *,
    by: Actor,
    event: str,
    origin: Origin,
    besides: Values | None = None,
    settable: bool = False,
) -> None:
    """The record's values from before the merge, of those that are still as the merge left them.

    With `settable`, a second look: values a person may set which moving the links back has changed again.
    """
    before, after = pair
    present = snapshot(entity, record)
    values = {}
    for name, value in before.items():
        if present.get(name) == value or not (settable or present.get(name) == after.get(name)):
            continue
        one = entity.fields.get(name)
        if settable and (one is None or one.read_only or present.get(name) != after.get(name)):
            continue
        values[name] = None if _taken(entity, one, record, value) else _loaded(one, value)
    update(entity, [(record, values)], by=by, event=event, origin=origin, derive=settable, besides=besides)


def _taken(entity: Entity, one: Field | None, record: Any, stored: Any) -> bool:
    """Whether another record has by now a value that only one may have."""
    if stored is None or one is None or one.custom or not entity.model._meta.get_field(one.name).unique:  # type: ignore[union-attr]
        return False
    return bool(entity.model._default_manager.filter(**{one.name: one.k.load(stored)}).exclude(pk=record.pk).exists())


def _loaded(one: Field | None, stored: Any) -> Any:
    """A dumped value back: as the column holds it, or as the custom key keeps it."""
    if one is None:
        return dt.datetime.fromisoformat(stored) if stored else None
    value = one.k.load(stored) if stored is not None else None
    return one.k.keep(value) if one.custom and value is not None else value


def _links_back(entity: Entity, merge: Merge, *, by: Actor, origin: Origin) -> None:
    """What was moved leads back, unless somebody has it lead elsewhere since."""
    moved: dict[str, dict[int, dict[str, Any]]] = {}
    for change in Change.objects.filter(batch=merge.batch).order_by("id"):
        if change.event.rpartition(".")[2] in {"relinked", "deleted"} and (change.entity, change.record_id) != (entity.path, merge.kept_id):
            moved.setdefault(change.entity, {})[change.record_id] = change.diff
    for path, diffs in moved.items():
        other, keys = entity_named(path), sorted(diffs)
        for start in range(0, len(keys), CHUNK):
            rows = other.model._default_manager.filter(pk__in=keys[start : start + CHUNK]).order_by("pk").select_for_update(of=("self",))
            pairs = [(record, _undone(other, record, diffs[record.pk])) for record in rows]
            update(other, [pair for pair in pairs if pair[1]], by=by, event="relinked", origin=origin, derive=False)


def _undone(entity: Entity, record: Any, diff: Mapping[str, Any]) -> dict[str, Any]:
    present = snapshot(entity, record)
    return {
        name: _loaded(entity.fields.get(name), before)
        for name, (before, after) in diff.items()
        if present.get(name) == after and (name in entity.fields or name == "deleted_at")
    }


# ——— reading ———


def heir(entity: Entity, key: int) -> int | None:
    """The record that one which is gone was merged into, however many merges on; None when it was not."""
    found, at = None, key
    for _step in range(100):
        kept = merged(entity.path).filter(gone_id=at).values_list("kept_id", flat=True).first()
        if kept is None:
            return found
        found = at = kept
    return found


def of_batch(batch: uuid.UUID | None) -> tuple[Merge | None, bool]:
    """The merge that a batch of changes made, or undid (then True)."""
    if batch is None:
        return None, False
    found = Merge.objects.filter(Q(batch=batch) | Q(undone_batch=batch)).first()
    return found, bool(found and found.undone_batch == batch)


def undo_merge(batch: uuid.UUID | None, *, by: Actor, origin: Origin = UI) -> Merge | None:
    """What a batch merged taken apart, or what it took apart merged again; None when it did neither. As `merge`, `unmerge`."""
    found, apart = of_batch(batch)
    if found is None:
        return None
    if apart:
        model = entity_named(found.entity).model
        return merge(model(pk=found.kept_id), model(pk=found.gone_id), found.values, by=by, origin=origin)
    unmerge(found, by=by, origin=origin)
    found.refresh_from_db()
    return found


def and_merged(entity: Entity, key: int, column: str = "record_id") -> RawSQL:
    """A condition on changes: of this record and of all that were merged into it."""
    return RawSQL(  # noqa: S611 - the column is one of two of our own
        f"""change.{column} = ANY(ARRAY(WITH RECURSIVE one(key) AS (SELECT %s::bigint UNION SELECT gone_id FROM merge JOIN one
        ON kept_id = one.key WHERE entity = %s AND undone_at IS NULL) SELECT key FROM one))""",
        (key, entity.path),
        output_field=BooleanField(),
    )


def moving(entity: Entity, key: int, *, to: Actor) -> list[tuple[Entity, int]]:
    """How many records of each entity lead to this one, of those the reader may see: what a merge would move."""
    counted = []
    for other, fields in links_to(entity.path):
        if to.rights.may("see", other.path):
            number = (leading(other, fields, entity.path, key) & visible(other, to=to)).count()
            if number:
                counted.append((other, number))
    return counted
