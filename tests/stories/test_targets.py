"""Alice sets her team's target of the year and splits it; Bob sees how far he is. In both languages."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from guanxi.access.models import User
from guanxi.crm.forecast.spans import containing
from guanxi.crm.models import Deal, Target
from guanxi.record.memory import raise_epoch
from tests.cast import Cast, make
from tests.stories.conftest import Enter

pytestmark = [pytest.mark.story, pytest.mark.django_db(transaction=True)]

WORDS = {
    "en": {
        "attainment": "Attainment", "set": "Set a target for Harbour", "create": "Create target", "split": "Split over those below",
        "how": "How", "weights": "By weights", "weight": "Weights", "over": "Split over the period", "into": "Into", "quarters": "Quarters",
        "said": "“Harbour", "wrong": "is not a weight", "share": "25% of", "pace": "Pace",
    },
    "zh-hans": {
        "attainment": "目标达成", "set": "为 Harbour 设定目标", "create": "新建目标", "split": "分解给下级",
        "how": "方式", "weights": "按权重", "weight": "权重", "over": "按时间分解", "into": "分解为", "quarters": "季度",
        "said": "“Harbour", "wrong": "不是权重", "share": "的 25%", "pace": "进度",
    },
}  # fmt: skip


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_alice_sets_and_splits_a_target_and_bob_sees_his_pace(
    live: str, cast: Cast, shop: dict[str, Any], enter: Enter, language: str
) -> None:
    words = WORDS[language]
    User.objects.filter(pk__in=[cast.alice.pk, cast.bob.pk]).update(language=language)
    raise_epoch()
    today = cast.bob.locale.today
    year = containing(today, "year")
    deal = make("deals", name="Cranes", owner=cast.bob.pk, amount=20000, currency="USD", stage=cast.stage("Won").pk)
    Deal.objects.filter(pk=deal.pk).update(closed_on=today)
    page = enter(cast.alice)
    page.goto(f"{live}/targets/attainment?period={year.name}&measure=won_amount")
    expect(page.get_by_role("heading", name=words["attainment"])).to_be_visible()
    page.get_by_role("link", name=words["set"]).click()
    page.locator("[name=value]").fill("120,000")
    page.get_by_role("button", name=words["create"]).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(f"Harbour · {year.name}")
    target = Target.objects.get()
    assert (target.owner_id, target.team_id, target.value, target.currency) == (None, cast.harbour.pk, 120_000, "USD")

    page.get_by_role("button", name=words["split"]).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label(words["how"]).select_option(label=words["weights"])
    expect(dialog.get_by_label(words["weight"])).to_have_value("Alice Chen: 1\nBob Reyes: 1")
    dialog.get_by_label(words["weight"]).fill("Alice Chen: 1\nBob Reyes: two")
    dialog.get_by_role("button", name=words["split"]).click()
    expect(dialog).to_contain_text(words["wrong"])
    dialog.get_by_label(words["weight"]).fill("Alice Chen: 1\nBob Reyes: 2")
    dialog.get_by_role("button", name=words["split"]).click()
    expect(dialog).to_be_hidden()
    page.get_by_role("button", name=words["over"]).click()
    dialog.get_by_label(words["into"]).select_option(label=words["quarters"])
    dialog.get_by_role("button", name=words["over"]).click()
    expect(dialog).to_be_hidden()
    assert [
        int(one) for one in Target.objects.filter(team=cast.harbour.pk, period=year.name).order_by("pk").values_list("value", flat=True)
    ] == [120_000, 40_000, 80_000]
    assert Target.objects.filter(owner=None, period__startswith=f"{year.name}-Q", value=30_000).count() == 4

    page.goto(f"{live}/targets/attainment?period={year.name}&measure=won_amount")
    bob = page.locator("table.forecast tbody tr", has_text="Bob Reyes")
    expect(bob).to_contain_text("80,000")
    expect(bob).to_contain_text("25%")
    bob.get_by_role("link", name="20,000").click()
    expect(page.locator("table.rows tbody tr")).to_have_count(1)
    expect(page.locator("table.rows")).to_contain_text("Cranes")

    page = enter(cast.bob)
    page.goto(live)
    tile = page.locator("a.stat", has_text=words["share"])
    expect(tile).to_contain_text("20,000")
    tile.click()
    expect(page.locator("table.forecast thead")).to_contain_text(words["pace"])
    expect(page.locator("table.forecast tbody tr")).to_have_count(1)
    expect(page.get_by_role("link", name=words["set"])).to_have_count(0)
