"""What can be done with deals: move, win, lose, reopen."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.crm.deals.events import DealLost, DealMoved, DealReopened, DealWon
from guanxi.crm.deals.rules import may_close, may_order, may_quote, may_reopen
from guanxi.crm.orders.verbs import order_from
from guanxi.crm.pipelines.model import Stage
from guanxi.crm.pipelines.queries import stages, stages_of
from guanxi.crm.quotes.verbs import quote_from
from guanxi.entity.actors import Actor
from guanxi.entity.field import Field
from guanxi.entity.kinds import Day, Link, LongText
from guanxi.entity.registry import entity_of
from guanxi.record.changes import UI, Origin, write
from guanxi.record.refusals import Refused
from guanxi.record.verbs import verb


def enter(deal: Any, stage: Stage, *, by: Actor, origin: Origin, event: Any, **values: Any) -> Any:
    """Move a locked deal to a stage by the pipeline's rules, setting values on the way. Refused."""
    if stage.pk == deal.stage_id and not values:
        return deal
    errors: dict[str, str] = {}
    present = stages().get(deal.stage_id)
    if stage.pipeline_id != values.get("pipeline", deal.pipeline_id):
        errors["stage"] = _("“%(stage)s” belongs to another pipeline.") % {"stage": stage.name}
    elif present and present.moves_to and stage.pk != present.pk and stage.pk not in present.moves_to:
        errors["stage"] = _("A deal cannot move from “%(here)s” to “%(there)s”.") % {
            "here": present.name,
            "there": stage.name,
        }
    entity = entity_of(deal)
    for name in stage.requires:
        field = entity.fields.get(name)
        if field and name not in values and field.k.is_empty(field.of(deal)):
            errors[name] = _("Needed to enter “%(stage)s”.") % {"stage": stage.name}
    if stage.outcome == "lost" and not (values.get("loss_reason") or deal.loss_reason_id):
        errors["loss_reason"] = _("Say why the deal was lost.")
    if errors:
        raise Refused(errors)
    return write(deal, by=by, event=event, origin=origin, stage=stage.pk, **values)


def move(deal: Any, to: int | None, *, by: Actor, origin: Origin = UI) -> Any:
    """A locked deal to another stage of its pipeline; what setting `stage` means. Refused."""
    stage = stages().get(to or 0)
    if stage is None:
        raise Refused({"stage": _("Choose a stage.")})
    event = {"won": DealWon, "lost": DealLost}.get(stage.outcome, DealMoved)
    return enter(deal, stage, by=by, origin=origin, event=event)


def change_pipeline(deal: Any, to: int | None, *, by: Actor, origin: Origin = UI) -> Any:
    """A locked deal onto another pipeline, at its first stage. Refused."""
    if to == deal.pipeline_id:
        return deal
    first = next(iter(stages_of(to)), None)
    if first is None:
        raise Refused({"pipeline": _("This pipeline has no stages.")})
    return enter(deal, first, by=by, origin=origin, event=DealMoved, pipeline=to)


def _stage_with(deal: Any, outcome: str) -> Stage:
    for stage in stages_of(deal.pipeline_id):
        if stage.outcome == outcome:
            return stage
    raise Refused({"stage": _("The pipeline has no such stage; an administrator can add one.")})


@verb(
    gettext_lazy("Won"),
    icon="trophy",
    tone="good",
    rule=may_close,
    primary=True,
    key="w",
    fields=(
        Field("closed_on", kind=Day(), label=gettext_lazy("Closed"), default=lambda by: by.locale.today),
        Field("competitor", kind=Link("accounts"), label=gettext_lazy("Won against")),
    ),
    done=gettext_lazy("%(record)s is won."),
)
def win(deal: Any, *, by: Actor, origin: Origin, closed_on: dt.date | None, competitor: int | None) -> Any:
    values = {"closed_on": closed_on or by.locale.today, **({"competitor": competitor} if competitor else {})}
    return enter(deal, _stage_with(deal, "won"), by=by, origin=origin, event=DealWon, **values)


@verb(
    gettext_lazy("Lost"),
    icon="circle-x",
    tone="bad",
    rule=may_close,
    key="l",
    fields=(
        Field("loss_reason", kind=Link("loss_reasons"), label=gettext_lazy("Reason"), required=True),
        Field("competitor", kind=Link("accounts"), label=gettext_lazy("Lost to")),
        Field("loss_note", kind=LongText(), label=gettext_lazy("What happened")),
    ),
    done=gettext_lazy("%(record)s is lost."),
)
def lose(deal: Any, *, by: Actor, origin: Origin, loss_reason: int, competitor: int | None, loss_note: str) -> Any:
    values = {
        "loss_reason": loss_reason,
        "loss_note": loss_note,
        "closed_on": by.locale.today,
        **({"competitor": competitor} if competitor else {}),
    }
    return enter(deal, _stage_with(deal, "lost"), by=by, origin=origin, event=DealLost, **values)


@verb(gettext_lazy("Make an order"), icon="shopping-cart", rule=may_order, bulk=False)
def order(deal: Any, *, by: Actor, origin: Origin) -> Any:
    return order_from(deal, deal.lines, by=by, origin=origin, deal=deal.pk)


@verb(gettext_lazy("Quote"), icon="file-dollar", rule=may_quote, bulk=False)
def quote(deal: Any, *, by: Actor, origin: Origin) -> Any:
    return quote_from(deal, by=by, origin=origin)


@verb(gettext_lazy("Reopen"), icon="arrow-back-up", rule=may_reopen, done=gettext_lazy("%(record)s is open again."))
def reopen(deal: Any, *, by: Actor, origin: Origin) -> Any:
    last_open = _last_open_stage(deal)
    cleared = {"closed_on": None, "loss_reason": None, "loss_note": "", "competitor": None}
    return write(deal, by=by, event=DealReopened, origin=origin, stage=last_open.pk, **cleared)


def _last_open_stage(deal: Any) -> Stage:
    """The open stage the deal was in last, or the first of the pipeline."""
    known = stages()
    for period in deal.stage_periods.order_by("-began_at", "-id"):
        stage = known.get(period.stage_id)
        if stage and stage.outcome == "open" and stage.pipeline_id == deal.pipeline_id:
            return stage
    return _stage_with(deal, "open")
