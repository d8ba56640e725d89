"""Make, start, share and stop the embedded PostgreSQL.

`use(directory)` is the whole of it: whoever holds the returned lease has a running database; the server stops when
the last holder is gone, in whatever way it went.
"""

import contextlib
import fcntl
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self
from urllib.parse import quote

import psycopg

from guanxi.web.postgres.place import (
    Place,
    PostgresError,
    binaries_for,
    home_of,
    make_socket_directory,
    place_in,
    plain_environment,
    socket_directory,
)
from guanxi.web.postgres.tuning import configuration

NAME = "guanxi"  # of the role and of the database
SECONDS_TO_START = 120  # recovery after a kill replays the log first
SECONDS_TO_STOP = 60


class Lease:
    """A claim on the running server; release it, or end."""

    def __init__(self, directory: Path, users: int, connections: int) -> None:
        self.url = embedded_url(directory)
        self.directory = directory
        self._users = users
        self._connections = connections

    @property
    def holds(self) -> bool:
        """Whether the server still runs: its watcher may have been killed, or PostgreSQL itself have failed."""
        return is_watched(self.directory)

    def renew(self) -> None:
        """Start the server again after it was lost."""
        again = use(self.directory, connections=self._connections)
        self.release()
        self._users, again._users = again._users, -1

    def release(self) -> None:
        if self._users >= 0:
            os.close(self._users)
            self._users = -1

    def release_and_wait(self) -> None:
        """Release, and wait until the server is down, unless others use it."""
        self.release()
        deadline = time.monotonic() + SECONDS_TO_STOP
        while is_watched(self.directory) and not _has_users(self.directory) and time.monotonic() < deadline:
            time.sleep(0.02)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


def embedded_url(directory: Path) -> str:
    """The address of the embedded database of a data directory; without a password while it is not made."""
    password = _password_file(directory)
    known = password.read_text(encoding="ascii").strip() if password.exists() else ""
    return f"postgresql://{NAME}:{known}@/{NAME}?host={quote(str(socket_directory(home_of(directory))))}"


