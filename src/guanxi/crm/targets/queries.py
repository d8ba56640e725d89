"""Which targets there are of a period, whom they are for, and what those without one are taken to aim for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from guanxi.access.models import User
from guanxi.access.sight import clear
from guanxi.crm.forecast.spans import Span
from guanxi.crm.forecast.tree import Key, Tree
from guanxi.crm.rates.converting import Converter
from guanxi.crm.targets.measures import MEASURES, Measure
from guanxi.entity.actors import Actor
from guanxi.entity.registry import entity_named
from guanxi.record.reach import visible

ZERO = Decimal(0)
COMPANY: Key = ("company", 0)


@dataclass(frozen=True)
class Aim:
    """What targets are of, whoever has them."""

    span: Span
    measure: str = "won_amount"
    pipeline: int | None = None
    product: int | None = None
    family: str = ""

    @property
    def by(self) -> Measure:
        return MEASURES[self.measure]

    @property
    def condition(self) -> str:
        """The records that count towards it."""
        return self.by.condition(self.span, pipeline=self.pipeline, product=self.product, family=self.family)

    def within(self, span: Span) -> Aim:
        """The same in another period."""
        return Aim(span, self.measure, self.pipeline, self.product, self.family)


@dataclass
class Aimed:
    """What everybody in a tree aims for, in one currency."""

    said: Mapping[Key, Any] = field(default_factory=dict)
    """The targets that were set for this very period."""
    values: Mapping[Key, Decimal] = field(default_factory=dict)
    missing: set[str] = field(default_factory=set)
    """Currencies without a rate, whose targets are left out."""


def aim_of(target: Any, span: Span) -> Aim:
    """What a target is of."""
    return Aim(span, target.measure, target.pipeline_id, target.product_id, target.family)


def key_of(target: Any) -> Key:
    """Whose it is."""
    if target.owner_id is not None:
        return ("person", target.owner_id)
    return ("team", target.team_id) if target.team_id is not None else COMPANY


def targets(aim: Aim, spans: Iterable[Span], *, to: Actor) -> Any:
    """The targets of these periods that the reader may see."""
    names = [span.name for span in spans]
    found = visible(entity_named("targets"), to=to).filter(
        period__in=names, measure=aim.measure, pipeline=aim.pipeline, product=aim.product
    )
    return found.filter(family=aim.family).order_by("pk")


def sees_values(to: Actor) -> bool:
    """Whether what is aimed for is clear to the reader."""
    entity = entity_named("targets")
    return bool(to.rights.may("see", "targets")) and all(
        clear(entity, entity.fields[name], to=to) for name in ("value", "owner", "team", "period")
    )


def aimed(aim: Aim, tree: Tree, *, to: User) -> Aimed:
    """Each one's target: the one set, else those of the quarters or months of the period, else what those below add up to. One query, and one for rates."""
    if not sees_values(to):
        return Aimed()
    parts: dict[str, Sequence[Span]] = {unit: aim.span.parts(unit) for unit in _finer(aim.span)}
    rows = [one for one in targets(aim, [aim.span, *(span for several in parts.values() for span in several)], to=to) if _known(one, tree)]
    found, converter, today = Aimed(), Converter(to.locale.currency), to.locale.today
    converter.learn((one.currency, today) for one in rows)
    of: dict[tuple[Key, str], Decimal] = {}
    for one in rows:
        rate = converter.rate(one.currency, today)
        if rate is None:
            found.missing.add(one.currency)
        else:
            of[key_of(one), one.period] = one.value * rate
    found.said = {key_of(one): one for one in rows if one.period == aim.span.name}
    values = {key: value for key in {key for key, _period in of} if (value := _over_time(of, key, aim.span)) is not None}
    for top in tree.teams_under(None):
        _add_up(tree, top, values)
    found.values = values
    return found


def _finer(span: Span) -> tuple[str, ...]:
    return {"year": ("quarter", "month"), "quarter": ("month",), "month": ()}[span.unit]


def _known(target: Any, tree: Tree) -> bool:
    kind, key = key_of(target)
    return kind == "company" or (key in tree.people if kind == "person" else tree.reach.over(team=key))


def _over_time(of: Mapping[tuple[Key, str], Decimal], key: Key, span: Span) -> Decimal | None:
    """What is aimed for in a period: set for it, or added up over its parts; None for nothing."""
    if (key, span.name) in of:
        return of[key, span.name]
    finer = _finer(span)[:1]
    several = [_over_time(of, key, part) for unit in finer for part in span.parts(unit)]
    known = [one for one in several if one is not None]
    return sum(known, ZERO) if known else None


def _add_up(tree: Tree, team: int, values: dict[Key, Decimal]) -> Decimal:
    below = sum((_add_up(tree, key, values) for key in tree.teams_under(team)), ZERO)
    below += sum((values.get(("person", one.pk), ZERO) for one in tree.people_in(team)), ZERO)
    if ("team", team) not in values and below:
        values["team", team] = below
    return values.get(("team", team), ZERO)


def total_of(tree: Tree, values: Mapping[Key, Decimal]) -> Decimal | None:
    """What everybody the reader sees aims for: the company's target where they see that, else the tops together; None for nothing."""
    if COMPANY in values:
        return values[COMPANY]
    tops = [values[key] for key in tree.right_below(None) if key in values]
    return sum(tops, ZERO) if tops else None
