"""The parameters of calls, described once: ninja reads them, the document tells them, and unknown ones are refused."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, get_type_hints

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as _n
from ninja import Schema
from pydantic import Field

from guanxi.base.words import similar
from guanxi.surfaces.api.problems import Problem

LARGEST = 2**63 - 1
CURSOR = Field("", description=_n("“next” of the page before."), max_length=4000)

Operation = Callable[..., HttpResponse]


class Told(Schema):
    """Which part of a record is told."""

    fields: str = Field("", description=_n("Names of fields, separated by commas; all of them when left out."), max_length=4000)
    expand: str = Field(
        "", description=_n("Names of links to tell as {“id”, “title”} instead of the key, separated by commas."), max_length=1000
    )


class Meant(Schema):
    """Which records are meant."""

    condition: str = Field("", description=_n("Which records: a condition as text, or as JSON."), max_length=50_000)
    q: str = Field("", description=_n("Words to search for, as in the search box."), max_length=500)
    view: str = Field(
        "",
        description=_n("A view whose condition, order and columns apply: its number, or its name when it comes with Guanxi."),
        max_length=60,
    )


class Which(Meant):
    """Which records, in which order."""

    order: str = Field(
        "", description=_n("Names of fields to sort by, separated by commas; a minus before one is descending."), max_length=400
    )


class Listed(Which, Told):
    """A page of which records is told."""

    cursor: str = CURSOR
    limit: int = Field(50, description=_n("The most records to tell."), ge=1, le=500)
    count: bool = Field(False, description=_n("Count all records of the list too, up to 10,000."))


FORMATS = ("csv", "xlsx")


class Exported(Which):
    """Which records go into a file, and how."""

    fields: str = Field("", description=_n("Names of fields, separated by commas; all of them when left out."), max_length=4000)
    format: str = Field("csv", description=_n("csv or xlsx."), max_length=4)


class Paged(Schema):
    """A page of something that has one order."""

    cursor: str = CURSOR
    limit: int = Field(50, description=_n("The most to tell."), ge=1, le=500)


class OfFiles(Schema):
    """Which files are told."""

    removed: bool = Field(False, description=_n("Those in the trash instead."))


class Sent(Schema):
    """What is said of a file that is sent as the body."""

    name: str = Field("", description=_n("Its name, when the body is the file itself."), max_length=500)


class OfTable(Sent):
    """How a table is read: what is left out is found."""

    encoding: str = Field("", description=_n("The encoding of the text, such as gb18030; found when left out."), max_length=40)
    delimiter: str = Field("", description=_n("The sign between columns; found when left out."), max_length=4)
    sheet: str = Field("", description=_n("The sheet of a workbook; the first that is not empty when left out."), max_length=100)
    header_row: int | None = Field(
        None, description=_n("The row with the names of columns, 0 for none; found when left out."), ge=0, le=10_000
    )


class OfImport(OfTable):
    """What the rows of a file are, and how it is read."""

    entity: str = Field(description=_n("What its rows are."), max_length=60)
    quote: str | None = Field(None, description=_n("The quotation mark around cells, empty for none; found when left out."), max_length=4)


class OfUpload(OfTable):
    """How a file that is no table of ours is read."""

    columns: str = Field(
        "",
        description=_n(
            "Which column is what, as JSON: its name, its number from 1, or null for none. What is not said is found, or as it was said last."
        ),
        max_length=10_000,
    )
    dates: str = Field("", description=_n("Of dates such as 01/02/2026: “day first” or “month first”."), max_length=20)


class Upserting(Schema):
    """How rows that are refused are treated."""

    partial: bool = Field(False, description=_n("Save the good rows even if others are refused; otherwise all or none."))


class OfEntity(Schema):
    """Which views are listed."""

    entity: str = Field("", description=_n("Only views of this entity."), max_length=60)


class OfFields(Schema):
    """Which custom fields are listed."""

    entity: str = Field("", description=_n("Only fields of this entity."), max_length=60)


class Imports(Paged):
    """Which imports are listed."""

    entity: str = Field("", description=_n("Only imports of this entity."), max_length=60)


class Rehearsed(Schema):
    """How much of a file is tried."""

    rows: int = Field(2000, description=_n("The most rows to try, from the first on."), ge=1, le=5_000)


class OfTemplate(Schema):
    """Of what a template is."""

    entity: str = Field(description=_n("What its rows are."), max_length=60)


class Since(Schema):
    """From where on changes are told."""

    cursor: str = Field(
        "", description=_n("“next” of the call before; “now” to begin here; left out, from the first change on."), max_length=60
    )
    entity: str = Field("", description=_n("Only changes of this entity."), max_length=60)
    limit: int = Field(200, description=_n("The most changes to look at."), ge=1, le=1000)


class OfPeriod(Schema):
    """Of which records figures are told."""

    period: str = Field("", description=_n("2026, 2026-Q4 or 2026-11; the present period when left out."), max_length=10)
    pipeline: str = Field("", description=_n("The number of a pipeline; all of them, or the first, when left out."), max_length=19)
    team: str = Field("", description=_n("The number of a team: of its people and those of teams below it."), max_length=19)
    owner: str = Field("", description=_n("The number of a user whose records are meant."), max_length=19)
    by: str = Field("", description=_n("What figures are told by."), max_length=40)
    measure: str = Field("", description=_n("What is measured, for figures of several measures: a value of that field."), max_length=20)
    product: str = Field("", description=_n("The number of a product, for figures that know products."), max_length=19)
    family: str = Field("", description=_n("A family of products, for figures that know products."), max_length=80)


def of_those(asked: OfPeriod, takes: frozenset[str]) -> dict[str, str]:
    """What is asked, of those parameters that mean something here. Problem."""
    given = {key: value for key, value in asked.model_dump().items() if value}
    for key in sorted(given.keys() - takes):
        message = _("There is no parameter “%(name)s”.") % {"name": key}
        raise Problem("bad-request", message, errors=[(key, message)])
    return given


class Suspected(Schema):
    """Which pairs of records that may be one are listed."""

    show: str = Field("", description=_n("Only those that are likely, possible, later or different."), max_length=20)
    cursor: str = CURSOR
    limit: int = Field(50, description=_n("The most to tell."), ge=1, le=200)


class Sought(Schema):
    """What is searched for."""

    q: str = Field(description=_n("Words, pinyin, initials, digits of a phone, parts of an e-mail."), max_length=200)
    entity: str = Field("", description=_n("Only records of this entity."), max_length=60)
    limit: int = Field(20, description=_n("The most records to tell."), ge=1, le=100)


MEANT = {
    "where": "condition", "filter": "condition", "sort": "order", "order_by": "order", "search": "q", "query": "q",
    "page": "cursor", "after": "cursor", "offset": "cursor", "per_page": "limit", "page_size": "limit", "include": "expand", "select": "fields",
}  # fmt: skip
"""What parameters are called on our pages and in other systems."""


def only_known(operation: Operation) -> Operation:
    """An operation that refuses parameters it does not have: a misspelt filter must not mean no filter."""
    asked = get_type_hints(operation).get("asked")
    known = set(asked.model_fields) if asked else set()

    @wraps(operation)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        for name, values in request.GET.lists():
            if name in known and len(values) > 1:
                message = _("Send “%(name)s” once; several conditions are joined by “and”.") % {"name": name}
                raise Problem("bad-request", message, errors=[{"path": name, "message": message}])
            if name not in known:
                message = _("There is no parameter “%(name)s”.") % {"name": name[:60]}
                near = [MEANT[name]] if MEANT.get(name) in known else similar(name[:60], sorted(known))
                if near:
                    message += " " + _("Did you mean “%(near)s”?") % {"near": near[0]}
                raise Problem("bad-request", message, errors=[{"path": name[:60], "message": message, "suggestions": near}])
        return operation(request, *args, **kwargs)

    return answer
