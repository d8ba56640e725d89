"""Ada sets Guanxi up, adds a field, changes what a role may, and brings in a table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect

from guanxi.access.models import Company, User
from guanxi.crm.models import Account, Deal
from guanxi.record import memory
from guanxi.surfaces.imports.model import Import
from guanxi.surfaces.imports.tasks import revert_import, run_import
from guanxi.web.set_up import TOKEN_FILE, set_up_token
from tests.cast import Cast
from tests.stories.conftest import Enter

pytestmark = [pytest.mark.story, pytest.mark.django_db(transaction=True)]


def test_the_first_person_sets_the_company_up_with_the_token(live: str, page: Page) -> None:
    memory.forget()
    token = set_up_token()
    page.goto(live)
    expect(page.get_by_role("heading", level=1)).to_have_text("Set up Guanxi")
    page.get_by_label("Set-up token").fill("a guess")
    page.get_by_label("Company").fill("Lantern Works")
    page.get_by_label("Your name").fill("Ada Min")
    page.get_by_label("Password").fill("harbour-lantern-42")
    page.get_by_role("button", name="Start working").click()
    expect(page.get_by_text("This is not the token that was printed on the terminal.")).to_be_visible()
    assert Company.objects.count() == 0
    page.get_by_label("Set-up token").fill(token)
    page.get_by_role("button", name="Start working").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Ada")
    assert (Company.objects.get().name, User.objects.get().is_superuser) == ("Lantern Works", True)
    assert not (settings.ENVIRONMENT.directory / TOKEN_FILE).exists()
    page.goto(f"{live}/set-up")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Ada")


def test_a_new_field_is_everywhere_at_once(live: str, cast: Cast, shop: dict[str, Any], enter: Enter) -> None:
    page = enter(cast.admin)
    page.goto(f"{live}/settings/fields/deals")
    key = page.get_by_label("Key", exact=True)
    expect(key).to_be_hidden()
    page.locator("form summary", has_text="More").click()
    page.get_by_label("Name in Chinese").press_sequentially("车辆数")
    expect(key).to_have_attribute("placeholder", "che_liang_shu")
    page.get_by_label("Name in English").press_sequentially("Truck count")
    expect(key).to_have_attribute("placeholder", "truck_count")
    choices, leads = page.get_by_label("Choices"), page.get_by_label("Link to")
    for kind, shown in (("choice", choices), ("link", leads), ("number", None)):
        page.get_by_label("What it holds").select_option(kind)
        assert [one.is_visible() for one in (choices, leads)] == [one is shown for one in (choices, leads)]
    page.get_by_label("Shown in the list").check()
    page.get_by_role("button", name="Add field").click()
    expect(page.locator("table.plain")).to_contain_text("Truck count")
    page.goto(f"{live}/deals/{shop['fleet'].pk}/edit")
    page.get_by_label("Truck count").fill("42")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Fleet renewal")
    page.goto(f"{live}/deals?condition=")
    expect(page.locator("table.rows thead")).to_contain_text("Truck count")
    expect(page.locator("table.rows tr", has_text="Fleet renewal")).to_contain_text("42")
    page.get_by_role("search").get_by_role("button", name="Filter").click()
    page.get_by_label("Find a field").fill("Truck")
    page.get_by_role("button", name="Truck count").click()
    page.get_by_label("Value", exact=True).fill("42")
    page.get_by_role("button", name="Apply").click()
    expect(page.locator("table.rows tbody tr")).to_have_count(1)
    expect(page.locator("table.rows tbody")).to_contain_text("Fleet renewal")
    exported = page.request.get(f"{live}/deals/export?condition=").text().splitlines()
    assert "Truck count" in exported[0]
    assert [line for line in exported if "Fleet renewal" in line and "42" in line]


def test_rights_change_what_a_seller_sees_and_the_page_says_why(live: str, cast: Cast, shop: dict[str, Any], enter: Enter) -> None:
    page = enter(cast.admin)
    role = cast.roles["seller"]
    page.goto(f"{live}/settings/roles/{role.pk}")
    page.locator("select[name='deals.see']").select_option("all")
    page.get_by_role("button", name="Save").click()
    page.goto(f"{live}/settings/reasons")
    page.get_by_label("Person").select_option("bob")
    page.get_by_label("Kind of record").select_option("deals")
    page.get_by_label("Number of the record").fill(str(shop["secret"].pk))
    page.get_by_role("button", name="Explain").click()
    table = page.locator("table.plain")
    expect(table.locator("tr", has_text="See")).to_contain_text("Yes")
    expect(table.locator("tr", has_text="See")).to_contain_text("Seller")
    expect(table.locator("tr", has_text="Delete")).to_contain_text("No")
    enter(cast.bob).goto(f"{live}/deals/{shop['secret'].pk}")
    expect(page.get_by_role("heading", level=1)).to_have_text("Hangar doors")


def test_a_table_is_brought_in_and_taken_back(live: str, cast: Cast, enter: Enter, tmp_path: Path) -> None:
    table = tmp_path / "customers.csv"
    table.write_text(
        "Name,Phone,Employees\nAlder Rail,+86 10 8765 1111,12\n远航物流,+86 10 8765 2222,many\n,+86 10 8765 3333,7\nBrook Dairy,,30\n"
    )
    page = enter(cast.admin)
    page.goto(f"{live}/accounts/import")
    page.locator("input[type=file]").set_input_files(table)
    page.get_by_role("button", name="Read the file").click()
    expect(page.locator("main")).to_contain_text("customers.csv")
    page.get_by_role("button", name="Try it").click()
    expect(page.locator("#trial")).to_contain_text("nothing was kept")
    expect(page.locator("#trial .stats")).to_contain_text("Created2")
    assert Account.objects.count() == 0
    page.get_by_role("button", name="Import 4 rows").click()
    run_import(key=Import.objects.get().pk)
    expect(page.locator("#import-state")).to_contain_text("Done")
    expect(page.locator("#import-state .stats")).to_contain_text("Rejected2")
    assert sorted(Account.objects.values_list("name", flat=True)) == ["Alder Rail", "Brook Dairy"]
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Rejected rows").click()
    rejected = Path(waiting.value.path()).read_text(encoding="utf-8-sig")
    assert ("远航物流" in rejected, "Alder Rail" in rejected) == (True, False)
    page.get_by_role("button", name="Revert the import").click()
    revert_import(key=Import.objects.get().pk)
    expect(page.locator("#import-state")).to_contain_text("Reverted")
    assert Account.objects.filter(deleted_at__isnull=True).count() == 0
    assert Deal.objects.count() == 0
