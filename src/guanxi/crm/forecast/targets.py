"""What is aimed for: a person's or team's target for a period, split over those below, and how far one is."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from guanxi.access.models import Team, User
from guanxi.base.money import minor_units, split
from guanxi.crm.forecast.judging import MOST, Subject, may_aim
from guanxi.crm.forecast.model import Judgement
from guanxi.crm.forecast.rights import reach, sees
from guanxi.crm.forecast.rolling import Rollup, Sums
from guanxi.crm.forecast.spans import Span
from guanxi.record.refusals import Forbidden, Refused

ZERO = Decimal(0)
Key = tuple[str, int]


def aim(subject: Subject, span: Span, pipeline: int | None, *, by: User, amount: Decimal, note: str = "") -> Judgement:
    """Set a target of won amounts. Forbidden, Refused."""
    if not may_aim(subject, by):
        raise Forbidden(_("You may not set this target."))
    if not 0 <= amount < MOST:
        raise Refused({"amount": _("A target is an amount that is not negative.")})
    return Judgement.objects.create(
        kind="target", person=subject.person, team=subject.team, period=span.name, pipeline_id=pipeline,
        amount=amount, currency=by.locale.currency, note=note.strip(), by_id=by.pk,
    )  # fmt: skip


def share_out(team: Team, found: Rollup, pipeline: int | None, *, by: User) -> list[Judgement]:
    """A team's target over the teams and people right below it, by the number of people in each; no cent is lost. Forbidden, Refused."""
    own = targets_of(found, pipeline, to=by)[0].get(("team", team.pk))
    if not may_aim(Subject(team=team), by):
        raise Forbidden(_("You may not set this target."))
    heads: list[tuple[Key, int]] = [(("team", key), count) for key in found.teams_under(team.pk) if (count := _heads(found, key))]
    heads += [(("person", one.pk), 1) for one in found.people_in(team.pk)]
    if own is None or own.amount is None or not heads:
        raise Refused({"": _("There is no target to split, or nobody to split it over.")})
    shares = split(own.amount, [count for _key, count in heads], minor_units(own.currency))
    with transaction.atomic():
        return Judgement.objects.bulk_create(
            Judgement(
                kind="target", person_id=key[1] if key[0] == "person" else None, team_id=key[1] if key[0] == "team" else None,
                period=found.span.name, pipeline_id=pipeline, amount=share, currency=own.currency, note=_("Split from %(team)s") % {"team": team},
                by_id=by.pk,
            )
            for (key, _count), share in zip(heads, shares, strict=True)
        )  # fmt: skip


def _heads(found: Rollup, team: int) -> int:
    return len(found.people_in(team)) + sum(_heads(found, key) for key in found.teams_under(team))


def targets_of(found: Rollup, pipeline: int | None, *, to: User) -> tuple[dict[Key, Judgement], dict[Key, Decimal]]:
    """The targets that were set, and what is aimed for: the target set, else what those below add up to. As far as the reader may know: their own, and of those they manage. One query."""
    if not sees("amount", to):
        return {}, {}
    everything, managed = reach(to).everyone, reach(to, "reassign")
    said: dict[Key, Judgement] = {}
    rows = Judgement.objects.filter(
        kind="target", period=found.span.name, pipeline=pipeline, undoes__isnull=True, undone__isnull=True, currency=found.currency
    )
    for one in rows.order_by("at", "pk"):
        person = found.people.get(one.person_id) if one.person_id else None
        if one.person_id and person is None:
            continue
        if everything or managed.over(team=person.team_id if person else one.team_id) or (person and person.pk == to.pk):
            said["person" if person else "team", person.pk if person else one.team_id or 0] = one
    aimed = {key: one.amount for key, one in said.items() if one.amount is not None}
    for top in found.teams_under(None):
        _add_up(found, top, aimed)
    return said, aimed


def _add_up(found: Rollup, team: int, aimed: dict[Key, Decimal]) -> Decimal:
    below = sum((_add_up(found, key, aimed) for key in found.teams_under(team)), ZERO)
    below += sum((aimed.get(("person", one.pk), ZERO) for one in found.people_in(team)), ZERO)
    if ("team", team) not in aimed and below:
        aimed["team", team] = below
    return aimed.get(("team", team), ZERO)


@dataclass(frozen=True)
class Standing:
    """How far one is on the way to a target."""

    target: Decimal
    won: Decimal
    open: Decimal
    due: Decimal
    """What would be won by now if it were won evenly over working days."""
    weeks: Decimal
    """Weeks of five working days that are left."""

    @property
    def gap(self) -> Decimal:
        return max(self.target - self.won, ZERO)

    @property
    def attained(self) -> Decimal | None:
        """As a fraction."""
        return self.won / self.target if self.target else None

    @property
    def coverage(self) -> Decimal | None:
        """How many times the open deals are the gap."""
        return self.open / self.gap if self.gap else None

    @property
    def weekly(self) -> Decimal | None:
        """What is needed in each week that is left."""
        return self.gap / max(self.weeks, Decimal(1)) if self.weeks else None


def standing(sums: Sums, target: Decimal, span: Span, today: dt.date) -> Standing:
    """How far these sums are, on a day."""
    every, gone = working_days(span.first, span.after), working_days(span.first, min(max(today, span.first), span.after))
    due = target * gone / every if every else target
    return Standing(target, sums.amounts["closed"], sums.open, due, Decimal(every - gone) / 5)


def working_days(first: dt.date, after: dt.date) -> int:
    """Mondays to Fridays from a day to before another."""
    whole, rest = divmod((after - first).days, 7)
    return whole * 5 + sum((first.weekday() + at) % 7 < 5 for at in range(rest))
