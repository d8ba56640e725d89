"""The columns of a bank statement, when they are not found by themselves: said by hand or by a program, and remembered."""

from __future__ import annotations

import datetime as dt
import io
import json
import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from guanxi.access.starting import grant
from guanxi.crm.bank.layouts import Layout, named
from guanxi.crm.bank.model import BankLine, StatementLayout
from guanxi.crm.bank.taking import Taken, take
from guanxi.record.changes import Origin
from guanxi.record.history import undo_batch
from guanxi.record.keeping import incoming
from guanxi.record.refusals import Refused
from guanxi.surfaces.answers import one_submit
from tests.cast import Cast, make

pytestmark = pytest.mark.django_db

ODD = """Buchung,Wer,Wofür,Summe EUR,Saldo
2026-11-03,Northwind,INV-00017,1250.00,5000
2026-11-04,Card fees,,-12.50,4987.50
"""
PLAIN = """Date,Amount,Who,Description
2026-11-03,700,Northwind,INV-1
2026-11-04,30,Southwind,INV-2
"""
TWO = "Date,Amount,Amount (EUR),Payer\n2026-11-03,1250,1150,Northwind\n"
UNSURE = "Date,Amount,Payer\n03/04/2026,10,Northwind\n05/06/2026,20,Southwind\n"


