"""The table: rows a page at a time, what can be sorted and edited, and what lies below it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from django.db.models import Case
from django.http import HttpRequest, HttpResponse
from django.utils.html import escape
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from guanxi.access.sight import changeable
from guanxi.entity.field import Field
from guanxi.surfaces.bulk.acts import offers, possible
from guanxi.surfaces.listing.frame import in_words, respond
from guanxi.surfaces.listing.rows import asking, cell_class, marks, needed, rows_html
from guanxi.surfaces.ordering import order_of, orderable
from guanxi.surfaces.reading import Page, page
from guanxi.surfaces.views.asking import Asked
from guanxi.surfaces.views.view import View, address

LIMIT = 50


def table(request: HttpRequest, asked: Asked) -> HttpResponse:
    """The page, or with `after` only the rows that follow."""
    after = request.GET.get("after") or None
    if asked.problem:
        return respond(request, asked, "surfaces/listing/table.html", status=422, rows="", columns=asked.columns)
    columns, verbs = asked.columns, possible(asked.entity, by=asked.user)
    found = read(asked, columns, verbs, after=after)
    html = mark_safe(rows_html(asked.entity, found.records, columns, to=asked.user, verbs=verbs) + _more(asked, columns, found))  # noqa: S308 - cells escape
    if after and request.headers.get("HX-Request") == "true":
        return HttpResponse(html)
    return respond(
        request, asked, "surfaces/listing/table.html",
        rows=html,
        head=mark_safe(_head(asked, columns)),  # noqa: S308 - labels are escaped
        empty=not found.records and not after,
        in_words=in_words(asked) if not found.records else "",
        here=address(asked.view, asked.base),
        bulk=offers(asked),
        edit_url=f"/{asked.entity.path}/{{id}}/cell/{{field}}?columns={','.join(one.name for one in columns)}",
        row_url=f"/{asked.entity.path}/{{id}}/row?columns={','.join(one.name for one in columns)}",
        clear_url=address(replace(asked.view, condition=None, search=""), asked.base),
    )  # fmt: skip


def read(asked: Asked, columns: Sequence[Field], verbs: Mapping[str, Case], *, after: str | None) -> Page:
    """One page of records with what these columns show, and whether these verbs can be done to each."""
    entity, user = asked.entity, asked.user
    only, also = needed(entity, columns), {**marks(entity, columns, to=user), **asking(verbs)}
    return page(asked.query, to=user, after=after, limit=LIMIT, only=only, also=also)


def _more(asked: Asked, columns: Sequence[Field], found: Page) -> str:
    """The row that fetches the next page when it comes near; a link where there are no scripts."""
    if found.next is None:
        return ""
    url = escape(address(asked.view, asked.base, after=found.next))
    return (
        f'<tr class="more"><td colspan="{len(columns) + 1}"><span class="sentinel" hx-get="{url}" hx-trigger="intersect once" '
        f'hx-target="closest tr" hx-swap="outerHTML" hx-push-url="false"></span><a href="{url}">{escape(_("More"))}</a></td></tr>'
    )


def _head(asked: Asked, columns: Sequence[Field]) -> str:
    entity, view, base, user = asked.entity, asked.view, asked.base, asked.user
    sortable = {one.name for one in orderable(entity, to=user)}
    editable = {one.name for one in changeable(entity, columns, by=user)} if user.rights.may("edit", entity.path) else set()
    order = order_of(asked.query.entity, asked.query.order, to=user)
    first = ("-" if order[0].descending else "") + order[0].field.name
    cells = [f'<th class="check"><input type="checkbox" aria-label="{escape(_("Select all"))}"></th>']
    if not any(one.name == entity.title for one in columns):
        cells.append("<th data-main></th>")
    for one in columns:
        label: str = escape(one.label)
        edit = " data-edit" if one.name in editable else ""
        main = " data-main" if one.name == entity.title else ""
        at_first = one.name == first.removeprefix("-")
        sort = "" if not at_first else ' aria-sort="descending"' if first.startswith("-") else ' aria-sort="ascending"'
        if one.name in sortable:
            label = _sort_link(view, base, one, first, label)
        cells.append(f'<th scope="col" data-field="{one.name}"{edit}{main}{sort}{cell_class(one)}>{label}</th>')
    return "".join(cells)


def _sort_link(view: View, base: View, one: Field, first: str, label: str) -> str:
    to = f"-{one.name}" if first == one.name else one.name
    url = escape(address(replace(view, order=(to,)), base))
    arrow = ""
    if first.removeprefix("-") == one.name:
        arrow = f'<span aria-hidden="true">{"↓" if first.startswith("-") else "↑"}</span>'
    return f'<a href="{url}" hx-get="{url}">{label}{arrow}</a>'
