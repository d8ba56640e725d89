"""Reading one message as it came over the wire: who wrote it, about what, in plain words. Every byte of it is hostile."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.utils import collapse_rfc2231_value, getaddresses

from charset_normalizer import from_bytes

from guanxi.base.ids import clean_email
from guanxi.crm.mails.plain import plain_of_html

MOST_TEXT = 20_000
MOST_PARTS = 200
MOST_NAMES = 20
ALSO_CALLED = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "gb_2312-80": "gb18030",
    "big5": "cp950",
    "ks_c_5601-1987": "cp949",
    "ascii": "utf-8",
    "us-ascii": "utf-8",
}
"""What writers call their encoding, and the larger one that also reads what they let slip in."""
GUESSES = ("utf-8", "gb18030", "cp950", "latin-1")
NOT_PRINTED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
MESSAGE_ID = re.compile(r"<[^<>\s]{3,250}>")


@dataclass(frozen=True)
class Came:
    """A message that came in, as far as it concerns us."""

    message_id: str
    sender: str = ""
    """The address that an answer would go to; empty where there is none."""
    name: str = ""
    subject: str = ""
    text: str = ""
    answers: tuple[str, ...] = ()
    """The messages it answers."""
    files: tuple[str, ...] = ()
    """What its attachments are called."""
    automatic: str = ""
    """Why no person wrote it: automatic, list or bounce."""
    told: tuple[str, ...] = field(default=())
    """Of a bounce: the messages that it names."""


def read(raw: bytes) -> Came:
    """The message. Anything can be read; what makes no sense is empty."""
    message = message_from_bytes(raw)
    name, sender = _sender(message)
    automatic = why_automatic(message, sender)
    own = MESSAGE_ID.findall(header(message, "message-id"))
    text, files = _content(message)
    return Came(
        message_id=own[0] if own else f"sha256:{hashlib.sha256(raw).hexdigest()}",
        sender=sender,
        name=name[:160],
        subject=header(message, "subject")[:250],
        text=text[:MOST_TEXT],
        answers=tuple(MESSAGE_ID.findall(f"{header(message, 'in-reply-to')} {header(message, 'references')}")[:50]),
        files=tuple(files),
        automatic=automatic,
        told=_told(message, raw) if automatic == "bounce" else (),
    )


def why_automatic(message: Message, sender: str) -> str:
    """Why no person wrote this to us; empty when one did (RFC 3834, RFC 2919)."""
    local = sender.partition("@")[0].casefold()
    if (
        message.get_content_type() == "multipart/report"
        or local in {"mailer-daemon", "postmaster"}
        or header(message, "return-path") == "<>"
    ):
        return "bounce"
    submitted = header(message, "auto-submitted").partition(";")[0].strip().casefold()
    precedence = header(message, "precedence").strip().casefold()
    if submitted not in {"", "no"} or precedence == "auto_reply" or any(message.get(one) for one in ("x-autoreply", "x-autorespond")):
        return "automatic"
    if precedence in {"bulk", "junk", "list"} or any(message.get(one) for one in ("list-id", "list-unsubscribe", "list-post")):
        return "list"
    return ""


def _sender(message: Message) -> tuple[str, str]:
    """The name and address that an answer would go to."""
    named = ""
    for which in ("reply-to", "from"):
        for name, address in getaddresses([_raw(message, which)[:2000]])[:1]:
            try:
                found = clean_email(address)
            except ValueError:
                continue
            said = decoded(name).strip()
            if which == "reply-to" and not said:
                own = getaddresses([_raw(message, "from")[:2000]])
                said = decoded(own[0][0]).strip() if own and own[0][1].casefold() == address.casefold() else ""
            named = said if "@" not in said else ""
            return named, found
    return named, ""


def _told(message: Message, raw: bytes) -> tuple[str, ...]:
    """The messages that a bounce names, wherever in it."""
    contents = [raw, *(content for part in _parts(message) if isinstance(content := part.get_payload(decode=True), bytes))]
    found = (one for content in contents for one in MESSAGE_ID.findall(content[:200_000].decode("ascii", "replace")))
    return tuple(dict.fromkeys(found))[:50]


# ——— headers ———


def _raw(message: Message, name: str) -> str:
    """A header as it was written, on one line; empty when there is none."""
    found = next((value for key, value in message.raw_items() if key.casefold() == name), "")
    return re.sub(r"[\r\n]+[ \t]*", " ", str(found))


def header(message: Message, name: str) -> str:
    """A header in plain words."""
    return decoded(_raw(message, name)[:10_000])


def decoded(written: str) -> str:
    """Words as they are meant: encoded ones (RFC 2047) decoded, raw bytes in the encoding they most likely are."""
    if not written.isascii():
        return _printed(decode(written.encode("ascii", "surrogateescape") if _escaped(written) else written.encode("utf-8", "replace"), ""))
    try:
        parts = decode_header(written)
    except (HeaderParseError, ValueError):
        return _printed(written)
    return _printed("".join(part if isinstance(part, str) else decode(part, charset or "") for part, charset in parts))


def _escaped(written: str) -> bool:
    return all(ord(letter) < 128 or "\udc80" <= letter <= "\udcff" for letter in written)


def decode(content: bytes, charset: str) -> str:
    """Bytes in the encoding they say, or the one they most likely are in."""
    said = charset.strip().strip("\"'").casefold()
    for one in (*([ALSO_CALLED.get(said, said)] if said else []), *GUESSES[:1]):
        try:
            return content.decode(one)
        except (LookupError, UnicodeDecodeError, ValueError):
            continue
    if len(content) > 40 and (best := from_bytes(content[:20_000]).best()) is not None:
        return content.decode(best.encoding, "replace")
    for one in GUESSES[1:]:
        try:
            return content.decode(one)
        except UnicodeDecodeError:
            continue
    return content.decode("latin-1")


def _printed(text: str) -> str:
    return " ".join(NOT_PRINTED.sub(" ", text).split())


# ——— the body ———


def _content(message: Message) -> tuple[str, list[str]]:
    """Its words, and the names of what is attached."""
    plain, html, files = "", "", list[str]()
    for part in _parts(message):
        name = _file_name(part)
        kind = part.get_content_type()
        if name or part.get_content_disposition() == "attachment" or part.get_content_maintype() not in {"text", "message"}:
            files.append(name or kind)
        elif kind == "text/plain":
            plain = f"{plain}\n\n{_words(part)}" if plain else _words(part)
        elif kind == "text/html" and not html:
            html = _words(part)
    text = plain if plain.strip() else plain_of_html(html)
    lines = [NOT_PRINTED.sub("", line).rstrip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip(), files[:MOST_NAMES]


def _parts(message: Message) -> Iterator[Message]:
    """The parts that hold something; messages within it are not read."""
    waiting, seen = [message], 0
    while waiting and seen < MOST_PARTS:
        part = waiting.pop(0)
        seen += 1
        if part.get_content_maintype() == "multipart" and isinstance(part.get_payload(), list):
            waiting[:0] = [one for one in part.get_payload() if isinstance(one, Message)]
        else:
            yield part


def _file_name(part: Message) -> str:
    """What an attachment is called, by RFC 2231 or RFC 2047."""
    for value in (part.get_param("filename", None, "content-disposition"), part.get_param("name", None)):
        if value:
            said = _rfc2231(value) if isinstance(value, tuple) else decoded(str(value))
            name = said.replace("\\", "/").rpartition("/")[2].strip()
            if name:
                return name[:120]
    return ""


def _rfc2231(value: tuple[str | None, str | None, str]) -> str:
    charset, _language, text = value
    try:
        return _printed(decode(text.encode("raw-unicode-escape"), charset or ""))
    except UnicodeError:
        return _printed(collapse_rfc2231_value(value))


def _words(part: Message) -> str:
    content = part.get_payload(decode=True)
    return decode(content[: MOST_TEXT * 50], part.get_content_charset() or "") if isinstance(content, bytes) else ""
