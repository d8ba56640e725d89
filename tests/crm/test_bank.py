"""Bank statements: read from any bank's file, known again, matched with what is owed, never twice."""

from __future__ import annotations

import datetime as dt
import io
import re
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from guanxi.access.models import Permission
from guanxi.crm.accounts.model import Account
from guanxi.crm.bank.clues import numbers_in
from guanxi.crm.bank.columns import roles_of
from guanxi.crm.bank.model import BankLine
from guanxi.crm.bank.pages import match_sure
from guanxi.crm.bank.proposing import propose
from guanxi.crm.bank.taking import take
from guanxi.crm.bank.verbs import match, set_aside, take_up
from guanxi.crm.payments.model import Instalment, Match, Payment
from guanxi.record.changes import Origin, delete, edit, restore
from guanxi.record.history import undo_batch
from guanxi.record.memory import raise_epoch
from guanxi.record.refusals import Forbidden, Refused
from guanxi.surfaces.answers import one_submit
from tests.cast import Cast, make, signed_in

QUIET = {"deadline": None, "suppress_health_check": [*HealthCheck], "phases": [Phase.generate]}
cents = st.decimals("0.01", "9999.99", places=2)

CHINESE = """中国工商银行账户明细
账号：6222 0210 0100 1234 567,币种：人民币
交易日期,摘要,对方户名,对方账号,贷方发生额（元）,借方发生额（元）,余额（元）,交易流水号
2026-11-03,货款 SO202600001,上海远洋物流有限公司,31001,"113,000.00",,"213,000.00",T001
2026-11-04,手续费,,,,15.00,"212,985.00",T002
2026-11-05,收到货款,北京云帆科技股份有限公司,11002,"5,000.00",,"217,985.00",T003
2026-11-05,收到货款,北京云帆科技股份有限公司,11002,"5,000.00",,"222,985.00",T004
合计,,,,"123,000.00",15.00,,
"""
ENGLISH = """Date;Description;Counterparty;Amount;Currency;Reference
03/11/2026;Invoice INV-00017 thanks;Northwind Logistics Inc.;1.250,00;EUR;AB1
28/11/2026;Card fees;;-12,50;EUR;AB2
"""


@pytest.fixture
def account(cast: Cast) -> Account:
    made: Account = make("accounts", name="远洋物流", currency="CNY", owner=cast.bob.pk)
    return made


def due(account: Account, amount: Any, **values: Any) -> Instalment:
    made: Instalment = make(
        "instalments", account=account.pk, amount=amount, **{"currency": "CNY", "due_on": "2026-11-01", "owner": account.owner_id, **values}
    )
    return made


def line(amount: Any, **values: Any) -> BankLine:
    made: BankLine = make("bank_lines", amount=amount, **{"currency": "CNY", "booked_on": "2026-11-03", **values})
    return made


def fresh(record: Any) -> Any:
    return type(record).objects.get(pk=record.pk)


def upload(text: str | bytes, by: Any, name: str = "statement.csv", origin: Origin | None = None) -> Any:
    return take(name, [text.encode() if isinstance(text, str) else text], by=by, origin=origin or Origin())


# ——— reading ———


@pytest.mark.django_db
@pytest.mark.parametrize("encoding", ["gb18030", "utf-8-sig", "utf-8"])
def test_a_chinese_statement_is_read_and_known_again(cast: Cast, encoding: str) -> None:
    taken = upload(CHINESE.encode(encoding), cast.bob)
    assert (taken.new, taken.received, taken.known, taken.left_out) == (4, 3, 0, "")
    lines = list(BankLine.objects.order_by("booked_on", "pk"))
    assert [(one.amount, one.currency, one.state) for one in lines] == [
        (113000, "CNY", "open"), (-15, "CNY", "out"), (5000, "CNY", "open"), (5000, "CNY", "open"),
    ]  # fmt: skip
    first = lines[0]
    assert (first.payer, first.payer_account, first.reference, first.text) == ("上海远洋物流有限公司", "31001", "T001", "货款 SO202600001")
    assert (first.own_account, first.booked_on, first.owner_id) == ("6222021001001234567", dt.date(2026, 11, 3), cast.bob.pk)
    again = upload(CHINESE.encode("utf-8"), cast.bob, name="the same in another encoding.csv")
    assert (again.new, again.known, BankLine.objects.count()) == (0, 4, 4)


