"""A record's page as people work it: in place, by keyboard, in two windows at once, on a phone."""

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from guanxi.crm.models import Account, Activity, Deal
from guanxi.record.changes import edit
from tests.cast import found, make, signed_in

pytestmark = [pytest.mark.story, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def cast(live: str) -> Any:
    return found()


@pytest.fixture
def open_as(live: str, browser: Browser) -> Any:
    """A page of Guanxi in which somebody is signed in."""
    contexts = []

    def opened(user: Any, path: str, *, phone: bool = False) -> Page:
        size = {"width": 375, "height": 812} if phone else {"width": 1440, "height": 900}
        context = browser.new_context(viewport=size, base_url=live)  # type: ignore[arg-type]
        context.add_cookies([{"name": "sessionid", "value": signed_in(user).cookies["sessionid"].value, "url": live}])
        contexts.append(context)
        page = context.new_page()
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda said: faults.append(said.text) if "Content Security Policy" in said.text else None)
        page.faults = faults  # type: ignore[attr-defined]
        page.goto(path)
        return page

    yield opened
    for context in contexts:
        assert all(not page.faults for page in context.pages), [page.faults for page in context.pages]
        context.close()


@pytest.fixture
def deal(cast: Any) -> Deal:
    account = make("accounts", name="Bluefin", owner=cast.bob.pk, phones=["+8613812345678"])
    made = make("deals", name="Fleet renewal", owner=cast.bob.pk, account=account.pk, amount="96500", currency="USD")
    return Deal.objects.get(pk=made.pk)


def test_a_fact_is_edited_by_click_enter_and_escape_and_tab_goes_on(cast: Any, deal: Deal, open_as: Any) -> None:
    page = open_as(cast.bob, f"/deals/{deal.pk}")
    page.locator("#fact-amount a.edit").click()
    editor = page.locator("#fact-amount input[name=amount]")
    expect(editor).to_be_focused()
    editor.fill("120000")
    editor.press("Enter")
    expect(page.locator("#fact-amount")).to_contain_text("$120,000")
    expect(page.locator(".rechead")).to_contain_text("$120,000")
    expect(page.get_by_text("Amount is saved.")).to_be_visible()
    page.locator("#fact-amount a.edit").press("Enter")
    expect(editor).to_be_focused()
    editor.fill("7")
    editor.press("Escape")
    expect(page.locator("#fact-amount")).to_contain_text("$120,000")
    page.locator("#fact-name a.edit").click()
    name = page.locator("#fact-name input[name=name]")
    name.fill("Fleet renewal 2027")
    name.press("Tab")
    expect(page.locator("h1")).to_have_text("Fleet renewal 2027")
    expect(page.locator("#fact-name a.edit")).to_contain_text("Fleet renewal 2027")
    assert page.evaluate("document.activeElement.closest('dd')?.id") == "fact-account"
    page.get_by_role("button", name="Undo").last.click()
    expect(page.locator("h1")).to_have_text("Fleet renewal")
    deal.refresh_from_db()
    assert (deal.name, int(deal.amount)) == ("Fleet renewal", 120000)


def test_a_wrong_value_keeps_its_editor_open_with_the_reason(cast: Any, deal: Deal, open_as: Any) -> None:
    page = open_as(cast.bob, f"/deals/{deal.pk}")
    page.locator("#fact-amount a.edit").click()
    page.locator("#fact-amount input[name=amount]").fill("much")
    page.keyboard.press("Enter")
    expect(page.locator("#fact-amount .error")).to_contain_text("much")
    expect(page.locator("#fact-amount input[name=amount]")).to_have_value("much")
    expect(page.locator("#fact-amount input[name=amount]")).to_be_focused()


