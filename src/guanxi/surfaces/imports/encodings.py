"""Which encoding a text file is in, and its text line by line.

The candidates are read one by one and judged by what they say: the share of characters that a
language written in that encoding would use. General detectors need pages of prose; a table has a few names.
"""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from guanxi.surfaces.imports.letters import ENOUGH, MULTIBYTE, best_of
from guanxi.surfaces.imports.remarks import ENCODINGS, UnreadableTable

CHUNK = 1 << 20
ZERO_BLOCK = bytes(512)

SUPERSETS = {"gbk": "gb18030", "gb2312": "gb18030", "big5": "cp950", "latin_1": "cp1252", "iso8859_1": "cp1252"}
SUPERSETS |= {"ascii": "utf-8", "shift_jis": "cp932", "euc_kr": "cp949", "iso8859_9": "cp1254"}
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (b"\x84\x31\x95\x33", "gb18030"),
)


@dataclass(frozen=True, slots=True)
class Encoding:
    """How a file's bytes are read, and what was odd about them."""

    name: str
    reason: str
    """mark, chosen, ascii, valid utf-8, zero bytes, letters: by what it was found."""
    sure: bool = True
    fallback: str | None = None
    """The encoding of the lines that are not UTF-8, when the file is pasted together."""
    bad_lines: int = 0
    first_bad_line: int = 0
    nuls: int = 0
    lines: int = 0
    """Line ends in the whole file."""

    @property
    def lenient(self) -> bool:
        """Whether some bytes have no meaning in the encoding and are read as �."""
        return self.bad_lines > 0 and self.fallback is None


def detect(path: Path, chosen: str | None = None) -> Encoding:
    """The encoding of a text file, verified over the whole file."""
    with path.open("rb") as file:
        head = file.read(CHUNK)
    marked = next((name for mark, name in MARKS if head.startswith(mark)), None)
    if chosen:
        name = known(chosen)
        # A mark at the start is no part of the first column's name, whichever spelling was chosen.
        if marked and name.split("-")[:2] == marked.split("-")[:2]:
            name = marked
        return _verified(path, name, "chosen")
    if marked:
        return _verified(path, marked, "mark")
    if wide := _utf16(head):
        return _verified(path, wide, "zero bytes")
    return _narrow(path)


def known(name: str) -> str:
    """The codec a person means by a name; `gbk` is read by its superset."""
    try:
        codec = codecs.lookup(name)
    except (LookupError, ValueError):
        raise UnreadableTable("unknown encoding", encoding=name[:40]) from None
    plain = codec.name.replace("-", "_")
    for mine in ENCODINGS:
        if codecs.lookup(mine).name == codec.name:
            return mine
    if plain in SUPERSETS:
        return SUPERSETS[plain]
    if not getattr(codec, "_is_text_encoding", True) or plain in ("idna", "punycode", "undefined", "unicode_escape"):
        raise UnreadableTable("unknown encoding", encoding=name[:40])
    return codec.name


def read_start(path: Path, encoding: Encoding, characters: int) -> str:
    """The first characters of the file, to the end of a line."""
    pieces: list[str] = []
    size = 0
    with opened(path, encoding) as lines:
        for line in lines:
            pieces.append(line)
            size += len(line)
            if size >= characters:
                break
    return "".join(pieces)


@contextmanager
def opened(path: Path, encoding: Encoding) -> Iterator[Iterable[str]]:
    """The text of a file in lines, each with its end, which may be LF, CR LF or CR."""
    if encoding.fallback:
        with path.open("rb") as file:
            yield _mixed_lines(file, encoding.fallback)
        return
    errors = "replace" if encoding.lenient else "strict"
    with path.open(encoding=encoding.name, errors=errors, newline="") as text:
        yield _without_nuls(text) if encoding.nuls else text


def _without_nuls(text: Iterable[str]) -> Iterator[str]:
    return (line.replace("\0", "") for line in text)


def _mixed_lines(file: BinaryIO, fallback: str) -> Iterator[str]:
    for number, raw in enumerate(file):
        text = _mixed(raw.removeprefix(codecs.BOM_UTF8) if number == 0 else raw, fallback).replace("\0", "")
        yield from io.StringIO(text, newline="")


