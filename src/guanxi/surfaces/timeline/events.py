"""One timeline: entries of the diary, changes of the record, and events of the records below it, newest first.

Two streams, each read by its own index from a place in time; what is merged is a page, never the whole.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from babel.dates import format_skeleton
from django.core.exceptions import EmptyResultSet
from django.db.models import BigIntegerField, BooleanField, Exists, F, OuterRef, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from guanxi.access.models import User
from guanxi.access.sight import clear, readable
from guanxi.access.titles import people, titles
from guanxi.base.languages import locale_of
from guanxi.entity.actors import Titles
from guanxi.entity.entity import Entity
from guanxi.entity.kinds import Moment
from guanxi.entity.registry import entities
from guanxi.record.merging import and_merged
from guanxi.record.models import Change
from guanxi.record.reach import visible
from guanxi.record.refusals import Refused
from guanxi.surfaces.history.told import Told, tell_changes
from guanxi.surfaces.history.values import wanted_titles
from guanxi.surfaces.inbox.mentions import shown as with_mentions
from guanxi.surfaces.timeline.diary import Diary, entries_about, has_diary, the_diary

PAGE = 20
PLANS = 6
LAST = 2**63 - 1


@dataclass(frozen=True)
class Place:
    """A place on the timeline: everything up to and with this one was shown. At the same moment entries come before changes."""

    at: dt.datetime
    stream: str
    key: int

    def __str__(self) -> str:
        return f"{self.at.isoformat()}~{self.stream}~{self.key}"

    @classmethod
    def parse(cls, text: str) -> Place:
        """The place that an address names. Refused."""
        at, _sign, rest = text.partition("~")
        stream, _sign, key = rest.partition("~")
        try:
            moment = dt.datetime.fromisoformat(at)
        except ValueError:
            moment = None
        if moment is None or moment.tzinfo is None or stream not in {"entry", "change"} or not key.isdecimal() or len(key) > 18:
            raise Refused({"": _("This is no place on a timeline; open the record again.")})
        return cls(moment, stream, int(key))


@dataclass(frozen=True)
class Entry:
    """An entry of the diary, ready to be shown."""

    record: Any
    icon: str
    headline: SafeString
    when: SafeString
    late: bool
    planned: bool
    text: SafeString
    notes: list[SafeString]
    done_url: str
    """Where a plan is completed; in the dialog."""
    edit_url: str


@dataclass(frozen=True)
class Item:
    """One thing on the timeline: an entry or a change."""

    at: dt.datetime
    stream: str
    key: int
    entry: Entry | None = None
    told: Told | None = None
    day: str = ""
    """The heading above it, when it is the first under that heading."""


@dataclass(frozen=True)
class Timeline:
    """A page of it: plans (on the first page), what happened, and where it goes on."""

    plans: list[Entry]
    """What is planned after the next step."""
    items: list[Item]
    older: str
    next_plan: Any = None
    """The next step's entry."""


@dataclass(frozen=True)
class Raw:
    """What was read, before it is put in words: so that titles of everything on a page are looked up at once."""

    plans: list[Any]
    entries: list[Any]
    changes: list[Change]

    def wanted(self, user: User) -> dict[str, set[int]]:
        """Records these lead to."""
        found = wanted_titles(self.changes, to=user)
        diary = the_diary()
        if diary:
            links = [one for one in readable(diary.of(), diary.of().fields.values(), to=user) if one.k.linked() and not one.k.listed]
            for record in (*self.plans, *self.entries):
                for one in links:
                    value = one.of(record)
                    if value is not None:
                        found.setdefault(one.k.linked() or "", set()).add(value)
        return found


def read(entity: Entity, record: Any, user: User, *, show: str = "", before: Place | None = None) -> Raw:
    """The newest of the timeline, or what comes before a place. One query for entries, one for changes."""
    plans, entries = _entries(entity, record, user, before) if _shows_entries(entity, show) else ([], [])
    changes = _changes(entity, record, user, show, before) if show != "entries" else []
    return Raw(plans, entries, changes)


def _shows_entries(entity: Entity, show: str) -> bool:
    return show in {"", "entries"} and has_diary(entity)


