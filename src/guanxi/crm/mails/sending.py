"""Sending what waits in the outbox.

One process at a time sends, under a lock that the database gives back when the process dies. Whether a mail was sent is
known from two marks of its own row: `sending`, and `handed_at`, set when the message itself begins to go to the server.
A mail whose process died before that is tried again; one whose process died after it may have been sent, is not sent
again by itself, and its sender is told.
"""

from __future__ import annotations

import datetime as dt
import logging
import smtplib
import ssl
from contextlib import closing

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.smtp import EmailBackend
from django.core.mail.message import sanitize_address
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from guanxi.access.visitors import Visitor, locale_of
from guanxi.crm.activities.model import Activity
from guanxi.crm.mails.events import MailFailed, MailSent
from guanxi.crm.mails.model import Mail
from guanxi.entity.actors import SYSTEM
from guanxi.entity.registry import entity_named
from guanxi.record.changes import Origin, write
from guanxi.record.once import only_once
from guanxi.record.reach import visible
from guanxi.record.refusals import Refused
from guanxi.surfaces.inbox.telling import tell
from guanxi.surfaces.public.papers import file_name, paper

log = logging.getLogger(__name__)

LOCK = 0x67786D61
"""The number of the lock under which one process sends."""
WAITS = (1, 5, 15, 60, 180, 360, 720)
"""Minutes before the next try; after so many the mail has failed."""
JOB = Origin(via="system")


class Unsure(Exception):
    """The server was taking the message when it fell silent: nobody knows whether it did."""


class NeverError(Exception):
    """It will not be sent however often it is tried."""


def send_waiting() -> int:
    """Send what is due, as far as the rate allows; how many were sent."""
    if not settings.MAIL_IS_SET_UP:
        return 0
    sent = 0
    with only_once(LOCK) as alone:
        if not alone:
            return 0
        _take_up_left()
        while handed_lately() < settings.MAIL_PER_MINUTE:
            mail = Mail.objects.filter(state="queued", next_try_at__lte=timezone.now()).order_by("next_try_at", "pk").first()
            if mail is None:
                break
            sent += _send(mail)
    return sent


def handed_lately() -> int:
    """How many went to the server within the last minute."""
    return Mail.objects.filter(handed_at__gt=timezone.now() - dt.timedelta(minutes=1)).count()


def _take_up_left() -> None:
    """Mails of a process that died: nobody else sends while the lock is ours."""
    for mail in Mail.objects.filter(state="sending").order_by("pk"):
        if mail.handed_at is None:
            Mail.objects.filter(pk=mail.pk).update(state="queued")
        else:
            _settle(mail, "unsure", _in(mail, gettext_noop("Guanxi ended while the mail server was taking it. It may have arrived.")))


def _send(mail: Mail) -> bool:
    """One mail, handed over or put off; whether it was sent."""
    if not Activity.objects.filter(pk=mail.activity_id, deleted_at__isnull=True).exists():
        _settle(mail, "failed", _in(mail, gettext_noop("It was thrown away before it was sent.")))
        return False
    Mail.objects.filter(pk=mail.pk).update(state="sending", handed_at=None, tries=mail.tries + 1)
    mail.tries += 1
    try:
        refused = _hand_over(mail)
    except Unsure as silence:
        _settle(
            mail, "unsure", _in(mail, gettext_noop("The mail server fell silent while taking it. It may have arrived.")) + f" ({silence})"
        )
    except NeverError as never:
        _settle(mail, "failed", str(never))
    except Exception as trouble:  # noqa: BLE001 - one mail that cannot be sent must not keep all others back
        log.warning("Mail %s could not be sent, try %s: %s", mail.pk, mail.tries, trouble)
        _put_off(mail, _worded(mail, trouble))
    else:
        _settle(mail, "sent", "; ".join(refused))
        return True
    return False


def _put_off(mail: Mail, trouble: str) -> None:
    if mail.tries > len(WAITS):
        _settle(mail, "failed", trouble)
        return
    again = timezone.now() + dt.timedelta(minutes=WAITS[mail.tries - 1])
    Mail.objects.filter(pk=mail.pk).update(state="queued", handed_at=None, next_try_at=again, error=trouble[:2000])


