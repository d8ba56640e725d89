"""Records as cards, and lane heads, in HTML. Joined in Python like the rows of a list."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from typing import Any

from django.utils.translation import gettext as _

from guanxi.access.models import User
from guanxi.access.sight import clear, readable
from guanxi.access.titles import titles_for
from guanxi.base.money import format_money
from guanxi.base.words import initials_of
from guanxi.entity.actors import Titles
from guanxi.entity.entity import Entity
from guanxi.entity.field import Field
from guanxi.entity.kinds import Day, Link, Moment, Person
from guanxi.surfaces.board.lanes import Head, Lane
from guanxi.surfaces.listing.rows import remembering, title_for


def card_fields(entity: Entity, *, to: User) -> list[Field]:
    """What a card shows besides the title."""
    chosen = [one for one in entity.fields.values() if one.card and one.name != entity.title]
    return readable(entity, chosen or [one for one in entity.glance if one.name != entity.title][:4], to=to)


def cards_html(entity: Entity, records: Sequence[Any], fields: Sequence[Field], *, to: User, movable: bool = True) -> list[str]:
    """One `<li class="card">` for each record."""
    titles = titles_for(records, [one for one in fields if clear(entity, one, to=to)], to=to)
    name = title_for(entity, to=to)
    lines = [_part(entity, one, titles, to=to) for one in fields if not _below(one)]
    below = sorted((one for one in fields if _below(one)), key=_place)
    bottom = [_part(entity, one, titles, to=to) for one in below]
    fixed = "" if movable else " data-fixed"
    return [_card(entity, record, name(record), lines, bottom, fixed) for record in records]


def _card(
    entity: Entity, record: Any, name: str, lines: Sequence[Callable[[Any], str]], bottom: Sequence[Callable[[Any], str]], fixed: str
) -> str:
    key, title = record.pk, escape(name)
    stuck = getattr(record, "card_stuck", False)
    mark = f'<span class="sr">{escape(_("Stuck"))}</span>' if stuck else ""
    middle = "".join([f"<p>{text}</p>" for line in lines if (text := line(record))])
    last = "".join([part(record) for part in bottom])
    return (
        f'<li class="card{" stuck" if stuck else ""}" id="c{key}" data-id="{key}" data-version="{record.version}" data-name="{title}"{fixed}>'
        f'<a href="/{entity.path}/{key}">{title}</a>{mark}{middle}<div class="line">{last}</div></li>'
    )


def _below(one: Field) -> bool:
    return one.k.numeric or isinstance(one.k, (Day, Moment, Person))


def _place(one: Field) -> int:
    return 0 if one.k.numeric else 1 if isinstance(one.k, (Day, Moment)) else 2


def _part(entity: Entity, one: Field, titles: Titles, *, to: User) -> Callable[[Any], str]:
    """What turns a record into this field's part of a card."""
    kind, locale = one.k, to.locale
    of, is_clear = kind.of, clear(entity, one, to=to)

    def text(record: Any) -> str:
        value = of(one, record)
        return escape(kind.format(value, locale, titles) if is_clear else kind.mask(value))

    if kind.numeric:
        return lambda record: f'<b class="num">{text(record)}</b><span class="grow"></span>'
    if isinstance(kind, Person) and is_clear:
        return remembering(lambda key: _avatar(key, titles), one)
    if isinstance(kind, (Day, Moment)):
        late, label = f"late_{one.name}", escape(str(one.label))
        return lambda record: f'<span{" class=late" if getattr(record, late, False) else ""} title="{label}">{text(record)}</span>'
    if isinstance(kind, Link) or not is_clear:
        return text
    return lambda record: kind.html(of(one, record), locale, titles)


def _avatar(key: int | None, titles: Titles) -> str:
    if key is None:
        return ""
    name = titles.get(("users", key), "")
    return f'<span class="av av-{key % 12}" title="{escape(name)}" role="img" aria-label="{escape(name)}">{escape(initials_of(name) if name else "?")}</span>'


def head_html(lane: Lane, head: Head | None, *, to: User, swapped: bool = False, summed: bool = True) -> str:
    """What stands above a lane; without `head`, the place for what is fetched later."""
    told = not lane.shut or (head is not None and head.number > 0)
    number = f"{head.number:,}" if head and told else ""
    oob = ' hx-swap-oob="true"' if swapped else ""
    tone = f" {lane.tone}" if lane.tone else ""
    parts = [
        f'<header id="lane-head-{escape(lane.key)}"{oob}><h2 id="lane-{escape(lane.key)}"><span class="tag{tone}"><i></i>{escape(lane.label)}</span> '
        f'<span class="n">{number}</span></h2>'
    ]
    if summed and told:
        parts.append(_sums(head, to=to))
    parts.append("</header>")
    return "".join(parts)


def _sums(head: Head | None, *, to: User) -> str:
    total = amounts(head.total, to=to) if head else ""
    weighted = amounts(head.weighted, to=to) if head else ""
    said: str = escape(total)
    if weighted and weighted != total:
        said += " · " + escape(_("weighted %(amount)s") % {"amount": weighted})
    share = head.share if head else None
    label = escape(_("Weighted, of the total"))
    meter = f'<progress class="thin" max="100" value="{share or 0}" aria-label="{label}"></progress>'
    return f'<p class="sum num clip" title="{said}">{said or "&nbsp;"}</p>{meter}'


def amounts(pairs: Sequence[tuple[Any, str]], *, to: User) -> str:
    """Sums of several currencies, side by side: one cannot be added to another."""
    return " + ".join(format_money(amount, currency or to.locale.currency, to.locale.language) for amount, currency in pairs)
