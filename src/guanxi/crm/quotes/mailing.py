"""A quote sent by e-mail: to whom, in whose language, in which words, with its own link."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import Q
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from guanxi.access.models import User
from guanxi.access.rights import company
from guanxi.access.sight import clear
from guanxi.base.moments import format_day
from guanxi.base.money import format_in_full
from guanxi.base.places import filled
from guanxi.crm.activities.model import Activity
from guanxi.crm.contacts.model import Contact
from guanxi.crm.mails.events import MailOpened
from guanxi.crm.mails.model import Mail
from guanxi.crm.mails.outbox import Letter, must_be_set_up, post
from guanxi.crm.mails.templates import words_for
from guanxi.crm.quotes.verbs import AMONTH, mark_sent, may_accept
from guanxi.entity.actors import SYSTEM, Actor
from guanxi.entity.field import Field
from guanxi.entity.kinds import Choice, LongText, Recipients, Text, YesNo, options
from guanxi.entity.registry import entity_named
from guanxi.record.changes import Origin, write
from guanxi.record.reach import visible
from guanxi.record.verbs import verb
from guanxi.surfaces.public.links import make_link, token_of
from guanxi.surfaces.public.model import PublicLink

LANGUAGES = Choice(options(("en", gettext_lazy("English")), ("zh-hans", gettext_lazy("Simplified Chinese"))), plain=True)
MOST_OFFERED = 50
CHINESE = ("\u4e00", "\u9fff")


def may_mail(user: Actor) -> Q:
    """Drafts, which are sent by it, and what was sent as long as it is valid."""
    return Q(status="draft") | may_accept(user)


# ——— what the dialog proposes ———


def people(quote: Any, by: Actor) -> list[Contact]:
    """Contacts of the quote, its deal and its account whose addresses the actor may see; the quote's own first."""
    entity = entity_named("contacts")
    if not by.rights.may("see", entity.path) or not clear(entity, entity.fields["emails"], to=by):
        return []
    theirs = Q(pk=quote.contact_id) | Q(account=quote.account_id) | Q(affiliations__account=quote.account_id)
    if quote.deal_id is not None:
        theirs |= Q(deal_parts__deal=quote.deal_id, deal_parts__deleted_at__isnull=True)
    found = visible(entity, to=by).filter(pk__in=Contact.objects.filter(theirs).values("pk")).exclude(emails=[])
    return sorted(found.order_by("pk")[:MOST_OFFERED], key=lambda one: one.pk != quote.contact_id)


def addresses(quote: Any, by: Actor) -> Mapping[str, Sequence[tuple[str, str]]]:
    """Their addresses, each with whose it is."""
    found = [(each["value"], f"{one.name} <{each['value']}>") for one in people(quote, by) for each in one.emails]
    return {"to": found, "cc": found}


def language_for(quote: Any, contact: Contact | None) -> str:
    """Chinese to whoever is called in Chinese, or whose company is; English to other names; the company's where neither is known."""
    name = contact.name if contact is not None else quote.account.name
    if any(CHINESE[0] <= letter <= CHINESE[1] for letter in name):
        return "zh-hans"
    return "en" if name.isascii() else company().language


def proposed(quote: Any, by: Actor) -> Mapping[str, Any]:
    """To the quote's contact, or the only one there is, in their language."""
    must_be_set_up()
    known = people(quote, by)
    contact = known[0] if known and (len(known) == 1 or known[0].pk == quote.contact_id) else None
    language = language_for(quote, contact)
    to = [contact.emails[0]["value"]] if contact is not None else []
    return {"to": to, "language": language, **in_language(quote, by, language)}


def in_language(quote: Any, by: Actor, language: Any) -> Mapping[str, Any]:
    """Subject and text from the template; whom it greets and its link are put in when it is sent."""
    words, told = words_for("quotes", language or "en"), facts(quote, by, language or "en")
    return {"subject": filled(words.subject, told), "text": filled(words.text, told)}


