"""What a person does with the files of a record: add, look, save, rename, put in the trash and back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render as render_template
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from guanxi.access.models import User
from guanxi.base.files import clean_name
from guanxi.entity.entity import Entity
from guanxi.record.changes import Origin
from guanxi.record.files import add, file_of, files_of, remove, removed_from, rename, restore
from guanxi.record.keeping import staged
from guanxi.record.models import File
from guanxi.record.reach import reachable
from guanxi.record.refusals import Forbidden, Refused
from guanxi.surfaces.answers import announce, by_htmx, go, one_submit, undo_of, url_of
from guanxi.surfaces.files.block import shown, url_of_files
from guanxi.surfaces.files.serving import serve
from guanxi.surfaces.listing.rows import title_for
from guanxi.surfaces.pages import answering, fire, must_see, record_or_404, toast, user_of


@answering
@require_http_methods(["GET", "POST"])
def files(request: HttpRequest, entity: Entity, key: int) -> HttpResponse:
    """Take what was sent, each file by itself: one that is refused keeps no other out. Asked for, it leads to the record."""
    user, record = _seen(request, entity, key)
    if request.method == "GET":
        return HttpResponseRedirect(url_of(record))
    origin = one_submit()
    made, refusals = _take(record, request.FILES.getlist("file"), by=user, origin=origin)
    if not made:
        raise Refused({"": " ".join(refusals) or _("Choose a file.")})
    one = len(made) == 1
    said = _("“%(name)s” is added.") % {"name": made[0].name} if one else _("%(count)d files are added.") % {"count": len(made)}
    return _done(request, entity, record, " ".join([said, *refusals]), origin, level="warn" if refusals else "good")


def _take(record: Any, sent: Iterable[UploadedFile[Any]], *, by: User, origin: Origin) -> tuple[list[File], list[str]]:
    made, refusals = [], []
    for one in sent:
        name = one.name or ""
        try:
            with staged(one.chunks()) as upload:
                made.append(add(record, name, upload, by=by, origin=origin))
        except Refused as refusal:
            refusals.append(f"{clean_name(name)}: {' '.join(refusal.errors.values())}")
    return made, refusals


@answering
@require_GET
def download(request: HttpRequest, entity: Entity, key: int, number: int) -> HttpResponseBase:
    """The file, to be saved."""
    user, record = _seen(request, entity, key)
    return serve(request, file_of(record, number, to=user))


@answering
@require_GET
def inline(request: HttpRequest, entity: Entity, key: int, number: int) -> HttpResponseBase:
    """An image or a PDF as it is, for the preview; anything else to be saved."""
    user, record = _seen(request, entity, key)
    return serve(request, file_of(record, number, to=user), inline=True)


@answering
@require_GET
def preview(request: HttpRequest, entity: Entity, key: int, number: int) -> HttpResponse:
    """The file shown in the dialog, with the way to the one before and after it."""
    user, record = _seen(request, entity, key)
    file = file_of(record, number, to=user)
    lines = [shown(entity, one, user) for one in files_of(record, to=user)]
    shown_ones = [one for one in lines if one.preview_url or one.key == file.pk]
    at = next((place for place, one in enumerate(shown_ones) if one.key == file.pk), 0)
    context = {
        "file": shown(entity, file, user),
        "image": file.media_type.startswith("image/"),
        "newer": shown_ones[at - 1] if at else None,
        "older": shown_ones[at + 1] if at + 1 < len(shown_ones) else None,
        "back": url_of(record),
    }
    return _dialog(request, "preview", context)


@answering
@require_http_methods(["GET", "POST"])
def rename_file(request: HttpRequest, entity: Entity, key: int, number: int) -> HttpResponse:
    """Ask for another name, or take it."""
    user, record = _seen(request, entity, key)
    file, typed, error = file_of(record, number, to=user), "", ""
    if request.method == "POST":
        typed, origin = request.POST.get("name", "")[:500], one_submit()
        try:
            renamed = rename(file, typed, by=user, origin=origin)
        except Refused as refusal:
            error = " ".join(refusal.errors.values())
        else:
            return _done(request, entity, record, _("Its name is “%(name)s” now.") % {"name": renamed.name}, origin)
    else:
        _must_edit(entity, key, user)
    context = {"file": shown(entity, file, user), "typed": typed or file.name, "error": error, "back": url_of(record)}
    return _dialog(request, "rename", context, status=422 if error else 200)


@answering
@require_POST
def remove_file(request: HttpRequest, entity: Entity, key: int, number: int) -> HttpResponse:
    """Into the trash, with a way back."""
    user, record = _seen(request, entity, key)
    origin = one_submit()
    file = remove(file_of(record, number, to=user), by=user, origin=origin)
    return _done(request, entity, record, _("“%(record)s” is in the trash.") % {"record": file.name}, origin)


@answering
@require_POST
def restore_file(request: HttpRequest, entity: Entity, key: int, number: int) -> HttpResponse:
    """Out of the trash."""
    user, record = _seen(request, entity, key)
    origin = one_submit()
    file = restore(file_of(record, number, to=user, removed=True), by=user, origin=origin)
    return _done(request, entity, record, _("“%(record)s” is restored.") % {"record": file.name}, origin)


@answering
@require_GET
def removed(request: HttpRequest, entity: Entity, key: int) -> HttpResponse:
    """The files of the record that were put in the trash."""
    user, record = _seen(request, entity, key)
    _must_edit(entity, key, user)
    context = {
        "title": title_for(entity, to=user)(record),
        "files": [shown(entity, one, user) for one in removed_from(record, to=user)],
        "days": settings.DELETED_FILES_DAYS,
        "back": url_of(record),
    }
    return _dialog(request, "removed", context)


def _seen(request: HttpRequest, entity: Entity, key: int) -> tuple[User, Any]:
    user = user_of(request)
    must_see(entity, user)
    return user, record_or_404(entity, key, user)


def _must_edit(entity: Entity, key: int, user: User) -> None:
    if not reachable(entity, "edit", user).filter(pk=key).exists():
        raise Forbidden(_("You may see this record but not change it."))


def _dialog(request: HttpRequest, name: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    context["shows"] = name
    return render_template(request, f"surfaces/files.html#{name}" if by_htmx(request) else "surfaces/files.html", context, status=status)


def _done(request: HttpRequest, entity: Entity, record: Any, said: str, origin: Origin, *, level: str = "good") -> HttpResponse:
    """Say it; the page shows its files and timeline anew, and its facts where one of them counts files."""
    if not by_htmx(request):
        return go(request, url_of(record), said, undo=undo_of(origin))
    response = toast(HttpResponse(status=204), said, level=level, undo=undo_of(origin))
    if entity.counts_files:
        return announce(response, entity, record.pk, "close-dialog")
    return fire(response, recorded={"url": url_of_files(entity, record.pk)}, close_dialog=True)
