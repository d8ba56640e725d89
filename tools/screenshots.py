"""Take the pictures of the README from a running Guanxi that holds the demo company: `python tools/screenshots.py http://localhost:8000`."""

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page, expect, sync_playwright

IMAGES = Path(__file__).parents[1] / "docs/images"
CHROMIUM = Path("/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"]


@dataclass(frozen=True)
class Picture:
    """A page, who looks at it, and how."""

    name: str
    who: str
    path: str
    theme: Literal["light", "dark"] = "light"
    phone: bool = False
    opens: str = ""
    """The link on that page that leads to the one to take."""


PICTURES = [
    Picture("list-en", "alice", "/deals"),
    Picture("board-en-dark", "bob", "/deals?shape=board", theme="dark"),
    Picture("home-en", "bob", "/"),
    Picture("detail-zh", "yali", "/search?q=晨光新能源", opens=".main a[href^='/accounts/']"),
    Picture("phone-zh", "yali", "/deals", phone=True),
]


def sign_in(browser: Browser, address: str, picture: Picture, password: str) -> Page:
    """A page in which the picture's person is signed in."""
    size = {"width": 390, "height": 844} if picture.phone else {"width": 1440, "height": 900}
    page = browser.new_page(
        viewport=size,  # type: ignore[arg-type]
        device_scale_factor=2 if picture.phone else 1,
        color_scheme=picture.theme,
        timezone_id="Asia/Shanghai",
        base_url=address,
    )
    page.goto("/login/")
    page.fill("[name=login]", picture.who)
    page.fill("[name=password]", password)
    page.press("[name=password]", "Enter")
    page.wait_for_selector("nav.side", state="attached")
    return page


def take(browser: Browser, address: str, picture: Picture, password: str) -> None:
    """Write one picture."""
    page = sign_in(browser, address, picture, password)
    page.goto(picture.path)
    if picture.opens:
        page.goto(page.locator(picture.opens).first.get_attribute("href") or "/")
    expect(page.locator(".skeleton, .htmx-request")).to_have_count(0)
    page.evaluate("document.fonts.ready")
    page.wait_for_timeout(800)
    page.screenshot(path=IMAGES / f"{picture.name}.png", animations="disabled")
    page.context.close()


def main() -> None:
    """Take all pictures, or those named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("address")
    parser.add_argument("names", nargs="*", help="only these")
    parser.add_argument("--password", default="harbour-demo")
    given = parser.parse_args()
    IMAGES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as play:
        system = {"executable_path": str(CHROMIUM)} if CHROMIUM.exists() else {}
        browser = play.chromium.launch(args=FLAGS, **system)  # type: ignore[arg-type]
        for picture in PICTURES:
            if not given.names or picture.name in given.names:
                take(browser, given.address.rstrip("/"), picture, given.password)
                print(picture.name)
        browser.close()


if __name__ == "__main__":
    main()
