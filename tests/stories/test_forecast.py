"""Alice corrects what Bob's deals will bring, and takes it back; in both languages."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from playwright.sync_api import expect

from guanxi.access.models import User
from guanxi.crm.forecast.model import Judgement
from guanxi.record.memory import raise_epoch
from tests.cast import Cast, make
from tests.stories.conftest import Enter

pytestmark = [pytest.mark.story, pytest.mark.django_db(transaction=True)]

WORDS = {
    "en": {
        "forecast": "Forecast", "pencil": "Judge the forecast of Bob Reyes", "amount": "Amount (USD)", "why": "Why", "say": "Say why.",
        "save": "Save", "undo": "Undo", "title": "Forecast of Bob Reyes, Q4 2026",
    },
    "zh-hans": {
        "forecast": "业绩预测", "pencil": "判断 Bob Reyes 的预测", "amount": "金额 (USD)", "why": "原因", "say": "请说明原因。",
        "save": "保存", "undo": "撤销", "title": "Bob Reyes 的预测（2026 年第 4 季度）",
    },
}  # fmt: skip


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_alice_corrects_bobs_forecast_and_takes_it_back(live: str, cast: Cast, shop: dict[str, Any], enter: Enter, language: str) -> None:
    words = WORDS[language]
    User.objects.filter(pk=cast.alice.pk).update(language=language)
    raise_epoch()
    make(
        "deals",
        name="Cranes",
        owner=cast.bob.pk,
        amount=40000,
        currency="USD",
        stage=cast.stage("Negotiation").pk,
        closes_on=dt.date(2026, 12, 1),
    )
    page = enter(cast.alice)
    page.goto(f"{live}/deals/forecast?period=2026-Q4")
    expect(page.get_by_role("heading", name=words["forecast"])).to_be_visible()
    bob = page.locator("table.forecast tbody tr", has_text="Bob Reyes")
    expect(bob.locator("td b")).to_have_text("40,000")
    expect(page.locator("table.forecast thead th").first).to_contain_text("USD")
    page.get_by_role("button", name=words["pencil"]).click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("heading", name=words["title"])).to_be_visible()
    dialog.get_by_label(words["amount"]).fill("35000")
    dialog.get_by_role("button", name=words["save"]).click()
    expect(dialog.get_by_text(words["say"])).to_be_visible()
    expect(dialog.get_by_label(words["amount"])).to_have_value("35000")
    dialog.get_by_label(words["why"]).fill("The port opens late")
    dialog.get_by_role("button", name=words["save"]).click()
    expect(bob.locator("td b")).to_contain_text("35,000")
    expect(bob).to_contain_text("40,000")
    page.get_by_role("button", name=words["pencil"]).click()
    expect(dialog).to_contain_text("The port opens late")
    dialog.get_by_role("button", name=words["undo"]).click()
    expect(bob.locator("td b")).to_contain_text("40,000")
    assert Judgement.objects.count() == 2
    bob.locator("td a").first.click()
    expect(page.locator("table.rows tbody tr")).to_have_count(1)
    expect(page.locator("table.rows")).to_contain_text("Cranes")
