"""Bob and a Chinese-speaking seller with files: chosen, dropped, pasted, looked at, saved, thrown away and brought back."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from guanxi.access.models import User
from guanxi.crm.models import Claim
from guanxi.record.models import File
from tests.cast import Cast, make
from tests.stories.conftest import Enter

pytestmark = [pytest.mark.story, pytest.mark.django_db(transaction=True)]
PDF = b"""%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]>>endobj
trailer<</Root 1 0 R>>"""
DROP = """([name, type, bytes]) => {
  const carried = new DataTransfer();
  carried.items.add(new File([new Uint8Array(bytes)], name, {type}));
  for (const kind of ['dragover', 'drop']) document.querySelector('#main').dispatchEvent(new DragEvent(kind, {dataTransfer: carried, bubbles: true, cancelable: true}));
}"""
PASTE = """([type, bytes]) => {
  const clipboardData = new DataTransfer();
  clipboardData.items.add(new File([new Uint8Array(bytes)], 'image.png', {type}));
  document.querySelector('#compose textarea').dispatchEvent(new ClipboardEvent('paste', {clipboardData, bubbles: true, cancelable: true}));
}"""


def picture(width: int = 320, height: int = 200) -> bytes:
    """A PNG of a slip of paper."""
    rows = b"".join(
        b"\x00" + bytes(channel for x in range(width) for channel in ((240, 236, 220) if 60 < x < 260 else (90, 110, 120)))
        for _y in range(height)
    )

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


@pytest.fixture
def receipt(tmp_path: Path) -> Path:
    path = tmp_path / "酒店发票.png"
    path.write_bytes(picture())
    return path


def claim_of(cast: Cast) -> Claim:
    made = make("claims", kind="stay", spent_on="2026-01-05", amount=680, currency="CNY", owner=cast.bob.pk)
    return Claim.objects.get(pk=made.pk)


WORDS = {
    "en": {
        "add": "Add files", "missing": "The receipt is missing", "added": "“{}” is added.", "undo": "Undo", "more": "More: {}",
        "delete": "Delete", "rename": "Rename", "close": "Close", "download": "Download", "told": "added",
    },
    "zh-hans": {
        "add": "添加文件", "missing": "缺少票据", "added": "已添加“{}”。", "undo": "撤销", "more": "更多：{}",
        "delete": "删除", "rename": "改名", "close": "关闭", "download": "下载", "told": "添加了",
    },
}  # fmt: skip


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_receipt_is_chosen_and_dropped_looked_at_saved_deleted_and_brought_back(
    language: str, live: str, cast: Cast, enter: Enter, receipt: Path
) -> None:
    words = WORDS[language]
    User.objects.filter(pk=cast.bob.pk).update(language=language)
    claim, page = claim_of(cast), enter(cast.bob)
    page.goto(f"{live}/claims/{claim.pk}")
    expect(page.locator("#next-step")).to_contain_text(words["missing"])
    files = page.locator("#files")
    with page.expect_file_chooser() as asked:
        files.get_by_role("button", name=words["add"]).click()
    asked.value.set_files(receipt)
    expect(page.locator(".toast")).to_contain_text(words["added"].format(receipt.name))
    expect(files.locator(".file")).to_contain_text(receipt.name)
    expect(page.locator("#next-step")).not_to_contain_text(words["missing"])
    expect(page.locator("#fact-receipts")).to_contain_text("1")
    expect(page.locator("#timeline .event").filter(has=page.locator("b", has_text=receipt.name)).first).to_contain_text(words["told"])
    assert files.locator("img.thumb").evaluate("image => image.decode().then(() => image.naturalWidth)") == 320
    page.evaluate(DROP, ["taxi.pdf", "application/pdf", list(PDF)])
    expect(files.locator(".file")).to_have_count(2)
    expect(page.locator(".dropping")).to_be_hidden()
    _look_and_save(page, files, receipt, words)
    _delete_and_undo(page, files, words)
    assert Axe().run(page).response["violations"] == []
    assert File.objects.filter(entity="claims", record_id=claim.pk, deleted_at__isnull=True).count() == 2


def _look_and_save(page: Page, files: Any, receipt: Path, words: dict[str, str]) -> None:
    files.get_by_role("link", name=receipt.name).click()
    dialog = page.locator("#dialog")
    assert dialog.locator(".look img").evaluate("image => image.decode().then(() => image.naturalHeight)") == 200
    assert Axe().run(page).response["violations"] == []
    with page.expect_download() as saved:
        dialog.get_by_role("link", name=words["download"]).click()
    assert saved.value.suggested_filename == receipt.name
    assert Path(saved.value.path()).read_bytes() == receipt.read_bytes()
    with page.expect_response(lambda answer: answer.url.endswith("/inline") and answer.request.resource_type == "document") as framed:
        dialog.locator("header button").first.click()  # the newer one, a PDF
    assert framed.value.headers["content-type"] == "application/pdf"
    expect(dialog.locator("iframe")).to_be_visible()
    dialog.get_by_role("button", name=words["close"]).click()


def _delete_and_undo(page: Page, files: Any, words: dict[str, str]) -> None:
    files.get_by_role("button", name=words["more"].format("taxi.pdf")).click()
    files.get_by_role("button", name=words["rename"]).locator("visible=true").click()
    page.get_by_role("dialog").get_by_role("textbox").fill("出租车")
    page.get_by_role("dialog").locator("button.primary").click()
    expect(files).to_contain_text("出租车.pdf")
    files.get_by_role("button", name=words["more"].format("出租车.pdf")).click()
    files.get_by_role("button", name=words["delete"], exact=True).locator("visible=true").click()
    expect(files.locator(".file")).to_have_count(1)
    page.locator(".toast", has_text="出租车.pdf").last.get_by_role("button", name=words["undo"]).click()
    expect(files.locator(".file")).to_have_count(2)


def test_a_screenshot_is_pasted_while_writing_and_what_is_too_large_is_not_sent(
    live: str, cast: Cast, shop: dict[str, Any], enter: Enter
) -> None:
    page = enter(cast.bob)
    page.goto(f"{live}/deals/{shop['fleet'].pk}")
    page.locator("#compose textarea").fill("What they see")
    page.evaluate(PASTE, ["image/png", list(picture(40, 30))])
    expect(page.locator("#files .file")).to_contain_text("Screenshot 20")
    expect(page.locator("#compose textarea")).to_have_value("What they see")
    page.locator("gx-files").evaluate("element => { element.dataset.most = 0 }")
    page.evaluate(DROP, ["film.mp4", "video/mp4", [0, 0, 0]])
    expect(page.locator(".toast").last).to_contain_text("“film.mp4” is larger than 25 MB.")
    assert File.objects.count() == 1


def test_a_photo_is_added_with_a_phone(live: str, cast: Cast, enter: Enter, receipt: Path) -> None:
    claim, page = claim_of(cast), enter(cast.bob)
    page.set_viewport_size({"width": 375, "height": 740})
    page.goto(f"{live}/claims/{claim.pk}")
    with page.expect_file_chooser() as asked:
        page.locator(".dropline").click()
    asked.value.set_files([receipt])
    expect(page.locator("#files .file")).to_have_count(1)
    assert page.evaluate("document.documentElement.scrollWidth") == 375
    assert Axe().run(page).response["violations"] == []
