"""What became of a forecast between two days: effects that add up to the difference; and how good past commitments were."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from guanxi.access.models import User
from guanxi.crm.forecast.rights import reach, sees, sees_forecast
from guanxi.crm.forecast.snapshots import Move, moves, sums
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
    moved = moves(seen_deals(reader, pipeline), since, upto, span.first, span.after)
    converter, day = Converter(found.currency), reader.locale.today
    converter.learn((currency, day) for one in moved for currency in (one.currency, one.currency_after) if currency)
    for one in moved:
        _weigh(found, converter, day, one)
    return found


def _weigh(found: Slippage, converter: Converter, day: dt.date, moved: Move) -> None:
    told = [currency for currency, counts in ((moved.currency, moved.was), (moved.currency_after, moved.here)) if counts]
    unknown = {currency for currency in told if converter.rate(currency, day) is None}
    if unknown:
        found.missing |= unknown
        return
    before = moved.amount * (converter.rate(moved.currency, day) or ZERO)
    after = moved.amount_after * (converter.rate(moved.currency_after, day) or ZERO)
    found.start += before
    found.end += after
    name = _effect(moved, after - before)
    if name:
        found.effects[name] += after - before
        found.counts[name] += moved.deals


def _effect(moved: Move, difference: Decimal) -> str:
    if not moved.was:
        return "new" if moved.fresh else "in"
    if not moved.here:
        return moved.ends if moved.ends in {"won", "lost", "gone"} else "out"
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


def accuracy(reader: User, *spans: Span, pipeline: int | None = None) -> list[Accuracy]:
    """How good the commitments of some periods were, all by one day's rates. Forbidden."""
    found = [Accuracy(span, reader.locale.currency) for span in spans]
    if not found:
        return []
    rows, converter, day = sums(seen_deals(reader, pipeline), spans), Converter(reader.locale.currency), reader.locale.today
    converter.learn((row.currency, day) for row in rows if row.currency)
    for row in rows:
        one = found[row.place - 1]
        one.known = one.known or (row.first_on is not None and row.first_on <= one.span.first)
        told = {"start": row.start, "half": row.half} if row.category in {"closed", "commit"} else {}
        if row.category == "closed":
            told["won"] = row.end
        for name, amount in told.items():
            if not amount:
                continue
            rate = converter.rate(row.currency, day)
            if rate is None:
                one.missing.add(row.currency)
            setattr(one, name, getattr(one, name) + amount * (rate or ZERO))
    return found
