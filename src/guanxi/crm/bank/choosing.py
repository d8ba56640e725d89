"""The page on which a clerk says what the columns of a statement are: when they are not clear, or were found wrongly."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django.core import signing
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from guanxi.access.models import User
from guanxi.access.rights import company
from guanxi.access.sight import clear
from guanxi.base.moments import format_day
from guanxi.base.money import format_money
from guanxi.crm.bank.columns import LABELS
from guanxi.crm.bank.layouts import DAY_FIRST, MONTH_FIRST, Layout, chosen, header_of, look_at, proposed, unclear
from guanxi.crm.bank.reading import read
from guanxi.crm.bank.taking import Taken, check_may_take, take_file
from guanxi.entity.registry import entity_named
from guanxi.record.keeping import held, hold
from guanxi.record.refusals import Forbidden, Refused
from guanxi.surfaces.answers import go, one_submit, undo_of
from guanxi.surfaces.imports.receiving import reading_from
from guanxi.surfaces.imports.remarks import UnreadableTable
from guanxi.surfaces.imports.showing import ways_of_reading
from guanxi.surfaces.imports.study import Study
from guanxi.surfaces.pages import answering, must_see, render, user_of

NEEDED = ("booked_on", "amount", "currency", "payer", "text")
"""Without these the pages say nothing: who may not read them has no such page."""
SALT = "bank statement"
HELD_FOR = 20 * 60 * 60
"""Seconds for which a file waits for its columns; less than uploads are held."""
SHOWN, SAMPLES = 5, 3


def must_see_lines(user: User) -> None:
    """Forbidden, Missing for who may not read what a line says."""
    entity = entity_named("bank_lines")
    must_see(entity, user)
    if not all(clear(entity, entity.field(name), to=user) for name in NEEDED):
        raise Forbidden(_("You may not read the lines of bank statements."))


def uploaded(request: HttpRequest, file: UploadedFile[Any], user: User) -> HttpResponse:
    """A statement taken in, or held while its columns are chosen. Refused, Forbidden."""
    check_may_take(user)
    name, kept = file.name or "statement", hold(file.chunks())
    path = held(kept)
    assert path is not None
    try:
        if "look" in request.POST or _is_unclear(path):
            token = signing.dumps([kept, name, user.pk], salt=SALT)
            return go(request, "/payments/bank/columns?" + urlencode({"file": token}))
        return _take(request, name, path, user)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _is_unclear(path: Path) -> bool:
    """Whether somebody must say what the columns are. Refused."""
    try:
        study = look_at(path, {})
    except UnreadableTable as unreadable:
        raise Refused({"file": str(unreadable)}) from None
    return bool(study.inspection.row_count and unclear(study, proposed(study)))


def _take(request: HttpRequest, name: str, path: Path, user: User, **how: Any) -> HttpResponse:
    origin = one_submit()
    taken = take_file(name, path, by=user, origin=origin, **how)
    path.unlink(missing_ok=True)
    return go(request, "/payments/bank", _told(taken), undo=undo_of(origin) if taken.new else "")


def _told(taken: Taken) -> str:
    said = [ngettext("%(count)d new line.", "%(count)d new lines.", taken.new) % {"count": taken.new}]
    if taken.received < taken.new:
        said.append(_("%(count)d of them received.") % {"count": taken.received})
    if known := taken.known - taken.otherwise:
        said.append(ngettext("%(count)d was known already.", "%(count)d were known already.", known) % {"count": known})
    if taken.otherwise:
        words = ngettext(
            "%(count)d is here as it was read before, with other columns: delete it there to have it read anew.",
            "%(count)d are here as they were read before, with other columns: delete them there to have them read anew.",
            taken.otherwise,
        )
        said.append(words % {"count": taken.otherwise})
    return " ".join([*said, taken.left_out]).strip()


@answering
@require_http_methods(["GET", "POST"])
def columns(request: HttpRequest) -> HttpResponse:
    """What each column is, with its first values and the first lines as they would be read; then the file is taken in."""
    user = user_of(request)
    must_see_lines(user)
    check_may_take(user)
    kept, name = _sent(request, user)
    path = held(kept) if kept else None
    if path is None:
        return go(request, "/payments/bank", _("The file has been cleared away meanwhile; choose it again."))
    sent, problems = request.POST, dict[str, str]()
    study, reading, unreadable = _study(path, sent)
    layout = proposed(study)
    if unreadable:
        problems = {"file": unreadable}
    elif request.method == "POST" and "reread" not in sent and sent.get("header") == _shown(study):
        try:
            layout = chosen(study, [sent.get(f"column-{place}", "") for place in range(len(study.formats))], sent.get("dates", ""))
            if "take" in sent:
                return _take(request, name, path, user, reading=reading, choose=lambda _study: layout)
        except Refused as refusal:
            problems = dict(refusal.errors)
    problems = problems or unclear(study, layout)
    context = _context(path, study, layout, user, problems) | {"one": {"name": name}}
    response = render(request, "crm/bank_columns.html", **context)
    response.status_code = 422 if problems and request.method == "POST" else 200
    return response


def _sent(request: HttpRequest, user: User) -> tuple[str, str]:
    """The name under which the file of this person is held, and its own; empty when the address tells none."""
    try:
        kept, name, owner = signing.loads(request.GET.get("file", ""), salt=SALT, max_age=HELD_FOR)
    except signing.BadSignature:
        return "", ""
    return (kept, name) if owner == user.pk else ("", "")


def _study(path: Path, sent: Mapping[str, Any]) -> tuple[Study, dict[str, Any], str]:
    """The file as the person has it read, how that is, and why it cannot be read so: then as it was found."""
    study = look_at(path, {})
    reading = reading_from(sent, {}, study.inspection)
    if reading:
        try:
            return look_at(path, reading), reading, ""
        except UnreadableTable as unreadable:
            return study, {}, str(unreadable)
        except Refused as refusal:
            return study, {}, str(refusal)
    return study, {}, ""


def _shown(study: Study) -> str:
    """Tells whether the columns that the page showed are those of the file as it is read now."""
    return f"{header_of(study)[:12]}-{len(study.formats)}"


def _context(path: Path, study: Study, layout: Layout, user: User, problems: Mapping[str, str]) -> dict[str, Any]:
    inspection = study.inspection
    told = []
    for place, column in enumerate(inspection.columns):
        samples = [str(row[place]) for row in inspection.samples if row[place] not in (None, "")][:SAMPLES]
        told.append({"place": place, "name": column, "samples": samples, "role": layout.role_of(place)})
    days = layout.places.get("day")
    shape = study.formats[days[0]] if days else None
    preview = None if problems else _preview(path, study, layout, user)
    return {
        "columns": told, "roles": list(LABELS.items()), "problems": list(problems.values()), "inspection": inspection,
        "header": _shown(study), "preview": preview, "dates": "" if layout.day_first is None else DAY_FIRST if layout.day_first else MONTH_FIRST,
        "unsure": shape is not None and (shape.ambiguous or shape.month_first_too), "orders": ((DAY_FIRST, _("The day comes first")), (MONTH_FIRST, _("The month comes first"))),
        **ways_of_reading(inspection),
    }  # fmt: skip


def _preview(path: Path, study: Study, layout: Layout, user: User) -> dict[str, Any]:
    """The first lines as they would be read."""
    try:
        found = read(path, study, layout, company().currency, by=user, most=SHOWN)
    except (Refused, UnreadableTable) as wrong:
        return {"wrong": str(wrong)}
    return {"lines": [_line(one, user) for one in found.lines], "wrong": found.told()}


def _line(values: Mapping[str, Any], user: User) -> dict[str, Any]:
    language = user.locale.language
    return {
        "day": format_day(values["booked_on"], user.locale.today, language),
        "amount": format_money(values["amount"], values["currency"], language),
        "payer": values["payer"],
        "text": " · ".join(part for part in (values["text"], values["reference"]) if part),
    }
