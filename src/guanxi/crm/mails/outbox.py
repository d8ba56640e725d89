"""Writing a mail: an activity that people see, and the row that is sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.utils import make_msgid, parseaddr
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from procrastinate.exceptions import AlreadyEnqueued

from guanxi.access.models import User
from guanxi.access.rights import company
from guanxi.crm.mails.events import MailQueued
from guanxi.crm.mails.model import Mail
from guanxi.entity.actors import Actor
from guanxi.entity.registry import entity_named, entity_of
from guanxi.record.changes import Origin, create, write
from guanxi.record.refusals import Refused
from guanxi.surfaces.public.model import PublicLink

MOST_RECIPIENTS = 20


@dataclass(frozen=True)
class Letter:
    """What is to be sent to whom."""

    to: Sequence[str]
    cc: Sequence[str]
    subject: str
    text: str
    language: str
    paper: Any = None
    """A record whose paper goes along."""
    link: PublicLink | None = None
    told: str = ""
    """The text as the activity keeps it, where the text holds something that is for the recipients alone."""


def must_be_set_up() -> None:
    """Refused, kindly, where no mail server was named."""
    if not settings.MAIL_IS_SET_UP:
        raise Refused({"": _("E-mail is not set up here yet. Whoever runs Guanxi sets GUANXI_MAIL_URL and GUANXI_MAIL_FROM.")})


def post(letter: Letter, about: Mapping[str, Any], *, by: Actor, origin: Origin) -> Any:
    """The activity of a mail that is sent once this is committed. `about` are the records it concerns. Refused, Forbidden."""
    must_be_set_up()
    to = list(dict.fromkeys(letter.to))
    cc = [one for one in dict.fromkeys(letter.cc) if one not in to]
    if not to:
        raise Refused({"to": _("Say to whom.")})
    if len(to) + len(cc) > MOST_RECIPIENTS:
        raise Refused({"to": _("At most %(most)d addresses.") % {"most": MOST_RECIPIENTS}})
    values = {"kind": "email", "subject": letter.subject, "body": letter.told or letter.text, "done_at": timezone.now(), **about}
    activity = create(entity_named("activities"), values, by=by, origin=origin)
    write(activity, by=by, event=MailQueued, origin=origin, delivery="queued", addressed_to=", ".join([*to, *cc]))
    _queue(letter, to, cc, activity, by)
    send_later()
    return activity


def _queue(letter: Letter, to: list[str], cc: list[str], activity: Any, by: Actor) -> Mail:
    person = User.objects.filter(pk=by.pk).first() if by.pk is not None else None
    name, address = sender_for(person)
    return Mail.objects.create(
        activity=activity,
        sender=f'"{name}" <{address}>' if name else address,
        reply_to=person.email if person is not None else "",
        to=to,
        cc=cc,
        subject=letter.subject,
        text=letter.text,
        language=letter.language,
        message_id=make_msgid(domain=address.rpartition("@")[2]),
        entity=entity_of(letter.paper).path if letter.paper is not None else "",
        record_id=letter.paper.pk if letter.paper is not None else None,
        link=letter.link,
        made_by_id=by.pk,
    )


def sender_for(person: User | None) -> tuple[str, str]:
    """The person's name with the company's, and the one address that all mail comes from."""
    _name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    said = " · ".join(part for part in (str(person or ""), company().name) if part)
    return "".join(letter for letter in said if letter.isprintable() and letter not in '"\\<>'), address


def send_later() -> None:
    """Have a worker look into the outbox once this is committed."""
    transaction.on_commit(_defer)


def _defer() -> None:
    from guanxi.crm.mails.tasks import send_mails  # noqa: PLC0415 # the job sends what stands here

    try:
        send_mails.defer()
    except AlreadyEnqueued:  # it has not begun, and will see what was committed now
        return
