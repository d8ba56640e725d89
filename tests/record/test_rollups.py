"""Roll-ups: whatever was written, the kept value is what the related records say."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from guanxi.access.models import FieldRight, User
from guanxi.access.starting import grant
from guanxi.crm.accounts.model import Account
from guanxi.crm.activities.model import Activity
from guanxi.crm.deals.model import Deal
from guanxi.entity.actors import Level
from guanxi.entity.field import Field
from guanxi.entity.kinds import MoneyKind
from guanxi.entity.registry import entity_named
from guanxi.entity.rollup import Rollup
from guanxi.record import rollups
from guanxi.record.changes import create, create_many, delete, delete_many, edit, edit_many, restore
from guanxi.record.memory import raise_epoch
from guanxi.record.models import Change, ExchangeRate
from guanxi.record.refusals import Refused
from tests.cast import Cast, make

pytestmark = pytest.mark.django_db

RATES = {("USD", "CNY"): [("2026-01-01", "7.00"), ("2026-06-01", "7.20")], ("EUR", "CNY"): [("2026-01-01", "8.00")]}


@pytest.fixture
def rates(cast: Cast) -> None:
    for (currency, base), known in RATES.items():
        for day, rate in known:
            make("rates", currency=currency, base=base, starts_on=day, rate=rate)


def worth(amount: Decimal, source: str, target: str, day: dt.date) -> Decimal | None:
    """The same amount in another currency, by hand."""

    def in_yuan(currency: str) -> Decimal | None:
        if currency == "CNY":
            return Decimal(1)
        known = [Decimal(rate) for start, rate in RATES.get((currency, "CNY"), []) if dt.date.fromisoformat(start) <= day]
        return known[-1] if known else None

    if source == target:
        return amount
    ours, theirs = in_yuan(source), in_yuan(target)
    return None if ours is None or theirs is None else amount * ours / theirs


def asked(account: Account) -> dict[str, Any]:
    """An account's roll-ups, asked of nothing but the rows."""
    deals = list(Deal.objects.filter(account=account, deleted_at__isnull=True))
    won = [one for one in deals if one.outcome == "won"]
    acts = list(Activity.objects.filter(account=account, deleted_at__isnull=True))
    amounts = [worth(one.amount, one.currency, account.currency, one.closed_on) for one in won if one.amount is not None]
    return {
        "open_deals": sum(one.outcome == "open" for one in deals),
        "won_amount": None if None in amounts else sum(amounts, Decimal(0)),  # type: ignore[arg-type]
        "last_won_on": max((one.closed_on for one in won if one.closed_on), default=None),
        "last_contact_at": max((one.done_at for one in acts if one.done_at and one.kind not in ("note", "task")), default=None),
        "next_contact_at": min((one.due_at for one in acts if one.due_at and not one.done_at), default=None),
    }


def assert_kept(accounts: list[Account]) -> None:
    for account in accounts:
        account.refresh_from_db()
        told = asked(account)
        kept = {name: getattr(account, name) for name in told}
        if kept["won_amount"] is not None and told["won_amount"] is not None:
            assert abs(kept.pop("won_amount") - told.pop("won_amount")) < Decimal("0.01"), account
        assert kept == told


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("deal"), st.integers(0, 1), st.sampled_from(["New", "Won", "Lost"]), st.sampled_from(["CNY", "USD", "EUR", "JPY"])),
        st.tuples(st.just("call"), st.integers(0, 1), st.sampled_from(["call", "note", "task"]), st.booleans()),
        st.tuples(st.sampled_from(["move", "price", "delete", "restore", "close", "reprice all", "move all", "delete all"]), st.integers(0, 9), st.integers(0, 1)),
        st.tuples(st.just("currency"), st.integers(0, 1), st.sampled_from(["CNY", "USD", "EUR"])),
    ),
    min_size=3,
    max_size=14,
)  # fmt: skip


class Trade:
    """Two accounts and what happens to them, by the write path."""

    def __init__(self, cast: Cast) -> None:
        self.cast, self.by = cast, cast.admin
        self.accounts = [make("accounts", name=f"Account {number}", currency="CNY") for number in (1, 2)]
        self.made: list[Any] = []

    def step(self, what: str, at: int, *more: Any) -> None:
        if what == "deal":
            self.made.append(
                make("deals", name="Fleet", account=self.accounts[at].pk, stage=self.cast.stage(more[0]).pk, currency=more[1], amount="1234.56",
                     opened_on="2026-02-01", closed_on=None if more[0] == "New" else f"2026-0{3 + len(self.made) % 5}-10")
            )  # fmt: skip
        elif what == "call":
            moment = dt.datetime(2026, 3, 1 + len(self.made), tzinfo=dt.UTC)
            self.made.append(make("activities", kind=more[0], account=self.accounts[at].pk, **{"done_at" if more[1] else "due_at": moment}))
        elif what == "currency":
            edit(self.accounts[at], {"currency": more[0]}, by=self.by)
        elif self.made:
            self.change(what, self.made[at % len(self.made)], more[0])

    def change(self, what: str, record: Any, at: int) -> None:
        record.refresh_from_db()
        deals = entity_named("deals")
        keys = [one.pk for one in self.made if isinstance(one, Deal)]
        if what == "restore" and record.deleted_at:
            restore(record, by=self.by)
        elif what == "move all":
            edit_many(deals, keys, {"account": self.accounts[at].pk}, by=self.by)
        elif what == "reprice all":
            edit_many(deals, keys, {"amount": "99.5"}, by=self.by)
        elif what == "delete all":
            delete_many(deals, keys, by=self.by)
        elif record.deleted_at is None and what == "delete":
            delete(record, by=self.by)
        elif record.deleted_at is None and what == "move":
            edit(record, {"account": self.accounts[at].pk}, by=self.by)
        elif record.deleted_at is None and what == "price" and isinstance(record, Deal):
            edit(record, {"amount": str(100 + at)}, by=self.by)
        elif record.deleted_at is None and what == "close" and isinstance(record, Deal) and record.outcome == "open":
            edit(record, {"stage": self.cast.stage("Won").pk}, by=self.by)
            edit(record, {"closed_on": "2026-07-01"}, by=self.by)