@pytest.mark.django_db
def test_a_statement_in_another_form_is_read(cast: Cast) -> None:
    assert upload(ENGLISH, cast.bob).new == 2
    first, second = BankLine.objects.order_by("booked_on")
    assert (first.amount, first.currency, first.booked_on, first.reference) == (1250, "EUR", dt.date(2026, 11, 3), "AB1")
    assert (second.amount, second.booked_on) == (Decimal("-12.5"), dt.date(2026, 11, 28))


@pytest.mark.django_db
def test_a_workbook_is_read_and_what_cannot_be_is_told(cast: Cast) -> None:
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file)
    sheet = book.add_worksheet()
    rows = [
        ["日期", "对方户名", "金额", "借贷标志", "附言"],
        [20261103, "甲公司", 12.5, "贷", "款"],
        [20261104, "乙公司", 7, "借", ""],
        ["2026-11-05", "丙", "约五百", "贷", ""],
    ]
    for number, row in enumerate(rows):
        sheet.write_row(number, 0, row)
    book.close()
    taken = upload(file.getvalue(), cast.bob, name="流水.xlsx")
    assert (taken.new, taken.received) == (2, 1)
    assert "约五百" in taken.left_out
    assert sorted(BankLine.objects.values_list("amount", flat=True)) == [-7, Decimal("12.5")]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("file", "place"),
    [
        ("a,b,c\n1,2,3\n", "columns"), ("", "file"), ("Date,Text\n2026-11-03,x\n", "columns"), ("\x00\x01\x02", "file"), ("Date,Amount\n", "file"),
    ],
)  # fmt: skip
def test_what_is_no_statement_is_refused_in_words(cast: Cast, file: str, place: str) -> None:
    with pytest.raises(Refused) as refused:
        upload(file, cast.bob)
    assert list(refused.value.errors) == [place]
    assert str(refused.value) == refused.value.errors[place]
    assert BankLine.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_the_same_file_from_two_people_at_once_is_taken_once(cast: Cast) -> None:
    def uploaded(_number: int) -> int:
        try:
            return int(upload(CHINESE, cast.bob).new)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as several:
        assert sorted(several.map(uploaded, range(4))) == [0, 0, 0, 4]
    assert BankLine.objects.count() == 4


@pytest.mark.django_db
def test_an_upload_taken_back_can_be_made_again(cast: Cast) -> None:
    origin = one_submit()
    upload(CHINESE, cast.bob, origin=origin)
    assert origin.batch
    assert undo_batch(origin.batch, by=cast.bob).counts == (4, 0)
    assert upload(CHINESE, cast.bob).new == 4
    with pytest.raises(Refused):
        restore(BankLine.objects.filter(deleted_at__isnull=False).first(), by=cast.bob)


def test_columns_are_known_by_many_names() -> None:
    assert roles_of(["Booking Date", "Paid In", "Paid Out", "Payer"]) == {"day": [0], "credit": [1], "debit": [2], "payer": [3]}
    assert roles_of(["记账日期", "收入金额(元)", "支出金额(元)", "对方单位名称", "用途", "附言"])["text"] == [4, 5]


def test_numbers_of_papers_are_found_in_a_text() -> None:
    assert numbers_in("货款SO202600017，合同CT-2026-00003") == ["SO202600017", "SO-2026-00017", "CT-2026-00003"]
    assert numbers_in("thanks, invoice 2631000017") == ["2631000017"]


# ——— what a line may pay ———


@pytest.mark.django_db
def test_the_amount_and_the_payer_make_a_proposal_sure(cast: Cast, account: Account) -> None:
    wanted, _other = due(account, 113000, name="一期"), due(account, 999)
    (best, *_rest) = propose([one := line(113000, payer="上海远洋物流有限公司")], by=cast.bob)[one.pk]
    assert (best.account, best.keys, best.sure) == (account.pk, (wanted.pk,), True)
    assert best.evidence == ("“一期” to the last coin", "The payer is called as the account")
    (alone,) = propose([one := line(113000)], by=cast.bob)[one.pk]
    assert (alone.keys, alone.sure) == ((wanted.pk,), False)


