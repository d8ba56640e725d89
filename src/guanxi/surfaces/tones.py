"""Records of settings entities as tags: a stage in its colour."""

from __future__ import annotations

from django.utils.html import escape

from guanxi.entity.actors import Titles
from guanxi.entity.entity import Entity
from guanxi.entity.field import Field
from guanxi.entity.kinds import Link
from guanxi.entity.registry import entity_named
from guanxi.record.memory import remember


def tones_of(entity: Entity) -> dict[int, str] | None:
    """The tone of every record of an entity that has tones; None for the others."""
    if not entity.settings or "tone" not in entity.bound:
        return None

    def read() -> dict[int, str]:
        return dict(entity.model._default_manager.values_list("pk", "tone"))

    made: dict[int, str] = remember(("tones", entity.path), read)
    return made


def toned(field: Field) -> dict[int, str] | None:
    """The tones of the records a link leads to, when they have some."""
    target = field.k.linked()
    return tones_of(entity_named(target)) if target and isinstance(field.k, Link) else None


def tag_html(field: Field, key: int | None, tones: dict[int, str], titles: Titles) -> str:
    """A linked record as a tag."""
    title = titles.get((field.k.linked() or "", key or 0))
    if title is None:
        return ""
    tone = tones.get(key or 0, "")
    return f'<span class="tag{" " + tone if tone else ""}"><i></i>{escape(title)}</span>'
