"""What is asked of each size, over HTTP against the real server, and the table that is printed."""

from __future__ import annotations

import http.client
import json
import os
import re
import socket
import statistics
import subprocess
import sys
import threading
import time
import urllib.parse
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

ROUNDS = 40


@dataclass
class Line:
    """One row of the table."""

    what: str
    p50: float
    p95: float
    queries: int | None = None
    limit: float | None = None
    unit: str = "ms"


@dataclass
class Site:
    """A signed-in browser, as far as a benchmark needs one."""

    port: int
    cookie: str = ""
    token: str = ""
    connection: http.client.HTTPConnection = field(init=False)

    def __post_init__(self) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)

    def ask(self, path: str, method: str = "GET", body: str | None = None, **headers: str) -> tuple[int, bytes]:
        sent = {"Cookie": self.cookie, "Host": f"127.0.0.1:{self.port}", **headers}
        try:
            self.connection.request(method, path, body, sent)
            answer = self.connection.getresponse()
        except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
            # A server closes connections that were idle for some seconds.
            self.connection.close()
            self.connection.request(method, path, body, sent)
            answer = self.connection.getresponse()
        text = answer.read()
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                pair = value.split(";")[0]
                kept = dict(part.split("=", 1) for part in self.cookie.split("; ") if "=" in part)
                kept.update([pair.split("=", 1)])
                self.cookie = "; ".join(f"{key}={one}" for key, one in kept.items())
        return answer.status, text

    def sign_in(self, username: str, password: str) -> None:
        _status, page = self.ask("/login/")
        token = re.search(r'name="csrf-token" content="([^"]+)"', page.decode())
        assert token, page[:500]
        form = urllib.parse.urlencode({"login": username, "password": password, "csrfmiddlewaretoken": token[1]})
        origin = f"http://127.0.0.1:{self.port}"
        status, _page = self.ask(
            "/login/", "POST", form, **{"Content-Type": "application/x-www-form-urlencoded", "Referer": origin, "Origin": origin}
        )
        assert status == 302, status


def timed(ask: Callable[[int], object], rounds: int = ROUNDS) -> tuple[float, float]:
    """(p50, p95) in ms, after three warm rounds."""
    for number in range(3):
        ask(number)
    took = []
    for number in range(rounds):
        began = time.perf_counter()
        ask(number + 3)
        took.append((time.perf_counter() - began) * 1000)
    took.sort()
    return statistics.median(took), took[min(len(took) - 1, int(len(took) * 0.95))]


def compare(sizes: list[int], root: Path) -> int:
    """Measure each size in a database of its own, print the tables, and how the largest compares with the smallest."""
    tables: dict[int, list[Line]] = {}
    for size in sizes:
        finished = subprocess.run(
            [sys.executable, "-m", "benchmarks.one", str(size), str(root)], check=True, stdout=subprocess.PIPE, text=True
        )
        *told, last = finished.stdout.strip().splitlines()
        print("\n".join(told))
        tables[size] = [Line(**row) for row in json.loads(last)]
        show(size, tables[size])
    from benchmarks.work import work  # sets up what those before must not have set up

    print(f"\nWork over everything, in proportion to {max(sizes):,}", flush=True)
    show_lines(work(max(sizes)))
    if len(sizes) == 2:
        small, large = (tables[size] for size in sizes)
        print(f"\n{sizes[1]:,} beside {sizes[0]:,} (p50; to reach: at most 1.3 ×)")
        before = {line.what: line for line in small}
        for line in large:
            if line.unit == "ms" and line.what in before:
                print(f"  {line.what:58} {line.p50 / max(before[line.what].p50, 0.01):6.2f} ×")
    return 0


def show(size: int, lines: list[Line]) -> None:
    """The table of one size."""
    print(f"\nWith {size:,} accounts, {size:,} contacts, {size // 5:,} deals, {size * 2:,} activities")
    show_lines(lines)


def show_lines(lines: list[Line]) -> None:
    """Rows of a table, with what is to be reached."""
    print(f"  {'what':58} {'p50':>9} {'p95':>9} {'queries':>8}  to reach")
    for line in lines:
        goal = (
            f"{'≤' if line.unit in {'ms', 's', 'MB'} else '≥'} {line.limit:g} {line.unit}"
            if line.limit
            else ""
            if line.unit == "ms"
            else line.unit
        )
        p95 = f"{line.p95:9.1f}" if line.unit == "ms" else f"{'':9}"
        print(f"  {line.what:58} {line.p50:9.1f} {p95} {line.queries if line.queries is not None else '':>8}  {goal}")


def load_test(port: int, cookie: str, path: str, clients: int = 8, seconds: float = 8.0) -> float:
    """Requests a second with so many clients that wait for their answers; they read no more of an answer than they must."""
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: {cookie}\r\n\r\n".encode()
    done = [0] * clients
    until = time.perf_counter() + seconds

    def client(place: int) -> None:
        with socket.create_connection(("127.0.0.1", port), timeout=60) as asked:
            while time.perf_counter() < until:
                asked.sendall(request)
                _read_answer(asked)
                done[place] += 1

    threads = [threading.Thread(target=client, args=(place,)) for place in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(done) / seconds


def _read_answer(asked: socket.socket) -> None:
    """One whole answer of status 200, thrown away."""
    head, _end, body = _until(asked, b"", b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200"), head[:200]
    found = re.search(rb"(?i)content-length: (\d+)", head)
    assert found, head
    left = int(found[1]) - len(body)
    while left > 0:
        left -= len(_some(asked))


def _until(asked: socket.socket, got: bytes, mark: bytes) -> tuple[bytes, bytes, bytes]:
    while mark not in got:
        got += _some(asked)
    return got.partition(mark)


def _some(asked: socket.socket) -> bytes:
    got = asked.recv(1 << 18)
    assert got, "the server hung up"
    return got


def memory_of(pid: int) -> float:
    """MB of memory that a process has for itself."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return sum(int(value) for value in re.findall(r"Private_\w+:\s+(\d+) kB", text)) / 1024


def environment_of(database: str, port: int) -> dict[str, str]:
    """What a server for this database is started with."""
    return {**os.environ, "GUANXI_DATABASE_URL": database, "GUANXI_PORT": str(port)}