def test_a_link_is_chosen_by_typing(cast: Any, deal: Deal, open_as: Any) -> None:
    make("accounts", name="Northwind", owner=cast.bob.pk)
    page = open_as(cast.bob, f"/deals/{deal.pk}")
    page.locator("#fact-account").hover()
    page.locator("#fact-account a.pen").click()
    page.locator("#fact-account .ts-control input").press_sequentially("north")
    page.get_by_role("option", name="Northwind").click()
    expect(page.locator("#fact-account > a").first).to_have_text("Northwind")
    expect(page.locator(".rechead .meta")).to_contain_text("Northwind")


def test_a_deal_is_won_and_taken_back(cast: Any, deal: Deal, open_as: Any) -> None:
    page = open_as(cast.bob, f"/deals/{deal.pk}")
    page.locator(".rechead").get_by_role("button", name="Won").click()
    page.get_by_role("dialog").get_by_role("button", name="Won").click()
    expect(page.get_by_text("Fleet renewal is won.")).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator("#fact-stage")).to_contain_text("Won")
    expect(page.locator("#timeline")).to_contain_text("Bob Reyes won this deal")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#fact-stage")).to_contain_text("New")
    deal.refresh_from_db()
    assert deal.outcome == "open"


def test_a_deal_is_lost_only_with_a_reason_and_nothing_typed_is_lost(cast: Any, deal: Deal, open_as: Any) -> None:
    page = open_as(cast.bob, f"/deals/{deal.pk}")
    page.locator(".rechead").get_by_role("button", name="Lost").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("What happened").fill("They bought elsewhere")
    dialog.get_by_role("button", name="Lost").click()
    expect(dialog.get_by_text("Fill this in.")).to_be_visible()
    expect(dialog.get_by_label("What happened")).to_have_value("They bought elsewhere")
    dialog.locator(".ts-control").first.click()
    page.get_by_role("option", name="Price").click()
    dialog.get_by_role("button", name="Lost").click()
    expect(page.locator("#fact-stage")).to_contain_text("Lost")


def test_a_call_is_logged_with_a_mention_and_a_next_step(cast: Any, deal: Deal, open_as: Any) -> None:
    page = open_as(cast.bob, f"/deals/{deal.pk}")
    text = page.locator(".compose textarea")
    text.press_sequentially("They agree. @Ali")
    page.get_by_role("option", name=re.compile("Alice Chen")).click()
    page.locator(".compose summary", has_text="Next step").click()
    page.locator(".compose [name=next_subject]").fill("Send the contract")
    page.locator(".compose [name=next_due]").fill("2027-01-05T09:00")
    page.get_by_role("button", name="Log call").click()
    expect(page.locator(".next")).to_contain_text("Send the contract")
    expect(page.locator("#timeline .mention")).to_have_text("@Alice Chen")
    expect(text).to_have_value("")
    assert Activity.objects.count() == 2
    assert cast.alice.notifications.get().what == "mention"


def test_what_is_typed_stays_when_the_way_changes_and_when_the_page_is_left(cast: Any, deal: Deal, open_as: Any) -> None:
    page = open_as(cast.bob, f"/deals/{deal.pk}")
    page.locator(".compose textarea").fill("Half a thought")
    page.locator(".compose nav").get_by_role("button", name="Note").click()
    expect(page.get_by_role("button", name="Save note")).to_be_visible()
    expect(page.locator(".compose textarea")).to_have_value("Half a thought")
    page.locator(".compose textarea").press_sequentially(", and more")
    page.wait_for_timeout(500)
    page.reload()
    page.get_by_role("button", name="Restore it").click()
    expect(page.locator(".compose textarea")).to_have_value("Half a thought, and more")


def test_a_plan_is_completed_from_the_amber_line(cast: Any, deal: Deal, open_as: Any) -> None:
    make("activities", kind="call", subject="Confirm terms", due_at="2026-11-20T09:00:00Z", deal=deal.pk, owner=cast.bob.pk)
    page = open_as(cast.bob, f"/deals/{deal.pk}")
    page.locator(".next").get_by_role("button", name="Done").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("What happened").fill("They agree.")
    dialog.get_by_label("Next step", exact=True).fill("Send contract")
    dialog.get_by_role("button", name="Done").click()
    expect(page.locator(".next")).to_contain_text("Send contract")
    expect(page.locator("#timeline")).to_contain_text("They agree.")


