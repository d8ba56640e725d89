"""Links for people outside: made and revoked by whoever may change the record, opened by whoever holds one."""

from __future__ import annotations

import base64
import datetime as dt
import re
import secrets
from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _

from guanxi.access.models import User
from guanxi.entity.actors import Actor
from guanxi.entity.entity import Entity
from guanxi.entity.registry import entity_named, entity_of
from guanxi.record.changes import locked
from guanxi.record.reach import reachable
from guanxi.record.refusals import Forbidden, Missing, Refused
from guanxi.surfaces.inbox.telling import may_see, tell
from guanxi.surfaces.public.model import PublicLink, PublicVisit

SIGNATURE = "1"
"""The version of the signature; a new way of signing gets the next one, and both are read."""
TOKEN = re.compile(r"([1-9][0-9]{0,17})-([A-Za-z0-9_-]{43})")
MOST = 50
"""So many living links of one record."""
TOLD_OF = 300
"""So many openings of a link are kept one by one."""
LONGEST = dt.timedelta(days=5 * 366)
at_first_opening: list[Callable[[PublicLink, Any], None]] = []
"""What a room above does when a link is opened for the first time, within the same transaction."""


def token_of(link: PublicLink) -> str:
    """The link's secret: its key and a signature over it. The server's key and the row are both needed to make one."""
    signed = salted_hmac(f"guanxi.public.{SIGNATURE}", f"{link.pk}:{link.nonce}", algorithm="sha256").digest()
    return f"{link.pk}-{base64.urlsafe_b64encode(signed).decode().rstrip('=')}"


def found(token: str) -> PublicLink | None:
    """The link of that secret, ended or not; None when it is no secret of ours."""
    parts = TOKEN.fullmatch(token)
    link = PublicLink.objects.filter(pk=int(parts[1])).first() if parts else None
    return link if link is not None and constant_time_compare(token, token_of(link)) else None


def links_of(entity: Entity, key: int) -> list[PublicLink]:
    """The links of a record, newest first."""
    return list(PublicLink.objects.filter(entity=entity.path, record_id=key).select_related("made_by").order_by("-id")[:MOST])


def make_link(record: Any, *, by: Actor, note: str = "", expires_at: dt.datetime | None = None) -> PublicLink:
    """A new link. Forbidden, Missing; Refused when the record is not to be seen from outside, or there are too many links."""
    entity = entity_of(record)
    public = entity.public
    if public is None:
        raise Forbidden(_("%(many)s have no public page.") % {"many": str(entity.noun.many).capitalize()})
    now = timezone.now()
    ends = expires_at or now + dt.timedelta(days=public.days)
    if not now < ends <= now + LONGEST:
        raise Refused({"expires_at": _("Choose a moment to come, within five years.")})
    with transaction.atomic():
        fresh = locked(entity, record.pk, action="edit", by=by)
        if not entity.model._default_manager.filter(public.open(by), pk=fresh.pk).exists():
            raise Refused({"": _("This record cannot be shown outside as it stands.")})
        if PublicLink.objects.filter(entity=entity.path, record_id=fresh.pk, revoked_at=None, expires_at__gt=now).count() >= MOST:
            raise Refused({"": _("There are %(most)d links to this record already; revoke one first.") % {"most": MOST}})
        return PublicLink.objects.create(
            entity=entity.path, record_id=fresh.pk, nonce=secrets.token_hex(16), note=note.strip()[:200], made_by_id=by.pk, expires_at=ends
        )


def revoke_link(record: Any, key: int, *, by: Actor) -> PublicLink:
    """The link ended, for ever. Forbidden, Missing."""
    entity = entity_of(record)
    with transaction.atomic():
        locked(entity, record.pk, action="edit", by=by)
        link = PublicLink.objects.select_for_update().filter(entity=entity.path, record_id=record.pk, pk=key).first()
        if link is None:
            raise Missing(_("There is no such link."))
        if link.revoked_at is None:
            link.revoked_at, link.revoked_by_id = timezone.now(), by.pk
            link.save(update_fields=["revoked_at", "revoked_by"])
    return link


def may_share(entity: Entity, key: int, by: Actor) -> bool:
    """Whether the actor may make and revoke links of this record."""
    return entity.public is not None and bool(reachable(entity, "edit", by).filter(pk=key).exists())


# ——— what happens to them outside ———


def note_opening(link: PublicLink, record: Any, *, language: str, agent: str) -> None:
    """Count an opening; the first one is told to those who wait for it."""
    now = timezone.now()
    with transaction.atomic():
        first = PublicLink.objects.filter(pk=link.pk, first_opened_at=None).update(first_opened_at=now)
        PublicLink.objects.filter(pk=link.pk).update(opened=F("opened") + 1, last_opened_at=now)
        if link.opened < TOLD_OF:
            PublicVisit.objects.create(link=link, at=now, language=language, agent=agent[:200])
        if first:
            link.first_opened_at = now
            tell(waiting_for(link, record), "opened by" if link.note else "opened outside", record, note=link.note)
            for act in at_first_opening:
                act(link, record)


def note_answer(link: PublicLink, record: Any, verb: str, name: str, *, language: str, agent: str) -> None:
    """Keep an answer by a link, and tell those who wait for it. Within the transaction of the answer."""
    PublicVisit.objects.create(link=link, what=verb, name=name[:200], language=language, agent=agent[:200])
    tell(waiting_for(link, record), f"{link.entity}.{verb} outside", record, name=name[:200] or "–")


def waiting_for(link: PublicLink, record: Any) -> list[int]:
    """Whoever made the link and whoever owns the record, as far as they may see it now."""
    keys = {key for key in (link.made_by_id, getattr(record, "owner_id", None)) if key is not None}
    people = User.objects.filter(pk__in=keys, is_active=True, deleted_at__isnull=True)
    return [one.pk for one in people if may_see(entity_named(link.entity), link.record_id, one)]
