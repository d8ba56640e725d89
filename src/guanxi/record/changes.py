"""The write path. Surfaces call create, edit, delete, restore and their `_many` forms; verbs call `write`.

Every write is one transaction: the rows, one change each with its diff, the search documents, the identities,
the roll-ups it concerns, what else follows from it, and the notice on commit. One and many take the same path; a single write is a list of one.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from guanxi.entity.actors import Actor
from guanxi.entity.entity import Entity, Write
from guanxi.entity.registry import entity_of
from guanxi.record import events, rollups
from guanxi.record.cleaning import Cleaned, Values, check_links, check_reach, clean, prepare_many, team_of
from guanxi.record.hierarchy import refuse_circles
from guanxi.record.models import Change, merged
from guanxi.record.owning import assign_new
from guanxi.record.reach import reachable
from guanxi.record.refusals import Forbidden, Missing, Refused, Stale, one_has_it
from guanxi.record.saying import SAID, as_json, said, snapshot
from guanxi.record.tables import FILES, insert_rows, record_of_writes, take_keys, update_rows
from guanxi.record.using import refuse_used

CHUNK = 1000


@dataclass(frozen=True)
class Origin:
    """By what a write came, and which writes belong together."""

    via: str = "ui"
    batch: uuid.UUID | None = None
    kept: bool = False
    """The records bring along when and by whom they were made: histories from elsewhere."""

    def batched(self) -> Origin:
        """The same with a batch of its own, unless it has one."""
        return self if self.batch else replace(self, batch=uuid.uuid4())


UI, API = Origin(), Origin("api")
Besides = Values | Callable[[Any], Values] | None


# ——— what surfaces call ———


def create(entity: Entity, values: Values, *, by: Actor, origin: Origin = UI) -> Any:
    """A new record. Refused, Forbidden."""
    (record,) = create_many(entity, [values], by=by, origin=origin)
    return record


def create_many(entity: Entity, rows: Sequence[Values], *, by: Actor, origin: Origin = UI) -> list[Any]:
    """New records, all or none. Refused (with the position of the first bad row in `errors["#"]`), Forbidden."""
    if not by.rights.may("create", entity.path):
        raise Forbidden(_("You may not create %(many)s.") % {"many": entity.noun.many})
    records = prepare_many(entity, rows, by=by)
    with transaction.atomic():
        check_links(entity, records, by=by)
        insert(entity, records, by=by, origin=origin)
        check_reach(entity, records, "create", by=by)
        assign_new(entity, records, by=by, origin=origin)
    return records


def edit(record: Any, values: Values, *, by: Actor, origin: Origin = UI, version: int | None = None) -> Any:
    """The record with new values. Refused, Forbidden, Stale (when `version` is not the present one), Missing."""
    entity = entity_of(record)
    with transaction.atomic():
        fresh = locked(entity, record.pk, action="edit", by=by)
        if version is not None and fresh.version != version:
            raise Stale(fresh, meanwhile(fresh, version))
        edit_locked(entity, [fresh], values, by=by, origin=origin.batched())
    return fresh


def edit_many(entity: Entity, keys: Iterable[int], values: Values, *, by: Actor, origin: Origin = UI) -> int:
    """New values for several records; how many were changed. Those out of reach are left alone. Refused, Forbidden."""
    if not by.rights.may("bulk", entity.path):
        raise Forbidden(_("You may not change many %(many)s at once.") % {"many": entity.noun.many})
    origin, done, keys = origin.batched(), 0, list(keys)
    with transaction.atomic():
        for start in range(0, len(keys), CHUNK):
            records = list(_locked_rows(entity, keys[start : start + CHUNK], action="edit", by=by))
            done += edit_locked(entity, records, values, by=by, origin=origin)
    return done


def edit_locked(entity: Entity, records: Sequence[Any], values: Values, *, by: Actor, origin: Origin) -> int:
    """The same new values for records already locked; how many changed. Refused, Forbidden."""
    errors: dict[str, str] = {}
    cleaned = clean(entity, values, by=by, errors=errors, creating=False)
    errors |= _emptied(entity, {**cleaned.columns, **cleaned.custom})
    if errors:
        raise Refused(errors, entity.fields)
    return edit_cleaned(entity, [(record, cleaned) for record in records], by=by, origin=origin)


def edit_cleaned(entity: Entity, pairs: Sequence[tuple[Any, Cleaned]], *, by: Actor, origin: Origin) -> int:
    """New values, as `clean` left them, for records already locked; how many changed. Refused, Forbidden.

    Plain values come first: what a verb asks for may be given with it.
    """
    plain: list[tuple[Any, Values]] = []
    changed: set[int] = set()
    for record, cleaned in pairs:
        values = {**cleaned.columns, **cleaned.custom}
        _check_edit(entity, record, values, by)
        if values:
            plain.append((record, values))
    if plain:
        writes = update(entity, plain, by=by, event="edited", origin=origin, check=True)
        moved = {record.pk: {"owner", "team", "co_workers"} & set(values) for record, values in plain}
        check_reach(entity, [one.record for one in writes if not moved[one.record.pk]], "edit", by=by)
        changed |= {one.record.pk for one in writes}
    for record, cleaned in pairs:
        for one, value in cleaned.by_verb:
            assert one.write is not None
            if one.of(record) != value:
                one.write(record, value, by=by, origin=origin)
                changed.add(record.pk)
    return len(changed)


def _check_edit(entity: Entity, record: Any, values: Values, by: Actor) -> None:
    """What must be there stays, and what is kept back as it is; whoever may not hand over leaves the owner. Refused, Forbidden."""
    errors = _emptied(entity, values)
    errors |= {name: _("This is kept back as long as it is in the pool.") for name in values if entity.keeps_back(name, record, by)}
    if errors:
        raise Refused(errors, entity.fields)
    if "owner" in values and _key(values["owner"]) != record.owner_id and not by.rights.may("reassign", entity.path):
        raise Forbidden(_("You may not hand over %(many)s.") % {"many": entity.noun.many})


def _emptied(entity: Entity, values: Values) -> dict[str, str]:
    return {
        name: _("Fill this in.") for name, value in values.items() if entity.fields[name].required and entity.fields[name].k.is_empty(value)
    }


def delete(record: Any, *, by: Actor, origin: Origin = UI) -> Any:
    """The record put in the trash. Forbidden, Missing."""
    entity = entity_of(record)
    with transaction.atomic():
        fresh = locked(entity, record.pk, action="delete", by=by)
        trash(entity, [fresh], by=by, origin=origin)
    return fresh


def delete_many(entity: Entity, keys: Iterable[int], *, by: Actor, origin: Origin = UI) -> int:
    """Records put in the trash; how many."""
    if not (by.rights.may("bulk", entity.path) and by.rights.may("delete", entity.path)):
        raise Forbidden(_("You may not delete many %(many)s at once.") % {"many": entity.noun.many})
    origin, done, keys = origin.batched(), 0, list(keys)
    with transaction.atomic():
        for start in range(0, len(keys), CHUNK):
            records = list(_locked_rows(entity, keys[start : start + CHUNK], action="delete", by=by))
            done += trash(entity, records, by=by, origin=origin)
    return done


def trash(entity: Entity, records: Sequence[Any], *, by: Actor, origin: Origin) -> int:
    """Locked records into the trash. Refused for what was set up and is in use, and for what its noun keeps."""
    if entity.settings:
        refuse_used(entity, records)
    _refuse_kept(entity, records, by)
    moment = timezone.now()
    return len(update(entity, [(one, {"deleted_at": moment}) for one in records], by=by, event="deleted", origin=origin))


def _refuse_kept(entity: Entity, records: Sequence[Any], by: Actor) -> None:
    if entity.may_delete is None or not records:
        return
    kept = entity.model._default_manager.filter(pk__in=[one.pk for one in records]).exclude(entity.may_delete(by)).first()
    if kept is not None:
        raise Refused({"": _("“%(record)s” can no longer be deleted as it stands.") % {"record": entity.title_of(kept)}})


def restore(record: Any, *, by: Actor, origin: Origin = UI) -> Any:
    """The record back from the trash. Forbidden, Missing."""
    entity = entity_of(record)
    with transaction.atomic():
        fresh = locked_in_trash(entity, record.pk, by=by)
        if merged(entity.path).filter(gone_id=fresh.pk).exists():
            raise Refused({"": _("This record was merged with another one. Undo the merge to have it back.")})
        update(entity, [(fresh, {"deleted_at": None})], by=by, event="restored", origin=origin)
    return fresh


# ——— what verbs call ———


def write(record: Any, *, by: Actor, event: type[events.Event] | str, origin: Origin = UI, **values: Any) -> Any:
    """Set values on a locked record by the business's own reasons: no field rights, same change and history.

    Returns the record; nothing is written when nothing differs.
    """
    entity = entity_of(record)
    update(entity, [(record, values)], by=by, event=event, origin=origin)
    return record


def locked(entity: Entity, key: int, *, action: Any, by: Actor) -> Any:
    """The record, fresh and locked until the transaction ends. Missing when it is out of sight, Forbidden when seen only."""
    found = list(_locked_rows(entity, [key], action=action, by=by))
    if found:
        return found[0]
    if reachable(entity, "see", by).filter(pk=key).exists():
        raise Forbidden(_("You may see this record but not change it.") if action == "edit" else _("You may not do this to this record."))
    raise Missing(_("There is no such record, or you may not see it."))


def locked_in_trash(entity: Entity, key: int, *, by: Actor) -> Any:
    """A record in the trash that the actor may restore, locked until the transaction ends. Missing."""
    rows = entity.model._default_manager.filter(by.rights.where("delete", entity.path), deleted_at__isnull=False)
    found = rows.filter(pk=key).select_for_update(of=("self",), no_key=True).first()
    if found is None:
        raise Missing(_("There is no such record in the trash."))
    return found


def _locked_rows(entity: Entity, keys: Sequence[int], *, action: Any, by: Actor) -> Any:
    return reachable(entity, action, by).filter(pk__in=keys).order_by("pk").select_for_update(of=("self",), no_key=True)


# ——— the one way into the tables ———


def insert(
    entity: Entity,
    records: Sequence[Any],
    *,
    by: Actor,
    event: type[events.Event] | str = "created",
    origin: Origin = UI,
) -> None:
    """Prepared records into the tables, with everything that goes with a write."""
    if not records:
        return
    moment = timezone.now()
    with one_has_it(), transaction.atomic():
        for record in records:
            if not origin.kept:
                record.created_by_id = record.changed_by_id = by.pk
                record.created_at = record.changed_at = moment
        take_keys(entity, records)
        for record in records:
            if SAID not in record.__dict__:
                record.__dict__[SAID] = said(entity, record)
        insert_rows(entity, records)
        writes = [Write(record, True, {}, origin) for record in records]
        record_of_writes(entity, writes, [""] * len(writes), event=event_name(entity, event), origin=origin)
        for record in records:
            del record.__dict__[SAID]  # what it says from now on is worked out from its values
        rollups.keep(entity, writes)
        if entity.follow:
            entity.follow(writes, by)


def update(
    entity: Entity,
    pairs: Sequence[tuple[Any, Values]],
    *,
    by: Actor,
    event: type[events.Event] | str,
    origin: Origin = UI,
    check: bool = False,
    derive: bool = True,
    besides: Besides = None,
) -> list[Write]:
    """New values (by field name; cleaned) for locked records; the writes that made a difference. Refused when `check`.

    Without `derive`, nothing follows from the values: they were all kept. `besides` is what the change tells
    apart from values, as {name: [before, after]}, of all or of each; with it a change is written though no value differs.
    """
    moment = timezone.now()
    writes, diffs, touched = [], [], set[str]()
    for record, values in pairs:
        before = snapshot(entity, record)
        _set(entity, record, values)
        if entity.derive and derive:
            entity.derive(record, _differing(entity, record, values, before))
        after = snapshot(entity, record)
        diff = {name: [before[name], after[name]] for name in after if before[name] != after[name]}
        told = besides(record) if callable(besides) else besides
        if not diff and not told:
            continue
        if check:
            touched |= set(diff)
            errors = entity.check(record, set(diff), by) if entity.check else {}
            if errors:
                raise Refused(errors, entity.fields)
        record.version += 1
        if not origin.kept:
            record.changed_at, record.changed_by_id = moment, by.pk
        writes.append(Write(record, False, {name: pair[0] for name, pair in diff.items()}, origin))
        diffs.append({**diff, **(told or {})})
    if not writes:
        return []
    with one_has_it(), transaction.atomic():
        if check:
            check_links(entity, [one.record for one in writes], by=by, names=touched)
        update_rows(entity, writes)
        refuse_circles(entity, writes)
        record_of_writes(entity, writes, map(as_json, diffs), event=event_name(entity, event), origin=origin)
        rollups.keep(entity, writes)
        if entity.follow:
            entity.follow(writes, by)
    return writes


def _differing(entity: Entity, record: Any, values: Values, before: Mapping[str, Any]) -> set[str]:
    """Those of the values that were set which are not what they were."""
    fields = entity.fields
    return {
        name for name in values if name not in before or name not in fields or fields[name].k.dump(fields[name].of(record)) != before[name]
    }


def _set(entity: Entity, record: Any, values: Values) -> None:
    if "owner" in values and "team" not in values and entity.owned:
        values = {**values, "team": team_of(_key(values["owner"]))}
    for name, value in values.items():
        one = entity.fields.get(name)
        if one is not None and one.custom:
            record.custom = {**record.custom, name: value}
            if one.k.is_empty(value):
                del record.custom[name]
        elif one is not None and one.attribute != one.name:
            setattr(record, one.attribute, _key(value))
        else:
            attribute = one.attribute if one is not None else name
            setattr(record, attribute, value)


def _key(value: Any) -> Any:
    return value.pk if hasattr(value, "pk") else value


def event_name(entity: Entity, event: type[events.Event] | str) -> str:
    """The dotted name of an event of this entity."""
    name = events.name_of(event)
    return name if "." in name else f"{entity.model._meta.model_name}.{name}"


def meanwhile(record: Any, version: int) -> list[Change]:
    """The changes made to a record since the given version of it, newest first. Files make no version."""
    made = Change.objects.filter(entity=entity_of(record).path, record_id=record.pk).exclude(diff__has_key=FILES).order_by("-id")
    return list(made[: max(record.version - version, 1)])