def _entries(entity: Entity, record: Any, user: User, before: Place | None) -> tuple[list[Any], list[Any]]:
    diary = the_diary()
    if diary is None or not user.rights.may("see", diary.entity):
        return [], []
    about = visible(diary.of(), to=user).filter(entries_about(diary, entity, record.pk))
    done = about.filter(**{f"{diary.done}__isnull": False})
    if before is not None:
        done = done.filter(_earlier(diary.at, before, "entry"))
        return [], list(done.order_by(f"-{diary.at}", "-pk")[: PAGE + 1])
    planned = about.filter(**{f"{diary.done}__isnull": True}).order_by(F(diary.due).asc(nulls_last=True), "pk")
    both = list(planned[:PLANS].union(done.order_by(f"-{diary.at}", "-pk")[: PAGE + 1], all=True))
    plans = [one for one in both if getattr(one, diary.done) is None]
    rest = [one for one in both if getattr(one, diary.done) is not None]
    plans.sort(key=lambda one: (getattr(one, diary.due) is None, getattr(one, diary.due) or one.created_at, one.pk))
    rest.sort(key=lambda one: (getattr(one, diary.at), one.pk), reverse=True)
    return plans, rest


def _changes(entity: Entity, record: Any, user: User, show: str, before: Place | None) -> list[Change]:
    own = Change.objects.filter(and_merged(entity, record.pk), entity=entity.path)
    parts: list[QuerySet[Change]] = [] if show and show != "changes" else [own]
    if show != "changes":
        below = _below(entity, user, only=show)
        if below is not None:
            parts.append(Change.objects.filter(below, and_merged(entity, record.pk, "parent_id"), parent_entity=entity.path))
    if before is not None:
        parts = [part.filter(_earlier("at", before, "change")) for part in parts]
    sliced = [part.order_by("-at", "-pk")[: PAGE + 1] for part in parts]
    if not sliced:
        return []
    found = list(sliced[0].union(*sliced[1:], all=True)) if len(sliced) > 1 else list(sliced[0])
    return sorted(found, key=lambda change: (change.at, change.pk), reverse=True)[: PAGE + 1]


def _earlier(at: str, before: Place, stream: str) -> Q:
    """What comes after the place, going back in time."""
    earlier = Q(**{f"{at}__lt": before.at})
    if stream == before.stream:
        return earlier | Q(**{at: before.at, "pk__lt": before.key})
    return earlier | Q(**{at: before.at}) if before.stream == "entry" else earlier


def children(entity: Entity, user: User) -> list[Entity]:
    """The entities whose records tell on this entity's timeline, as far as the person may see them; the diary aside."""
    diary = the_diary()
    found = []
    for one in entities():
        parent = one.bound.get(one.parent) if one.parent else None
        tells = parent is not None and parent.k.linked() == entity.path and one.path != entity.path
        if tells and not (diary and one.path == diary.entity) and user.rights.may("see", one.path):
            found.append(one)
    return found


def _below(entity: Entity, user: User, *, only: str) -> Q | None:
    """Changes of records below that the person may see; those in the trash included, as far as their rights reach.

    Each is asked by its key: few changes lead to one record, and all that somebody may see is much to gather for them.
    """
    wanted: Q | None = None
    for child in children(entity, user):
        if only and child.path != only:
            continue
        clause = Q(entity=child.path) & _within_reach(child, user)
        wanted = clause if wanted is None else wanted | clause
    return wanted


def _within_reach(child: Entity, user: User) -> Q:
    """That the person may see the record a change leads to. A page asks this of a dozen entities: what stays the same is written once."""
    rights = user.rights
    where = rights.where("see", child.path)
    if not where:
        return Q()
    if not rights.by_owner(child.path):
        return Q(Exists(child.model._default_manager.filter(where, pk=OuterRef("record_id"))))
    if ("within reach", child.path) not in rights.memo:
        key = RawSQL('"change"."record_id"', [], output_field=BigIntegerField())
        rights.memo["within reach", child.path] = _written(child.model._default_manager.filter(where, pk=key))
    return Q(rights.memo["within reach", child.path])


def _written(rows: QuerySet[Any]) -> Any:
    """That there are such rows, as SQL."""
    try:
        sql, parameters = rows.order_by().values("pk").query.sql_with_params()
    except EmptyResultSet:
        return RawSQL("FALSE", [], output_field=BooleanField())
    return RawSQL(f"EXISTS({sql})", parameters, output_field=BooleanField())  # noqa: S611 - as the query wrote it


