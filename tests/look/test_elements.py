"""What the custom elements do for a person: by keyboard first, losing nothing, saying why."""

import json
import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.look.conftest import Open

LIVE = "document.querySelector('#live').textContent"


def names(page: Page, selector: str) -> list[str]:
    return [text.strip() for text in page.locator(selector).all_inner_texts()]


def cards(page: Page, lane: str) -> list[str]:
    return [card.get_attribute("data-id") or "" for card in page.locator(f'.lane[data-lane="{lane}"] .card').all()]


def posted(page: Page, url: str) -> list[dict[str, str]]:
    """What the page sends to such addresses from now on."""
    seen: list[dict[str, str]] = []

    def note(request: object) -> None:
        if re.search(url, request.url) and request.method == "POST":  # type: ignore[attr-defined]
            body = request.post_data_json  # type: ignore[attr-defined]
            seen.append(body)

    page.on("request", note)
    return seen


# Before the scripts


@pytest.mark.parametrize(
    ("name", "press", "follows"),
    [
        ("list", ".head .btn.primary", "#dialog[open] form"),
        ("list", "#r3 td[data-second] >> nth=0", "#peek h1"),
        ("list", "#r3 td.check input", "tr.selected#r3"),
        ("detail", "gx-form form button:not([type])", "gx-form form.heard"),
        ("detail", ".next .btn", ".next .btn.heard"),
    ],
)
def test_what_is_pressed_before_the_scripts_are_there_is_done_once_they_are(
    page: Page, specimen: str, name: str, press: str, follows: str
) -> None:
    page.route(re.compile(r"htmx-2\.min\.js|js/(app|list)\.js"), lambda _: None)
    page.goto(f"{specimen}/{name}", wait_until="commit")
    page.evaluate("addEventListener('htmx:afterRequest', ({ detail }) => detail.elt.classList.add('heard'))")
    page.locator(press).click(no_wait_after=True)
    here = page.url
    page.unroute_all()  # what was held goes on
    expect(page.locator(follows).first).to_be_visible()
    assert page.url == here
    page.locator("html:not(.busy)").wait_for()


# The palette


def test_any_record_is_two_keystrokes_away(open_page: Open) -> None:
    page = open_page("board")
    page.keyboard.press("Control+k")
    page.keyboard.type("fleet")
    expect(page.locator("gx-palette [role=option]")).to_have_count(1)
    page.keyboard.press("Enter")
    page.wait_for_url("**/detail?id=2")


def test_enter_right_after_typing_opens_what_was_typed_and_not_what_was_shown(open_page: Open) -> None:
    page = open_page("board")
    page.keyboard.press("/")
    expect(page.locator("gx-palette [role=option]").first).to_be_visible()
    page.keyboard.type("yard")
    page.keyboard.press("Enter")
    page.wait_for_url("**/detail?id=9")


def test_palette_moves_by_arrows_and_says_when_nothing_is_found(open_page: Open) -> None:
    page = open_page("board")
    page.keyboard.press("Control+k")
    page.keyboard.type("har")
    expect(page.locator("gx-palette [role=option]")).to_have_count(4)
    assert page.locator("gx-palette [aria-selected=true] b").inner_text() == "Cold chain sensors"
    page.keyboard.press("ArrowUp")
    selected = page.locator("gx-palette [aria-selected=true]")
    assert selected.locator("b").inner_text() == "Packing line audit"
    assert page.locator("gx-palette input").get_attribute("aria-activedescendant") == selected.get_attribute("id")
    page.locator("gx-palette input").fill("zzz")
    expect(page.locator("gx-palette [role=status]")).to_have_text("Nothing found for “zzz”.")
    page.keyboard.press("Escape")
    expect(page.locator("gx-palette dialog")).to_be_hidden()


