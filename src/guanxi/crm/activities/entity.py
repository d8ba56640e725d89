"""How activities are shown."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from guanxi.crm.activities.choices import DELIVERIES, KINDS, RESULTS
from guanxi.crm.activities.model import Activity
from guanxi.crm.activities.verbs import complete, reopen
from guanxi.crm.contacts.model import Contact
from guanxi.crm.deals.model import Deal
from guanxi.crm.mails.verbs import send_again
from guanxi.entity.actors import Actor
from guanxi.entity.entity import Entity, Noun, Preset, Section
from guanxi.entity.field import Field
from guanxi.entity.kinds import AnyRecord, Duration, Links


def derive(activity: Any, changed: set[str]) -> None:
    """When it is; a note is done as it is written; the account from the deal or contact."""
    if activity.pk is None and activity.done_at is None and activity.due_at is None:
        activity.done_at = timezone.now() if activity.kind != "task" else None
    activity.at = activity.done_at or activity.due_at or activity.created_at
    if activity.account_id is None and {"deal", "contact"} & changed:
        if activity.deal_id:
            activity.account_id = Deal.objects.filter(pk=activity.deal_id).values_list("account_id", flat=True).first()
        if activity.account_id is None and activity.contact_id:
            activity.account_id = Contact.objects.filter(pk=activity.contact_id).values_list("account_id", flat=True).first()
    if not activity.subject:
        activity.subject = activity.body.strip().split("\n")[0][:120] or str(KINDS.label(activity.kind))


def check(activity: Any, changed: set[str], by: Actor) -> Mapping[str, str]:
    """What is done is not in the future."""
    if activity.done_at and activity.done_at > timezone.now() + dt.timedelta(days=1):
        return {"done_at": _("This is in the future; set when it is due instead.")}
    return {}


ACTIVITIES = Entity(
    path="activities",
    model=Activity,
    noun=Noun(gettext_lazy("activity"), gettext_lazy("activities")),
    icon="calendar-event",
    title="subject",
    group="sell",
    order=("-at",),
    subtitle=("kind",),
    fields_declared=[
        Field("subject", glance=True, search="B"),
        Field("kind", kind=KINDS, glance=True),
        Field("account", glance=True),
        Field("contact", glance=True),
        Field("deal"),
        Field("lead"),
        Field("about", kind=AnyRecord()),
        Field("due_at", glance=True),
        Field("done_at", glance=True),
        Field("at", read_only=True),
        Field("result", kind=RESULTS, glance=True),
        Field("duration", kind=Duration()),
        Field("incoming"),
        Field("body", search="D"),
        Field("participants", kind=Links("contacts")),
        Field("people", kind=Links("users")),
        Field("addressed_to", read_only=True),
        Field("delivery", kind=DELIVERIES, read_only=True),
        Field("delivery_note", read_only=True),
        Field("opened_at", read_only=True),
        Field("follows"),
        Field("owner", glance=True),
        Field("team"),
        Field("external_id"),
        Field("created_at", read_only=True),
        Field("created_by", read_only=True),
        Field("id", read_only=True),
    ],
    sections=[
        Section(gettext_lazy("Activity"), ("kind", "subject", "due_at", "done_at", "duration", "result", "incoming", "body")),
        Section(gettext_lazy("With"), ("account", "contact", "deal", "lead", "participants", "people")),
        Section(pgettext_lazy("mail", "Delivery"), ("addressed_to", "delivery", "delivery_note", "opened_at")),
        Section(gettext_lazy("Responsible"), ("owner", "team")),
    ],
    verbs=(complete, reopen, send_again),
    calendar="at",
    late={"due_at": "done_at is empty and due_at < now"},
    parent="account",
    views=[
        Preset("todo", gettext_lazy("My to-do"), "owner = me and done_at is empty", ("due_at",)),
        Preset("late", gettext_lazy("Overdue"), "owner = me and done_at is empty and due_at < now", ("due_at",)),
        Preset("done", gettext_lazy("Done"), "done_at is not empty", ("-at",)),
        Preset("all", gettext_lazy("All activities"), "", ("-at",)),
    ],
    derive=derive,
    check=check,
)
