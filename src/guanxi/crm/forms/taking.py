"""What comes in by a form becomes a lead: by the one write path, with what was agreed to and who it may be already."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from guanxi.access.visitors import locale_of
from guanxi.crm.forms.model import FormEntry, WebForm
from guanxi.entity.actors import System
from guanxi.entity.registry import entity_named
from guanxi.record.changes import Origin, create
from guanxi.record.models import Identity
from guanxi.record.saying import identities_of
from guanxi.surfaces.inbox.telling import tell

PORTAL = Origin(via="portal")
STRONG = ("email", "phone", "code")
MOST_ALIKE = 10


@dataclass(frozen=True)
class Sending:
    """A form as it was sent, besides its values."""

    language: str
    consent: str = ""
    """The words agreed to."""
    page: str = ""
    once: str | None = None


def take(form: WebForm, values: Mapping[str, Any], sending: Sending) -> FormEntry | None:
    """The entry with its lead; None when this very filling in was taken before. Refused."""
    try:
        with transaction.atomic():
            return _taken(form, values, sending)
    except IntegrityError:
        if sending.once is not None and FormEntry.objects.filter(once=sending.once).exists():
            return None
        raise


def _taken(form: WebForm, values: Mapping[str, Any], sending: Sending) -> FormEntry:
    leads = entity_named("leads")
    place = {"owner": form.goes_to_id} if form.goes_to_id is not None else {"pool": form.pool_id}
    kept = {"source": form.source, "campaign": form.campaign, **place}
    lead = create(leads, {**values, **kept}, by=System(locale=locale_of(sending.language)), origin=PORTAL)
    now = timezone.now()
    entry = FormEntry.objects.create(
        form=form, lead=lead, at=now, language=sending.language, consent=sending.consent, consented_at=now if sending.consent else None,
        page=sending.page[:255], alike=alike(lead), once=sending.once,
    )  # fmt: skip
    if form.goes_to_id is not None:
        tell([form.goes_to_id], "lead by form", lead, form=form.name)
    return entry


def alike(lead: Any) -> list[list[Any]]:
    """Other leads, and accounts and contacts, with an e-mail or phone of this one."""
    leads = entity_named("leads")
    mine = {(what, value) for what, value in identities_of(leads, lead) if what in STRONG}
    found: list[list[Any]] = []
    for what, value in sorted(mine):
        same = Identity.objects.filter(entity__in=(leads.path, *(one.entity for one in leads.kin)), what=what, value=value)
        for path, key in (
            same.exclude(entity=leads.path, record_id=lead.pk)
            .order_by("entity", "-record_id")
            .values_list("entity", "record_id")[:MOST_ALIKE]
        ):
            if [path, key] not in found:
                found.append([path, key])
    return found[:MOST_ALIKE]
