"""The ways of choosing an owner, and what can be assigned."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from guanxi.crm.choices import INDUSTRIES
from guanxi.entity.kinds.choices import Choice, Offered, Option
from guanxi.entity.registry import entities

WAYS = Choice(
    (
        Option("in_turn", _("In turn"), also=("round robin", "轮流")),
        Option("weighted", _("By weight"), also=("weighted", "按权重")),
        Option("least_loaded", _("Least loaded"), also=("load balanced", "最少负载")),
        Option("territory", _("By territory"), also=("按区域",)),
        Option("parent", _("Same owner as what it belongs to"), also=("same owner",)),
        Option("person", _("The first who is there"), also=("person", "指定人员")),
        Option("pool", _("Into a pool"), also=("queue", "进入公海")),
    ),
    plain=True,
)


WHILE_AWAY = Choice(
    (
        Option("keep", _("It stays theirs"), also=("keep", "保留")),
        Option("untouched", _("What nobody has touched goes to others"), also=("untouched", "未跟进的转交")),
        Option("open", _("All that is open goes to others"), also=("open", "全部转交")),
    ),
    plain=True,
)


def _owned() -> list[Option]:
    return [
        Option(one.path, one.noun.many)
        for one in entities()
        if "owner" in {field.name for field in one.fields_declared} and not one.part_of and not one.managed
    ]


OF = Offered(_owned, lambda path: None)


def industries() -> dict[str, str]:
    """The industries by value, with their labels."""
    return {one.value: str(one.label) for one in INDUSTRIES}
