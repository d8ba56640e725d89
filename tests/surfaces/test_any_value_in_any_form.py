"""Whatever is sent to any form that can be reached is taken or refused: nothing breaks, nothing is half done."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin

import pytest

from guanxi.entity.registry import entities
from tests.cast import Cast

pytestmark = pytest.mark.django_db

HOSTILE = (
    "", "0", "-1", "9" * 20, "9223372036854775807", "NaN", "1e999", "a\x00b", "𝕏" * 10, "'\"<script>", "2026-13-45", "99999-01-01", "[]",
    '{"a": 1}', "null", "x" * 3000, "1,2,3", "\u202e", "%00", "../../etc", "//evil.example", "٣", "1.000.000,5", "name = 1",
)  # fmt: skip
BESIDES = ("ids", "value", "version", "condition", "order", "all", "next")
TIMES = 2
"""How often each form is sent."""
STARTS = (
    "/",
    "/inbox",
    "/search?q=a",
    "/palette?q=a",
    "/dashboards",
    "/settings",
    "/deals?view=all&shape=board",
    "/deals?view=all&shape=calendar",
)
LEFT_ALONE = re.compile(r"log(in|out)|/events|/static|/api/|/public|duplicates/search|export|/users/\d|password")
"""What would end the session, never ends, or is tried elsewhere."""


class Forms(HTMLParser):
    """The addresses on a page: those to go to, and those to send to with the names of what is sent."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.forms: list[tuple[str, dict[str, str]]] = []
        self.open: dict[str, str] | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        self.links += [said[name] for name in ("href", "hx-get", "data-url") if said.get(name)]
        fields: dict[str, str] = {}
        if tag == "form":
            self.open = fields
        elif self.open is not None and said.get("name"):
            self.open[said["name"]] = said.get("value", "")
        to = said.get("hx-post") or (said.get("action", ".") if tag == "form" and said.get("method", "").lower() == "post" else "")
        if to:
            self.forms.append((to, fields if tag == "form" else self.open or {}))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.open = None


def _pattern(address: str) -> str:
    path, _mark, asked = address.partition("?")
    return re.sub(r"\d+", "", path) + "".join(re.findall(r"shape=\w+", asked))


def _reached(client: Any, starts: list[str]) -> Iterator[tuple[str, str]]:
    """Pages reached by links, one of each sort."""
    known: set[str] = set()
    waiting = list(starts)
    while waiting:
        address = waiting.pop(0)
        if _pattern(address) in known or LEFT_ALONE.search(address) or "{" in address:
            continue
        known.add(_pattern(address))
        answer = client.get(address)
        assert answer.status_code < 500, address
        if answer.streaming or "html" not in answer.headers.get("Content-Type", ""):
            continue
        text = answer.content.decode()
        yield address, text
        waiting += [one for one in (urljoin(address, link).partition("#")[0] for link in Forms(text).links) if one.startswith("/")]


@pytest.mark.parametrize("who", ["admin", "bob"])
def test_any_value_in_any_form_is_taken_or_refused(cast: Cast, client_of: Any, plenty: Any, who: str) -> None:
    """What is broken is a status of 500 or an exception; the client raises either."""
    dice = random.Random(who)
    starts = [*STARTS, *(f"/{one.path}" for one in entities())]
    starts += [f"/{path}/{plenty.of(path, 1)[0].pk}" for path in ("accounts", "contacts", "deals", "leads", "quotes", "orders", "payments")]
    client = client_of(getattr(cast, who))
    sent: set[str] = set()
    for address, text in _reached(client, starts):
        for to, fields in Forms(text).forms:
            target = urljoin(address, to)
            if _pattern(target) in sent or LEFT_ALONE.search(target) or "{" in target:
                continue
            sent.add(_pattern(target))
            for _time in range(TIMES):
                data = {name: dice.choice(HOSTILE) if dice.random() < 0.6 else value for name, value in fields.items()}
                data |= {name: dice.choice(HOSTILE) for name in BESIDES if dice.random() < 0.3}
                answer = client.post(target, data, headers={"HX-Request": "true"} if dice.random() < 0.7 else {})
                assert answer.status_code < 500, (target, data)
                assert "evil.example" not in answer.headers.get("Location", ""), (target, data)
    assert len(sent) > {"admin": 120, "bob": 60}[who], len(sent)
