"""Everybody can use the pages: names, contrast and roles by axe, and room on a phone, in both themes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from guanxi.access.models import User
from guanxi.record.memory import raise_epoch
from tests.cast import Cast, make
from tests.stories.conftest import Enter, all_there

pytestmark = [pytest.mark.story, pytest.mark.django_db(transaction=True)]

PAGES = ["/", "/deals?condition=", "/deals?condition=&shape=board", "/deals/{deal}", "/deals/new", "/accounts/import", "/settings/profile",
         "/targets/attainment", "/settings/roles", "/settings/fields", "/settings/order/pipelines", "/inbox",
         "/deals/funnel", "/deals/wins"]  # fmt: skip
LOOKS = [("light", 1440), ("dark", 375)]
"""Colours do not depend on the width, nor room on the theme."""


def seen(page: Page, address: str, theme: Any, width: int) -> None:
    """Open a page in a look, all of it there."""
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    page.set_viewport_size({"width": width, "height": 900 if width > 760 else 812})
    page.goto(address)
    all_there(page)


def faults_of(page: Page, width: int) -> Iterator[str]:
    """What bars somebody from this page: serious and critical findings of axe, and a page wider than its screen."""
    wide = page.evaluate("document.documentElement.scrollWidth")
    if wide > width:
        yield f"the page is {wide} px wide"
    for one in Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]:
        if one["impact"] in {"serious", "critical"}:
            yield from (f"{one['id']}: {node['html'][:200]} {node['failureSummary'][:160]}" for node in one["nodes"][:2])


@pytest.mark.parametrize(("theme", "width"), LOOKS)
def test_every_page_is_usable_by_everyone(theme: str, width: int, live: str, cast: Cast, shop: dict[str, Any], enter: Enter) -> None:
    page = enter(cast.admin)
    found: dict[str, list[str]] = {}
    for path in PAGES:
        seen(page, live + path.format(deal=shop["fleet"].pk), theme, width)
        found[path] = list(faults_of(page, width))
    page.context.clear_cookies()
    seen(page, f"{live}/login/", theme, width)
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    found["login"] = list(faults_of(page, width))
    assert {path: faults for path, faults in found.items() if faults} == {}


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_forecast_and_the_rights_of_a_role_fit_a_desk_and_slide_in_their_card_on_a_phone(
    language: str, live: str, cast: Cast, enter: Enter
) -> None:
    User.objects.update(language=language)
    raise_epoch()
    for stage in ("Won", "Negotiation", "Proposal", "New"):
        make(
            "deals", name="Cranes", amount=3_165_626, currency="USD", owner=cast.bob.pk, stage=cast.stage(stage).pk, closes_on="2026-11-20"
        )
    for subject in ({"owner": cast.bob.pk}, {"team": cast.harbour.pk}):
        make("targets", by=cast.admin, period="2026-Q4", measure="won_amount", value=12_805_000, currency="USD", **subject)
    page = enter(cast.admin)
    for path in (f"/deals/forecast?period=2026-Q4&team={cast.harbour.pk}", f"/settings/roles/{cast.roles['seller'].pk}"):
        seen(page, live + path, "light", 1440)
        assert page.locator(".wide-table").evaluate("(card) => card.scrollWidth - card.clientWidth") == 0
        seen(page, live + path, "light", 375)
        assert page.evaluate("document.documentElement.scrollWidth") == 375
        first = page.locator(".wide-table tbody tr > :first-child").first
        before = first.bounding_box()
        page.locator(".wide-table").evaluate("(card) => card.scrollBy(200, 0)")
        assert page.locator(".wide-table").evaluate("(card) => card.scrollLeft") == 200
        assert first.bounding_box() == before


def test_a_phone_names_the_measure_of_a_target(live: str, cast: Cast, enter: Enter) -> None:
    make("targets", period="2026-Q4", measure="won_amount", value=585_000, currency="USD", owner=cast.bob.pk)
    page = enter(cast.alice)
    seen(page, f"{live}/targets", "light", 375)
    expect(page.locator("table.rows tbody tr").first.get_by_text("Won amount")).to_be_visible()


def test_a_phone_shows_the_work_without_the_side_bar(live: str, cast: Cast, shop: dict[str, Any], enter: Enter) -> None:
    page = enter(cast.bob)
    seen(page, f"{live}/deals?condition=", "light", 375)
    expect(page.get_by_role("navigation", name="Main", exact=True)).to_be_hidden()
    page.get_by_role("link", name="Fleet renewal").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Fleet renewal")
    page.get_by_role("navigation", name="Main, below").get_by_role("link", name="Home").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Bob")
