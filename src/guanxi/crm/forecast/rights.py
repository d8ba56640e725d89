"""Whose forecast a person may see, and on whose they may have a say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from guanxi.access.models import Scope, User
from guanxi.access.sight import clear
from guanxi.entity.actors import Action, Actor
from guanxi.entity.registry import entity_named

GROUPED_BY = ("owner", "outcome", "stage", "forecast", "closes_on", "closed_on", "currency", "pipeline")


@dataclass(frozen=True)
class Reach:
    """Over whose deals a right goes: all people's, or those of some teams; one's own besides."""

    everyone: bool
    teams: frozenset[int]

    def over(self, *, team: int | None) -> bool:
        """Whether it goes over a team, or a person in it."""
        return self.everyone or team in self.teams


def reach(reader: Actor, action: Action = "see", path: str = "deals") -> Reach:
    """Over whose deals, or other records, the reader's roles give a right; rights by condition reach only single records."""
    rights: Any = reader.rights
    if rights.everything:
        return Reach(everyone=True, teams=frozenset())
    scopes = {grant.scope for grant in rights.why(action, path)}
    if Scope.ALL in scopes:
        return Reach(everyone=True, teams=frozenset())
    return Reach(
        everyone=False, teams=frozenset(rights.below_ids if Scope.BELOW in scopes else rights.team_ids if Scope.TEAM in scopes else ())
    )


def sees_forecast(reader: User) -> bool:
    """Whether all that a forecast is grouped by is clear to the reader."""
    deals = entity_named("deals")
    return bool(reader.rights.may("see", "deals")) and all(clear(deals, deals.fields[name], to=reader) for name in GROUPED_BY)


def sees(name: str, reader: User) -> bool:
    """Whether a field of deals is clear to the reader."""
    deals = entity_named("deals")
    return clear(deals, deals.fields[name], to=reader)


def hears(reader: User, *, person: Any = None, team: int | None = None) -> bool:
    """Whether the reader may know what managers say of a person or team: those who manage them, and who see all deals."""
    if person is not None and person.pk == reader.pk:
        return False
    return reach(reader).everyone or reach(reader, "reassign").over(team=person.team_id if person is not None else team)