@pytest.mark.django_db
def test_a_number_in_the_text_says_which_of_two(cast: Cast, account: Account) -> None:
    other = make("accounts", name="Northwind", owner=cast.bob.pk, currency="CNY")
    due(other, 5000)
    order = make("orders", account=account.pk, currency="CNY", number="SO-2026-00042", owner=cast.bob.pk)
    wanted = due(account, 5000, order=order.pk)
    found = propose([one := line(5000, text="货款 SO202600042")], by=cast.bob)[one.pk]
    assert (found[0].keys, found[0].sure) == ((wanted.pk,), True)
    assert "The text names order SO-2026-00042" in found[0].evidence


@pytest.mark.django_db
def test_two_that_are_as_likely_are_not_sure(cast: Cast, account: Account) -> None:
    twin = make("accounts", name="远洋物流（北京）有限公司", owner=cast.bob.pk)
    due(account, 700), due(twin, 700)
    found = propose([one := line(700, payer="远洋物流有限公司")], by=cast.bob)[one.pk]
    assert [one.sure for one in found] == [False, False]
    with pytest.raises(Refused):
        match(one, by=cast.admin)


@pytest.mark.django_db
def test_several_instalments_together_and_one_with_bank_charges(cast: Cast, account: Account) -> None:
    parts = [due(account, amount, due_on=f"2026-11-{day:02}") for day, amount in ((1, 300), (2, 71), (3, 450))]
    found = propose([one := line(750, payer="远洋物流有限公司")], by=cast.bob)[one.pk]
    assert (found[0].keys, found[0].sure) == ((parts[0].pk, parts[2].pk), True)
    near = propose([one := line(445, payer="远洋物流有限公司")], by=cast.bob)[one.pk][0]
    assert (near.keys, near.fits, near.sure) == ((parts[2].pk,), True, False)
    assert "CN¥5 less than" in near.evidence[0]


@pytest.mark.django_db
def test_who_paid_before_is_remembered_by_name(cast: Cast, account: Account) -> None:
    make("payments", account=account.pk, amount=1, currency="CNY", received_on="2026-01-01", payer="王小明", owner=cast.bob.pk)
    wanted = due(account, 800)
    best = propose([one := line(800, payer="王小明")], by=cast.bob)[one.pk][0]
    assert (best.keys, best.sure, best.evidence[1]) == ((wanted.pk,), True, "This payer has paid for the account before")


@pytest.mark.django_db
def test_a_payment_recorded_before_is_not_made_again(cast: Cast, account: Account) -> None:
    paid = make("payments", account=account.pk, amount=500, currency="CNY", received_on="2026-11-02", owner=cast.bob.pk)
    one = line(500, payer="远洋物流有限公司")
    best = propose([one], by=cast.bob)[one.pk][0]
    assert (best.payment, best.sure) == (paid, True)
    match(one, by=cast.admin)
    assert (Payment.objects.count(), fresh(paid).bank_line_id, fresh(one).state) == (1, one.pk, "matched")


# ——— matching ———


@pytest.mark.django_db
def test_one_click_makes_the_payment_and_its_match_and_takes_them_back(cast: Cast, account: Account) -> None:
    upload(CHINESE.replace("113,000.00", "1,130.00"), cast.bob)
    wanted = due(account, 1130)
    one = BankLine.objects.get(reference="T001")
    origin = one_submit()
    match(one, by=cast.bob, origin=origin)
    payment = Payment.objects.get()
    assert (payment.amount, payment.account_id, payment.payer, payment.reference) == (1130, account.pk, "上海远洋物流有限公司", "T001")
    assert (payment.received_on, payment.left, fresh(wanted).state, fresh(one).state) == (dt.date(2026, 11, 3), 0, "paid", "matched")
    with pytest.raises(Forbidden):
        match(one, by=cast.bob, account=account.pk)
    with pytest.raises(Refused):
        edit(one, {"amount": 5}, by=cast.bob)
    assert origin.batch
    assert undo_batch(origin.batch, by=cast.bob).counts[1] == 0
    assert (fresh(wanted).state, fresh(one).state, fresh(account).received) == ("open", "open", 0)
    assert not Payment.objects.filter(deleted_at__isnull=True).exists()