def use(directory: Path, *, connections: int = 100, durable: bool = True) -> Lease:
    """Have the data directory's PostgreSQL running, made first if need be. PostgresError says what stands in the way.

    `connections` and `durable` count for the one who starts it.
    """
    place = place_in(directory)
    with _one_at_a_time(directory):
        users = os.open(directory / "postgres-users.lock", os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(users, fcntl.LOCK_SH)  # waits while a server that lost its last user shuts down
        try:
            if not _runs_already(directory):
                _stop_orphan(place)
                _make(directory, place)
                _start(directory, place, configuration(place.socket, connections=connections, durable=durable))
        except BaseException:
            os.close(users)
            raise
    return Lease(directory, users, connections)


@contextmanager
def _one_at_a_time(directory: Path) -> Iterator[None]:
    with (directory / "postgres-start.lock").open("w") as starting:
        fcntl.flock(starting, fcntl.LOCK_EX)
        yield


def _runs_already(directory: Path) -> bool:
    """Whether a server answers. One that is just starting or, with its watcher, just ending is waited for."""
    deadline = time.monotonic() + SECONDS_TO_START
    while is_watched(directory) and time.monotonic() < deadline:
        if _connects(embedded_url(directory)):
            return True
        time.sleep(0.05)
    return False


def _connects(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True


def is_watched(directory: Path) -> bool:
    """Whether a watcher runs, and with it the server."""
    with (directory / "postgres-watch.lock").open("a") as watching:
        try:
            fcntl.flock(watching, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _has_users(directory: Path) -> bool:
    """Whether somebody holds a lease. A watcher that waits for the server to stop is nobody."""
    with (directory / "postgres-users.lock").open("a") as users:
        try:
            fcntl.flock(users, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:  # the watcher's
            return False
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _password_file(directory: Path) -> Path:
    return directory / "postgres-password"


def _make(directory: Path, place: Place) -> None:
    """A new cluster with one role that owns one database. Made as a draft, so it is whole or absent."""
    password = _password_file(directory)
    if place.cluster.exists():
        if not password.exists():
            raise PostgresError(f"{place.cluster} holds a database, but its password {password} is missing: restore it")
        return
    password.unlink(missing_ok=True)
    password.touch(mode=0o600)
    password.write_text(secrets.token_urlsafe(24) + "\n", encoding="ascii")
    draft = place.home / "cluster.new"
    shutil.rmtree(draft, ignore_errors=True)
    for private in (draft, place.home / "log"):
        private.mkdir(mode=0o700, exist_ok=True)
        place.runner.own(private)
    binaries = binaries_for(place)
    _initialise(place, binaries, draft)
    # The superuser has no password and may not sign in at all; what only it may do is done here, without a running
    # server. Guanxi's own role can neither read files nor run programs through the database.
    statements = (
        f"CREATE ROLE {NAME} LOGIN CREATEDB PASSWORD '{password.read_text().strip()}'",
        f"GRANT pg_monitor, pg_signal_backend TO {NAME}",
        f"CREATE DATABASE {NAME} OWNER {NAME}",
    )
    script = "".join(f"{statement};\n" for statement in statements)
    done = place.runner.run(binaries / "postgres", "--single", "-D", draft, "postgres", text=script)
    if done.returncode or "ERROR:" in done.stderr:
        raise PostgresError(f"the embedded database could not be made: {_last_line(done.stderr)}")
    draft.rename(place.cluster)


def _initialise(place: Place, binaries: Path, draft: Path) -> None:
    fixed = ("--username=postgres", "--auth=reject", "--encoding=UTF8", "--no-instructions")
    for locale in ("C.UTF-8", "C"):  # the second for systems that do not know the first
        done = place.runner.run(binaries / "initdb", "-D", draft, *fixed, f"--locale={locale}")
        if done.returncode == 0:
            break
    else:
        raise PostgresError(f"the embedded database could not be made: {_last_line(done.stderr)}")
    with (draft / "postgresql.conf").open("a", encoding="utf-8") as configured:
        configured.write("\ninclude = 'guanxi.conf'\ninclude_if_exists = 'local.conf'\n")
    (draft / "guanxi.conf").touch(mode=0o644)
    (draft / "pg_hba.conf").write_text(f"local all {NAME} scram-sha-256\nhost all {NAME} 127.0.0.1/32 scram-sha-256\n", encoding="ascii")


def _start(directory: Path, place: Place, settings: str) -> None:
    binaries = binaries_for(place)
    make_socket_directory(place)
    (place.cluster / "guanxi.conf").write_text(settings, encoding="utf-8")
    task = {
        "postgres": str(binaries / "postgres"),
        "cluster": str(place.cluster),
        "watch_lock": str(directory / "postgres-watch.lock"),
        "users_lock": str(directory / "postgres-users.lock"),
        "environment": plain_environment(),
        "identity": place.runner.identity,
    }
    output = place.home / "start.log"
    with output.open("wb") as log:
        watcher = subprocess.Popen(  # noqa: S603
            [sys.executable, "-P", "-m", "guanxi.web.postgres.watch", json.dumps(task)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd="/",
            start_new_session=True,  # Ctrl-C in the terminal is for Guanxi, which lets the database go last
        )
    if not _answers(embedded_url(directory), watcher):
        raise PostgresError(f"the embedded PostgreSQL did not start: {_reason(place)} (see {output} and {place.home}/log)")


def _answers(url: str, watcher: subprocess.Popen[bytes]) -> bool:
    """Wait until the server accepts connections; false when it ended instead."""
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline:
        if _connects(url):
            # The watcher outlives this process when others use the server; nobody waits for it then.
            threading.Thread(target=watcher.wait, name="postgres watcher", daemon=True).start()
            return True
        if watcher.poll() is not None:
            return False
        time.sleep(0.05)
    watcher.terminate()
    return False


def _stop_orphan(place: Place) -> None:
    """Stop a server whose watcher was killed, wait for what is left of one that was killed itself, and forget it."""
    pid_file = place.cluster / "postmaster.pid"
    if not pid_file.exists():
        return
    pid = int(pid_file.read_text(encoding="ascii").split("\n", 1)[0] or 0)
    if _is_ours(pid, place.cluster):
        _signal([pid], signal.SIGINT)
        _wait_until_none_works(place)
    if _works_in(place.cluster):  # a backend outlives a killed server for a moment; two servers would ruin the data
        _signal(_works_in(place.cluster), signal.SIGQUIT)
        _wait_until_none_works(place)
    if left := _works_in(place.cluster):
        raise PostgresError(f"PostgreSQL (process {left[0]}) of {place.home} does not stop: end it, then try again")
    # A number that is in use again, or whose process nobody has waited for, PostgreSQL takes for a running server.
    if _exists(pid):
        pid_file.unlink(missing_ok=True)


def _wait_until_none_works(place: Place) -> None:
    deadline = time.monotonic() + SECONDS_TO_STOP
    while _works_in(place.cluster) and time.monotonic() < deadline:
        time.sleep(0.05)


def _works_in(cluster: Path) -> list[int]:
    """The living processes of this cluster's server."""
    if Path("/proc/self").exists():
        numbers = [int(process.name) for process in Path("/proc").iterdir() if process.name.isdigit()]
    else:
        pid_file = cluster / "postmaster.pid"
        numbers = [int(pid_file.read_text(encoding="ascii").split("\n", 1)[0])] if pid_file.exists() else []
    return [pid for pid in numbers if _is_ours(pid, cluster)]


def _signal(pids: list[int], how: signal.Signals) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, how)


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def _is_ours(pid: int, cluster: Path) -> bool:
    """Whether this process is a PostgreSQL of this cluster: each works in the cluster's directory."""
    if Path("/proc/self").exists():
        try:
            return Path(f"/proc/{pid}/cwd").readlink() == cluster and _state(pid) != "Z"
        except OSError:
            return False
    said = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False)  # noqa: S603, S607
    return "postgres" in said.stdout and str(cluster) in said.stdout


def _state(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[0]


def _reason(place: Place) -> str:
    """What PostgreSQL said last of why it ended."""
    said = (place.home / "start.log").read_text(encoding="utf-8", errors="replace")
    logs = sorted((place.home / "log").glob("*.log"), key=lambda log: log.stat().st_mtime)
    if "FATAL" not in said and logs:
        said = logs[-1].read_text(encoding="utf-8", errors="replace")[-20_000:]
    fatal = [line for line in said.splitlines() if "FATAL" in line or "PANIC" in line]
    return fatal[-1].partition("FATAL:")[2].strip() or fatal[-1] if fatal else _last_line(said)


def _last_line(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if "error" in line.lower() or "FATAL" in line]
    return (errors or lines or ["it said nothing"])[-1].strip()
