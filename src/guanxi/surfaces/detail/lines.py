"""What a record consists of, as a table in the middle of its page: edited in place, added to, put in order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Case, Q, Value, When
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from guanxi.access.models import User
from guanxi.access.sight import clear, readable, shown_html, writable
from guanxi.entity.actors import Titles
from guanxi.entity.entity import Entity, Related
from guanxi.entity.field import Field
from guanxi.entity.kinds import MoneyKind
from guanxi.entity.registry import entity_named
from guanxi.record.reach import visible
from guanxi.surfaces.forms.inputs import Input, Sheet, as_input, capital
from guanxi.surfaces.listing.rows import cell_class, title_for

MOST = 200


@dataclass(frozen=True)
class Cell:
    """A value in its place."""

    field: Field
    html: SafeString
    edit_url: str
    kind: str
    """Its class as an attribute, and where it stands on the phone."""


@dataclass(frozen=True)
class Line:
    """One of what the record consists of."""

    key: int
    title: str
    url: str
    cells: list[Cell]
    notes: list[SafeString]
    """What stands below the title."""
    delete_url: str


@dataclass(frozen=True)
class Table:
    """Columns and rows, and where they are changed. Addresses are empty where this person may not."""

    related: Related
    label: str
    columns: list[tuple[str, str]]
    rows: list[Line]
    new_url: str
    new_label: str
    inputs: list[Input]
    order_url: str
    all_url: str
    """Only when there are more than the table shows."""


def tables_of(entity: Entity, user: User) -> list[Related]:
    """The tables of a record's page that this person may see."""
    return [one for one in entity.related if one.columns and user.rights.may("see", one.entity)]


def fetch(related: Related, record: Any, user: User) -> list[Any]:
    """What the record consists of, each with whether it may be changed as `line_open`. One query."""
    other = entity_named(related.entity)
    may_change = (other.may_delete(user) if other.may_delete else Q(pk__isnull=False)) & user.rights.where("edit", other.path)
    found = visible(other, to=user).filter(**{other.fields[related.by].lookup: record.pk})
    marked = found.annotate(line_open=Case(When(may_change, then=Value(True)), default=Value(False)))
    return list(marked.order_by(related.order, "pk")[: MOST + 1])


def columns_of(related: Related, user: User) -> list[Field]:
    """The columns this person may see, the title first."""
    other = entity_named(related.entity)
    return readable(other, [other.fields[name] for name in (other.title, *related.columns) if name in other.fields], to=user)


def wanted(related: Related, records: Sequence[Any], user: User) -> dict[str, set[int]]:
    """Records that the cells lead to."""
    other, found = entity_named(related.entity), dict[str, set[int]]()
    for one in columns_of(related, user):
        target = one.k.linked()
        if target and clear(other, one, to=user):
            found.setdefault(target, set()).update(key for record in records if (key := one.of(record)) is not None)
    return found


def table(related: Related, record: Any, records: Sequence[Any], user: User, known: Titles) -> Table:
    """The table in words."""
    other, columns = entity_named(related.entity), columns_of(related, user)
    may_edit = user.rights.may("edit", other.path)
    editable = {one.name for one in writable(other, columns, by=user)} if may_edit else set()
    closed = bool(records) and not any(one.line_open for one in records)
    may_add = user.rights.may("create", other.path) and not closed
    name, notes = title_for(other, to=user), readable(other, [other.fields[each] for each in related.glance], to=user)
    return Table(
        related=related,
        label=str(related.label or capital(other.noun.many)),
        columns=[(capital(one.label), cell_class(one)) for one in columns],
        rows=[_line(other, one, name(one), columns, notes, editable, user, known) for one in records[:MOST]],
        new_url=f"/{other.path}/new?" + urlencode({related.by: record.pk}) if may_add else "",
        new_label=_("New %(noun)s") % {"noun": other.noun.one},
        inputs=_inputs(other, related, user) if may_add else [],
        order_url=f"/settings/order/{other.path}" if other.arranged and may_edit and len(records) > 1 and not closed else "",
        all_url=f"/{other.path}?" + urlencode({"view": "all", "where": f"{related.by} = {record.pk}"}) if len(records) > MOST else "",
    )


def _line(
    other: Entity, record: Any, title: str, columns: Sequence[Field], notes: Sequence[Field], editable: set[str], user: User, known: Titles
) -> Line:
    url, cells = f"/{other.path}/{record.pk}", []
    last = next((one.name for one in reversed(columns) if isinstance(one.k, MoneyKind)), "")
    for one in columns:
        place = " data-main" if one.name == other.title else " data-side" if one.name == last else ""
        html = shown_html(other, one, record, to=user, locale=user.locale, titles=known)
        edit = f"{url}/cell/{one.name}" if record.line_open and one.name in editable else ""
        cells.append(Cell(one, html, edit, cell_class(one) + place))
    may_delete = record.line_open and user.rights.may("delete", other.path)
    below = [one for one in notes if not one.k.is_empty(one.of(record))]
    told = [shown_html(other, one, record, to=user, locale=user.locale, titles=known, whole=True) for one in below]
    return Line(record.pk, title, url, cells, told, f"{url}/delete" if may_delete else "")


def _inputs(other: Entity, related: Related, user: User) -> list[Input]:
    """What a new line is begun with."""
    fields = writable(other, [other.fields[name] for name in related.begun_with], by=user)
    start = {one.name: value for one in fields if (value := one.starting(user)) is not None}
    sheet = Sheet(other, user, values=start, prefix=f"add-{other.path}", titles={})
    return [as_input(sheet, one, small=True) for one in fields]
