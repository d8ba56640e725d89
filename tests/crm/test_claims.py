"""Expense claims: handed in, decided on by somebody else, paid back; what was approved is cost of deal and account."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from guanxi.crm.claims.model import Claim
from guanxi.crm.claims.verbs import approve, pay, reject, submit, withdraw
from guanxi.record.changes import delete, edit
from guanxi.record.refusals import Forbidden, Refused
from tests.cast import Cast, make, person


def fresh(record: Any) -> Any:
    return type(record).objects.get(pk=record.pk)


@pytest.fixture
def deal(cast: Cast) -> Any:
    account = make("accounts", name="Northwind", currency="CNY", owner=cast.bob.pk)
    return make("deals", name="Crates", account=account.pk, currency="CNY", owner=cast.bob.pk, stage=cast.stage("New").pk)


def spent(cast: Cast, amount: Any = 100, by: Any = None, **values: Any) -> Claim:
    values = {"currency": "CNY", "spent_on": "2026-11-03", "kind": "meal", "owner": cast.bob.pk, **values}
    made: Claim = make("claims", by=by or cast.bob, amount=amount, **values)
    return made


@pytest.mark.django_db
def test_a_claim_goes_from_draft_to_paid_and_counts_once_it_is_approved(cast: Cast, deal: Any) -> None:
    claim = spent(cast, 100, deal=deal.pk)
    assert (claim.account_id, claim.status, claim.number[:3]) == (deal.account_id, "draft", "EX-")
    submit(claim, by=cast.bob)
    assert fresh(deal).claimed == 0
    approve(claim, by=cast.alice)
    claim = fresh(claim)
    assert (claim.status, claim.decided_by, fresh(deal).claimed, fresh(deal.account).claimed) == ("approved", cast.alice, 100, 100)
    pay(claim, by=cast.alice, paid_on="2026-11-20")
    assert (fresh(claim).status, fresh(claim).paid_on, fresh(deal).claimed) == ("paid", dt.date(2026, 11, 20), 100)


@pytest.mark.django_db
def test_nobody_decides_on_their_own_or_beyond_their_reach(cast: Cast, deal: Any) -> None:
    own = spent(cast, owner=cast.alice.pk, by=cast.alice)
    submit(own, by=cast.alice)
    for verb in (approve, reject, pay):
        with pytest.raises(Forbidden):
            verb(own, by=cast.alice, **({"reason": "x"} if verb is reject else {}))
    theirs = spent(cast)
    submit(theirs, by=cast.bob)
    dana = person("dana", "Dana Fox", cast.harbour, [cast.roles["seller"]])
    for other in (cast.bob, dana, cast.charlie):
        with pytest.raises((Forbidden, Exception)) as refused:
            approve(theirs, by=other)
        assert type(refused.value).__name__ in {"Forbidden", "Missing"}
    admin = spent(cast, owner=cast.admin.pk, by=cast.admin)
    submit(admin, by=cast.admin)
    with pytest.raises(Forbidden):
        approve(admin, by=cast.admin)
    assert set(Claim.objects.values_list("status", flat=True)) == {"submitted"}


@pytest.mark.django_db
def test_what_was_submitted_stands_until_it_is_withdrawn_or_rejected(cast: Cast, deal: Any) -> None:
    claim = spent(cast)
    submit(claim, by=cast.bob)
    for wrong in (
        lambda: edit(claim, {"amount": 999}, by=cast.bob),
        lambda: edit(claim, {"owner": cast.bob.pk, "kind": "gift"}, by=cast.alice),
    ):
        with pytest.raises(Refused):
            wrong()
    with pytest.raises(Refused):
        delete(claim, by=cast.bob)
    withdraw(claim, by=cast.bob)
    edit(fresh(claim), {"amount": 90}, by=cast.bob)
    submit(fresh(claim), by=cast.bob)
    reject(fresh(claim), by=cast.alice, reason="No receipt")
    assert (fresh(claim).status, fresh(claim).reason) == ("rejected", "No receipt")
    with pytest.raises(Forbidden):
        approve(fresh(claim), by=cast.alice)
    submit(fresh(claim), by=cast.bob)
    assert (fresh(claim).status, fresh(claim).reason, fresh(claim).decided_by) == ("submitted", "", None)


@pytest.mark.django_db
def test_what_makes_no_sense_is_refused(cast: Cast, deal: Any) -> None:
    other = make("accounts", name="Other", owner=cast.bob.pk)
    tomorrow = cast.bob.locale.today + dt.timedelta(days=1)
    for wrong in ({"amount": 0}, {"amount": -5}, {"spent_on": tomorrow}, {"deal": deal.pk, "account": other.pk}):
        with pytest.raises(Refused):
            spent(cast, **wrong)
