"""From a record to facts: which fields can be used, how their values are told apart, and whether it was won."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from guanxi.access.rights import company
from guanxi.crm.scoring.bayes import Facts, range_of
from guanxi.crm.scoring.model import Score
from guanxi.entity.entity import Entity
from guanxi.entity.field import Field
from guanxi.entity.kinds import Choice, Link, MoneyKind, Number, YesNo
from guanxi.entity.registry import entity_named

OUTCOMES: Mapping[str, tuple[str, frozenset[str], frozenset[str]]] = {
    "leads": ("status", frozenset({"qualified", "converted"}), frozenset({"disqualified"})),
    "deals": ("outcome", frozenset({"won"}), frozenset({"lost"})),
}
"""The field that tells how it ended, and its values for won and lost."""
AGE_BY: Mapping[str, tuple[str, ...]] = {"leads": ("created_at",), "deals": ("closed_on", "created_at")}
"""What is older, what newer: the first of these that is there. Leads keep no day on which they were given up; they go by arrival."""
OPEN: Mapping[str, frozenset[str]] = {"leads": frozenset({"new", "working", "nurturing", "qualified"}), "deals": frozenset({"open"})}
TOLD_BY_THE_END = frozenset({"probability", "reason", "loss_reason", "competitor", "currency"})
"""Not known beforehand, or a person's own estimate, which is kept apart."""
SCORED = ("leads", "deals")


def usable(entity: Entity) -> list[Field]:
    """Fields whose values are few, or numbers, and known before the end. Texts say too many different things."""
    return [one for one in entity.bound.values() if _tells(one)]


def _tells(one: Field) -> bool:
    kinds = (Choice, Link, Number, YesNo)
    kept = one.read_only or one.rollup is not None or one.write is not None or not one.data
    return isinstance(one.k, kinds) and not kept and one.name not in TOLD_BY_THE_END and not one.custom


def score_for(path: str, pipeline: int | None = None) -> Score | None:
    """The score in use for records of an entity: that of the pipeline, or else that of all."""
    several = list(Score.objects.filter(of=path, active=True, deleted_at__isnull=True).order_by("id"))
    own = [one for one in several if one.pipeline_id is not None and one.pipeline_id == pipeline]
    return next(iter([*own, *(one for one in several if one.pipeline_id is None)]), None)


@dataclass(frozen=True)
class Read:
    """One record as the score sees it: facts, numbers not yet put into ranges."""

    key: int
    state: str
    values: Mapping[str, Any]
    at: Any


class Reader:
    """Reads records for a score, many at once and without making records of them."""

    def __init__(self, score: Score, uses: Sequence[str]) -> None:
        self.score = score
        self.entity = entity_named(score.of)
        self.fields = [self.entity.bound[name] for name in uses if name in self.entity.bound]
        self.state, self.won, self.lost = OUTCOMES[score.of]
        self.times = AGE_BY[score.of]
        self.currency = company().currency

    def records(self) -> Any:
        """Those the score is about."""
        rows = self.entity.model._default_manager.filter(deleted_at__isnull=True)
        return rows if self.score.pipeline_id is None else rows.filter(pipeline=self.score.pipeline_id)

    def read(self, rows: Any) -> Iterator[Read]:
        """These records."""
        names = [one.attribute for one in self.fields]
        money = [getattr(one.k, "currency", "") if isinstance(one.k, MoneyKind) else "" for one in self.fields]
        columns = ["pk", self.state, *self.times, *names, *sorted({one for one in money if one})]
        for row in rows.values_list(*dict.fromkeys(columns)).iterator(chunk_size=5000):
            told = dict(zip(dict.fromkeys(columns), row, strict=True))
            values = {
                one.name: told[one.attribute] if not beside or told[beside] in {"", self.currency} else None
                for one, beside in zip(self.fields, money, strict=True)
            }
            at = next((told[name] for name in self.times if told[name] is not None), None)
            yield Read(told["pk"], told[self.state], values, at)

    def outcome(self, one: Read) -> bool | None:
        """Whether it was won or lost; None while it is open."""
        return True if one.state in self.won else False if one.state in self.lost else None

    def facts(self, one: Read, edges: Mapping[str, Sequence[float]]) -> Facts:
        """Its facts, with numbers in their ranges."""
        return {field.name: fact_of(field, one.values[field.name], edges) for field in self.fields}

    @property
    def numbers(self) -> list[Field]:
        """The fields that need ranges."""
        return [one for one in self.fields if isinstance(one.k, Number)]


def fact_of(field: Field, value: Any, edges: Mapping[str, Sequence[float]]) -> str:
    """A value as a fact; empty for none."""
    if value is None or value == "":
        return ""
    if isinstance(field.k, Number):
        return range_of(float(value), edges.get(field.name, ()))
    return str(value)[:100]
