"""The page on which the yearly spreadsheet of targets is taken in."""

from __future__ import annotations

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from guanxi.crm.forecast.spans import containing
from guanxi.crm.targets.measures import MEASURES
from guanxi.crm.targets.sheet import take
from guanxi.entity.registry import entity_named
from guanxi.record.refusals import Refused
from guanxi.surfaces.answers import go, one_submit, undo_of
from guanxi.surfaces.pages import answering, must_see, render, user_of


@answering
@require_http_methods(["GET", "POST"])
def sheet(request: HttpRequest) -> HttpResponse:
    """Targets out of a spreadsheet: a row for each person or team, a column for each month or quarter."""
    user, problem = user_of(request), ""
    must_see(entity_named("targets"), user, "import")
    span = containing(user.locale.today, "year")
    typed = {"measure": request.POST.get("measure", "won_amount"), "year": request.POST.get("year", span.name)}
    if request.method == "POST":
        file, origin = request.FILES.get("file"), one_submit()
        if not isinstance(file, UploadedFile):
            problem = _("Choose a file first.")
        else:
            try:
                taken = take(file.name or "targets", file.chunks(), measure=typed["measure"], year=typed["year"], by=user, origin=origin)
            except Refused as refusal:
                problem = str(refusal)
            else:
                said = ngettext("%(count)d target is set.", "%(count)d targets are set.", taken.written) % {"count": taken.written}
                return go(request, "/targets", f"{said} {taken.left_out}".strip(), undo=undo_of(origin) if taken.written else "")
    years = [span.moved(count) for count in (-1, 0, 1)]
    measures = [(name, str(one.label), name == typed["measure"]) for name, one in MEASURES.items()]
    named = [(one.name, one.label(user.locale.language), one.name == typed["year"]) for one in years]
    response = render(request, "crm/target_sheet.html", problem=problem, measures=measures, years=named)
    response.status_code = 422 if problem else 200
    return response
