"""What comes in by e-mail: a lead of whoever is new, an activity with whoever is known; nothing of what no person wrote.

Nothing here writes a mail, so there is no loop that it could be part of.
"""

from __future__ import annotations

import re
from email.utils import parseaddr
from typing import Any

import phonenumbers
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from guanxi.access.models import User
from guanxi.access.rights import company
from guanxi.access.visitors import locale_of
from guanxi.crm.activities.model import Activity
from guanxi.crm.mails.events import MailFailed
from guanxi.crm.mails.model import Mail, MailIn
from guanxi.crm.mails.reading import Came, read
from guanxi.crm.sources.keeping import source_of
from guanxi.entity.actors import System
from guanxi.entity.registry import entity_named, entity_of
from guanxi.record.changes import Origin, create, write
from guanxi.record.models import Identity
from guanxi.surfaces.inbox.telling import may_see, tell
from guanxi.surfaces.public.limits import counted

BY_MAIL = Origin(via="mail")
KNOWN = ("contacts", "leads", "accounts")
"""Where a sender is looked for, in this order."""
FIRM = re.compile(r"^.{2,60}(?:有限公司|有限责任公司|股份公司|集团|\bCo\., ?Ltd\.?|\bGmbH|\bInc\.?|\bLLC|\bLtd\.?|\bS\.A\.|\bB\.V\.)$")
SIGNATURE_LINES = 12
MOST_AN_HOUR = 60
"""So many messages of one sender are taken within an hour."""


def take(raw: bytes) -> MailIn | None:
    """The message taken; None when it was taken before."""
    came = read(raw)
    try:
        with transaction.atomic(), translation.override(company().language):
            kept = MailIn.objects.create(message_id=came.message_id[:300], sender=came.sender, subject=came.subject, outcome="left")
            _taken(came, kept)
            return kept
    except IntegrityError:
        if MailIn.objects.filter(message_id=came.message_id[:300]).exists():
            return None
        raise


def _taken(came: Came, kept: MailIn) -> None:
    kept.why = came.automatic or ("no sender" if not came.sender else "own" if came.sender.casefold() == own_address() else "")
    if not kept.why and counted("mail in", came.sender.casefold(), 3600) > MOST_AN_HOUR:
        kept.why = "too many"
    if came.automatic == "bounce":
        _note_bounce(came)
    if not kept.why:
        about = _answered(came) or _known(came.sender)
        if about is None:
            kept.outcome, kept.lead = "lead", new_lead(came)
        else:
            kept.outcome, kept.activity = "activity", note(came, about)
    kept.save()


def own_address() -> str:
    """The address that our own mail comes from."""
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1].casefold()


def writer() -> System:
    """Guanxi, reading as the company does."""
    return System(locale=locale_of(company().language))


# ——— whom it is from ———


def _answered(came: Came) -> dict[str, Any] | None:
    """What the mail of ours was about that this one answers."""
    mail = Mail.objects.filter(message_id__in=came.answers).select_related("activity").order_by("-pk").first()
    if mail is None:
        return None
    asked = mail.activity
    about = {"account": asked.account_id, "deal": asked.deal_id, "lead": asked.lead_id, "about": asked.about, "owner": asked.owner_id}
    contact = _found("contacts", came.sender)
    return {**about, "contact": contact.pk if contact is not None else asked.contact_id}


def _known(address: str) -> dict[str, Any] | None:
    """The record that this address belongs to, as an activity leads to it."""
    for path in KNOWN:
        record = _found(path, address)
        if record is not None:
            return {path[:-1]: record.pk, "owner": record.owner_id}
    return None


def _found(path: str, address: str) -> Any:
    keys = Identity.objects.filter(entity=path, what="email", value=address.casefold()).values("record_id")
    living = entity_named(path).model._default_manager.filter(pk__in=keys, deleted_at__isnull=True)
    return living.order_by("-pk").first()


# ——— what becomes of it ———


def note(came: Came, about: dict[str, Any]) -> Any:
    """An activity with whoever is known; the owner is told."""
    values = {"kind": "email", "incoming": True, "subject": came.subject, "body": words_of(came), "done_at": timezone.now(), **about}
    activity = create(entity_named("activities"), values, by=writer(), origin=BY_MAIL)
    _tell(activity, "mail in", came)
    return activity


def new_lead(came: Came) -> Any:
    """A lead of somebody unknown. Whose it is, is decided by the assignment rules, as of every lead."""
    values = {
        "name": came.name or came.sender.partition("@")[0][:160],
        "company": firm_in(came.text),
        "emails": [{"value": came.sender}],
        "phones": [{"value": phone} for phone in phones_in(came.text)],
        "need": "\n\n".join(part for part in (came.subject, words_of(came)) if part),
        "source": source_of("email"),
        "owner": None,
    }
    lead = create(entity_named("leads"), values, by=writer(), origin=BY_MAIL)
    lead.refresh_from_db()
    _tell(lead, "lead by mail", came)
    return lead


def _tell(record: Any, what: str, came: Came) -> None:
    person = User.objects.filter(pk=record.owner_id, is_active=True, deleted_at__isnull=True).first()
    if person is not None and may_see(entity_of(record), record.pk, person):
        tell([person.pk], what, record, sender=came.name or came.sender)


def words_of(came: Came) -> str:
    """What was written, and what the attachments are called: they are not kept."""
    files = _("Attached, not kept: %(names)s") % {"names": ", ".join(came.files)} if came.files else ""
    return "\n\n".join(part for part in (came.text, files) if part)


def phones_in(text: str) -> list[str]:
    """The first phone number that is surely one, outside of what was quoted."""
    own = "\n".join(line for line in text.split("\n") if not line.startswith(">"))[:10_000]
    for found in phonenumbers.PhoneNumberMatcher(own, company().region or "CN"):
        return [str(phonenumbers.format_number(found.number, phonenumbers.PhoneNumberFormat.E164))]
    return []


def firm_in(text: str) -> str:
    """A line of the signature that is the name of a firm, by its legal form; empty when there is none."""
    lines = [line.strip() for line in text.split("\n") if line.strip() and not line.startswith(">")]
    return next((line for line in reversed(lines[-SIGNATURE_LINES:]) if FIRM.match(line)), "")


def _note_bounce(came: Came) -> None:
    """A mail of ours that came back: its activity says so, and its sender is told."""
    for mail in Mail.objects.filter(message_id__in=came.told, state__in=["sent", "unsure"]):
        activity = Activity.objects.select_for_update(of=("self",)).get(pk=mail.activity_id)
        Mail.objects.filter(pk=mail.pk).update(state="failed", error=came.text[:2000])
        why = _("It came back: %(why)s") % {"why": " ".join(came.text.split())[:200]}
        write(activity, by=writer(), event=MailFailed, origin=BY_MAIL, delivery="failed", delivery_note=why[:255])
        if mail.made_by_id is not None:
            tell([mail.made_by_id], "mail failed", activity, why=why[:200])
