"""Lists as files, for programs: what the page exports, with its rights."""

from __future__ import annotations

from django.http import FileResponse, HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as _n
from ninja import Query as Asked
from ninja import Router

from guanxi.record.refusals import Forbidden
from guanxi.surfaces.api.addressed import entity_for
from guanxi.surfaces.api.answers import caller_of
from guanxi.surfaces.api.parameters import FORMATS, Exported
from guanxi.surfaces.api.problems import Problem
from guanxi.surfaces.api.records import order_checked, query_of, view_of
from guanxi.surfaces.api.rows import Sheet
from guanxi.surfaces.exports.pages import lines_of
from guanxi.surfaces.exports.writing import columns_for, csv_lines, file_name, xlsx_file

router = Router()


@router.get("/{entity}/export", operation_id="export", summary=_n("Export %(many)s as a file"))
def export_records(request: HttpRequest, entity: str, asked: Asked[Exported]) -> HttpResponseBase:
    """CSV or XLSX of all records that match and that the caller may export. Links stand by their titles; imported again, it changes nothing."""
    caller = caller_of(request)
    kind = entity_for(entity, caller)
    if not caller.user.rights.may("export", kind.path):
        raise Forbidden(_("You may not do this with %(many)s.") % {"many": kind.noun.many})
    if asked.format not in FORMATS:
        message = _("Choose one of these.") + " " + ", ".join(FORMATS)
        raise Problem("bad-request", message, errors=[("format", message)])
    view = view_of(kind, asked.view, caller)
    sheet = Sheet(kind, caller.user, asked.fields)
    query = query_of(asked, kind, view, order=asked.order)
    order_checked(query, caller.user)
    lines = lines_of(query, columns_for(kind, [one.name for one in sheet.fields] if sheet.chosen else [], to=caller.user), caller.user)
    name = file_name(kind, caller.user.locale.today, asked.format)
    if asked.format == "xlsx":
        return FileResponse(xlsx_file(lines, str(kind.noun.many)), as_attachment=True, filename=name)
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingHttpResponse(csv_lines(lines), content_type="text/csv; charset=utf-8", headers=headers)
