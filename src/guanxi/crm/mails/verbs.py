"""What can be done with a mail that did not go out: send it again."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from guanxi.crm.mails.events import MailQueued
from guanxi.crm.mails.model import Mail
from guanxi.crm.mails.outbox import must_be_set_up, send_later
from guanxi.entity.actors import Actor
from guanxi.record.changes import Origin, write
from guanxi.record.verbs import verb


def may_send_again(user: Actor) -> Q:
    """What did not go out, or of which nobody knows whether it did."""
    return Q(delivery__in=["failed", "unsure"])


@verb(
    _("Send again"),
    icon="refresh",
    rule=may_send_again,
    primary=True,
    hint=_("The same mail to the same addresses. Where it may have arrived already, it arrives twice."),
    done=_("%(record)s is on its way."),
)
def send_again(activity: Any, *, by: Actor, origin: Origin) -> None:
    must_be_set_up()
    again = {"state": "queued", "tries": 0, "next_try_at": timezone.now(), "handed_at": None, "error": ""}
    Mail.objects.filter(activity=activity.pk, state__in=["failed", "unsure"]).update(**again)
    write(activity, by=by, event=MailQueued, origin=origin, delivery="queued", delivery_note="")
    send_later()