def test_keys_of_an_input_method_are_not_taken_for_ours(open_page: Open) -> None:
    page = open_page("board")
    page.keyboard.press("Control+k")
    expect(page.locator("gx-palette [role=option]").first).to_be_visible()
    before = page.url
    page.evaluate("""() => {
      const input = document.querySelector('gx-palette input');
      const composing = { bubbles: true, cancelable: true, isComposing: true };
      for (const key of ['ArrowDown', 'Enter']) input.dispatchEvent(new KeyboardEvent('keydown', { key, ...composing }));
    }""")
    assert (
        page.locator("gx-palette [aria-selected=true]").evaluate(
            "(one) => [...document.querySelectorAll('gx-palette [role=option]')].indexOf(one)"
        )
        == 0
    )
    assert page.url == before


def test_records_opened_are_offered_again(open_page: Open) -> None:
    page = open_page("board")
    page.keyboard.press("Control+k")
    page.keyboard.type("fleet")
    expect(page.locator("gx-palette [role=option]")).to_have_count(1)
    page.keyboard.press("Enter")
    page.wait_for_url("**/detail?id=2")
    page.keyboard.press("Control+k")
    assert page.locator('gx-palette [role=group][aria-label="Recent"] b').all_inner_texts() == ["Fleet telematics renewal"]


# Lists


def test_rows_are_walked_selected_and_previewed_by_keys(open_page: Open) -> None:
    page = open_page("list")
    for key in ("j", "j", "x", "Shift+J"):
        page.keyboard.press(key)
    assert names(page, "tr.selected td[data-main]") == ["Fleet telematics renewal", "Cold chain sensors"]
    assert page.locator(".bulk [data-count]").inner_text() == "2 selected"
    assert page.locator(".bulk input[name=ids]").input_value() == "2,3"
    page.keyboard.press("Enter")
    expect(page.locator("#peek h1")).to_have_text("Northwind Logistics")
    page.keyboard.press("k")
    assert page.evaluate("document.activeElement.dataset.id") == "2"
    page.keyboard.press("Escape")
    expect(page.locator("#peek")).to_be_hidden()
    assert page.evaluate("document.activeElement.dataset.id") == "2"
    page.keyboard.press("Escape")
    expect(page.locator(".bulk")).to_be_hidden()
    page.keyboard.press("o")
    page.wait_for_url("**/detail?id=2")


def test_shift_click_selects_a_range_and_the_header_box_all_loaded(open_page: Open) -> None:
    page = open_page("list")
    page.locator("#r2 td.check input").click()
    page.locator("#r5 td.check input").click(modifiers=["Shift"])
    assert page.locator(".bulk input[name=ids]").input_value() == "2,3,4,5"
    assert page.locator("th.check input").evaluate("(box) => box.indeterminate") is True
    page.locator("#r3 td.check input").click()
    assert page.locator(".bulk input[name=ids]").input_value() == "2,4,5"


def test_all_that_match_can_be_selected_beyond_what_is_loaded(page: Page, open_page: Open) -> None:
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/list?after=*", hold)
    open_page("list")
    before = page.locator("tbody tr[data-id]").count()
    page.locator("th.check input").check()
    page.locator("tbody tr.more").scroll_into_view_if_needed()
    while not held:
        page.wait_for_timeout(20)
    held[0].continue_()
    page.wait_for_function("(n) => document.querySelectorAll('tbody tr[data-id]').length > n", arg=before)
    assert page.locator("tbody tr.selected").count() == before
    page.locator(".bulk [data-all]").click()
    assert page.locator(".bulk [data-count]").inner_text() == "All 124 selected"
    sent = posted(page, r"/sent$")
    page.locator(".bulk .btn").first.click()
    page.wait_for_timeout(200)
    assert [(one["ids"], one["all"]) for one in sent] == [("", "1")]
    loaded = page.locator("tbody tr[data-id]").count()
    assert page.locator("tbody tr.selected").count() == loaded
    page.locator("tbody tr[data-id] td.check input").first.uncheck()
    assert page.locator(".bulk [data-count]").inner_text() == f"{loaded - 1} selected"


