"""What became of a forecast between two days: effects that add up to the difference; and how good past commitments were."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from guanxi.access.models import User
from guanxi.crm.forecast.rights import reach, sees, sees_forecast
from guanxi.crm.forecast.snapshots import states
from guanxi.crm.forecast.spans import Span
from guanxi.crm.forecast.tree import everyone
from guanxi.crm.rates.converting import Converter
from guanxi.entity.registry import entity_named
from guanxi.record.reach import visible
from guanxi.record.refusals import Forbidden

ZERO = Decimal(0)
EFFECTS = ("new", "in", "grown", "shrunk", "out", "won", "lost", "gone")
"""New deals, those pulled into the period, grown, shrunk, pushed out of it or omitted, won, lost, in the trash."""


@dataclass
class Slippage:
    """Open deals of a period that are not omitted, on two days, and what lies between."""

    span: Span
    since: dt.date
    upto: dt.date
    currency: str
    start: Decimal = ZERO
    end: Decimal = ZERO
    effects: dict[str, Decimal] = field(default_factory=lambda: dict.fromkeys(EFFECTS, ZERO))
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(EFFECTS, 0))
    missing: set[str] = field(default_factory=set)
    """Currencies without a rate, whose deals are left out."""


def seen_deals(reader: User, pipeline: int | None = None) -> Any:
    """The deals whose past the reader may see: those they see now, of the people whose forecast they see. Forbidden."""
    if not sees_forecast(reader) or not sees("amount", reader):
        raise Forbidden(_("The forecast is grouped by fields of deals that you may not see."))
    found, whose = visible(entity_named("deals"), to=reader).order_by(), reach(reader)
    if pipeline:
        found = found.filter(pipeline=pipeline)
    if whose.everyone:
        return found
    people = [one.pk for one in everyone().values() if whose.over(team=one.team_id)]
    return found.filter(Q(owner=reader.pk) | Q(owner__in=people) | Q(owner__isnull=True, team__in=list(whose.teams)))


def slippage(reader: User, span: Span, since: dt.date, upto: dt.date, pipeline: int | None = None) -> Slippage:
    """What became of a period's open deals from the end of one day to the end of another. Amounts by one day's rates, so that none of it is theirs. Forbidden."""
    found = Slippage(span, since, upto, reader.locale.currency)
    rows = states(seen_deals(reader, pipeline), since, upto, span.first, span.after)
    converter, day = Converter(found.currency), reader.locale.today
    converter.learn((currency, day) for row in rows for currency in (row[5], row[10]) if currency)
    for _key, first_on, *both in rows:
        _weigh(found, converter, day, first_on, both[:5], both[5:])
    return found


def _weigh(found: Slippage, converter: Converter, day: dt.date, first_on: dt.date, before: Sequence[Any], after: Sequence[Any]) -> None:
    was, here = _counts(found.span, before), _counts(found.span, after)
    if not was and not here:
        return
    rates = [converter.rate(one[3] or "", day) for one, counted in ((before, was), (after, here)) if counted]
    if None in rates:
        found.missing |= {one[3] for one in (before, after) if one[3] and converter.rate(one[3], day) is None}
        return
    a = before[2] * (converter.rate(before[3], day) or ZERO) if was else ZERO
    b = after[2] * (converter.rate(after[3], day) or ZERO) if here else ZERO
    found.start += a
    found.end += b
    name = _effect(was, here, b - a, first_on > found.since, after[0])
    if name:
        found.effects[name] += b - a
        found.counts[name] += 1


def _counts(span: Span, state: Sequence[Any]) -> bool:
    outcome, category, _amount, _currency, due = state
    return outcome == "open" and category != "omitted" and due is not None and span.first <= due < span.after


def _effect(was: bool, here: bool, difference: Decimal, fresh: bool, outcome: str) -> str:
    if not was:
        return "new" if fresh else "in"
    if not here:
        return outcome if outcome in {"won", "lost", "gone"} else "out"
    return "grown" if difference > 0 else "shrunk" if difference < 0 else ""


@dataclass
class Accuracy:
    """A past period: what was won and committed at its start and halfway, and what was won in the end."""

    span: Span
    currency: str
    start: Decimal = ZERO
    half: Decimal = ZERO
    won: Decimal = ZERO
    known: bool = False
    """Whether there was a snapshot by the start."""
    missing: set[str] = field(default_factory=set)
    """Currencies without a rate, whose deals are left out."""

    @property
    def rate(self) -> int | None:
        """What was won in the end of a hundred that were committed halfway."""
        return round(100 * self.won / self.half) if self.half else None


def accuracy(reader: User, span: Span, pipeline: int | None = None) -> Accuracy:
    """How good the commitments of a period were, all by one day's rates. Forbidden."""
    found = Accuracy(span, reader.locale.currency)
    halfway, last = span.first + (span.after - span.first) / 2, span.after - dt.timedelta(1)
    deals, converter, day = seen_deals(reader, pipeline), Converter(found.currency), reader.locale.today
    for on in (span.first, halfway):
        rows = states(deals, on, last, span.first, span.after)
        converter.learn((currency, day) for row in rows for currency in (row[5], row[10]) if currency)
        for _key, first_on, *both in rows:
            found.known = found.known or first_on <= span.first
            committed = _sure(found, both[:5], converter, day, ("closed", "commit"))
            if on == span.first:
                found.start += committed
            else:
                found.half += committed
                found.won += _sure(found, both[5:], converter, day, ("closed",))
    return found


def _sure(found: Accuracy, state: Sequence[Any], converter: Converter, day: dt.date, categories: Sequence[str]) -> Decimal:
    outcome, category, amount, currency, due = state
    if outcome not in {"open", "won"} or category not in categories or due is None or not found.span.first <= due < found.span.after:
        return ZERO
    rate = converter.rate(currency, day)
    if rate is None:
        found.missing.add(currency)
    return Decimal(amount) * (rate or ZERO)