@settings(max_examples=40, deadline=None, suppress_health_check=[*HealthCheck])
@given(steps=STEPS)
def test_the_kept_value_is_the_one_asked_afresh_after_any_sequence_of_writes(cast: Cast, rates: None, steps: list[Any]) -> None:
    with transaction.atomic():
        trade = Trade(cast)
        for step in steps:
            trade.step(*step)
        assert_kept(trade.accounts)
        assert {changed for *_which, changed in rollups.recompute_all()} == {0}
        transaction.set_rollback(True)


def test_bulk_creation_keeps_what_one_by_one_would(cast: Cast) -> None:
    account = make("accounts", name="Northwind", currency="USD")
    rows = [{"name": f"Deal {number}", "account": account.pk, "amount": 100, "stage": cast.stage("Won").pk} for number in range(30)]
    create_many(entity_named("deals"), rows, by=cast.admin)
    account.refresh_from_db()
    assert (account.won_amount, account.open_deals) == (Decimal(3000), 0)


def test_a_kept_value_is_no_change_of_the_record(cast: Cast) -> None:
    account = make("accounts", name="Northwind", currency="USD")
    make("deals", name="Fleet", account=account.pk, amount=10, stage=cast.stage("Won").pk)
    account.refresh_from_db()
    assert (account.won_amount, account.version) == (Decimal(10), 1)
    assert Change.objects.filter(entity="accounts", record_id=account.pk).count() == 1


def test_nobody_sets_a_roll_up(cast: Cast) -> None:
    with pytest.raises(Refused) as refused:
        create(entity_named("accounts"), {"name": "Northwind", "won_amount": "5"}, by=cast.admin)
    assert set(refused.value.errors) == {"won_amount"}


def test_without_a_rate_there_is_no_sum_and_a_later_rate_gives_it(cast: Cast) -> None:
    account = make("accounts", name="Northwind", currency="CNY")
    won = {"account": account.pk, "stage": cast.stage("Won").pk, "closed_on": "2026-07-01"}
    make("deals", name="Home", amount=10, currency="CNY", **won)
    make("deals", name="Abroad", amount=10, currency="USD", **won)
    account.refresh_from_db()
    assert account.won_amount is None
    ExchangeRate.objects.create(currency="USD", base="CNY", starts_on="2026-06-01", rate="7.1")
    list(rollups.recompute_all(converted=True))
    account.refresh_from_db()
    assert account.won_amount == Decimal(81)


def test_a_roll_up_tells_no_more_than_what_it_stands_on(cast: Cast) -> None:
    assert cast.bob.rights.level("accounts", "won_amount") == Level.EDIT
    FieldRight.objects.create(role=cast.roles["seller"], entity="deals", field="amount", level=Level.MASKED)
    raise_epoch()
    masked = User.objects.get(pk=cast.bob.pk).rights
    assert (masked.level("accounts", "won_amount"), masked.level("accounts", "open_deals")) == (Level.MASKED, Level.EDIT)
    grant(cast.roles["seller"], {"deals": {"see": "none"}})
    blind = User.objects.get(pk=cast.bob.pk).rights
    assert (blind.level("accounts", "won_amount"), blind.level("accounts", "open_deals")) == (Level.HIDDEN, Level.HIDDEN)


def test_rows_moved_by_hand_are_put_right_by_naming_their_records(cast: Cast) -> None:
    kept, gone = (make("accounts", name=name, currency="USD") for name in ("Northwind", "Nordwind"))
    make("deals", name="Fleet", account=gone.pk, amount=10, stage=cast.stage("Won").pk)
    Deal.objects.filter(account=gone).update(account=kept)
    assert rollups.recompute(entity_named("accounts"), [kept.pk, gone.pk]) == 2
    assert_kept([kept, gone])


@pytest.mark.parametrize(
    ("rollup", "says"),
    [
        (Rollup("offers"), "no related list"),
        (Rollup("deals", sum="amounts"), "no field"),
        (Rollup("deals", where="stage.outcome = 'won'"), "looks beyond"),
        (Rollup("deals", where="closes_on < today"), "depends on the day"),
    ],
)
def test_a_declaration_that_cannot_be_kept_is_refused(cast: Cast, rollup: Rollup, says: str) -> None:
    with pytest.raises(LookupError, match=says):
        rollups.bind(entity_named("accounts"), Field("won_amount", kind=MoneyKind(), rollup=rollup))
