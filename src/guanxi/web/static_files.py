"""Where static files lie and what their address is: one fingerprint of all of them, part of every address.

Relative imports between ES modules keep working, because the fingerprint stands in the folder and not in the names.
"""

import hashlib
from importlib.metadata import version
from pathlib import Path

from guanxi import __version__

WEB = Path(__file__).parent


def fingerprint(root: Path = WEB / "static") -> str:
    """A name for the present content of all static files, the same on every machine that has the same files."""
    seen = hashlib.blake2b(f"{__version__} {version('django-htmx')}".encode(), digest_size=6)
    for path in sorted(root.rglob("*")):
        if path.is_file():
            seen.update(f"{path.relative_to(root)} {path.stat().st_size}\n".encode())
            seen.update(path.read_bytes())
    return seen.hexdigest()


def is_immutable(_path: str, _url: str) -> bool:
    """Told to WhiteNoise: no file ever changes under its address."""
    return True