def _mixed(raw: bytes, fallback: str) -> str:
    """A line of a file pasted together from two encodings."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        lenient = raw.decode("utf-8", "replace")
    wide = sum(character >= "\x80" for character in lenient) - lenient.count("\ufffd")
    # A character cut in half by a length limit leaves the rest of the line UTF-8.
    return lenient if wide > 2 * lenient.count("\ufffd") else raw.decode(fallback, "replace")


def _verified(path: Path, name: str, reason: str) -> Encoding:
    """The encoding with what of the file does not fit it. Lines are counted after decoding."""
    decoder = codecs.getincrementaldecoder(name)("replace")
    nuls = line = bad = first = 0
    with path.open("rb") as file:
        while True:
            raw = file.read(CHUNK)
            text = decoder.decode(raw, not raw)
            if "\ufffd" in text:
                spoilt = [index for index, one in enumerate(text.split("\n")) if "\ufffd" in one]
                first = first or line + spoilt[0] + 1
                bad += len(spoilt)
            nuls += text.count("\0")
            line += text.count("\n") or text.count("\r")
            if not raw:
                break
    return Encoding(name, reason, bad_lines=bad, first_bad_line=first, nuls=nuls, lines=line)


def _utf16(head: bytes) -> str | None:
    """UTF-16 without a mark: every second byte of a table's commas, digits and line ends is zero."""
    body = head[: len(head) & ~1][: 1 << 16]
    if len(body) < 4 or body.count(0) * 50 < len(body):
        return None
    best, most = None, 0.0
    for name, zero in (("utf-16-le", 1), ("utf-16-be", 0)):
        # Chinese 一 (4E 00) puts zeros on the other side, so text is compared with text, not zeros with zeros.
        text = body.decode(name, "replace")
        plain = sum(character.isascii() and (character.isprintable() or character in "\r\n\t") for character in text)
        odd = sum(character in "\0\ufffd" or "\ue000" <= character <= "\uf8ff" for character in text)
        share = (plain - 4 * odd) / len(text)
        if share > most and any(separator in text for separator in "\n\r,;\t") and body[zero::2].count(0) > 1:
            best, most = name, share
    return best if most > 0.01 else None


def _narrow(path: Path) -> Encoding:
    """UTF-8 if it is, else the encoding that reads best, else both."""
    nuls = total = offset = 0
    with path.open("rb") as file:
        decoder = codecs.getincrementaldecoder("utf-8")()
        valid = ascii_only = True
        while chunk := file.read(CHUNK):
            zeros = chunk.count(0)
            if zeros >= len(ZERO_BLOCK) and ZERO_BLOCK in chunk:
                raise UnreadableTable("zero bytes", offset=offset + chunk.index(ZERO_BLOCK))
            nuls += zeros
            total += chunk.count(b"\n") or chunk.count(b"\r")
            if not (chunk.isascii() and ascii_only):
                ascii_only = False
                valid = valid and _continues(decoder, chunk)
            offset += len(chunk)
        valid = valid and _continues(decoder, b"", final=True)
    if valid:
        return Encoding("utf-8", "ascii" if ascii_only else "valid utf-8", nuls=nuls, lines=total)
    return _foreign(path, nuls, total)


def _continues(decoder: codecs.IncrementalDecoder, chunk: bytes, *, final: bool = False) -> bool:
    try:
        decoder.decode(chunk, final)
    except UnicodeDecodeError:
        return False
    return True


@dataclass(slots=True)
class _Tally:
    """The lines beyond ASCII of a file that is not UTF-8."""

    foreign: list[bytes]
    good: int = 0
    wide: int = 0
    bad: int = 0
    scarred: int = 0
    first_bad: int = 0


def _foreign(path: Path, nuls: int, total: int) -> Encoding:
    tally = _tally(path)
    guess, score, second = best_of(tally.foreign)
    multibyte = guess in MULTIBYTE
    # Short GBK words pass for UTF-8 now and then, but hardly ever for its three-byte characters.
    pasted = tally.wide * 20 >= tally.bad if multibyte else tally.good * 20 >= tally.bad
    if tally.scarred == tally.bad and tally.good + tally.scarred > 0:
        return Encoding("utf-8", "valid utf-8", True, None, tally.bad, tally.first_bad, nuls, total)
    if tally.good and pasted:
        return Encoding("utf-8", "valid utf-8", False, guess, tally.bad, tally.first_bad, nuls, total)
    sure = score > 0.5 and score - second > 0.05
    checked = _verified(path, guess, "letters")
    return Encoding(guess, "letters", sure, None, checked.bad_lines, checked.first_bad_line, nuls, total)


def _tally(path: Path) -> _Tally:
    tally = _Tally([])
    size = 0
    with path.open("rb") as file:
        for number, raw in enumerate(file, 1):
            if raw.isascii():
                continue
            lenient = raw.decode("utf-8", "replace")
            lost = lenient.count("\ufffd")
            if not lost:
                tally.good += 1
                tally.wide += any(character > "\u07ff" for character in lenient)
                continue
            tally.bad += 1
            tally.first_bad = tally.first_bad or number
            kept = sum(character >= "\x80" for character in lenient) - lost
            tally.scarred += kept > 2 * lost
            if size < ENOUGH:
                tally.foreign.append(raw)
                size += len(raw)
    return tally
