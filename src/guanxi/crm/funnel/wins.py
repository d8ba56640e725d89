"""Won and lost: the deals closed in a period by what they have in common, with the shares that were won and how long they took.

By product, a deal counts for each product it sells, with what its lines of it come to; in the total it counts once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import F, Func, IntegerField
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.access.models import User
from guanxi.access.titles import titles
from guanxi.crm.deals.selling import sees_sold, selling, sells
from guanxi.crm.forecast.rights import sees
from guanxi.crm.funnel.asking import Asked, asked_of
from guanxi.crm.funnel.figures import FRAME, MONEY, NUMBER, PART, TEXT, empty, frame, part, sees_amounts
from guanxi.crm.rates.summing import Summed, Sums, sums_by
from guanxi.entity.registry import entity_named
from guanxi.record.refusals import Forbidden, Missing

MADE_OF = ("outcome",)


@dataclass(frozen=True)
class Dimension:
    """Something deals have in common: a field of theirs."""

    name: str
    label: str | Promise
    nothing: str | Promise
    """What is said of deals without one."""
    lost_only: bool = False
    """Won deals have none."""


DIMENSIONS = (
    Dimension("owner", gettext_lazy("Person"), gettext_lazy("No owner")),
    Dimension("competitor", gettext_lazy("Competitor"), gettext_lazy("No competitor named")),
    Dimension("source", gettext_lazy("Source"), gettext_lazy("No source")),
    Dimension("product", gettext_lazy("Product"), gettext_lazy("No product")),
    Dimension("loss_reason", gettext_lazy("Reason lost"), gettext_lazy("No reason given"), lost_only=True),
)


@dataclass
class Row:
    """The deals that have one value in common."""

    key: Any
    title: str
    won: Summed = field(default_factory=empty)
    lost: Summed = field(default_factory=empty)

    @property
    def closed(self) -> int:
        return self.won.count + self.lost.count

    @property
    def rate(self) -> float | None:
        """The share won, of the deals."""
        return self.won.count / self.closed if self.closed else None

    @property
    def rate_of_amount(self) -> float | None:
        """The share won, of what they are worth."""
        whole = self.won.amount + self.lost.amount
        return float(self.won.amount / whole) if whole else None

    def mean(self, outcome: str) -> Any:
        """The mean amount of the deals that have one."""
        of = self.won if outcome == "won" else self.lost
        return of.amount / of.priced if of.priced else None

    def days(self, outcome: str) -> float | None:
        """The mean days from being opened to being closed."""
        of = self.won if outcome == "won" else self.lost
        return of.total / of.measured if of.measured else None

    def add(self, outcome: str, group: Summed) -> None:
        (self.won if outcome == "won" else self.lost).add(group)


@dataclass
class Wins:
    """What was won and lost, for one reader."""

    asked: Asked
    by: Dimension
    rows: list[Row]
    total: Row
    sums: Sums
    timed: bool
    """Whether the reader sees when deals were opened."""

    def condition(self, row: Row, outcome: str) -> str:
        """The deals behind a figure."""
        said = f'{self.asked.condition} and outcome = "{outcome}"'
        if row is self.total:
            return said
        what = f"{self.by.name} {_is(row.key)}"
        return f"{said} and {sells(what) if self.by.name == 'product' else what}"


def _is(key: Any) -> str:
    if key is None:
        return "is empty"
    if isinstance(key, tuple):
        return f"in ({', '.join(map(str, key))})"
    return f"= {key}" if isinstance(key, int) else f"= {_quoted(key)}"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def dimensions(reader: User) -> list[Dimension]:
    """Those whose fields the reader sees."""
    return [one for one in DIMENSIONS if (sees_sold(reader) if one.name == "product" else sees(one.name, reader))]


def wins(reader: User, asked: Asked, by: Dimension) -> Wins:
    """The most deals first. Two queries: one for the sums, one for titles; by product one more for the total. Forbidden."""
    if by not in dimensions(reader):
        raise Forbidden(_("These figures are made of fields of deals that you may not see."))
    found = asked.deals(reader, MADE_OF).filter(outcome__in=["won", "lost"])
    attribute, timed = entity_named("deals").fields[by.name].attribute or by.name, sees("opened_on", reader)
    days = (
        Func(F("closed_on"), F("opened_on"), template="(%(expressions)s)", arg_joiner=" - ", output_field=IntegerField()) if timed else None
    )

    def summed(deals: Any, *shared: str, amount: str = "amount") -> Sums:
        return sums_by(
            deals, [F("outcome"), *map(F, shared)],
            target=reader.locale.currency, today=reader.locale.today, closed="closed_on", amount=amount, averaged=days,
        )  # fmt: skip

    by_product = by.name == "product"
    sums = summed(found) if by_product else summed(found, attribute)
    parts = summed(selling(found), "sold", amount="worth") if by_product else sums
    rows: dict[Any, Row] = {}
    total = Row(None, "")
    for group in sums.groups:
        total.add(group.group[0], group)
    for group in parts.groups:
        outcome, key = group.group
        if not (by.lost_only and outcome == "won"):
            rows.setdefault(key or None, Row(key or None, "")).add(outcome, group)
    several = [*_named(rows, by, reader)]
    return Wins(asked, by, sorted(several, key=lambda row: (row.key is None, -row.closed, row.title)), total, sums, timed)


def _named(rows: Mapping[Any, Row], by: Dimension, reader: User) -> Iterator[Row]:
    """The rows with their titles; those that lead to what the reader may not see are one."""
    field = entity_named("deals").fields[by.name]
    target = field.k.linked()
    names = titles({target: {key for key in rows if key is not None}}, to=reader) if target else {}
    unseen = Row(tuple(sorted(key for key in rows if target and key is not None and (target, key) not in names)), _("Some you may not see"))
    for key, row in rows.items():
        if target and key in unseen.key:
            unseen.won.add(row.won)
            unseen.lost.add(row.lost)
            continue
        row.title = str(by.nothing) if key is None else names[target, key] if target else field.k.format(key, reader.locale, {})
        yield row
    if unseen.key:
        yield unseen


# ——— for programs ———

_SIDE = {
    **PART, "required": [*PART["required"], "mean_amount", "mean_days"],
    "properties": {**PART["properties"], "mean_amount": MONEY, "mean_days": NUMBER},
}  # fmt: skip
_ROW = {
    "value": {"type": ["integer", "string", "array", "null"]},
    "title": TEXT,
    "won": _SIDE,
    "lost": _SIDE,
    "win_rate": NUMBER,
    "win_rate_of_amount": NUMBER,
}
_WHOLE = {"type": "object", "additionalProperties": False, "required": list(_ROW), "properties": _ROW}
SCHEMA: dict[str, Any] = {
    "type": "object", "additionalProperties": False, "required": [*FRAME, "by", "total", "data"],
    "properties": {**FRAME, "by": TEXT, "total": _WHOLE, "data": {"type": "array", "items": _WHOLE}},
}  # fmt: skip


def wins_asked(asked: Mapping[str, str], user: User) -> tuple[Asked, Dimension, Sequence[Dimension]]:
    """What is asked for, by what, and what else there is: by person where nothing is said. Refused, Missing, Forbidden."""
    known = dimensions(user)
    name = asked.get("by", "")
    by = next((one for one in known if not name or one.name == name), None)
    if by is None and name:
        raise Missing(_("There are no such figures."))
    if by is None:
        raise Forbidden(_("These figures are made of fields of deals that you may not see."))
    return asked_of(asked, user, day="closed_on"), by, known


def told(reader: User, asked: Mapping[str, str]) -> dict[str, Any]:
    """Won and lost as JSON; shares as fractions."""
    what, by, _known = wins_asked(asked, reader)
    whole, shown = wins(reader, what, by), sees_amounts(reader)
    return {
        **frame(what, whole.sums, reader), "by": by.name, "total": _told(whole, whole.total, shown),
        "data": [_told(whole, row, shown) for row in whole.rows],
    }  # fmt: skip


def _told(whole: Wins, row: Row, shown: bool) -> dict[str, Any]:
    def side(outcome: str, of: Summed) -> dict[str, Any]:
        mean, days = row.mean(outcome) if shown else None, row.days(outcome)
        return {
            **part(of, whole.condition(row, outcome), shown=shown), "mean_amount": None if mean is None else f"{mean:.2f}",
            "mean_days": None if days is None else round(days, 2),
        }  # fmt: skip

    rates = (row.rate, row.rate_of_amount if shown else None)
    fractions = [None if rate is None else round(rate, 4) for rate in rates]
    return {
        "value": row.key, "title": row.title, "won": side("won", row.won), "lost": side("lost", row.lost),
        "win_rate": fractions[0], "win_rate_of_amount": fractions[1],
    }  # fmt: skip
