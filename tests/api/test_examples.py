"""The how-to's calls, made in order: each ```http block is sent, and the ```json block after it is what comes back.

The answer may hold more than the page shows. Keys of records on the page (17) stand for those of this run.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pytest

from guanxi.access.starting import grant
from tests.api.conftest import Program, sent_to
from tests.cast import found

HOW_TO = Path(__file__).parents[2] / "docs" / "how-to" / "use-the-api.md"
BLOCK = re.compile(r"^```(http|json)(?: (\d+))?\n(.*?)^```", re.MULTILINE | re.DOTALL)


@pytest.mark.django_db(transaction=True)
def test_every_call_of_the_how_to_answers_as_it_says(program: Callable[..., Program]) -> None:
    cast = found()
    grant(cast.roles["seller"], {"accounts": {"import": "own", "export": "own"}})
    bob = program(cast.bob)
    blocks = BLOCK.findall(HOW_TO.read_text())
    keys: dict[int, int] = {}
    made = 0
    for (kind, _status, text), (next_kind, status, expected) in zip_longest(blocks, blocks[1:], fillvalue=("", "", "")):
        if kind != "http":
            continue
        made += 1
        method, address, headers, body = _call(text, keys)
        response = bob.call(method, sent_to(address), raw=body, **headers)
        if next_kind == "json":
            assert response.status_code in ({int(status)} if status else {200, 201}), (text, response.content)
            _alike(json.loads(expected), response.json(), keys, text)
        else:
            assert response.status_code == 204, (text, response.content)
    assert made == len(re.findall("^```http", HOW_TO.read_text(), re.MULTILINE)) > 15


def _call(text: str, keys: dict[int, int]) -> tuple[str, str, dict[str, str], bytes]:
    head, _blank, body = text.partition("\n\n")
    first, *lines = head.strip().split("\n")
    method, _space, address = first.partition(" ")
    headers = dict(line.split(": ", 1) for line in lines)
    for shown, real in keys.items():
        address = re.sub(rf"/{shown}\b", f"/{real}", address)
        body = re.sub(rf'("account": ){shown}\b', rf"\g<1>{real}", body)
    return method, address, {name.replace("-", "_"): value for name, value in headers.items()}, body.strip().encode()


def _alike(expected: Any, told: Any, keys: dict[int, int], where: str) -> None:
    """Whether what is told holds what the page shows; "…" stands for anything."""
    if isinstance(expected, dict):
        for name, value in expected.items():
            assert name in told, (where, name, told)
            if name in {"id", "record", "account"} and isinstance(value, int):
                assert keys.setdefault(value, told[name]) == told[name], (where, name, told)
            else:
                _alike(value, told[name], keys, where)
    elif isinstance(expected, list):
        assert len(told) >= len(expected) if isinstance(told, list) else False, (where, told)
        for one, other in zip(expected, told, strict=False):
            _alike(one, other, keys, where)
    elif expected != "…":
        assert told == expected, (where, expected, told)
