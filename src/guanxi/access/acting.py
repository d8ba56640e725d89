"""Who acts in the background, on behalf of a person or of a program's key."""

from __future__ import annotations

from django.utils.translation import gettext as _

from guanxi.access.models import ApiKey, User
from guanxi.access.rights import rights_of
from guanxi.record.refusals import Forbidden


def acting(user: User, key: ApiKey | None) -> User:
    """The user, with the rights of the key when a program began it. Forbidden when either may no longer come in."""
    if not user.is_active or (key is not None and (key.revoked_at is not None or key.has_expired)):
        raise Forbidden(_("Whoever began this may no longer sign in."))
    if key is not None:
        user.rights = rights_of(user, key)
    return user
