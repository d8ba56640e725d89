"""What kind of file it is, by its content: a table of text, a workbook, or something else and what."""

from __future__ import annotations

import re
from pathlib import Path

from guanxi.surfaces.imports import compound, packages
from guanxi.surfaces.imports.remarks import UnreadableTable

MAGIC = (
    (b"%PDF", "not a table", "pdf"),
    (b"\x89PNG", "not a table", "picture"),
    (b"\xff\xd8\xff", "not a table", "picture"),
    (b"GIF8", "not a table", "picture"),
    (b"BM\x00", "not a table", "picture"),
    (b"{\\rtf", "not a table", "document"),
    (b"SQLite format 3", "not a table", "database"),
    (b"PAR1", "not a table", "database"),
    (b"\x7fELF", "not a table", "program"),
    (b"MZ\x90", "not a table", "program"),
    (b"\x1f\x8b", "archive", "gzip"),
    (b"Rar!", "archive", "RAR"),
    (b"7z\xbc\xaf\x27\x1c", "archive", "7z"),
    (b"BZh", "archive", "bzip2"),
    (b"\xfd7zXZ", "archive", "xz"),
    (b"\x28\xb5\x2f\xfd", "archive", "zstd"),
)
_OLD_EXCEL = (b"\x09\x00\x04\x00", b"\x09\x02\x06\x00", b"\x09\x04\x06\x00")
_USUAL_CONTROLS = frozenset("\t\r\n\0\x0b\x0c\x1a\x1c\x1d\x1e\x1f")
_TEXTS = (
    (re.compile(r"\s*<\?xml[^>]*\?>\s*(?:<!--.*?-->\s*)*(?!<!doctype html|<html)<", re.IGNORECASE | re.DOTALL), "xml"),
    (
        re.compile(
            r"\s*(?:<\?xml[^>]*\?>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype html|html|head|meta|table|style|body|div)\b",
            re.IGNORECASE | re.DOTALL,
        ),
        "web page",
    ),
    (re.compile(r"\s*MIME-Version:.*?Content-Type:\s*multipart/related", re.IGNORECASE | re.DOTALL), "web page"),
    (re.compile(r"\s*\{\s*\"[^\"\n]{0,80}\"\s*:|\s*\[\s*\{\s*\"|\s*\[\s*\]\s*$"), "json"),
    (re.compile(r"\s*BEGIN:VCARD\b", re.IGNORECASE), "vcard"),
    (re.compile(r"\s*BEGIN:VCALENDAR\b", re.IGNORECASE), "calendar"),
)


def format_of(path: Path) -> str:
    """`text`, `xlsx`, `xls` or `ods`, by content; what is no table is refused by name."""
    try:
        with path.open("rb") as file:
            head = file.read(4096)
    except FileNotFoundError:
        raise UnreadableTable("missing") from None
    if not head.strip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n"):
        if path.stat().st_size > len(head) and b"\0" in head:
            raise UnreadableTable("zero bytes", offset=len(head.rstrip(b"\0")))
        if not _has_text(path):
            raise UnreadableTable("empty")
    for magic, code, kind in MAGIC:
        if head.startswith(magic):
            raise UnreadableTable(code, kind=kind)
    if head[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
        return packages.zip_format(path)
    if head.startswith(compound.MAGIC):
        return compound.compound_format(path)
    if head.startswith(_OLD_EXCEL):
        raise UnreadableTable("old excel")
    return "text"


def _has_text(path: Path) -> bool:
    with path.open("rb") as file:
        return any(piece.strip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n") for piece in iter(lambda: file.read(1 << 20), b""))


def refuse_other_texts(start: str, *, chosen: bool) -> None:
    """Refuse what is text but no table, seen from its beginning; a chosen encoding may be the wrong one."""
    if not start.strip("\ufeff \t\r\n\0"):
        raise UnreadableTable("empty")
    head = start[:4096].lstrip("\ufeff")
    for pattern, code in _TEXTS:
        if pattern.match(head):
            raise UnreadableTable(code)
    controls = sum(one < " " and one not in _USUAL_CONTROLS for one in head)
    lost = 0 if chosen else head.count("\ufffd")
    if controls * 50 > len(head) or lost * 10 > len(head) or head.count("\0") * 4 > len(head):
        raise UnreadableTable("not a table", kind="unknown")
