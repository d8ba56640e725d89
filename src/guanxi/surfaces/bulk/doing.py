"""Doing one thing to many records, and what came of it for each. The write path decides; here is only who is asked one by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from guanxi.access.models import User
from guanxi.entity.entity import Entity
from guanxi.record.changes import Origin, delete_many, edit_many
from guanxi.record.cleaning import clean
from guanxi.record.reach import reachable, visible
from guanxi.record.refusals import Forbidden, Missing, Refused, Stale
from guanxi.record.verbs import clean_arguments

TOLD = 100
"""So many failures are told by name."""


@dataclass(frozen=True)
class Act:
    """What is to be done: new values, a verb with its values, or the trash."""

    what: str
    verb: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class Outcome:
    """How many were changed, and which could not be: (key, title, reason)."""

    done: int = 0
    failures: list[tuple[int, str, str]] = field(default_factory=list)
    failed: int = 0

    def fail(self, key: int, title: str, reason: str) -> None:
        self.failed += 1
        if len(self.failures) < TOLD:
            self.failures.append((key, title, reason))


def wrong_with(entity: Entity, act: Act, *, by: User) -> dict[str, str]:
    """What is wrong with the values whatever the record, by field; so that a form can say it before anything is done."""
    errors: dict[str, str] = {}
    if act.what == "edit":
        cleaned = clean(entity, act.values, by=by, errors=errors, creating=False)
        for name, value in {**cleaned.columns, **cleaned.custom}.items():
            if entity.fields[name].required and entity.fields[name].k.is_empty(value):
                errors[name] = _("Fill this in.")
    elif act.what == "verb":
        try:
            clean_arguments(entity, entity.verb(act.verb).fields, dict(act.values), by=by)
        except Refused as refusal:
            errors = refusal.errors
    return errors


def allow(entity: Entity, act: Act, *, by: User) -> None:
    """Whether the actor may do this to any of them at all. Forbidden."""
    action: Any = entity.verb(act.verb).action if act.what == "verb" else act.what
    if not (by.rights.may("bulk", entity.path) and by.rights.may(action, entity.path)):
        raise Forbidden(_("You may not change many %(many)s at once.") % {"many": entity.noun.many})
    if "owner" in act.values and act.what == "edit" and not by.rights.may("reassign", entity.path):
        raise Forbidden(_("You may not hand over %(many)s.") % {"many": entity.noun.many})


def do(entity: Entity, act: Act, keys: Sequence[int], *, by: User, origin: Origin) -> Outcome:
    """The act on these records, in one transaction; each that refuses is left as it was and told. Forbidden."""
    allow(entity, act, by=by)
    outcome = Outcome()
    with transaction.atomic():
        action: Any = entity.verb(act.verb).action if act.what == "verb" else act.what
        within = set(reachable(entity, action, by).filter(pk__in=keys).values_list("pk", flat=True))
        within &= set(reachable(entity, "bulk", by).filter(pk__in=within).values_list("pk", flat=True))
        _tell_out_of_reach(entity, [key for key in keys if key not in within], outcome, by=by)
        chosen = [key for key in keys if key in within]
        if act.what == "verb":
            _verb_each(entity, act, chosen, outcome, by=by, origin=origin)
        elif act.what == "delete":
            outcome.done += delete_many(entity, chosen, by=by, origin=origin)
        else:
            _edit(entity, act, chosen, outcome, by=by, origin=origin)
    return outcome


def _tell_out_of_reach(entity: Entity, keys: Sequence[int], outcome: Outcome, *, by: User) -> None:
    if not keys:
        return
    titles = {record.pk: entity.title_of(record) for record in visible(entity, to=by).filter(pk__in=keys)}
    for key in keys:
        reason = _("You may see this record but not change it.") if key in titles else _("There is no such record, or you may not see it.")
        outcome.fail(key, titles.get(key, f"#{key}"), reason)


def _edit(entity: Entity, act: Act, keys: Sequence[int], outcome: Outcome, *, by: User, origin: Origin) -> None:
    """All together; when one refuses, one by one."""
    with suppress(Refused, Forbidden), transaction.atomic():
        outcome.done += edit_many(entity, keys, act.values, by=by, origin=origin)
        return
    titles = {record.pk: entity.title_of(record) for record in visible(entity, to=by).filter(pk__in=keys)}
    for key in keys:
        try:
            with transaction.atomic():
                outcome.done += edit_many(entity, [key], act.values, by=by, origin=origin)
        except (Refused, Forbidden) as refusal:
            outcome.fail(key, titles.get(key, f"#{key}"), reason_of(entity, refusal))


def _verb_each(entity: Entity, act: Act, keys: Sequence[int], outcome: Outcome, *, by: User, origin: Origin) -> None:
    verb = entity.verb(act.verb)
    for record in visible(entity, to=by).filter(pk__in=keys).order_by("pk"):
        try:
            with transaction.atomic():
                verb(record, by=by, origin=origin, **act.values)
            outcome.done += 1
        except (Refused, Forbidden, Missing, Stale) as refusal:
            outcome.fail(record.pk, entity.title_of(record), reason_of(entity, refusal))


def reason_of(entity: Entity, refusal: Exception) -> str:
    """Why, in a sentence that names the fields."""
    return refusal.told(entity.fields) if isinstance(refusal, Refused) else str(refusal)
