"""How mails are told of: in histories and in the inbox."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from guanxi.surfaces.history.told import Saying
from guanxi.surfaces.inbox.words import Said

SAYINGS = {
    "mail.queued": Saying(_("%(who)s wrote %(what)s"), "mail-forward", "info"),
    "mail.sent": Saying(_("%(what)s was sent"), "mail-check", "good"),
    "mail.failed": Saying(_("%(what)s was not sent"), "mail-x", "bad"),
    "mail.opened": Saying(_("The link in %(what)s was opened"), "mail-opened", "info"),
}
NEWS: Mapping[str, Said] = {
    "mail failed": Said("mail-x", _("The e-mail %(record)s was not sent: %(why)s"), "bad"),
    "mail unsure": Said("mail-question", _("Nobody knows whether the e-mail %(record)s was sent: %(why)s"), "warn"),
    "mail refused": Said("mail-x", _("Some addresses of the e-mail %(record)s were refused: %(why)s"), "warn"),
    "mail in": Said("mail", _("%(sender)s wrote: %(record)s"), "acc"),
    "lead by mail": Said("mail", _("%(sender)s wrote to you for the first time: %(record)s"), "acc"),
}
