"""What every page for people outside does alike: their language, the company's day, headers that keep it to whom it was sent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from csp.constants import NONE, SELF
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render as render_template
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.utils.translation.trans_real import parse_accept_lang_header
from django.views.decorators.csrf import csrf_exempt

from guanxi.access.rights import company
from guanxi.base.zones import zone_named

View = Callable[..., HttpResponse]
MOST_BYTES = 64 * 1024


def language_of(request: HttpRequest) -> str:
    """The language the visitor chose (`?lang=`), or their browser asks for, or the company's."""
    known = {code for code, _name in settings.LANGUAGES}
    if request.GET.get("lang") in known:
        return str(request.GET["lang"])
    for asked, _weight in parse_accept_lang_header(request.headers.get("Accept-Language", "").lower()):
        try:
            code = translation.get_supported_language_variant(asked)
        except LookupError:
            continue
        if code in known:
            return code
    return company().language


def outside(view: View) -> View:
    """The view for anybody, without session, cookie or script. CSRF tokens guard what a browser does in somebody's name;
    here nobody is signed in, and who may do it is said by the secret in the address: `from_elsewhere` is the check that fits."""

    @wraps(view)
    def respond(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        language = language_of(request)
        with translation.override(language), timezone.override(zone_named(company().zone)):
            if _size(request) > MOST_BYTES:
                response = sorry(request, _("This is too much at once."), _("Shorten what you wrote, and send it again."), 413)
            else:
                response = view(request, *args, **kwargs)
        response.headers.setdefault("Content-Language", language)
        response.headers["Cache-Control"] = "no-store, private"
        response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
        patch_vary_headers(response, ["Accept-Language"])
        if not hasattr(response, "_csp_replace"):
            restrict(response)
        return response

    return login_not_required(csrf_exempt(respond))


def restrict(response: HttpResponse, *, frames: Sequence[str] = (), leads_to: Sequence[str] = (), scripts: bool = False) -> HttpResponse:
    """No scripts, no connections, or our own alone; framed by nobody, or by those origins alone. `leads_to` are where a form may end."""
    own = SELF if scripts else NONE
    policy = {"script-src": [own], "connect-src": [own], "manifest-src": [NONE], "form-action": [SELF, *leads_to]}
    if frames:
        policy["frame-ancestors"] = [SELF, *frames]
        response.xframe_options_exempt = True  # the policy says more than that header can
    vars(response)["_csp_replace"] = policy  # where django-csp looks
    return response


def from_elsewhere(request: HttpRequest, allowed: Sequence[str] = ()) -> bool:
    """Whether a form was sent from a page that is neither ours nor one of those allowed."""
    origin = request.headers.get("Origin")
    if origin is None:
        return request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}
    return origin not in allowed and urlsplit(origin).netloc != request.get_host()


def sorry(request: HttpRequest, title: str, text: str, status: int) -> HttpResponse:
    """A kind page that says why there is nothing else to see."""
    return show(request, "public/sorry.html", {"title": title, "text": text}, status)


def slow_down(request: HttpRequest) -> HttpResponse:
    """Refused for now."""
    response = sorry(request, _("A moment, please."), _("Too many requests came from where you are. Try again in a minute."), 429)
    response.headers["Retry-After"] = "60"
    return response


def show(request: HttpRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """A page with the ways to read it in other languages."""
    ways = []
    for code, _name in settings.LANGUAGES:
        asked = request.GET.copy()
        asked["lang"] = code
        ways.append((code, f"?{asked.urlencode()}"))
    here = {"public_company": company().name, "public_language": translation.get_language(), "ways": ways}
    return render_template(request, template, {**here, **context}, status=status)


def _size(request: HttpRequest) -> int:
    length = request.META.get("CONTENT_LENGTH") or "0"
    return int(length) if length.isdigit() else 0
