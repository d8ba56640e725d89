"""The block “Files” on the page of a record."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.utils.safestring import SafeString, mark_safe

from guanxi.access.models import User
from guanxi.access.titles import people
from guanxi.base.files import PDF, shown_as, size_text
from guanxi.entity.entity import Entity
from guanxi.entity.kinds import Moment
from guanxi.record.models import File
from guanxi.surfaces.detail.standing import Standing

FIRST = 6
"""So many are shown; the rest when asked for."""
THUMB_BYTES = 3 << 20
"""Larger images are shown by an icon: a list is no reason to fetch them."""
ICONS = (
    ("image/", "photo"), ("video/", "video"), ("audio/", "microphone"), (PDF, "file-text"), ("text/csv", "file-spreadsheet"),
    ("application/vnd.ms-excel", "file-spreadsheet"), ("application/vnd.openxmlformats-officedocument.spreadsheetml", "file-spreadsheet"),
    ("application/vnd.oasis.opendocument.spreadsheet", "file-spreadsheet"), ("application/zip", "archive"), ("application/x-7z", "archive"),
    ("application/vnd.rar", "archive"), ("application/gzip", "archive"), ("message/", "mail"), ("text/", "align-left"),
)  # fmt: skip


@dataclass(frozen=True)
class Shown:
    """A file as a line."""

    key: int
    name: str
    note: str
    """Its size and who added it."""
    when: SafeString
    icon: str
    url: str
    preview_url: str
    """Empty for what is not shown within a page."""
    thumb_url: str


@dataclass(frozen=True)
class Block:
    """The files of one record, as this person may see and change them."""

    url: str
    first: list[Shown]
    rest: list[Shown]
    may_add: bool
    may_change: bool
    most: int
    """Megabytes a file may have."""

    @property
    def total(self) -> int:
        return len(self.first) + len(self.rest)


def block_of(entity: Entity, stands: Standing, user: User) -> Block | None:
    """The block; None where records have no files, or this one keeps them from the reader."""
    if stands.files is None:
        return None
    lines = [shown(entity, one, user) for one in stands.files]
    may_change = stands.may_edit and not stands.files_stand
    return Block(
        url_of_files(entity, stands.record.pk), lines[:FIRST], lines[FIRST:], stands.may_edit, may_change, settings.MAX_FILE_BYTES >> 20
    )


def url_of_files(entity: Entity, key: int) -> str:
    return f"/{entity.path}/{key}/files"


def shown(entity: Entity, file: File, user: User) -> Shown:
    """A file as a line of the block."""
    url = f"{url_of_files(entity, file.record_id)}/{file.pk}"
    way = shown_as(file.media_type)
    moment = mark_safe(Moment().html(file.deleted_at or file.at, user.locale, {}))  # noqa: S308 - the kind escapes
    return Shown(
        key=file.pk,
        name=file.name,
        note=" · ".join(filter(None, (size_text(file.size), people().get(file.by_id or 0, "")))),
        when=moment,
        icon=icon_of(file.media_type),
        url=url,
        preview_url=f"{url}/preview" if way else "",
        thumb_url=f"{url}/inline" if way == "image" and file.size <= THUMB_BYTES else "",
    )


def icon_of(media_type: str) -> str:
    """The drawing for a media type."""
    return next((icon for start, icon in ICONS if media_type.startswith(start)), "paperclip")
