"""Alice and Bob see the same lead in the pool and press Claim at the same moment: one has it, the other is told who. In both languages."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Browser, Page, expect

from guanxi.access.models import User
from guanxi.crm.models import Lead, PoolMove
from tests.cast import Cast, make, signed_in
from tests.stories.conftest import WATCH_POLICY, Enter

pytestmark = [pytest.mark.story, pytest.mark.django_db(transaction=True)]
SAID = {
    "en": ("Claim", "It is not in the pool any more: {} was faster."),
    "zh-hans": ("领取", "该记录已不在公海中：{}抢先了一步。"),
}


@pytest.fixture
def beside(browser: Browser, live: str, browser_context_args: dict[str, Any]) -> Iterator[Page]:
    """A second browser, with nothing of the first one's; its faults are faults too."""
    faults: list[str] = []
    context = browser.new_context(**browser_context_args)
    page = context.new_page()
    page.set_default_timeout(15_000)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.expose_function("tellViolation", lambda told: faults.append(str(told)))
    page.add_init_script(WATCH_POLICY)
    yield page
    context.close()
    assert faults == []


@pytest.mark.parametrize("language", SAID)
def test_of_two_who_claim_at_once_one_has_it_and_the_other_is_told_who(
    live: str, cast: Cast, enter: Enter, beside: Page, language: str
) -> None:
    User.objects.filter(pk__in=[cast.alice.pk, cast.bob.pk]).update(language=language)
    claim, faster = SAID[language]
    pool = make("pools", name="Harbour pool", of="leads", teams=[cast.harbour.pk])
    lead = make("leads", name="Wanted Wei", company="Bluefin Freight", pool=pool.pk)
    name = settings.SESSION_COOKIE_NAME
    beside.context.add_cookies([{"name": name, "value": signed_in(cast.alice).cookies[name].value, "url": live}])
    pages = {cast.bob.pk: enter(cast.bob), cast.alice.pk: beside}

    for page in pages.values():
        page.goto(f"{live}/leads?view=pool")
        page.get_by_role("link", name="Wanted Wei").click()
        page.wait_for_url(f"**/leads/{lead.pk}")  # with its scripts: a button pressed before they are there does nothing
        page.get_by_role("button", name=claim).click()
        expect(page.get_by_role("dialog").locator("footer button.primary")).to_be_visible()
    moment = (time.time() + 2) * 1000
    for page in pages.values():
        page.evaluate(
            "at => setTimeout(() => document.querySelector('dialog[open] footer button.primary').click(), at - Date.now())", moment
        )
    owner = None
    for _look in range(150):
        owner = Lead.objects.get(pk=lead.pk).owner_id
        if owner is not None:
            break
        beside.wait_for_timeout(100)
    assert owner in pages
    (loser,) = pages.keys() - {owner}
    names = {cast.bob.pk: "Bob Reyes", cast.alice.pk: "Alice Chen"}
    expect(pages[owner].locator("#record-head")).to_contain_text(names[owner])
    expect(pages[loser].locator("body")).to_contain_text(faster.format(names[owner]))
    assert [(move.why, move.owner_after_id) for move in PoolMove.objects.all()] == [("claim", owner)]
    pages[loser].goto(f"{live}/leads?view=pool")
    expect(pages[loser].get_by_role("link", name="Wanted Wei")).to_have_count(0)
