"""The demo company's assignment rules and territories, an absence, and scores learnt from its history."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.db import transaction

from guanxi.crm.models import Pool
from guanxi.crm.scoring.learning import learn
from guanxi.entity.registry import entity_named
from guanxi.record.changes import create
from guanxi.web.demo.author import BY, ORIGIN

if TYPE_CHECKING:
    from guanxi.web.demo.company import Demo

SCORES: tuple[dict[str, Any], ...] = (
    {"name": "Leads", "of": "leads", "uses": ["source", "industry", "budget"]},
    {"name": "Deals", "of": "deals", "uses": ["source", "product", "amount", "owner"]},
)


def make_assignment(demo: Demo) -> None:
    """Chinese leads by region, the website's in turn, the rest to whoever has least; pools given out every morning."""
    chinese = [person.user.pk for person in demo.sellers if person.chinese][:6]
    others = [person.user.pk for person in demo.sellers if not person.chinese][:6]
    _make("territories", name="华东", regions=["31", "32", "33"], people=chinese[:3], position=1)
    _make("territories", name="华南", regions=["44", "45", "46"], people=chinese[3:], position=2)
    rules: tuple[dict[str, Any], ...] = (
        {"name": "中国区域", "condition": 'address.country = "CN"', "way": "territory"},
        {"name": "Website", "condition": 'source = "website"', "way": "in_turn", "people": others},
        {"name": "Everything else", "way": "least_loaded", "people": others},
    )
    for place, values in enumerate(rules):
        _make("assignment_rules", of="leads", position=place, **values)
    for pool in Pool.objects.filter(of="leads").order_by("position"):
        people = chinese if pool.name == "线索公海" else others
        values = {"name": f"{pool.name}: 20", "of": "leads", "way": "in_turn", "people": people, "active": False, "position": 10}
        rule = _make("assignment_rules", **values)
        Pool.objects.filter(pk=pool.pk).update(given_by=rule, each_round=20, rounds="daily", views_a_day=50)
    if others:
        today = demo.now.date()
        _make("absences", user=others[-1], starts_on=today - dt.timedelta(days=2), ends_on=today + dt.timedelta(days=5), note="Holiday")
    for values in SCORES:
        score = _make("scores", **values)
        transaction.on_commit(lambda key=score.pk: learn(key))  # type: ignore[misc]


def _make(path: str, **values: Any) -> Any:
    return create(entity_named(path), values, by=BY, origin=ORIGIN)
