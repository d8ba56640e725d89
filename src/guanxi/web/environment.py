"""What an operator may set: every `GUANXI_*` variable, its meaning, its default, and how its text is read.

Nothing else in Guanxi reads the process environment. The strings below the fields are the reference page.
"""

import ast
import difflib
import inspect
import os
import re
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from email.utils import parseaddr
from functools import cache
from pathlib import Path
from typing import TypeVar
from urllib.parse import parse_qsl, urlsplit

from guanxi.base.zones import is_zone

T = TypeVar("T")

PREFIX = "GUANXI_"
LANGUAGES = ("en", "zh-hans")
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
# Read by the test suite and the Makefile, never by the product.
OTHER_VARIABLES = frozenset({"GUANXI_TEST_DATABASE", "GUANXI_TEST_DATA", "GUANXI_LIFELINE"})
SECRET_VARIABLES = frozenset({"GUANXI_SECRET_KEY", "GUANXI_DATABASE_URL", "GUANXI_MAIL_URL", "GUANXI_MAIL_IN_URL"})
TLS_MODES = ("starttls", "none")


class BadEnvironmentError(Exception):
    """The environment holds values that cannot be used; `problems` has one line for each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


def text(value: str) -> str:
    return value


def yes_or_no(value: str) -> bool:
    if value.lower() in ("1", "true", "yes", "on"):
        return True
    if value.lower() in ("0", "false", "no", "off", ""):
        return False
    raise ValueError("is neither yes nor no")


def whole_number(low: int, high: int) -> Callable[[str], int]:
    def read(value: str) -> int:
        try:
            number = int(value)
        except ValueError:
            raise ValueError("is not a whole number") from None
        if not low <= number <= high:
            raise ValueError(f"is not between {low} and {high}")
        return number

    return read


def one_of(*allowed: str) -> Callable[[str], str]:
    def read(value: str) -> str:
        for choice in allowed:
            if value.lower() == choice.lower():
                return choice
        raise ValueError(f"is not one of {', '.join(allowed)}")

    return read


def names(value: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in value.split(",") if part.strip())


def directory(value: str) -> Path | None:
    return Path(value).expanduser().absolute() if value else None


def time_zone(value: str) -> str:
    if not is_zone(value):
        raise ValueError("is not a time zone such as Asia/Shanghai")
    return value


def postgres_url(value: str) -> str:
    if value and urlsplit(value).scheme not in ("postgresql", "postgres"):
        raise ValueError("is not a PostgreSQL address such as postgresql://user:password@host/database")
    return value


def mail_url(value: str) -> str:
    if value and not _is_server(value, ("smtp", "smtps")):
        raise ValueError("is not a mail server such as smtp://user:password@host:587")
    tls = dict(parse_qsl(urlsplit(value).query)).get("tls", "starttls")
    if tls not in TLS_MODES:
        raise ValueError("has a tls that is not one of starttls, none")
    return value


def mail_in_url(value: str) -> str:
    if value and not (_is_server(value, ("imap", "imaps")) and urlsplit(value).username):
        raise ValueError("is not a mailbox such as imaps://user:password@host/INBOX")
    return value


def _is_server(value: str, schemes: tuple[str, ...]) -> bool:
    parts = urlsplit(value)
    try:
        return parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
    except ValueError:  # the port is no number; its message would show a part of the secret
        return False


def sender(value: str) -> str:
    address = parseaddr(value)[1]
    if not re.fullmatch(r"[^@\s]+@[^@\s]+", address):
        raise ValueError("is not a sender such as Harbour Trading <crm@example.com>")
    return value


def web_url(value: str) -> str:
    parts = urlsplit(value)
    if value and (parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/")):
        raise ValueError("is not an address such as https://crm.example.com")
    return value.rstrip("/")


def secret(value: str) -> str:
    if value and len(value) < 32:
        raise ValueError("is shorter than 32 characters")
    return value


def setting(read: Callable[[str], T], default: T) -> T:
    """A field of `Environment`: `read` turns the variable's text into its value or raises ValueError saying why not."""
    value: T = field(default=default, metadata={"read": read})
    return value


