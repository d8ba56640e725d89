"""People outside, in a real browser: Nora answers Bob's quote, a visitor fills in a form; in both languages."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from playwright.sync_api import Browser, Page, expect

from guanxi.crm.forms.model import FormEntry
from guanxi.crm.leads.model import Lead
from guanxi.crm.quotes.model import Quote
from guanxi.entity.registry import entity_named
from guanxi.record.changes import create
from tests.cast import Cast
from tests.stories.conftest import WATCH_POLICY, Enter
from tests.stories.test_accessible import faults_of

pytestmark = [pytest.mark.story, pytest.mark.django_db(transaction=True)]

PICTURES = os.environ.get("STORY_PICTURES", "")
"""A directory in which the pages are kept as pictures, for who wants to look at them."""


def picture(page: Page, name: str) -> None:
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


def outside(browser: Browser, live: str, locale: str, *, phone: bool = False, scheme: Any = "light") -> Page:
    """Somebody else's browser: no session, their language, maybe a phone."""
    size = {"width": 375, "height": 720} if phone else {"width": 1440, "height": 900}
    context = browser.new_context(locale=locale, viewport=size, color_scheme=scheme, base_url=live, accept_downloads=True)  # type: ignore[arg-type]
    page = context.new_page()
    page.set_default_timeout(15_000)
    page.expose_function("tellViolation", lambda told: pytest.fail(f"policy: {told}"))
    page.add_init_script(WATCH_POLICY)
    return page


