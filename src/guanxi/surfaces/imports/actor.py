"""Who imports, how they write dates, and whose business an import is."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.db.models import QuerySet

from guanxi.access.acting import acting
from guanxi.access.models import ApiKey, User
from guanxi.entity.actors import SYSTEM, Actor, Locale, Rights
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
    return acting(one.user, one.api_key) if one.user is not None else SYSTEM


def imports_of(user: User, key: ApiKey | None = None) -> QuerySet[Import]:
    """The imports that somebody may follow, set going and take back: their own; administrators, everybody's.

    A key with a role of its own has those alone that it began: others run with more rights than it has.
    """
    found = Import.objects.select_related("user", "api_key")
    if key is not None and key.role_id is not None:
        return found.filter(user=user, api_key=key)
    return found if user.rights.everything else found.filter(user=user)
