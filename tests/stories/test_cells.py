"""Values of a list are edited where they stand: the editor stays, stands in its place, offers what fits, and the foot follows."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.cast import Cast, make
from tests.stories.conftest import Enter

pytestmark = [pytest.mark.story, pytest.mark.django_db(transaction=True)]


def cell(page: Page, record: int, head: str) -> str:
    """Where a record's value of that column stands."""
    heads = [text.strip() for text in page.locator("table.rows thead th").all_inner_texts()]
    return f"tr[data-id='{record}'] td:nth-child({heads.index(head) + 1})"


@pytest.fixture
def deal(cast: Cast) -> int:
    """A deal of Bob's, beside another pipeline with stages of its own."""
    other = make("pipelines", name="Renewals", position=9)
    make("stages", name="Renewal due", pipeline=other.pk, position=1)
    make("deals", name="Bayside", owner=cast.bob.pk, amount="500", currency="USD")
    return int(make("deals", name="Anchor", owner=cast.bob.pk, amount="1000", currency="USD").pk)


def test_the_first_choice_on_a_page_stays_open_and_offers_its_own_pipeline(enter: Enter, live: str, deal: int, cast: Cast) -> None:
    page = enter(cast.bob)
    page.goto(f"{live}/deals?sort=name")
    stage = page.locator(cell(page, deal, "Stage"))
    stage.dblclick()
    options = page.locator(".ts-dropdown .option:visible")
    expect(options.first).to_be_visible()
    page.wait_for_timeout(400)
    expect(stage.locator("form.cell")).to_have_count(1)
    told = options.all_inner_texts()
    assert "Renewal due" not in " ".join(told)
    assert len(told) == cast.pipeline.stages.count()
    options.filter(has_text="Negotiation").click()
    expect(stage.locator("form.cell")).to_have_count(0)
    expect(stage).to_contain_text("Negotiation")


def test_an_editor_stands_where_its_value_stood(enter: Enter, live: str, deal: int, cast: Cast) -> None:
    page = enter(cast.bob)
    page.goto(f"{live}/deals?sort=name")
    name = page.locator(cell(page, deal, "Name"))
    before = name.bounding_box()
    assert before
    name.dblclick(position={"x": before["width"] - 4, "y": 8})  # beside the link
    box = name.locator("form.cell input[name=name]")
    expect(box).to_be_focused()
    after, typed = name.bounding_box(), box.bounding_box()
    assert after
    assert typed
    assert (after["x"], after["y"]) == (before["x"], before["y"])
    assert before["x"] <= typed["x"] <= before["x"] + 20
    page.keyboard.press("Escape")


def test_the_foot_follows_what_is_written_and_taken_back(enter: Enter, live: str, deal: int, cast: Cast) -> None:
    page = enter(cast.bob)
    page.goto(f"{live}/deals?sort=name")
    foot = page.locator("footer.foot")
    expect(foot).to_contain_text("1,500")
    page.locator(cell(page, deal, "Amount")).dblclick()
    page.locator("form.cell input[name=amount]").fill("2000")
    page.keyboard.press("Enter")
    expect(foot).to_contain_text("2,500")
    page.locator(".toast button").first.click()
    expect(foot).to_contain_text("1,500")
