"""Who imports, and how they write dates."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from guanxi.access.rights import rights_of
from guanxi.entity.actors import SYSTEM, Actor, Locale, Rights
from guanxi.record.refusals import Forbidden
from guanxi.surfaces.imports.model import Import


@dataclass(frozen=True)
class Importer:
    """Has the person's rights and name, and the file's way of writing dates."""

    pk: int | None
    rights: Rights
    locale: Locale
    team_id: int | None
    team_ids: tuple[int, ...]
    roles: tuple[int, ...]

    @classmethod
    def of(cls, by: Actor, day_first: bool | None) -> Importer:
        """The actor behind an import."""
        locale = by.locale if day_first is None else replace(by.locale, day_first=day_first)
        return cls(by.pk, by.rights, locale, by.team_id, by.team_ids, tuple(by.roles))


def actor_of(one: Import) -> Actor:
    """Who imports, with the rights of the key when a program does. Forbidden when they are gone."""
    user = one.user
    if user is None:
        return SYSTEM
    key = one.api_key
    if not user.is_active or (key is not None and key.revoked_at is not None):
        raise Forbidden(_("Whoever began this import may no longer sign in."))
    if key is not None:
        user.rights = rights_of(user, key)
    return user
