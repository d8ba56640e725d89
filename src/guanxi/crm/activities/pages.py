"""What is special about showing activities: they are the diary, and what is due stands on the first page."""

from __future__ import annotations

from typing import Any

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.crm.activities.choices import ICONS, KINDS
from guanxi.crm.activities.verbs import plan_next
from guanxi.entity.actors import Titles
from guanxi.surfaces.history.told import Saying
from guanxi.surfaces.home.blocks import Measure, Todo
from guanxi.surfaces.timeline.diary import Diary, Way

SAID_WITH = {
    "call": gettext_lazy("%(who)s called %(with)s"),
    "visit": gettext_lazy("%(who)s visited %(with)s"),
    "meeting": gettext_lazy("%(who)s met %(with)s"),
    "email": gettext_lazy("%(who)s wrote to %(with)s"),
    "message": gettext_lazy("%(who)s sent %(with)s a message"),
    "note": gettext_lazy("%(who)s noted about %(with)s"),
    "task": gettext_lazy("%(who)s did something for %(with)s"),
}
SAID_ALONE = {
    "call": gettext_lazy("%(who)s logged a call"),
    "visit": gettext_lazy("%(who)s logged a visit"),
    "meeting": gettext_lazy("%(who)s logged a meeting"),
    "email": gettext_lazy("%(who)s logged an e-mail"),
    "message": gettext_lazy("%(who)s logged a message"),
    "note": gettext_lazy("%(who)s made a note"),
    "task": gettext_lazy("%(who)s did a task"),
}
SAID_INCOMING = {
    "call": gettext_lazy("%(with)s called %(who)s"),
    "email": gettext_lazy("E-mail from %(with)s"),
    "message": gettext_lazy("Message from %(with)s"),
}


def headline(activity: Any, who: str, known: Titles) -> SafeString:
    """An activity in a line: who did what with whom, and what it was about when it has a subject of its own."""
    contact = known.get(("contacts", activity.contact_id or 0), "")
    if activity.done_at is None:
        return _with_subject(_link(activity, activity.subject or str(KINDS.label(activity.kind))), "")
    words = SAID_ALONE if not contact else SAID_INCOMING if activity.incoming and activity.kind in SAID_INCOMING else SAID_WITH
    said = str(escape(str(words.get(activity.kind) or SAID_ALONE["note"])))
    line = said % {
        "who": f"<b>{escape(who or _('Somebody'))}</b>",
        "with": f'<a href="/contacts/{activity.contact_id}"><b>{escape(contact)}</b></a>',
    }
    return _with_subject(line, _subject(activity))


def _subject(activity: Any) -> str:
    """The subject, unless it only repeats the text or the kind."""
    subject = activity.subject or ""
    begins = (activity.body or "").strip().split("\n")[0][:120]
    return "" if subject in {begins, str(KINDS.label(activity.kind)), activity.kind.capitalize()} else subject


def _link(activity: Any, text: str) -> str:
    return f'<a href="/activities/{activity.pk}"><b>{escape(text)}</b></a>'


def _with_subject(line: str, subject: str) -> SafeString:
    return mark_safe(f"{line} · {escape(subject)}" if subject else line)  # noqa: S308 - every part is escaped


DIARY = Diary(
    entity="activities",
    ways=(
        Way("call", gettext_lazy("Call"), ICONS["call"], gettext_lazy("What was said? @ mentions a colleague"), gettext_lazy("Log call"),
            ("contact", "result", "duration")),
        Way("note", gettext_lazy("Note"), ICONS["note"], gettext_lazy("What should be remembered? @ mentions a colleague"), gettext_lazy("Save note")),
        Way("task", gettext_lazy("Task"), ICONS["task"], gettext_lazy("What is to be done?"), gettext_lazy("Add task"), ("due_at", "owner"), planned=True),
        Way("meeting", gettext_lazy("Meeting"), ICONS["meeting"], gettext_lazy("What came of it? @ mentions a colleague"), gettext_lazy("Log meeting"),
            ("contact", "duration")),
        Way("visit", gettext_lazy("Visit"), ICONS["visit"], gettext_lazy("What came of it? @ mentions a colleague"), gettext_lazy("Log visit"),
            ("contact", "result")),
        Way("email", gettext_lazy("E-mail"), ICONS["email"], gettext_lazy("What was written?"), gettext_lazy("Log e-mail"), ("contact", "incoming")),
        Way("message", gettext_lazy("Message"), ICONS["message"], gettext_lazy("What was written?"), gettext_lazy("Log message"), ("contact", "incoming")),
    ),
    headline=headline,
    plan_next=plan_next,
    complete="complete",
    shown=("result", "duration", "addressed_to", "delivery", "delivery_note", "opened_at"),
)  # fmt: skip

SAYINGS = {
    "activity.completed": Saying(gettext_lazy("%(who)s completed %(what)s"), "check", "good"),
    "activity.reopened": Saying(gettext_lazy("%(who)s planned %(what)s again"), "arrow-back-up"),
}

TODAY = Todo(
    "todo",
    "activities",
    gettext_lazy("To do"),
    "owner = me and done_at is empty and due_at < today+7d",
    when="due_at",
    verb="complete",
    shown=("kind", "account", "contact", "deal"),
    empty=gettext_lazy("Nothing is due this week. Plan the next step with a customer, and it shows here on its day."),
    view="todo",
    new=gettext_lazy("Task"),
    new_url="/activities/new?kind=task",
    rank=10,
)
DONE = Measure(
    "activities this month",
    "activities",
    gettext_lazy("Contacts this month"),
    'owner = me and done_at within this_month and kind not in ("note", "task")',
    hint=gettext_lazy("calls, visits, meetings, messages"),
    rank=40,
)
