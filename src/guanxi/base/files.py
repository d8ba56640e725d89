"""Files from outside: a name that is safe on every machine, and what the bytes are whatever the name says."""

from __future__ import annotations

import mimetypes
import re
import unicodedata

LONGEST_NAME = 200
"""Bytes in UTF-8: below what file systems take, with room for what a browser adds."""
HEAD = 4096
"""So many of the first bytes tell what a file is."""
PLAIN, UNKNOWN = "text/plain", "application/octet-stream"
IMAGES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "image/avif"})
"""What a browser draws and nothing in it can run."""
PDF = "application/pdf"

_SHOWN_WRONG = re.compile("[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]")
"""Marks that turn a name around or hide in it: with one of them a program reads as a PDF."""
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?", re.IGNORECASE)
_SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg"), (b"GIF87a", "image/gif"), (b"GIF89a", "image/gif"),
    (b"BM", "image/bmp"), (b"II*\x00", "image/tiff"), (b"MM\x00*", "image/tiff"), (b"%PDF-", PDF), (b"ID3", "audio/mpeg"),
    (b"OggS", "audio/ogg"), (b"fLaC", "audio/flac"), (b"\x1aE\xdf\xa3", "video/webm"), (b"\x1f\x8b", "application/gzip"),
    (b"7z\xbc\xaf'\x1c", "application/x-7z-compressed"), (b"Rar!\x1a\x07", "application/vnd.rar"), (b"{\\rtf", "application/rtf"),
)  # fmt: skip
_BRANDS = {
    b"avif": "image/avif", b"avis": "image/avif", b"heic": "image/heic", b"heix": "image/heic", b"mif1": "image/heif", b"qt  ": "video/quicktime",
    b"M4A ": "audio/mp4",
}  # fmt: skip
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIPPED = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "odp": "application/vnd.oasis.opendocument.presentation",
}
_COMPOUND = {
    "doc": "application/msword",
    "xls": "application/vnd.ms-excel",
    "ppt": "application/vnd.ms-powerpoint",
    "msg": "application/vnd.ms-outlook",
}
_CONTROLS = frozenset(range(32)) - {9, 10, 12, 13, 27}


def clean_name(given: str, fallback: str = "file") -> str:
    """A file's name that every system takes and that reads as what it is: no folders, no control or hidden marks, not too long.

    Letters of every script stay: 报价单.pdf is 报价单.pdf.
    """
    text = given.encode("utf-8", "replace").decode().replace("\\", "/").rstrip("/").rpartition("/")[2]
    text = _SHOWN_WRONG.sub("", unicodedata.normalize("NFC", text))
    text = "".join(
        " " if one.isspace() else one for one in text if one.isspace() or unicodedata.category(one) not in {"Cc", "Cn", "Co", "Cs"}
    )
    text = re.sub(r'[<>:"|?*]', "_", " ".join(text.split())).strip(" .")
    if not text:
        return fallback
    return shorten(f"_{text}" if _RESERVED.fullmatch(text) else text)


def shorten(name: str, room: int = LONGEST_NAME) -> str:
    """The name within so many bytes, its extension kept."""
    stem, ending = split(name)
    ending = ending if len(ending.encode()) <= 20 else ""
    stem = stem if ending else name
    return stem.encode()[: room - len(ending.encode())].decode(errors="ignore").rstrip(" .") + ending


def split(name: str) -> tuple[str, str]:
    """(stem, extension with its dot); no extension where there is none."""
    stem, dot, ending = name.rpartition(".")
    return (stem, dot + ending) if stem and ending else (name, "")


def media_type(head: bytes, name: str) -> str:
    """What a file is by its first bytes. The name only tells apart what the bytes do not: a workbook from other archives."""
    for signature, found in _SIGNATURES:
        if head.startswith(signature):
            return found
    if head[:4] == b"RIFF":
        return {b"WEBP": "image/webp", b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo"}.get(head[8:12], UNKNOWN)
    if head[4:8] == b"ftyp":
        return _BRANDS.get(head[8:12], "video/mp4")
    ending = split(name)[1][1:].lower()
    if head.startswith(_ZIP):
        return _ZIPPED.get(ending, "application/zip")
    if head.startswith(_OLE):
        return _COMPOUND.get(ending, UNKNOWN)
    return _text(head, ending)


def _text(head: bytes, ending: str) -> str:
    """Text in UTF-8, UTF-16 or a Chinese encoding, by its extension as far as nothing would run."""
    if head[:2] not in {b"\xff\xfe", b"\xfe\xff"} and (not head or not _CONTROLS.isdisjoint(head) or not _reads(head)):
        return UNKNOWN
    guessed = mimetypes.guess_type(f"x.{ending}")[0] or PLAIN
    return (
        guessed if guessed in {"text/csv", "text/markdown", "application/json", "message/rfc822", "text/calendar", "text/vcard"} else PLAIN
    )


def _reads(head: bytes) -> bool:
    for encoding in ("utf-8", "gb18030"):
        try:
            head[:-4].decode(encoding) if len(head) >= HEAD else head.decode(encoding)
        except UnicodeDecodeError as broken:
            if len(head) >= HEAD and broken.start > len(head) - 9:
                return True
        else:
            return True
    return False


def shown_as(found: str) -> str:
    """How a browser may show files of this media type within a page: image, pdf, or not at all."""
    return "image" if found in IMAGES else "pdf" if found == PDF else ""


def size_text(size: int) -> str:
    """A size for people: 812 B, 24 kB, 3.1 MB."""
    amount, unit = float(size), "B"
    for unit in ("B", "kB", "MB", "GB"):
        if amount < 1000 or unit == "GB":
            break
        amount /= 1000
    shown = f"{amount:.0f}" if unit == "B" or amount >= 10 else f"{amount:.1f}"
    return f"{shown} {unit}"
