"""The bytes of files: each content is kept once, under its SHA-256, whoever uploads it and however often.

They go through Django's storage `files`, which is a directory unless settings say otherwise. A file is written beside its
place, flushed and then moved there: a process that is killed leaves at most a nameless piece, which `sweep` takes away.
What no row names any more goes too, under the lock that uploads of the same content take.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import os
import tempfile
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.base import File as Content
from django.core.files.storage import FileSystemStorage, Storage, storages
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from guanxi.base.files import HEAD
from guanxi.record.models import File
from guanxi.record.refusals import Refused

PORTION = 1 << 16
INCOMING = "incoming"
LEFT_AFTER = dt.timedelta(days=1)
"""What nobody names is taken away when it is this old; an upload never takes so long, and is not held for longer."""


class WholeFiles(FileSystemStorage):
    """A directory in which a file is there as a whole or not at all. Takes only what was staged."""

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        return name

    def _save(self, name: str, content: Any) -> str:
        place = Path(self.path(name))
        place.parent.mkdir(parents=True, exist_ok=True)
        Path(content.file.name).replace(place)
        _flush_directory(place.parent)
        return name


def _flush_directory(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def storage() -> Storage:
    """Where the bytes are."""
    return storages["files"]


def place_of(sha256: str) -> str:
    """The name of a content in the storage."""
    return f"{sha256[:2]}/{sha256}"


@dataclass(frozen=True)
class Staged:
    """An upload as it came in: not kept yet."""

    path: Path
    size: int
    sha256: str
    head: bytes


@contextlib.contextmanager
def staged(portions: Iterable[bytes], *, most: int | None = None) -> Iterator[Staged]:
    """The bytes on disk with their sum, a portion at a time in memory. Refused when they are more than allowed."""
    most = settings.MAX_FILE_BYTES if most is None else most
    folder = incoming()
    folder.mkdir(parents=True, exist_ok=True)
    digest, size, head = hashlib.sha256(), 0, b""
    with tempfile.NamedTemporaryFile(dir=folder, delete=False) as kept:
        path = Path(kept.name)
        try:
            for portion in portions:
                size += len(portion)
                if size > most:
                    raise Refused({"": too_large(most)})
                head += portion[: HEAD - len(head)]
                digest.update(portion)
                kept.write(portion)
            kept.flush()
            os.fsync(kept.fileno())
            yield Staged(path, size, digest.hexdigest(), head)
        finally:
            path.unlink(missing_ok=True)


def hold(portions: Iterable[bytes]) -> str:
    """An upload that stays for a day, while its sender is asked about it: the name by which `held` finds it. Refused."""
    with staged(portions) as upload:
        name = f"held-{uuid.uuid4()}"
        upload.path.replace(upload.path.with_name(name))
    return name


def held(name: str) -> Path | None:
    """Where a held upload is; None when it was cleared away."""
    place = incoming() / Path(name).name
    return place if name.startswith("held-") and place.is_file() else None


def too_large(most: int) -> str:
    """What is said of a file that is larger than allowed."""
    return _("The file is larger than %(most)d MB.") % {"most": most >> 20}


def incoming() -> Path:
    """Where uploads are written until they are whole."""
    return Path(settings.MEDIA_ROOT) / "attached" / INCOMING


def settle(upload: Staged) -> None:
    """Have the content in its place; within the transaction that writes the row which names it."""
    lock(upload.sha256)
    place, where = place_of(upload.sha256), storage()
    if where.exists(place) and where.size(place) == upload.size:
        return
    with upload.path.open("rb") as opened:
        where.save(place, Content(opened))


def lock(sha256: str) -> None:
    """One at a time with this content, until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [int(sha256[:15], 16)])


# ——— looking after them ———


def sweep(older: dt.timedelta = LEFT_AFTER) -> int:
    """Pieces of broken uploads and contents that no row names are taken away; how many."""
    before = timezone.now() - older
    return sweep_pieces(before) + sweep_contents(before)


def sweep_pieces(before: dt.datetime) -> int:
    """What killed processes left of uploads; how many."""
    gone = 0
    for piece in incoming().glob("*") if incoming().is_dir() else ():
        with contextlib.suppress(FileNotFoundError):
            if dt.datetime.fromtimestamp(piece.stat().st_mtime, dt.UTC) < before:
                piece.unlink()
                gone += 1
    return gone


def sweep_contents(before: dt.datetime) -> int:
    """Contents that no row names; how many."""
    gone = 0
    for group in _contents():
        named = set(File.objects.filter(sha256__in=group).values_list("sha256", flat=True))
        gone += sum(_drop(one, before) for one in group if one not in named)
    return gone


def _contents() -> Iterator[list[str]]:
    """The names of all contents, those that begin alike together."""
    with contextlib.suppress(FileNotFoundError):
        for folder in storage().listdir("")[0]:
            if len(folder) == 2:
                yield [name for name in storage().listdir(folder)[1] if len(name) == 64]


def _drop(sha256: str, before: dt.datetime) -> bool:
    place = place_of(sha256)
    with transaction.atomic():
        lock(sha256)
        if File.objects.filter(sha256=sha256).exists():
            return False
        with contextlib.suppress(FileNotFoundError):
            if storage().get_modified_time(place) < before:
                storage().delete(place)
                return True
    return False


def missing() -> Iterator[File]:
    """Rows whose content is not there, or not as long as it should be: one for each content."""
    rows = File.objects.order_by("sha256", "id").distinct("sha256").only("entity", "record_id", "name", "sha256", "size")
    for row in rows.iterator(2000):
        place = place_of(row.sha256)
        try:
            whole = storage().size(place) == row.size
        except FileNotFoundError:
            whole = False
        if not whole:
            yield row
