"""The calendar, and the move of a record to another day."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from html import escape
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.formats import date_format
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from guanxi.access.models import User
from guanxi.access.sight import clear, readable
from guanxi.base.moments import format_day
from guanxi.entity.conditions import Compare, all_of
from guanxi.entity.entity import Entity
from guanxi.entity.field import Field
from guanxi.entity.kinds import Choice, Day, Moment
from guanxi.record.changes import UI, edit
from guanxi.surfaces.calendar.days import MOST_A_DAY, calendar_field, moved_to, read, source_of, span_of
from guanxi.surfaces.listing.frame import respond
from guanxi.surfaces.listing.rows import marks, needed, title_for
from guanxi.surfaces.pages import answering, must_see, record_or_404, refused, toast, user_of
from guanxi.surfaces.views.asking import Asked
from guanxi.surfaces.views.view import address


def calendar(request: HttpRequest, asked: Asked) -> HttpResponse:
    """The month or week of what is asked for."""
    template = "surfaces/calendar/calendar.html"
    if asked.problem:
        return respond(request, asked, template, status=422)
    entity, user = asked.entity, asked.user
    field, span = calendar_field(entity, to=user), span_of(asked)
    fields = [field, *_times(entity, to=user), *_tones(entity, to=user)]
    by_day = read(asked, field, span, only=needed(entity, fields), also=marks(entity, fields, to=user))
    today = user.locale.today
    days = [
        {
            "key": day.isoformat(),
            "number": day.day,
            "name": date_format(day, "l"),
            "said": format_day(day, today, user.locale.language),
            "short": date_format(day, "D"),
            "today": day == today,
            "outside": span.kind == "month" and day.month != span.day.month,
            "cards": mark_safe(_cards(asked, field, by_day.get(day, []), most=MOST_A_DAY[span.kind])),  # noqa: S308 - made of escaped parts
            "more": _more(asked, field, day, len(by_day.get(day, [])) - MOST_A_DAY[span.kind]),
            "full": bool(by_day.get(day)),
        }
        for day in span.days
    ]
    return respond(
        request, asked, template,
        days=days, weekdays=[day["short"] for day in days[:7]], span=span, heading=_heading(span, user),
        before_url=_to(asked, span.before), after_url=_to(asked, span.after), today_url=_to(asked, today),
        spans=[(label, _to(asked, span.day, span=kind), kind == span.kind) for kind, label in (("month", _("Month")), ("week", _("Week")))],
        here=address(asked.view, asked.base), move_url=f"/{entity.path}/{{id}}/day",
    )  # fmt: skip


def _heading(span: Any, user: User) -> str:
    if span.kind == "month":
        return date_format(span.day, "YEAR_MONTH_FORMAT")
    return " – ".join(format_day(day, user.locale.today, user.locale.language) for day in (span.first, span.last))


def _to(asked: Asked, day: dt.date, *, span: str | None = None) -> str:
    options = {**asked.view.options, "day": day.isoformat()}
    if span is not None:
        options["span"] = span
    return address(replace(asked.view, options=options), asked.base)


def _more(asked: Asked, field: Field, day: dt.date, number: int) -> str:
    """The list of a day that has more than can be shown."""
    if number <= 0:
        return ""
    term = Compare((field.name,), "between", (day.isoformat(), day.isoformat()))
    condition = all_of((asked.view.condition, term)) if asked.view.condition is not None else term
    return address(replace(asked.view, condition=condition, shape="table", options={}), asked.base)


def _times(entity: Entity, *, to: User) -> list[Field]:
    """Fields the calendar's own may come from, and those that may be late."""
    return [
        one for one in readable(entity, entity.fields.values(), to=to) if isinstance(one.k, (Day, Moment)) and not one.custom and one.data
    ]


def _tones(entity: Entity, *, to: User) -> list[Field]:
    """The choice that gives an entry its tone."""
    return [one for one in entity.glance if isinstance(one.k, Choice) and clear(entity, one, to=to)][:1]


def _cards(asked: Asked, field: Field, records: list[Any], *, most: int) -> str:
    entity, user = asked.entity, asked.user
    name, may_edit = title_for(entity, to=user), user.rights.may("edit", entity.path)
    tones = _tones(entity, to=user)
    html = []
    for record in records[:most]:
        key, title = record.pk, escape(name(record))
        value = field.of(record)
        time = f'<span class="num">{value.astimezone(user.locale.zone):%H:%M}</span> ' if isinstance(value, dt.datetime) else ""
        source = source_of(entity, field, record, by=user) if may_edit else None
        late = source is not None and getattr(record, f"late_{source.name}", False)
        tone = tones[0].k.html(tones[0].of(record), user.locale, {}) if tones else ""
        if most < MOST_A_DAY["week"] and 'class="tag' not in tone:
            tone = ""
        html.append(
            f'<li class="card" id="c{key}" data-id="{key}" data-version="{record.version}" data-name="{title}"{"" if source else " data-fixed"}>'
            f'<a href="/{entity.path}/{key}"{" class=late" if late else ""}>{time}{title}</a>{tone}</li>'
        )
    return "".join(html)


@require_POST
@answering
def move(request: HttpRequest, entity: Entity, key: int) -> HttpResponse:
    """A record to another day, at the same hour."""
    user = user_of(request)
    must_see(entity, user)
    record = record_or_404(entity, key, user)
    field = calendar_field(entity, to=user)
    try:
        day = dt.date.fromisoformat(request.POST.get("lane", ""))
    except ValueError:
        return refused(_("Choose a day."), 422)
    source = source_of(entity, field, record, by=user)
    if source is None:
        return refused(_("This date is kept by the system and cannot be moved."), 422)
    origin = UI.batched()
    value = moved_to(source.of(record), day, user)
    moved = edit(record, {source.name: value}, by=user, origin=origin)
    said = _("%(record)s is on %(day)s now.") % {
        "record": entity.title_of(moved),
        "day": format_day(day, user.locale.today, user.locale.language),
    }
    return toast(HttpResponse(""), said, undo=f"/batches/{origin.batch}/undo")
