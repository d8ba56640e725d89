"""What a picker offers: where it asks, what it narrows by, what may be created on the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from guanxi.access.models import User
from guanxi.access.titles import teams
from guanxi.entity.entity import Entity
from guanxi.entity.field import Field
from guanxi.entity.kinds.links import key_of
from guanxi.entity.registry import entity_named
from guanxi.record.memory import remember

FEW = 60
"""So many records of a settings entity stand in the page itself."""


@dataclass(frozen=True)
class Pick:
    """How one link is chosen."""

    url: str = ""
    """Where to ask while typing; empty when `options` are all there are."""
    create_url: str = ""
    create: str = ""
    depends: str = ""
    """The field of the same form that narrows what is offered."""
    options: tuple[tuple[Any, str], ...] = ()


def offered(entity: Entity, one: Field, by: User, *, context: Mapping[str, Field], value: Any) -> Pick | None:
    """How the field's record is chosen; None for fields that are no links."""
    target = one.k.linked()
    if not target:
        return None
    other = entity_named(target)
    depends = "" if one.name == entity.part_of else narrowed_by(one, other, context)
    if not depends:
        few = all_of(other)
        if few is not None:
            return Pick(options=few)
    url = f"/{target}/suggest"
    if other.settings or not other.searchable or not by.rights.may("create", target):
        return Pick(url=url, depends=depends)
    label = _("Create %(noun)s “{q}”") % {"noun": other.noun.one}
    return Pick(url=url, depends=depends, create_url=f"/{target}/quick", create=label)


def narrowed_by(one: Field, other: Entity, context: Mapping[str, Field]) -> str:
    """The field of the form that leads where the offered records belong: a contact's account, a stage's pipeline."""
    name = belongs_by(other)
    master = context.get(name)
    if not name or master is None or name == one.name or master.k.listed:
        return ""
    return name if master.k.linked() == other.bound[name].k.linked() else ""


def belongs_by(entity: Entity) -> str:
    """The field that says what a record of the entity belongs to: its parent, or for settings what it must be in."""
    if entity.parent or not entity.settings:
        return entity.parent
    return next((one.name for one in entity.bound.values() if one.k.linked() and one.required), "")


def keys_of(text: str) -> list[int]:
    """The keys of records as an address says them, with commas; none when it says anything else."""
    try:
        return [key for part in text.split(",") if (key := key_of(part)) is not None]
    except ValueError:
        return []


def all_of(other: Entity) -> tuple[tuple[Any, str], ...] | None:
    """Every record of a small settings entity, in its order; None when there are many."""
    if not other.settings or other.path == "users":
        return None
    if other.path == "teams":
        found = tuple(sorted(teams().items(), key=lambda pair: pair[1]))
    else:
        found = remember(("options", other.path), lambda: _read(other))
    return found if len(found) <= FEW else None


def _read(other: Entity) -> tuple[tuple[Any, str], ...]:
    living = other.model._default_manager.filter(deleted_at__isnull=True).order_by(*other.order, "pk")
    return tuple((key, str(title)) for key, title in living.values_list("pk", other.title)[: FEW + 1])
