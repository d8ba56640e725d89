"""The embedded PostgreSQL: made once, shared, stopped with its last user, and back after every kind of kill."""

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from guanxi.web.postgres.cluster import embedded_url, is_watched, use
from guanxi.web.postgres.place import PostgresError
from guanxi.web.postgres.tuning import GIB, MIB, configuration
from tests.operations.conftest import environment_for, processes_of, wait_for

pytestmark = pytest.mark.slow
root_only = pytest.mark.skipif(os.geteuid() != 0, reason="only root hands PostgreSQL to another user")

HOLDER = """
import sys, time
from pathlib import Path
from guanxi.web.postgres.cluster import use
lease = use(Path(sys.argv[1]))
print("holding", flush=True)
time.sleep(600)
"""


def ask(url: str, question: str) -> object:
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute(question).fetchone()
        return row[0] if row else None


def tell(url: str, *statements: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)


def hold(directory: Path) -> subprocess.Popen[str]:
    """Another process that uses the database."""
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(directory)],
        stdout=subprocess.PIPE,
        text=True,
        env=environment_for(directory),
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "holding\n"
    holder.stdout.close()
    return holder


def postmaster(directory: Path) -> int:
    return int((directory / "postgres" / "cluster" / "postmaster.pid").read_text().split()[0])


def kill(*pids: int) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):  # ended by the death of another
            os.kill(pid, signal.SIGKILL)


def test_it_stops_when_its_last_user_is_gone_and_keeps_what_was_written(data_directory: Path) -> None:
    first = use(data_directory)
    second = use(data_directory)
    tell(first.url, "CREATE TABLE kept (n int)", "INSERT INTO kept VALUES (7)")

    first.release()
    assert ask(second.url, "SELECT n FROM kept") == 7
    second.release_and_wait()

    assert processes_of(data_directory) == set()
    assert not (data_directory / "postgres" / "cluster" / "postmaster.pid").exists()
    with use(data_directory) as again:
        assert ask(again.url, "SELECT n FROM kept") == 7


def test_a_user_that_is_killed_is_a_user_that_is_gone(data_directory: Path) -> None:
    holder = hold(data_directory)

    holder.kill()
    holder.wait()

    wait_for(lambda: processes_of(data_directory) == set())


def test_after_everything_was_killed_it_starts_with_all_that_was_committed(data_directory: Path) -> None:
    holder = hold(data_directory)
    tell(embedded_url(data_directory), "CREATE TABLE kept (n int)", "INSERT INTO kept VALUES (7)")

    kill(*processes_of(data_directory))
    holder.wait()

    with use(data_directory) as lease:
        assert ask(lease.url, "SELECT n FROM kept") == 7


def test_when_only_the_watcher_was_killed_the_next_start_is_clean(data_directory: Path) -> None:
    holder = hold(data_directory)
    server = postmaster(data_directory)
    watcher = int(Path(f"/proc/{server}/stat").read_text().rpartition(")")[2].split()[1])

    kill(watcher)
    wait_for(lambda: not is_watched(data_directory))

    with use(data_directory) as lease:
        assert ask(lease.url, "SELECT 1") == 1
        assert postmaster(data_directory) != server
    kill(holder.pid)
    holder.wait()


def test_when_only_the_server_was_killed_a_holder_can_have_it_again(data_directory: Path) -> None:
    with use(data_directory) as lease:
        kill(postmaster(data_directory))
        wait_for(lambda: not lease.holds)

        lease.renew()

        assert (lease.holds, ask(lease.url, "SELECT 1")) == (True, 1)


def test_a_process_that_got_the_number_of_a_dead_server_does_not_bar_the_start(data_directory: Path) -> None:
    use(data_directory).release_and_wait()
    stale = data_directory / "postgres" / "cluster" / "postmaster.pid"
    stranger = subprocess.Popen(["sleep", "600"])
    stale.write_text(f"{stranger.pid}\n{stale.parent}\n0\n5432\n\n\n0 0\n")
    shutil.chown(stale, stale.parent.owner())

    with use(data_directory) as lease:
        assert ask(lease.url, "SELECT 1") == 1
    assert stranger.poll() is None
    stranger.kill()
    stranger.wait()


def test_a_making_that_was_interrupted_begins_anew(data_directory: Path) -> None:
    use(data_directory).release_and_wait()
    home = (data_directory / "postgres").resolve()
    (home / "cluster").rename(home / "cluster.new")
    (home / "cluster.new" / "PG_VERSION").unlink()

    with use(data_directory) as lease:
        assert ask(lease.url, "SELECT 1") == 1


