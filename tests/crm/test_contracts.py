"""Contracts: what was agreed is kept as it was; owners are reminded once of each day that is near."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from guanxi.crm.contracts.agreement import agreed
from guanxi.crm.contracts.model import Agreement, Contract
from guanxi.crm.contracts.reminding import remind
from guanxi.crm.contracts.verbs import renew, sign
from guanxi.record.changes import edit
from guanxi.record.models import Notification
from tests.cast import Cast, make, signed_in

TODAY = dt.date(2026, 11, 26)


def contract(cast: Cast, **values: Any) -> Contract:
    account = make("accounts", name="Northwind", currency="CNY", owner=cast.bob.pk)
    made: Contract = make(
        "contracts",
        name="Crates for a year",
        account=account.pk,
        owner=cast.bob.pk,
        currency="CNY",
        **{"value": 1000, "ends_on": "2027-01-31", "notice_days": 30, **values},
    )
    return made


def fresh(record: Any) -> Any:
    return type(record).objects.get(pk=record.pk)


@pytest.mark.django_db
def test_what_was_agreed_is_kept_and_compared_with_how_it_is_now(cast: Cast) -> None:
    quote = make("quotes", name="Crates", account=make("accounts", name="A", owner=cast.bob.pk).pk, currency="CNY", owner=cast.bob.pk)
    make("quote_lines", quote=quote.pk, name="Crates", quantity=2, price=500)
    one = contract(cast, quote=quote.pk)
    sign(one, by=cast.bob, signed_on="2026-11-01")
    kept = Agreement.objects.get()
    assert (kept.terms["value"], kept.terms["ends_on"], kept.lines[0]["name"]) == ("1000", "2027-01-31", "Crates")
    told = agreed(fresh(one), cast.bob)
    assert [figure.label for figure in told][:2] == ["Signed", "Nothing has changed since."]
    edit(fresh(one), {"notice_days": 10}, by=cast.bob)
    changed = {figure.label: figure.value for figure in agreed(fresh(one), cast.bob)}
    assert changed["Days of notice, as agreed"] == "30"
    assert "Crates × 2" in " ".join(changed)
    renew(fresh(one), by=cast.bob, ends_on="2028-01-31", value=500)
    assert Agreement.objects.count() == 2
    told = agreed(fresh(one), cast.bob)
    assert [figure.label for figure in told][:2] == ["Renewed", "Nothing has changed since."]
    assert "As agreed" in signed_in(cast.bob).get(f"/contracts/{one.pk}").content.decode()


@pytest.mark.django_db
def test_owners_are_reminded_once_of_each_day(cast: Cast) -> None:
    near = contract(cast, remind_days=40)
    contract(cast, remind_days=None), contract(cast, ends_on="2027-12-31")
    for one in Contract.objects.all():
        sign(one, by=cast.bob)
    assert (remind(TODAY), remind(TODAY), remind(TODAY + dt.timedelta(days=1))) == (1, 0, 0)
    news = Notification.objects.get()
    assert (news.user, news.what, news.record_id) == (cast.bob, "contract ending", near.pk)
    renew(fresh(near), by=cast.bob, ends_on="2027-02-05")
    assert (remind(TODAY + dt.timedelta(days=4)), Notification.objects.count()) == (1, 2)
    assert "decide by 2027-01-01" in signed_in(cast.bob).get("/inbox").content.decode()
