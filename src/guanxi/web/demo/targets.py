"""What the demo company aims for, what its people say of their forecasts, and what its deals were on each day before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from itertools import zip_longest
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from guanxi.access.models import Team, User
from guanxi.crm.forecast.model import DealState, Judgement
from guanxi.crm.forecast.rolling import Rollup, roll_up
from guanxi.crm.forecast.spans import Span, containing
from guanxi.crm.targets.queries import Aim
from guanxi.crm.targets.results import Results, results
from guanxi.entity.registry import entity_named
from guanxi.record.changes import update
from guanxi.web.demo.author import BY, ORIGIN

if TYPE_CHECKING:
    from guanxi.web.demo.company import Demo, Person

HERE = ZoneInfo("Asia/Shanghai")
QUARTERS = 5
"""The present one and those before it that had targets."""
SURE = (
    "Signed last week, waiting for the purchase order",
    "Two of them are with legal",
    "As last quarter, with the pilot on top",
    "The buyer is on holiday until Monday",
)
SURE_ZH = ("上周已谈妥，等采购下单", "有两单在走法务流程", "与上季度持平，另加试点项目", "采购下周一休假回来")
DOUBT = ("The port opens late, one deal will slip", "Their budget is not approved yet", "I would not count on the largest one")
DOUBT_ZH = ("对方预算还没批，有一单会延期", "最大的那单还没见到决策人", "竞争对手在压价，先保守一些")
EDITS = ("out", "grown", "out", "shrunk", "pulled", "out", "grown", "out", "shrunk", "out")
"""What happened to open deals of late, in turn: a small company has some of each, too."""
State = tuple[dt.date, str, str, Decimal, str, dt.date | None]


def make_targets(demo: Demo) -> None:
    """Targets of two years, deals that were moved and repriced of late, the states of all deals since they were opened, judgements."""
    boss = User.objects.get(username="admin")
    before = [(Decimal(deal.amount or 0), deal.closes_on) for _customer, deal, _road in demo.deals]
    edits = _reprice(demo)
    DealState.objects.bulk_create(_states(demo, before, edits), batch_size=5000)
    today = demo.now.astimezone(HERE).date()
    _aims(demo, boss, today)
    _judge(demo, boss, containing(today, "quarter"))


def _round(value: Decimal, step: int) -> Decimal:
    return max(Decimal(round(value / step) * step), Decimal(step))


# ——— targets ———


def _aims(demo: Demo, boss: User, today: dt.date) -> None:
    rows: list[tuple[Any, dict[str, Any]]] = []
    moments: list[dt.datetime] = []
    quarters = [containing(today, "quarter").moved(-count) for count in range(QUARTERS)]
    done = {span: results(Aim(span), boss) for span in (*quarters, quarters[-1].moved(-1))}
    for span in reversed(quarters):
        for values in _of_quarter(demo, span, done):
            rows.append((None, {"period": span.name, **values}))
            moments.append(_moment(span.first - dt.timedelta(days=9), demo.now))
    for year in (containing(today, "year").moved(-1), containing(today, "year")):
        whole = sum((done[span].total for span in quarters if span.first >= year.first and span.after <= year.after), Decimal(0))
        value = _round((whole or done[quarters[0]].total * 4) * Decimal("1.3"), 50_000)
        rows.append((None, {"period": year.name, "owner": None, "team": Team.objects.get(name="Sales").pk, "value": value}))
        moments.append(_moment(year.first - dt.timedelta(days=20), demo.now))
    month = containing(today, "month")
    for values in _of_month(demo, boss, month):
        rows.append((None, {"period": month.name, **values}))
        moments.append(_moment(month.first - dt.timedelta(days=3), demo.now))
    demo.insert("targets", rows, moments)


def _of_quarter(demo: Demo, span: Span, done: dict[Span, Results]) -> Iterator[dict[str, Any]]:
    """Each seller a little more than they did the quarter before; two teams more than their people together."""
    past, teams = done[span.moved(-1)], dict[int, Decimal]()
    usual = past.total / max(len(demo.sellers), 1)
    for seller in demo.sellers:
        own = (past.by_person.get(seller.user.pk, Decimal(0)) + usual) / 2
        value = _round(own * Decimal(f"{demo.chance.uniform(0.95, 1.25):.3f}"), 5000)
        teams[seller.user.team_id or 0] = teams.get(seller.user.team_id or 0, Decimal(0)) + value
        yield {"owner": seller.user.pk, "value": value}
    for team in list(teams)[:2]:
        yield {"owner": None, "team": team, "value": _round(teams[team] * Decimal("1.05"), 5000)}


def _of_month(demo: Demo, boss: User, month: Span) -> Iterator[dict[str, Any]]:
    """Activities and meetings of each seller, new customers and received money of each team."""
    for measure, step in (("activities", 5), ("meetings", 1)):
        past = results(Aim(month.moved(-1), measure), boss)
        for seller in demo.sellers:
            value = _round(past.by_person.get(seller.user.pk, Decimal(0)) * Decimal("1.15"), step)
            yield {"owner": seller.user.pk, "measure": measure, "value": value}
    for measure, step in (("new_customers", 1), ("received_amount", 10_000)):
        past = results(Aim(month.moved(-1), measure), boss)
        for team in {seller.user.team_id for seller in demo.sellers if seller.user.team_id}:
            yield {
                "owner": None,
                "team": team,
                "measure": measure,
                "value": _round(past.by_team.get(team, Decimal(0)) * Decimal("1.1"), step),
            }


def _moment(day: dt.date, now: dt.datetime) -> dt.datetime:
    return min(dt.datetime(day.year, day.month, day.day, 3, 20, tzinfo=dt.UTC), now)


# ——— what deals were ———


def _reprice(demo: Demo) -> dict[int, dt.datetime]:
    """Some open deals are pushed out, pulled in, grown or shrunk within the last weeks; when, by deal."""
    pairs: list[tuple[Any, dict[str, Any]]] = []
    moments: dict[int, dt.datetime] = {}
    for _customer, deal, road in demo.deals:
        if deal.outcome != "open" or demo.chance.random() > 0.4:
            continue
        since = max(road[-1][0] if road else deal.created_at, demo.now - dt.timedelta(days=30))
        moment = demo.between(since, demo.now)
        what = EDITS[len(pairs) % len(EDITS)]
        values: dict[str, Any] = {"changed_at": moment, "changed_by_id": deal.owner_id}
        if what in {"out", "pulled"}:
            values["closes_on"] = deal.closes_on + dt.timedelta(
                days=demo.chance.randint(10, 45) if what == "out" else -demo.chance.randint(3, 14)
            )
        else:
            factor = demo.chance.uniform(1.05, 1.3) if what == "grown" else demo.chance.uniform(0.7, 0.95)
            values["amount"] = _round(Decimal(deal.amount) * Decimal(f"{factor:.3f}"), 100)
        pairs.append((deal, values))
        moments[deal.pk] = moment
    for start in range(0, len(pairs), 1000):
        update(entity_named("deals"), pairs[start : start + 1000], by=BY, event="edited", origin=ORIGIN)
    return moments


def _states(demo: Demo, before: list[tuple[Decimal, dt.date | None]], edits: dict[int, dt.datetime]) -> Iterator[DealState]:
    """What a snapshot of each day would have kept."""
    for (customer, deal, road), (amount, due) in zip(demo.deals, before, strict=True):
        steps = [(deal.created_at, demo.stages[customer.chinese][0]), *road]
        kept: dict[dt.date, State] = {}
        for moment, stage in steps:
            kept[_day(moment)] = _state(moment, stage, amount, deal, due)
        if deal.pk in edits:
            last = steps[-1][1]
            kept[_day(edits[deal.pk])] = _state(edits[deal.pk], last, Decimal(deal.amount or 0), deal, deal.closes_on)
        every = sorted(kept)
        days = [
            day
            for day, before_it in zip(every, [None, *every[:-1]], strict=True)
            if before_it is None or kept[day][1:] != kept[before_it][1:]
        ]
        for day, until in zip_longest(days, days[1:]):
            _moment, outcome, category, amount_then, currency, due_then = kept[day]
            yield DealState(
                deal_id=deal.pk, taken_on=day, until=until, first_on=days[0], outcome=outcome, category=category, amount=amount_then,
                currency=currency, due_on=due_then,
            )  # fmt: skip


def _state(moment: dt.datetime, stage: Any, amount: Decimal, deal: Any, due: dt.date | None) -> State:
    category = "closed" if stage.outcome == "won" else "commit" if stage.forecast == "closed" else stage.forecast or "pipeline"
    return (_day(moment), stage.outcome, category, amount, deal.currency, deal.closed_on if stage.outcome != "open" else due)


def _day(moment: dt.datetime) -> dt.date:
    return moment.astimezone(HERE).date()


# ——— what people say ———


def _judge(demo: Demo, boss: User, span: Span) -> None:
    """Most sellers say what they expect of the quarter, some a second time; managers correct some of it."""
    found = roll_up(boss, span)
    managers = {user.team_id: user for user in User.objects.filter(username__in=["alice", "dana", "yali", "lina"])}
    rows: list[Judgement] = []
    for seller in demo.sellers:
        expected = _expected(demo, found, seller)
        manager = managers.get(seller.user.team_id)
        if not expected or demo.chance.random() < 0.15:
            continue
        if demo.chance.random() < 0.4:
            said = _round(expected * Decimal(f"{demo.chance.uniform(0.85, 1.1):.3f}"), 500)
            rows.append(_said(demo, "own", seller, span, said, seller.user, demo.chance.randint(9, 20)))
        rows.append(_said(demo, "own", seller, span, expected, seller.user, demo.chance.randint(2, 7)))
        if manager is not None and manager.pk != seller.user.pk and demo.chance.random() < 0.5:
            said = _round(expected * Decimal(f"{demo.chance.uniform(0.8, 0.97):.3f}"), 500)
            rows.append(_said(demo, "override", seller, span, said, manager, demo.chance.randint(0, 1)))
    Judgement.objects.bulk_create(sorted(rows, key=lambda one: one.at))


def _expected(demo: Demo, found: Rollup, seller: Person) -> Decimal:
    sums = found.by_person.get(seller.user.pk)
    if sums is None or not sums.raw:
        return Decimal(0)
    return _round(sums.raw + sums.amounts["best"] * Decimal(f"{demo.chance.uniform(0.1, 0.5):.3f}"), 500)


def _said(demo: Demo, kind: str, seller: Person, span: Span, amount: Decimal, by: User, days: int) -> Judgement:
    notes = (SURE_ZH if seller.chinese else SURE) if kind == "own" else (DOUBT_ZH if seller.chinese else DOUBT)
    at = max(demo.now - dt.timedelta(days=days, minutes=demo.chance.randint(5, 400)), dt.datetime.combine(span.first, dt.time(2), dt.UTC))
    return Judgement(
        kind=kind, person_id=seller.user.pk, period=span.name, amount=amount, currency="USD", note=demo.pick(notes), by_id=by.pk, at=at
    )
