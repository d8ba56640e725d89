"""The composer: where people write down what they did with a record and what comes next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.http import QueryDict

from guanxi.access.models import User
from guanxi.access.sight import writable
from guanxi.entity.entity import Entity
from guanxi.entity.field import Field
from guanxi.entity.kinds import Moment, Text
from guanxi.record.changes import Origin, create
from guanxi.record.refusals import Refused
from guanxi.surfaces.forms.inputs import Input, Sheet, as_input, link_titles, sent
from guanxi.surfaces.timeline.diary import Diary, Way, has_diary, leading_to, the_diary

NEXT_SUBJECT = "next_subject"
NEXT_DUE = "next_due"


@dataclass(frozen=True)
class Tab:
    """A way of writing, as a tab."""

    way: Way
    url: str
    current: bool


@dataclass(frozen=True)
class Composer:
    """The composer of one record, at one of its tabs."""

    tabs: list[Tab]
    way: Way
    action: str
    key: str
    text: str
    inputs: list[Input]
    next_inputs: list[Input]
    next_open: bool
    errors: list[str]
    text_name: str
    kind_name: str
    around: list[tuple[str, Any]]
    """Records it is about, by which pickers narrow what they offer."""


def composer_of(
    entity: Entity, record: Any, user: User, *, chosen: str = "", typed: QueryDict | None = None, errors: Mapping[str, str] | None = None
) -> Composer | None:
    """The composer, with what was typed; None where nobody writes, or this person may not."""
    diary = the_diary()
    if diary is None or not has_diary(entity) or not user.rights.may("create", diary.entity):
        return None
    way, url = diary.way(chosen), f"/{entity.path}/{record.pk}/compose"
    fields, errors = asked(diary, way, user), errors or {}
    raw = sent(typed, fields) if typed is not None else None
    around = _around(diary, entity, record)
    values = {one.name: one.k.empty for one in diary.of().fields.values()} | {"owner": user.pk} | around
    sheet = Sheet(diary.of(), user, values=values, typed=raw, errors=errors, prefix="c")
    sheet.context = {one.name: one for one in fields} | {name: diary.of().fields[name] for name in around}
    sheet.titles = link_titles(sheet, fields)
    after = next_fields(diary)
    next_raw = sent(typed, after) if typed is not None else None
    next_sheet = Sheet(diary.of(), user, values={one.name: one.k.empty for one in after}, typed=next_raw, errors=errors, prefix="c")
    shown = {*(one.name for one in fields), *(one.name for one in after)}
    return Composer(
        tabs=[Tab(one, f"{url}?way={one.name}", one.name == way.name) for one in diary.ways],
        way=way,
        action=f"/{entity.path}/{record.pk}/timeline",
        key=draft_of(entity, record.pk),
        text=typed.get(diary.text, "") if typed is not None else "",
        inputs=[as_input(sheet, one, small=True) for one in fields],
        next_inputs=[] if way.planned else [as_input(next_sheet, one, small=True) for one in after],
        next_open=bool(next_raw and any(next_raw.values())),
        errors=[message for name, message in errors.items() if name not in shown],
        text_name=diary.text,
        kind_name=diary.kind,
        around=[pair for pair in around.items() if pair[0] not in way.fields],
    )


def draft_of(entity: Entity, key: int) -> str:
    """Under which name a browser keeps what is typed about a record."""
    return f"compose:{entity.path}:{key}"


def _around(diary: Diary, entity: Entity, record: Any) -> dict[str, Any]:
    """What an entry about the record is about, and what the record itself leads to by the same names: a deal's account and contact."""
    found = leading_to(diary, entity, record.pk)
    for name, one in diary.of().bound.items():
        same = entity.bound.get(name)
        if same is not None and one.k.linked() and not one.k.listed and same.k.linked() == one.k.linked() and one.k.linked() != "users":
            value = same.of(record)
            if value is not None and one.k.linked() != "teams":
                found.setdefault(name, value)
    return found


def asked(diary: Diary, way: Way, user: User) -> list[Field]:
    """The fields this way asks for, as far as the person may set them."""
    fields = {one.name: one for one in writable(diary.of(), diary.of().fields.values(), by=user)}
    return [fields[name] for name in way.fields if name in fields]


def next_fields(diary: Diary) -> list[Field]:
    """What is asked about the next step."""
    entity = diary.of()
    subject, due = entity.fields[diary.subject], entity.fields[diary.due]
    return [
        Field(NEXT_SUBJECT, kind=Text(255), label=subject.label),
        Field(NEXT_DUE, kind=Moment(), label=due.label),
    ]


def write_down(entity: Entity, record: Any, posted: QueryDict, *, by: User, origin: Origin) -> Any:
    """A new entry about the record, and the plan that follows from it. Refused."""
    diary = the_diary()
    assert diary is not None
    way = diary.way(posted.get(diary.kind, ""))
    text = posted.get(diary.text, "").strip()
    fields = asked(diary, way, by)
    raw = sent(posted, fields)
    # What was left empty takes what the diary starts with: the owner, the moment.
    raw = {one.name: raw[one.name] for one in fields if one.name in raw and raw[one.name] not in ("", None, [])}
    step, due = _next(diary, posted, by) if not way.planned else ("", None)
    if not text and not any(raw.values()) and not step:
        raise Refused({diary.text: str(way.prompt)})
    values = {diary.kind: way.name, diary.text: text, **leading_to(diary, entity, record.pk), **raw}
    with transaction.atomic():
        entry = create(diary.of(), values, by=by, origin=origin)
        if step or due:
            diary.plan_next(entry, step, diary.next_way, due, by=by, origin=origin)
    return entry


def _next(diary: Diary, posted: QueryDict, by: User) -> tuple[str, Any]:
    cleaned, errors = {}, {}
    for one in next_fields(diary):
        try:
            cleaned[one.name] = one.k.clean(posted.get(one.name, ""), by.locale)
        except ValueError as refusal:
            errors[one.name] = str(refusal)
    if errors:
        raise Refused(errors)
    return cleaned[NEXT_SUBJECT], cleaned[NEXT_DUE]
