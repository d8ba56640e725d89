"""Run everything: web, worker and, unless GUANXI_DATABASE_URL is set, PostgreSQL."""

import fcntl
import http.client
import logging
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import click
import psycopg

from guanxi.web.command import DATABASE, TAKEN, RefusedError, lease_of_database
from guanxi.web.environment import Environment, environment
from guanxi.web.listening import listen
from guanxi.web.postgres.cluster import Lease
from guanxi.web.postgres.current import is_current
from guanxi.web.postgres.place import make_data_directory
from guanxi.web.supervisor import Child, GaveUpError, Supervisor

STANDS_ALONE = True

log = logging.getLogger(__name__)


def register(cli: click.Group) -> None:
    cli.add_command(serve)


@click.command()
@click.option(
    "--migrate/--no-migrate",
    default=None,
    help="Bring the database up to date first. Default: where it is the embedded one.",
)
def serve(migrate: bool | None) -> None:
    """Run web, worker and the embedded PostgreSQL until Ctrl-C.

    \b
    Exit codes: 0 stopped · 1 a process cannot run, or the port is taken · 3 wrong settings
                4 no database · 5 another process serves this data directory
    """
    settings = environment()
    logging.basicConfig(level=settings.log_level, format="%(asctime)s %(levelname)-7s %(name)s: %(message)s")
    make_data_directory(settings.directory)
    with _sole_server_of(settings.directory):
        listening = listen(settings)
        lease = lease_of_database()
        if lease is None:
            psycopg.connect(settings.database_url, connect_timeout=10).close()  # or say at once that it is not there
        try:
            if migrate or (migrate is None and lease and not is_current(settings.directory)):
                _migrate()
            _run(settings, listening, lease)
        finally:
            if lease:
                lease.release_and_wait()


@contextmanager
def _sole_server_of(directory: Path) -> Iterator[None]:
    with (directory / "serve.lock").open("a+", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise RefusedError(f"{directory} is served already, by process {lock.read().strip()}", TAKEN) from None
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        yield


def _migrate() -> None:
    done = subprocess.run([sys.executable, "-P", "-m", "guanxi.web", "migrate"], check=False)
    if done.returncode:
        raise RefusedError("the database could not be brought up to date; nothing was started", DATABASE)


def _run(settings: Environment, listening: socket.socket, lease: Lease | None) -> None:
    web = ["web", "--listening", str(listening.fileno())]
    webs = [Child(web, handles=(listening.fileno(),)) for _ in range(settings.web_processes)]
    supervisor = Supervisor([*webs, Child(["worker"])])

    def stop(_signal: int, _frame: FrameType | None) -> None:
        supervisor.stopping = True

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
    supervisor.start()
    try:
        supervisor.watch(until=lambda: _answers(settings))
        if not supervisor.stopping:
            click.echo(_welcome(settings))
        while not supervisor.stopping:
            supervisor.watch(until=lambda: lease is not None and not lease.holds)
            if lease and not supervisor.stopping:
                log.error("PostgreSQL is gone; starting it again")
                lease.renew()
    except GaveUpError as gave_up:
        raise RefusedError(str(gave_up)) from gave_up
    finally:
        supervisor.stop()


def _welcome(settings: Environment) -> str:
    """Where Guanxi is and how to get in: an empty one is set up with a token, the demo has logins to try."""
    lines = [f"Guanxi is ready at {settings.address} (Ctrl-C stops it)"]
    token = settings.directory / "set-up-token"
    if token.exists():
        lines.append(f"Set it up at {settings.address}/set-up?token={token.read_text(encoding='ascii').strip()}")
    logins = settings.directory / "demo-logins.txt"
    if logins.exists():
        lines.append(logins.read_text(encoding="utf-8").rstrip())
    return "\n".join(lines)


def _answers(settings: Environment) -> bool:
    connection = http.client.HTTPConnection(settings.reached_at, settings.port, timeout=2)
    try:
        connection.request("GET", "/health", headers={"Host": "localhost"})
        return connection.getresponse().status == http.client.OK
    except OSError:
        return False
    finally:
        connection.close()