def test_a_cell_is_edited_in_place_and_tab_goes_to_the_next(open_page: Open) -> None:
    page = open_page("list")
    page.locator("#r2 td.num").dblclick()
    expect(page.locator("#r2 form.cell input[name=value]")).to_be_focused()
    page.keyboard.type("12500")
    page.keyboard.press("Tab")
    expect(page.locator("#r2 td.num")).to_have_text("$12,500")
    expect(page.locator("#r2 td:last-child form.cell input[name=value]")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#r2 td:last-child")).to_have_text("Call the CFO")
    assert page.locator("#peek").is_hidden()


def test_a_refused_value_stays_in_the_cell_with_the_reason(open_page: Open) -> None:
    page = open_page("list")
    page.keyboard.press("j")
    page.keyboard.press("j")
    for _step in range(4):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("e")
    expect(page.locator("#r2 td.num form.cell input[name=value]")).to_be_focused()
    page.keyboard.type("much")
    page.keyboard.press("Enter")
    expect(page.locator("#r2 td.num .error")).to_have_text("Write an amount, such as 12,500.")
    assert page.locator("#r2 td.num input[name=value]").input_value() == "much"
    page.keyboard.press("Escape")
    expect(page.locator("#r2 td.num")).to_have_text("$96,500")


def test_what_was_refused_is_sent_again_by_enter_alone(open_page: Open) -> None:
    page = open_page("list")
    sent = posted(page, r"/cell/")
    page.locator("#r2 td.num").dblclick()
    expect(page.locator("#r2 td.num form.cell input[name=value]")).to_be_focused()
    page.keyboard.type("much")
    page.keyboard.press("Enter")
    expect(page.locator("#r2 td.num .error")).to_be_visible()
    for _time in range(2):
        page.locator("h1").first.click()
        page.wait_for_timeout(200)
        page.locator("#r2 td.num input[name=value]").focus()
    assert len(sent) == 1
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.querySelector('#r2 td.num .error')")
    page.wait_for_timeout(200)
    assert len(sent) == 2
    page.locator("#r2 td.num input[name=value]").fill("12500")
    page.locator("h1").first.click()
    expect(page.locator("#r2 td.num")).to_have_text("$12,500")


def test_leaving_an_unchanged_cell_asks_nothing_of_the_server(open_page: Open) -> None:
    page = open_page("list")
    sent = posted(page, r"/cell/")
    page.locator("#r2 td.num").dblclick()
    expect(page.locator("#r2 form.cell")).to_be_visible()
    page.locator("h1").click()
    expect(page.locator("#r2 td.num")).to_have_text("$96,500")
    assert sent == []


def test_single_letters_typed_into_a_field_are_letters(open_page: Open) -> None:
    page = open_page("list")
    page.locator("gx-condition .chip.add").click()
    page.keyboard.type("jxo")
    assert page.locator("gx-condition input[type=search]").input_value() == "jxo"
    assert (page.locator("tr.at").count(), page.locator("tr.selected").count()) == (0, 0)


def test_scrolling_brings_the_next_rows_and_keeps_the_selection(open_page: Open) -> None:
    page = open_page("list")
    page.locator("#r2 td.check input").check()
    before = page.locator("tbody tr[data-id]").count()
    page.locator(".scroll").evaluate("(box) => box.scrollTo(0, box.scrollHeight)")
    page.wait_for_timeout(600)
    assert page.locator("tbody tr[data-id]").count() >= before
    assert page.locator("#r2.selected").count() == 1
    ids = page.locator("tbody tr[data-id]").evaluate_all("(rows) => rows.map((row) => row.dataset.id)")
    assert len(ids) == len(set(ids))


def test_on_a_phone_a_row_is_two_lines_and_leads_to_its_page(open_page: Open) -> None:
    page = open_page("list", width=375)
    main, side, second = (page.locator(f"#r1 td[data-{part}]").first.bounding_box() for part in ("main", "side", "second"))
    assert main
    assert side
    assert second
    assert abs(main["y"] - side["y"]) < 8
    assert second["y"] >= main["y"] + main["height"]
    page.locator("#r1 td[data-second]").first.click()
    page.wait_for_url("**/detail?id=1")


def test_on_a_phone_the_second_line_holds_the_first_two_things_that_are_known(open_page: Open) -> None:
    page = open_page("list", width=375)
    row = page.locator("#r1")
    for cells, shown in (
        (["", "Account", "Status"], ["Account", "Status"]),
        (["5", "Account", "Status"], ["5", "Account"]),
        (["", "", "Status"], ["Status"]),
    ):
        row.evaluate(
            "(row, cells) => row.innerHTML = '<td data-main>Buyer</td>' + cells.map((one) => `<td data-second>${one}</td>`).join('')", cells
        )
        seen = row.locator("td[data-second]:visible")
        assert seen.all_inner_texts() == shown
        assert [one.evaluate("(cell) => getComputedStyle(cell, '::before').content") for one in seen.all()] == ["none", '"· "'][
            : len(shown)
        ]


# Boards


def test_a_card_is_moved_by_keys_alone_and_the_move_is_told(open_page: Open) -> None:
    page = open_page("board")
    sent = posted(page, r"/move/")
    page.locator("#c2 > a").focus()
    page.keyboard.press("Space")
    expect(page.locator("#live")).to_have_text("Fleet telematics renewal lifted. Arrows move it, Space drops it, Escape puts it back.")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#live")).to_have_text("Fleet telematics renewal: Negotiation, 1 of 3.")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#live")).to_have_text("Fleet telematics renewal: Negotiation, 2 of 3.")
    page.keyboard.press("Space")
    expect(page.locator("#n-negotiation")).to_have_text("9")
    assert sent == [{"id": "2", "lane": "negotiation", "version": "3", "before": "4"}]
    assert cards(page, "negotiation") == ["1", "2", "4"]
    assert page.evaluate("document.activeElement.closest('.card').id") == "c2"


def test_escape_puts_a_lifted_card_back(open_page: Open) -> None:
    page = open_page("board")
    sent = posted(page, r"/move/")
    before = cards(page, "proposal")
    page.locator("#c6 > a").focus()
    for key in ("Space", "ArrowLeft", "ArrowUp", "Escape"):
        page.keyboard.press(key)
    assert cards(page, "proposal") == before
    assert sent == []
    assert page.evaluate("document.activeElement.closest('.card').id") == "c6"


def test_a_refused_move_puts_the_card_back_with_the_reason(open_page: Open) -> None:
    page = open_page("board")
    page.locator("#c1 > a").focus()
    for key in ("Space", "ArrowRight", "Space"):
        page.keyboard.press(key)
    expect(page.locator(".toast.bad p")).to_have_text("A won deal needs an order first. Add one, or ask Mei Lin.")
    assert cards(page, "negotiation") == ["1", "4"]
    assert cards(page, "won") == ["7"]


def test_a_move_that_needs_a_reason_asks_for_it(open_page: Open) -> None:
    page = open_page("board")
    page.locator("#c7 > a").focus()
    for key in ("Space", "ArrowRight", "Space"):
        page.keyboard.press(key)
    expect(page.locator("#dialog h2")).to_have_text("Why was it lost?")
    assert cards(page, "won") == ["7"]
    page.locator("#dialog .primary").click()
    expect(page.locator("#reason")).to_be_focused()
    expect(page.locator("#reason-error")).to_have_text("Choose a reason, so that we learn from it.")
    page.locator("#reason").select_option("Price")
    page.locator("#dialog .primary").click()
    expect(page.locator("#dialog")).to_be_hidden()
    expect(page.locator(".toast p")).to_have_text("Saved")


def test_a_card_is_dragged_by_the_mouse(open_page: Open) -> None:
    page = open_page("board")
    sent = posted(page, r"/move/")
    start, end = page.locator("#c5").bounding_box(), page.locator("#c3").bounding_box()
    assert start
    assert end
    page.mouse.move(start["x"] + 60, start["y"] + 60)
    page.mouse.down()
    for step in range(1, 9):
        page.mouse.move(start["x"] + 60 + (end["x"] - start["x"]) * step / 8, end["y"] + 10 + step % 2)
        page.wait_for_timeout(30)
    page.mouse.up()
    expect(page.locator("#n-qualified")).to_have_text("9")
    assert [one["lane"] for one in sent] == ["qualified"]
    assert "5" in cards(page, "qualified")
    assert "/board" in page.url


def test_each_lane_of_a_board_is_one_tab_stop(open_page: Open) -> None:
    page = open_page("board")
    lanes = page.locator(".lane", has=page.locator(".card"))
    stops = [lanes.nth(place).locator('.card > a[tabindex="0"]') for place in range(lanes.count())]
    assert [stop.count() for stop in stops] == [1] * len(stops)
    page.locator("#c5 > a").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.closest('.card').id") == "c9"
    assert [stop.count() for stop in stops] == [1] * len(stops)
    assert "c9" in [stop.locator("xpath=..").get_attribute("id") for stop in stops]


# Conditions


def tree(page: Page) -> object:
    value = page.locator("gx-condition input[type=hidden][name=condition]").input_value()
    return json.loads(value) if value else None


def chips(page: Page) -> list[str]:
    return [re.sub(r"\s+", " ", text) for text in names(page, "gx-condition .chip > button:first-child")]


def test_a_condition_reads_as_a_sentence(open_page: Open) -> None:
    page = open_page("list")
    assert chips(page) == ["Stage is any of Proposal, Negotiation", "Amount over 5,000", "Owner is me"]


def test_a_chip_is_added_by_keyboard_and_gives_the_tree(open_page: Open) -> None:
    page = open_page("list")
    page.locator("gx-condition .chip.add").focus()
    page.keyboard.press("Enter")
    page.keyboard.type("amount")
    page.keyboard.press("Enter")
    page.locator("gx-condition select").select_option(label="between")
    page.locator("gx-condition .pair input").first.fill("100")
    page.locator("gx-condition .pair input").last.fill("250.5")
    page.keyboard.press("Enter")
    whole = tree(page)
    assert isinstance(whole, dict)
    assert whole["and"][-1] == {"path": "amount", "op": "between", "value": [100, 250.5]}
    assert chips(page)[-1] == "Amount between 100 – 250.5"
    assert page.evaluate("document.activeElement.classList.contains('add')") is True


def test_a_chip_is_changed_and_removed(open_page: Open) -> None:
    page = open_page("list")
    page.get_by_role("button", name="Change: Stage is any of Proposal, Negotiation").click()
    page.get_by_role("checkbox", name="Won").check()
    page.get_by_role("checkbox", name="Proposal").uncheck()
    page.get_by_role("button", name="Apply").click()
    assert chips(page)[0] == "Stage is any of Negotiation, Won"
    page.get_by_role("button", name="Remove: Amount over 5,000").click()
    page.get_by_role("button", name="Remove: Owner is me").click()
    assert tree(page) == {"path": "stage", "op": "in", "value": ["negotiation", "won"]}
    page.get_by_role("button", name="Remove: Stage is any of Negotiation, Won").click()
    assert tree(page) is None


def test_a_group_of_or_nests(open_page: Open) -> None:
    page = open_page("list")
    page.locator("gx-condition .chips > .chip.add").click()
    page.get_by_role("button", name="Group of “or”").click()
    page.get_by_role("button", name="Renewed", exact=True).click()
    page.locator("gx-condition .value select").select_option(label="yes")
    page.keyboard.press("Enter")
    if page.get_by_role("button", name="Apply").is_visible():
        page.get_by_role("button", name="Apply").click()
    page.locator("gx-condition .group .chip.add").click()
    page.get_by_role("button", name="Name", exact=True).click()
    page.locator("gx-condition .value input").fill("phase")
    page.keyboard.press("Enter")
    whole = tree(page)
    assert isinstance(whole, dict)
    assert whole["and"][-1] == {"or": [{"path": "renewed", "op": "=", "value": True}, {"path": "name", "op": "contains", "value": "phase"}]}
    page.locator("gx-condition .group .word").click()
    whole = tree(page)
    assert isinstance(whole, dict)
    assert list(whole["and"][-1]) == ["and"]


def test_a_linked_record_is_chosen_by_searching(open_page: Open) -> None:
    page = open_page("list")
    page.get_by_role("button", name="Remove: Owner is me").click()
    page.locator("gx-condition .chip.add").click()
    page.get_by_role("button", name="Owner", exact=True).click()
    page.locator("gx-condition .ts-control").click()
    page.keyboard.type("bob")
    page.locator("gx-condition .ts-dropdown [data-selectable]", has_text="Bob Reyes").click()
    page.get_by_role("button", name="Apply").click()
    assert chips(page)[-1] == "Owner is any of Bob Reyes"
    whole = tree(page)
    assert isinstance(whole, dict)
    assert whole["and"][-1] == {"path": "owner", "op": "in", "value": [11]}


def test_days_back_are_written_as_the_server_reads_them(open_page: Open) -> None:
    page = open_page("list")
    page.locator("gx-condition .chip.add").click()
    page.get_by_role("button", name="Closes", exact=True).click()
    page.locator("gx-condition select").select_option(label="in the last … days")
    page.locator("gx-condition .value input").fill("30")
    page.keyboard.press("Enter")
    whole = tree(page)
    assert isinstance(whole, dict)
    assert whole["and"][-1] == {"path": "closes_on", "op": ">", "value": "-30d"}
    assert chips(page)[-1] == "Closes in the last 30 days"


def test_the_text_form_says_where_it_is_wrong_and_comes_back_as_chips(open_page: Open) -> None:
    page = open_page("list")
    page.locator("gx-condition .chip.add").click()
    page.get_by_role("button", name="Write as text").click()
    text = page.locator("gx-condition textarea")
    expect(text).to_have_value("amount > 5000")
    text.fill("amout > 10")
    page.keyboard.press("Enter")
    expect(page.locator("gx-condition .as-text .error")).to_contain_text("There is no field “amout”.")
    assert text.evaluate("(one) => one.value.slice(one.selectionStart, one.selectionEnd)") == "amout"
    page.get_by_role("button", name="Did you mean “amount”?").click()
    expect(text).to_have_value("amount > 10")
    page.keyboard.press("Enter")
    expect(text).to_have_count(0)
    assert tree(page) == {"path": "amount", "op": ">", "value": 10}


# Forms


def test_what_was_typed_survives_a_crash(open_page: Open) -> None:
    page = open_page("form")
    page.locator("#name").fill("Kestrel Retail")
    page.locator("gx-rows [data-add]").click()
    page.keyboard.type("139 0000 1111")
    page.wait_for_timeout(500)
    page.evaluate("removeEventListener('beforeunload', () => {}); window.onbeforeunload = null")
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    expect(page.locator("gx-form .banner")).to_contain_text("Take up what you had typed?")
    assert page.locator("#name").input_value() == ""
    page.get_by_role("button", name="Take it up").click()
    assert page.locator("#name").input_value() == "Kestrel Retail"
    assert page.locator("[data-row] input").evaluate_all("(all) => all.map((one) => one.value)") == ["+86 21 6888 4321", "139 0000 1111"]


def test_a_saved_form_leaves_no_draft(open_page: Open) -> None:
    page = open_page("detail")
    page.locator("gx-mention textarea").fill("Called, all well")
    page.wait_for_timeout(400)
    drafts = "Object.keys(localStorage).filter((key) => key.includes('draft'))"
    assert len(page.evaluate(drafts)) == 1
    sent = posted(page, r"/sent$")
    page.keyboard.press("Control+Enter")
    page.wait_for_timeout(400)
    assert [one["text"] for one in sent] == ["Called, all well"]
    assert page.evaluate(drafts) == []


def test_leaving_with_unsaved_text_is_asked_about(open_page: Open) -> None:
    page = open_page("form")
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.locator("#name").press_sequentially("K")
    page.locator(".side li a").first.click()
    page.wait_for_url(re.compile("home$"))
    assert asked == ["beforeunload"]


def test_duplicates_are_shown_while_typing(open_page: Open) -> None:
    page = open_page("form")
    page.locator("#name").press_sequentially("North")
    expect(page.locator("#duplicates")).to_contain_text("Northwind Logistics · Shanghai")
    page.locator("#name").fill("Other")
    expect(page.locator("#duplicates")).to_be_empty()


def test_rows_are_added_removed_and_reordered_by_keys(open_page: Open) -> None:
    page = open_page("form")
    first = page.locator("[data-row] input").first
    first.press("Enter")
    page.keyboard.type("222")
    page.keyboard.press("Alt+ArrowUp")
    inputs = "(all) => all.map((one) => [one.name, one.value])"
    assert page.locator("[data-row] input").evaluate_all(inputs) == [["phones-0-value", "222"], ["phones-1-value", "+86 21 6888 4321"]]
    assert page.locator("input[name=phones-count]").input_value() == "2"
    page.locator("[data-row]").last.get_by_role("button", name="Remove").click()
    assert page.locator("[data-row] input").evaluate_all(inputs) == [["phones-0-value", "222"]]


def test_a_picker_searches_the_server_and_creates_what_is_missing(open_page: Open) -> None:
    page = open_page("form")
    control = page.locator("#parent-ts-control")
    control.click()
    expect(page.locator(".ts-dropdown [data-selectable]")).to_have_count(3)
    page.keyboard.type("mei")
    expect(page.locator(".ts-dropdown .option[data-selectable]")).to_have_count(1)
    page.keyboard.press("Enter")
    assert page.locator("#parent").input_value() == "10"
    control.click()
    page.keyboard.type("Brand new")
    page.locator(".ts-dropdown .create", has_text="Create “Brand new”").click()
    expect(page.locator("#parent")).to_have_value("900")


def test_choosing_a_province_offers_what_lies_below(open_page: Open) -> None:
    page = open_page("form")
    province, city, district = (page.locator(f"gx-region select[name={name}]") for name in ("province", "city", "district"))
    province.select_option("上海市")
    expect(city).to_have_value("市辖区")  # the only one there is
    expect(district).to_be_enabled()
    district.select_option("浦东新区")
    province.select_option("北京市")
    expect(city).to_be_disabled()
    assert (city.input_value(), district.input_value()) == ("", "")


# Detail


def test_a_fact_is_edited_in_place(open_page: Open) -> None:
    page = open_page("detail")
    fact = page.locator(".fact", has_text="Employees")
    fact.locator("a.edit").focus()
    page.keyboard.press("Enter")
    expect(fact.locator("input[name=value]")).to_be_focused()
    page.keyboard.press("Escape")
    expect(fact.locator("a.edit")).to_be_focused()
    page.keyboard.press("Enter")
    expect(fact.locator("input[name=value]")).to_be_focused()
    page.keyboard.type("1,350")
    page.keyboard.press("Enter")
    expect(fact.locator("dd")).to_have_text("1,350")


def test_an_at_sign_offers_people_and_names_them_to_the_server(open_page: Open) -> None:
    page = open_page("detail")
    page.locator("gx-mention textarea").press_sequentially("Ask @b")
    expect(page.locator("gx-mention [role=option]")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.locator("gx-mention textarea")).to_have_value("Ask @Bob Reyes ")
    assert page.locator("input[name=mentions]").evaluate_all("(all) => all.map((one) => one.value)") == ["11"]


# Everywhere


def test_a_toast_offers_undo_and_control_z_takes_it(open_page: Open) -> None:
    page = open_page("parts")
    page.get_by_role("button", name="toast").click()
    expect(page.locator(".toast p")).to_have_text("Saved")
    page.keyboard.press("Control+z")
    expect(page.locator(".toast p")).to_have_text("Undone")


@pytest.mark.parametrize(
    ("button", "said"),
    [("400", "The amount is larger than the order."), ("500", "Something went wrong on the server. Nothing was changed; try again.")],
)
def test_a_failed_request_says_why_and_changes_nothing(open_page: Open, button: str, said: str) -> None:
    page = open_page("parts")
    before = page.locator("main").inner_html()
    page.get_by_role("button", name=button, exact=True).click()
    expect(page.locator(".toast.bad p")).to_have_text(said)
    assert page.locator("main").inner_html() == before


def test_a_lost_connection_is_told(open_page: Open) -> None:
    page = open_page("parts")
    page.context.set_offline(True)
    page.get_by_role("button", name="toast").click()
    expect(page.locator(".toast.bad p")).to_contain_text("The server cannot be reached.")
    page.context.set_offline(False)


def test_an_ended_session_asks_to_sign_in_and_keeps_the_page(open_page: Open) -> None:
    page = open_page("parts")
    page.locator("#p1").fill("half typed")
    page.get_by_role("button", name="401").click()
    expect(page.get_by_role("heading", name="You are signed out")).to_be_visible()
    page.get_by_role("button", name="I have signed in").click()
    expect(page.locator("#session")).to_be_hidden()
    assert page.locator("#p1").input_value() == "half typed"


def test_a_dangerous_button_asks_first(open_page: Open) -> None:
    page = open_page("list")
    page.locator("#r2 td.check input").check()
    sent = posted(page, r"/sent$")
    page.get_by_role("button", name="Delete").click()
    expect(page.locator("#confirm p")).to_have_text("Delete 1 deals? They stay in the trash for 30 days.")
    page.locator("#confirm").get_by_role("button", name="Cancel").click()
    assert sent == []
    page.locator(".bulk .danger").click()
    page.locator("#confirm").get_by_role("button", name="Delete").click()
    page.wait_for_timeout(300)
    assert [one["ids"] for one in sent] == ["2"]


def test_a_menu_opens_and_moves_by_arrows_and_gives_the_focus_back(open_page: Open) -> None:
    page = open_page("detail")
    button = page.locator("[popovertarget=more]")
    button.focus()
    page.keyboard.press("ArrowDown")
    expect(button).to_have_attribute("aria-expanded", "true")
    assert page.evaluate("document.activeElement.textContent.trim()").startswith("Edit")
    page.keyboard.press("ArrowUp")
    assert page.evaluate("document.activeElement.textContent.trim()") == "Delete"
    page.keyboard.press("Escape")
    expect(button).to_be_focused()
    assert button.get_attribute("aria-expanded") == "false"


def test_the_theme_is_chosen_once_and_kept(open_page: Open) -> None:
    page = open_page("empty", theme="")
    page.locator(".side .me").click()
    page.get_by_role("button", name="Dark").click()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    page.reload()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_a_chart_has_its_numbers_as_a_table_and_leads_on(open_page: Open) -> None:
    page = open_page("home")
    chart = page.locator("gx-chart").first
    chart.locator("summary").click()
    rows = [re.sub(r"\s+", " ", row) for row in names(page, "gx-chart:first-of-type >> nth=0 >> tbody tr")]
    assert rows[:2] == ["New $32,200", "Qualified $84,900"]
    box = chart.locator("canvas").bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.7)
    page.wait_for_url(re.compile("list$"))