# ——— in words ———


def show(raw: Raw, entity: Entity, record: Any, user: User, known: Titles, *, before: Place | None = None) -> Timeline:
    """What was read, as a page of the timeline."""
    diary = the_diary()
    editable = _editable(diary, user)
    told = tell_changes(raw.changes, to=user, about=(entity.path, record.pk), known=known, own=record)
    items = [Item(one.change.at, "change", one.change.pk, told=one) for one in told]
    if diary is not None:
        items += [
            Item(getattr(one, diary.at), "entry", one.pk, entry=entry_of(diary, one, user, known, editable)) for one in raw.entries
        ]  # fmt: skip
    items.sort(key=lambda item: (item.at, item.stream == "entry", item.key), reverse=True)
    more = len(items) > PAGE
    items = items[:PAGE]
    older = str(Place(items[-1].at, items[-1].stream, items[-1].key)) if more else ""
    # The first plan is the next step, which stands above.
    plans = [entry_of(diary, one, user, known, editable) for one in raw.plans[1:]] if diary else []
    return Timeline(plans, _under_days(items, user, before), older, raw.plans[0] if raw.plans else None)


def timeline(entity: Entity, record: Any, user: User, *, show_only: str = "", before: Place | None = None) -> Timeline:
    """A page of the timeline with its own look at titles."""
    raw = read(entity, record, user, show=show_only, before=before)
    return show(raw, entity, record, user, titles(raw.wanted(user), to=user), before=before)


def _editable(diary: Diary | None, user: User) -> bool:
    return diary is not None and user.rights.may("edit", diary.entity)


def entry_of(diary: Diary, record: Any, user: User, known: Titles, editable: bool) -> Entry:
    """An entry in words."""
    entity = diary.of()
    way = diary.way(getattr(record, diary.kind))
    due, done = getattr(record, diary.due), getattr(record, diary.done)
    at = done or due
    text = getattr(record, diary.text) if clear(entity, entity.fields[diary.text], to=user) else ""
    return Entry(
        record=record,
        icon=way.icon,
        headline=diary.headline(record, people().get(record.owner_id or 0, ""), known),
        when=mark_safe(Moment().html(at, user.locale, {})) if at else SafeString(""),  # noqa: S308 - the kind escapes
        late=done is None and due is not None and due < user.locale.now,
        planned=done is None,
        text=with_mentions(text),
        notes=_notes(diary, entity, record, user, known),
        done_url=f"/{diary.entity}/{record.pk}/do/{diary.complete}" if editable and done is None else "",
        edit_url=f"/{diary.entity}/{record.pk}/edit" if editable else "",
    )


def _notes(diary: Diary, entity: Entity, record: Any, user: User, known: Titles) -> list[SafeString]:
    notes = []
    for one in readable(entity, [entity.fields[name] for name in diary.shown if name in entity.fields], to=user):
        value = one.of(record)
        if one.k.is_empty(value):
            continue
        html = one.k.html(value, user.locale, known) if clear(entity, one, to=user) else one.k.mask(value)
        notes.append(mark_safe(html) if clear(entity, one, to=user) else format_html("{}", html))  # noqa: S308 - kinds escape
    return notes


def _under_days(items: Sequence[Item], user: User, before: Place | None) -> list[Item]:
    """The items with a heading above the first of each day, week or month."""
    last = heading(before.at, user) if before else ""
    found = []
    for item in items:
        label = heading(item.at, user)
        found.append(item if label == last else _with_day(item, label))
        last = label
    return found


def _with_day(item: Item, label: str) -> Item:
    return Item(item.at, item.stream, item.key, item.entry, item.told, label)


def heading(at: dt.datetime, user: User) -> str:
    """Today, yesterday, this week, last week; then the month."""
    day, today = at.astimezone(user.locale.zone).date(), user.locale.today
    days = (today - day).days
    if days < 0:
        return _("Ahead")
    if days < 2:
        return _("Yesterday") if days else _("Today")
    monday = today - dt.timedelta(days=today.weekday())
    if day >= monday:
        return _("This week")
    if day >= monday - dt.timedelta(days=7):
        return _("Last week")
    return str(format_skeleton("yMMMM", day, locale=locale_of(user.locale.language)))
