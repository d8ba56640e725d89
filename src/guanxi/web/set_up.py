"""The first page of an empty Guanxi: company, language, currency, time zone and the administrator.

Guarded by a token printed on the terminal, so that whoever finds the address first does not own the company.
"""

from __future__ import annotations

import secrets
import zoneinfo
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.password_validation import validate_password
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache

from guanxi.access.models import LANGUAGES, Company, User
from guanxi.access.rights import company
from guanxi.access.starting import start_roles
from guanxi.base.money import CURRENCIES
from guanxi.crm.dashboards import start_dashboards
from guanxi.crm.pipelines.starting import start
from guanxi.crm.reminders.starting import start_reminders
from guanxi.crm.sources.starting import start_sources
from guanxi.entity.actors import SYSTEM
from guanxi.entity.registry import entity_named
from guanxi.record.changes import Origin, create
from guanxi.record.memory import raise_epoch
from guanxi.record.refusals import Refused

TOKEN_FILE = "set-up-token"  # noqa: S105 - the name of the file
COMMON = ("USD", "CNY", "EUR", "GBP", "JPY", "HKD", "TWD", "SGD", "AUD", "CAD", "CHF", "INR")
REGIONS = (("US", gettext_lazy("United States")), ("CN", gettext_lazy("China")), ("HK", gettext_lazy("Hong Kong")),
           ("TW", gettext_lazy("Taiwan")), ("SG", gettext_lazy("Singapore")), ("GB", gettext_lazy("United Kingdom")),
           ("DE", gettext_lazy("Germany")), ("FR", gettext_lazy("France")), ("JP", gettext_lazy("Japan")),
           ("IN", gettext_lazy("India")), ("AU", gettext_lazy("Australia")), ("CA", gettext_lazy("Canada")))  # fmt: skip


def set_up_token() -> str:
    """The token set-up asks for; made once and kept in the data directory until set-up is done."""
    path = settings.ENVIRONMENT.directory / TOKEN_FILE
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(16))
    return str(path.read_text().strip())


def forget_token() -> None:
    """Set-up is done; its token is worth nothing."""
    (settings.ENVIRONMENT.directory / TOKEN_FILE).unlink(missing_ok=True)


def _currencies() -> list[tuple[str, str]]:
    return [(code, code) for code in dict.fromkeys([*COMMON, *sorted(CURRENCIES)])]


class SetUpForm(forms.Form):
    """What a new company says of itself, and its first administrator."""

    token = forms.CharField(label=gettext_lazy("Set-up token"), help_text=gettext_lazy("Printed on the terminal where Guanxi was started."))
    company = forms.CharField(label=gettext_lazy("Company"), max_length=120)
    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=LANGUAGES)
    region = forms.ChoiceField(
        label=gettext_lazy("Country"), choices=REGIONS, help_text=gettext_lazy("Decides how phone numbers are read.")
    )
    currency = forms.ChoiceField(label=gettext_lazy("Currency"), choices=_currencies)
    zone = forms.ChoiceField(
        label=gettext_lazy("Time zone"), choices=lambda: [(zone, zone) for zone in sorted(zoneinfo.available_timezones())]
    )
    name = forms.CharField(label=gettext_lazy("Your name"), max_length=80)
    username = forms.RegexField(r"^[\w.@+-]{1,150}$", label=gettext_lazy("User name"), initial="admin")
    email = forms.EmailField(label=gettext_lazy("E-mail"), required=False)
    password = forms.CharField(label=gettext_lazy("Password"), widget=forms.PasswordInput(render_value=True), strip=False)

    def clean_token(self) -> str:
        """Only who sees the terminal may set up."""
        token = str(self.cleaned_data["token"]).strip()
        if not constant_time_compare(token, set_up_token()):
            raise forms.ValidationError(_("This is not the token that was printed on the terminal."))
        return token

    def clean_password(self) -> str:
        """As strong as every other password."""
        password = str(self.cleaned_data["password"])
        validate_password(password, User(username=self.cleaned_data.get("username", "")))
        return password


@login_not_required
@never_cache
def set_up(request: HttpRequest) -> HttpResponse:
    """Show and take the set-up form; gone for ever once there is a company."""
    if company().pk is not None:
        return redirect("home")
    initial = {
        "language": "zh-hans" if translation.get_language().startswith("zh") else "en",
        "zone": "UTC",
        "token": request.GET.get("token", ""),
    }
    if initial["language"] == "zh-hans":
        initial |= {"zone": "Asia/Shanghai", "currency": "CNY", "region": "CN"}
    form = SetUpForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            user = found(form.cleaned_data)
        except Refused as refused:
            for name, message in refused.errors.items():
                form.add_error(name if name in form.fields else None, message)
        else:
            login(request, user, backend="django.contrib.auth.backends.ModelBackend")
            return redirect("home")
    return render(request, "set_up.html", {"form": form}, status=422 if form.errors else 200)


def found(values: dict[str, Any]) -> User:
    """Make the company, its administrator, its roles and its first pipeline; once, however many ask. Refused."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(7263)")
        if Company.objects.exists():
            raise Refused({"": _("The company is set up already; sign in.")})
        language = values["language"]
        Company.objects.create(
            name=values["company"], language=language, currency=values["currency"], region=values["region"], zone=values["zone"]
        )
        raise_epoch()
        details = {"username": values["username"], "name": values["name"], "email": values.get("email", ""), "is_superuser": True}
        details |= {"language": language, "zone": values["zone"]}
        made = create(entity_named("users"), details, by=SYSTEM, origin=Origin("system"))
        user = User.objects.get(pk=made.pk)
        user.set_password(values["password"])
        user.save(update_fields=["password"])
        roles = start_roles(language)
        start(language)
        start_sources(language)
        start_reminders(language)
        start_dashboards(language, roles)
    forget_token()
    return user
