"""The dashboards a new company starts with: sales for managers, money for everyone who may see it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from guanxi.access.models import Role
from guanxi.entity.conditions import parse
from guanxi.entity.registry import entity_named
from guanxi.record.memory import raise_epoch
from guanxi.surfaces.dashboards.model import Dashboard
from guanxi.surfaces.dashboards.saving import put
from guanxi.surfaces.views.view import condition_text

Tile = tuple[tuple[str, str], str, str, int, str, Mapping[str, str]]

SALES: Sequence[Tile] = (
    (("Won this month", "本月赢单"), "deals", "number", 1, 'stage.outcome = "won" and closed_on within this_month', {"sum": "amount"}),
    (("Won this quarter", "本季度赢单"), "deals", "number", 1, 'stage.outcome = "won" and closed_on within this_quarter', {"sum": "amount"}),
    (("Open pipeline, weighted", "在途商机（加权）"), "deals", "number", 1, 'stage.outcome = "open"', {"sum": "weighted"}),
    (("Closing this month", "本月预计成交"), "deals", "number", 1, 'stage.outcome = "open" and closes_on within this_month', {"sum": "amount"}),
    (("Open deals by stage", "各阶段在途商机"), "deals", "chart", 2, 'stage.outcome = "open"', {"group": "stage", "sum": "amount"}),
    (("Won by month", "各月赢单"), "deals", "chart", 2, 'stage.outcome = "won" and closed_on > -365d', {"group": "closed_on", "sum": "amount"}),
    (("Why deals are lost", "丢单原因"), "deals", "chart", 2, 'stage.outcome = "lost" and closed_on > -365d', {"group": "loss_reason"}),
    (("Won by person", "按负责人赢单"), "deals", "chart", 2, 'stage.outcome = "won" and closed_on within this_quarter', {"group": "owner", "sum": "amount"}),
    (("Largest open deals", "最大的在途商机"), "deals", "list", 2, 'stage.outcome = "open"', {"order": "-amount", "columns": "name,account,amount,stage"}),
    (("New leads by source", "各来源新线索"), "leads", "chart", 2, "created_at > -90d", {"group": "source"}),
)  # fmt: skip
MONEY: Sequence[Tile] = (
    (("Received this month", "本月回款"), "payments", "number", 1, "received_on within this_month", {"sum": "amount"}),
    (("Due this month", "本月应收"), "instalments", "number", 1, "open > 0 and due_on within this_month", {"sum": "open"}),
    (("Overdue", "已逾期"), "instalments", "number", 1, "open > 0 and due_on < today", {"sum": "open"}),
    (("Payments to match", "待核销回款"), "payments", "number", 1, "left > 0", {}),
    (("Received by month", "各月回款"), "payments", "chart", 2, "received_on > -365d", {"group": "received_on", "sum": "amount"}),
    (("Longest overdue", "逾期最久"), "instalments", "list", 2, "open > 0 and due_on < today", {"order": "due_on", "columns": "name,account,open,due_on"}),
)  # fmt: skip
STARTING: Sequence[tuple[tuple[str, str], str, Sequence[Tile]]] = (
    (("Sales", "销售"), "manager", SALES),
    (("Money", "回款"), "", MONEY),
)


def start_dashboards(language: str = "en", roles: Mapping[str, Role] | None = None) -> None:
    """The dashboards in the company's language; nothing when there are some. One of a role is for it alone, the others for everyone."""
    if Dashboard.objects.exists():
        return
    place = int(language.startswith("zh"))
    for position, (names, role, tiles) in enumerate(STARTING):
        board = Dashboard.objects.create(name=names[place], owner=None, everyone=not role, position=position)
        if role and roles and role in roles:
            board.roles.add(roles[role])
        for called, path, shape, width, condition, options in tiles:
            asked: dict[str, Any] = {"condition": condition_text(parse(condition)), **options}
            put(board, entity_named(path), {"name": called[place], "shape": shape, "width": width, "asked": asked}, by=None)
    raise_epoch()
