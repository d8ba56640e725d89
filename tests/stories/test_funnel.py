"""Alice reads where deals are lost, and against whom, and gets to the deals themselves; in both languages."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from guanxi.access.models import User
from guanxi.crm.deals.model import Deal
from guanxi.crm.deals.verbs import lose, move, win
from guanxi.record.memory import raise_epoch
from tests.cast import Cast, make
from tests.stories.conftest import Enter

pytestmark = [pytest.mark.story, pytest.mark.django_db(transaction=True)]

WORDS = {
    "en": {
        "funnel": "Funnel", "why": "Why and where deals were lost", "wins": "Won and lost", "rival": "Competitor", "whose": "Whose deals: Everyone",
        "year": "2026",
    },
    "zh-hans": {
        "funnel": "销售漏斗", "why": "输单的原因与阶段", "wins": "赢单与输单", "rival": "竞争对手", "whose": "谁的商机: 所有人", "year": "2026 年",
    },
}  # fmt: skip


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_alice_finds_where_and_against_whom_deals_are_lost(
    live: str, cast: Cast, shop: dict[str, Any], enter: Enter, language: str
) -> None:
    words = WORDS[language]
    User.objects.filter(pk=cast.alice.pk).update(language=language)
    raise_epoch()
    rival, price = make("accounts", name="Rival Cranes", owner=cast.alice.pk), make("loss_reasons", name="Too dear")
    for name, owner in (("Cranes", cast.bob), ("Winches", cast.bob), ("Hooks", cast.alice)):
        deal = make("deals", name=name, owner=owner.pk, amount=40000, currency="USD", opened_on="2026-02-01")
        move(deal, cast.stage("Proposal").pk, by=cast.admin)
        deal.refresh_from_db()
        if name == "Hooks":
            win(deal, by=cast.admin, closed_on="2026-03-01", competitor=rival.pk)
        else:
            lose(deal, by=cast.admin, loss_reason=price.pk, competitor=rival.pk)
    Deal.objects.filter(outcome="lost").update(closed_on="2026-03-02")
    page = enter(cast.alice)
    page.goto(f"{live}/deals/forecast")
    page.get_by_role("link", name=words["funnel"]).click()
    page.goto(f"{live}/deals/funnel?period=2026")
    expect(page.get_by_role("heading", name=words["funnel"], exact=True)).to_be_visible()
    lost = page.locator("section", has=page.get_by_role("heading", name=words["why"]))
    row = lost.locator("tbody tr", has_text="Too dear")
    expect(row.locator("td").first).to_have_text("2")
    page.get_by_role("button", name=words["whose"]).click()
    page.get_by_role("link", name="Alice Chen").click()
    expect(lost).to_have_count(0)
    page.go_back()
    row.locator("td a").last.click()
    expect(page.locator("table.rows tbody tr")).to_have_count(2)
    page.go_back()
    page.get_by_role("link", name=words["wins"]).click()
    expect(page.get_by_role("heading", name=words["wins"], exact=True)).to_be_visible()
    page.get_by_role("link", name=words["rival"], exact=True).click()
    row = page.locator("tbody tr", has_text="Rival Cranes")
    expect(row).to_contain_text("33%")
    row.locator("td a").first.click()
    expect(page.locator("table.rows tbody tr")).to_have_count(1)
    expect(page.locator("table.rows")).to_contain_text("Hooks")
