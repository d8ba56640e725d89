"""The demo company's pools: leads and accounts nobody took care of, and the rules by which they come back."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from guanxi.access.models import Team
from guanxi.crm.models import Contact, Pool, PoolMove
from guanxi.entity.registry import entity_named
from guanxi.record.changes import create, update
from guanxi.web.demo.author import BY, ORIGIN

if TYPE_CHECKING:
    from guanxi.web.demo.company import Demo

POOLS: tuple[tuple[str, str, bool, dict[str, Any]], ...] = (
    (
        "Lead pool",
        "leads",
        False,
        {"claims_a_day": 10, "capacity": 200, "not_counted": 'status = "converted"', "cooling_days": 30, "masked": ["phones", "emails"]},
    ),
    (
        "线索公海",
        "leads",
        True,
        {"claims_a_day": 10, "capacity": 200, "not_counted": 'status = "converted"', "cooling_days": 30, "masked": ["phones", "emails"]},
    ),
    ("Account pool", "accounts", False, {"claims_a_day": 3, "capacity": 400, "protect_days": 30, "not_counted": "won_amount > 0"}),
    ("客户公海", "accounts", True, {"claims_a_day": 3, "capacity": 400, "protect_days": 30, "not_counted": "won_amount > 0"}),
)
RULES = {
    "leads": (
        ("Never contacted", "长期未联系", 'status in ("new", "working") and owned_since < -180d and last_contact_at is empty', 7),
        ("Contacted, then left", "跟进中断", 'status in ("working", "nurturing") and last_contact_at < -240d', 14),
    ),
    "accounts": (
        ("No deal, no contact", "无成交且未跟进", 'relationship = "prospect" and deals is empty and last_contact_at < -365d', 14),
    ),
}
REASONS = ("Wrong region", "No answer after five calls", "Asked us to call again next year")
REASONS_ZH = ("不在负责区域", "多次联系未接通", "对方要求明年再联系")


def make_pools(demo: Demo) -> None:
    """Two pools of each, and what was given back to them."""
    made: dict[tuple[str, bool], Pool] = {}
    for place, (name, of, chinese, limits) in enumerate(POOLS):
        teams = list(Team.objects.filter(name__in=("华东", "华南") if chinese else ("Harbour", "Airport")).values_list("pk", flat=True))
        values = {"name": name, "of": of, "teams": teams, "position": place, **limits}
        made[of, chinese] = create(entity_named("pools"), values, by=BY, origin=ORIGIN)
        for at, (rule, rule_zh, condition, days) in enumerate(RULES[of]):
            values = {"pool": made[of, chinese].pk, "name": rule_zh if chinese else rule, "condition": condition, "warn_days": days}
            create(entity_named("pool_rules"), {**values, "position": at}, by=BY, origin=ORIGIN)
    for of, share in (("leads", 0.12), ("accounts", 0.04)):
        _give_back(demo, of, share, made)


def _give_back(demo: Demo, of: str, share: float, made: dict[tuple[str, bool], Pool]) -> None:
    chinese_sellers = {person.user.pk for person in demo.sellers if person.chinese}
    entity = entity_named(of)
    unused: dict[str, dict[str, Any]] = {
        "leads": {"status__in": ["new", "working", "nurturing"]},
        "accounts": {"relationship": "prospect", "deals__isnull": True},
    }
    records: list[Any] = list(entity.model._default_manager.filter(**unused[of]).order_by("pk"))
    chosen = demo.chance.sample(records, int(len(records) * share * (1 if of == "leads" else 3)))
    pairs, moves = [], []
    for record in chosen:
        chinese, before = record.owner_id in chinese_sellers, record.owner_id
        moment, pool = demo.between(max(record.created_at, demo.now - dt.timedelta(days=40)), demo.now), made[of, chinese]
        pairs.append((record, {"pool": pool.pk, "owner": None, "changed_at": moment, "changed_by_id": before}))
        moves.append(PoolMove(
            entity=of, record_id=record.pk, at=moment, why="return", owner_before_id=before, pool_after=pool, by_id=before,
            reason=demo.pick(REASONS_ZH if chinese else REASONS),
        ))  # fmt: skip
    update(entity, pairs, by=BY, event="returned", origin=ORIGIN)
    PoolMove.objects.bulk_create(moves)
    if of == "accounts":
        contacts = Contact.objects.filter(account__in=chosen)
        update(entity_named("contacts"), [(one, {"owner": None}) for one in contacts], by=BY, event="edited", origin=ORIGIN)
    for move in moves:
        entity.model._default_manager.filter(pk=move.record_id).update(pooled_at=move.at)
