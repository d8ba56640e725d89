"""What the specimen pages say: invented companies and people out of `en.json` and `zh.json`, and what follows from them."""

from functools import cache
from pathlib import Path
from typing import Any

import orjson

TONES = {"new": "", "qualified": "acc", "proposal": "info", "negotiation": "warn", "won": "good", "lost": "bad"}
COLUMNS = ("id", "name", "account", "stage", "sum", "closes", "late", "owner", "owner_id", "next")


@cache
def words(language: str) -> dict[str, Any]:
    """Everything the pages need in `en` or `zh`."""
    said = orjson.loads((Path(__file__).parent / f"{language}.json").read_bytes())
    stages = dict(zip(TONES, said["stages"], strict=True))
    deals = [_deal(row, stages, said["sign"]) for row in said["rows"]]
    lanes = [_lane(key, label, number, deals, said["sign"]) for number, (key, label) in enumerate(stages.items())]
    tree = {
        "and": [
            {"path": "stage", "op": "in", "value": ["proposal", "negotiation"]},
            {"path": "amount", "op": ">", "value": 5000},
            {"path": "owner", "op": "in", "value": ["me"]},
        ]
    }
    more = {"language": language, "deals": deals, "lanes": lanes, "stages": stages, "tree_text": orjson.dumps(tree).decode()}
    return {**said, **more, "catalogue": _catalogue(said, stages), **_charts(said, lanes)}


def _deal(row: list[Any], stages: dict[str, str], sign: str) -> dict[str, Any]:
    deal = dict(zip(COLUMNS, row, strict=True))
    return {**deal, "amount": f"{sign}{deal['sum']:,}", "stage_label": stages[deal["stage"]], "tone": TONES[deal["stage"]]}


def _lane(key: str, label: str, number: int, deals: list[dict[str, Any]], sign: str) -> dict[str, Any]:
    cards = [deal for deal in deals if deal["stage"] == key]
    total = sum(card["sum"] for card in cards)
    return {"key": key, "label": label, "tone": TONES[key], "cards": cards, "sum": total, "total": f"{sign}{total:,}", "share": 20 * number}


def _catalogue(said: dict[str, Any], stages: dict[str, str]) -> dict[str, Any]:
    """Fields of every kind the condition builder edits."""
    is_any, over, between, holds, empty, starts = said["operators"]
    stage, amount, name, owner, closes, renewed = said["field_labels"]
    within = {"op": "between", "label": between}
    return {
        "fields": [
            {
                "path": "stage", "label": stage, "kind": "choice", "icon": "list-check", "ops": [{"op": "in", "label": is_any}],
                "choices": [{"value": key, "label": label} for key, label in stages.items()],
            },
            {
                "path": "amount", "label": amount, "kind": "money", "icon": "coin",
                "ops": [{"op": ">", "label": over}, within, {"op": "is empty", "label": empty}],
            },
            {
                "path": "name", "label": name, "kind": "text", "icon": "letter-case",
                "ops": [{"op": "contains", "label": holds}, {"op": "starts", "label": starts}],
            },
            {
                "path": "owner", "label": owner, "kind": "user", "icon": "user", "url": "options", "ops": [{"op": "in", "label": is_any}],
                "quick": [{"op": "in", "value": ["me"], "label": said["me"], "joint": said["is"]}],
            },
            {
                "path": "closes_on", "label": closes, "kind": "date", "icon": "calendar",
                "ops": [within, {"op": ">", "value": "days", "format": "-{n}d", "label": said["last_days"]}],
            },
            {"path": "renewed", "label": renewed, "kind": "yes/no", "icon": "toggle-left", "ops": [{"op": "=", "label": said["is"]}]},
        ],
        "labels": {"owner": {"1": said["alice"]}},
    }  # fmt: skip


def _charts(said: dict[str, Any], lanes: list[dict[str, Any]]) -> dict[str, Any]:
    labels, money = [lane["label"] for lane in lanes], {"unit": "money", "currency": said["currency"]}
    sums = {"label": said["total"], "values": [lane["sum"] for lane in lanes]}
    counts = {"label": said["total"], "values": [len(lane["cards"]) for lane in lanes]}
    won = {"label": said["won"], "values": [120, 180, 150, 240, 260, 310], "tone": "good"}
    planned = {"label": said["planned"], "values": [140, 160, 190, 210, 240, 280], "tone": "info"}
    people = [{"label": name, "values": [(3 * row + 5 * month) % 11 for month in range(6)]} for row, name in enumerate(said["people"])]
    return {
        "chart": {"shape": "bar", "labels": labels, "series": [sums], "links": ["list"] * len(labels), **money},
        "lines": {"shape": "area", "labels": said["months"], "series": [won, planned]},
        "pie": {"shape": "pie", "labels": labels, "series": [counts]},
        "heat": {"shape": "heat", "labels": said["months"], "series": people},
        "rows_chart": {"shape": "rows", "labels": said["people"], "series": [{"label": said["total"], "values": [620, 410, 280]}], **money},
    }
