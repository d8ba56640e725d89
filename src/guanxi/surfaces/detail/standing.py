"""A record and what this person may do with it now: one query for all rights and rules, and its files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Q, Value, When
from django.http import Http404
from django.utils.translation import gettext as _

from guanxi.access.models import User
from guanxi.entity.actors import Action
from guanxi.entity.entity import Entity, Verb
from guanxi.record.files import attached, from_attached, keeps_back, takes_files
from guanxi.record.models import File
from guanxi.record.reach import visible


@dataclass(frozen=True)
class Standing:
    """The record with what may be done to it."""

    record: Any
    may_edit: bool
    may_delete: bool
    verbs: list[Verb]
    files: list[File] | None = None
    """None where it has none to show, or nobody asked."""
    files_stand: bool = False
    """Its files can be neither renamed nor removed."""


def standing(entity: Entity, key: int, user: User, *, verbs: Sequence[Verb] | None = None) -> Standing:
    """The record the person may see, and what they may do with it. 404 otherwise."""
    known = list(entity.verbs) if verbs is None else list(verbs)
    actions: set[Action] = {"edit", "delete", *(verb.action for verb in known)}  # type: ignore[arg-type]
    asked: dict[str, Any] = {f"may_{action}": _holds(user.rights.where(action, entity.path)) for action in actions}
    asked |= {f"rule_{verb.name}": _holds(verb.rule(user)) for verb in known if verb.rule}
    if entity.may_delete:
        asked["may_delete"] = _holds(user.rights.where("delete", entity.path) & entity.may_delete(user))
    shows_files = verbs is None and takes_files(entity)
    if shows_files:
        asked |= {"attached": attached(entity), "files_stand": _holds(entity.files_stand(user)) if entity.files_stand else Value(False)}
    alike: dict[Any, str] = {}
    same = {name: alike.setdefault(asking, name) for name, asking in asked.items()}
    record = visible(entity, to=user).filter(pk=key).annotate(**{name: asked[name] for name in alike.values()}).first()
    if record is None:
        raise Http404(_("There is no such record, or you may not see it."))
    for name, other in same.items():
        setattr(record, name, getattr(record, other))
    if entity.opened and verbs is None:  # who does something to it has it before them, or in a list
        entity.opened(record, user)
    possible = [verb for verb in known if getattr(record, f"may_{verb.action}") and getattr(record, f"rule_{verb.name}", True)]
    if not shows_files or keeps_back(entity, record, user):
        return Standing(record, record.may_edit, record.may_delete, possible)
    return Standing(record, record.may_edit, record.may_delete, possible, from_attached(record.attached), record.files_stand)


def _holds(where: Q) -> Any:
    return Case(When(where, then=Value(True)), default=Value(False)) if where else Value(True)