@pytest.mark.django_db
def test_what_is_paid_over_stays_with_the_payment_and_less_leaves_some_open(cast: Cast, account: Account) -> None:
    first, second = due(account, 100), due(account, 50, due_on="2026-12-01")
    match(line(120), by=cast.admin, instalments=[first.pk])
    assert (fresh(first).state, Payment.objects.get().left) == ("paid", 20)
    match(line(30), by=cast.admin, instalments=[second.pk])
    assert (fresh(second).state, fresh(second).open) == ("part", 20)


@pytest.mark.django_db
def test_money_in_another_currency_settles_by_the_rate_of_the_day(cast: Cast, account: Account) -> None:
    make("rates", currency="USD", base="CNY", starts_on="2026-11-01", rate="7.1")
    wanted = due(account, 7100)
    one = line(1000, currency="USD", payer="远洋物流有限公司")
    best = propose([one], by=cast.bob)[one.pk][0]
    assert (best.keys, best.fits) == ((wanted.pk,), True)
    match(one, by=cast.admin, instalments=best.keys)
    assert (fresh(wanted).state, Payment.objects.get().left, Payment.objects.get().currency) == ("paid", 0, "USD")


@pytest.mark.django_db
def test_what_no_customer_owes_is_set_aside(cast: Cast, account: Account) -> None:
    one = line(3, owner=cast.bob.pk)
    set_aside(one, by=cast.bob, reason="Interest")
    assert fresh(one).state == "aside"
    with pytest.raises(Refused):
        make("payments", account=account.pk, amount=3, currency="CNY", received_on="2026-11-03", bank_line=one.pk)
    take_up(one, by=cast.bob)
    assert fresh(one).state == "open"


@pytest.mark.django_db
def test_payments_of_a_line_never_come_to_more_than_it_is(cast: Cast, account: Account) -> None:
    one = line(100)
    values = {"account": account.pk, "currency": "CNY", "received_on": "2026-11-03", "bank_line": one.pk}
    first = make("payments", amount=60, **values)
    for wrong in ({"amount": 41}, {"amount": 40, "currency": "USD"}, {"amount": -40}):
        with pytest.raises(Refused):
            make("payments", **{**values, **wrong})
    delete(first, by=cast.admin)
    make("payments", amount=100, **values)
    with pytest.raises(Refused):
        restore(fresh(first), by=cast.admin)
    assert fresh(one).state == "matched"


@pytest.mark.django_db(transaction=True)
def test_of_many_clerks_at_once_one_matches_a_line(cast: Cast, account: Account) -> None:
    wanted, one = due(account, 1130), line(1130, payer="上海远洋物流有限公司")

    def matched(number: int) -> str:
        try:
            match(one, by=cast.admin, **({"instalments": [wanted.pk]} if number % 2 else {}))
        except (Forbidden, Refused) as refusal:
            return type(refusal).__name__
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(6) as several:
        outcomes = sorted(several.map(matched, range(6)))
    assert outcomes == ["Forbidden"] * 5 + ["done"]
    assert (Payment.objects.count(), fresh(wanted).received, fresh(one).left) == (1, 1130, 0)


@pytest.mark.django_db(transaction=True)
def test_two_lines_of_the_same_amount_do_not_pay_the_same_twice(cast: Cast, account: Account) -> None:
    wanted = due(account, 600)
    several = [line(600, payer="远洋物流有限公司") for _number in range(4)]

    def matched(one: BankLine) -> str:
        try:
            match(one, by=cast.admin, instalments=[wanted.pk])
        except Refused:
            return "refused"
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(4) as threads:
        assert sorted(threads.map(matched, several)) == ["done", "refused", "refused", "refused"]
    assert (fresh(wanted).received, fresh(account).received) == (600, 600)


