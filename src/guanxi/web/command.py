"""The `guanxi` command: finds its subcommands in `commands/`, prepares what they need, turns failures into one line.

Exit codes: 0 done · 1 refused or failed · 2 wrong usage · 3 wrong settings · 4 no database · 5 the data directory is
served by another process · 130 interrupted. Errors go to stderr; GUANXI_DEBUG=1 adds the traceback.
"""

import ast
import functools
import importlib
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from guanxi import __version__
from guanxi.web.environment import BadEnvironmentError, environment
from guanxi.web.postgres.cluster import Lease, use
from guanxi.web.postgres.place import PostgresError

FAILED, USAGE, SETTINGS, DATABASE, TAKEN, INTERRUPTED = 1, 2, 3, 4, 5, 130
COMMANDS = Path(__file__).parent / "commands"
NO_SUCH = ("42P01", "42703")
"""What PostgreSQL says where there is no such table or column."""


class RefusedError(click.ClickException):
    """A command that cannot do what it was asked: one sentence for the person, and an exit code."""

    def __init__(self, message: str, exit_code: int = FAILED) -> None:
        super().__init__(message)
        self.code = exit_code


NO_SUCH = ("42P01", "42703")
"""What PostgreSQL answers where a table or a column is missing."""


class Commands(click.Group):
    """Subcommands that are imported when they are called.

    Each is a module of `commands/` with `register(cli)`; a trailing underscore in its name keeps clear of Python's
    words (`import_.py`), others are dashes. It is imported once Django is ready and runs with a database, unless it says
    `STANDS_ALONE = True`. The first line of its docstring is its line in the help.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(_modules())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.commands and cmd_name in _modules():
            path = _modules()[cmd_name]
            alone = _stands_alone(path)
            if not alone:
                prepare_django(pooled=cmd_name == "web")
            importlib.import_module(f"guanxi.web.commands.{path.stem}").register(self)
            if not alone:
                self.commands[cmd_name].callback = _with_database(self.commands[cmd_name].callback)
        return super().get_command(ctx, cmd_name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, _summary(path)) for name, path in sorted(_modules().items())])


@functools.cache
def _modules() -> dict[str, Path]:
    """Subcommands by name. Read and not imported, so that help is quick and works without a database."""
    commands = (path for path in COMMANDS.glob("*.py") if "\ndef register(" in path.read_text("utf-8"))
    return {path.stem.rstrip("_").replace("_", "-"): path for path in commands}


def _summary(path: Path) -> str:
    return (ast.get_docstring(ast.parse(path.read_text("utf-8"))) or "").partition("\n")[0]


def _stands_alone(path: Path) -> bool:
    return "\nSTANDS_ALONE = True\n" in path.read_text("utf-8")


def prepare_django(*, pooled: bool) -> None:
    """Django, set up; the database is asked nothing yet. Without many threads a pool of connections is but a delay."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guanxi.web.settings")
    environment()
    import django  # noqa: PLC0415 # slow, and of no use to `guanxi --help`

    django.setup()
    from django.db import connections  # noqa: PLC0415 # as above

    if not pooled:
        connections.settings["default"]["OPTIONS"].pop("pool", None)


def _with_database(callback: Callable[..., Any] | None) -> Callable[..., Any]:
    @functools.wraps(callback or (lambda: None))
    def run(*args: Any, **values: Any) -> Any:
        lease = lease_of_database()
        if lease:
            click.get_current_context().with_resource(lease)
            _reach(lease)
        return callback(*args, **values) if callback else None

    return run


def _reach(lease: Lease) -> None:
    """Tell Django where the database is, which it could not know when it was set up before the first start."""
    from django.db import connections  # noqa: PLC0415 # slow, and of no use to `guanxi --help`

    from guanxi.web.settings import database  # noqa: PLC0415 # as above

    known = database(lease.url)
    connections.settings["default"].update({name: known[name] for name in ("HOST", "PASSWORD")})


def lease_of_database() -> Lease | None:
    """The embedded database, running; None where GUANXI_DATABASE_URL names another."""
    settings = environment()
    if settings.database_url:
        return None
    per_process = settings.database_pool or settings.web_threads
    return use(settings.directory, connections=max(100, settings.web_processes * per_process + 40))


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="guanxi")
def cli() -> None:
    """Guanxi, a self-hosted CRM. Settings are GUANXI_* variables: `guanxi check --settings` lists them."""


def main() -> None:
    """Run the command line and exit with its code."""
    try:
        code = cli(prog_name="guanxi", standalone_mode=False)
    except Exception as failed:
        if _debugging() and not isinstance(failed, click.ClickException):
            raise
        code = _explain(failed)
    except KeyboardInterrupt:
        code = INTERRUPTED
    sys.exit(code if isinstance(code, int) else 0)


def _debugging() -> bool:
    try:
        return environment().debug
    except BadEnvironmentError:
        return False


def _explain(failed: Exception) -> int:
    """One line for the person who typed the command; the exit code."""
    match failed:
        case click.exceptions.NoArgsIsHelpError() | click.exceptions.Exit() | click.Abort():
            return _quietly(failed)
        case RefusedError():
            _say(failed.format_message())
            return failed.code
        case click.ClickException():
            _say(failed.format_message())
            return USAGE
        case BadEnvironmentError():
            for problem in failed.problems:
                _say(problem)
            return SETTINGS
        case PostgresError():
            _say(str(failed))
            return DATABASE
        case BrokenPipeError():
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return FAILED
    return _explain_others(failed)


def _quietly(failed: Exception) -> int:
    if isinstance(failed, click.exceptions.NoArgsIsHelpError):
        failed.show()
        return USAGE
    return failed.exit_code if isinstance(failed, click.exceptions.Exit) else INTERRUPTED


def _explain_others(failed: Exception) -> int:
    first = (str(failed).strip().splitlines() or [""])[0]
    name = type(failed).__name__
    if name == "ImproperlyConfigured":
        _say(first)
        return SETTINGS
    if name in ("OperationalError", "InterfaceError", "PoolTimeout"):
        _say(f"the database does not answer: {first}")
        return DATABASE
    if getattr(failed.__cause__, "sqlstate", "") in NO_SUCH:
        _say(f"the database has not the tables of this version; `guanxi migrate` makes them ({first})")
        return DATABASE
    _say(f"{name}: {first} (GUANXI_DEBUG=1 shows where)")
    return FAILED


def _say(line: str) -> None:
    click.echo(f"guanxi: {line}", err=True)
