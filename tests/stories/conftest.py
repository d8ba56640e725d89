"""People at work in a real browser: who is signed in, and a watch over every page for errors and broken policy."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import ConsoleMessage, Locator, Page, Response, expect

from guanxi.access.models import User
from tests.cast import Cast, make, signed_in

# Before any script of the page: what the page's policy forbids is told to the test.
WATCH_POLICY = "addEventListener('securitypolicyviolation', (e) => tellViolation(`${e.effectiveDirective} ${e.blockedURI} ${e.sample}`));"
REFUSALS = {401, 403, 404, 409, 412, 422}
"""Answers a story may provoke; the browser and htmx note them in the console by themselves."""
NOTED = ("Failed to load resource", "Response Status Error Code")

expect.set_options(timeout=15_000)


@pytest.fixture
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """Where the cast lives."""
    return {**browser_context_args, "timezone_id": "Asia/Shanghai", "locale": "en-US", "viewport": {"width": 1440, "height": 900}}


@pytest.fixture(autouse=True)
def _faultless(page: Page) -> Iterator[None]:
    """No page of a story has an error in its console, breaks its policy, misses a file or makes the server fail."""
    page.set_default_timeout(15_000)
    faults: list[str] = []

    def said(message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith(NOTED):
            faults.append(f"{message.text} ({message.location})")

    def answered(response: Response) -> None:
        if response.status >= 400 and (response.status not in REFUSALS or "/static/" in response.url):
            faults.append(f"{response.status} {response.request.method} {response.url}")

    def violated(told: str) -> None:
        faults.append(told)

    page.on("console", said)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("response", answered)
    page.expose_function("tellViolation", violated)
    page.add_init_script(WATCH_POLICY)
    yield
    assert faults == []


def pick(page: Page, within: Locator, text: str) -> None:
    """Choose in the first picker there, as a person does: open, type, take what is offered."""
    within.locator(".ts-control").first.click()
    page.keyboard.type(text)
    page.locator(".ts-dropdown .option:visible", has_text=text).first.click()


Enter = Callable[[User], Page]


@pytest.fixture
def enter(page: Page, live: str) -> Enter:
    """A page in which a person is signed in: `enter(cast.bob).goto(f"{live}/deals")`."""

    def entered(user: User) -> Page:
        name = settings.SESSION_COOKIE_NAME
        page.context.clear_cookies()
        page.context.add_cookies([{"name": name, "value": signed_in(user).cookies[name].value, "url": live}])
        return page

    return entered


@pytest.fixture
def shop(live: str, cast: Cast) -> dict[str, Any]:
    """What the sellers work with: Bob's customer, contact and deals, and Charlie's."""
    bob, charlie = cast.bob, cast.charlie
    bluefin = make("accounts", name="Bluefin Freight", owner=bob.pk, phones=[{"value": "+86 10 8765 4321", "label": "work"}])
    zhang = make("contacts", name="张三", account=bluefin.pk, owner=bob.pk, phones=[{"value": "+86 138 0013 8000", "label": "mobile"}])
    deal = {"account": bluefin.pk, "owner": bob.pk, "currency": "USD"}
    fleet = make("deals", name="Fleet renewal", amount=96500, stage=cast.stage("New").pk, **deal)
    scanners = make("deals", name="Scanner replacement", amount=12000, stage=cast.stage("Qualified").pk, **deal)
    airline = make("accounts", name="Zephyr Airline", owner=charlie.pk)
    secret = make(
        "deals", name="Hangar doors", account=airline.pk, owner=charlie.pk, amount=400000, currency="USD", stage=cast.stage("New").pk
    )
    return {"account": bluefin, "contact": zhang, "fleet": fleet, "scanners": scanners, "secret": secret}


def all_there(page: Page) -> None:
    """The page with everything on it, what it fetches only when somebody comes to see it too."""
    waiting = page.locator(".skeleton, .htmx-request")
    for _look in range(60):
        if not waiting.count():
            break
        page.evaluate("document.querySelector('.skeleton, .htmx-request')?.scrollIntoView({block: 'center'})")
        page.wait_for_timeout(50)
    expect(waiting).to_have_count(0)