@pytest.mark.django_db
@settings(max_examples=10, **QUIET)
@given(
    owed=st.lists(cents, min_size=1, max_size=5),
    came=st.lists(cents, min_size=1, max_size=4),
    picks=st.lists(st.integers(0, 31), min_size=4, max_size=4),
)
def test_what_is_matched_never_exceeds_the_line_nor_the_instalments(
    cast: Cast, account: Account, owed: list[Any], came: list[Any], picks: list[int]
) -> None:
    with transaction.atomic():
        instalments = [due(account, amount) for amount in owed]
        for amount, pick in zip(came, picks, strict=False):
            one = line(amount, payer="远洋物流有限公司")
            chosen = [each.pk for place, each in enumerate(instalments) if pick >> place & 1]
            try:
                with transaction.atomic():
                    match(one, by=cast.admin, **({"instalments": chosen} if chosen else {}))
            except (Refused, Forbidden):
                continue
        for one in BankLine.objects.all():
            theirs = one.payments.filter(deleted_at__isnull=True)
            assert one.used == sum(each.amount for each in theirs) <= one.amount
            settled = sum(pair.amount for pair in Match.objects.filter(payment__in=theirs, deleted_at__isnull=True))
            assert settled <= one.amount
        for each in Instalment.objects.all():
            assert 0 <= each.received <= each.amount
        assert fresh(account).received == sum(one.used for one in BankLine.objects.all())
        assert fresh(account).received + fresh(account).owed == fresh(account).billed
        transaction.set_rollback(True)


@pytest.mark.django_db
@settings(max_examples=10, **QUIET)
@given(owed=st.lists(cents, min_size=1, max_size=6), paid=cents)
def test_a_proposal_that_fits_adds_up(cast: Cast, account: Account, owed: list[Any], paid: Any) -> None:
    with transaction.atomic():
        for amount in owed:
            due(account, amount)
        one = line(paid, payer="远洋物流有限公司")
        for found in propose([one], by=cast.bob)[one.pk]:
            total = sum(each.open for each in found.instalments)
            if found.sure:
                assert total == paid
            if found.fits:
                assert abs(total - paid) <= 50
        transaction.set_rollback(True)


# ——— rights, pages, API ———


@pytest.mark.django_db
def test_a_clerk_sees_and_proposes_only_what_is_theirs(cast: Cast, client_of: Any) -> None:
    secret = make("accounts", name="Zephyr Airline", owner=cast.charlie.pk, currency="CNY")
    due(secret, 424242)
    theirs, mine = line(5, payer="Charlie only", owner=cast.charlie.pk), line(424242, payer="Zephyr Airline Ltd", owner=cast.bob.pk)
    assert propose([mine], by=cast.bob)[mine.pk] == []
    page = client_of(cast.bob).get("/payments/bank").content.decode()
    assert "Zephyr Airline Ltd" in page
    assert "Charlie only" not in page
    answer = client_of(cast.bob).post("/payments/bank/match", {"line": theirs.pk, f"pick-{theirs.pk}": f"account:{secret.pk}"})
    assert answer.status_code == 404
    answer = client_of(cast.bob).post(
        "/payments/bank/match", {"line": mine.pk, f"pick-{mine.pk}": f"account:{secret.pk}"}, headers={"HX-Request": "true"}
    )
    assert (answer.status_code, Payment.objects.count()) == (422, 0)
    Permission.objects.filter(entity="bank_lines").delete()
    raise_epoch()
    fresh_client = Client()
    fresh_client.force_login(type(cast.bob).objects.get(pk=cast.bob.pk), backend="django.contrib.auth.backends.ModelBackend")
    assert fresh_client.get("/payments/bank").status_code == 404
    assert "/payments/bank" not in fresh_client.get("/payments").content.decode()


@pytest.mark.django_db
def test_the_page_takes_a_file_and_matches_all_sure_ones(cast: Cast, account: Account) -> None:
    due(account, 113000), due(account, 5000)
    client = signed_in(cast.bob)
    answer = client.post("/payments/bank", {"file": SimpleUploadedFile("a.csv", CHINESE.encode("gb18030"))}, follow=True)
    page = answer.content.decode()
    assert "4 new lines. 3 of them received." in page
    assert "One line here has a proposal that is sure." in page
    answer = client.post("/payments/bank/match", {"line": "sure"}, headers={"HX-Request": "true"})
    assert (answer.status_code, Payment.objects.count()) == (204, 1)
    assert "1 line is matched." in answer.headers["HX-Trigger"]
    assert client.post("/payments/bank/match", {"line": "sure"}, headers={"HX-Request": "true"}).status_code == 422
    assert client.post("/payments/bank", {}).status_code == 422
    for show in ("matched", "aside", "out", "open&after=2026-11-05~1", "open&after=nonsense"):
        assert client.get(f"/payments/bank?show={show}").status_code == 200


