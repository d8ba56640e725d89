"""How long work is shown: a bar with rate and time left on a terminal, a plain line now and then elsewhere."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar
from rich.text import Text

SECONDS_BETWEEN_LINES = 10


class Progress(Protocol):
    """Work that goes on."""

    def advance(self, count: int = 1) -> None:
        """So many more are done."""

    def total(self, count: int) -> None:
        """How many there are, where it was not known at the start."""


@contextmanager
def progress(label: str, total: int | None = None) -> Iterator[Progress]:
    """`with progress("Importing", 12_000) as shown: shown.advance(500)`. Writes to stderr."""
    if sys.stderr.isatty():
        with _bar() as bar:
            yield _OnTerminal(bar, label, total)
    else:
        lines = _Lines(label, total)
        yield lines
        lines.end()


def _bar() -> Bar:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), _Rate(), TimeRemainingColumn())
    return Bar(*columns, console=Console(stderr=True))


class _Rate(ProgressColumn):
    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text(f"{speed:,.0f}/s" if speed else "", style="dim")


class _OnTerminal:
    def __init__(self, bar: Bar, label: str, total: int | None) -> None:
        self._bar = bar
        self._task = bar.add_task(label, total=total)

    def advance(self, count: int = 1) -> None:
        self._bar.advance(self._task, count)

    def total(self, count: int) -> None:
        self._bar.update(self._task, total=count)


class _Lines:
    def __init__(self, label: str, total: int | None) -> None:
        self._label, self._total, self._done = label, total, 0
        self._started = self._said = time.monotonic()

    def advance(self, count: int = 1) -> None:
        self._done += count
        if time.monotonic() - self._said >= SECONDS_BETWEEN_LINES:
            self._say(self._ahead())

    def total(self, count: int) -> None:
        self._total = count

    def end(self) -> None:
        self._say(f"done in {time.monotonic() - self._started:.1f} s")

    def _ahead(self) -> str:
        rate = self._done / max(time.monotonic() - self._started, 0.001)
        left = f", {(self._total - self._done) / rate:.0f} s left" if self._total and rate and self._done < self._total else ""
        return f"{rate:,.0f}/s{left}"

    def _say(self, rest: str) -> None:
        self._said = time.monotonic()
        of = f" of {self._total:,}" if self._total else ""
        click.echo(f"{self._label}: {self._done:,}{of}, {rest}", err=True)
