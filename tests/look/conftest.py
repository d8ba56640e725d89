"""The specimen pages in a browser, in their own process: no database, the product's own CSP."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

# Before any script of the page: what the page's policy forbids is remembered.
WATCH_POLICY = """
  window.violations = [];
  addEventListener('securitypolicyviolation', (e) => violations.push(`${e.effectiveDirective} ${e.blockedURI} ${e.sample}`));
"""

# Every element of the page has its module, every chart its picture.
AWAKE = """() => document.readyState === 'complete'
  && [...document.querySelectorAll('*')].every((one) => !one.localName.startsWith('gx-') || customElements.get(one.localName))
  && [...document.querySelectorAll('gx-chart')].every((one) => one.querySelector('canvas'))"""

Open = Callable[..., Page]


@pytest.fixture(scope="session")
def specimen() -> Iterator[str]:
    """The address of a running specimen."""
    started = Path(__file__).with_name("specimen_server.py")
    environment = {**os.environ, "GUANXI_DATABASE_URL": "postgresql://nobody@/none?host=/nowhere"}
    server = subprocess.Popen([sys.executable, started], stdout=subprocess.PIPE, text=True, env=environment)
    assert server.stdout is not None
    port = server.stdout.readline().strip()
    assert port, "the specimen server did not start; run it by hand: python tests/look/specimen_server.py"
    yield f"http://127.0.0.1:{port}"
    server.terminate()
    server.wait(10)
    server.stdout.close()


@pytest.fixture
def open_page(page: Page, specimen: str) -> Iterator[Open]:
    """Open a specimen page: `open_page("list", language="zh", theme="dark", width=375)`. No script may fail on it."""
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.add_init_script(WATCH_POLICY)

    def opened(name: str, language: str = "en", theme: str = "light", width: int = 1440) -> Page:
        page.set_viewport_size({"width": width, "height": 900 if width > 760 else 812})
        page.goto(f"{specimen}/{name}?lang={language}&theme={theme}")
        page.wait_for_function(AWAKE)
        return page

    yield opened
    assert page.evaluate("window.violations ?? []") == []
    assert faults == []
