"""In which category of the forecast a deal stands, for the database and, the same, as a condition for people."""

from __future__ import annotations

from functools import lru_cache

from django.db.models import Case, CharField, Q, Value, When

from guanxi.crm.forecast.spans import Span
from guanxi.crm.pipelines.queries import stages

CATEGORIES = ("closed", "commit", "best", "pipeline", "omitted")
"""The surest first. Won deals are closed, lost ones are in none; of open ones the deal says, or else its stage does."""


def category() -> Case:
    """The category of an open or won deal."""
    by_stage: dict[str, list[int]] = {}
    for stage in stages().values():
        # An open stage whose deals count as closed: as sure as an open deal can be.
        by_stage.setdefault("commit" if stage.forecast == "closed" else stage.forecast, []).append(stage.pk)
    said: list[When] = [When(forecast=name, then=Value(name)) for name in CATEGORIES[1:]]
    staged: list[When] = [When(stage__in=keys, then=Value(name)) for name, keys in by_stage.items() if name != "pipeline"]
    return Case(
        When(outcome="won", then=Value("closed")), *said, *staged, default=Value("pipeline"), output_field=CharField()
    )  # fmt: skip


def within(span: Span) -> Q:
    """The deals of a period: won in it, or open and to close in it."""
    return Q(outcome="won", closed_on__gte=span.first, closed_on__lt=span.after) | Q(
        outcome="open", closes_on__gte=span.first, closes_on__lt=span.after
    )


@lru_cache(maxsize=64)
def condition(name: str, span: Span) -> str:
    """The deals of a category in a period, as a condition; of all that count without a name."""
    won = f'outcome = "won" and closed_on >= {span.first} and closed_on < {span.after}'
    still = f'outcome = "open" and closes_on >= {span.first} and closes_on < {span.after}'
    if name == "closed":
        return won
    if not name:
        return f"({won} or {still} and not ({_said('omitted')}))"
    return f"{still} and ({_said(name)})"


def _said(name: str) -> str:
    if name == "pipeline":
        return 'forecast = "pipeline" or forecast is empty and not stage.forecast in ("best", "commit", "closed", "omitted")'
    of_stage = 'stage.forecast in ("commit", "closed")' if name == "commit" else f'stage.forecast = "{name}"'
    return f'forecast = "{name}" or forecast is empty and {of_stage}'