def test_its_role_owns_its_data_and_nothing_else(data_directory: Path) -> None:
    with use(data_directory) as lease:
        assert ask(lease.url, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is False
        for forbidden in ("COPY (SELECT 1) TO PROGRAM 'true'", "SELECT pg_read_file('/etc/passwd')"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                tell(lease.url, forbidden)
        for intruder in ("postgres", "guanxi"):
            with pytest.raises(psycopg.OperationalError):
                psycopg.connect(host=str(data_directory / "postgres" / "socket"), user=intruder, dbname="guanxi")
    assert (data_directory / "postgres-password").stat().st_mode & 0o777 == 0o600
    assert (data_directory / "postgres" / "socket").stat().st_mode & 0o777 == 0o700


def test_a_commit_is_on_disk_and_no_port_is_open(data_directory: Path) -> None:
    with use(data_directory) as lease:
        settings = ("synchronous_commit", "fsync", "full_page_writes", "listen_addresses", "server_encoding")

        assert [ask(lease.url, f"SHOW {name}") for name in settings] == ["on", "on", "on", "", "UTF8"]


def test_a_cluster_of_another_version_is_refused_with_what_to_do(data_directory: Path) -> None:
    use(data_directory).release_and_wait()
    (data_directory / "postgres" / "cluster" / "PG_VERSION").write_text("13\n")

    with pytest.raises(PostgresError, match=r"made by PostgreSQL 13; this Guanxi carries 16 and 18: dump it"):
        use(data_directory)


def test_a_lost_password_is_said_and_not_replaced(data_directory: Path) -> None:
    use(data_directory).release_and_wait()
    (data_directory / "postgres-password").unlink()

    with pytest.raises(PostgresError, match=r"its password .* is missing: restore it"):
        use(data_directory)


def test_a_deep_directory_has_its_socket_elsewhere(data_directory: Path) -> None:
    deep = data_directory / ("a" * 60) / ("b" * 60)

    with use(deep) as lease:
        assert "host=/tmp/guanxi-" in lease.url
        assert ask(lease.url, "SELECT 1") == 1
        socket_directory = Path(lease.url.partition("host=")[2])
    assert socket_directory.stat().st_mode & 0o777 == 0o700
    shutil.rmtree(socket_directory)


@pytest.fixture
def private_directory() -> Iterator[Path]:
    """A directory that only its owner may enter, as root's home is."""
    path = Path(tempfile.mkdtemp(prefix="gx-private-", dir="/tmp"))
    yield path
    home = (path / "data" / "postgres").resolve()
    shutil.rmtree(path)
    if home.parent == Path("/var/lib/guanxi"):
        shutil.rmtree(home, ignore_errors=True)


@root_only
def test_root_may_keep_data_where_only_root_can_go(private_directory: Path) -> None:
    directory = private_directory / "data"

    with use(directory) as lease:
        assert ask(lease.url, "SELECT 1") == 1
        assert (directory / "postgres").is_symlink()
        assert Path(f"/proc/{postmaster(directory)}").stat().st_uid != 0
    wait_for(lambda: not is_watched(directory))

    shutil.rmtree((directory / "postgres").resolve())
    with pytest.raises(PostgresError, match="which is gone: put the database back there"):
        use(directory)


@root_only
def test_an_ordinary_user_needs_no_root_and_root_runs_it_as_that_user(data_directory: Path) -> None:
    nobody = pwd.getpwnam("nobody")
    os.chown(data_directory, nobody.pw_uid, nobody.pw_gid)
    once = "import sys; from pathlib import Path; from guanxi.web.postgres.cluster import use; use(Path(sys.argv[1]))"
    try:
        done = subprocess.run(
            [sys.executable, "-c", once, str(data_directory)],
            user=nobody.pw_uid,
            group=nobody.pw_gid,
            extra_groups=[],
            cwd="/",
            env=environment_for(data_directory),
            capture_output=True,
            text=True,
            check=False,
        )
    except PermissionError:
        pytest.skip("this source tree lies where other users cannot read it")
    if "No module named" in done.stderr or "PermissionError" in done.stderr.partition("postgres")[0]:
        pytest.skip("this source tree lies where other users cannot read it")

    assert (done.returncode, done.stderr) == (0, "")
    with use(data_directory):
        assert Path(f"/proc/{postmaster(data_directory)}").stat().st_uid == nobody.pw_uid
    assert (data_directory / "postgres-password").stat().st_uid == nobody.pw_uid


def test_memory_is_shared_with_the_rest_of_the_machine() -> None:
    small = configuration(Path("/s"), connections=50, durable=True, available=GIB)
    large = configuration(Path("/s"), connections=50, durable=True, available=64 * GIB)

    assert "shared_buffers = '128MB'" in small
    assert "shared_buffers = '4096MB'" in large
    assert "work_mem = '4MB'" in configuration(Path("/s"), connections=50, durable=True, available=512 * MIB)
