"""A person's own settings: profile, appearance, language, API keys."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone, translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from guanxi.access.models import LANGUAGES, THEMES, ApiKey, Role, User
from guanxi.entity.registry import entity_named
from guanxi.record.changes import Origin, update
from guanxi.surfaces.pages import render, toast, user_of

KEY_TERMS = (30, 90, 365)
"""Days after which a key may end by itself."""


class ProfileForm(forms.Form):
    """What a person may say of themselves."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=80)
    email = forms.EmailField(label=gettext_lazy("E-mail"), required=False)
    title = forms.CharField(label=gettext_lazy("Job title"), max_length=80, required=False)
    phone = forms.CharField(label=gettext_lazy("Phone"), max_length=40, required=False)
    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=LANGUAGES)
    zone = forms.ChoiceField(
        label=gettext_lazy("Time zone"), choices=lambda: [(zone, zone) for zone in sorted(zoneinfo.available_timezones())]
    )
    theme = forms.ChoiceField(label=gettext_lazy("Appearance"), choices=THEMES)
    day_first = forms.BooleanField(label=User._meta.get_field("day_first").verbose_name, required=False)


def save_own(user: User, values: dict[str, Any]) -> User:
    """A person with their own preferences; anybody may set their own."""
    columns = {name: value for name, value in values.items() if hasattr(user, name)}
    with transaction.atomic():
        fresh = User.objects.select_for_update(of=("self",)).get(pk=user.pk)
        update(entity_named("users"), [(fresh, columns)], by=user, event="edited", origin=Origin("ui"))
    return fresh


def profile(request: HttpRequest) -> HttpResponse:
    """Show and save one's profile."""
    user = user_of(request)
    form = ProfileForm(request.POST or None, initial={name: getattr(user, name) for name in ProfileForm.base_fields})
    if request.method == "POST" and form.is_valid():
        with translation.override(save_own(user, form.cleaned_data).language):
            return toast(redirect("profile"), _("Saved."))
    return render(request, "surfaces/administration/profile.html", form=form, here="profile")


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Light, dark or as the system."""
    chosen = request.POST.get("theme", "")
    if chosen not in dict(THEMES):
        return HttpResponse(status=422)
    save_own(user_of(request), {"theme": chosen})
    return HttpResponse(status=204)


@login_not_required
@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Another language, on the person when signed in, in a cookie otherwise."""
    chosen, back = request.POST.get("language", ""), request.POST.get("next") or "/"
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}):
        back = "/"
    response = HttpResponseRedirect(back)
    if chosen in dict(LANGUAGES):
        if isinstance(request.user, User):
            save_own(user_of(request), {"language": chosen})
        response.set_cookie(settings.LANGUAGE_COOKIE_NAME, chosen, max_age=365 * 24 * 3600, samesite="Lax", httponly=True)
    return response


def keys(request: HttpRequest) -> HttpResponse:
    """One's API keys; a new one's secret is shown once."""
    user = user_of(request)
    roles = Role.objects.filter(pk__in=_roles_of(user))
    secret = ""
    if request.method == "POST":
        name = request.POST.get("name", "").replace("\x00", "").strip()[:80] or _("Unnamed")
        chosen = request.POST.get("role")
        role = next((one for one in roles if str(one.pk) == chosen), None)
        if chosen and role is None:
            return HttpResponse(status=422)  # not a key with more rights than was meant
        term = request.POST.get("days", "")
        if term and term not in map(str, KEY_TERMS):
            return HttpResponse(status=422)  # nor one that lives longer
        _key, secret = ApiKey.issue(user, name, role, timezone.now() + dt.timedelta(days=int(term)) if term else None)
    own = ApiKey.objects.filter(user=user).select_related("role").order_by("-created_at")
    return render(request, "surfaces/administration/keys.html", keys=own, secret=secret, roles=roles, terms=KEY_TERMS, here="keys")


def _roles_of(user: User) -> list[int]:
    """A key may narrow its person's rights, never widen them: administrators may use any role, others their own."""
    if user.is_superuser:
        return list(Role.objects.filter(deleted_at__isnull=True).values_list("pk", flat=True))
    return list(user.roles)


@require_POST
def revoke(request: HttpRequest, key: int) -> HttpResponse:
    """End a key."""
    found = get_object_or_404(ApiKey, pk=key, user=user_of(request))
    found.revoke()
    return toast(redirect("keys"), _("The key “%(name)s” is revoked.") % {"name": found.name})
