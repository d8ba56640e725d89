"""What a new company starts with: a pipeline with its stages, and reasons for losing."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from guanxi.crm.pipelines.model import Pipeline
from guanxi.entity.actors import SYSTEM
from guanxi.entity.registry import entity_named
from guanxi.record.changes import Origin, create, create_many

WORDS: dict[str, dict[str, str]] = {
    "en": {},
    "zh-hans": {
        "Sales": "销售", "New": "新建", "Qualified": "需求确认", "Proposal": "方案报价", "Negotiation": "商务谈判", "Won": "赢单", "Lost": "输单",
        "Price": "价格", "Competitor": "竞争对手", "No budget": "没有预算", "No decision": "没有决策", "Missing feature": "功能缺失",
        "Timing": "时机不对", "Lost touch": "失去联系", "Other": "其他",
    },
}  # fmt: skip
STAGES: list[tuple[str, str, str, str, int | None, str]] = [
    ("New", "0.1", "open", "pipeline", 14, ""),
    ("Qualified", "0.3", "open", "pipeline", 21, "acc"),
    ("Proposal", "0.5", "open", "best", 21, "info"),
    ("Negotiation", "0.8", "open", "commit", 30, "warn"),
    ("Won", "1", "won", "closed", None, "good"),
    ("Lost", "0", "lost", "omitted", None, "bad"),
]
REASONS = ["Price", "Competitor", "No budget", "No decision", "Missing feature", "Timing", "Lost touch", "Other"]


def start(language: str = "en") -> Any:
    """The first pipeline, in the company's language; nothing when there is one."""
    existing = Pipeline.objects.filter(deleted_at__isnull=True).order_by("position", "id").first()
    return existing or make_pipeline(language)


def make_pipeline(language: str) -> Any:
    """A pipeline with its stages, and the reasons for losing, in a language."""
    words, origin = WORDS.get(language, {}), Origin(via="system")
    pipeline = create(entity_named("pipelines"), {"name": words.get("Sales", "Sales")}, by=SYSTEM, origin=origin)
    stages = [
        {
            "pipeline": pipeline.pk, "name": words.get(name, name), "position": position, "probability": Decimal(probability),
            "outcome": outcome, "forecast": forecast, "stuck_after": stuck, "tone": tone,
        }
        for position, (name, probability, outcome, forecast, stuck, tone) in enumerate(STAGES)
    ]  # fmt: skip
    create_many(entity_named("stages"), stages, by=SYSTEM, origin=origin)
    reasons = [{"name": words.get(name, name), "position": position} for position, name in enumerate(REASONS)]
    create_many(entity_named("loss_reasons"), reasons, by=SYSTEM, origin=origin)
    return pipeline
