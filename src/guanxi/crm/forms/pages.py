"""The form on its own page, in a frame, or sent from elsewhere: as HTML or JSON."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from guanxi.access.visitors import locale_of
from guanxi.crm.forms.asking import askable
from guanxi.crm.forms.model import WebForm
from guanxi.crm.forms.taking import Sending, take
from guanxi.entity.field import Field
from guanxi.record.refusals import Refused
from guanxi.surfaces.public.inputs import as_plain, refusals, typed
from guanxi.surfaces.public.limits import counted, too_often
from guanxi.surfaces.public.outside import from_elsewhere, outside, restrict, show, slow_down, sorry

TRAP = "contact_me_by_fax"
"""A field nobody sees; who fills it in is no person."""
QUICKEST, LONGEST = 3, 24 * 3600
"""Seconds between seeing a form and sending it."""
SEEN, SENT, SENT_BY_ALL = 120, 8, 1000
"""In a minute from one address; sent in an hour by all together."""
STAMP = signing.TimestampSigner(salt="guanxi.form")


@dataclass(frozen=True)
class Sheet:
    """A form as it stands on the page, with what was typed and what is wrong."""

    form: WebForm
    fields: list[Field]
    values: Mapping[str, str]
    errors: Mapping[str, str]
    agreed: bool = False
    wrong: str = ""
    stamp: str = ""


@outside
@require_http_methods(["GET", "HEAD", "POST", "OPTIONS"])
def page(request: HttpRequest, token: str) -> HttpResponse:
    """Show the form, or take it."""
    form = WebForm.objects.filter(token=token, active=True, deleted_at__isnull=True).first()
    if form is None:
        return sorry(request, _("This form is no longer here."), _("Look for another way to reach us on our website."), 410)
    if too_often(request, "form seen", SEEN):
        return slow_down(request)
    with translation.override(form.spoken or get_language()):
        if request.method == "OPTIONS":
            return _shared(HttpResponse(status=204), request, form)
        if request.method == "POST":
            return _post(request, form)
        return _show(request, _sheet(form))


@outside
@require_safe
def thanks(request: HttpRequest, token: str) -> HttpResponse:
    """What is read after sending."""
    form = WebForm.objects.filter(token=token, deleted_at__isnull=True).first()
    if form is None:
        return sorry(request, _("This form is no longer here."), _("Look for another way to reach us on our website."), 410)
    with translation.override(form.spoken or get_language()):
        shown = show(request, "crm/form_thanks.html", {"words": _thanks_in_words(form), "embedded": "embed" in request.GET})
        return restrict(shown, frames=form.sites)


def _sheet(form: WebForm, values: Mapping[str, str] | None = None, errors: Mapping[str, str] | None = None) -> Sheet:
    known = askable()
    fields = [replace(known[name], required=name in form.required) for name in form.asks if name in known]
    return Sheet(form, fields, values or {}, errors or {})


def _show(request: HttpRequest, sheet: Sheet, status: int = 200) -> HttpResponse:
    form, language = sheet.form, get_language() or ""
    consent = form.said("consent", language)
    context = {
        "heading": form.said("heading", language) or form.name,
        "fields": [as_plain(one, value=sheet.values.get(one.name, ""), error=sheet.errors.get(one.name, "")) for one in sheet.fields],
        "consent": consent,
        "consent_key": key_of(consent),
        "consent_error": sheet.errors.get("consent", ""),
        "agreed": sheet.agreed,
        "wrong": sheet.wrong,
        "trap": TRAP,
        "stamp": sheet.stamp or STAMP.sign(f"{form.pk}.{secrets.token_hex(12)}"),
        "embedded": "embed" in request.GET,
        "action": f"{request.path}?{_asked(request)}",
    }
    if form.spoken:
        context["ways"] = []
    shown = show(request, "crm/form.html", context, status)
    leads_to = [_origin_of(form.thanks_url)] if form.thanks_url else []
    return restrict(shown, frames=form.sites, leads_to=leads_to)


def key_of(consent: str) -> str:
    """By what it is known which words were agreed to."""
    return hashlib.sha256(consent.encode()).hexdigest()[:16] if consent else ""


def _asked(request: HttpRequest) -> str:
    return urlencode({"lang": get_language() or "", **({"embed": "1"} if "embed" in request.GET else {})})


def _origin_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


# ——— what is sent ———


def _post(request: HttpRequest, form: WebForm) -> HttpResponse:
    as_json = request.content_type == "application/json"
    said: HttpResponse
    if from_elsewhere(request, form.sites) and (request.headers.get("Origin") or not as_json):
        said = sorry(request, _("This form cannot be sent from there."), _("Open it on our website, and send it from there."), 403)
    elif too_often(request, "form sent", SENT) or counted("form sent by all", str(form.pk), 3600) > SENT_BY_ALL:
        said = slow_down(request)
    elif as_json:
        said = _json(request, form)
    else:
        said = _html(request, form)
    return _shared(said, request, form)


def _html(request: HttpRequest, form: WebForm) -> HttpResponse:
    sheet = _sheet(form, typed(request.POST, _sheet(form).fields))
    agreed, consent = request.POST.get("consent", "") != "", form.said("consent", get_language() or "")
    away = request.headers.get("Origin", "") in form.sites
    once, wrong = _stamped(request.POST.get("stamp", ""), form, needed=not away)
    errors = _errors(sheet, sheet.values, agreed, consent, request.POST.get("consent_key", ""))
    if request.POST.get(TRAP):
        return _thank(request, form)
    if not errors and not wrong:
        try:
            take(form, sheet.values, Sending(get_language() or "en", consent if agreed else "", _page_of(request), once))
            return _thank(request, form)
        except Refused as refusal:
            errors = refusal.errors
    keep = request.POST.get("stamp", "") if once else ""
    others = " ".join(message for name, message in errors.items() if name not in sheet.values and name != "consent")
    again = replace(sheet, errors=errors, agreed=agreed and "consent" not in errors, wrong=wrong or others, stamp=keep)
    return _show(request, again, 422)


def _thank(request: HttpRequest, form: WebForm) -> HttpResponse:
    return HttpResponseRedirect(form.thanks_url or f"{request.path}/thanks?{_asked(request)}", status=303)


def _stamped(stamp: str, form: WebForm, *, needed: bool) -> tuple[str | None, str]:
    """The mark of this filling in, and what is wrong with it: too old, too quick, none where one is needed."""
    if not stamp and not needed:
        return None, ""
    again = _("Look it over once more, and send it again.")
    try:
        text = STAMP.unsign(stamp, max_age=LONGEST)
    except signing.BadSignature:
        return None, again
    if not text.startswith(f"{form.pk}."):
        return None, again
    try:
        STAMP.unsign(stamp, max_age=QUICKEST)
    except signing.SignatureExpired:
        return text, ""
    return text, _("That was very quick.") + " " + again


def _errors(sheet: Sheet, values: Mapping[str, Any], agreed: bool, consent: str, seen: str) -> dict[str, str]:
    """What is wrong with what was sent, by field."""
    locale = locale_of(get_language() or "en")
    errors = refusals(sheet.fields, values, locale)
    for one in sheet.fields:
        if one.required and one.name not in errors and one.k.is_empty(one.k.clean(values.get(one.name), locale)):
            errors[one.name] = _("Fill this in.")
    if consent and not agreed:
        errors["consent"] = _("We need your agreement to answer you.")
    elif consent and seen != key_of(consent):
        errors["consent"] = _("These words have changed: read them again.")
    return errors


def _json(request: HttpRequest, form: WebForm) -> HttpResponse:
    try:
        sent = json.loads(request.body)
    except (ValueError, RecursionError):
        sent = None
    if not isinstance(sent, dict):
        return JsonResponse({"errors": {"": _("Send a JSON object: {…}.")}}, status=400)
    sheet, consent = _sheet(form), form.said("consent", get_language() or "")
    names = {one.name for one in sheet.fields}
    errors = {
        str(name)[:60]: _("There is no such value.") for name in sent if name not in {*names, "consent", "consent_key", "stamp", TRAP}
    }
    values = {name: value for name, value in sent.items() if name in names}
    errors |= {name: _("Send a text.") for name, value in values.items() if not isinstance(value, (str, int, float, bool, type(None)))}
    if sent.get(TRAP):
        return JsonResponse({"message": _thanks_in_words(form)}, status=201)
    once, wrong = _stamped(str(sent.get("stamp") or ""), form, needed=False)
    if wrong:
        errors["stamp"] = wrong
    values = {name: "" if value is None else str(value).strip() for name, value in values.items()}
    errors = errors or _errors(sheet, values, sent.get("consent") is True, consent, str(sent.get("consent_key") or key_of(consent)))
    if not errors:
        try:
            take(form, values, Sending(get_language() or "en", consent, _page_of(request), once))
            return JsonResponse({"message": _thanks_in_words(form)}, status=201)
        except Refused as refusal:
            errors = refusal.errors
    return JsonResponse({"errors": errors}, status=422)


def _thanks_in_words(form: WebForm) -> str:
    """The form's own thanks in the language in force, or ours."""
    own = form.thanks_zh if (get_language() or "").startswith("zh") else form.thanks_en
    return own or _("Thank you. We will be in touch.")


def _page_of(request: HttpRequest) -> str:
    """The page of another site it was sent from, as far as the browser tells."""
    parts = urlsplit(request.headers.get("Referer") or request.headers.get("Origin") or "")
    elsewhere = parts.scheme in {"http", "https"} and parts.netloc != request.get_host()
    return f"{parts.scheme}://{parts.netloc}{parts.path}" if elsewhere else ""


def _shared(response: HttpResponse, request: HttpRequest, form: WebForm) -> HttpResponse:
    """A site on which the form stands may read the answer."""
    patch_vary_headers(response, ["Origin"])
    origin = request.headers.get("Origin", "")
    if origin in form.sites:
        response["Access-Control-Allow-Origin"] = origin
        if request.method == "OPTIONS":
            response["Access-Control-Allow-Methods"] = "POST"
            response["Access-Control-Allow-Headers"] = "Content-Type, Accept-Language"
            response["Access-Control-Max-Age"] = "600"
    return response
