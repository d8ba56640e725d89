"""The person who imports, reading dates as the file writes them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from guanxi.entity.actors import Actor, Locale, Rights


@dataclass(frozen=True)
class Importer:
    """Has the person's rights and name, and the file's way of writing dates."""

    pk: int | None
    rights: Rights
    locale: Locale
    team_id: int | None
    team_ids: tuple[int, ...]

    @classmethod
    def of(cls, by: Actor, day_first: bool | None) -> Importer:
        """The actor behind an import."""
        locale = by.locale if day_first is None else replace(by.locale, day_first=day_first)
        return cls(by.pk, by.rights, locale, by.team_id, by.team_ids)