@pytest.fixture(autouse=True)
def _uploads(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def said(columns: dict[str, Any], dates: str = "") -> Callable[[Any], Layout]:
    return lambda study: named(study, columns, dates)


def upload(text: str, by: Any, origin: Origin | None = None, **how: Any) -> Taken:
    return take("statement.csv", [text.encode()], by=by, origin=origin or Origin(), **how)


def refusal(text: str, by: Any, **how: Any) -> dict[str, str]:
    with pytest.raises(Refused) as refused:
        upload(text, by, **how)
    assert not BankLine.objects.exists()
    return dict(refused.value.errors)


COLUMNS = {"day": "Buchung", "amount": "Summe EUR", "payer": "Wer", "text": ["Wofür"]}


# ——— said and remembered ———


def test_what_was_said_of_a_header_holds_for_the_next_file(cast: Cast) -> None:
    assert "Buchung, Wer, Wofür" in refusal(ODD, cast.bob)["columns"]
    assert upload(ODD, cast.bob, choose=said(COLUMNS)).new == 2
    later = ODD.replace("11-03", "11-05").replace("11-04", "11-06")
    assert upload(later, cast.bob).new == 2
    assert sorted(BankLine.objects.values_list("payer", "text", "amount", "booked_on")) == [
        ("Card fees", "", Decimal("-12.5"), dt.date(2026, 11, 4)), ("Card fees", "", Decimal("-12.5"), dt.date(2026, 11, 6)),
        ("Northwind", "INV-00017", 1250, dt.date(2026, 11, 3)), ("Northwind", "INV-00017", 1250, dt.date(2026, 11, 5)),
    ]  # fmt: skip
    assert StatementLayout.objects.count() == 1
    assert list(refusal_of_other_header(cast)) == ["columns"]


def refusal_of_other_header(cast: Cast) -> dict[str, str]:
    """Nothing of what was said holds for another header."""
    with pytest.raises(Refused) as refused:
        upload(ODD.replace("Wer", "Partei"), cast.bob)
    return dict(refused.value.errors)


def test_columns_are_named_by_words_or_numbers_and_taken_from_what_they_were(cast: Cast) -> None:
    taken = upload(PLAIN, cast.bob, choose=said({"payer": 3, "text": None}))
    assert taken.layout.places == {"day": (0,), "amount": (1,), "payer": (2,)}
    assert list(BankLine.objects.order_by("pk").values_list("payer", "text")) == [("Northwind", ""), ("Southwind", "")]


@pytest.mark.parametrize(
    "columns",
    [{"day": "Dat"}, {"day": 9}, {"day": True}, {"who": 1}, {"day": ["Date", "Who"]}, {"day": 1, "amount": 1}, {"day": 0}, {"day": {}}],
)
def test_columns_that_are_none_are_refused_by_name(cast: Cast, columns: dict[str, Any]) -> None:
    assert list(refusal(PLAIN, cast.bob, choose=said(columns))) == ["columns"]


def test_of_two_amounts_somebody_must_say_which_it_is(cast: Cast) -> None:
    assert "“Amount”, “Amount (EUR)”" in refusal(TWO, cast.bob)["columns"]
    assert "“Amount”, “Amount (EUR)”" in refusal(TWO, cast.bob, choose=said({"payer": "Payer"}))["columns"]
    assert upload(TWO, cast.bob, choose=said({"amount": "Amount (EUR)"})).new == 1
    assert BankLine.objects.get().amount == 1150
    assert upload(TWO.replace("11-03", "11-04"), cast.bob).new == 1
    empty = TWO.replace(",1150,", ",,").replace("Amount (EUR)", "Sum")
    assert upload(empty, cast.bob).new == 1, "an empty column is no second amount"


def test_money_in_and_out_may_say_their_sum_besides(cast: Cast) -> None:
    assert upload("Date,Credit,Debit,Amount,Value\n2026-11-03,5,,5,5\n2026-11-04,,3,-3,-3\n", cast.bob).new == 2
    assert sorted(BankLine.objects.values_list("amount", flat=True)) == [-3, 5]


def test_dates_that_can_be_read_either_way_are_asked_about_once(cast: Cast) -> None:
    assert "03/04/2026" in refusal(UNSURE, cast.bob)["dates"]
    assert list(refusal(UNSURE, cast.bob, choose=said({}, "backwards"))) == ["dates"]
    upload(UNSURE, cast.bob, choose=said({}, "day first"))
    assert sorted(BankLine.objects.values_list("booked_on", flat=True)) == [dt.date(2026, 4, 3), dt.date(2026, 6, 5)]
    upload(UNSURE.replace("10", "11"), cast.bob)
    assert BankLine.objects.get(amount=11).booked_on == dt.date(2026, 4, 3)
    # A file that tells by itself knows better than what was said of another one; and what was said holds on after it.
    upload(UNSURE.replace("05/06", "05/26").replace("10", "12"), cast.bob)
    assert BankLine.objects.get(amount=12).booked_on == dt.date(2026, 3, 4)
    upload(UNSURE.replace("10", "13"), cast.bob)
    assert BankLine.objects.get(amount=13).booked_on == dt.date(2026, 4, 3)


def test_a_file_read_wrongly_before_is_not_there_twice(cast: Cast) -> None:
    origin = one_submit()
    assert upload(PLAIN, cast.bob, origin).new == 2
    right = said({"payer": "Who"})
    again = upload(PLAIN, cast.bob, choose=right)
    assert (again.new, again.known, again.otherwise, BankLine.objects.count()) == (0, 2, 2, 2)
    assert origin.batch
    undo_batch(origin.batch, by=cast.bob)
    assert upload(PLAIN, cast.bob, choose=right).new == 2
    third = upload(PLAIN, cast.bob, choose=said({"payer": "Description", "text": "Who"}))
    assert (third.new, third.otherwise) == (0, 2)
    assert upload(PLAIN, cast.bob, choose=right).new == 0


def test_a_workbook_with_formulas_says_which_of_them_failed(cast: Cast) -> None:
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file)
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["Date", "Amount", "Payer"])
    sheet.write_row(1, 0, ["2026-11-03", "", "North"])
    sheet.write_formula(1, 1, "=5+7", None, 12)
    sheet.write_row(2, 0, ["2026-11-04", "", "South"])
    sheet.write_formula(2, 1, "=1/0", None, "#DIV/0!")
    sheet.write_row(3, 0, ["", 8, "West"])
    sheet.write_formula(3, 0, "=NA()", None, "#N/A")
    sheet.write_row(4, 0, ["2026-11-06", 9])
    sheet.write_formula(4, 2, "=NA()", None, "#N/A")
    book.close()
    taken = take("book.xlsx", [file.getvalue()], by=cast.bob, origin=Origin())
    assert [row for row, _why in taken.statement.unread] == [3, 4]
    assert "#DIV/0!" in taken.left_out
    assert sorted(BankLine.objects.values_list("amount", "payer")) == [(9, ""), (12, "North")]


# ——— hostile files, by a program ———

