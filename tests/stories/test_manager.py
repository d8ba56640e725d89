"""Alice runs the Harbour team: what it sells, a view for everyone, many deals at once, and a chart."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from guanxi.crm.models import Deal
from tests.cast import Cast, make, person
from tests.stories.conftest import Enter, pick

pytestmark = [pytest.mark.story, pytest.mark.django_db(transaction=True)]


def choose(page: Page, *names: str) -> None:
    """Tick rows of the list."""
    for name in names:
        page.locator("table.rows").get_by_role("checkbox", name=name).check()


def test_alice_builds_a_view_of_the_team_and_shares_it(live: str, cast: Cast, shop: dict[str, Any], enter: Enter) -> None:
    page = enter(cast.alice)
    page.goto(f"{live}/deals?condition=")
    rows = page.locator("table.rows tbody tr")
    expect(rows).to_have_count(2)
    expect(page.locator("table.rows")).not_to_contain_text("Hangar doors")
    page.get_by_role("search").get_by_role("button", name="Filter").click()
    page.get_by_label("Find a field").fill("Amount")
    page.get_by_role("button", name="Amount", exact=True).click()
    page.get_by_label("How", exact=True).select_option(label="over")
    page.get_by_label("Value", exact=True).fill("50000")
    page.get_by_role("button", name="Apply").click()
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("Fleet renewal")
    page.get_by_role("button", name="Save as…").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("Big ones")
    dialog.get_by_label("Share with everyone").check()
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_role("navigation", name="Views").get_by_role("link", name="Big ones")).to_have_attribute("aria-current", "page")
    for person_there, number in ((cast.bob, 1), (cast.charlie, 1)):
        enter(person_there).goto(f"{live}/deals")
        page.get_by_role("navigation", name="Views").get_by_role("link", name="Big ones").click()
        expect(page.locator("table.rows tbody tr")).to_have_count(number)
    expect(page.locator("table.rows")).to_contain_text("Hangar doors")


def test_alice_changes_two_deals_at_once_takes_it_back_and_hands_one_over(
    live: str, cast: Cast, shop: dict[str, Any], enter: Enter
) -> None:
    dana = person("dana", "Dana Fox", cast.harbour, [cast.roles["seller"]], zone="Asia/Shanghai")
    page = enter(cast.alice)
    page.goto(f"{live}/deals?condition=")
    dialog = page.get_by_role("dialog")
    choose(page, "Fleet renewal", "Scanner replacement")
    page.locator("form.bulk").get_by_role("button", name="Edit").click()
    dialog.get_by_label("Change").select_option(label="Closes")
    dialog.get_by_label("Closes", exact=True).fill("2031-12-24")
    dialog.get_by_role("button", name="Change").click()
    expect(page.locator("table.rows tbody tr", has_text="Dec 24, 2031")).to_have_count(2)
    page.get_by_role("region", name="Messages").get_by_role("button", name="Undo").click()
    expect(page.locator("table.rows tbody tr", has_text="Dec 24, 2031")).to_have_count(0)
    assert list(Deal.objects.filter(closes_on=dt.date(2031, 12, 24))) == []
    choose(page, "Scanner replacement")
    page.locator("form.bulk").get_by_role("button", name="Hand over").click()
    pick(page, dialog, "Dana Fox")
    dialog.get_by_role("button", name="Go ahead").click()
    expect(page.locator("table.rows tbody tr", has_text="Scanner replacement")).to_contain_text("Dana Fox")
    assert Deal.objects.get(pk=shop["scanners"].pk).owner_id == dana.pk
    enter(cast.bob).goto(f"{live}/deals?condition=")
    expect(page.locator("table.rows tbody tr")).to_have_count(1)


def test_alice_is_offered_what_can_be_done_to_one_at_least_of_the_chosen(live: str, cast: Cast, shop: dict[str, Any], enter: Enter) -> None:
    make("deals", name="Old gates", owner=cast.bob.pk, stage=cast.stage("Won").pk)
    page = enter(cast.alice)
    page.goto(f"{live}/deals?condition=")
    bar = page.locator("form.bulk")

    def offered() -> set[str]:
        return {"Won", "Lost", "Reopen"} & {text.strip() for text in bar.locator("button:visible").all_inner_texts()}

    choose(page, "Fleet renewal", "Scanner replacement")
    assert offered() == {"Won", "Lost"}
    expect(bar.get_by_role("button", name="Assign by rules")).to_be_hidden()  # there are none
    choose(page, "Old gates")
    assert offered() == {"Won", "Lost", "Reopen"}
    page.locator("table.rows").get_by_role("checkbox", name="Fleet renewal").uncheck()
    page.locator("table.rows").get_by_role("checkbox", name="Scanner replacement").uncheck()
    assert offered() == {"Reopen"}
    bar.get_by_role("button", name="Reopen").click()
    page.get_by_role("dialog").locator("footer button.primary").click()
    expect(page.locator("table.rows tr", has_text="Old gates")).not_to_contain_text("Won")
    choose(page, "Old gates")
    assert offered() == {"Won", "Lost"}


def test_alice_moves_many_to_a_stage_of_their_pipeline(live: str, cast: Cast, shop: dict[str, Any], enter: Enter) -> None:
    service = make("pipelines", name="Service", position=9)
    asked = make("stages", name="Asked", pipeline=service.pk, position=1)
    make("deals", name="Crane repair", owner=cast.bob.pk, stage=asked.pk)
    page = enter(cast.alice)
    dialog, options = page.get_by_role("dialog"), page.locator(".ts-dropdown .option:visible")

    def offered(*names: str) -> list[str]:
        page.goto(f"{live}/deals?condition=")
        choose(page, *names)
        page.locator("form.bulk").get_by_role("button", name="Edit").click()
        dialog.get_by_label("Change").select_option(label="Stage")
        dialog.locator(".bulk-field .ts-control").click()
        expect(options.first).to_be_visible()
        return options.all_inner_texts()

    sales = [stage.name for stage in cast.pipeline.stages.all()]
    assert offered("Fleet renewal", "Scanner replacement") == sales
    assert offered("Fleet renewal", "Crane repair") == [*(f"Sales · {name}" for name in sales), "Service · Asked"]
    options.filter(has_text="Service · Asked").click()
    expect(dialog.locator(".ts-control")).to_contain_text("Service · Asked")


def test_all_that_match_are_offered_every_verb_while_some_are_not_loaded(live: str, cast: Cast, enter: Enter) -> None:
    for number in range(60):
        make("deals", name=f"Deal {number:02}", owner=cast.bob.pk)
    page = enter(cast.alice)
    page.goto(f"{live}/deals?condition=")
    page.get_by_role("checkbox", name="Select all").check()
    reopen = page.locator("form.bulk").get_by_role("button", name="Reopen")
    expect(reopen).to_be_hidden()
    page.locator("form.bulk [data-all]").click()
    expect(reopen).to_be_visible()
    page.locator("gx-list .scroll").evaluate("(list) => { list.scrollTop = list.scrollHeight; }")
    expect(page.locator("table.rows tbody tr[data-id]")).to_have_count(60)
    expect(reopen).to_be_hidden()


def test_the_chart_leads_to_the_deals_it_counts(live: str, cast: Cast, shop: dict[str, Any], enter: Enter) -> None:
    page = enter(cast.alice)
    page.goto(f"{live}/deals?condition=&shape=chart")
    chart = page.locator("gx-chart")
    expect(chart.locator("canvas")).to_be_visible()
    chart.get_by_text("Show as table").click()
    chart.get_by_role("row", name=re.compile("Qualified")).get_by_role("link").first.click()
    expect(page.locator("table.rows tbody tr")).to_have_count(1)
    expect(page.locator("table.rows tbody")).to_contain_text("Scanner replacement")


def test_the_list_goes_on_while_alice_scrolls_and_the_board_shows_what_is_undone(
    live: str, cast: Cast, shop: dict[str, Any], enter: Enter
) -> None:
    for number in range(70):
        make("accounts", name=f"Customer {number:02}", owner=cast.bob.pk)
    page = enter(cast.alice)
    page.goto(f"{live}/accounts?condition=")
    rows = page.locator("table.rows tbody tr[data-id]")
    expect(rows).to_have_count(50)
    page.locator("gx-list .scroll").evaluate("(list) => { list.scrollTop = list.scrollHeight; }")
    expect(rows).to_have_count(71)
    page.goto(f"{live}/deals?shape=board&condition=")
    lane = page.locator(f".lane[data-lane='{cast.stage('Qualified').pk}']")
    expect(lane.locator(".card > a[aria-describedby]")).to_have_count(1)
    page.locator(f"#c{shop['fleet'].pk} > a").focus()
    for key in ("Space", "ArrowRight", "Space"):
        page.keyboard.press(key)
    expect(lane.locator("header")).to_contain_text("$108,500")
    page.get_by_role("region", name="Messages").get_by_role("button", name="Undo").click()
    expect(lane.locator("header")).to_contain_text("$12,000")
