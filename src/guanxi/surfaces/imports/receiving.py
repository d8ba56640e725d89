"""A file taken in: kept, looked at, its columns given fields as proposed; and what the person chose over that."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from guanxi.entity.actors import Actor
from guanxi.entity.entity import Entity
from guanxi.entity.registry import entity_named
from guanxi.surfaces.imports.model import Import
from guanxi.surfaces.imports.plan import Place, Wishes, first_wishes, places_from, places_of, proposed, targets_of
from guanxi.surfaces.imports.reading import TableInspection
from guanxi.surfaces.imports.study import Study, study

DEEPEST_HEADER = 10_000


def receive(
    entity: Entity, name: str, pieces: Iterable[bytes], *, by: Actor, reading: dict[str, Any] | None = None, **values: Any
) -> Import:
    """A draft of an import from a file's bytes. UnreadableTable, and nothing is kept."""
    path = _place(name)
    with path.open("wb") as kept:
        for piece in pieces:
            kept.write(piece)
    return _draft(entity, name, path, by=by, reading=reading or {}, **values)


def receive_copy(entity: Entity, file: Path, *, by: Actor, reading: dict[str, Any] | None = None, **values: Any) -> Import:
    """A draft of an import from a file of this machine, of which a copy is kept. UnreadableTable."""
    path = _place(file.name)
    shutil.copyfile(file, path)
    return _draft(entity, file.name, path, by=by, reading=reading or {}, **values)


def _place(name: str) -> Path:
    folder = Path(settings.MEDIA_ROOT) / "imports"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{uuid.uuid4()}{Path(name).suffix[:10].lower()}"


def _draft(entity: Entity, name: str, path: Path, *, by: Actor, reading: dict[str, Any], **values: Any) -> Import:
    try:
        found = study(path, reading)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    short = Path(name).name.replace("\x00", "")[-200:] or "table"
    one = Import(entity=entity.path, name=short, path=str(path), user_id=by.pk, reading=reading, **values)
    propose_again(one, found, by=by)
    one.save()
    return one


def propose_again(one: Import, found: Study, *, by: Actor) -> None:
    """What was found in the file, and mapping and wishes as they are first proposed."""
    entity = entity_named(one.entity)
    places = places_of(proposed(entity, found.inspection, by=by))
    one.found, one.total, one.mapping = found.to_json(), found.inspection.row_count, places
    one.wishes = first_wishes(entity, places, found.inspection.samples, by=by).to_json()


def read_again(one: Import, reading: dict[str, Any], *, by: Actor) -> None:
    """The file read as the person says. UnreadableTable, and all stays as it was."""
    found = study(one.path, reading)
    one.reading = reading
    propose_again(one, found, by=by)
    one.save(update_fields=["reading", "found", "total", "mapping", "wishes"])


def reading_from(said: Mapping[str, Any], kept: Mapping[str, Any], now: TableInspection) -> dict[str, Any]:
    """How a file is to be read, out of what was typed; what is left as it was found, and was not said before (`kept`), stays for us to find."""
    reading: dict[str, Any] = {}
    for name in ("encoding", "delimiter", "sheet", "quote", "header_row"):
        typed = said.get(name)
        if typed is None or (typed == "" and name != "quote"):
            continue
        value = _row(str(typed)) if name == "header_row" else str(typed)[:200]
        if value != getattr(now, name):
            reading[name] = value
        elif name in kept:
            reading[name] = kept[name]
    return reading


def _row(typed: str) -> int:
    text = typed.strip()
    return min(int(text), DEEPEST_HEADER) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def choose(one: Import, places: Sequence[Place], *, by: Actor) -> str:
    """Columns to the places the person chose; what is wrong with that, in words."""
    allowed = {(target.field, target.part) for target in targets_of(entity_named(one.entity), by=by)}
    kept = [place if place in allowed else None for place in places]
    before = {place[0] for place in places_from(one.mapping) if place}
    one.mapping = kept
    if not any(kept):
        return _("Give at least one column a field.")
    if before != {place[0] for place in kept if place}:
        _refit(one, kept, by)
    return ""


def _refit(one: Import, places: Sequence[Place], by: Actor) -> None:
    """Wishes that follow a new mapping: a title that has got a column is no longer made, one that lost it is."""
    wishes = Wishes.from_json(one.wishes)
    fresh = first_wishes(entity_named(one.entity), places, by=by)
    one.wishes = Wishes(**{**wishes.__dict__, "title_from": fresh.title_from}).to_json()
