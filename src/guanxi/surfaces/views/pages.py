"""Pages of saved views: new, save, rename and share, move, delete."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from guanxi.entity.entity import Entity
from guanxi.record.refusals import Refused
from guanxi.surfaces.pages import answering, must_see, user_of
from guanxi.surfaces.views import saving
from guanxi.surfaces.views.asking import asked_for
from guanxi.surfaces.views.view import address


@require_http_methods(["GET", "POST"])
@answering
def new(request: HttpRequest, entity: Entity) -> HttpResponse:
    """Save what is shown under a name of its own."""
    asked = asked_for(request, entity)
    action = address(asked.view, asked.base, below="views/new")
    if request.method == "GET":
        return _dialog(request, entity, action, name="", shared=False)
    try:
        row = saving.keep(asked.view, request.POST.get("name", ""), by=asked.user, shared="shared" in request.POST)
    except Refused as refusal:
        return _dialog(request, entity, action, errors=refusal.errors, name=request.POST.get("name", ""), shared="shared" in request.POST)
    return _go(f"/{entity.path}?view={row.pk}")


@require_POST
@answering
def save(request: HttpRequest, entity: Entity) -> HttpResponse:
    """Save what is shown into the view it stands on."""
    asked = asked_for(request, entity)
    row = saving.own_view(entity, asked.base.saved or 0, by=asked.user)
    saving.save(row, asked.view)
    return _go(f"/{entity.path}?view={row.pk}")


@require_http_methods(["GET", "POST"])
@answering
def rename(request: HttpRequest, entity: Entity, key: int) -> HttpResponse:
    """Another name; shared or not."""
    user = user_of(request)
    must_see(entity, user)
    row = saving.own_view(entity, key, by=user)
    action = f"/{entity.path}/views/{key}"
    if request.method == "GET":
        return _dialog(request, entity, action, name=row.name, shared=row.shared, heading=_("Rename or share"))
    try:
        saving.rename(row, request.POST.get("name", ""), shared="shared" in request.POST)
    except Refused as refusal:
        return _dialog(
            request,
            entity,
            action,
            errors=refusal.errors,
            name=request.POST.get("name", ""),
            shared=row.shared,
            heading=_("Rename or share"),
        )
    return _go(f"/{entity.path}?view={row.pk}")


@require_POST
@answering
def move(request: HttpRequest, entity: Entity, key: int) -> HttpResponse:
    """One place to the left or right."""
    user = user_of(request)
    must_see(entity, user)
    row = saving.own_view(entity, key, by=user)
    saving.move(row, -1 if request.GET.get("by") == "-1" else 1)
    return _go(f"/{entity.path}?view={row.pk}")


@require_POST
@answering
def delete(request: HttpRequest, entity: Entity, key: int) -> HttpResponse:
    """The view is gone; its records stay."""
    user = user_of(request)
    must_see(entity, user)
    saving.own_view(entity, key, by=user).delete()
    return _go(f"/{entity.path}")


def _dialog(request: HttpRequest, entity: Entity, action: str, *, errors: dict[str, str] | None = None, **context: Any) -> HttpResponse:
    context = {"heading": _("Save view"), **context, "errors": errors or {}, "action": action, "entity": entity}
    return render(request, "surfaces/views/dialog.html", context, status=422 if errors else 200)


def _go(url: str) -> HttpResponse:
    """Off to a page; what was said there is said here."""
    response = HttpResponse(status=204)
    response.headers["HX-Redirect"] = url
    return response
