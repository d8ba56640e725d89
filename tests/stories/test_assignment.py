"""Ada says who gets what arrives; a lead comes in by itself, lands with the right person, and its history says why, in both languages."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from guanxi.access.models import ApiKey, User
from guanxi.crm.models import Lead
from guanxi.entity.actors import SYSTEM
from guanxi.record.changes import edit
from tests.cast import Cast
from tests.stories.conftest import Enter

pytestmark = [pytest.mark.story, pytest.mark.django_db(transaction=True)]


def test_a_lead_that_arrives_goes_to_the_right_person_and_says_why(live: str, cast: Cast, enter: Enter) -> None:
    page = enter(cast.admin)
    page.goto(f"{live}/assignment_rules/new")
    page.locator("form [name=name]").fill("Large web leads")
    page.locator("form [name=condition]").fill('source = "website" and budget > 10000')
    page.locator("form [name=way]").select_option("in_turn")
    for name in ("Bob Reyes", "Alice Chen"):
        people = page.locator(".field", has=page.locator("[name=people]")).locator(".ts-control input")
        people.click()
        people.press_sequentially(name, delay=30)
        page.locator(".ts-dropdown .option", has_text=name).first.click()
        page.keyboard.press("Escape")
        expect(page.locator(".ts-control .item", has_text=name)).to_be_visible()
    page.get_by_role("button", name="Create assignment rule").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Large web leads")

    _key, secret = ApiKey.issue(cast.admin, "Website")
    sent = {"name": "Zhang Wei", "company": "Bluefin Freight", "source": "website", "budget": 50000}
    answer = page.request.post(f"{live}/api/v1/leads", data=sent, headers={"Authorization": f"Bearer {secret}"})
    assert answer.status == 201, answer.text()
    lead = Lead.objects.get()
    assert lead.owner_id == cast.bob.pk

    page = enter(cast.bob)
    page.goto(f"{live}/inbox")
    expect(page.locator("main")).to_contain_text("Zhang Wei is yours now, by the rule “Large web leads”")
    page.goto(f"{live}/leads/{lead.pk}")
    expect(page.locator("#timeline")).to_contain_text("A rule assigned this lead")
    expect(page.locator("#timeline")).to_contain_text("Rule “Large web leads”: in turn, Bob Reyes first")
    page.screenshot(path="/tmp/wd/lead-en.png", full_page=True)

    edit(User.objects.get(pk=cast.bob.pk), {"language": "zh-hans"}, by=SYSTEM)
    page.goto(f"{live}/leads/{lead.pk}")
    expect(page.locator("#timeline")).to_contain_text("规则“Large web leads”：轮流，首位是Bob Reyes")

    page.goto(f"{live}/settings/absences")
    today = cast.bob.locale.today.isoformat()
    page.locator("[name=starts_on]").fill(today)
    page.locator("[name=ends_on]").fill(today)
    page.get_by_role("button", name="添加").click()
    expect(page.locator("table.plain")).to_contain_text("现在")
    for name in ("First", "Second"):
        answer = page.request.post(f"{live}/api/v1/leads", data={**sent, "name": name}, headers={"Authorization": f"Bearer {secret}"})
        assert answer.status == 201
    assert set(Lead.objects.exclude(pk=lead.pk).values_list("owner", flat=True)) == {cast.alice.pk}
