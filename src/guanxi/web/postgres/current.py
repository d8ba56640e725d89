"""Whether the embedded database has the tables of this very version, known without asking it: a start is quicker so."""

import hashlib
from importlib.metadata import version
from pathlib import Path

import guanxi

# Packages that bring tables of their own.
PACKAGES = ("django", "django-allauth", "procrastinate")


def is_current(directory: Path) -> bool:
    """Whether `mark_current` was called by code with the same migrations. False proves nothing."""
    mark = _mark(directory)
    return mark.exists() and mark.read_text(encoding="ascii") == _wanted()


def mark_current(directory: Path) -> None:
    """Note that all migrations have run."""
    _mark(directory).write_text(_wanted(), encoding="ascii")


def _mark(directory: Path) -> Path:
    return directory / "postgres" / "migrated"  # with the database, so that they are moved and restored together


def _wanted() -> str:
    migrations = sorted(str(path) for path in Path(guanxi.__file__).parent.glob("**/migrations/*.py"))
    packages = [f"{name} {version(name)}" for name in PACKAGES]
    return hashlib.sha256("\n".join([*migrations, *packages]).encode()).hexdigest()
