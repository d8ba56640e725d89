"""How deals, their contacts and lines are shown."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db.models import DurationField, ExpressionWrapper, F, IntegerField, OuterRef, Subquery, Sum, Value
from django.db.models.functions import Cast, Extract, Greatest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.crm.claims.entity import cost_field, cost_list
from guanxi.crm.contacts.entity import BUYING_ROLES
from guanxi.crm.contacts.model import Contact
from guanxi.crm.deals.alerting import alert
from guanxi.crm.deals.model import Deal, DealContact, DealLine, StagePeriod
from guanxi.crm.deals.verbs import change_pipeline, lose, move, order, quote, reopen, win
from guanxi.crm.lines.declaring import line_fields
from guanxi.crm.lines.pricing import CENT, check_line, priced_for
from guanxi.crm.pipelines.entity import OUTCOMES, OWN_FORECASTS
from guanxi.crm.pipelines.queries import first_pipeline, stages, stages_of
from guanxi.crm.scoring.entity import score_field
from guanxi.crm.sources.entity import SOURCE
from guanxi.crm.starting import own_currency, today
from guanxi.entity.actors import Actor
from guanxi.entity.entity import Board, Entity, Noun, Page, Preset, Related, Section, Write
from guanxi.entity.field import Field
from guanxi.entity.kinds import Currency, Links, MoneyKind, Name, Percent
from guanxi.record.changes import UI, write


def derive(deal: Any, changed: set[str]) -> None:
    """Pipeline from stage, outcome and probability from stage, weighted amount, when it gets stuck."""
    if deal.stage_id is None:
        deal.pipeline_id = deal.pipeline_id or first_pipeline()
        first = next(iter(stages_of(deal.pipeline_id)), None)
        if first is None:
            return
        deal.stage_id, changed = first.pk, changed | {"stage"}
    stage = stages().get(deal.stage_id)
    if stage is None:
        return
    if deal.pipeline_id is None or (deal.pk is None and "pipeline" not in changed):
        deal.pipeline_id = stage.pipeline_id
    if "stage" in changed:
        _arrive(deal, stage, changed)
        _walk(deal, stage)
    if deal.probability is None:
        deal.probability = stage.probability
    deal.weighted = None if deal.amount is None else (Decimal(deal.amount) * Decimal(deal.probability)).quantize(CENT)


def _arrive(deal: Any, stage: Any, changed: set[str]) -> None:
    deal.outcome = stage.outcome
    if "probability" not in changed:
        deal.probability = stage.probability
    if "stage_since" not in changed:
        deal.stage_since = timezone.now()
    deal.stuck_at = deal.stage_since + dt.timedelta(days=stage.stuck_after) if stage.stuck_after and stage.outcome == "open" else None
    if stage.outcome == "open":
        deal.closed_on = None
    elif deal.closed_on is None:
        deal.closed_on = deal.closes_on if deal.pk is None and deal.closes_on else timezone.localdate()


def _walk(deal: Any, stage: Any) -> None:
    """The last and the furthest open stage it stood in, of the pipeline it is on."""
    far = stages().get(deal.furthest_id)
    if far is None or far.pipeline_id != stage.pipeline_id:
        far = deal.last_open_id = deal.furthest_id = None
    if stage.outcome != "open":
        return
    deal.last_open_id = stage.pk
    if far is None or (far.position, far.pk) < (stage.position, stage.pk):
        deal.furthest_id = stage.pk


def check(deal: Any, changed: set[str], by: Actor) -> Mapping[str, str]:
    """A stage belongs to its pipeline; probabilities are probabilities."""
    stage = stages().get(deal.stage_id)
    if stage is None:
        return {"stage": _("Choose a stage.")}
    if stage.pipeline_id != deal.pipeline_id:
        return {"stage": _("“%(stage)s” belongs to another pipeline.") % {"stage": stage.name}}
    if deal.probability is not None and not 0 <= deal.probability <= 1:
        return {"probability": _("A probability is between 0% and 100%.")}
    return _against_lines(deal, changed) if deal.pk and {"amount", "currency"} & changed else {}


def _against_lines(deal: Any, changed: set[str]) -> Mapping[str, str]:
    """A deal with products is worth what they add up to, in the currency they are in."""
    total = deal.lines.filter(deleted_at__isnull=True).aggregate(sum=Sum("total"))["sum"]
    if total is None:
        return {}
    if "currency" in changed:
        return {"currency": _("The products of this deal are priced in the currency it has; remove them first.")}
    if deal.amount != total:
        return {"amount": _("The amount is what the products of this deal add up to; change them instead.")}
    return {}


def follow(writes: Sequence[Write], by: Actor) -> None:
    """Time in stage, and word of large deals."""
    moved = [one for one in writes if one.changed("stage")]
    if moved:
        _periods(moved)
    alert(writes, by)


def _periods(moved: Sequence[Write]) -> None:
    old = [one.record.pk for one in moved if not one.created]
    if old:
        since = Deal.objects.filter(pk=OuterRef("deal_id")).values("stage_since")
        StagePeriod.objects.filter(deal__in=old, ended_at__isnull=True).update(ended_at=Subquery(since), hours=_hours(Subquery(since)))
    StagePeriod.objects.bulk_create(
        StagePeriod(deal_id=one.record.pk, stage_id=one.record.stage_id, began_at=one.record.stage_since, by_id=one.record.changed_by_id)
        for one in moved
    )


def _hours(ended: Any) -> Any:
    """From when the period began, to the nearest hour."""
    seconds = Extract(ExpressionWrapper(ended - F("began_at"), DurationField()), "epoch")
    return Cast(Greatest(seconds / 3600, Value(0.0)), IntegerField())


def derive_part(part: Any, changed: set[str]) -> None:
    """A deal's contact is called after the contact."""
    if part.contact_id and ("contact" in changed or not part.name):
        part.name = Contact.objects.filter(pk=part.contact_id).values_list("name", flat=True).first() or ""


