"""Fetching mail from a mailbox by IMAP: what is unread is taken and marked as read."""

from __future__ import annotations

import imaplib
import logging
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import parse_qsl, unquote, urlsplit

from django.conf import settings

from guanxi.crm.mails.taking import take

log = logging.getLogger(__name__)

AT_ONCE = 200
LARGEST = 25 * 2**20
SECONDS = 30


def fetch() -> int:
    """Take what is unread in the mailbox that was set; how many messages."""
    if not settings.MAIL_IN_URL:
        return 0
    taken = 0
    with _mailbox(settings.MAIL_IN_URL) as box:
        _answer, found = box.uid("SEARCH", "UNSEEN")
        for uid in (found[0] or b"").split()[:AT_ONCE]:
            taken += _take(box, uid.decode())
    return taken


def _take(box: imaplib.IMAP4, uid: str) -> bool:
    """One message taken and marked as read; one that cannot be read is flagged too, for a person to look at."""
    flags = r"(\Seen)"
    try:
        raw = _message(box, uid)
        if raw is not None:
            take(raw)
        else:
            flags = r"(\Seen \Flagged)"
    except Exception:
        log.exception("A message in the mailbox (%s) could not be taken; it is flagged there", uid)
        flags = r"(\Seen \Flagged)"
    box.uid("STORE", uid, "+FLAGS.SILENT", flags)
    return flags == r"(\Seen)"


def _message(box: imaplib.IMAP4, uid: str) -> bytes | None:
    """Its bytes; None when it is too large."""
    _answer, told = box.uid("FETCH", uid, "(RFC822.SIZE)")
    size = re.search(rb"RFC822\.SIZE (\d+)", told[0] if isinstance(told[0], bytes) else b"")
    if size is None or int(size[1]) > LARGEST:
        return None
    _answer, parts = box.uid("FETCH", uid, "(BODY.PEEK[])")
    return next((part[1] for part in parts if isinstance(part, tuple)), None)


@contextmanager
def _mailbox(url: str) -> Iterator[imaplib.IMAP4]:
    """The mailbox, open. TLS from the start with imaps, by STARTTLS with imap unless `?tls=none`."""
    parts = urlsplit(url)
    context = ssl.create_default_context()
    host = parts.hostname or ""
    if parts.scheme == "imaps":
        box: imaplib.IMAP4 = imaplib.IMAP4_SSL(host, parts.port or 993, ssl_context=context, timeout=SECONDS)
    else:
        box = imaplib.IMAP4(host, parts.port or 143, timeout=SECONDS)
        if dict(parse_qsl(parts.query)).get("tls") != "none":
            box.starttls(context)
    try:
        box.login(unquote(parts.username or ""), unquote(parts.password or ""))
        folder = unquote(parts.path.strip("/")) or "INBOX"
        answer, told = box.select('"' + folder.replace("\\", "\\\\").replace('"', '\\"') + '"')
        if answer != "OK":
            raise imaplib.IMAP4.error(f"no folder {folder}: {told!r}")
        yield box
    finally:
        try:
            box.logout()
        except (OSError, imaplib.IMAP4.error):
            log.debug("The mailbox was gone before it was left")