def test_two_people_edit_one_record_and_neither_loses_a_word(cast: Any, deal: Deal, open_as: Any) -> None:
    account = Account.objects.get()
    page = open_as(cast.bob, f"/accounts/{account.pk}/edit")
    page.get_by_label("Name *").fill("Bluefin GmbH")
    page.get_by_label("Employees").fill("70")
    edit(account, {"name": "Bluefin Freight", "industry": "logistics"}, by=cast.alice)
    page.get_by_role("button", name=re.compile("^Save")).click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Alice Chen")
    expect(dialog).to_contain_text("Bluefin Freight")
    dialog.get_by_role("button", name="Save mine").click()
    page.wait_for_url(f"**/accounts/{account.pk}")
    expect(page.locator("h1")).to_have_text("Bluefin GmbH")
    account.refresh_from_db()
    assert (account.name, account.employees, account.industry) == ("Bluefin GmbH", 70, "logistics")


def test_a_duplicate_is_seen_while_typing_and_an_unsaved_form_comes_back(cast: Any, deal: Deal, open_as: Any) -> None:
    page = open_as(cast.bob, "/accounts/new")
    page.get_by_label("Name *").fill("Other")
    page.locator("input[name=phones]").press_sequentially("13812345678")
    expect(page.locator("#duplicates")).to_contain_text("Bluefin")
    page.wait_for_timeout(500)
    page.goto("/")
    page.goto("/accounts/new")
    page.get_by_role("button", name="Restore it").click()
    expect(page.get_by_label("Name *")).to_have_value("Other")
    page.get_by_role("button", name=re.compile("^Create account")).click()
    page.wait_for_url("**/accounts/*")
    expect(page.locator("h1")).to_have_text("Other")
    page.goto("/accounts/new")
    expect(page.get_by_role("button", name="Restore it")).to_have_count(0)


def test_what_is_typed_before_the_pages_scripts_are_there_counts_as_typed(cast: Any, deal: Deal, open_as: Any) -> None:
    page = open_as(cast.bob, "/")

    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/form.js", hold)
    page.goto("/accounts/new", wait_until="commit")
    page.get_by_label("Name *").fill("Other")
    page.locator("input[name=phones]").fill("13812345678")
    assert not page.evaluate("Boolean(customElements.get('gx-form'))")
    for route in held:
        route.continue_()
    expect(page.locator("#duplicates")).to_contain_text("Bluefin")
    assert page.evaluate("document.querySelector('gx-form').changed")


@pytest.mark.parametrize("noun", ["leads", "deals", "accounts", "contacts", "activities", "quotes", "claims", "targets"])
def test_a_form_nobody_touched_has_no_draft(cast: Any, deal: Deal, open_as: Any, noun: str) -> None:
    page = open_as(cast.admin, f"/{noun}/new")
    expect(page.locator("gx-form:defined")).to_be_visible()
    page.wait_for_timeout(800)  # longer than a form waits before it keeps what was typed
    assert not page.evaluate("document.querySelector('gx-form').changed")
    assert page.evaluate("Object.keys(localStorage).filter((key) => key.includes('draft')).length") == 0


def test_a_button_renewed_while_it_is_pressed_is_clicked(cast: Any, deal: Deal, open_as: Any) -> None:
    page = open_as(cast.bob, f"/deals/{deal.pk}")
    button = page.locator(".rechead").get_by_role("button", name="Won")
    button.hover()
    old = button.element_handle()
    page.mouse.down()
    with page.expect_response("**/fresh*"):
        page.evaluate("document.body.dispatchEvent(new CustomEvent('rewritten', {detail: {}}))")
    while old.evaluate("(element) => element.isConnected"):
        page.wait_for_timeout(20)
    page.mouse.up()
    expect(page.get_by_role("dialog")).to_be_visible()