def follow_lines(writes: Sequence[Write], by: Actor) -> None:
    """A deal with lines is worth their sum."""
    for key, origin in {one.record.deal_id: one.origin for one in writes}.items():
        deal = Deal.objects.select_for_update().get(pk=key)
        total = deal.lines.filter(deleted_at__isnull=True).aggregate(sum=Sum("total"))["sum"]
        if total is not None:
            write(deal, by=by, event="edited", origin=origin or UI, amount=total)


DEALS = Entity(
    path="deals",
    model=Deal,
    noun=Noun(gettext_lazy("deal"), gettext_lazy("deals")),
    icon="currency-dollar",
    title="name",
    group="sell",
    order=("closes_on",),
    subtitle=("outcome",),
    fields_declared=[
        Field("name", kind=Name(200), glance=True, search="A"),
        Field("account", glance=True, card=True),
        Field("stage", glance=True, write=move, required=False),
        Field("amount", kind=MoneyKind(negative=False), glance=True, card=True, total=True),
        Field("currency", kind=Currency(), default=own_currency),
        Field("closes_on", glance=True, card=True),
        Field("owner", glance=True, card=True),
        Field("next_step", glance=True),
        Field("pipeline", write=change_pipeline, required=False),
        Field("contact"),
        Field("product"),
        Field("outcome", kind=OUTCOMES, read_only=True),
        score_field("deals"),
        Field("probability", kind=Percent()),
        Field("weighted", kind=MoneyKind(), read_only=True, total=True, tells=("amount",)),
        Field("forecast", kind=OWN_FORECASTS, hint=gettext_lazy("Empty: as its stage says.")),
        Field("opened_on", default=today),
        Field("closed_on"),
        Field("last_open", read_only=True, tells=("stage",)),
        Field("furthest", read_only=True, tells=("stage",)),
        Field("stage_since", read_only=True),
        Field("stuck_at", read_only=True),
        Field("loss_reason"),
        Field("loss_note"),
        Field("competitor"),
        Field("source", kind=SOURCE),
        Field("campaign", search="D"),
        Field("description", search="D"),
        Field("team"),
        Field("co_workers", kind=Links("users")),
        Field("readers", kind=Links("users")),
        cost_field(),
        Field("external_id", search="D"),
        Field("created_at", read_only=True),
        Field("created_by", read_only=True),
        Field("changed_at", read_only=True),
        Field("id", read_only=True),
    ],
    sections=[
        Section(gettext_lazy("Deal"), ("name", "account", "contact", "amount", "currency", "closes_on", "next_step", "claimed")),
        Section(
            gettext_lazy("Pipeline"),
            ("pipeline", "stage", "probability", "forecast", "product", "source", "campaign", "opened_on", "description"),
        ),
        Section(gettext_lazy("Outcome"), ("closed_on", "loss_reason", "competitor", "loss_note")),
        Section(gettext_lazy("Responsible"), ("owner", "team", "co_workers", "readers")),
    ],
    verbs=(win, lose, quote, order, reopen),
    related=[
        Related("contacts", "deal_contacts", "deal", gettext_lazy("People"), ("buying_role",), "id"),
        Related(
            "lines",
            "deal_lines",
            "deal",
            gettext_lazy("Products"),
            glance=("contents",),
            order="position",
            columns=("quantity", "price", "discount", "total"),
            begun_with=("product", "quantity"),
        ),
        Related("quotes", "quotes", "deal", gettext_lazy("Quotes"), ("status", "total"), "-id"),
        Related("orders", "orders", "deal", gettext_lazy("Orders"), ("state", "total"), "-id"),
        Related("contracts", "contracts", "deal", gettext_lazy("Contracts"), ("status", "value"), "-id"),
        cost_list("deal"),
        Related("activities", "activities", "deal", gettext_lazy("Activities"), ("kind", "at"), "-at", aside=False),
    ],
    board=Board(
        by="stage", total="amount", weighted="weighted", scope="pipeline", settles="outcome", stuck='outcome = "open" and stuck_at < now'
    ),
    calendar="closes_on",
    late={"closes_on": 'outcome = "open" and closes_on < today'},
    parent="account",
    about="deal",
    mergeable=True,
    pages=(
        Page("forecast", gettext_lazy("Forecast"), "chart-line"),
        Page("funnel", gettext_lazy("Funnel"), "chart-funnel"),
        Page("wins", gettext_lazy("Won and lost"), "trophy"),
    ),
    views=[
        Preset("mine", gettext_lazy("My open deals"), 'owner = me and outcome = "open"', ("closes_on",)),
        Preset(
            "quarter",
            gettext_lazy("Closing this quarter"),
            'outcome = "open" and closes_on within this_quarter',
            ("closes_on",),
        ),
        Preset("stuck", gettext_lazy("Stuck"), 'outcome = "open" and stuck_at < now', ("stuck_at",)),
        Preset("pipeline", gettext_lazy("Board"), 'outcome = "open"', ("closes_on",), "board"),
        Preset("all", gettext_lazy("All deals"), "", ("-id",)),
    ],
    derive=derive,
    check=check,
    follow=follow,
)

DEAL_CONTACTS = Entity(
    path="deal_contacts",
    model=DealContact,
    noun=Noun(gettext_lazy("person in a deal"), gettext_lazy("people in deals")),
    icon="users",
    title="name",
    searchable=False,
    part_of="deal",
    parent="deal",
    fields_declared=[
        Field("name", read_only=True, glance=True),
        Field("deal", glance=True),
        Field("contact", glance=True),
        Field("buying_role", kind=BUYING_ROLES, glance=True),
        Field("external_id"),
        Field("id", read_only=True),
    ],
    sections=[Section(gettext_lazy("Person"), ("deal", "contact", "buying_role"))],
    derive=derive_part,
)

DEAL_LINES = Entity(
    path="deal_lines",
    model=DealLine,
    noun=Noun(gettext_lazy("deal line"), gettext_lazy("deal lines")),
    icon="list-numbers",
    title="name",
    searchable=False,
    part_of="deal",
    parent="deal",
    order=("position",),
    arranged="position",
    fields_declared=line_fields("deal", worth="amount"),
    sections=[Section(gettext_lazy("Line"), ("deal", "product", "name", "quantity", "price", "currency", "discount"))],
    derive=priced_for("deal"),
    check=check_line,
    follow=follow_lines,
)
