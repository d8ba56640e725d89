"""The funnel: of the deals opened in a period, how many came how far, how long they stayed, and where and why they were lost.

A deal has *reached* a stage when it ever stood in it or in a later one of its pipeline, or is won: whoever skips a stage has passed it.
Every deal has reached the first. It was *lost from* the open stage in which it stood last; one that came in lost, from none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from guanxi.access.models import User
from guanxi.crm.forecast.rights import sees
from guanxi.crm.funnel.asking import Asked, asked_of
from guanxi.crm.funnel.stays import Stays, stays
from guanxi.crm.pipelines.model import Stage
from guanxi.crm.pipelines.queries import first_pipeline, stages, stages_of
from guanxi.crm.rates.summing import Summed, Sums, sums_by
from guanxi.record.refusals import Missing

CENT = Decimal("0.01")
MADE_OF = ("outcome", "stage", "last_open", "furthest", "pipeline")
NOWHERE = -1
"""The place of the deals that were lost before they stood in any open stage."""


def empty() -> Summed:
    return Summed(())


@dataclass
class Step:
    """A stage of the funnel; the last step is having won, and has none."""

    stage: Stage | None
    reached: Summed = field(default_factory=empty)
    here: Summed = field(default_factory=empty)
    """Of the open deals, those that stand here now."""
    lost: Summed = field(default_factory=empty)
    """Those that were lost from here."""
    reasons: dict[int | None, Summed] = field(default_factory=dict)
    stays: Stays | None = None


@dataclass
class Funnel:
    """The funnel of one pipeline for one reader."""

    asked: Asked
    currency: str
    steps: list[Step]
    early: Step
    """What was lost before it stood anywhere."""
    sums: Sums
    reasoned: bool
    """Whether the reader sees why deals were lost."""

    @property
    def start(self) -> Summed:
        """All deals of the cohort."""
        return self.steps[0].reached

    def rates(self, place: int) -> tuple[float | None, float | None]:
        """The share of the deals of the step before that reached this one, and that of all deals."""
        here, before = self.steps[place].reached.count, self.steps[max(place - 1, 0)].reached.count
        return here / before if before and place else None, here / self.start.count if self.start.count else None

    def losses(self) -> Iterator[tuple[int | None, dict[int, Summed], Summed]]:
        """By reason, the commonest first: what was lost from each place, and in all."""
        rows: dict[int | None, dict[int, Summed]] = {}
        for place, step in ((NOWHERE, self.early), *enumerate(self.steps)):
            for reason, lost in step.reasons.items():
                rows.setdefault(reason, {})[place] = lost
        whole = {reason: together(by_place.values()) for reason, by_place in rows.items()}
        for reason in sorted(rows, key=lambda reason: (-whole[reason].count, reason or 0)):
            yield reason, rows[reason], whole[reason]

    # ——— the same deals as conditions ———

    def reached(self, place: int) -> str:
        """Those that reached a step."""
        if place == 0:
            return self.asked.condition
        if self.steps[place].stage is None:
            return f'{self.asked.condition} and outcome = "won"'
        later = ", ".join(str(step.stage.pk) for step in self.steps[place:] if step.stage)
        return f'{self.asked.condition} and (furthest in ({later}) or outcome = "won")'

    def here(self, place: int) -> str:
        """Those that stand in it now."""
        stage = self.steps[place].stage
        return f'{self.asked.condition} and outcome = "open" and stage = {stage.pk if stage else 0}'

    def lost(self, place: int | None = None, reason: int | None = None, *, by_reason: bool = False) -> str:
        """Those that were lost: from a place, for a reason."""
        said = f'{self.asked.condition} and outcome = "lost"'
        if place is not None:
            stage = self.steps[place].stage if place != NOWHERE else None
            said += f" and last_open = {stage.pk}" if stage else " and last_open is empty"
        if by_reason:
            said += " and loss_reason is empty" if reason is None else f" and loss_reason = {reason}"
        return said


def together(several: Any) -> Summed:
    """Several groups as one."""
    whole = empty()
    for one in several:
        whole.add(one)
    return whole


def funnel(reader: User, asked: Asked) -> Funnel:
    """Two queries. Forbidden, Missing where the pipeline has no open stages."""
    opened = [stage for stage in stages_of(asked.pipeline) if stage.outcome == "open"]
    if not opened:
        raise Missing(_("This pipeline has no stages."))
    found, reasoned = asked.deals(reader, MADE_OF), sees("loss_reason", reader)
    by = ("outcome", "stage_id", "last_open_id", "furthest_id", *(("loss_reason_id",) if reasoned else ()))
    sums = sums_by(
        found, [F(name) for name in by],
        target=reader.locale.currency, today=reader.locale.today, closed="closed_on",
    )  # fmt: skip
    steps = [Step(stage) for stage in opened] + [Step(None)]
    whole = Funnel(asked, reader.locale.currency, steps, Step(None), sums, reasoned)
    places = {stage.pk: place for place, stage in enumerate(opened)}
    for group in sums.groups:
        _place(whole, group, places)
    if sees("stage_since", reader):
        spent = stays(found, places, timezone.now())
        for key, place in places.items():
            steps[place].stays = spent[key]
    return whole


def _place(whole: Funnel, group: Summed, places: Mapping[int, int]) -> None:
    outcome, stage, last, far, *reason = group.group
    furthest = len(whole.steps) - 1 if outcome == "won" else places.get(far, 0)
    for step in whole.steps[: furthest + 1]:
        step.reached.add(group)
    if outcome == "open" and stage in places:
        whole.steps[places[stage]].here.add(group)
    if outcome == "lost":
        step = whole.steps[places[last]] if last in places else whole.early
        step.lost.add(group)
        if reason:
            step.reasons.setdefault(reason[0], empty()).add(group)


# ——— for programs ———

MONEY = {"type": ["string", "null"]}
TEXT = {"type": "string"}
NUMBER = {"type": ["number", "null"]}
PART: dict[str, Any] = {"type": "object", "required": ["deals", "amount", "condition"], "additionalProperties": False, "properties": {
    "deals": {"type": "integer"}, "amount": MONEY, "condition": TEXT,
}}  # fmt: skip
_REASON = {"reason": {"type": ["integer", "null"]}, **PART["properties"]}
_LOSSES = {"type": "array", "items": {"type": "object", "additionalProperties": False, "required": list(_REASON), "properties": _REASON}}
_STAYS = {"ended": {"type": "integer"}, "median": NUMBER, "mean": NUMBER, "still": {"type": "integer"}, "so_far": NUMBER}
_STEP = {
    "stage": {"type": ["integer", "null"]}, "title": TEXT, "reached": PART, "from_step_before": NUMBER, "from_start": NUMBER,
    "here": {"anyOf": [PART, {"type": "null"}]}, "lost": {"anyOf": [PART, {"type": "null"}]}, "losses": _LOSSES,
    "days": {"type": ["object", "null"], "additionalProperties": False, "properties": _STAYS},
}  # fmt: skip
FRAME = {
    "period": TEXT, "first": TEXT, "after": TEXT, "pipeline": {"type": ["integer", "null"]}, "currency": TEXT,
    "converted": {"type": "array", "items": TEXT}, "missing": {"type": "object", "additionalProperties": TEXT},
}  # fmt: skip
SCHEMA: dict[str, Any] = {
    "type": "object", "additionalProperties": False, "required": [*FRAME, "data", "lost_before"],
    "properties": {
        **FRAME, "lost_before": PART,
        "data": {"type": "array", "items": {"type": "object", "additionalProperties": False, "required": list(_STEP), "properties": _STEP}},
    },
}  # fmt: skip


def funnel_asked(asked: Mapping[str, str], user: User) -> Asked:
    """What is asked for: of the first pipeline with such deals where none is named. Refused, Missing, Forbidden."""
    said = asked_of(asked, user, day="opened_on")
    if said.pipeline:
        return said
    known = dict.fromkeys(stage.pipeline_id for stage in stages().values() if stage.outcome == "open")
    several = [replace(said, pipeline=key) for key in known]
    full = (one for one in several if len(several) == 1 or one.deals(user, MADE_OF).exists())
    return next(full, replace(said, pipeline=first_pipeline()))


def sees_amounts(reader: User) -> bool:
    """Whether amounts are clear to the reader."""
    return sees("amount", reader) and sees("currency", reader)


def frame(asked: Asked, sums: Sums, reader: User) -> dict[str, Any]:
    """What was asked for, and in which money it is told."""
    shown = sees_amounts(reader)
    return {
        "period": asked.span.name, "first": asked.span.first.isoformat(), "after": asked.span.after.isoformat(), "pipeline": asked.pipeline,
        "currency": reader.locale.currency, "converted": sums.converted if shown else [],
        "missing": {currency: str(amount.quantize(CENT)) for currency, amount in sorted(sums.missing.items())} if shown else {},
    }  # fmt: skip


def part(one: Summed, condition: str, *, shown: bool) -> dict[str, Any]:
    """A number of deals with what they come to, and which they are."""
    return {"deals": one.count, "amount": str(one.amount.quantize(CENT)) if shown else None, "condition": condition}


def told(reader: User, asked: Mapping[str, str]) -> dict[str, Any]:
    """The funnel as JSON; shares as fractions, times in days."""
    whole, shown = funnel(reader, funnel_asked(asked, reader)), sees_amounts(reader)
    return {
        **frame(whole.asked, whole.sums, reader), "data": [_told(whole, place, shown) for place in range(len(whole.steps))],
        "lost_before": part(whole.early.lost, whole.lost(NOWHERE), shown=shown),
    }  # fmt: skip


def _told(whole: Funnel, place: int, shown: bool) -> dict[str, Any]:
    step, (before, start) = whole.steps[place], whole.rates(place)
    won = step.stage is None
    losses = [
        {"reason": reason, **part(lost, whole.lost(place, reason, by_reason=True), shown=shown)}
        for reason, lost in sorted(step.reasons.items(), key=lambda one: -one[1].count)
    ]
    return {
        "stage": step.stage.pk if step.stage else None, "title": step.stage.name if step.stage else _("Won"),
        "reached": part(step.reached, whole.reached(place), shown=shown),
        "from_step_before": _rounded(before, 4), "from_start": _rounded(start, 4),
        "here": None if won else part(step.here, whole.here(place), shown=shown),
        "lost": None if won else part(step.lost, whole.lost(place), shown=shown), "losses": losses,
        "days": _days(step.stays) if step.stays else None,
    }  # fmt: skip


def _days(one: Stays) -> dict[str, Any]:
    sums = {name: _rounded(getattr(one, name), 2) for name in ("median", "mean", "so_far")}
    return {"ended": one.ended, "still": one.still, **sums}


def _rounded(value: float | None, places: int) -> float | None:
    return None if value is None else round(value, places)
