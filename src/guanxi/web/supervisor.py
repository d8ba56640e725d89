"""One tree of processes: web and worker as children, restarted when they fail, stopped together."""

import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from guanxi.web import lifeline

log = logging.getLogger(__name__)

SECONDS_TO_STOP = 25
# A child that fails sooner than this after its start has a fault that starting again will not mend.
SECONDS_TO_PROVE = 20
MOST_EARLY_FAILURES = 3


class GaveUpError(Exception):
    """A child fails every time it is started."""


@dataclass
class Child:
    """One `guanxi` subcommand that is to run all the time."""

    arguments: list[str]
    handles: tuple[int, ...] = ()
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    early_failures: int = 0

    @property
    def name(self) -> str:
        return self.arguments[0]


@dataclass
class Supervisor:
    """Keeps `children` running until `stop()`."""

    children: list[Child]
    stopping: bool = False
    _lifeline: tuple[int, int] = field(default_factory=os.pipe)

    def start(self) -> None:
        for child in self.children:
            self._start(child)

    def _start(self, child: Child) -> None:
        reading, _writing = self._lifeline
        child.process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-P", "-m", "guanxi.web", *child.arguments],
            stdin=subprocess.DEVNULL,
            env={**os.environ, lifeline.VARIABLE: str(reading)},
            pass_fds=(reading, *child.handles),
            process_group=0,  # Ctrl-C reaches this process alone, which then stops them in order
        )
        child.started_at = time.monotonic()

    def watch(self, *, until: Callable[[], bool] = lambda: False) -> None:
        """Restart what fails, until `until()` or a stop. GaveUpError when a child cannot run at all."""
        while not self.stopping and not until():
            for child in self.children:
                self._look_after(child)
            time.sleep(0.1)

    def _look_after(self, child: Child) -> None:
        code = child.process.poll() if child.process else None
        if code is None or self.stopping:
            return
        early = time.monotonic() - child.started_at < SECONDS_TO_PROVE
        child.early_failures = child.early_failures + 1 if early else 1
        if child.early_failures >= MOST_EARLY_FAILURES:
            raise GaveUpError(f"the {child.name} process fails at every start (exit code {code})")
        log.warning("The %s process ended (exit code %s); starting it again", child.name, code)
        self._start(child)

    def stop(self) -> None:
        """Ask every child to finish, and end those that do not."""
        self.stopping = True
        running = [child.process for child in self.children if child.process and child.process.poll() is None]
        for process in running:
            process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + SECONDS_TO_STOP
        for process in running:
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
