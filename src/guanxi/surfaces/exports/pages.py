"""The export of what a list shows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain, islice

from django.http import FileResponse, HttpRequest, HttpResponseBase, StreamingHttpResponse

from guanxi.access.models import User
from guanxi.entity.entity import Entity
from guanxi.entity.field import Field
from guanxi.surfaces.exports.heads import OWN_KEY
from guanxi.surfaces.exports.writing import Cell, columns_for, csv_lines, file_name, table, xlsx_file
from guanxi.surfaces.ordering import Unanswerable, order_of
from guanxi.surfaces.pages import answering, must_see, user_of
from guanxi.surfaces.reading import Query
from guanxi.surfaces.views.asking import ask


@answering
def export(request: HttpRequest, entity: Entity) -> HttpResponseBase:
    """The list as CSV or XLSX: `format`, and `all` for every field instead of the shown columns."""
    user = user_of(request)
    must_see(entity, user, "export")
    asked = ask(request.GET, entity, to=user)
    if asked.problem:
        raise Unanswerable(asked.problem)
    names = [] if "all" in request.GET else [one.name for one in asked.columns]
    lines = lines_of(asked.query, columns_for(entity, names, to=user), user)
    day = user.locale.today
    if request.GET.get("format") == "xlsx":
        return FileResponse(xlsx_file(lines, str(entity.noun.many)), as_attachment=True, filename=file_name(entity, day, "xlsx"))
    response = StreamingHttpResponse(csv_lines(lines), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{file_name(entity, day, "csv")}"'
    return response


def lines_of(query: Query, fields: Sequence[Field], user: User) -> Iterator[list[Cell]]:
    """The rows in the list's order; in the order they were made in where there are too many to sort so. Unanswerable."""
    order_of(query.entity, query.order, to=user)
    try:
        lines = table(query, fields, to=user)
        begun = list(islice(lines, 2))
    except Unanswerable:
        lines = table(replace(query, order=(OWN_KEY,)), fields, to=user)
        begun = list(islice(lines, 2))
    return chain(begun, lines)
