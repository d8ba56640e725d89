"""People are told of deals that became stuck: of each stay in a stage once, and of a team's deals together.

Word and mark are one transaction, team by team: whoever kills the job and begins it again tells nobody twice.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy
from procrastinate.contrib.django import app

from guanxi.access.titles import teams
from guanxi.crm.deals.alerting import may_see, present, sees_all
from guanxi.crm.deals.model import Deal, StagePeriod
from guanxi.crm.managing import managers
from guanxi.record.memory import keep_up
from guanxi.surfaces.inbox.telling import tell
from guanxi.surfaces.inbox.words import Said

NEWS: Mapping[str, Said] = {
    "deal stuck": Said("alert-triangle", gettext_lazy("%(record)s is stuck in its stage"), "warn"),
    "deals stuck": Said("alert-triangle", gettext_lazy("%(count)s of your deals are stuck"), "warn"),
    "team deals stuck": Said("alert-triangle", gettext_lazy("%(count)s deals of %(team)s are stuck"), "warn"),
}
TELLS = ("stage", "stuck_at", "outcome")
"""What somebody learns of a deal by being told that it is stuck."""


def tell_stuck(now: dt.datetime) -> int:
    """Tell owners and managers of the deals that became stuck; of how many deals."""
    found = StagePeriod.objects.filter(
        ended_at__isnull=True, stuck_told_at__isnull=True, deal__outcome="open", deal__deleted_at__isnull=True, deal__stuck_at__lte=now
    )
    told = 0
    for team in sorted(set(found.values_list("deal__team_id", flat=True)), key=lambda team: team or 0):
        with transaction.atomic():
            rows = found.filter(deal__team=team).order_by("pk").select_for_update(of=("self",), skip_locked=True)
            locked = list(rows.values_list("pk", "deal_id", "deal__owner_id"))
            _tell_team(team, {deal: owner for _key, deal, owner in locked})
            StagePeriod.objects.filter(pk__in=[key for key, _deal, _owner in locked]).update(stuck_told_at=now)
        told += len({deal for _key, deal, _owner in locked})
    return told


def _tell_team(team: int | None, owners: Mapping[int, int | None]) -> None:
    """Each owner of theirs, each manager of the others'. Owners by deal."""
    by_person: dict[int, list[int]] = {}
    for deal, owner in owners.items():
        if owner:
            by_person.setdefault(owner, []).append(deal)
    _tell(by_person, "deals stuck", "owner = me")
    for manager in managers().get(("deals", team or 0), ()):
        others = [deal for deal, owner in owners.items() if owner != manager]
        _tell({manager: others}, "team deals stuck", f"team = {team}", team=teams().get(team or 0, "–"))


def _tell(by_person: Mapping[int, Sequence[int]], many: str, where: str, **values: Any) -> None:
    url = "/deals?" + urlencode({"view": "all", "where": f'{where} and outcome = "open" and stuck_at < now'})
    for person in present(by_person):
        seen = _seen(by_person[person.pk], person)
        if len(seen) == 1:
            tell([person.pk], "deal stuck", Deal.objects.get(pk=seen[0]))
        elif seen:
            tell([person.pk], many, entity="deals", count=len(seen), url=url, **values)


def _seen(keys: Iterable[int], person: Any) -> list[int]:
    return sorted(may_see(list(keys), person)) if sees_all(TELLS, person) else []


@app.periodic(cron="12 6 * * *")
@app.task(name="tell_of_stuck_deals", queueing_lock="tell_of_stuck_deals")
def tell_of_stuck_deals(timestamp: int) -> None:
    """Every morning."""
    keep_up()
    tell_stuck(timezone.now())
