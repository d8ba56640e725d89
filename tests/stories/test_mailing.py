"""A quote by e-mail, in a real browser and over a real mail server: Bob sends it, the customer opens the link in the mail and accepts."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, expect

from guanxi.crm.activities.model import Activity
from guanxi.crm.mails.sending import send_waiting
from guanxi.crm.quotes.model import Quote
from guanxi.crm.quotes.verbs import send
from guanxi.entity.registry import entity_named
from guanxi.record.changes import create, edit
from guanxi.surfaces.public.links import links_of, token_of
from tests.cast import Cast, make
from tests.posting import open_office
from tests.stories.conftest import Enter
from tests.stories.test_accessible import faults_of
from tests.stories.test_outside import a_quote, no_wider_than_the_phone, outside, picture

pytestmark = [pytest.mark.story, pytest.mark.django_db(transaction=True)]
ADDRESS = re.compile(r"http://\S+/p/\S+")


def test_a_seller_sends_a_quote_by_e_mail_and_the_customer_accepts(
    enter: Enter, live: str, cast: Cast, shop: dict[str, Any], browser: Browser, settings: Any
) -> None:
    settings.PUBLIC_ADDRESS = live
    nora = make("contacts", name="Nora Wind", account=shop["account"].pk, owner=cast.bob.pk, emails=[{"value": "nora@bluefin.example"}])
    quote = a_quote(cast, shop["account"], name="Sensors for hall 3", contact=nora.pk)
    page = enter(cast.bob)
    page.goto(f"{live}/quotes/{quote.pk}")
    page.get_by_role("button", name="Send by e-mail").click()
    dialog = page.locator("#dialog")
    expect(dialog).to_contain_text("GUANXI_MAIL_URL")
    with open_office(settings) as office:
        page.reload()
        page.get_by_role("button", name="Send by e-mail").click()
        expect(dialog.locator("[name=subject]")).to_have_value(f"Quote {quote.number}: Sensors for hall 3")
        dialog.get_by_label("Language").select_option("zh-hans")
        expect(dialog.locator("[name=subject]")).to_have_value(f"报价单 {quote.number}：Sensors for hall 3")
        dialog.get_by_label("Language").select_option("en")
        expect(dialog.locator("[name=text]")).to_have_value(re.compile("Dear {name}"))
        expect(dialog.locator(".ts-control").first).to_contain_text("nora@bluefin.example")
        picture(page, "mail-dialog-en")
        assert list(faults_of(page, 1440)) == []
        dialog.get_by_role("button", name="Send by e-mail").click()
        expect(page.locator("gx-toasts")).to_contain_text("Sensors for hall 3 is on its way.")
        assert send_waiting() == 1
        (address,) = ADDRESS.findall(office.text())
        assert office.taken[0].rcpt_tos == ["nora@bluefin.example"]

    customer = outside(browser, live, "en-US")
    customer.goto(address.removeprefix(live))
    expect(customer.locator(".ticks button")).to_be_hidden()
    without = customer.locator(".paper-totals > div").last.inner_text()
    customer.get_by_label("Training on site").check()
    expect(customer.locator(".paper-totals > div").last).not_to_have_text(without)
    picture(customer, "ticked-en")
    assert list(faults_of(customer, 1440)) == []
    customer.get_by_label("Your name").first.fill("Nora Wind")
    customer.get_by_role("button", name="Send: Accept").click()
    expect(customer.get_by_role("status")).to_contain_text("Your acceptance has reached us.")
    accepted = Quote.objects.get(pk=quote.pk)
    assert accepted.status == "accepted"
    assert list(accepted.lines.filter(taken=True).values_list("name", flat=True)) == ["Training on site"]
    assert accepted.total == sum(line.gross for line in accepted.lines.all())

    page.goto(f"{live}/quotes/{quote.pk}")
    expect(page.locator(".timeline")).to_contain_text("nora@bluefin.example")
    expect(page.locator(".timeline")).to_contain_text("Opened")
    picture(page, "mail-timeline-en")
    page.goto(f"{live}/inbox")
    expect(page.locator("main")).to_contain_text("Sensors for hall 3 was opened by the link for nora@bluefin.example")
    assert Activity.objects.get(delivery="opened").opened_at is not None


def test_a_chinese_seller_writes_to_a_chinese_customer_who_reads_it_on_the_phone(
    enter: Enter, live: str, cast: Cast, shop: dict[str, Any], browser: Browser, settings: Any
) -> None:
    settings.PUBLIC_ADDRESS = live
    edit(cast.bob, {"language": "zh-hans"}, by=cast.admin)
    edit(shop["contact"], {"emails": [{"value": "zhang@bluefin.example"}]}, by=cast.bob)
    quote = a_quote(cast, shop["account"], name="三号车间传感器", contact=shop["contact"].pk)
    kit = make("products", name="入门套装", priced_as="parts", currency="USD")
    for name, price, quantity in (("网关 G4", 890, 1), ("传感器 TS-20", 120, 10)):
        make("components", bundle=kit.pk, part=make("products", name=name, price=price, currency="USD").pk, quantity=quantity)
    create(entity_named("quote_lines"), {"quote": quote.pk, "product": kit.pk, "quantity": 2, "tax_rate": "13%"}, by=cast.bob)
    page = enter(cast.bob)
    with open_office(settings) as office:
        page.set_viewport_size({"width": 375, "height": 720})
        page.emulate_media(color_scheme="dark")
        page.goto(f"{live}/quotes/{quote.pk}/do/mail")
        expect(page.locator("[name=subject]")).to_have_value(f"报价单 {quote.number}：三号车间传感器")
        no_wider_than_the_phone(page)
        picture(page, "mail-dialog-zh-phone-dark")
        page.get_by_role("button", name="邮件发送").click()
        expect(page.locator("gx-toasts")).to_contain_text("正在发送")
        assert send_waiting() == 1
        assert office.text().startswith("张三，您好！")
        assert "（链接）" in Activity.objects.get().body
        (address,) = ADDRESS.findall(office.text())
    customer = outside(browser, live, "en-US", phone=True)
    customer.goto(address.removeprefix(live))
    assert urlsplit(address).query == "lang=zh-hans"
    expect(customer.locator("html")).to_have_attribute("lang", "zh-hans")
    no_wider_than_the_phone(customer)
    expect(customer.locator(".paper-lines .beneath")).to_contain_text("20 × 传感器 TS-20")
    customer.get_by_label("Training on site").check()
    picture(customer, "ticked-zh-phone")
    page.goto(f"{live}/quotes/{quote.pk}")
    expect(page.locator(".timeline")).to_contain_text("已打开")
    expect(page.locator("#record-lines")).to_contain_text("20 × 传感器 TS-20")
    picture(page, "mail-timeline-zh-phone-dark")


def test_without_scripts_a_button_adds_up(live: str, cast: Cast, shop: dict[str, Any], browser: Browser) -> None:
    quote = a_quote(cast, shop["account"], name="Sensors for hall 3")
    send(quote, by=cast.bob)
    context = browser.new_context(java_script_enabled=False, base_url=live, locale="en-US")
    page = context.new_page()
    page.goto(f"/p/{token_of(links_of(entity_named('quotes'), quote.pk)[0])}")
    page.get_by_label("Your name").first.fill("Nora")
    page.get_by_label("Training on site").check()
    without = page.locator(".paper-totals").inner_text()
    page.get_by_role("button", name="Update the total").click()
    expect(page.locator(".paper-totals")).not_to_have_text(without)
    expect(page.get_by_label("Your name").first).to_have_value("Nora")
    page.get_by_role("button", name="Send: Accept").click()
    expect(page.get_by_role("status")).to_be_visible()
    assert Quote.objects.get(pk=quote.pk).lines.filter(taken=True).count() == 1
    context.close()
