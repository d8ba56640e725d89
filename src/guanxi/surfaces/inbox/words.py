"""How each kind of news is said in an inbox. A room that brings its own kind adds it to `KINDS`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.entity.registry import entity_named
from guanxi.record.models import Notification


@dataclass(frozen=True)
class Said:
    """A kind of news: its icon, its tone, and its sentence with %(by)s, %(record)s and the news's own values."""

    icon: str
    words: str | Promise
    tone: str = ""


KINDS: dict[str, Said] = {
    "mention": Said("at", gettext_lazy("%(by)s mentioned you in %(record)s"), "acc"),
    "handed over": Said("hand-grab", gettext_lazy("%(by)s handed %(record)s over to you"), "info"),
    "handed over many": Said("hand-grab", gettext_lazy("%(by)s handed %(count)s %(many)s over to you"), "info"),
    "import": Said("file-import", gettext_lazy("The import of %(file)s has finished"), "good"),
    "import failed": Said("file-import", gettext_lazy("The import of %(file)s could not be finished"), "bad"),
    "duplicates found": Said("copy", gettext_lazy("The search for duplicates among %(many)s has finished: %(found)s pairs"), "good"),
    "opened outside": Said("eye", gettext_lazy("%(record)s was opened by its link for the first time"), "info"),
    "opened by": Said("eye", gettext_lazy("%(record)s was opened by the link for %(note)s for the first time"), "info"),
    "export": Said("file-export", gettext_lazy("The export of %(many)s is ready"), "good"),
}
OTHER = Said("bell", gettext_lazy("Something happened with %(record)s"))


class _Values(dict[str, object]):
    """Values of a sentence; one that was not given reads as a dash."""

    def __missing__(self, key: str) -> str:
        return "–"


def said_of(news: Notification) -> Said:
    """How this kind of news is said."""
    return KINDS.get(news.what, OTHER)


def sentence(news: Notification, title: str, people: Mapping[int, str]) -> str:
    """The news in words, in the language in force. Plain text."""
    if news.values.get("text"):
        return str(news.values["text"])
    values = _Values(news.values)
    values["by"] = people.get(news.values.get("by") or 0, _("Guanxi"))
    values["record"] = title or _("a record you may not see")
    path = str(news.values.get("entity") or news.entity or "")
    if path:
        try:
            values["many"] = entity_named(path).noun.many
        except LookupError:
            values["many"] = path
    return str(said_of(news).words) % values
