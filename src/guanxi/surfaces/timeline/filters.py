"""What of the timeline is shown: everything, what people wrote, what changed, or what happened with one kind of record below."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from guanxi.access.models import User
from guanxi.entity.entity import Entity
from guanxi.surfaces.forms.inputs import capital
from guanxi.surfaces.timeline.diary import has_diary, the_diary
from guanxi.surfaces.timeline.events import children


@dataclass(frozen=True)
class Filter:
    """A chip above the timeline."""

    name: str
    label: str
    url: str
    current: bool


def filters_of(entity: Entity, record: Any, user: User, chosen: str = "") -> list[Filter]:
    """The chips for this record; none when there is but one thing to show."""
    named = [("", _("Everything"))]
    diary = the_diary()
    if diary is not None and has_diary(entity) and user.rights.may("see", diary.entity):
        named.append(("entries", capital(diary.of().noun.many)))
    below = [(one.path, capital(one.noun.many)) for one in children(entity, user) if not one.part_of]
    if len(named) == 1 and not below:
        return []
    named.append(("changes", _("Changes")))
    url = f"/{entity.path}/{record.pk}/timeline"
    return [
        Filter(name, label, f"{url}?show={name}" if name else url, name == chosen) for name, label in (*named, *below)
    ]  # fmt: skip


def known(entity: Entity, user: User, name: str) -> str:
    """The filter of that name; everything when there is none."""
    names = {"entries", "changes", *(one.path for one in children(entity, user))}
    return name if name in names else ""
