"""A record's version as its ETag, and what If-Match asks of it."""

from __future__ import annotations

import re

from django.http import HttpRequest
from django.utils.translation import gettext as _

from guanxi.entity.entity import Entity
from guanxi.record.changes import locked, locked_in_trash, meanwhile
from guanxi.surfaces.api.callers import Caller
from guanxi.surfaces.api.history import described
from guanxi.surfaces.api.problems import Problem

ETAG = re.compile(r'\s*(?:W/)?"(\d{1,10})"\s*')


def etag(version: int) -> str:
    """A record's version as an entity tag."""
    return f'"{version}"'


def versions_matched(request: HttpRequest) -> set[int] | None:
    """The versions that If-Match allows; None when it is absent or allows any."""
    header = request.headers.get("If-Match")
    if header is None or header.strip() == "*":
        return None
    found = [ETAG.fullmatch(one) for one in header.split(",")]
    if not all(found):
        words = _('Send the record\'s ETag as it came, such as “"7"”.')
        raise Problem("bad-request", words, errors=[("If-Match", words)])
    return {int(one[1]) for one in found if one}


def check_version(request: HttpRequest, entity: Entity, key: int, action: str, caller: Caller, *, trashed: bool = False) -> None:
    """Lock the record, in the write's own transaction, and refuse when If-Match does not name its version.

    Problem with what changed meanwhile, Missing, Forbidden.
    """
    allowed = versions_matched(request)
    if allowed is None:
        return
    record = locked_in_trash(entity, key, by=caller.user) if trashed else locked(entity, key, action=action, by=caller.user)
    if record.version not in allowed:
        changes = [described(change, to=caller.user) for change in meanwhile(record, max(allowed))]
        words = _("Somebody else changed this record meanwhile.")
        raise Problem("stale", words, headers={"ETag": etag(record.version)}, version=record.version, meanwhile=changes)
