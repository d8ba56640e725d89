"""陈雅丽 sells in Chinese: every word of the interface, money and days, and names found by pinyin."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from playwright.sync_api import Page, expect

import guanxi
from guanxi.access.models import Company, Team
from guanxi.crm.models import Pipeline, Stage
from guanxi.crm.pipelines.starting import WORDS
from guanxi.record.memory import raise_epoch
from tests.cast import Cast, make, person
from tests.stories.conftest import Enter, all_there

pytestmark = [pytest.mark.story, pytest.mark.django_db(transaction=True)]

CATALOGUE = Path(guanxi.__file__).parent / "locale/zh_Hans/LC_MESSAGES/django.po"
NOT_WORDS = {"Ctrl", "Shift", "English", "Enter", "Esc", "Guanxi", "CNY", "USD", "US", "CSV", "Excel", "ID", "API"}
"""Keys, codes and names of products that Chinese writes in Latin letters too; a language to choose is named in itself."""
SHOWN = """() => {
  const said = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const parent = walk.currentNode.parentElement;
    if (parent.closest('script, style, template, noscript, code, option[value], select[name=zone]')) continue;
    said.push(walk.currentNode.data.trim());
  }
  for (const one of document.querySelectorAll('[aria-label], [title], [placeholder]'))
    said.push(one.getAttribute('aria-label') ?? '', one.getAttribute('title') ?? '', one.getAttribute('placeholder') ?? '');
  return said.filter((text) => /[A-Za-z]{2}/.test(text));
}"""


def english_words() -> set[str]:
    """Every text of the interface that Chinese says in other words."""
    with CATALOGUE.open("rb") as file:
        texts = [one for one in read_po(file) if one.id]
    said = [(one.id, one.string) if isinstance(one.id, str) else (one.id[0], one.string[0]) for one in texts]
    return {english for english, chinese in said if english != chinese and re.search("[A-Za-z]{2}", english)}


def left_in_english(page: Page) -> list[str]:
    """What the page says in English: texts of the interface, and any other Latin words."""
    said = set(page.evaluate(SHOWN))
    known = (said & english_words()) - NOT_WORDS
    others = {text for text in said if set(re.findall(r"[A-Za-z]{2,}", text)) - NOT_WORDS}
    return sorted(known | others)


def rename_in_chinese(cast: Cast) -> None:
    """What the company itself named: its stages, its teams; none of them a word of the interface."""
    for english, chinese in WORDS["zh-hans"].items():
        Pipeline.objects.filter(name=english).update(name=chinese)
        Stage.objects.filter(name=english).update(name=chinese)
    Team.objects.filter(pk=cast.harbour.pk).update(name="华东")


def test_everything_is_chinese(live: str, cast: Cast, enter: Enter) -> None:
    rename_in_chinese(cast)
    yali = person("yali", "陈雅丽", cast.harbour, [cast.roles["seller"]], language="zh-hans", zone="Asia/Shanghai")
    mine = {"owner": yali.pk, "team": cast.harbour.pk}
    account = make("accounts", by=yali, name="远航物流有限公司", phones=[{"value": "+86 10 8765 4321", "label": "work"}], **mine)
    make("contacts", by=yali, name="张三", account=account.pk, **mine)
    closes = dt.date(dt.date.today().year, 11, 5)  # noqa: DTZ011 # the year alone
    deal = make("deals", by=yali, name="冷链监测", account=account.pk, amount=128000, currency="CNY", closes_on=closes, **mine)
    Company.objects.update(name="海港贸易", currency="CNY")
    raise_epoch()
    page = enter(yali)
    english: dict[str, list[str]] = {}
    for path in (
        "/",
        "/deals?condition=",
        "/deals?condition=&shape=board",
        f"/deals/{deal.pk}",
        "/deals/new",
        f"/accounts/{account.pk}",
        "/accounts/new",
        "/inbox",
    ):
        page.goto(live + path)
        expect(page.locator("html")).to_have_attribute("lang", re.compile("^zh"))
        all_there(page)
        english[path] = left_in_english(page)
    assert {path: texts for path, texts in english.items() if texts} == {}
    page.goto(f"{live}/deals?condition=")
    row = page.locator("table.rows tbody tr")
    expect(row).to_contain_text("¥128,000")
    expect(row).to_contain_text("11月5日")
    page.keyboard.press("Control+k")
    page.get_by_role("combobox").press_sequentially("zs")
    option = page.get_by_role("option", name=re.compile("张三"))
    expect(option.first).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("张三")
