"""Records as rows of HTML. Cells are formatted by their kind in Python and joined: a template loop would cost several times as much."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from html import escape
from typing import Any

from django.db.models import Case, Value, When

from guanxi.access.models import User
from guanxi.access.sight import clear
from guanxi.access.titles import titles_for
from guanxi.entity.actors import Level, Titles
from guanxi.entity.conditions import ConditionError, Tree, parse
from guanxi.entity.conditions import compile as compile_condition
from guanxi.entity.entity import Entity
from guanxi.entity.field import Field
from guanxi.entity.kinds import Choice, Currency, Day, LongText, Moment, Person, Text, YesNo
from guanxi.surfaces.tones import tag_html, toned

LONGEST = 200


def needed(entity: Entity, columns: Iterable[Field]) -> list[str]:
    """The columns of the table that these fields' values are made of, for `only`."""
    names = {"version", entity.title}
    for one in columns:
        names.add("custom" if one.custom else one.name)
        currency = getattr(one.k, "currency", "")
        if currency and currency in entity.bound:
            names.add(currency)
    return sorted(names)


def marks(entity: Entity, columns: Iterable[Field], *, to: User) -> dict[str, Any]:
    """An expression for each shown field that may be late: whether it is, on this record."""
    late = {one.name: holds(entity, entity.late[one.name], to=to) for one in columns if one.name in entity.late}
    return {f"late_{name}": expression for name, expression in late.items() if expression is not None}


def holds(entity: Entity, text: str, *, to: User) -> Case | None:
    """Whether a record matches a declared condition, as an expression; None when it is about what the reader may not see."""
    try:
        where = compile_condition(_parsed(text), entity, to)
    except ConditionError:
        return None
    return Case(When(where, then=Value(True)), default=Value(False))


@lru_cache(maxsize=200)
def _parsed(text: str) -> Tree:
    return parse(text)


def asking(verbs: Mapping[str, Case]) -> dict[str, Case]:
    """Whether the verbs can be done to a record, under the names by which `rows_html` finds it on one."""
    return {f"allows_{name}": expression for name, expression in verbs.items()}


def rows_html(entity: Entity, records: Sequence[Any], columns: Sequence[Field], *, to: User, verbs: Iterable[str] = ()) -> str:
    """One `<tr>` for each record, which says which of these verbs cannot be done to it; see `asking`."""
    titles = titles_for(records, [one for one in columns if clear(entity, one, to=to)], to=to)
    name = title_for(entity, to=to)
    cells = [_cell(entity, one, place, columns, titles, to=to) for place, one in enumerate(columns)]
    if not any(one.name == entity.title for one in columns):
        cells.insert(0, _main_cell(entity, name))
    asked = [(verb, f"allows_{verb}") for verb in verbs]
    return "".join([_row(record, cells, name, asked) for record in records])


def title_for(entity: Entity, *, to: User) -> Callable[[Any], str]:
    """What a record is called, as far as the reader may know."""
    level = to.rights.level(entity.path, entity.title)
    if level > Level.MASKED:
        return entity.title_of
    field = entity.fields.get(entity.title)
    if level == Level.HIDDEN or field is None:
        return lambda record: f"#{record.pk}"
    return lambda record: field.k.mask(field.of(record)) or f"#{record.pk}"


def _row(record: Any, cells: Sequence[Callable[[Any], str]], name: Callable[[Any], str], verbs: Sequence[tuple[str, str]]) -> str:
    key = record.pk
    cannot = " ".join([verb for verb, attribute in verbs if not getattr(record, attribute)])
    return (
        f'<tr id="r{key}" data-id="{key}" data-version="{record.version}" data-cannot="{cannot}"><td class="check">'
        f'<input type="checkbox" value="{key}" aria-label="{escape(name(record))}"></td>'
        f"{''.join([cell(record) for cell in cells])}</tr>"
    )


def _main_cell(entity: Entity, name: Callable[[Any], str]) -> Callable[[Any], str]:
    path = entity.path
    return lambda record: f'<td data-main><a href="/{path}/{record.pk}">{escape(name(record))}</a></td>'


def _cell(entity: Entity, field: Field, place: int, columns: Sequence[Field], titles: Titles, *, to: User) -> Callable[[Any], str]:
    """What turns a record into the `<td>` of this field."""
    kind, locale = field.k, to.locale
    of, html, is_clear = kind.of, kind.html, clear(entity, field, to=to)
    if field.name == entity.title:
        return _main_cell(entity, title_for(entity, to=to))
    opening = f"<td{cell_class(field)}{_small(columns, place)}>"
    if not is_clear:
        return lambda record: f"{opening}{escape(kind.mask(of(field, record)))}</td>"
    tones = toned(field)
    if tones is not None:
        return remembering(lambda value: f"{opening}{tag_html(field, value, tones, titles)}</td>", field)
    if type(kind) is LongText:
        return lambda record: f"{opening}{escape(str(of(field, record) or '')[:LONGEST])}</td>"
    if field.name in entity.late:
        late, late_opening = f"late_{field.name}", opening.replace('class="', 'class="late ')

        def dated(record: Any) -> str:
            start = late_opening if getattr(record, late, False) else opening
            return f"{start}{html(of(field, record), locale, titles)}</td>"

        return dated
    if isinstance(kind, (Choice, Person, YesNo, Currency)):
        return remembering(lambda value: f"{opening}{html(value, locale, titles)}</td>", field)
    return lambda record: f"{opening}{html(of(field, record), locale, titles)}</td>"


def remembering(shown: Callable[[Any], str], field: Field) -> Callable[[Any], str]:
    """What turns a record into HTML by a field with few values: each value is formatted once a page."""
    known: dict[Any, str] = {}
    of = field.k.of

    def cell(record: Any) -> str:
        value = of(field, record)
        html = known.get(value)
        if html is None:
            html = known[value] = shown(value)
        return html

    return cell


def cell_class(field: Field) -> str:
    """The class of a field's cells, as an attribute."""
    kind = field.k
    if kind.numeric:
        return ' class="num"'
    if isinstance(kind, (Day, Moment)):
        return ' class="date"'
    if isinstance(kind, LongText):
        return ' class="long dim"'
    return ' class="dim"' if type(kind) is Text else ""


def _small(columns: Sequence[Field], place: int) -> str:
    """Where the cell goes on the phone, where a row is two lines: at the side, or on the second line, which shows the first two that say something."""
    side = next((at for at, one in enumerate(columns) if one.k.numeric), None)
    if side is None:
        side = next((at for at, one in enumerate(columns) if isinstance(one.k, (Day, Moment))), None)
    if place == side:
        return " data-side"
    others = [at for at, one in enumerate(columns) if at not in {0, side} and not isinstance(one.k, LongText)]
    return " data-second" if place in others[:3] else ""
