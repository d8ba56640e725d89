"""Data directories and processes of their own, so that what is started and killed here is nobody else's."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest


@pytest.fixture
def data_directory() -> Iterator[Path]:
    """An empty data directory that the user PostgreSQL runs as may pass; whatever still runs in it is ended."""
    # Short, because a socket's path must be; and not pytest's, which only its owner may enter.
    path = Path(tempfile.mkdtemp(prefix="gx-", dir="/tmp"))
    path.chmod(0o711)
    yield path
    for pid in processes_of(path):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    home = (path / "postgres").resolve()
    if home.parent == Path("/var/lib/guanxi"):
        shutil.rmtree(home, ignore_errors=True)
    shutil.rmtree(path, ignore_errors=True)


def processes_of(directory: Path) -> set[int]:
    """Every living process of this data directory: those told of it, and those that work in it."""
    found = set()
    told = f"GUANXI_DATA_DIR={directory}\0".encode()
    home = str((directory / "postgres").resolve())
    for process in Path("/proc").iterdir():
        with contextlib.suppress(OSError, ValueError):
            pid = int(process.name)
            if (process / "stat").read_text().rpartition(")")[2].split()[0] == "Z" or pid == os.getpid():
                continue
            works_in = str((process / "cwd").readlink())
            if (
                told in (process / "environ").read_bytes()
                or home.encode() in (process / "cmdline").read_bytes()
                or works_in.startswith(home)
            ):
                found.add(pid)
    return found


def wait_for(condition: Callable[[], object], seconds: float = 30) -> None:
    """Wait until the condition holds; AssertionError when it does not in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited {seconds} s in vain"
        time.sleep(0.05)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment_for(directory: Path, **settings: str) -> dict[str, str]:
    """The process environment, without this test run's own settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GUANXI_", "DJANGO_"))}
    return {**kept, "GUANXI_DATA_DIR": str(directory), **settings}


def guanxi(directory: Path, *arguments: str, text: str | None = None, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run the command to its end in an environment of its own."""
    return subprocess.run(
        [sys.executable, "-m", "guanxi.web", *arguments],
        env=environment_for(directory, **settings),
        input=text,
        stdin=subprocess.DEVNULL if text is None else None,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
