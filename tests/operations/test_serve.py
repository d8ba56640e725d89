"""`guanxi serve`: one tree of processes that starts, stops, restarts what fails and leaves nothing behind."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from guanxi.web.postgres.cluster import use
from tests.operations.conftest import environment_for, free_port, guanxi, processes_of, wait_for

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]


class Serving:
    """A running `guanxi serve` with its output in a file."""

    def __init__(self, directory: Path, **settings: str) -> None:
        self.directory, self.port = directory, free_port()
        self.output = directory / "output"
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "guanxi.web", "serve"],
                env=environment_for(directory, GUANXI_PORT=str(self.port), **settings),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def said(self) -> str:
        return self.output.read_text()

    def wait_until_ready(self) -> "Serving":
        wait_for(lambda: "Guanxi is ready" in self.said() or self.process.poll() is not None, 90)
        assert self.process.poll() is None, self.said()
        return self

    def shows(self, path: str) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=20) as page:
                return page.status == 200
        except OSError:
            return False

    def answers(self) -> bool:
        return self.shows("/health")

    def child(self, name: str) -> int:
        """The process number of web or worker."""
        for process in Path("/proc").iterdir():
            if process.name.isdigit():
                try:
                    arguments = (process / "cmdline").read_bytes().split(b"\0")
                    parent = int((process / "stat").read_text().rpartition(")")[2].split()[1])
                except OSError:
                    continue
                if parent == self.process.pid and name.encode() in arguments:
                    return int(process.name)
        return 0

    def stop(self, how: signal.Signals = signal.SIGINT) -> int:
        self.process.send_signal(how)
        return self.process.wait(60)


@pytest.fixture(scope="module")
def migrated() -> Iterator[Path]:
    """A data directory whose database has its tables, to copy from: making them takes seconds."""
    path = Path(tempfile.mkdtemp(prefix="gx-", dir="/tmp"))
    path.chmod(0o711)
    done = guanxi(path, "migrate")
    assert done.returncode == 0, done.stderr
    wait_for(lambda: processes_of(path) == set())
    yield path
    shutil.rmtree(path)


@pytest.fixture
def served(data_directory: Path, migrated: Path) -> Iterator[Path]:
    subprocess.run(["cp", "-a", f"{migrated}/.", str(data_directory)], check=True)
    return data_directory


def test_it_answers_and_ctrl_c_leaves_nothing_behind(served: Path) -> None:
    serving = Serving(served).wait_until_ready()

    assert serving.answers()
    assert f"http://127.0.0.1:{serving.port}/set-up?token=" in serving.said()
    assert serving.stop() == 0
    assert processes_of(served) == set()
    assert "Traceback" not in serving.said()


def test_tables_are_made_where_they_are_missing(data_directory: Path) -> None:
    serving = Serving(data_directory).wait_until_ready()

    assert (serving.shows("/set-up"), serving.stop()) == (True, 0)
    assert re.match(r"\d+ migrations\n", serving.said())


def test_an_open_page_of_events_does_not_hold_up_the_end(served: Path) -> None:
    serving = Serving(served).wait_until_ready()
    with socket.create_connection(("127.0.0.1", serving.port)) as idle:
        idle.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert b"200 OK" in idle.recv(1000)

        assert serving.stop(signal.SIGTERM) == 0


def test_when_serve_is_killed_its_children_end_and_it_starts_again(served: Path) -> None:
    serving = Serving(served).wait_until_ready()

    serving.process.kill()
    serving.process.wait()

    wait_for(lambda: processes_of(served) == set(), 40)
    again = Serving(served).wait_until_ready()
    assert (again.answers(), again.stop()) == (True, 0)


def test_when_everything_is_killed_it_starts_again(served: Path) -> None:
    serving = Serving(served).wait_until_ready()

    for pid in processes_of(served):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    serving.process.wait()

    again = Serving(served).wait_until_ready()
    assert (again.answers(), again.stop()) == (True, 0)


def test_a_second_one_on_the_same_data_says_who_holds_it(served: Path) -> None:
    serving = Serving(served).wait_until_ready()

    second = guanxi(served, "serve", GUANXI_PORT=str(free_port()))

    assert second.returncode == 5
    assert second.stderr == f"guanxi: {served} is served already, by process {serving.process.pid}\n"
    assert guanxi(served, "user", "list").returncode == 0
    assert (serving.answers(), serving.stop()) == (True, 0)


@pytest.mark.parametrize("command", ["serve", "web"])
def test_a_taken_port_is_said_before_anything_starts(served: Path, command: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        refused = guanxi(served, command, GUANXI_PORT=str(port))

    assert refused.returncode == 1
    assert refused.stderr == (f"guanxi: cannot listen on 127.0.0.1:{port} (Address already in use): free it, or set GUANXI_PORT\n")
    assert processes_of(served) == set()


@pytest.mark.parametrize("name", ["web", "worker"])
def test_a_child_that_dies_is_started_again(served: Path, name: str) -> None:
    serving = Serving(served).wait_until_ready()
    first = serving.child(name)
    wait_for(lambda: serving.child("worker"))

    os.kill(first, signal.SIGKILL)

    wait_for(lambda: serving.child(name) not in (0, first))
    wait_for(serving.answers)
    assert serving.stop() == 0
    assert f"The {name} process ended" in serving.said()


def test_a_database_that_dies_is_started_again(served: Path) -> None:
    serving = Serving(served).wait_until_ready()
    server = int((served / "postgres" / "cluster" / "postmaster.pid").read_text().split()[0])

    os.kill(server, signal.SIGKILL)

    wait_for(lambda: "PostgreSQL is gone; starting it again" in serving.said())
    wait_for(lambda: serving.shows("/set-up"))
    assert serving.stop() == 0


def test_several_web_processes_share_the_port(served: Path) -> None:
    serving = Serving(served, GUANXI_WEB_PROCESSES="2").wait_until_ready()

    assert all(serving.answers() for _ in range(20))
    assert serving.stop() == 0


def test_a_database_of_ones_own_that_is_not_there_is_said_at_once(data_directory: Path) -> None:
    url = "postgresql://nobody@127.0.0.1:1/none"

    refused = guanxi(data_directory, "serve", GUANXI_PORT=str(free_port()), GUANXI_DATABASE_URL=url)

    assert refused.returncode == 4
    assert refused.stderr.startswith("guanxi: the database does not answer: ")
    assert processes_of(data_directory) == set()


def test_a_fault_that_starting_again_does_not_mend_ends_it(data_directory: Path) -> None:
    with use(data_directory) as without_tables:
        settings = {"GUANXI_PORT": str(free_port()), "GUANXI_DATABASE_URL": without_tables.url}

        refused = guanxi(data_directory, "serve", **settings)

    assert refused.returncode == 1
    assert "guanxi: the database has no tables yet: run guanxi migrate\n" in refused.stderr
    assert "process fails at every start (exit code 4)" in refused.stderr