@pytest.mark.django_db
def test_a_page_of_lines_asks_no_more_for_more_lines(cast: Cast, account: Account, django_assert_max_num_queries: Any) -> None:
    for number in range(1, 9):
        due(account, 100 + number)
        line(100 + number, payer="远洋物流有限公司", text=f"SO20260000{number}")
    lines = list(BankLine.objects.all())
    with django_assert_max_num_queries(18):
        found = propose(lines, by=cast.admin)
    assert all(several and several[0].sure for several in found.values())
    assert match_sure(cast.admin, one_submit()) == 8


@pytest.mark.django_db
def test_a_program_matches_by_the_api(cast: Cast, account: Account) -> None:
    wanted, client = due(account, 250), signed_in(cast.bob)
    made = client.post(
        "/api/v1/bank_lines",
        {"amount": "250", "currency": "CNY", "booked_on": "2026-11-03", "payer": "远洋物流有限公司"},
        content_type="application/json",
    )
    assert (made.status_code, made.json()["state"]) == (201, "open")
    done = client.post(f"/api/v1/bank_lines/{made.json()['id']}/match", {}, content_type="application/json")
    assert (done.status_code, done.json()["state"], fresh(wanted).state) == (200, "matched", "paid")
    again = client.post(f"/api/v1/bank_lines/{made.json()['id']}/match", {}, content_type="application/json")
    assert again.status_code == 403


def test_the_page_asks_the_same_of_the_database_for_many_lines_as_for_few(cast: Cast, client_of: Any) -> None:
    make("rates", currency="USD", base="CNY", starts_on="2026-01-01", rate="7")
    for number in range(18):
        account = make("accounts", name=f"Harbour {number} Freight Ltd", currency="CNY", owner=cast.bob.pk)
        due(account, 700 + number, currency=("USD", "CNY")[number % 2], due_on=f"2026-11-{number + 1:02}")
        told = {"payer": f"Harbour {number} Freight", "text": f"SO2026{number:05}", "booked_on": f"2026-11-{number + 2:02}"}
        line(Decimal(7 * (700 + number)), **told, owner=cast.bob.pk)
    client = client_of(cast.bob)
    client.get("/payments/bank")
    with CaptureQueriesContext(connection) as asked:
        html = client.get("/payments/bank").content.decode()
    assert html.count("Harbour 4 Freight Ltd") >= 1
    assert html.count("by the rate of the day") >= 1 or html.count("bank charges?") >= 1
    assert len(asked) <= 12, "\n".join(re.sub(r"SELECT .* FROM", "SELECT ... FROM", one["sql"])[:200] for one in asked)


@pytest.mark.django_db
def test_no_proposal_names_an_account_that_is_out_of_sight_and_who_may_only_look_confirms_nothing(cast: Cast, client_of: Any) -> None:
    hidden = make("accounts", name="Zephyr Airline", owner=cast.charlie.pk, currency="CNY")
    due(hidden, 424242, owner=cast.bob.pk)
    mine = line(424242, payer="Somebody", owner=cast.bob.pk)
    assert propose([mine], by=cast.bob)[mine.pk] == []
    assert [one.account for one in propose([mine], by=cast.admin)[mine.pk]] == [hidden.pk]
    seen = make("accounts", name="Harbour Cranes", owner=cast.bob.pk, currency="CNY")
    due(seen, 77, owner=cast.bob.pk)
    open_ = line(77, payer="Harbour Cranes", owner=cast.bob.pk)
    button = f'name="line" value="{open_.pk}"'
    assert button in client_of(cast.bob).get("/payments/bank").content.decode()
    Permission.objects.filter(entity="bank_lines", action="edit").delete()
    raise_epoch()
    html = client_of(cast.bob).get("/payments/bank").content.decode()
    assert "Harbour Cranes" in html
    assert button not in html
