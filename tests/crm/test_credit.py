"""Credit: five marks make a class and a limit; what goes beyond is warned of, released or stopped, by every way."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from guanxi.access.models import User
from guanxi.crm.accounts.model import Account
from guanxi.crm.credit.keeping import keep_credit
from guanxi.crm.credit.model import MARKS, CreditRelease, CreditReview
from guanxi.crm.credit.pages import committed, credit
from guanxi.crm.credit.queries import standing
from guanxi.crm.credit.verbs import proposed, release, review
from guanxi.crm.invoices.verbs import issue
from guanxi.crm.orders.model import Order
from guanxi.crm.orders.verbs import close, confirm, reopen
from guanxi.crm.payments.verbs import receive
from guanxi.crm.quotes.verbs import send
from guanxi.entity.registry import entity_named
from guanxi.record.changes import create, delete, edit, restore
from guanxi.record.refusals import Forbidden, Refused
from tests.cast import Cast, make, signed_in

QUIET = {"deadline": None, "suppress_health_check": [*HealthCheck], "phases": [Phase.generate]}


@pytest.fixture
def account(cast: Cast) -> Account:
    made: Account = make("accounts", name="Northwind", currency="CNY", owner=cast.bob.pk)
    return made


def rules(mode: str, **values: Any) -> Any:
    return make("credit_policies", name="Ours", mode=mode, **values)


def reviewed(account: Account, limit: Any = 1000, **values: Any) -> CreditReview:
    marks = dict.fromkeys(MARKS, 70)
    made: CreditReview = make("credit_reviews", account=account.pk, limit=limit, **{**marks, "reviewed_on": "2026-01-01", **values})
    return made


def ordered(account: Account, amount: Any, **values: Any) -> Order:
    order = make("orders", account=account.pk, currency="CNY", owner=account.owner_id, **values)
    make("order_lines", order=order.pk, name="Crates", quantity=1, price=amount)
    return fresh(order)  # type: ignore[no-any-return]


def fresh(record: Any) -> Any:
    return type(record).objects.get(pk=record.pk)


# ——— reviews ———


@pytest.mark.django_db
def test_marks_make_a_score_a_class_and_what_the_account_says(cast: Cast, account: Account) -> None:
    rules("none", character_weight="0.4", capacity_weight="0.3", capital_weight="0.1", collateral_weight="0.1", conditions_weight="0.1")
    made = reviewed(account, 50000, character=90, capacity=80, capital=60, collateral=50, conditions=40, days=30)
    assert (made.score, made.grade, made.name) == (75, "B", "B · 75")
    account = fresh(account)
    assert (account.credit_class, account.credit_limit, account.credit_days) == ("B", 50000, 30)
    delete(made, by=cast.admin)
    assert (fresh(account).credit_class, fresh(account).credit_limit) == ("", None)


@pytest.mark.django_db
def test_the_newest_valid_review_counts(cast: Cast, account: Account) -> None:
    today = cast.admin.locale.today
    reviewed(account, 100, reviewed_on=today - dt.timedelta(days=20))
    last = reviewed(account, 900, reviewed_on=today - dt.timedelta(days=5), valid_until=today)
    reviewed(account, 5000, reviewed_on=today + dt.timedelta(days=5))
    assert fresh(account).credit_limit == 900
    CreditReview.objects.filter(pk=last.pk).update(valid_until=today - dt.timedelta(days=1))
    keep_credit(0)
    assert fresh(account).credit_limit == 100
    assert standing(fresh(account), today).limit == 100


@pytest.mark.django_db
@pytest.mark.parametrize("wrong", [{"character_weight": "-0.1"}, {"b_from": 90}, {"c_from": 70}, {"unreviewed": -1}])
def test_rules_that_make_no_sense_are_refused(cast: Cast, wrong: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        rules("none", **wrong)


@pytest.mark.django_db
def test_only_who_may_approve_reviews(cast: Cast, account: Account) -> None:
    values = {"account": account.pk, "character": 90, "limit": 10**9, "reviewed_on": "2026-01-01"}
    with pytest.raises(Refused):
        create(entity_named("credit_reviews"), values, by=cast.bob)
    with pytest.raises(Forbidden):
        review(account, by=cast.bob, character=90)
    review(account, by=cast.alice, character=90, limit=500)
    made = CreditReview.objects.get()
    for wrong in (lambda: edit(made, {"limit": 10**9}, by=cast.bob), lambda: delete(made, by=cast.bob)):
        with pytest.raises(Refused):
            wrong()
    delete(made, by=cast.alice)
    with pytest.raises(Forbidden):
        restore(made, by=cast.bob)
    with pytest.raises(Refused):
        edit(account, {"credit_limit": 10**9}, by=cast.admin)
    assert fresh(account).credit_limit is None


@pytest.mark.django_db
def test_how_an_account_pays_is_proposed_and_never_overwrites_a_mark(cast: Cast, account: Account) -> None:
    for number, late in enumerate((0, 0, -3, 10)):
        due = dt.date(2026, 3, 1 + number)
        one = make("instalments", account=account.pk, amount=100, currency="CNY", due_on=due, owner=cast.bob.pk)
        receive(one, by=cast.admin, received_on=due + dt.timedelta(days=late))
    found = proposed(account, cast.alice)
    assert (found["character"], found["character_note"]) == (72, "3 of 4 instalments in time (75%), 2.5 days late on average.")
    review(account, by=cast.alice, character=40, character_note="I know them")
    assert (proposed(account, cast.alice)["character"], proposed(account, cast.alice)["character_note"]) == (40, "I know them")
    told = {figure.label: figure.value for figure in credit(fresh(account), cast.alice)}
    assert (told["Class"], told["Paid in time"], told["Proposed for character"]) == ("D", "3 / 4", "72")


# ——— the gate ———


@pytest.mark.django_db
def test_owed_and_ordered_use_up_the_limit(cast: Cast, account: Account) -> None:
    rules("stop"), reviewed(account, 1000)
    confirm(first := ordered(account, 600), by=cast.bob)
    with pytest.raises(Refused) as refused:
        confirm(ordered(account, 401), by=cast.bob)
    assert "CN¥1 beyond the credit limit of CN¥1,000" in str(refused.value)
    issue(make("invoices", order=first.pk, total=600, tax_rate="0"), by=cast.admin, number="N1")
    stands = standing(fresh(account), cast.bob.locale.today)
    assert (stands.used, stands.free) == (600, 400)
    confirm(ordered(account, 400), by=cast.bob)
    assert standing(fresh(account), cast.bob.locale.today).free == 0
    make("payments", account=account.pk, amount=600, currency="CNY", received_on="2026-11-01")
    assert standing(fresh(account), cast.bob.locale.today).free == 600


@pytest.mark.django_db
def test_a_stop_is_not_got_around(cast: Cast, account: Account) -> None:
    rules("stop"), reviewed(account, 100)
    order, client = ordered(account, 500), signed_in(cast.bob)
    api = f"/api/v1/orders/{order.pk}"
    json = "application/json"
    assert client.post(f"{api}/confirm", {}, content_type=json).status_code == 422
    assert client.patch(api, {"status": "confirmed"}, content_type=json).status_code == 422
    assert client.post("/api/v1/orders", {"account": account.pk, "status": "confirmed"}, content_type=json).status_code == 422
    client.post("/orders/bulk/do/confirm", {"ids": str(order.pk)})
    with pytest.raises(Refused):
        release(order, by=cast.admin, reason="Please")
    edit(order, {"credit_note": "Whatever"}, by=cast.bob)
    with pytest.raises(Refused):
        confirm(order, by=cast.bob)
    assert fresh(order).status == "draft"


@pytest.mark.django_db
def test_a_closed_order_taken_up_again_and_a_quote_are_stopped_too(cast: Cast, account: Account) -> None:
    confirm(order := ordered(account, 500), by=cast.bob)
    close(order, by=cast.bob)
    rules("stop"), reviewed(account, 100)
    with pytest.raises(Refused):
        reopen(order, by=cast.bob)
    quote = make("quotes", name="Crates", account=account.pk, currency="CNY", owner=cast.bob.pk)
    make("quote_lines", quote=quote.pk, name="Crates", quantity=1, price=500)
    with pytest.raises(Refused):
        send(quote, by=cast.bob)


@pytest.mark.django_db
def test_a_warning_takes_a_reason(cast: Cast, account: Account) -> None:
    rules("warn"), reviewed(account, 100)
    order = ordered(account, 500)
    with pytest.raises(Refused) as refused:
        confirm(order, by=cast.bob)
    assert list(refused.value.errors) == ["credit_note"]
    edit(order, {"credit_note": "They pay on Monday"}, by=cast.bob)
    confirm(order, by=cast.bob)
    assert fresh(order).status == "confirmed"


@pytest.mark.django_db
def test_a_release_is_by_who_may_and_for_that_much(cast: Cast, account: Account) -> None:
    rules("release"), reviewed(account, 100)
    order = ordered(account, 500)
    with pytest.raises(Refused):
        confirm(order, by=cast.bob)
    with pytest.raises(Forbidden):
        release(order, by=cast.bob, reason="I say so")
    release(order, by=cast.alice, reason="A deposit is promised")
    kept = CreditRelease.objects.get()
    assert (kept.by, kept.reason, kept.amount, kept.limit, kept.used) == (cast.alice, "A deposit is promised", 500, 100, 0)
    make("order_lines", order=order.pk, name="More crates", quantity=1, price=1)
    with pytest.raises(Refused):
        confirm(order, by=cast.bob)
    release(order, by=cast.alice, reason="So be it")
    confirm(order, by=cast.bob)
    assert fresh(order).status == "confirmed"
    assert any("Released by Alice Chen" in figure.label for figure in committed(fresh(order), cast.alice))


@pytest.mark.django_db
def test_what_is_overdue_too_long_stops_an_order_within_the_limit(cast: Cast, account: Account) -> None:
    rules("stop", overdue_days=30)
    today = cast.bob.locale.today
    make("instalments", account=account.pk, amount=7, currency="CNY", due_on=today - dt.timedelta(days=30))
    confirm(ordered(account, 1), by=cast.bob)
    make("instalments", account=account.pk, amount=9, currency="CNY", due_on=today - dt.timedelta(days=31))
    with pytest.raises(Refused) as refused:
        confirm(ordered(account, 1), by=cast.bob)
    assert "CN¥9 is overdue for more than 30 days" in str(refused.value)


@pytest.mark.django_db
def test_amounts_are_told_to_those_only_who_may_see_them(cast: Cast, account: Account) -> None:
    from guanxi.access.models import FieldRight
    from guanxi.entity.actors import Level
    from guanxi.record.memory import raise_epoch

    rules("stop"), reviewed(account, 1000)
    order = ordered(account, 4242)
    FieldRight.objects.create(role=cast.roles["seller"], entity="accounts", field="owed", level=Level.HIDDEN)
    raise_epoch()
    bob = User.objects.get(pk=cast.bob.pk)
    with pytest.raises(Refused) as refused:
        confirm(order, by=bob)
    assert str(refused.value) == "This goes beyond the account's credit limit. It cannot go on."
    assert credit(account, bob) == committed(order, bob) == []


@pytest.mark.django_db
def test_without_rules_or_review_nothing_is_stopped_unless_the_rules_say(cast: Cast, account: Account) -> None:
    confirm(ordered(account, 10**6), by=cast.bob)
    made = rules("stop")
    confirm(ordered(account, 10**6), by=cast.bob)
    make("rates", currency="USD", base="CNY", starts_on="2026-01-01", rate=7)
    edit(made, {"unreviewed": 100}, by=cast.admin)
    with pytest.raises(Refused):
        confirm(ordered(account, 1), by=cast.bob)


@pytest.mark.django_db(transaction=True)
def test_of_orders_confirmed_at_once_none_slips_past_the_limit(cast: Cast, account: Account) -> None:
    rules("stop"), reviewed(account, 1000)
    orders = [ordered(account, 400) for _number in range(5)]

    def confirmed(order: Order) -> str:
        try:
            confirm(order, by=cast.bob)
        except Refused:
            return "refused"
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(5) as several:
        assert sorted(several.map(confirmed, orders)) == ["done"] * 2 + ["refused"] * 3
    assert standing(fresh(account), cast.bob.locale.today).used == 800


@pytest.mark.django_db
@settings(max_examples=8, **QUIET)
@given(limit=st.integers(0, 500), amounts=st.lists(st.integers(1, 300), min_size=1, max_size=5), paid=st.integers(0, 200))
def test_what_is_used_never_goes_beyond_the_limit(cast: Cast, account: Account, limit: int, amounts: list[int], paid: int) -> None:
    with transaction.atomic():
        rules("stop"), reviewed(account, limit)
        if paid:
            make("payments", account=account.pk, amount=paid, currency="CNY", received_on="2026-11-01")
        for amount in amounts:
            try:
                with transaction.atomic():
                    confirm(ordered(account, amount), by=cast.bob)
            except Refused:
                continue
            stands = standing(fresh(account), cast.bob.locale.today)
            assert stands.used is not None
            assert stands.used <= limit
        transaction.set_rollback(True)
    from guanxi.record.memory import raise_epoch

    raise_epoch()


@pytest.mark.django_db
def test_the_pages_of_accounts_orders_and_quotes_tell_the_standing(cast: Cast, account: Account) -> None:
    rules("release"), reviewed(account, 1000)
    order = ordered(account, 1500)
    client = signed_in(cast.alice)
    assert "CN¥1,000" in client.get(f"/accounts/{account.pk}/asides").content.decode()
    assert "CN¥500 beyond the credit limit" in client.get(f"/orders/{order.pk}/asides").content.decode()
    asked = client.get(f"/accounts/{account.pk}/do/review", headers={"HX-Request": "true"}).content.decode()
    assert "Evidence of character" in asked


@pytest.mark.django_db
def test_credit_used_below_nothing_is_told_as_paid_ahead(cast: Cast, account: Account) -> None:
    rules("warn")
    reviewed(account, 1000)
    receive(make("instalments", account=account.pk, amount=300, currency="CNY", due_on="2026-11-01", owner=cast.bob.pk), by=cast.bob)
    order = ordered(account, 100)
    for figures in (credit(fresh(account), cast.alice), committed(order, cast.alice)):
        told = {figure.label: figure.value for figure in figures}
        assert (told["Paid ahead"], told["Free"]) == ("CN¥300", "CN¥1,000")
        assert "Used" not in told
    confirm(order, by=cast.bob)
    assert {figure.label: figure.value for figure in credit(fresh(account), cast.alice)}["Paid ahead"] == "CN¥200"