WIDE = ",".join(f"c{number}" for number in range(10_000)) + "\n" + ",".join("1" * 10_000) + "\n"
HOSTILE: dict[str, tuple[bytes, dict[str, Any], str, str]] = {
    "empty": (b"", {}, "file", "empty"),
    "blank": (b" \n\n", {}, "file", "empty"),
    "no amount": (b"Date,Payer\n2026-11-03,North\n", {}, "columns", "the amount"),
    "two amounts": (TWO.encode(), {}, "columns", "Several columns"),
    "wrong encoding": ("日期,金额\n2026-11-03,5\n".encode("gb18030"), {"encoding": "utf-8"}, "columns", "\ufffd"),
    "no encoding": (ODD.encode(), {"encoding": "klingon"}, "file", "klingon"),
    "10,000 columns": (WIDE.encode(), {}, "file", "10,000 columns"),
    "unknown order": (UNSURE.encode(), {}, "dates", "either way"),
    "formulas": (b'Date,Amount\n2026-11-03,=1+1\n2026-11-04,"=HYPERLINK(""http://x"")"\n', {}, "file", "=1+1"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + b"\x00" * 30, {}, "file", "a picture"),
    "no such sheet": (ODD.encode(), {"columns": {"day": "Nirgends"}}, "columns", "Nirgends"),
    "only a head": (b"Date,Amount\n", {}, "file", "no lines"),
    "header row too far": (ODD.encode(), {"header_row": 99}, "file", "99"),
}


def send(client: Client, content: bytes, **how: Any) -> Any:
    asked = {name: json.dumps(value) if name == "columns" else str(value) for name, value in how.items()}
    query = "&".join(f"{name}={quote(value)}" for name, value in asked.items())
    return client.post(f"/api/v1/bank_lines/uploads/statement?{query}", {"file": SimpleUploadedFile("bank.csv", content)})


@pytest.mark.parametrize("case", HOSTILE)
def test_a_file_that_is_no_statement_is_answered_in_words(cast: Cast, client_of: Callable[..., Client], case: str) -> None:
    content, how, place, words = HOSTILE[case]
    answer = send(client_of(cast.bob), content, **how)
    told = answer.json()
    assert answer.status_code == 422, told
    assert [one["path"] for one in told["errors"]] == [place]
    assert words in told["errors"][0]["message"]
    assert not BankLine.objects.exists()
    assert not StatementLayout.objects.exists()


# ——— by a program ———


def test_a_program_is_told_what_was_read_what_was_left_out_and_what_it_may_pay(cast: Cast, client_of: Callable[..., Client]) -> None:
    account = make("accounts", name="Northwind", currency="USD", owner=cast.bob.pk)
    owed = make("instalments", account=account.pk, amount=1250, currency="USD", due_on="2026-11-01", owner=cast.bob.pk)
    client, file = client_of(cast.bob), (ODD + "2026-11-05,East,,about five,\nTotal,,,1237.50,\n").encode()
    answer = send(client, file, columns=COLUMNS)
    told = answer.json()
    assert answer.status_code == 200, told
    assert [told[name] for name in ("new", "received", "known", "known_otherwise", "more")] == [2, 1, 0, 0, False]
    assert told["warnings"] == []
    assert told["columns"] == {"day": ["Buchung"], "amount": ["Summe EUR"], "payer": ["Wer"], "text": ["Wofür"]}
    assert [(one["row"], one["kind"]) for one in told["left_out"]] == [(4, "unreadable"), (5, "no line")]
    assert "about five" in told["left_out"][0]["why"]
    (one,) = told["lines"]
    assert (one["line"]["payer"], one["line"]["amount"], one["line"]["state"]) == ("Northwind", "1250", "open")
    (best,) = one["proposals"]
    assert (best["account"], best["instalments"], best["payment"], best["sure"]) == (
        {"id": account.pk, "title": "Northwind"}, [owed.pk], None, True,
    )  # fmt: skip
    again = send(client, file).json()
    assert [again[name] for name in ("new", "received", "known", "known_otherwise")] == [0, 0, 2, 0]
    assert again["lines"] == told["lines"]
    client.post(f"/api/v1/bank_lines/{one['line']['id']}/match", "{}", content_type="application/json")
    assert send(client, file).json()["lines"] == []
    assert BankLine.objects.count() == 2


