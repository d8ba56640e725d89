"""A quote's lines are worked on where they stand: added, edited in place, put in order, deleted and brought back."""

from __future__ import annotations

from decimal import Decimal

import pytest
from playwright.sync_api import Page, expect

from guanxi.crm.models import QuoteLine
from tests.cast import Cast, make, person
from tests.stories.conftest import Enter, pick

pytestmark = [pytest.mark.story, pytest.mark.django_db(transaction=True)]


def names(page: Page) -> list[str]:
    """The lines as they stand on the page."""
    return [text.strip() for text in page.locator("#record-lines td[data-main]").all_inner_texts()]


@pytest.mark.parametrize(("language", "total"), [("en", "$1,250"), ("zh-hans", "US$1,250")])
def test_a_seller_works_on_the_lines_of_a_quote(language: str, total: str, enter: Enter, live: str, cast: Cast) -> None:
    seller = person("mei", "林梅", cast.harbour, [cast.roles["seller"]], zone="Asia/Shanghai", language=language)
    account = make("accounts", name="Northwind", owner=seller.pk)
    for name, price in (("Sensor TS-20", "50"), ("Gateway GW-1", "400")):
        make("products", name=name, price=price, currency="USD")
    quote = make("quotes", name="Hall 3", account=account.pk, owner=seller.pk, currency="USD")
    page = enter(seller)
    page.goto(f"{live}/quotes/{quote.pk}")
    lines = page.locator("#record-lines")

    pick(page, lines, "Sensor")
    lines.locator("[name=quantity]").fill("9")
    lines.locator("[name=quantity]").press("Enter")
    expect(lines.locator("tbody tr")).to_have_count(1)
    expect(lines.locator(".ts-control input")).to_be_focused()  # on to the next one
    page.keyboard.type("Gateway")
    page.locator(".ts-dropdown .option:visible", has_text="Gateway").first.click()
    lines.locator("form.add button.btn:not(.quiet)").click()
    expect(lines.locator("tbody tr")).to_have_count(2)
    assert names(page) == ["Sensor TS-20", "Gateway GW-1"]
    expect(page.locator("#fact-total")).to_contain_text("850")

    sensor = QuoteLine.objects.get(name="Sensor TS-20")
    lines.locator(f"#line-{sensor.pk}-quantity").press("Enter")
    lines.locator("form.cell [name=quantity]").fill("17")
    page.keyboard.press("Enter")
    expect(page.locator("#fact-total")).to_contain_text(total)
    expect(lines.locator(f"#line-{sensor.pk}-quantity")).to_be_focused()

    lines.locator(f"#line-{sensor.pk}-quantity").click()
    lines.locator("form.cell [name=quantity]").fill("-3")
    page.keyboard.press("Enter")
    expect(lines.locator("form.cell .error")).to_be_visible()
    page.keyboard.press("Escape")
    expect(lines.locator(f"#line-{sensor.pk}-quantity")).to_have_text("17")

    lines.locator("tbody tr").nth(1).locator(".grip").focus()
    page.keyboard.press("ArrowUp")
    expect(page.locator(".toast")).to_have_count(4)
    page.reload()
    assert names(page) == ["Gateway GW-1", "Sensor TS-20"]

    lines.locator("tbody tr").first.hover()
    lines.locator("tbody tr").first.locator(".ends button").click()
    expect(lines.locator("tbody tr")).to_have_count(1)
    page.locator(".toast button").first.click()
    expect(lines.locator("tbody tr")).to_have_count(2)
    quote.refresh_from_db()
    assert quote.total == Decimal(1250)


def test_lines_stand_once_the_quote_is_sent(enter: Enter, live: str, cast: Cast) -> None:
    account = make("accounts", name="Northwind", owner=cast.bob.pk)
    quote = make("quotes", name="Hall 3", account=account.pk, owner=cast.bob.pk, currency="USD")
    make("quote_lines", quote=quote.pk, name="Sensor", quantity=2, price="50")
    page = enter(cast.bob)
    page.set_viewport_size({"width": 375, "height": 812})
    page.goto(f"{live}/quotes/{quote.pk}")
    expect(page.locator("#record-lines a.edit")).not_to_have_count(0)
    page.locator(f'[hx-get="/quotes/{quote.pk}/do/send"]').locator("visible=true").first.click()
    page.locator("#dialog footer button.primary").click()
    page.keyboard.press("Escape")  # at once: what was sent is answered all the same
    expect(page.locator("#record-lines td[data-main]")).to_have_text("Sensor")
    expect(page.locator("#record-lines :is(a.edit, form, .ends button, .grip)")).to_have_count(0)