def test_a_related_record_is_made_in_the_dialog_and_stands_in_its_list(cast: Any, deal: Deal, open_as: Any) -> None:
    page = open_as(cast.bob, f"/accounts/{deal.account_id}")
    page.locator(".rechead .btn.primary").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name *").fill("Cold storage")
    dialog.get_by_role("button", name="Create deal").click()
    expect(page.locator("#related-deals")).to_contain_text("Cold storage")
    expect(page.locator("#timeline")).to_contain_text("created deal Cold storage")


def test_a_record_goes_to_the_trash_and_back(cast: Any, deal: Deal, open_as: Any) -> None:
    page = open_as(cast.bob, f"/deals/{deal.pk}")
    page.locator(".rechead").get_by_role("button", name="More").click()
    page.get_by_role("button", name="Delete", exact=True).click()
    page.wait_for_url("**/deals")
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Undone.", exact=False).first).to_be_visible()
    deal.refresh_from_db()
    assert deal.deleted_at is None


def test_a_change_is_undone_from_the_history(cast: Any, deal: Deal, open_as: Any) -> None:
    edit(deal, {"next_step": "Call the buyer"}, by=cast.alice)
    page = open_as(cast.bob, f"/deals/{deal.pk}")
    page.locator(".rechead").get_by_role("button", name="More").click()
    page.get_by_role("button", name="History").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Alice Chen changed this deal")
    dialog.get_by_role("button", name="Undo").first.click()
    expect(page.get_by_text("is as it was before")).to_be_visible()
    deal.refresh_from_db()
    assert deal.next_step == ""


def test_on_the_phone_next_step_and_timeline_come_first_and_facts_are_folded(cast: Any, deal: Deal, open_as: Any) -> None:
    page = open_as(cast.bob, f"/deals/{deal.pk}", phone=True)
    places = {name: page.locator(name).bounding_box()["y"] for name in ("#next-step", ".compose", "#timeline", "#facts")}
    assert sorted(places, key=lambda name: places[name]) == ["#next-step", ".compose", "#timeline", "#facts"]
    assert page.locator("#fact-amount").is_visible() is False
    page.locator("#facts summary").first.click()
    expect(page.locator("#fact-amount")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("phone", [False, True])
def test_an_address_goes_on_in_the_next_line_after_its_at_sign_or_a_dot(cast: Any, open_as: Any, phone: bool) -> None:
    address = "alexandra.featherston@rotterdam.containerport.example"
    contact = make("contacts", name="Bartholomew", owner=cast.bob.pk, emails=[{"value": address, "label": "work"}])
    page = open_as(cast.bob, f"/contacts/{contact.pk}", phone=phone)
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    pieces = page.locator("#fact-emails a[href^=mailto]").evaluate(
        """(link) => [...link.childNodes].filter((one) => one.data).map((text) => {
            const range = document.createRange();
            range.selectNode(text);
            return [text.data, range.getClientRects().length];
        })"""
    )
    assert "".join(text for text, _lines in pieces) == address
    assert [lines for _text, lines in pieces] == [1] * len(pieces)
    assert len(pieces) == 5


def test_a_cell_that_has_no_room_says_all_of_it_where_one_points(cast: Any, open_as: Any) -> None:
    address = "bartholomew.featherstonehaugh@containerterminal.rotterdam.example"
    make("contacts", name="Bartholomew", owner=cast.bob.pk, emails=[{"value": address, "label": "work"}], phones=["+8613812345678"])
    page = open_as(cast.bob, "/contacts")
    page.locator("table.rows td", has_text=address).hover()
    expect(page.locator("table.rows td", has_text=address)).to_have_attribute("title", address)
    page.locator("table.rows td[data-main]").hover()
    assert page.locator("table.rows td[data-main]").get_attribute("title") is None
