"""How pipelines, stages and loss reasons are shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from guanxi.base.words import fold
from guanxi.crm.deals.walking import walk_later
from guanxi.crm.pipelines.model import LossReason, Pipeline, Stage
from guanxi.crm.pipelines.queries import first_pipeline, stages, stages_of
from guanxi.crm.starting import own_currency
from guanxi.entity.actors import Actor
from guanxi.entity.entity import Entity, Noun, Related, Section, Write
from guanxi.entity.field import Field
from guanxi.entity.kinds import Choice, Currency, Links, MoneyKind, Percent, Several, options
from guanxi.entity.registry import entity_named
from guanxi.record.memory import tell_everyone

OUTCOMES = Choice(
    options(
        ("open", gettext_lazy("Open"), "info"),
        ("won", gettext_lazy("Won"), "good"),
        ("lost", gettext_lazy("Lost"), "bad"),
    )
)
_OPEN = (("pipeline", pgettext_lazy("forecast", "Pipeline")), ("best", gettext_lazy("Best case")), ("commit", gettext_lazy("Commit")))
_OMITTED = ("omitted", gettext_lazy("Omitted"))
FORECASTS = Choice(options(*_OPEN, ("closed", pgettext_lazy("forecast", "Closed")), _OMITTED), plain=True)
OWN_FORECASTS = Choice(options(*_OPEN, _OMITTED), plain=True)
"""What an open deal can be, whatever its stage says."""
TONES = Choice(
    options(
        ("acc", gettext_lazy("Teal")),
        ("info", gettext_lazy("Blue"), "info"),
        ("warn", gettext_lazy("Amber"), "warn"),
        ("good", gettext_lazy("Green"), "good"),
        ("bad", gettext_lazy("Red"), "bad"),
    )
)


def follow_stages(writes: Sequence[Write], by: Actor) -> None:
    """Every process is told; deals may have come further, or less far, than before."""
    tell_everyone(writes, by)
    walk_later(writes, by)


ELSEWHERE = {
    "won": {
        "closed won",
        "closedwon",
        "won",
        "closed - won",
        "success",
        "successful",
        "signed",
        "赢单",
        "已赢单",
        "成交",
        "已成交",
        "成功",
        "签约",
        "已签约",
    },
    "lost": {
        "closed lost",
        "closedlost",
        "lost",
        "closed - lost",
        "dead",
        "disqualified",
        "abandoned",
        "输单",
        "已输单",
        "丢单",
        "失败",
        "已流失",
        "无效",
        "放弃",
    },
}
"""What other systems call the stages at which deals end."""


def stage_alias(name: str) -> int | None:
    """The stage of the first pipeline that ends deals as a name from elsewhere says."""
    outcome = next((outcome for outcome, names in ELSEWHERE.items() if fold(name) in names), None)
    return next((stage.pk for stage in stages_of(first_pipeline()) if outcome and stage.outcome == outcome), None)


def forecast_of(outcome: str, probability: Any) -> str:
    """The category of the forecast that suits a stage of which nothing else is said."""
    if outcome != "open":
        return "closed" if outcome == "won" else "omitted"
    sure = Decimal(probability or 0)
    return "commit" if sure >= Decimal("0.8") else "best" if sure >= Decimal("0.5") else "pipeline"


def derive_stage(stage: Any, changed: set[str]) -> None:
    """The category of the forecast; a new stage stands on the first pipeline, after its open stages, unless it says otherwise."""
    stage.forecast = stage.forecast or forecast_of(stage.outcome, stage.probability)
    if stage.pk is not None:
        return
    stage.pipeline_id = stage.pipeline_id or first_pipeline()
    if "position" not in changed:
        opened = [one.position for one in stages_of(stage.pipeline_id) if one.outcome == "open"]
        stage.position = max(opened, default=0)


def may_be_required() -> dict[str, str]:
    """The fields of deals that a stage may ask for, by name, with their labels."""
    moved = {"pipeline", "stage"}
    return {name: str(one.label) for name, one in entity_named("deals").fields.items() if not one.read_only and name not in moved}


def check_stage(stage: Any, changed: set[str], by: Actor) -> Mapping[str, str]:
    """Moves stay on the pipeline; a probability is one."""
    elsewhere = [key for key in stage.moves_to if key in stages() and stages()[key].pipeline_id != stage.pipeline_id]
    if elsewhere:
        return {"moves_to": _("“%(stage)s” belongs to another pipeline.") % {"stage": stages()[elsewhere[0]].name}}
    if not 0 <= (stage.probability or 0) <= 1:
        return {"probability": _("A probability is between 0% and 100%.")}
    return {}


PIPELINES = Entity(
    path="pipelines",
    model=Pipeline,
    noun=Noun(gettext_lazy("pipeline"), gettext_lazy("pipelines")),
    icon="route",
    title="name",
    settings=True,
    searchable=False,
    order=("position",),
    arranged="position",
    fields_declared=[
        Field("name", glance=True),
        Field("position", glance=True),
        Field(
            "large_from",
            kind=MoneyKind(),
            glance=True,
            hint=gettext_lazy("Owners and managers are told what becomes of deals from this amount on. Empty: of none."),
        ),
        Field("currency", kind=Currency(), default=own_currency),
        Field("external_id"),
        Field("id", read_only=True),
    ],
    sections=[Section(gettext_lazy("Pipeline"), ("name", "position", "large_from", "currency"))],
    related=[
        Related(
            "stages",
            "stages",
            "pipeline",
            gettext_lazy("Stages"),
            ("probability", "outcome", "stuck_after"),
            "position",
        )
    ],
    follow=tell_everyone,
)

STAGES = Entity(
    path="stages",
    model=Stage,
    noun=Noun(gettext_lazy("stage"), gettext_lazy("stages")),
    icon="stairs",
    title="name",
    settings=True,
    searchable=False,
    order=("position",),
    arranged="position",
    fields_declared=[
        Field("name", glance=True),
        Field("pipeline", glance=True),
        Field("position", glance=True),
        Field("outcome", kind=OUTCOMES, glance=True),
        Field("probability", kind=Percent(), glance=True),
        Field("forecast", kind=FORECASTS, hint=gettext_lazy("Empty: as suits its outcome and probability.")),
        Field("requires", kind=Several(may_be_required)),
        Field("moves_to", kind=Links("stages")),
        Field("stuck_after", glance=True),
        Field("tone", kind=TONES),
        Field("external_id"),
        Field("id", read_only=True),
    ],
    sections=[
        Section(gettext_lazy("Stage"), ("name", "pipeline", "position", "outcome", "probability", "forecast", "tone")),
        Section(gettext_lazy("Rules"), ("requires", "moves_to", "stuck_after")),
    ],
    alias=stage_alias,
    derive=derive_stage,
    check=check_stage,
    follow=follow_stages,
)

LOSS_REASONS = Entity(
    path="loss_reasons",
    model=LossReason,
    noun=Noun(gettext_lazy("loss reason"), gettext_lazy("loss reasons")),
    icon="thumb-down",
    title="name",
    settings=True,
    searchable=False,
    order=("position",),
    arranged="position",
    fields_declared=[
        Field("name", glance=True),
        Field("position", glance=True),
        Field("external_id"),
        Field("id", read_only=True),
    ],
    sections=[Section(gettext_lazy("Loss reason"), ("name", "position"))],
    follow=tell_everyone,
)