@dataclass(frozen=True, kw_only=True)
class Environment:
    """The settings of one process, read once."""

    data_dir: Path | None = setting(directory, None)
    """Directory for everything Guanxi keeps on disk: the embedded database, the secret key, uploaded files.
    Unset, it is `.guanxi` in the working directory where that exists, else `~/.local/share/guanxi`."""

    database_url: str = setting(postgres_url, "")
    """PostgreSQL 16 or newer to use, as postgresql://user:password@host:port/database. Unset, Guanxi runs the
    PostgreSQL it brings along inside the data directory."""

    database_pool: int = setting(whole_number(0, 500), 20)
    """Connections one web process may hold. 0 opens one for each request instead."""

    secret_key: str = setting(secret, "")
    """Signs sessions and links. Unset, it is generated once into the data directory; set it to the same value on
    every machine when several serve one database."""

    host: str = setting(text, "127.0.0.1")
    """Address to listen on. 0.0.0.0 listens on all of the machine's."""

    port: int = setting(whole_number(1, 65535), 8000)
    """Port to listen on."""

    public_url: str = setting(web_url, "")
    """Address people type, such as https://crm.example.com. Links in e-mails use it; with https, cookies are sent
    over https alone. Unset, it is http://host:port."""

    allowed_hosts: tuple[str, ...] = setting(names, ())
    """Further host names to answer to, separated by commas. The host of GUANXI_PUBLIC_URL, the listening address and
    this machine's loopback names are always among them; * answers to all."""

    behind_proxy: bool = setting(yes_or_no, False)
    """Believe X-Forwarded-Proto and X-Forwarded-For. Only for a reverse proxy that sets them itself."""

    web_processes: int = setting(whole_number(1, 64), 1)
    """Web processes that share the port."""

    web_threads: int = setting(whole_number(1, 200), 8)
    """Requests one web process answers at once."""

    worker_concurrency: int = setting(whole_number(1, 100), 4)
    """Background jobs one worker runs at once."""

    max_body_mb: int = setting(whole_number(1, 4096), 200)
    """Largest request body accepted, in MiB: the size of the largest file that can be imported, or of all that are attached at once."""

    max_file_mb: int = setting(whole_number(1, 4096), 25)
    """Largest file that can be attached to a record, in MiB; no more than GUANXI_MAX_BODY_MB has any effect."""

    deleted_files_days: int = setting(whole_number(0, 36_500), 90)
    """Days for which deleted files stay in the trash, their own or their record's, before they go from the disk for good.
    0 keeps them for ever."""

    receipts_above: int = setting(whole_number(0, 1_000_000_000), 0)
    """Expense claims of more than this, in whatever currency they are, are marked as long as no receipt is attached."""

    language: str = setting(one_of(*LANGUAGES), "en")
    """Language of people who have not chosen theirs: en or zh-hans."""

    time_zone: str = setting(time_zone, "UTC")
    """Time zone of people who have not chosen theirs, such as Asia/Shanghai."""

    mail_url: str = setting(mail_url, "")
    """Mail server, as smtp://user:password@host:587 (with STARTTLS as soon as there is a user; ?tls=starttls and
    ?tls=none say otherwise) or smtps://user:password@host (TLS from the start, port 465). Unset, nothing is sent to
    customers, and the system's own mail is written to files in the data directory's `mail` folder."""

    mail_from: str = setting(sender, "guanxi@localhost")
    """Sender of all mail, such as Harbour Trading <crm@example.com>. Mail to customers carries the seller's name with
    this address, and answers go to the seller's own."""

    mail_per_minute: int = setting(whole_number(1, 10_000), 60)
    """Mails handed to the mail server within a minute at most; more wait for the next."""

    mail_in_url: str = setting(mail_in_url, "")
    """Mailbox whose mail becomes leads and activities, as imaps://user:password@host/INBOX, or imap://… with STARTTLS.
    It is asked every minute; what was taken is marked as read. Unset, only `guanxi mail-in` takes mail."""

    log_level: str = setting(one_of(*LOG_LEVELS), "INFO")
    """Least serious message to log: DEBUG, INFO, WARNING or ERROR."""

    debug: bool = setting(yes_or_no, False)
    """Show error pages with source, tracebacks in the terminal, and static files without caching. Never in
    production."""

    @property
    def directory(self) -> Path:
        """The data directory, defaults applied."""
        if self.data_dir:
            return self.data_dir
        here = Path(".guanxi").absolute()
        return here if here.is_dir() else Path("~/.local/share/guanxi").expanduser()

    @property
    def address(self) -> str:
        """The address people type, defaults applied."""
        return self.public_url or f"http://{self.reached_at}:{self.port}"

    @property
    def reached_at(self) -> str:
        """Where this machine reaches its own web processes."""
        return "127.0.0.1" if self.host == "0.0.0.0" else self.host  # noqa: S104 # compared, not bound

    @property
    def https(self) -> bool:
        return urlsplit(self.address).scheme == "https"

    @property
    def hosts(self) -> list[str]:
        """Host names Django answers to."""
        public = urlsplit(self.address).hostname or ""
        return sorted({public, self.host, "localhost", "127.0.0.1", "[::1]", *self.allowed_hosts})


def read(variables: Mapping[str, str]) -> Environment:
    """The environment that `variables` describe; BadEnvironmentError names every one that is wrong or unknown."""
    values: dict[str, object] = {}
    problems = []
    known = {PREFIX + declared.name.upper(): declared for declared in fields(Environment)}
    for name, value in sorted(variables.items()):
        if not name.startswith(PREFIX) or name in OTHER_VARIABLES:
            continue
        if name not in known:
            close = difflib.get_close_matches(name, known, n=1)
            problems.append(f"{name} is not a setting" + (f"; did you mean {close[0]}?" if close else ""))
            continue
        try:
            values[known[name].name] = known[name].metadata["read"](value.strip())
        except ValueError as wrong:
            shown = "its value" if name in SECRET_VARIABLES else repr(value)
            problems.append(f"{name}: {shown} {wrong}")
    if problems:
        raise BadEnvironmentError(problems)
    return Environment(**values)  # type: ignore[arg-type] # each value was made by its own field's `read`


@cache
def environment() -> Environment:
    """This process's environment."""
    return read(os.environ)


@dataclass(frozen=True)
class Variable:
    """One line of the settings reference."""

    name: str
    default: str
    meaning: str


def reference() -> list[Variable]:
    """Every setting with its default and the docstring that stands below it."""
    source = ast.parse(textwrap.dedent(inspect.getsource(Environment))).body[0]
    assert isinstance(source, ast.ClassDef)  # it is the class above
    meanings = {}
    for declared, below in zip(source.body, source.body[1:], strict=False):
        match declared, below:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(meaning))):
                meanings[name] = " ".join(meaning.split())
    return [Variable(PREFIX + declared.name.upper(), _shown(declared.default), meanings[declared.name]) for declared in fields(Environment)]


def _shown(default: object) -> str:
    if default is None or default == () or default == "":
        return ""
    return {True: "yes", False: "no"}[default] if isinstance(default, bool) else str(default)
