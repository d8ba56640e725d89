"""By what targets are measured: each measure is declared once, and asked by a condition that its figures lead to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from django.db.models import Exists, OuterRef, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, pgettext_lazy

from guanxi.crm.deals.model import Deal
from guanxi.crm.deals.selling import sells
from guanxi.crm.forecast.spans import Span
from guanxi.entity.kinds import Choice, Option


@dataclass(frozen=True)
class Measure:
    """What is counted or summed: records of an entity, by the day of a field, for their owners."""

    name: str
    label: str | Promise
    entity: str
    on: str
    """The field of the day, or moment, by which a record falls into a period."""
    where: str = ""
    """Which records, as a condition."""
    amount: str = ""
    """The field that is summed; without one records are counted."""
    pipeline: str = ""
    """The field that leads to a pipeline, where targets may be of one."""
    product: bool = False
    """Whether targets may be of a product: of what deals sell."""
    only: Callable[[], Q] | None = None
    """What no condition says of which records."""
    also: tuple[str, ...] = ()

    @property
    def unit(self) -> Literal["amount", "count"]:
        return "amount" if self.amount else "count"

    def condition(self, span: Span, *, pipeline: int | None = None, product: int | None = None, family: str = "") -> str:
        """The records of a period, as a condition."""
        parts = [self.where, f"{self.on} >= {span.first}", f"{self.on} < {span.after}"]
        parts += [f"{self.pipeline} = {pipeline}"] if pipeline else []
        parts += [sells(f"product = {product}")] if product else []
        parts += [sells(f"product.family = {_quoted(family)}")] if family else []
        return " and ".join(part for part in parts if part)


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _first_won() -> Q:
    """Deals before which none was won of the same account, whoever may see it."""
    won = Deal.objects.filter(account=OuterRef("account"), outcome="won", deleted_at__isnull=True)
    sooner = Q(closed_on__lt=OuterRef("closed_on")) | Q(closed_on=OuterRef("closed_on"), pk__lt=OuterRef("pk"))
    return Q(~Exists(won.filter(sooner)))


_WON = 'outcome = "won"'
_DONE = "done_at is not empty"
_MEASURES = (
    Measure("won_amount", gettext_lazy("Won amount"), "deals", "closed_on", _WON, "amount", "pipeline", product=True, also=("won", "sales", "销售额", "业绩", "签单额")),
    Measure("received_amount", gettext_lazy("Received amount"), "payments", "received_on", amount="amount", also=("received", "payments", "回款", "回款额")),
    Measure("billed_amount", gettext_lazy("Invoiced amount"), "invoices", "issued_on", 'status = "issued"', "total", also=("billed", "invoiced", "开票", "开票额")),
    Measure("ordered_amount", gettext_lazy("Ordered amount"), "orders", "ordered_on", 'status in ("confirmed", "closed")', "total", also=("orders", "订单额")),
    Measure("won_count", pgettext_lazy("measure", "Deals won"), "deals", "closed_on", _WON, pipeline="pipeline", product=True, also=("赢单数",)),
    Measure("opened_count", gettext_lazy("Deals opened"), "deals", "opened_on", pipeline="pipeline", product=True, also=("新商机",)),
    Measure("new_customers", gettext_lazy("New customers"), "deals", "closed_on", f"{_WON} and account is not empty", pipeline="pipeline", product=True, only=_first_won, also=("customers", "新客户", "新增客户")),
    Measure("new_leads", gettext_lazy("New leads"), "leads", "created_at", also=("leads", "线索", "新线索")),
    Measure("qualified_leads", gettext_lazy("Qualified leads"), "leads", "qualified_at", also=("合格线索",)),
    Measure("activities", gettext_lazy("Activities done"), "activities", "at", _DONE, also=("跟进", "跟进次数")),
    Measure("meetings", gettext_lazy("Visits and meetings"), "activities", "at", f'{_DONE} and kind in ("visit", "meeting")', also=("visits", "meetings", "拜访", "会议")),
)  # fmt: skip
MEASURES = {one.name: one for one in _MEASURES}
CHOICES = Choice(tuple(Option(one.name, one.label, also=one.also) for one in _MEASURES), plain=True)
COUNTED = frozenset(one.name for one in _MEASURES if one.unit == "count")
