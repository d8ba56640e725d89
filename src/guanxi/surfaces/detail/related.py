"""Related lists: the first few records that lead here, and the way to all of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import IntegerField, Q, Subquery
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from guanxi.access.models import User
from guanxi.access.sight import clear, readable, shown_html
from guanxi.entity.actors import Titles
from guanxi.entity.entity import Entity, Related
from guanxi.entity.field import Field
from guanxi.entity.kinds import MoneyKind, Number
from guanxi.entity.registry import entity_named
from guanxi.record.reach import visible
from guanxi.surfaces.listing.rows import title_for
from guanxi.surfaces.timeline.diary import the_diary

FIRST = 5
EAGER = 2
"""So many lists come with the page; the others when they are seen."""
CAP = 99


@dataclass(frozen=True)
class Row:
    """One related record."""

    key: int
    url: str
    title: str
    notes: list[SafeString]
    side: SafeString
    avatar: bool
    edit_url: str = ""
    """Where a part is edited; in the dialog."""


@dataclass(frozen=True)
class Listed:
    """A related list as it is shown; `rows` is None while it is not fetched."""

    related: Related
    label: str
    icon: str
    rows: list[Row] | None
    total: int
    all_url: str
    new_url: str
    new_label: str
    fetch_url: str

    @property
    def total_text(self) -> str:
        return f"{CAP}+" if self.total > CAP else str(self.total)

    @property
    def more(self) -> bool:
        return self.rows is not None and self.total > len(self.rows)


class _Counted(Subquery):
    """How many rows, counted no further than they are sliced."""

    template = "(SELECT count(*) FROM (%(subquery)s) counted)"


def lists_of(entity: Entity, user: User) -> list[Related]:
    """The related lists this person may see; what the timeline tells is not listed again."""
    diary = the_diary()
    return [
        one
        for one in entity.related
        if not one.columns and user.rights.may("see", one.entity) and not (diary and one.entity == diary.entity and not one.aside)
    ]  # fmt: skip


def fetch(related: Related, record: Any, user: User) -> list[Any]:
    """The first few records, each with how many there are as `related_total`. One query."""
    other = entity_named(related.entity)
    by = other.fields[related.by]
    found = visible(other, to=user).filter(_leads(by, record.pk))
    total = _Counted(found.order_by().values("pk")[: CAP + 1], output_field=IntegerField())
    return list(found.annotate(related_total=total).order_by(related.order, "pk")[:FIRST])


def _leads(by: Field, key: int) -> Q:
    return Q(**{f"{by.lookup}__contains": [key]}) if by.k.listed else Q(**{by.lookup: key})


def fields_shown(related: Related, user: User) -> list[Field]:
    """What each row shows besides its title."""
    other = entity_named(related.entity)
    return readable(other, [other.fields[name] for name in related.glance if name in other.fields], to=user)


def wanted(related: Related, records: Iterable[Any], user: User) -> dict[str, set[int]]:
    """Records that the rows lead to."""
    found: dict[str, set[int]] = {}
    other = entity_named(related.entity)
    rows = list(records)
    link = leads_on(related, other)
    for one in [*fields_shown(related, user), *([link] if link else [])]:
        target = one.k.linked()
        if target and clear(other, one, to=user):
            for record in rows:
                value = one.of(record)
                found.setdefault(target, set()).update(value if isinstance(value, (tuple, list)) else {value} - {None})
    return found


def listed(related: Related, record: Any, entity: Entity, records: Sequence[Any] | None, user: User, known: Titles) -> Listed:
    """A related list in words."""
    other = entity_named(related.entity)
    name = title_for(other, to=user)
    rows = None if records is None else [_row(related, other, one, name(one), user, known) for one in records]
    may_create = user.rights.may("create", other.path) and any(
        one.name == related.by for one in readable(other, other.fields.values(), to=user)
    )  # fmt: skip
    return Listed(
        related=related,
        label=str(related.label or other.noun.many),
        icon=other.icon,
        rows=rows,
        total=records[0].related_total if records else 0,
        all_url=f"/{other.path}?" + urlencode({"view": "all", "where": f"{related.by} = {record.pk}"}),
        new_url=f"/{other.path}/new?" + urlencode({related.by: record.pk}) if may_create else "",
        new_label=_("New %(noun)s") % {"noun": other.noun.one},
        fetch_url=f"/{entity.path}/{record.pk}/related/{related.name}",
    )


def _row(related: Related, other: Entity, record: Any, title: str, user: User, known: Titles) -> Row:
    shown = [one for one in fields_shown(related, user) if not one.k.is_empty(one.of(record))]
    link = leads_on(related, other)
    about = (link.k.linked() or "", link.of(record)) if link is not None else ("", 0)
    if about in known and other.fields[other.title].read_only:  # called after what it is about, which may be where we are
        title, shown = known[about], [one for one in shown if one is not link]
    numbers = [one for one in shown if isinstance(one.k, Number)]
    amount = next((one for one in numbers if isinstance(one.k, MoneyKind)), numbers[0] if numbers else None)
    notes, side = [], SafeString("")
    for one in shown:
        html = shown_html(other, one, record, to=user, locale=user.locale, titles=known)
        if one is amount:
            side = format_html('<b class="num">{}</b>', html)
        else:
            notes.append(html)
    url, edit_url = f"/{other.path}/{record.pk}", ""
    if link is not None:
        edit_url = f"{url}/edit" if user.rights.may("edit", other.path) else ""
        url = f"/{about[0]}/{about[1]}" if about in known else ""
    return Row(record.pk, url, title, notes, side, avatar=other.icon in {"user", "users"}, edit_url=edit_url)


def leads_on(related: Related, other: Entity) -> Field | None:
    """For a part of something: its link to the record it is really about (the contact of a deal's person)."""
    if not other.part_of:
        return None
    links = [one for one in other.bound.values() if one.k.linked() and not one.k.listed]
    return next((one for one in links if one.name != related.by), None)