def test_a_chart_that_arrives_later_is_drawn_too(open_page: Open) -> None:
    page = open_page("empty")
    page.evaluate("htmx.ajax('GET', 'home', { target: '#main', select: 'gx-chart', swap: 'innerHTML' })")
    expect(page.locator("#main gx-chart canvas").first).to_be_visible()
    assert page.locator("#main gx-chart").first.locator("tbody tr").count() == 6


def test_moments_are_told_relative_with_the_exact_one_on_hover(open_page: Open) -> None:
    page = open_page("parts")
    page.evaluate("document.querySelector('time[data-ago]').dateTime = new Date(Date.now() - 3 * 3600e3).toISOString()")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    time = page.locator("time[data-ago]")
    assert time.inner_text() == "3 hr. ago"
    assert re.search(r"\d{4}", time.get_attribute("title") or "")


def test_one_tab_listens_and_all_tabs_hear(open_page: Open) -> None:
    listening = """(name) => {
      window.heard = [];
      document.body.addEventListener('changed', (event) => heard.push(event.detail.id));
      document.body.append(Object.assign(document.createElement('gx-events'), { hidden: true }));
      const element = document.querySelector('gx-events');
      element.dataset.url = 'events';
      element.dataset.events = 'changed toast';
      document.dispatchEvent(new CustomEvent('htmx:load', { detail: { elt: document.body } }));
    }"""
    first = open_page("empty")
    second = first.context.new_page()
    second.goto(first.url)
    second.evaluate(listening, "second")
    second.wait_for_function("() => heard.includes(17)")
    first.evaluate(listening, "first")
    asked: list[str] = []
    first.on("request", lambda request: asked.append(request.url))
    first.wait_for_function("() => heard.includes(17)")
    assert [url for url in asked if url.endswith("/events")] == []
    second.close()
    first.wait_for_function("() => performance.getEntriesByType('resource').some((one) => one.name.endsWith('/events'))")
