"""Who manages a team's records."""

from __future__ import annotations

from guanxi.access.models import Scope, User
from guanxi.record.memory import remember

MANAGED = ("leads", "accounts", "deals")


def managers() -> dict[tuple[str, int], tuple[int, ...]]:
    """Who may hand over a team's records, by entity and team: those with a role over teams, administrators aside."""

    def read() -> dict[tuple[str, int], tuple[int, ...]]:
        found: dict[tuple[str, int], list[int]] = {}
        for user in User.objects.filter(is_active=True, deleted_at__isnull=True):
            for path in MANAGED:
                scopes = {grant.scope for grant in user.rights.why("reassign", path)} if not user.rights.everything else set()
                teams = user.rights.below_ids if Scope.BELOW in scopes else user.rights.team_ids if Scope.TEAM in scopes else ()
                for team in teams:
                    found.setdefault((path, team), []).append(user.pk)
        return {place: tuple(people) for place, people in found.items()}

    return remember("managers", read)
