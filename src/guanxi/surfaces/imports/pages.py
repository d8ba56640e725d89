"""The import in the browser: choose a file, see how it is read, where columns go, what would happen; run it, follow it, take it back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from guanxi.access.models import User
from guanxi.entity.entity import Entity
from guanxi.entity.registry import entity_named
from guanxi.surfaces.exports.writing import csv_lines
from guanxi.surfaces.imports import showing
from guanxi.surfaces.imports.actor import imports_of
from guanxi.surfaces.imports.model import Import, labels_of
from guanxi.surfaces.imports.plan import MISSING, ON_MATCH, UNREADABLE, Wishes
from guanxi.surfaces.imports.receiving import choose, read_again, reading_from, receive
from guanxi.surfaces.imports.remarks import UnreadableTable
from guanxi.surfaces.imports.running import rehearse, study_of
from guanxi.surfaces.imports.tasks import discard, revert_later, run_later, stop
from guanxi.surfaces.pages import answering, must_see, render, toast, user_of

REHEARSED = 2000


@answering
def start(request: HttpRequest, entity: Entity) -> HttpResponse:
    """Choose a file; the imports made before."""
    user = user_of(request)
    must_see(entity, user, "import")
    problem = ""
    if request.method == "POST":
        file = request.FILES.get("file")
        if isinstance(file, UploadedFile):
            try:
                one = receive(entity, file.name or "table", file.chunks(), by=user)
                return redirect("import-columns", key=one.pk)
            except UnreadableTable as unreadable:
                problem = str(unreadable)
        else:
            problem = _("Choose a file first.")
    context = showing.first_step(entity, user) | {"problem": problem}
    response = render(request, "surfaces/imports/start.html", entity=entity, **context)
    response.status_code = 422 if problem else 200
    return response


@answering
def template(request: HttpRequest, entity: Entity) -> HttpResponseBase:
    """An empty table with a column for every field, to be filled."""
    user = user_of(request)
    must_see(entity, user, "import")
    response = StreamingHttpResponse(csv_lines(iter([showing.heads(entity, user)])), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{entity.path}.csv"'
    return response


def own(request: HttpRequest, key: int) -> tuple[Import, User]:
    """The import, when it is this person's, or for an administrator."""
    user = user_of(request)
    one = imports_of(user).filter(pk=key).first()
    if one is None:
        raise Http404(_("There is no such import."))
    must_see(entity_named(one.entity), user, "import")
    return one, user


@answering
def columns(request: HttpRequest, key: int) -> HttpResponse:
    """How the file is read and where its columns go; a rehearsal of the first rows."""
    one, user = own(request, key)
    if one.state != "draft":
        return redirect("import", key=key)
    problem, rehearsal = "", None
    if request.method == "POST":
        problem = _chosen(one, request, by=user)
        if not problem and "run" in request.POST:
            run_later(one)
            return redirect("import", key=key)
        if not problem and "check" in request.POST:
            rehearsal = rehearse(one, by=user, limit=REHEARSED)
    response = render(request, "surfaces/imports/columns.html", one=one, problem=problem, **showing.second_step(one, user, rehearsal))
    response.status_code = 422 if problem else 200
    return response


def _chosen(one: Import, request: HttpRequest, *, by: User) -> str:
    """Keep what the person chose; what is wrong with it."""
    posted, now = request.POST, study_of(one).inspection
    if "reread" in posted:
        try:
            read_again(one, reading_from(posted, one.reading, now), by=by)
        except UnreadableTable as unreadable:
            return str(unreadable)
        return ""
    places = []
    for index in range(len(now.columns)):
        field, _slash, part = posted.get(f"column-{index}", "").partition("/")
        places.append((field, part or None) if field else None)
    problem = choose(one, places, by=by)
    wishes = Wishes.from_json(one.wishes).to_json()
    mapped = {place[0] for place in one.mapping if place}
    wishes["match"] = [name for name in posted.getlist("match") if name in mapped]
    wishes["on_match"] = posted.get("on_match") if posted.get("on_match") in ON_MATCH else "update"
    wishes["missing_by_field"] = {
        name.removeprefix("missing-"): value for name, value in posted.items() if name.startswith("missing-") and value in MISSING
    }
    wishes["day_first"] = {"day": True, "month": False}.get(posted.get("day_first", ""))
    wishes["unreadable"] = posted.get("unreadable") if posted.get("unreadable") in UNREADABLE else "reject"
    wishes["names"] = _decided(posted)
    wishes["values"] = _meant(posted, entity_named(one.entity))
    one.wishes = wishes
    one.save(update_fields=["mapping", "wishes"])
    return problem


def _decided(posted: Any) -> dict[str, dict[str, int]]:
    """Names the person accepted: `name-field=the name in the file`, beside it `key-field`."""
    found: dict[str, dict[str, int]] = {}
    for field in {name.removeprefix("name-") for name in posted if name.startswith("name-")}:
        for name, key in zip(posted.getlist(f"name-{field}"), posted.getlist(f"key-{field}"), strict=False):
            if key.isascii() and key.isdigit() and len(key) < 19:
                found.setdefault(field, {})[name] = int(key)
    return found


def _meant(posted: Any, entity: Entity) -> dict[str, dict[str, str]]:
    """Texts the person gave a choice: `text-field=the text in the file`, beside it `choice-field`; `-` leaves the field empty."""
    found: dict[str, dict[str, str]] = {}
    for field in {name.removeprefix("text-") for name in posted if name.startswith("text-")} & set(entity.fields):
        for text, choice in zip(posted.getlist(f"text-{field}"), posted.getlist(f"choice-{field}"), strict=False):
            if choice == "-" or choice in showing.choices_of(entity.fields[field]):
                found.setdefault(field, {})[text] = choice.removeprefix("-")
    return found


@answering
def progress(request: HttpRequest, key: int) -> HttpResponse:
    """How far an import is, or how it ended."""
    one, user = own(request, key)
    if one.state == "draft":
        return redirect("import-columns", key=key)
    return render(request, "surfaces/imports/progress.html", "state", one=one, **showing.last_step(one, user))


@answering
@require_POST
def act(request: HttpRequest, key: int, action: str) -> HttpResponse:
    """Stop, go on, take back, or throw a draft away."""
    one, _user = own(request, key)
    if action == "stop":
        stop(one)
        return toast(redirect("import", key=key), _("Stopped. What was brought in stays; it can go on or be reverted."))
    if action == "go-on":
        run_later(one)
    elif action == "revert":
        revert_later(one)
    elif action == "discard" and one.state == "draft":
        discard(one)
        return redirect("import-start", entity=entity_named(one.entity))
    else:
        raise Http404
    return redirect("import", key=key)


@answering
def rejected(request: HttpRequest, key: int) -> HttpResponseBase:
    """The rejected rows as a file: row number, reason, and the cells as they were."""
    one, _user = own(request, key)
    response = StreamingHttpResponse(rejected_lines(one), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="rejected-{one.pk}.csv"'
    return response


def rejected_lines(one: Import) -> Iterator[bytes]:
    """The rejected rows as CSV, in the language in force now; corrected, the file can be imported as it is."""
    heads: list[Any] = [_("Row"), _("Why it was rejected"), *study_of(one).inspection.columns]
    labels = labels_of(one.entity)

    def lines() -> Iterator[list[Any]]:
        yield heads
        for row in one.rejections.iterator(chunk_size=500):
            yield [row.number, row.worded(labels), *("" if cell is None else str(cell) for cell in row.values)]

    return csv_lines(lines())