def facts(quote: Any, by: Actor, language: str) -> dict[str, str]:
    """What is told of the quote, as that language writes it."""
    until = quote.valid_until or by.locale.today + AMONTH
    person = User.objects.filter(pk=by.pk).first() if by.pk is not None else None
    return {
        "number": quote.number,
        "title": quote.name,
        "total": format_in_full(quote.total, quote.currency, language),
        "valid_until": format_day(until, dt.date.min, language),
        "seller": str(person or ""),
        "company": company().name,
    }


# ——— the verb ———


@verb(
    gettext_lazy("Send by e-mail"),
    icon="mail-forward",
    rule=may_mail,
    primary=True,
    bulk=False,
    fields=(
        Field("to", kind=Recipients(), label=pgettext_lazy("mail", "To"), required=True),
        Field("cc", kind=Recipients(), label=pgettext_lazy("mail", "Copy to")),
        Field("language", kind=LANGUAGES, label=gettext_lazy("Language"), default="en"),
        Field("attach", kind=YesNo(), label=gettext_lazy("Attach the quote as PDF"), default=True),
        Field("subject", kind=Text(255, wide=True), label=gettext_lazy("Subject"), hint=gettext_lazy("Empty: the template's.")),
        Field(
            "text",
            kind=LongText(20_000),
            label=gettext_lazy("Text"),
            hint=gettext_lazy("{name} and {link} are put in when it is sent: the link is this mail's own, so you see when it was opened."),
        ),
    ),
    starts=proposed,
    offers=addresses,
    again={"language": in_language},
    renewed=("subject", "text"),
    done=gettext_lazy("%(record)s is on its way."),
)
def mail(
    quote: Any,
    *,
    by: Actor,
    origin: Origin,
    to: list[str],
    cc: list[str],
    language: str,
    attach: bool | None,
    subject: str,
    text: str,
) -> None:
    must_be_set_up()
    if quote.status == "draft":
        mark_sent(quote, by=by, origin=origin)
    language = language or company().language
    usual, link = words_for("quotes", language), make_link(quote, by=by, note=", ".join([*to, *cc])[:200])
    contact = next((one for one in people(quote, by) if any(each["value"] in to for each in one.emails)), None)
    told = {**facts(quote, by, language), "name": greeted(contact, language), "link": address_of(link, language)}
    said = filled(text or usual.text, told)
    if told["link"] not in said:
        said = f"{said}\n\n{told['link']}"
    # Whoever has the link answers in the customer's name: those who may see the activity do not get it by that.
    with translation.override(language):
        kept = said.replace(told["link"], _("(the link)"))
    letter = Letter(to, cc, filled(subject or usual.subject, told), said, language, paper=quote if attach else None, link=link, told=kept)
    about = {
        "about": f"quotes:{quote.pk}", "account": quote.account_id, "deal": quote.deal_id, "contact": contact.pk if contact else None,
    }  # fmt: skip
    post(letter, about, by=by, origin=origin)


def greeted(contact: Contact | None, language: str) -> str:
    """Who is greeted: the contact by name, or whoever reads it."""
    if contact is not None:
        return contact.name
    with translation.override(language):
        return _("Sir or Madam")


def address_of(link: PublicLink, language: str) -> str:
    """The whole address of the link, in that language."""
    return f"{settings.PUBLIC_ADDRESS}{reverse('public-page', args=[token_of(link)])}?{urlencode({'lang': language})}"


def mark_opened(link: PublicLink, record: Any) -> None:
    """The mail's activity says when its link was opened first."""
    mail = Mail.objects.filter(link=link.pk).first()
    activity = Activity.objects.select_for_update(of=("self",)).filter(pk=mail.activity_id).first() if mail is not None else None
    if activity is not None and activity.opened_at is None:
        opened = {"delivery": "opened", "delivery_note": "", "opened_at": link.first_opened_at}
        write(activity, by=SYSTEM, event=MailOpened, origin=Origin(via="portal"), **opened)
