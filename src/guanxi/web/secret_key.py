"""The key that signs sessions and links: made once, readable by its owner alone."""

import os
import secrets
import tempfile
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured


def secret_key_in(directory: Path) -> str:
    """The key kept in `directory`, made on first use. Two processes that start at once agree on one key.

    ImproperlyConfigured where it can be neither read nor made.
    """
    path = directory / "secret-key"
    try:
        if not path.exists():
            _make(path)
        return path.read_text(encoding="ascii").strip()
    except OSError as failed:
        raise ImproperlyConfigured(f"GUANXI_DATA_DIR: {directory} cannot be used ({failed.strerror}); name another directory") from failed


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=".secret-key-")  # mode 600 from the start
    try:
        with os.fdopen(handle, "w", encoding="ascii") as out:
            out.write(secrets.token_urlsafe(48) + "\n")
        # A link, unlike a rename, fails when another process was first; and the file is never seen half written.
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        Path(draft).unlink()
