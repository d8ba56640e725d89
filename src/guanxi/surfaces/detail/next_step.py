"""The next step: the earliest plan, or what the record says is next, or that nothing is planned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from guanxi.access.models import User
from guanxi.access.sight import clear
from guanxi.entity.entity import Entity
from guanxi.entity.kinds import Moment
from guanxi.surfaces.timeline.diary import has_diary, the_diary

STEP = "next_step"
OUTCOME = "outcome"


@dataclass(frozen=True)
class NextStep:
    """The amber line, or what invites to fill it."""

    text: SafeString
    due: SafeString = SafeString("")
    late: bool = False
    none: bool = False
    url: str = ""
    """The page of the plan."""
    done_url: str = ""
    """Where the plan is completed; in the dialog."""
    edit_url: str = ""
    """Where the text is changed."""
    plan_url: str = ""
    """The composer, ready for a plan."""


def next_step(entity: Entity, record: Any, user: User, plan: Any, *, may_edit: bool) -> NextStep | None:
    """What comes next; None for records that have no next step to speak of, such as closed ones."""
    diary = the_diary()
    if diary is not None and plan is not None:
        return _planned(plan, user)
    plan_url = _plan_url(entity, record, user)
    step = entity.fields.get(STEP)
    if step is not None and clear(entity, step, to=user) and step.of(record):
        edit_url = f"/{entity.path}/{record.pk}/field/{STEP}" if may_edit else ""
        return NextStep(format_html("{}", step.of(record)), edit_url=edit_url, plan_url=plan_url)
    advice = entity.advice(record, user) if entity.advice else ""
    if advice:
        return NextStep(format_html("{}", advice), plan_url=plan_url)
    if getattr(record, OUTCOME, "") == "open" and plan_url:
        return NextStep(SafeString(""), none=True, plan_url=plan_url)
    return None


def _planned(plan: Any, user: User) -> NextStep:
    diary = the_diary()
    assert diary is not None
    due = getattr(plan, diary.due)
    page = f"/{diary.entity}/{plan.pk}"
    subject = diary.of().fields[diary.subject]
    text = getattr(plan, diary.subject) if clear(diary.of(), subject, to=user) else ""
    return NextStep(
        text=format_html("{}", text or diary.way(getattr(plan, diary.kind)).label),
        due=mark_safe(Moment().html(due, user.locale, {})) if due else SafeString(""),  # noqa: S308 - the kind escapes
        late=due is not None and due < user.locale.now,
        url=page,
        done_url=f"{page}/do/{diary.complete}" if user.rights.may("edit", diary.entity) else "",
    )


def _plan_url(entity: Entity, record: Any, user: User) -> str:
    diary = the_diary()
    if diary is None or not has_diary(entity) or not user.rights.may("create", diary.entity):
        return ""
    return f"/{entity.path}/{record.pk}/compose?way={diary.next_way}"
