"""Icons: Tabler's outlines, referred to by name from one sprite. Which names exist is `icons.txt`, read once.

A sprite and not inlined drawings: a name in a page costs 100 bytes whatever its drawing (inlined, 222 on average over
our names), so 200 icons on a list weigh 22 kB and not 41 before compression, and the browser keeps the drawings for ever.
"""

from functools import cache
from pathlib import Path

from django.conf import settings
from django.templatetags.static import static
from django.utils.functional import Promise
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

NAMES_FILE = Path(__file__).parent / "icons.txt"
UNKNOWN = "circle"


class UnknownIconError(LookupError):
    """A page asked for an icon that is not in `icons.txt`. Raised while debugging, a circle otherwise."""


@cache
def names() -> frozenset[str]:
    """Every icon there is."""
    lines = (line.strip() for line in NAMES_FILE.read_text().splitlines())
    return frozenset(line for line in lines if line and not line.startswith("#"))


@cache
def sprite() -> str:
    """The address of the drawings."""
    return static("vendor/icons.svg")


def icon(name: str, label: str | Promise | None = None) -> SafeString:
    """The drawing called `name`. Hidden from screen readers unless it has a `label` of its own."""
    said = f'role="img" aria-label="{escape(label)}"' if label else 'aria-hidden="true"'
    return mark_safe(f'<svg class="i" {said}><use href="{_address(name)}"/></svg>')  # noqa: S308 parts are escaped


@cache
def _address(name: str) -> str:
    if name not in names():
        if settings.DEBUG:
            raise UnknownIconError(f"no icon is called {name!r}; add Tabler's name to {NAMES_FILE}")
        name = UNKNOWN
    return f"{sprite()}#{name}"
