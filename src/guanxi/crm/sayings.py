"""How the events of documents are said."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from guanxi.surfaces.history.told import Saying

SAYINGS = {
    "quote.sent": Saying(_("%(who)s sent %(what)s"), "send", "info"),
    "quote.accepted": Saying(_("%(what)s was accepted"), "check", "good"),
    "line.taken": Saying(_("%(what)s was taken"), "check", "good"),
    "quote.rejected": Saying(_("%(what)s was rejected"), "circle-x", "bad"),
    "quote.replaced": Saying(_("%(who)s made a new edition of %(what)s"), "copy"),
    "order.confirmed": Saying(_("%(who)s confirmed %(what)s"), "check", "good"),
    "order.closed": Saying(_("%(who)s closed %(what)s"), "lock", "good"),
    "order.cancelled": Saying(_("%(who)s cancelled %(what)s"), "ban", "bad"),
    "order.reopened": Saying(_("%(who)s reopened %(what)s"), "arrow-back-up", "warn"),
    "contract.signed": Saying(_("%(who)s signed %(what)s"), "writing-sign", "good"),
    "contract.renewed": Saying(_("%(who)s renewed %(what)s"), "refresh", "good"),
    "contract.terminated": Saying(_("%(who)s terminated %(what)s"), "ban", "bad"),
    "contract.ended": Saying(_("%(who)s ended %(what)s"), "check"),
    "invoice.issued": Saying(_("%(who)s issued %(what)s"), "file-invoice", "good"),
    "target.split": Saying(_("%(who)s renewed %(what)s by splitting the target above"), "arrows-split", "info"),
    "invoice.voided": Saying(_("%(who)s voided %(what)s"), "ban", "bad"),
}
