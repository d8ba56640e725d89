"""`@verb`: what the business does to a record, with permission, lock and transaction around it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from typing import Any

from django.db import transaction
from django.db.models import Case, Value, When
from django.utils.translation import gettext as _

from guanxi.entity.actors import Actor
from guanxi.entity.entity import Entity, Verb, Words
from guanxi.entity.field import Field
from guanxi.entity.registry import entity_named, entity_of
from guanxi.record.changes import UI, Origin, locked
from guanxi.record.reach import visible
from guanxi.record.refusals import Forbidden, Missing, Refused


def verb(
    label: Words,
    *,
    icon: str = "bolt",
    tone: str = "",
    rule: Callable[[Actor], Any] | None = None,
    action: str = "edit",
    fields: tuple[Field, ...] = (),
    primary: bool = False,
    bulk: bool = True,
    key: str = "",
    done: Words = "",
    hint: Words = "",
    too_late: Words | Callable[[Entity, int, Actor], str] = "",
    shares: bool = False,
    starts: Callable[[Any, Actor], Mapping[str, Any]] | None = None,
    offers: Callable[[Any, Actor], Mapping[str, Sequence[tuple[Any, str]]]] | None = None,
    again: Mapping[str, Callable[[Any, Actor, Any], Mapping[str, Any]]] | None = None,
    renewed: tuple[str, ...] = (),
) -> Callable[[Callable[..., Any]], Verb]:
    """Declare a verb. The function gets the locked record, `by` and `origin`, and its cleaned fields by keyword.

    Calling it raises Forbidden when the actor lacks the right or the rule does not hold, Refused for bad values,
    Missing when the record is out of sight. It returns what the function returns, or the record.
    """

    def declare(function: Callable[..., Any]) -> Verb:
        wants_origin = "origin" in inspect.signature(function).parameters

        @wraps(function)
        def run(record: Any, *, by: Actor, origin: Origin = UI, **values: Any) -> Any:
            entity = entity_of(record)
            with transaction.atomic():
                fresh = _reached(entity, record.pk, action, made, by=by)
                if rule and not entity.model._default_manager.filter(rule(by), pk=record.pk).exists():
                    raise Forbidden(
                        made.late(entity, record.pk, by) or _("“%(verb)s” is not possible for this record now.") % {"verb": label}
                    )
                cleaned = clean_arguments(entity, fields, values, by=by)
                if wants_origin:
                    cleaned["origin"] = origin
                try:
                    result = function(fresh, by=by, **cleaned)
                except Refused as refusal:
                    refusal.fields = refusal.fields or {**entity.fields, **{one.name: one for one in fields}}
                    raise
            return fresh if result is None else result

        made = Verb(
            name=function.__name__.rstrip("_"), run=run, label=label, icon=icon, tone=tone, rule=rule, action=action, fields=fields,
            primary=primary, bulk=bulk, key=key, done=done, hint=hint, too_late=too_late,
            shares=shares, starts=starts, offers=offers, again=again or {}, renewed=renewed,
        )  # fmt: skip
        return made

    return declare


def _reached(entity: Entity, key: int, action: str, verb: Verb, *, by: Actor) -> Any:
    try:
        return locked(entity, key, action=action, by=by)
    except Missing:
        late = verb.late_out_of_sight(entity, key, by)
        if late:
            raise Forbidden(late) from None
        raise


def clean_arguments(entity: Entity, fields: tuple[Field, ...], values: dict[str, Any], *, by: Actor) -> dict[str, Any]:
    """A verb's values as their kinds mean them. Refused."""
    errors, cleaned = {}, {}
    known = {one.name: one for one in fields}
    for name in values:
        if name not in known:
            errors[name] = _("This verb takes no such value.")
    for name, one in known.items():
        raw = values.get(name, one.starting(by))
        try:
            cleaned[name] = one.k.clean(raw, by.locale)
        except ValueError as refusal:
            errors[name] = str(refusal)
            continue
        if one.required and one.k.is_empty(cleaned[name]):
            errors[name] = _("Fill this in.")
        target = one.k.linked()
        if target and not one.k.is_empty(cleaned[name]):
            errors.update(_unseen(target, name, cleaned[name], by))
    if errors:
        raise Refused(errors, known)
    return cleaned


def _unseen(target: str, name: str, value: Any, by: Actor) -> dict[str, str]:
    keys = set(value if isinstance(value, (tuple, list)) else [value])
    found = set(visible(entity_named(target), to=by).filter(pk__in=keys).values_list("pk", flat=True))
    return {name: _("There is no such record, or you may not see it.")} if keys - found else {}


def possible(record: Any, verbs: tuple[Verb, ...], *, by: Actor) -> list[Verb]:
    """The verbs that can be done to this record by this actor now; one query for all rules."""
    entity = entity_of(record)
    actions = {one.action for one in verbs}
    conditions: dict[str, Any] = {f"may_{action}": by.rights.where(action, entity.path) for action in actions}  # type: ignore[arg-type]
    conditions |= {f"rule_{one.name}": one.rule(by) for one in verbs if one.rule}
    row = _hold(entity, record.pk, conditions)
    return [one for one in verbs if row.get(f"may_{one.action}") and row.get(f"rule_{one.name}", True)]


def _hold(entity: Entity, key: int, conditions: dict[str, Any]) -> dict[str, bool]:
    annotations = {
        name: Case(When(where, then=Value(True)), default=Value(False)) if where else Value(True) for name, where in conditions.items()
    }
    found = entity.model._default_manager.filter(pk=key).annotate(**annotations).values(*annotations).first()
    return dict(found or {})
