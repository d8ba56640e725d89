"""How targets are shown."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.access.rights import company
from guanxi.access.titles import people, teams
from guanxi.crm.forecast.rights import reach
from guanxi.crm.targets import verbs
from guanxi.crm.targets.kinds import Goal, Period, Unit
from guanxi.crm.targets.measures import CHOICES, COUNTED, MEASURES
from guanxi.crm.targets.model import Target
from guanxi.entity.actors import Actor
from guanxi.entity.entity import Entity, Noun, Page, Preset, Section
from guanxi.entity.field import Field
from guanxi.record.cleaning import team_of

MOST = Decimal(10) ** 15
SUBJECT = frozenset({"owner", "team"})
SAME = ("owner", "team", "period", "measure", "pipeline", "product", "family")
"""There is one target for each."""


def derive(target: Any, changed: set[str]) -> None:
    """Whose it is, its currency, and what it is called. A new one is nobody's own unless it says whose."""
    if target.pk is None:
        target.owner_id = target.owner_id if "owner" in changed else None
        target.team_id = target.team_id if "team" in changed else None
    if target.owner_id is not None and (changed & SUBJECT or target.pk is None):
        target.team_id = team_of(target.owner_id)
    target.currency = "" if target.measure in COUNTED else target.currency or company().currency
    target.name = f"{subject_name(target)} · {target.period}"


def subject_name(target: Any) -> str:
    """Whose target it is."""
    if target.owner_id is not None:
        return people().get(target.owner_id, "–")
    return teams().get(target.team_id, "–") if target.team_id is not None else company().name


def check(target: Any, changed: set[str], by: Actor) -> Mapping[str, str]:
    """What is aimed for can be measured so; it is one of its kind, and of people and teams that the person manages."""
    measure, errors = MEASURES[target.measure], dict[str, str]()
    if target.value is not None and not 0 <= target.value < MOST:
        errors["value"] = _("A target is an amount that is not negative.")
    elif target.value is not None and target.measure in COUNTED and target.value != target.value.to_integral_value():
        errors["value"] = _("Type a whole number.")
    if target.pipeline_id and not measure.pipeline:
        errors["pipeline"] = _("“%(measure)s” is not measured by pipeline.") % {"measure": measure.label}
    for name in ("product", "family"):
        if (target.product_id if name == "product" else target.family) and not measure.product:
            errors[name] = _("“%(measure)s” is not measured by product.") % {"measure": measure.label}
    if target.product_id and target.family:
        errors.setdefault("family", _("Choose a product or a family of products, not both."))
    if target.weight is not None and target.weight <= 0:
        errors["weight"] = _("A weight is above zero.")
    if target.pk is not None and changed & SUBJECT and not _may_set(target, by):
        errors["owner" if "owner" in changed else "team"] = _("You may not set this target.")
    return errors or _twice(target, changed)


def _may_set(target: Any, by: Actor) -> bool:
    return reach(by, "edit", "targets").over(team=target.team_id) or (target.owner_id is not None and target.owner_id == by.pk)


def _twice(target: Any, changed: set[str]) -> Mapping[str, str]:
    if target.pk is not None and not changed & {*SAME}:
        return {}
    same = Target.objects.filter(
        deleted_at__isnull=True, owner=target.owner_id, period=target.period, measure=target.measure, pipeline=target.pipeline_id,
        product=target.product_id, family=target.family,
    )  # fmt: skip
    same = same if target.owner_id is not None else same.filter(team=target.team_id)
    return {"period": _("There is such a target already.")} if same.exclude(pk=target.pk).exists() else {}


TARGETS = Entity(
    path="targets",
    model=Target,
    noun=Noun(gettext_lazy("target"), gettext_lazy("targets")),
    icon="target-arrow",
    title="name",
    group="sell",
    searchable=False,
    managed=True,
    order=("-id",),
    subtitle=("measure",),
    fields_declared=[
        Field("name", read_only=True, glance=True),
        Field("measure", kind=CHOICES, glance=True, also=("indicator", "kpi", "指标", "考核指标")),
        Field(
            "owner", label=gettext_lazy("Person"), glance=True, hint=gettext_lazy("Empty for the target of a whole team, or of the company"),
            also=("person", "seller", "salesperson", "sales person", "sales rep", "name", "姓名", "销售", "销售人员", "负责人", "人员"),
        ),
        Field("team", glance=True, hint=gettext_lazy("A person’s own team is filled in by itself"), also=("team", "department", "部门", "团队")),
        Field("period", kind=Period(), glance=True, required=True, also=("月份", "季度", "年度", "周期", "时间")),
        Field("value", kind=Goal(), glance=True, also=("target", "goal", "quota", "目标", "目标值", "目标额", "任务", "任务额")),
        Field("currency", kind=Unit()),
        Field("pipeline", glance=True),
        Field("product", glance=True),
        Field("family"),
        Field("weight", hint=gettext_lazy("By which the target of the team above is split")),
        Field("note", search="C"),
        Field("external_id", search="D"),
        Field("created_at", read_only=True),
        Field("created_by", read_only=True),
        Field("id", read_only=True),
    ],
    sections=[
        Section(gettext_lazy("Target"), ("owner", "team", "measure", "period", "value", "currency")),
        Section(gettext_lazy("Of what"), ("pipeline", "product", "family", "weight", "note")),
    ],
    verbs=(verbs.split_below, verbs.split_over_time),
    views=[
        Preset("all", gettext_lazy("All targets"), "", ("-period",)),
        Preset("mine", gettext_lazy("My targets"), "owner = me", ("-period",)),
        Preset("teams", gettext_lazy("Of teams"), "owner is empty", ("-period",)),
    ],
    derive=derive,
    check=check,
    pages=(Page("attainment", gettext_lazy("Attainment"), "gauge"), Page("sheet", gettext_lazy("Yearly spreadsheet"), "table-import")),
)  # fmt: skip
