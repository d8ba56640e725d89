"""Bob sells: his day from signing in to a lost deal."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, Route, expect

from guanxi.crm.forecast.spans import containing
from guanxi.crm.models import Activity, Deal
from guanxi.entity.registry import entity_named
from tests.cast import PASSWORD, Cast, make
from tests.stories.conftest import Enter, pick

pytestmark = [pytest.mark.story, pytest.mark.django_db(transaction=True)]


def test_bob_signs_in_and_home_says_what_is_due(page: Page, live: str, cast: Cast, shop: dict[str, Any]) -> None:
    due = timezone.now() - dt.timedelta(days=2)
    make("activities", by=cast.bob, kind="task", subject="Send revised terms", due_at=due, account=shop["account"].pk, owner=cast.bob.pk)
    page.goto(live)
    page.get_by_label("User name or e-mail").fill("bob")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Bob")
    todo = page.locator("#home-todo .todo", has_text="Send revised terms")
    expect(todo).to_contain_text("Bluefin Freight")
    expect(todo.locator(".when.late")).to_be_visible()
    expect(page.locator(".stats")).to_contain_text("$108,500")
    todo.get_by_role("button", name="Done: Send revised terms").click()
    page.get_by_role("dialog").locator("footer button.primary").click()
    expect(todo).to_have_count(0)


def test_what_bob_has_to_do_stays_where_it_is_when_his_numbers_come(live: str, cast: Cast, shop: dict[str, Any], enter: Enter) -> None:
    make(
        "targets",
        by=cast.admin,
        period=containing(cast.bob.locale.today, "quarter").name,
        measure="won_amount",
        value=2_430_000,
        currency="USD",
        owner=cast.bob.pk,
    )
    page = enter(cast.bob)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    for width in (1440, 375):
        held.clear()
        page.set_viewport_size({"width": width, "height": 900})
        page.route("**/numbers", hold)
        page.goto(live)
        todo, numbers = page.locator("#home-todo"), page.locator(".numbers")
        expect(numbers.locator(".skeleton")).to_be_visible()
        before = todo.bounding_box()
        while not held:
            page.wait_for_timeout(20)
        held[0].continue_()
        page.unroute("**/numbers")
        expect(numbers.locator(".stat").first).to_contain_text("needed a week")
        assert todo.bounding_box() == before
        for one in numbers.locator(".stat").all():
            assert one.evaluate("(stat) => stat.scrollHeight - stat.clientHeight") == 0
        assert page.evaluate("document.documentElement.scrollWidth") == width


def test_bob_finds_a_customer_by_pinyin_and_by_digits(live: str, cast: Cast, shop: dict[str, Any], enter: Enter) -> None:
    page = enter(cast.bob)
    for typed in ("zs", "zhangsan", "13800138000", "8000"):
        page.goto(f"{live}/deals")
        page.keyboard.press("Control+k")
        page.get_by_role("combobox", name="Search and commands").press_sequentially(typed)
        expect(page.get_by_role("option", name=re.compile("张三")).first).to_be_visible()
    page.get_by_role("combobox", name="Search and commands").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("张三")


def test_bob_logs_a_call_and_plans_what_is_next(live: str, cast: Cast, shop: dict[str, Any], enter: Enter) -> None:
    page = enter(cast.bob)
    page.goto(f"{live}/deals/{shop['fleet'].pk}")
    expect(page.locator("#next-step")).to_contain_text("No next step is planned.")
    compose = page.locator("#compose")
    compose.get_by_role("textbox").first.fill("They want a price for forty trucks")
    compose.locator("summary").click()
    step = compose.locator("details.step .extra")
    step.locator("input[type=text], input:not([type])").first.fill("Send the price list")
    compose.locator("button.primary").click()
    expect(page.locator(".timeline")).to_contain_text("They want a price for forty trucks")
    expect(page.locator("#next-step .next:not(.none)")).to_contain_text("Send the price list")
    assert Activity.objects.filter(deal=shop["fleet"].pk, done_at__isnull=True, subject="Send the price list").count() == 1


def test_bob_moves_a_deal_by_keyboard_and_says_why_another_is_lost(live: str, cast: Cast, shop: dict[str, Any], enter: Enter) -> None:
    page = enter(cast.bob)
    page.goto(f"{live}/deals?shape=board&condition=")

    def carry(deal: Any, steps: int) -> None:
        page.locator(f"#c{deal.pk} > a").focus()
        page.keyboard.press("Space")
        for _step in range(steps):
            page.keyboard.press("ArrowRight")
        page.keyboard.press("Space")

    def lane(name: str) -> Any:
        return page.locator(f".lane[data-lane='{cast.stage(name).pk}']")

    expect(lane("New").locator(".card > a[aria-describedby]")).to_have_count(1)  # the board has its keys
    carry(shop["fleet"], 2)
    expect(lane("Proposal").locator(".card")).to_contain_text("Fleet renewal")
    expect(lane("Proposal").locator("header")).to_contain_text("$96,500")
    carry(shop["scanners"], 4)
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Move to “Lost”")
    assert Deal.objects.get(pk=shop["scanners"].pk).stage.name == "Qualified"
    dialog.get_by_role("button", name="Move").click()
    expect(dialog.locator(".error").first).to_be_visible()
    pick(page, dialog, "Price")
    dialog.get_by_role("button", name="Move").click()
    expect(dialog).to_have_count(0)
    expect(lane("Lost").locator(".card")).to_contain_text("Scanner replacement")
    lost = Deal.objects.get(pk=shop["scanners"].pk)
    assert (lost.outcome, lost.loss_reason.name) == ("lost", "Price")
    assert Deal.objects.get(pk=shop["fleet"].pk).stage.name == "Proposal"


def test_bob_edits_a_fact_in_place_and_takes_it_back(live: str, cast: Cast, shop: dict[str, Any], enter: Enter) -> None:
    page = enter(cast.bob)
    page.goto(f"{live}/deals/{shop['fleet'].pk}")
    amount = page.locator("#fact-amount")
    expect(amount).to_have_text("$96,500")
    amount.get_by_role("button", name="Edit Amount").click()
    amount.locator("input[name=amount]").fill("120000")
    amount.locator("input[name=amount]").press("Enter")
    expect(amount).to_have_text("$120,000")
    page.get_by_role("region", name="Messages").get_by_role("button", name="Undo").click()
    expect(amount).to_have_text("$96,500")
    assert Deal.objects.get(pk=shop["fleet"].pk).amount == 96500


def test_bob_sees_the_deal_of_another_team_nowhere(live: str, cast: Cast, shop: dict[str, Any], enter: Enter) -> None:
    page = enter(cast.bob)
    secret = shop["secret"]
    for path in ("/deals?condition=", "/deals?condition=&shape=board", "/search?q=Hangar", "/", "/accounts?condition="):
        page.goto(f"{live}{path}")
        expect(page.locator("main")).to_be_visible()
        expect(page.locator(".skeleton")).to_have_count(0)
        assert not re.search("Hangar doors|Zephyr Airline", page.content()), path
    page.keyboard.press("Control+k")
    page.get_by_role("combobox", name="Search and commands").press_sequentially("Hangar")
    results = page.get_by_role("listbox", name="Results")
    expect(results).to_contain_text("Search everywhere for “Hangar”")
    expect(results).not_to_contain_text(re.compile("Hangar doors|Zephyr Airline"))
    for path in (f"/deals/{secret.pk}", f"/deals/{secret.pk}/edit", f"/deals/{secret.pk}/history", f"/deals/{secret.pk}/peek"):
        answer = page.goto(f"{live}{path}")
        assert answer is not None
        assert (answer.status, "Hangar doors" in page.content()) == (404, False), path
    enter(cast.charlie).goto(f"{live}/deals?condition=")
    expect(page.locator("table.rows")).to_contain_text("Hangar doors")


def test_bob_converts_a_lead_and_takes_it_back(live: str, cast: Cast, shop: dict[str, Any], enter: Enter) -> None:
    lead = make(
        "leads", name="李娜", company="Harbour Cold Chain", need="Forty scanners", budget=120000, currency="USD", has_money="yes",
        has_need="yes", owner=cast.bob.pk,
    )  # fmt: skip
    page = enter(cast.bob)
    page.goto(f"{live}/leads/{lead.pk}")
    expect(page.locator("#next-step")).to_contain_text("Find out: who decides?")
    answer = page.locator("#fact-has_authority")
    answer.get_by_role("button", name="Edit May decide").click()
    answer.locator("select").select_option("yes")
    answer.locator("select").press("Tab")
    expect(page.locator("#next-step")).to_contain_text("An ideal prospect")
    page.get_by_role("button", name="Convert").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator("input[name=deal_name]")).to_have_value("Forty scanners · Harbour Cold Chain")
    dialog.locator("footer button.primary").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Forty scanners · Harbour Cold Chain")
    expect(page.locator("#facts")).to_contain_text("$120,000")
    assert Deal.objects.get(leads=lead.pk).contact.name == "李娜"
    page.get_by_role("region", name="Messages").get_by_role("button", name="Undo").click()
    page.wait_for_url(f"{live}/leads/{lead.pk}")
    expect(page.locator("#record-head")).to_contain_text("New")
    expect(page.get_by_role("button", name="Convert")).to_be_visible()
    assert Deal.objects.filter(deleted_at__isnull=True, name__startswith="Forty").count() == 0


def test_bob_is_told_that_somebody_was_faster(live: str, cast: Cast, shop: dict[str, Any], enter: Enter) -> None:
    pool = make("pools", name="Harbour pool", of="leads", teams=[cast.harbour.pk], masked=["phones"])
    wanted, left = (make("leads", name=name, pool=pool.pk, phones=["+86 138 0013 8000"]) for name in ("Wanted Wei", "Left Li"))
    page = enter(cast.bob)
    page.goto(f"{live}/leads/{wanted.pk}")
    expect(page.locator("#facts")).to_contain_text("****8000")
    entity_named("leads").verb("claim")(wanted, by=cast.alice)
    page.get_by_role("button", name="Claim").click()
    expect(page.get_by_role("region", name="Messages")).to_contain_text("Alice Chen was faster")
    page.goto(f"{live}/leads/{left.pk}")
    page.get_by_role("button", name="Claim").click()
    page.get_by_role("dialog").locator("footer button.primary").click()
    expect(page.locator("#record-head")).to_contain_text("Bob Reyes")
    expect(page.locator("#facts")).to_contain_text("138 0013 8000")
