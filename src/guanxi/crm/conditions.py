"""Conditions that administrators type into settings: pools, rules of assignment, scores."""

from __future__ import annotations

import datetime as dt
from typing import Any

from guanxi.entity.actors import SYSTEM
from guanxi.entity.conditions import ConditionError, check, parse
from guanxi.entity.conditions import compile as compile_condition
from guanxi.entity.entity import Entity
from guanxi.entity.kinds import LongText
from guanxi.entity.registry import entity_named


class ConditionText(LongText):
    """A condition in its text form; over which entity, the record says that has it."""

    name = "condition"

    def sample(self) -> str:
        return "id > 0"


def wrong_in(text: str, path: str) -> str:
    """What is wrong with a condition over an entity; empty for nothing, and for no condition."""
    if not text.strip():
        return ""
    try:
        check(parse(text), entity_named(path), SYSTEM)
    except ConditionError as error:
        return str(error)
    return ""


def condition_of(text: str, entity: Entity, *, now: dt.datetime | None = None) -> Any:
    """The Q of a condition of settings, seen with every right; of all records when it is empty. ConditionError."""
    return compile_condition(parse(text), entity, SYSTEM, now=now)
