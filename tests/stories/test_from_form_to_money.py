"""From an unknown name to money received: a visitor's form, a lead, a deal, a quote the customer accepts, an order, a payment."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from guanxi.crm.models import Account, Deal, Instalment, Lead, Order, Payment, Quote
from guanxi.entity.registry import entity_named
from guanxi.record.changes import create
from tests.cast import Cast, person
from tests.stories.conftest import Enter
from tests.stories.test_outside import outside

pytestmark = [pytest.mark.story, pytest.mark.django_db(transaction=True)]

SAID = {
    "en": {"company": "Bluefin Freight", "person": "Nora Wind", "need": "40 sensors for hall 3", "line": "Temperature sensor TS-20"},
    "zh": {"company": "远航物流有限公司", "person": "张伟", "need": "三号车间四十个传感器", "line": "温度传感器 TS-20"},
}


def do(page: Page, path: str, verb: str, **values: str) -> None:
    """On the page of a record: the button of a verb, what its dialog asks, and the button that does it."""
    act = page.locator(f'[hx-get="{path}/do/{verb}"]')
    if not act.first.is_visible():
        page.locator("#record-head gx-menu > button").click()
    act.locator("visible=true").first.click()
    dialog = page.locator("#dialog")
    expect(dialog.locator("form")).to_be_visible()
    for name, value in values.items():
        dialog.locator(f"[name={name}]").fill(value)
    dialog.locator("footer button.primary").click()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_name_from_a_form_becomes_money_received(language: str, enter: Enter, live: str, cast: Cast, browser: Browser) -> None:
    said = SAID[language]
    chinese = {"language": "zh-hans"} if language == "zh" else {}
    seller = person("mei", "林梅", cast.harbour, [cast.roles["seller"]], zone="Asia/Shanghai", **chinese)
    asked: dict[str, Any] = {"name": "Website", "asks": ["name", "company", "emails", "need"], "required": ["name", "emails"]}
    form = create(entity_named("web_forms"), {**asked, "goes_to": seller.pk, "source": "website"}, by=cast.admin)

    visitor = outside(browser, live, "zh-CN" if chinese else "en-US", phone=True)
    visitor.goto(f"/f/{form.token}")
    visitor.locator("[name=name]").fill(said["person"])
    visitor.locator("[name=company]").fill(said["company"])
    visitor.locator("[name=emails]").fill("someone@bluefin.example")
    visitor.locator("[name=need]").fill(said["need"])
    visitor.wait_for_timeout(3200)  # nobody fills in a form within three seconds
    visitor.locator("button").click()
    expect(visitor.get_by_role("status")).to_be_visible()
    lead = Lead.objects.get()
    assert (lead.owner_id, lead.source) == (seller.pk, "website")

    page = enter(seller)
    page.goto(f"{live}/leads")
    expect(page.locator("html")).to_have_attribute("lang", re.compile("^zh" if chinese else "^en"))
    page.get_by_role("link", name=said["person"]).first.click()
    page.wait_for_url(f"**/leads/{lead.pk}")  # with its scripts
    do(page, f"/leads/{lead.pk}", "convert")
    page.wait_for_url("**/deals/*")
    deal = Deal.objects.get()
    expect(page.get_by_role("heading", level=1)).to_contain_text(said["need"])

    do(page, f"/deals/{deal.pk}", "quote")
    page.wait_for_url("**/quotes/*")
    quote = Quote.objects.get()
    page.locator('#record-lines [hx-get^="/quote_lines/new"]').click()
    dialog = page.locator("#dialog")
    for name, value in {"name": said["line"], "quantity": "40", "price": "129.50", "tax_rate": "13%"}.items():
        dialog.locator(f"[name={name}]").fill(value)
    dialog.locator("footer button.primary").click()
    expect(page.locator("#record-lines")).to_contain_text(said["line"])
    do(page, f"/quotes/{quote.pk}", "send")
    link = page.locator("#dialog gx-copy input").input_value()

    visitor.goto(link)
    expect(visitor.locator("table")).to_contain_text(said["line"])
    visitor.locator("details[open] form, form").first.locator("[name=answered_by]").fill(said["person"])
    visitor.locator("form:has([name=answered_by]) button").first.click()
    expect(visitor.get_by_role("status")).to_be_visible()
    quote.refresh_from_db()
    assert (quote.status, quote.answered_by, quote.total) == ("accepted", said["person"], Decimal("5853.40"))

    page.goto(f"{live}/quotes/{quote.pk}")
    do(page, f"/quotes/{quote.pk}", "order")
    page.wait_for_url("**/orders/*")
    order = Order.objects.get()
    do(page, f"/orders/{order.pk}", "confirm")
    expect(page.locator("#dialog")).to_be_hidden()
    do(page, f"/orders/{order.pk}", "plan", parts="2")
    expect(page.locator("#related-instalments .mini")).to_have_count(2)
    for instalment in Instalment.objects.order_by("due_on"):
        page.goto(f"{live}/instalments/{instalment.pk}")
        do(page, f"/instalments/{instalment.pk}", "receive")
        expect(page.locator("#dialog")).to_be_hidden()
    do_win = Deal.objects.get(pk=deal.pk)
    page.goto(f"{live}/deals/{do_win.pk}")
    do(page, f"/deals/{deal.pk}", "win")
    expect(page.locator("#dialog")).to_be_hidden()

    account = Account.objects.get()
    assert (account.name, account.to_receive, account.owed) == (said["company"], Decimal(0), -Decimal("5853.40"))
    assert sum(one.amount for one in Payment.objects.all()) == quote.total
    assert Deal.objects.get(pk=deal.pk).outcome == "won"
    page.goto(f"{live}/accounts/{account.pk}")
    expect(page.locator("#facts")).to_contain_text("5,853.4")
    page.goto(f"{live}/leads/{lead.pk}")
    expect(page.locator("#record-head")).to_contain_text("已转化" if chinese else "Converted")
