"""Who calls: the user of an API key, or of the browser's session."""

from __future__ import annotations

import datetime as dt
import re
import secrets
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation.trans_real import parse_accept_lang_header
from ninja.utils import check_csrf

from guanxi.access.models import ApiKey, User, digest_of
from guanxi.access.rights import rights_of
from guanxi.base.zones import zone_named
from guanxi.record.memory import remember
from guanxi.surfaces.api.problems import Problem

BEARER = re.compile(r"bearer +gx_([0-9a-f]{12})_([A-Za-z0-9_-]{43}) *", re.IGNORECASE)
NOTED_EVERY = dt.timedelta(minutes=10)
"""How exactly it is kept when a key was last used: writing that on every call would double the cost of reading."""


@dataclass(frozen=True)
class Caller:
    """The user who acts, with the rights of the key when there is one."""

    user: User
    key: ApiKey | None = None


def authenticate(request: HttpRequest) -> Caller | None:
    """The caller, whose language and zone apply from here on; None when nobody is there or the key is no good."""
    header = request.headers.get("Authorization")
    caller = _by_key(header) if header is not None else _by_session(request)
    if caller is not None:
        language = _language(request, caller)
        translation.activate(language)
        request.LANGUAGE_CODE = language
        timezone.activate(zone_named(caller.user.zone))
    return caller


def _by_key(header: str) -> Caller | None:
    parts = BEARER.fullmatch(header)
    if not parts:
        return None
    try:
        key = remember(("api key", parts[1].lower()), lambda: _living_key(parts[1].lower()))
    except ApiKey.DoesNotExist:
        return None
    if not secrets.compare_digest(key.digest, digest_of(parts[2])) or key.has_expired:
        return None
    now = timezone.now()
    if key.used_at is None or now - key.used_at > NOTED_EVERY:
        key.used_at = now
        ApiKey.objects.filter(pk=key.pk).update(used_at=now)
    return Caller(key.user, key)


def _living_key(prefix: str) -> ApiKey:
    """The key and its user with the rights it gives; remembered until an epoch begins, as it does when either is changed. DoesNotExist."""
    living = ApiKey.objects.filter(revoked_at__isnull=True, user__is_active=True, user__deleted_at__isnull=True)
    key = living.select_related("user").get(prefix=prefix)
    key.user.rights = rights_of(key.user, key)
    return key


def _by_session(request: HttpRequest) -> Caller | None:
    user = request.user
    if not isinstance(user, User) or not user.is_active or user.deleted_at:
        return None
    if check_csrf(request):
        raise Problem("forbidden", _("The CSRF token is missing or wrong; send it as X-CSRFToken."))
    return Caller(user)


def _language(request: HttpRequest, caller: Caller) -> str:
    """The language a program asks for, or the user's own."""
    known = {code for code, _name in settings.LANGUAGES}
    if caller.key is not None:
        for asked, _weight in parse_accept_lang_header(request.headers.get("Accept-Language", "").lower()):
            try:
                code = translation.get_supported_language_variant(asked)
            except LookupError:
                continue
            if code in known:
                return code
    return caller.user.language
