"""What every test stands on: an environment of its own, a PostgreSQL, the shared data sets, the browser.

`GUANXI_DATABASE_URL` points the tests at a server that runs already; without it they start the embedded one in a
temporary directory. `GUANXI_TEST_DATABASE` names the test database, so that several runs can share a server.
Runs side by side (`pytest -n 2`) each have a server of their own, or a test database of their own on the given one.
"""

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

KEPT = {"GUANXI_DATABASE_URL", "GUANXI_TEST_DATABASE", "GUANXI_TEST_DATA"}
for _name in [name for name in os.environ if name.startswith("GUANXI_") and name not in KEPT]:
    del os.environ[_name]
os.environ["DJANGO_SETTINGS_MODULE"] = "guanxi.web.settings"
# Passable for the user PostgreSQL runs as when the tests run as root, unlike pytest's own temporary directories.
DATA_DIRECTORY = Path(tempfile.mkdtemp(prefix="guanxi-tests-"))
DATA_DIRECTORY.chmod(0o711)
atexit.register(shutil.rmtree, DATA_DIRECTORY, ignore_errors=True)
os.environ["GUANXI_DATA_DIR"] = str(DATA_DIRECTORY)
os.environ["GUANXI_SECRET_KEY"] = "only-for-tests-" * 4
os.environ["GUANXI_DATABASE_POOL"] = "0"
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright keeps an event loop in the thread that runs the tests

import django  # noqa: E402 # after the environment above, which its settings are read from

django.setup()

CHROMIUM = Path("/usr/bin/chromium")
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--no-first-run",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What a browser failed at is tried once more, and named in the summary: on a busy machine a page may take its time."""
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.fixture(scope="session")
def django_db_modify_db_settings() -> Iterator[None]:
    """Start a PostgreSQL if none was given, and name the test database; pytest-django makes it next."""
    from django.db import connections

    settings_dict = connections["default"].settings_dict
    name = os.environ.get("GUANXI_TEST_DATABASE")
    beside = os.environ.get("PYTEST_XDIST_WORKER", "")
    if name or beside:
        settings_dict["TEST"]["NAME"] = "_".join(filter(None, (name or "test_guanxi", beside)))
    if os.environ.get("GUANXI_DATABASE_URL"):
        yield
        return
    from guanxi.web.postgres.cluster import use
    from guanxi.web.settings import database

    lease = use(DATA_DIRECTORY, durable=False)
    settings_dict.update({key: value for key, value in database(lease.url).items() if key != "OPTIONS"})
    yield
    lease.release_and_wait()


@pytest.fixture(scope="session")
def django_db_keepdb(django_db_keepdb: bool) -> bool:
    """A database on a server of our own goes with it; nobody has to drop it first."""
    return django_db_keepdb or "GUANXI_DATABASE_URL" not in os.environ


@pytest.fixture(scope="session", autouse=True)
def _patient_flush() -> Iterator[None]:
    """A page that is still asking may stand in the way of emptying the tables (a deadlock); then they are emptied once more."""
    import time

    from django.core.management.base import CommandError
    from django.core.management.commands.flush import Command

    once = Command.handle

    def handle(self: Any, **options: Any) -> None:
        for left in (3, 2, 1, 0):
            try:
                once(self, **options)
                break
            except CommandError:
                if not left:
                    raise
                time.sleep(0.5)

    Command.handle = handle
    yield
    Command.handle = once


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    """What a page was asked in stays the thread's language; the next test begins with the usual one."""
    from django.utils import translation

    yield
    translation.deactivate()


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The public data sets that lie beside the repository."""
    beside = Path(__file__).resolve().parents[2] / "shared" / "data"
    path = Path(os.environ.get("GUANXI_TEST_DATA", beside))
    if not path.is_dir():
        reason = f"no data sets at {path}; set GUANXI_TEST_DATA to their directory"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return path


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """The system's Chromium where there is one, Playwright's own elsewhere."""
    system = {"executable_path": str(CHROMIUM)} if CHROMIUM.exists() else {}
    return {**browser_type_launch_args, **system, "args": CHROMIUM_FLAGS}


@pytest.fixture(scope="session")
def _server(django_db_setup: None) -> Iterator[str]:
    """The real dispatcher under uvicorn on a free port of this machine, over the test database."""
    import threading
    import time

    from guanxi.web.asgi import application
    from guanxi.web.environment import Environment
    from guanxi.web.listening import listening_socket
    from guanxi.web.server import Server

    listening = listening_socket("127.0.0.1", 0)
    server = Server(application, Environment())
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, name="live server")
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.02)
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.stop()
    thread.join(30)


@pytest.fixture
def live(_server: str, transactional_db: None) -> str:
    """The address of a running Guanxi; what the test writes is committed, and emptied afterwards."""
    return _server


@pytest.fixture(autouse=True)
def _fresh_memory() -> Iterator[None]:
    """What processes remember does not outlive a test."""
    from guanxi.record import memory

    memory._remembered.clear()
    yield
    memory._remembered.clear()


@pytest.fixture
def cast(db: None) -> Any:
    """The cast of every test: a company with two teams and four people. See `tests.cast.Cast`."""
    from tests.cast import found

    return found()


@pytest.fixture
def client_of() -> Any:
    """Signed-in test clients: `client_of(cast.bob)`."""
    from tests.cast import signed_in

    return signed_in


@pytest.fixture
def plenty(cast: Any) -> Any:
    """Makes records of any entity: `plenty.of("deals", 3)`."""
    from tests.plenty import Plenty

    return Plenty()
