"""What can be done with activities: complete, plan again."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from guanxi.crm.activities.choices import KINDS, RESULTS
from guanxi.crm.activities.events import ActivityCompleted, ActivityReopened
from guanxi.entity.actors import Actor
from guanxi.entity.field import Field
from guanxi.entity.kinds import Duration, LongText, Moment, Text
from guanxi.entity.registry import entity_of
from guanxi.record.changes import Origin, create, write
from guanxi.record.verbs import verb


def may_complete(user: Actor) -> Q:
    """Planned activities can be done."""
    return Q(done_at__isnull=True)


def may_reopen(user: Actor) -> Q:
    """Done activities can be planned again."""
    return Q(done_at__isnull=False)


@verb(
    _("Done"),
    icon="check",
    tone="good",
    rule=may_complete,
    primary=True,
    key="d",
    fields=(
        Field("result", kind=RESULTS, label=_("Result")),
        Field("body", kind=LongText(), label=_("What happened")),
        Field("duration", kind=Duration(), label=_("Duration")),
        Field("done_at", kind=Moment(), label=_("When")),
        Field("next_subject", kind=Text(), label=_("Next step")),
        Field("next_kind", kind=KINDS, label=_("Kind of next step"), default="task"),
        Field("next_due_at", kind=Moment(), label=_("Next step due")),
    ),
    done=_("%(record)s is done."),
)
def complete(
    activity: Any,
    *,
    by: Actor,
    origin: Origin,
    result: str,
    body: str,
    duration: int | None,
    done_at: dt.datetime | None,
    next_subject: str,
    next_kind: str,
    next_due_at: dt.datetime | None,
) -> None:
    values: dict[str, Any] = {"done_at": done_at or timezone.now()}
    if result:
        values["result"] = result
    if body:
        values["body"] = "\n\n".join(part for part in (activity.body, body) if part)
    if duration is not None:
        values["duration"] = duration
    write(activity, by=by, event=ActivityCompleted, origin=origin, **values)
    if next_subject or next_due_at:
        plan_next(activity, next_subject, next_kind, next_due_at, by=by, origin=origin)


def plan_next(activity: Any, subject: str, kind: str, due_at: dt.datetime | None, *, by: Actor, origin: Origin) -> Any:
    """The next planned activity, about the same records."""
    values = {
        "kind": kind or "task",
        "subject": subject or activity.subject,
        "due_at": due_at or timezone.now() + dt.timedelta(days=7),
        "account": activity.account_id,
        "contact": activity.contact_id,
        "deal": activity.deal_id,
        "lead": activity.lead_id,
        "about": activity.about,
        "follows": activity.pk,
    }
    return create(entity_of(activity), values, by=by, origin=origin)


@verb(_("Plan again"), icon="arrow-back-up", rule=may_reopen, done=_("%(record)s is planned again."))
def reopen(activity: Any, *, by: Actor, origin: Origin) -> None:
    write(activity, by=by, event=ActivityReopened, origin=origin, done_at=None)
