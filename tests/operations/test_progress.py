"""How long work is shown."""

import os
import pty
import subprocess
import sys

import pytest

from guanxi.web.commands import progress as shown

WORK = """
import time
from guanxi.web.commands.progress import progress
with progress("Importing", 200) as p:
    for _ in range(20):
        p.advance(10)
        time.sleep(0.02)
"""


def test_without_a_terminal_it_is_plain_lines(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shown, "SECONDS_BETWEEN_LINES", 0)
    with shown.progress("Importing", 12_000) as progress:
        progress.advance(6_000)
        progress.advance(6_000)

    first, _second, last = capsys.readouterr().err.splitlines()
    assert first.startswith("Importing: 6,000 of 12,000, ")
    assert first.endswith("/s, 0 s left")
    assert last.startswith("Importing: 12,000 of 12,000, done in ")


def test_a_total_may_become_known_later(capsys: pytest.CaptureFixture[str]) -> None:
    with shown.progress("Reading") as progress:
        progress.advance(5)
        progress.total(9)

    assert capsys.readouterr().err.startswith("Reading: 5 of 9, done in ")


def test_on_a_terminal_it_is_a_bar_with_rate_and_time_left() -> None:
    ours, theirs = pty.openpty()
    done = subprocess.Popen([sys.executable, "-c", WORK], stderr=theirs, env={**os.environ, "TERM": "xterm"})
    os.close(theirs)
    text = b""
    while True:
        try:
            text += os.read(ours, 4096)
        except OSError:
            break
    os.close(ours)

    assert done.wait() == 0
    assert b"Importing" in text
    assert b"200/200" in text
    assert b"/s" in text
    assert b"0:00:00" in text
