"""A clerk matches a bank file: uploads it, confirms what is proposed, takes one back, sets the interest aside. In both languages."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from guanxi.access.starting import grant
from guanxi.crm.bank.model import BankLine
from guanxi.crm.payments.model import Instalment, Payment
from tests.cast import Cast, make, person
from tests.stories.conftest import Enter

pytestmark = [pytest.mark.story, pytest.mark.django_db(transaction=True)]

STATEMENT = """中国银行 交易明细
账号：6222021001001234567 币种：人民币
交易日期,摘要,对方户名,贷方发生额,借方发生额,余额,交易流水号
2026-11-03,货款,上海远洋物流有限公司,"113,000.00",,"213,000.00",T001
2026-11-04,货款 SO202600042,张伟,"5,000.00",,"218,000.00",T002
2026-11-04,手续费,,,15.00,"217,985.00",T003
2026-11-05,结息,中国银行,3.21,,"217,988.21",T004
"""
SEEN = ("accounts", "contacts", "deals", "orders", "contracts", "invoices", "instalments", "payments", "bank_lines")
WORDS = {
    "en": ("Bank statements", "Read the statement", "4 new lines. 3 of them received.", "Match all sure ones", "2 lines are matched.", "Undo",
           "Set aside", "Reason", "Matched", "4 were known already"),
    "zh-hans": ("银行流水", "读取流水", "新增 4 行。 其中收款 3 行。", "核销全部确定项", "已核销 2 行。", "撤销", "搁置", "原因", "已核销", "4 行此前已有"),
}  # fmt: skip


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_clerk_matches_a_bank_file(live: str, cast: Cast, enter: Enter, tmp_path: Path, language: str) -> None:
    heading, read, told, match_all, matched, undo, aside, reason, tab, known = WORDS[language]
    role = make("roles", name="Clerk")
    grant(role, dict.fromkeys(SEEN, dict.fromkeys(("see", "create", "edit", "delete", "bulk"), "all")))
    clerk = person("clara", "Clara Wu", cast.airport, [role], zone="Asia/Shanghai", language=language)
    shop = _owed(cast)
    file = tmp_path / "流水.csv"
    file.write_bytes(STATEMENT.encode("gb18030"))
    page = enter(clerk)
    page.goto(f"{live}/payments")
    page.locator("[popovertarget=more-acts]").click()
    page.get_by_role("link", name=heading).first.click()
    expect(page.get_by_role("heading", name=heading, exact=True)).to_be_visible()
    page.locator("input[type=file]").set_input_files(str(file))
    page.get_by_role("button", name=read).click()
    messages = page.locator("body")
    expect(messages).to_contain_text(told)
    lines = page.locator("li.bankline")
    expect(lines).to_have_count(3)
    expect(lines.filter(has_text="T001")).to_contain_text("一期")
    for width in (1440, 375):
        page.set_viewport_size({"width": width, "height": 900})
        page.screenshot(path=f"/tmp/wc/bank-{language}-{width}.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.set_viewport_size({"width": 1440, "height": 900})
    page.get_by_role("button", name=match_all).click()
    expect(messages).to_contain_text(matched)
    expect(lines).to_have_count(1)
    assert Instalment.objects.filter(state="paid").count() == 2
    page.locator(".toast", has_text=matched).get_by_role("button", name=undo).click()
    expect(lines).to_have_count(3)
    assert not Payment.objects.filter(deleted_at__isnull=True).exists()
    lines.filter(has_text="T001").locator("button.primary").click()
    expect(lines).to_have_count(2)
    lines.filter(has_text="T004").get_by_role("link", name=aside).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label(reason).fill("利息")
    dialog.get_by_role("button", name=aside).click()
    expect(lines).to_have_count(1)
    page.locator("nav.tabs").get_by_role("link", name=tab, exact=True).click()
    expect(lines).to_have_count(1)
    assert Instalment.objects.get(pk=shop["first"].pk).state == "paid"
    page.locator("input[type=file]").set_input_files(str(file))
    page.get_by_role("button", name=read).click()
    expect(messages).to_contain_text(known)
    assert BankLine.objects.count() == 4


ODD = """Buchung,Wer,Wofür,Summe,Rest
03/11/2026,Northwind,一期,"113000.00",1
04/11/2026,Southwind,,"5.00",1
"""
CHOICES = {
    "en": ("Read the statement", "Day", "Amount", "Paid by", "The day comes first", "Try it", "2 new lines."),
    "zh-hans": ("读取流水", "日期", "金额", "付款方", "先日后月", "试算", "新增 2 行。"),
}


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_clerk_says_what_the_columns_are(live: str, cast: Cast, enter: Enter, tmp_path: Path, language: str) -> None:
    read, day, amount, payer, first, attempt, told = CHOICES[language]
    role = make("roles", name="Clerk")
    grant(role, dict.fromkeys(SEEN, dict.fromkeys(("see", "create", "edit", "delete", "bulk"), "all")))
    clerk = person("clara", "Clara Wu", cast.airport, [role], zone="Asia/Shanghai", language=language)
    file = tmp_path / "bank.csv"
    file.write_text(ODD)
    page = enter(clerk)
    page.goto(f"{live}/payments/bank")
    page.locator("input[type=file]").set_input_files(str(file))
    page.get_by_role("button", name=read).click()
    page.wait_for_url("**/payments/bank/columns?*")
    expect(page.get_by_role("alert").first).to_be_visible()
    for width in (375, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for column, role_ in (("Buchung", day), ("Wer", payer), ("Summe", amount)):
        page.get_by_label(column, exact=True).select_option(label=role_)
    page.get_by_role("button", name=attempt).click()
    expect(page.locator("#preview")).to_have_count(0)
    page.locator("#dates").select_option(label=first)
    page.get_by_role("button", name=attempt).click()
    expect(page.locator("#preview tbody tr")).to_have_count(2)
    page.get_by_role("button", name=read).click()
    expect(page.locator("body")).to_contain_text(told)
    expect(page.locator("li.bankline")).to_have_count(2)
    file.write_text(ODD.replace("/11/2026", "/12/2026"))
    page.locator("input[type=file]").set_input_files(str(file))
    page.get_by_role("button", name=read).click()
    expect(page.locator("li.bankline")).to_have_count(4)
    assert sorted(BankLine.objects.values_list("booked_on", "payer"))[2:] == [
        (dt.date(2026, 12, 3), "Northwind"), (dt.date(2026, 12, 4), "Southwind"),
    ]  # fmt: skip


def _owed(cast: Cast) -> dict[str, Any]:
    ocean = make("accounts", name="远洋物流", currency="CNY", owner=cast.bob.pk)
    other = make("accounts", name="云帆科技", currency="CNY", owner=cast.charlie.pk)
    order = make("orders", account=other.pk, currency="CNY", number="SO-2026-00042", owner=cast.charlie.pk)
    values = {"currency": "CNY", "due_on": "2026-11-01"}
    first = make("instalments", account=ocean.pk, name="一期", amount=113000, owner=cast.bob.pk, **values)
    make("instalments", account=ocean.pk, name="二期", amount=9000, owner=cast.bob.pk, **values)
    make("instalments", account=other.pk, order=order.pk, name="尾款", amount=5000, owner=cast.charlie.pk, **values)
    return {"first": first}
