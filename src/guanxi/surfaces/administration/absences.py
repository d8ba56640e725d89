"""A person's own absences: days on which nothing is given to them."""

from __future__ import annotations

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from guanxi.access.models import Absence, User
from guanxi.entity.registry import entity_named
from guanxi.record.changes import UI, insert, trash
from guanxi.record.cleaning import prepare
from guanxi.record.refusals import Refused
from guanxi.surfaces.pages import render, toast, user_of

ASKED = ("starts_on", "ends_on", "note")


def absences(request: HttpRequest) -> HttpResponse:
    """One's absences, and a form for another."""
    user = user_of(request)
    typed, errors = {name: request.POST.get(name, "") for name in ASKED}, {}
    if request.method == "POST":
        try:
            add_own(user, typed)
        except Refused as refusal:
            errors = refusal.errors
        else:
            return toast(redirect("absences"), _("Nothing is given to you on these days."))
    own = Absence.objects.filter(user=user, deleted_at__isnull=True).order_by("-starts_on")
    today = user.locale.today
    rows = [(one, one.starts_on <= today <= one.ends_on) for one in own[:50]]
    return render(request, "surfaces/administration/absences.html", rows=rows, typed=typed, errors=errors, here="absences")


def add_own(user: User, values: dict[str, str]) -> Absence:
    """An absence of one's own; anybody may say that they are away. Refused."""
    entity = entity_named("absences")
    absence: Absence = prepare(entity, {**values, "user": user.pk}, by=user)
    with transaction.atomic():
        insert(entity, [absence], by=user, origin=UI)
    return absence


@require_POST
def take_back(request: HttpRequest, key: int) -> HttpResponse:
    """An absence of one's own into the trash: one is there after all."""
    user = user_of(request)
    with transaction.atomic():
        found = get_object_or_404(Absence.objects.select_for_update(of=("self",)), pk=key, user=user, deleted_at__isnull=True)
        trash(entity_named("absences"), [found], by=user, origin=UI)
    return toast(redirect("absences"), _("You are there on these days."))
