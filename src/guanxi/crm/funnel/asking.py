"""Of which deals figures are asked for: a period, a pipeline, a team or person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from guanxi.access.models import User
from guanxi.access.rights import team_tree
from guanxi.access.titles import people, teams
from guanxi.crm.forecast.judging import span_named
from guanxi.crm.forecast.rights import reach, sees
from guanxi.crm.forecast.spans import Span, containing
from guanxi.crm.forecast.tree import everyone, parents
from guanxi.crm.pipelines.queries import stages
from guanxi.entity.registry import entity_named
from guanxi.record.reach import visible
from guanxi.record.refusals import Forbidden, Missing

MANY = 200
"""So many people are offered at once; of more only those of the chosen team."""


@dataclass(frozen=True)
class Asked:
    """What is asked for; `day` is the field of deals whose day lies in the period."""

    span: Span
    pipeline: int | None = None
    team: int | None = None
    owner: int | None = None
    day: str = "opened_on"

    def deals(self, reader: User, fields: tuple[str, ...]) -> Any:
        """The deals meant, as far as the reader sees them; `fields` are those the figures are made of. Forbidden."""
        needed = {*fields, self.day, *(("pipeline",) if self.pipeline else ()), *(("owner",) if self.team or self.owner else ())}
        if not reader.rights.may("see", "deals") or not all(sees(name, reader) for name in needed):
            raise Forbidden(_("These figures are made of fields of deals that you may not see."))
        found = visible(entity_named("deals"), to=reader).order_by()
        found = found.filter(**{f"{self.day}__gte": self.span.first, f"{self.day}__lt": self.span.after})
        if self.pipeline:
            found = found.filter(pipeline=self.pipeline)
        if self.team:
            found = found.filter(owner__team__in=self.below)
        return found.filter(owner=self.owner) if self.owner else found

    @property
    def below(self) -> list[int]:
        """The team and those below it."""
        return sorted(team_tree().get(self.team or 0, (self.team or 0,)))

    @property
    def condition(self) -> str:
        """The same deals, as a condition."""
        said = [f"pipeline = {self.pipeline}"] if self.pipeline else []
        said += [f"{self.day} >= {self.span.first}", f"{self.day} < {self.span.after}"]
        said += [f"owner.team in ({', '.join(map(str, self.below))})"] if self.team else []
        return " and ".join([*said, *([f"owner = {self.owner}"] if self.owner else [])])

    def url(self, path: str, **more: Any) -> str:
        """Where a page shows them."""
        asked = {"period": self.span.name, "pipeline": self.pipeline, "team": self.team, "owner": self.owner, **more}
        return f"{path}?{urlencode({name: value for name, value in asked.items() if value})}"

    def ways(self, path: str, **more: Any) -> dict[str, str]:
        """To the period before and the one after."""
        found = {}
        for name, count in (("before", -1), ("later", 1)):
            try:
                found[name] = replace(self, span=self.span.moved(count)).url(path, **more)
            except ValueError:
                found[name] = ""
        return found


def list_url(condition: str) -> str:
    """The list of the deals of a condition."""
    return "/deals?" + urlencode({"view": "all", "where": condition})


def asked_of(asked: Mapping[str, str], user: User, *, day: str) -> Asked:
    """What is asked for; in the present year where nothing else is said. Refused, Missing."""
    span = span_named(asked["period"]) if asked.get("period") else containing(user.locale.today, "year")
    known = {one.pipeline_id for one in stages().values()}
    chosen = _key(asked.get("pipeline", ""), known, _("There is no such pipeline."))
    team = _key(asked.get("team", ""), set(_teams(user)), _("There is no such team, or you may not see it."))
    owner = _key(asked.get("owner", ""), set(people()), _("There is no such person."))
    return Asked(span, chosen, team, owner, day)


def _key(text: str, known: set[int], unknown: str) -> int | None:
    if not text:
        return None
    if not text.isdecimal() or len(text) > 18 or int(text) not in known:
        raise Missing(unknown)
    return int(text)


def _teams(user: User) -> list[int]:
    whose = reach(user)
    return [key for key in parents() if whose.over(team=key)]


def whose(user: User, asked: Asked, path: str, **more: Any) -> list[tuple[str, str, bool]]:
    """The teams and people whose deals can be asked for: name, address, whether they are chosen. Empty where there is only oneself."""
    return list(_whose(user, asked, path, **more)) if _teams(user) and sees("owner", user) else []


def _whose(user: User, asked: Asked, path: str, **more: Any) -> Iterator[tuple[str, str, bool]]:
    free, names, over = replace(asked, team=None, owner=None), teams(), reach(user)
    yield _("Everyone"), free.url(path, **more), not (asked.team or asked.owner)
    for key in _teams(user):
        yield names.get(key, ""), replace(free, team=key).url(path, **more), asked.team == key
    within = set(asked.below) if asked.team else None
    several = [one for one in everyone().values() if one.is_active and over.over(team=one.team_id)]
    chosen = [one for one in several if within is None or one.team_id in within]
    for one in chosen if len(chosen) <= MANY else ():
        yield one.name, replace(free, owner=one.pk).url(path, **more), asked.owner == one.pk