def test_the_bytes_alone_and_the_same_key_are_one_upload(cast: Cast, client_of: Callable[..., Client]) -> None:
    client, address = client_of(cast.bob), "/api/v1/bank_lines/uploads/statement?name=may.csv"
    both = [
        client.post(address, PLAIN.encode(), content_type="text/csv", headers={"Idempotency-Key": "may"}) for _number in range(2)
    ]  # fmt: skip
    assert [one.json()["new"] for one in both] == [2, 2]
    assert both[1]["Idempotency-Replayed"] == "true"
    other = client.post(address, TWO.encode(), content_type="text/csv", headers={"Idempotency-Key": "may"})
    assert other.status_code == 422
    assert set(BankLine.objects.values_list("source", flat=True)) == {"may.csv"}
    assert BankLine.objects.count() == 2


def test_a_program_may_send_only_what_its_user_may_keep(cast: Cast, client_of: Callable[..., Client]) -> None:
    reader = make("roles", name="Looks on")
    grant(reader, {"bank_lines": {"see": "all"}})
    rita = make("users", username="rita", name="Rita", roles=[reader.pk])
    client = client_of(type(cast.bob).objects.get(pk=rita.pk))
    assert send(client, PLAIN.encode()).status_code == 403
    assert client.post("/api/v1/bank_lines/uploads/other", b"", content_type="text/csv").status_code == 404
    assert client.post("/api/v1/accounts/uploads/statement", b"", content_type="text/csv").status_code in {403, 404}
    assert not BankLine.objects.exists()


# ——— in the browser ———


def sent(client: Client, text: str, **besides: str) -> Any:
    return client.post("/payments/bank", {"file": SimpleUploadedFile("bank.csv", text.encode()), **besides})


def test_a_clerk_says_what_the_columns_are(cast: Cast, client_of: Callable[..., Client]) -> None:
    client = client_of(cast.bob)
    answer = sent(client, ODD)
    assert answer.status_code == 302
    address = answer["Location"]
    page = client.get(address).content.decode()
    assert "No column for the day / the amount was found" in page
    assert "Northwind" in page
    header = re.search(r'name="header" value="([^"]+)"', page)
    assert header
    chosen = {"header": header[1], "column-0": "day", "column-1": "payer", "column-3": "amount"}
    tried = client.post(address, {**chosen, "check": "1"})
    assert tried.status_code == 200
    assert "The first lines as they would be read" in tried.content.decode()
    twice = client.post(address, {**chosen, "column-4": "amount", "take": "1"})
    assert twice.status_code == 422
    assert "“Summe EUR”, “Saldo”" in twice.content.decode()
    assert not BankLine.objects.exists()
    taken = client.post(address, {**chosen, "take": "1"})
    assert taken["Location"] == "/payments/bank"
    assert sorted(BankLine.objects.values_list("payer", "amount")) == [("Card fees", Decimal("-12.5")), ("Northwind", 1250)]
    assert not list(incoming().iterdir())
    assert client.get(address)["Location"] == "/payments/bank"
    later = sent(client, ODD.replace("11-0", "12-0"))
    assert later["Location"] == "/payments/bank"
    assert BankLine.objects.count() == 4


def test_columns_can_be_looked_at_before_a_file_that_is_clear_is_read(cast: Cast, client_of: Callable[..., Client]) -> None:
    client = client_of(cast.bob)
    address = sent(client, PLAIN, look="1")["Location"]
    page = client.get(address).content.decode()
    assert 'value="amount" selected' in page
    assert not BankLine.objects.exists()
    # Another header than the page showed: the choices made for the other columns count for nothing.
    reread = client.post(address, {"header": "x-4", "column-0": "amount", "column-1": "day", "header_row": "0", "take": "1"})
    assert reread.status_code in {200, 422}
    assert not BankLine.objects.exists()
    assert client_of(cast.alice).get(address)["Location"] == "/payments/bank"
    assert client.get(address[:-1])["Location"] == "/payments/bank"


def test_a_wrong_encoding_is_told_and_another_one_may_be_chosen(cast: Cast, client_of: Callable[..., Client]) -> None:
    client = client_of(cast.bob)
    address = client.post("/payments/bank", {"file": SimpleUploadedFile("b.csv", ODD.replace("Wer", "谁").encode("gb18030"))})["Location"]
    page = client.post(address, {"reread": "1", "encoding": "utf-8"})
    assert page.status_code == 422
    assert "hold bytes that are not Unicode (UTF-8)" in page.content.decode()
    assert "Wof" in client.post(address, {"reread": "1", "encoding": "cp1252"}).content.decode()
    assert ">谁</label>" in client.post(address, {"reread": "1", "encoding": "gb18030"}).content.decode()