def no_wider_than_the_phone(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def a_quote(cast: Cast, account: Any, **values: Any) -> Quote:
    quote = create(entity_named("quotes"), {"account": account.pk, **values}, by=cast.bob)
    for position, line in enumerate(LINES):
        create(entity_named("quote_lines"), {"quote": quote.pk, "position": position, **line}, by=cast.bob)
    return Quote.objects.get(pk=quote.pk)


LINES: list[dict[str, Any]] = [
    {"name": "Temperature sensor TS-20, for cold rooms", "quantity": 40, "price": "129.50", "discount": "5%", "tax_rate": "13%"},
    {"name": "传感器网关 Gateway G4", "quantity": 2, "price": 890, "tax_rate": "13%"},
    {"name": "Training on site", "quantity": 1, "price": 1200, "tax_rate": "6%", "optional": True},
]


def test_a_customer_accepts_a_quote(enter: Enter, live: str, cast: Cast, shop: dict[str, Any], browser: Browser) -> None:
    quote = a_quote(cast, shop["account"], name="Sensors for hall 3", terms="Thirty days net.\nDelivery within two weeks.")
    page = enter(cast.bob)
    page.goto(f"{live}/quotes/{quote.pk}")
    page.get_by_role("button", name="Send", exact=True).click()
    page.locator("#dialog").get_by_role("button", name="Send", exact=True).click()
    link = page.locator("#dialog gx-copy input")
    expect(link).to_be_visible()
    picture(page, "share-en")
    url = urlsplit(link.input_value()).path
    page.locator("#dialog").get_by_role("button", name="Copy link").click()
    expect(page.locator("gx-toasts")).to_contain_text("Copied.")

    nora = outside(browser, live, "en-US")
    nora.goto(url)
    expect(nora.get_by_role("heading", name="Sensors for hall 3")).to_be_visible()
    expect(nora.locator(".paper-lines tbody tr")).to_have_count(3)
    expect(nora.locator(".paper-lines .optional")).to_contain_text("Optional")
    expect(nora.locator(".paper-totals")).to_contain_text("Total")
    picture(nora, "quote-en")
    with nora.expect_download() as download:
        nora.get_by_role("link", name="PDF").click()
    assert Path(download.value.path()).read_bytes()[:5] == b"%PDF-"
    if PICTURES:
        download.value.save_as(Path(PICTURES) / "quote-en.pdf")
    nora.get_by_label("Your name").first.fill("Nora Wind")
    nora.get_by_label("Your name").first.press("Enter")  # with optional lines to tick there is another button before this one
    expect(nora.get_by_role("status")).to_contain_text("Your acceptance has reached us.")
    picture(nora, "quote-accepted-en")

    page.goto(f"{live}/inbox")
    expect(page.locator("main")).to_contain_text("Nora Wind accepted Sensors for hall 3")
    expect(page.locator("main")).to_contain_text("was opened by its link for the first time")
    page.goto(f"{live}/quotes/{quote.pk}")
    expect(page.locator("#facts")).to_contain_text("Nora Wind")
    assert Quote.objects.get(pk=quote.pk).status == "accepted"


def test_a_chinese_customer_declines_on_the_phone(live: str, cast: Cast, shop: dict[str, Any], browser: Browser) -> None:
    from guanxi.crm.quotes.verbs import send
    from guanxi.surfaces.public.links import links_of, token_of

    quote = a_quote(cast, shop["account"], name="三号车间传感器", terms="款到三十天内发货。")
    send(quote, by=cast.bob)
    url = f"/p/{token_of(links_of(entity_named('quotes'), quote.pk)[0])}"
    wei = outside(browser, live, "zh-CN", phone=True, scheme="dark")
    wei.goto(url)
    expect(wei.locator("html")).to_have_attribute("lang", "zh-hans")
    expect(wei.get_by_text("报价", exact=True)).to_be_visible()
    no_wider_than_the_phone(wei)
    picture(wei, "quote-zh-phone-dark")
    with wei.expect_download() as download:
        wei.get_by_role("link", name="PDF").click()
    if PICTURES:
        download.value.save_as(Path(PICTURES) / "quote-zh.pdf")
    wei.get_by_text("婉拒", exact=True).first.click()
    form = wei.locator("details[open] form")
    form.get_by_label("您的姓名").fill("张伟")
    form.get_by_label("原因").fill("价格太高")
    form.get_by_role("button").click()
    expect(wei.get_by_role("status")).to_be_visible()
    kept = Quote.objects.get(pk=quote.pk)
    assert (kept.status, kept.answered_by, kept.reason) == ("rejected", "张伟", "价格太高")
    wei.get_by_role("link", name="English").click()
    expect(wei.locator("html")).to_have_attribute("lang", "en")
    picture(wei, "quote-declined-phone")


def a_form(cast: Cast) -> Any:
    values = {
        "name": "Website", "asks": ["name", "company", "emails", "phones", "timeline", "need"], "required": ["name", "emails"], "goes_to": cast.bob.pk,
        "source": "website", "heading_en": "Talk to us", "heading_zh": "联系我们", "consent_en": "You may write to me about my question.",
        "consent_zh": "同意贵司就我的咨询与我联系。", "thanks_zh": "谢谢，我们会尽快联系您。",
    }  # fmt: skip
    return create(entity_named("web_forms"), values, by=cast.admin)


@pytest.mark.parametrize(("locale", "phone", "scheme"), [("en-US", False, "light"), ("zh-CN", True, "dark")])
def test_a_visitor_fills_in_a_form_and_the_seller_sees_the_lead(
    locale: str, phone: bool, scheme: str, enter: Enter, live: str, cast: Cast, browser: Browser
) -> None:
    chinese = locale.startswith("zh")
    form = a_form(cast)
    visitor = outside(browser, live, locale, phone=phone, scheme=scheme)
    visitor.goto(f"/f/{form.token}")
    expect(visitor.get_by_role("heading", name="联系我们" if chinese else "Talk to us")).to_be_visible()
    no_wider_than_the_phone(visitor)
    picture(visitor, f"form-{locale}")
    visitor.locator("[name=name]").fill("张伟")
    visitor.locator("[name=company]").fill("Bluefin Freight")
    visitor.locator("[name=emails]").fill("wei@bluefin.example")
    visitor.locator("[name=need]").fill("40 sensors")
    visitor.locator("[name=consent]").check()
    visitor.wait_for_timeout(3200)  # nobody fills in a form within three seconds
    visitor.locator("button").click()
    expect(visitor.get_by_role("status")).to_contain_text("谢谢" if chinese else "Thank you")
    picture(visitor, f"form-thanks-{locale}")
    lead = Lead.objects.get()
    assert FormEntry.objects.get().consent == ("同意贵司就我的咨询与我联系。" if chinese else "You may write to me about my question.")

    page = enter(cast.bob)
    page.goto(f"{live}/inbox")
    expect(page.locator("main")).to_contain_text("张伟 filled in the form “Website”")
    page.goto(f"{live}/leads/{lead.pk}")
    expect(page.locator("#record-side")).to_contain_text("Web form")
    expect(page.locator(".timeline")).to_contain_text("from outside")
    picture(page, f"lead-{locale}")


def test_an_administrator_puts_a_form_on_a_website(enter: Enter, live: str, cast: Cast) -> None:
    form = a_form(cast)
    page = enter(cast.admin)
    page.goto(f"{live}/web_forms/{form.pk}")
    expect(page.locator("#record-side textarea").nth(1)).to_have_value(
        f'<iframe src="{settings.ENVIRONMENT.address}/f/{form.token}?embed=1" title="Talk to us" width="100%" height="720" loading="lazy"></iframe>'
    )
    picture(page, "web-form-en")
    page.goto(f"{live}/web_forms/new")
    picture(page, "web-form-new-en")
    page.goto(f"{live}/settings/company")
    picture(page, "company-en")


def test_pages_for_people_outside_are_usable_by_everyone(live: str, cast: Cast, shop: dict[str, Any], browser: Browser) -> None:
    from guanxi.crm.quotes.verbs import send
    from guanxi.surfaces.public.links import links_of, token_of

    quote = a_quote(cast, shop["account"], name="Sensors for hall 3", terms="Thirty days net.")
    send(quote, by=cast.bob)
    pages = [f"/p/{token_of(links_of(entity_named('quotes'), quote.pk)[0])}", f"/f/{a_form(cast).token}", "/p/1-nothing"]
    found: dict[tuple[str, bool, str], list[str]] = {}
    for phone in (False, True):
        for scheme in ("light", "dark"):
            page = outside(browser, live, "en-US", phone=phone, scheme=scheme)
            for path in pages:
                page.goto(path)
                for one in page.locator("details").all():
                    one.evaluate("one => { one.removeAttribute('name'); one.open = true; }")
                found[path[:3], phone, scheme] = list(faults_of(page, 375 if phone else 1440))
            page.context.close()
    assert {key: faults for key, faults in found.items() if faults} == {}