def _settle(mail: Mail, state: str, note: str) -> None:
    """What became of it, on the mail and on its activity; whoever wrote it is told of what went wrong."""
    now = timezone.now()
    with transaction.atomic():
        activity = Activity.objects.select_for_update(of=("self",)).get(pk=mail.activity_id)
        Mail.objects.filter(pk=mail.pk).update(state=state, error=note[:2000], sent_at=now if state == "sent" else None)
        event = MailSent if state == "sent" else MailFailed
        write(activity, by=SYSTEM, event=event, origin=JOB, delivery=state, delivery_note=note[:255])
        if mail.made_by_id is not None and (state != "sent" or note):
            tell([mail.made_by_id], f"mail {state if state != 'sent' else 'refused'}", activity, why=note[:200])


def _in(mail: Mail, words: str) -> str:
    """Words in the language of whoever wrote the mail."""
    language = mail.made_by.language if mail.made_by is not None else settings.LANGUAGE_CODE
    with translation.override(language):
        return _(words)


# ——— the mail server ———


def _hand_over(mail: Mail) -> list[str]:
    """The message given to the server; addresses it would not take, with why. Unsure, NeverError, and what may go away by itself."""
    content = message_of(mail).message().as_bytes(linesep="\r\n")  # type: ignore[call-arg] # Django's message has it
    with closing(EmailBackend(fail_silently=False)) as server:
        server.open()
        smtp = server.connection
        assert smtp is not None
        smtp.ehlo_or_helo_if_needed()
        _accept(*smtp.mail(sanitize_address(settings.DEFAULT_FROM_EMAIL, "utf-8").rpartition("<")[2].rstrip(">")))
        refused = _name(smtp, [*mail.to, *mail.cc])
        Mail.objects.filter(pk=mail.pk).update(handed_at=timezone.now())
        try:
            answer = smtp.data(content)
        except (smtplib.SMTPServerDisconnected, OSError) as silence:
            raise Unsure(str(silence)) from None
        except smtplib.SMTPDataError as no:
            answer = no.smtp_code, no.smtp_error if isinstance(no.smtp_error, bytes) else no.smtp_error.encode()
        _accept(*answer)
    return refused


def _worded(mail: Mail, trouble: Exception) -> str:
    """Why it could not be sent: trouble with the encryption in words, as somebody must do something about it."""
    if isinstance(trouble, ssl.SSLCertVerificationError):
        words = gettext_noop("The mail server's certificate is not trusted (%(why)s). Nothing was sent.")
        return _in(mail, words) % {"why": trouble.verify_message}
    if isinstance(trouble, smtplib.SMTPNotSupportedError) and settings.EMAIL_USE_TLS and "STARTTLS" in str(trouble):
        return _in(mail, gettext_noop("The mail server offers no encryption (STARTTLS), which GUANXI_MAIL_URL asks for. Nothing was sent."))
    return str(trouble)


def _name(smtp: smtplib.SMTP, addresses: list[str]) -> list[str]:
    """The addresses given to the server; those it refuses, with why. All refused is a failure."""
    answers = [(one, *smtp.rcpt(sanitize_address(one, "utf-8"))) for one in addresses]
    refused = [(one, code, said) for one, code, said in answers if code not in {250, 251}]
    told = [f"{one}: {code} {said.decode(errors='replace')}" for one, code, said in refused]
    if len(refused) == len(addresses):
        if all(code >= 500 for _one, code, _said in refused):
            raise NeverError("; ".join(told))
        raise smtplib.SMTPException("; ".join(told))
    return told


def _accept(code: int, said: bytes) -> None:
    if code == 250:
        return
    told = f"{code} {said.decode(errors='replace')}"
    if code >= 500:
        raise NeverError(told)
    raise smtplib.SMTPException(told)


def message_of(mail: Mail) -> EmailMessage:
    """The message, with its paper in its language. NeverError when that is no longer to be seen outside."""
    message = EmailMessage(
        mail.subject, mail.text, mail.sender, mail.to, cc=mail.cc,
        reply_to=[mail.reply_to] if mail.reply_to else None, headers={"Message-ID": mail.message_id},
    )  # fmt: skip
    if mail.entity:
        with translation.override(mail.language):
            message.attach(*_paper(mail), "application/pdf")
    return message


def _paper(mail: Mail) -> tuple[str, bytes]:
    entity = entity_named(mail.entity)
    assert mail.record_id is not None
    visitor = Visitor(entity, mail.record_id, locale_of(mail.language))
    record = visible(entity, to=visitor).filter(pk=mail.record_id).first()
    if record is None:
        raise NeverError(_in(mail, gettext_noop("What was to be attached was taken back or replaced meanwhile.")))
    try:
        return file_name(entity, record), paper(entity, record, to=visitor.knowing(record), language=mail.language)
    except Refused as refusal:
        raise NeverError(str(refusal)) from None
