"""Bob finds that two accounts are one, makes them one, and thinks again."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from guanxi.crm.models import Account, Deal
from guanxi.entity.registry import entity_named
from guanxi.surfaces.dedupe.tasks import find_duplicates, new_search
from tests.cast import Cast, make
from tests.stories.conftest import Enter, pick

pytestmark = [pytest.mark.story, pytest.mark.django_db(transaction=True)]


def test_bob_merges_two_accounts_and_undoes_it(page: Page, live: str, cast: Cast, enter: Enter) -> None:
    kept = make("accounts", name="Northwind Logistics", owner=cast.bob.pk, employees=7)
    gone: Any = make("accounts", name="Nordwind", owner=cast.bob.pk, employees=9, website="https://north.example")
    deal = make("deals", name="Forty cranes", owner=cast.bob.pk, account=gone.pk)
    enter(cast.bob)
    page.goto(f"{live}/accounts/{kept.pk}")
    page.get_by_role("button", name="More", exact=True).last.click()
    page.get_by_role("button", name="Merge with…").click()
    dialog = page.get_by_role("dialog")
    pick(page, dialog, "Nordwind")
    dialog.get_by_role("button", name="Compare").click()
    expect(page.get_by_text("Moves to Northwind Logistics: 1 deal.")).to_be_visible()
    page.get_by_role("group", name="Employees").get_by_role("radio").nth(1).check()
    page.get_by_role("button", name="Merge", exact=True).click()
    expect(page.get_by_text("“Nordwind” was merged into “Northwind Logistics”.")).to_be_visible()
    expect(page.locator("#record-side")).to_contain_text("Forty cranes")
    expect(page.locator("#fact-employees")).to_have_text("9")

    page.get_by_role("button", name="Undo").first.click()
    expect(page.get_by_text("The merge is undone: both records are back.")).to_be_visible()
    expect(page.locator("#fact-employees")).to_have_text("7")
    page.goto(f"{live}/accounts/{gone.pk}")
    expect(page).to_have_url(re.compile(rf"/accounts/{gone.pk}$"))
    expect(page.locator("#record-side")).to_contain_text("Forty cranes")
    assert Deal.objects.get(pk=deal.pk).account_id == gone.pk
    assert Account.objects.filter(deleted_at__isnull=True).count() == 2


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_bob_converts_a_lead_into_the_contact_it_is(page: Page, live: str, cast: Cast, enter: Enter, language: str) -> None:
    into, convert = ("Convert into this one", "Convert") if language == "en" else ("转化到这一条", "转化")
    cast.bob.language = language
    cast.bob.save(update_fields=["language"])
    contact = make("contacts", name="Wang Xiaoming", phones="+8613800000001", owner=cast.bob.pk)
    lead: Any = make("leads", name="王小明", company="远洋物流", phones="+8613800000001", owner=cast.bob.pk)
    for number in range(6):
        make("contacts", name=f"Other {'abcdef'[number] * 5}", phones=f"+1202000001{number}", owner=cast.bob.pk)
    find_duplicates(new_search(entity_named("leads"), None).pk)
    enter(cast.bob)
    page.goto(f"{live}/leads/duplicates/review")
    expect(page.locator("ul.pairs > li")).to_have_count(1)
    page.get_by_role("link", name=into).click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Wang Xiaoming")
    dialog.get_by_role("button", name=convert, exact=True).click()
    expect(page.locator("ul.pairs > li")).to_have_count(0)
    lead.refresh_from_db()
    assert (lead.status, lead.contact_id) == ("converted", contact.pk)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_bob_picks_three_in_a_list_and_merges_them_by_keyboard(page: Page, live: str, cast: Cast, enter: Enter, language: str) -> None:
    chinese = language == "zh-hans"
    cast.bob.language = language
    cast.bob.save(update_fields=["language"])
    kept = make("accounts", name="Nordwind A", owner=cast.bob.pk, employees=7)
    others = [make("accounts", name=f"Nordwind {letter}", owner=cast.bob.pk) for letter in "BC"]
    enter(cast.bob)
    page.goto(f"{live}/accounts?view=all")
    page.locator(f'tr[data-id="{kept.pk}"]').focus()
    merge = page.get_by_role("button", name="合并" if chinese else "Merge")
    page.keyboard.press("x")
    expect(page.locator(".bulk")).to_be_visible()
    expect(merge).to_be_hidden()
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(merge).to_be_visible()
    page.keyboard.press("m")
    page.wait_for_url(re.compile(rf"/accounts/{kept.pk}/merge\?with={others[0].pk}&then={others[1].pk}$"))
    expect(page.get_by_text("这两条之后还有 1 条。" if chinese else "1 more comes after these two.")).to_be_visible()
    page.get_by_role("button", name="合并" if chinese else "Merge", exact=True).click()
    page.wait_for_url(re.compile(rf"/accounts/{kept.pk}/merge\?with={others[1].pk}$"))
    expect(page.get_by_text("Nordwind B")).to_be_visible()
    page.get_by_role("button", name="合并" if chinese else "Merge", exact=True).click()
    page.wait_for_url(re.compile(rf"/accounts/{kept.pk}$"))
    assert [one.pk for one in Account.objects.filter(deleted_at__isnull=True)] == [kept.pk]


@pytest.mark.parametrize("width", [1440, 375])
def test_what_a_picker_in_a_short_dialog_offers_can_be_reached(page: Page, live: str, cast: Cast, enter: Enter, width: int) -> None:
    kept = make("accounts", name="Northwind Logistics", owner=cast.bob.pk)
    for number in range(12):
        make("accounts", name=f"Nordwind {number}", owner=cast.bob.pk)
    enter(cast.bob)
    page.set_viewport_size({"width": width, "height": 812})
    page.goto(f"{live}/accounts/{kept.pk}")
    page.get_by_role("button", name="More", exact=True).first.click()
    page.get_by_role("button", name="Merge with…").click()
    page.get_by_role("dialog").locator(".ts-control").click()
    page.keyboard.type("Nordwind")
    expect(page.locator(".ts-dropdown .option:visible", has_text="Nordwind").first).to_be_visible()
    reached = page.locator(".ts-dropdown .option:visible").evaluate_all(
        """options => options.slice(0, 3).map((one) => {
            const box = one.getBoundingClientRect();
            return one.contains(document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2));
        })"""
    )
    assert reached == [True, True, True]
