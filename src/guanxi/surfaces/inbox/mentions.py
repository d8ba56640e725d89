"""People named in a text: `@Bob Lee` as the composer writes it, `@bob` by user name, `@[Bob Lee](user:3)` from elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.utils.html import escape, urlize
from django.utils.safestring import SafeString, mark_safe

from guanxi.access.models import User
from guanxi.access.titles import people
from guanxi.record.memory import remember

MARKED = re.compile(r"@\[([^\]\n]{1,80})\]\(user:(\d{1,18})\)")
AT = re.compile(r"(?<![\w@.])@(?=\S)")
USERNAME = re.compile(r"[\w.@+-]{1,150}")
LONGEST_NAME = 80


@dataclass(frozen=True)
class Mention:
    """A place in a text that names someone; `users` are more than one when the name is shared."""

    start: int
    end: int
    name: str
    users: tuple[int, ...]


def usernames() -> dict[str, int]:
    """Every user by the name they sign in with."""
    found: dict[str, int] = remember(
        "user names", lambda: {name.casefold(): key for key, name in User.objects.values_list("pk", "username")}
    )
    return found


def names() -> dict[str, tuple[int, ...]]:
    """Every user by the name they are called."""

    def make() -> dict[str, tuple[int, ...]]:
        called: dict[str, tuple[int, ...]] = {}
        for key, name in people().items():
            called[name.casefold()] = (*called.get(name.casefold(), ()), key)
        return called

    found: dict[str, tuple[int, ...]] = remember("people by name", make)
    return found


def mentions_in(text: str) -> Iterator[Mention]:
    """Every mention, in order."""
    at = 0
    for found in AT.finditer(text):
        if found.start() < at:
            continue
        mention = _mention(text, found.start())
        if mention:
            yield mention
            at = mention.end


def _mention(text: str, start: int) -> Mention | None:
    marked = MARKED.match(text, start)
    if marked:
        return Mention(start, marked.end(), marked[1], (int(marked[2]),))
    rest = text[start + 1 : start + 1 + LONGEST_NAME]
    for length in range(len(rest), 0, -1):
        name = rest[:length]
        users = names().get(name.casefold())
        if users and not _goes_on(text, start + 1 + length):
            return Mention(start, start + 1 + length, name, users)
    word = USERNAME.match(rest)
    written = word[0].rstrip(".-+@") if word else ""
    user = usernames().get(written.casefold()) if written else None
    return Mention(start, start + 1 + len(written), written, (user,)) if user is not None else None


def _goes_on(text: str, end: int) -> bool:
    """Whether a Latin word continues there: `@Bob` is not in `@Bobby`. Chinese has no such sign."""
    return end < len(text) and text[end - 1].isascii() and text[end].isascii() and text[end].isalnum()


def people_in(text: str, chosen: Iterable[int] = ()) -> set[int]:
    """The keys of those named. Of people with the same name it is those `chosen` while typing."""
    picked, known = set(chosen), people()
    found: set[int] = set()
    for mention in mentions_in(text):
        users = set(mention.users) & set(known)
        found |= users & picked or (users if len(users) == 1 else set())
    return found


def plain(text: str) -> str:
    """The text without markup: `@[Bob Lee](user:3)` becomes `@Bob Lee`."""
    return MARKED.sub(r"@\1", text)


def shown(text: str) -> SafeString:
    """The text as safe HTML: paragraphs, links, and names set apart."""
    parts: list[str] = []
    at = 0
    for mention in mentions_in(text):
        parts.append(_words(text[at : mention.start]))
        parts.append(f'<span class="mention">@{escape(mention.name)}</span>')
        at = mention.end
    parts.append(_words(text[at:]))
    paragraphs = re.split(r"\n\s*\n", "".join(parts).strip())
    html = "".join(f"<p>{part.strip()}</p>" for part in paragraphs if part.strip())
    return mark_safe(html.replace("\n", "<br>"))  # noqa: S308 - each part is escaped above


def _words(text: str) -> str:
    return str(urlize(text, nofollow=True, autoescape=True))
