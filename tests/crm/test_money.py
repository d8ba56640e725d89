"""Money: nothing is lost, nothing is paid twice, billed is received and owed."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils.translation import override
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from guanxi.access.models import FieldRight
from guanxi.base.money import Money
from guanxi.crm.accounts.model import Account
from guanxi.crm.invoices.verbs import issue, void
from guanxi.crm.orders.model import Order
from guanxi.crm.payments.ageing import aged, bucket
from guanxi.crm.payments.model import Instalment, Match, Payment
from guanxi.crm.payments.overplanned import PLANNED_OVER
from guanxi.crm.payments.verbs import match, receive
from guanxi.entity.actors import Level
from guanxi.entity.registry import entity_named, entity_of
from guanxi.record.changes import delete, edit, restore
from guanxi.record.memory import raise_epoch
from guanxi.record.refusals import Forbidden, Refused
from tests.cast import Cast, make

QUIET = {"deadline": None, "suppress_health_check": [*HealthCheck]}
cents = st.decimals("0.01", "99999.99", places=2)


@pytest.fixture
def account(cast: Cast) -> Account:
    made: Account = make("accounts", name="Northwind", currency="CNY", owner=cast.bob.pk, registration_number="REG17")
    return made


def due(account: Account, amount: Any, **values: Any) -> Instalment:
    made: Instalment = make("instalments", account=account.pk, amount=amount, currency="CNY", **{"due_on": "2026-11-01", **values})
    return made


def paid(account: Account, amount: Any, **values: Any) -> Payment:
    made: Payment = make("payments", account=account.pk, amount=amount, **{"currency": "CNY", "received_on": "2026-11-05", **values})
    return made


def fresh(record: Any) -> Any:
    return type(record).objects.get(pk=record.pk)


@pytest.mark.django_db
@settings(max_examples=12, **QUIET)
@given(lines=st.lists(st.tuples(st.decimals("0.0001", "999", places=4), cents, st.sampled_from(["0", "0.06", "0.13"]), st.sampled_from(["0", "0.125"])),
                      min_size=1, max_size=6), currency=st.sampled_from(["CNY", "JPY", "KWD"]))  # fmt: skip
def test_lines_sum_to_totals_in_whole_coins(cast: Cast, account: Account, lines: list[Any], currency: str) -> None:
    with transaction.atomic():
        order = make("orders", account=account.pk, currency=currency)
        for quantity, price, rate, discount in lines:
            make("order_lines", order=order.pk, name="x", quantity=quantity, price=price, tax_rate=rate, discount=discount)
        order, kept = fresh(order), list(order.lines.all())
        assert order.net + order.tax == order.total == sum(line.gross for line in kept)
        digits = {"CNY": 2, "JPY": 0, "KWD": 3}[currency]
        assert all(amount == round(amount, digits) for line in kept for amount in (line.total, line.tax, line.gross))
        transaction.set_rollback(True)


STEPS = st.lists(
    st.tuples(st.sampled_from(["bill", "pay", "match", "receive", "void", "refund", "unmatch", "restore", "unpay"]), st.integers(0, 5), cents),
    min_size=4, max_size=10,
)  # fmt: skip


def step(cast: Cast, account: Account, order: Order, what: str, at: int, amount: Decimal) -> None:
    def one(several: Any) -> Any:
        rows = list(several.order_by("pk"))
        return rows[at % len(rows)] if rows else None

    if what == "bill":
        issue(make("invoices", order=order.pk, total=amount, tax_rate="13%"), by=cast.admin, number=f"N{at}")
    elif what in {"pay", "refund"}:
        paid(account, amount if what == "pay" else -amount)
    elif what == "match" and (payment := one(Payment.objects.filter(deleted_at__isnull=True))):
        match(payment, by=cast.admin, amount=amount)
    elif what == "receive" and (instalment := one(Instalment.objects.all())):
        receive(instalment, by=cast.admin, amount=amount)
    elif what == "void" and (invoice := one(order.invoices.all())):
        void(invoice, by=cast.admin, reason="wrong")
    elif what in {"unmatch", "restore"} and (pair := one(Match.objects.filter(deleted_at__isnull=what == "unmatch"))):
        (delete if what == "unmatch" else restore)(pair, by=cast.admin)
    elif what == "unpay" and (payment := one(Payment.objects.filter(deleted_at__isnull=True))):
        delete(payment, by=cast.admin)


@pytest.mark.django_db
@settings(max_examples=12, **QUIET)
@given(steps=STEPS)
def test_received_and_owed_are_billed_and_nothing_is_used_twice(cast: Cast, account: Account, steps: list[Any]) -> None:
    with transaction.atomic():
        order = make("orders", account=account.pk, currency="CNY")
        for amount in ("50000", "333.33"):
            due(account, amount, order=order.pk)
        for what in steps:
            try:
                with transaction.atomic():
                    step(cast, account, order, *what)
            except (Refused, Forbidden):
                continue
        account, order = fresh(account), fresh(order)
        for one in (account, order):
            assert one.received + one.owed == one.billed
        invoices = order.invoices.filter(status="issued")
        assert order.billed == account.billed == sum(one.total for one in invoices)
        assert all(one.net + one.tax == one.total for one in invoices)
        assert account.received == sum(one.amount for one in Payment.objects.filter(deleted_at__isnull=True))
        living = Match.objects.filter(deleted_at__isnull=True, payment__deleted_at__isnull=True)
        for instalment in Instalment.objects.all():
            assert instalment.received == sum(one.settled for one in living.filter(instalment=instalment))
            assert 0 <= instalment.received <= instalment.amount
        for payment in Payment.objects.filter(deleted_at__isnull=True):
            assert abs(payment.matched) <= abs(payment.amount)
        assert order.received == sum(one.received for one in Instalment.objects.all())
        transaction.set_rollback(True)


@pytest.mark.django_db(transaction=True)
def test_of_many_receipts_at_once_none_overpays(cast: Cast, account: Account) -> None:
    instalment = due(account, 100)
    payments = [paid(account, 30) for _number in range(6)]

    def settle(payment: Payment) -> str:
        try:
            make("matches", payment=payment.pk, instalment=instalment.pk, amount=30)
        except Refused as refused:
            return "; ".join(refused.errors)
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(6) as several:
        outcomes = sorted(several.map(settle, payments))
    assert outcomes == ["amount"] * 3 + ["done"] * 3
    assert (fresh(instalment).received, fresh(instalment).open, fresh(instalment).state) == (90, 10, "part")


@pytest.mark.django_db
def test_what_is_paid_over_stays_with_the_payment(cast: Cast, account: Account) -> None:
    first, second = due(account, 100, owner=cast.bob.pk), due(account, 50, due_on="2026-12-01", owner=cast.bob.pk)
    receive(first, by=cast.bob, amount="120")
    payment = Payment.objects.get()
    assert (fresh(first).state, payment.left, fresh(account).received) == ("paid", 20, 120)
    match(payment, by=cast.bob)
    assert (fresh(second).received, fresh(payment).left, fresh(account).to_receive) == (20, 0, 30)
    for wrong in (
        lambda: edit(fresh(first), {"amount": 99}, by=cast.bob),
        lambda: edit(fresh(payment), {"amount": 100}, by=cast.bob),
        lambda: edit(fresh(payment), {"currency": "USD"}, by=cast.bob),
        lambda: delete(fresh(payment), by=cast.bob),
    ):
        with pytest.raises(Refused):
            wrong()


@pytest.mark.django_db
def test_a_payment_in_another_currency_settles_by_the_rate_of_its_day(cast: Cast, account: Account) -> None:
    instalment = due(account, 1000)
    payment = paid(account, 200, currency="USD")
    with pytest.raises(Refused) as refused:
        make("matches", payment=payment.pk, instalment=instalment.pk)
    assert list(refused.value.errors) == ["settled"]
    make("rates", currency="USD", base="CNY", starts_on="2026-11-01", rate="7.1234")
    made = make("matches", payment=payment.pk, instalment=instalment.pk)
    assert (made.amount, made.settled) == (Decimal("140.38"), 1000)
    assert (fresh(instalment).state, fresh(payment).left) == ("paid", Decimal("59.62"))


@pytest.mark.django_db
def test_an_issued_invoice_stands_and_bills(cast: Cast, account: Account) -> None:
    invoice = make("invoices", account=account.pk, total=113, tax_rate="13%", currency="CNY", owner=cast.bob.pk)
    assert (invoice.buyer, invoice.tax_number, invoice.net, invoice.tax) == ("Northwind", "REG17", 100, 13)
    assert fresh(account).billed == 0
    issue(invoice, by=cast.bob, number="24312000000012345678", issued_on="2026-11-03")
    assert (fresh(account).billed, fresh(account).owed) == (113, 113)
    with pytest.raises(Refused):
        edit(fresh(invoice), {"total": 5}, by=cast.bob)
    with pytest.raises(Refused):
        delete(fresh(invoice), by=cast.bob)
    void(fresh(invoice), by=cast.bob, reason="Wrong title")
    assert fresh(account).billed == 0


@pytest.mark.parametrize(
    ("days", "name"), [(-3, "current"), (0, "current"), (1, "1–30"), (30, "1–30"), (31, "31–60"), (90, "61–90"), (91, ">90")]
)
def test_overdue_money_ages(days: int, name: str) -> None:
    today = dt.date(2026, 11, 26)
    assert bucket(today - dt.timedelta(days=days), today) == name


@pytest.mark.django_db
def test_the_aside_ages_what_the_reader_may_see(cast: Cast, account: Account) -> None:
    today = cast.bob.locale.today
    for days, amount in ((-5, 1), (10, 2), (45, 4), (200, 8)):
        due(account, amount, due_on=today - dt.timedelta(days=days), owner=cast.bob.pk)
    due(account, 1000, due_on=today, owner=cast.charlie.pk)
    assert [figure.value for figure in aged(account, cast.bob)] == ["CN¥1", "CN¥2", "CN¥4", "CN¥8"]


@pytest.mark.django_db
def test_debts_below_nothing_are_told_as_paid_ahead(cast: Cast, account: Account, client_of: Any) -> None:
    receive(due(account, 500, owner=cast.bob.pk), by=cast.bob)
    field, locale = entity_named("accounts").fields["owed"], cast.bob.locale
    held = field.of(fresh(account))
    assert (held.amount, field.k.format(held, locale, {})) == (-500, "CN¥500 paid ahead")
    assert field.k.dump(held) == "-500"
    with override("zh-hans"):
        assert field.k.format(Money(Decimal(-5), "CNY"), replace(locale, language="zh-hans"), {}) == "预付 ¥5"
    assert field.k.format(Money(Decimal(5), "CNY"), locale, {}) == "CN¥5"
    page = client_of(cast.bob).get(f"/accounts/{account.pk}").content.decode()
    assert "CN¥500 paid ahead" in page
    assert "-CN¥500" not in page


# ——— more than there is to pay ———


def ordered(account: Account, amount: Any) -> Any:
    order = make("orders", account=account.pk, currency="CNY", owner=account.owner_id)
    make("order_lines", order=order.pk, name="Crates", quantity=1, price=amount)
    return fresh(order)


def said(record: Any, reader: Any) -> list[tuple[str, str]]:
    aside = next(one for one in PLANNED_OVER if one.entity == entity_of(record).path)
    return [(one.label, one.value) for one in aside.figures(fresh(record), reader)]


@pytest.mark.django_db
def test_instalments_beyond_their_order_are_taken_and_said(cast: Cast, account: Account, client_of: Any) -> None:
    order = ordered(account, 1000)
    first = due(account, 1000, order=order.pk)
    assert said(order, cast.bob) == said(first, cast.bob) == []
    more = due(account, "250.5", order=order.pk)
    assert said(order, cast.bob) == [("Instalments add up to more than this order comes to", "CN¥250.50")]
    assert said(more, cast.bob) == [(f"Instalments add up to more than “{order.number}” comes to", "CN¥250.50")]
    client = client_of(cast.bob)
    assert "Instalments add up to more than this order comes to" in client.get(f"/orders/{order.pk}").content.decode()
    assert order.number in client.get(f"/instalments/{more.pk}").content.decode()
    delete(fresh(more), by=cast.admin)
    assert said(order, cast.bob) == []


@pytest.mark.django_db
def test_a_contract_of_no_value_is_never_planned_over(cast: Cast, account: Account) -> None:
    frame, contract = (
        make("contracts", name="C", account=account.pk, currency="CNY", value=value, owner=cast.bob.pk) for value in (None, 100)
    )
    for one in (frame, contract):
        due(account, 130, contract=one.pk)
    assert said(frame, cast.bob) == []
    assert said(contract, cast.bob) == [("Instalments add up to more than this contract comes to", "CN¥30")]


@pytest.mark.django_db
def test_who_may_not_see_what_is_planned_hears_nothing_of_it(cast: Cast, account: Account) -> None:
    order = ordered(account, 10)
    more = due(account, 20, order=order.pk, owner=cast.charlie.pk)
    assert said(more, cast.charlie) == []
    FieldRight.objects.create(role=cast.roles["seller"], entity="orders", field="planned", level=Level.MASKED)
    raise_epoch()
    bob = type(cast.bob).objects.get(pk=cast.bob.pk)
    assert said(order, bob) == said(more, bob) == []
