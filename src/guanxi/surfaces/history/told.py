"""Changes in words: who did what, what was before and is after. How an event is said may be declared by its noun."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.access.models import User
from guanxi.access.sight import clear
from guanxi.access.titles import people, titles
from guanxi.entity.actors import Titles
from guanxi.entity.entity import Entity
from guanxi.entity.kinds import Moment
from guanxi.entity.registry import entity_named
from guanxi.record.history import files_told, readable_diff
from guanxi.record.models import Change
from guanxi.surfaces.history.values import currency_in, value_text, wanted_titles

__all__ = ["SAYINGS", "Line", "Saying", "Told", "explain", "say", "tell_changes", "value_text"]

FEW_FILES = 5
FEW = 3
"""So many changed fields are told in the line itself."""


@dataclass(frozen=True)
class Saying:
    """How an event is said: with %(who)s and %(what)s, and its mark on the timeline."""

    words: str | Promise
    icon: str = "pencil"
    tone: str = ""


SAYINGS: dict[str, Saying] = {
    "created": Saying(gettext_lazy("%(who)s created %(what)s"), "plus", "acc"),
    "edited": Saying(gettext_lazy("%(who)s changed %(what)s"), "pencil"),
    "deleted": Saying(gettext_lazy("%(who)s put %(what)s in the trash"), "trash", "bad"),
    "restored": Saying(gettext_lazy("%(who)s restored %(what)s"), "restore", "good"),
    "merged": Saying(gettext_lazy("%(who)s merged another record into %(what)s"), "arrows-join", "acc"),
    "absorbed": Saying(gettext_lazy("%(who)s merged %(what)s into another record"), "arrows-join"),
    "unmerged": Saying(gettext_lazy("%(who)s undid the merge of %(what)s"), "arrows-split", "acc"),
    "file_added": Saying(gettext_lazy("%(who)s added %(files)s to %(what)s"), "paperclip", "acc"),
    "file_removed": Saying(gettext_lazy("%(who)s removed %(files)s from %(what)s"), "paperclip", "bad"),
    "file_restored": Saying(gettext_lazy("%(who)s restored %(files)s of %(what)s"), "paperclip", "good"),
    "file_renamed": Saying(gettext_lazy("%(who)s renamed %(files)s of %(what)s"), "paperclip"),
    "file_purged": Saying(gettext_lazy("%(who)s removed %(files)s of %(what)s for good"), "paperclip", "bad"),
    "relinked": Saying(gettext_lazy("%(who)s moved %(what)s by merging what it leads to"), "arrows-join"),
}
"""By an event's last word, or by its whole name where a noun says it better."""
Explained = Callable[[Any, Change, User], str]
BESIDES: dict[str, Explained] = {}
"""What a change tells apart from values, by name, in words for a reader; empty for those who may not know."""
PARTS: dict[str, Saying] = {
    "created": Saying(gettext_lazy("%(who)s added %(what)s"), "plus", "acc"),
    "deleted": Saying(gettext_lazy("%(who)s took out %(what)s"), "x"),
}
"""How it is said of what is a part of something."""
UNDONE_AS_ONE = {
    "created", "deleted", "restored", "merged", "absorbed", "unmerged", "file_added", "file_removed", "file_restored", "file_renamed",
}  # fmt: skip
"""What can be undone though no value changed."""
ORIGINS: dict[str, str | Promise] = {
    "import": gettext_lazy("by import"),
    "api": gettext_lazy("by API"),
    "flow": gettext_lazy("by automation"),
    "portal": gettext_lazy("from outside"),
    "mail": gettext_lazy("by e-mail"),
}


def say(sayings: Mapping[str, Saying]) -> None:
    """Declare how a noun's own events are said, by their whole names."""
    SAYINGS.update(sayings)


def explain(name: str, explained: Explained) -> None:
    """Declare how what a change tells under this name, apart from values, is said."""
    BESIDES[name] = explained


@dataclass(frozen=True)
class Line:
    """One field of a change."""

    name: str
    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Told:
    """One change, ready to be shown."""

    change: Change
    icon: str
    tone: str
    words: SafeString
    when: SafeString
    origin: str
    lines: list[Line]
    """What changed, besides what the system keeps by itself."""
    kept: list[Line]
    """What the system changed along with it."""
    note: str = ""
    """Why it came about, where that was kept."""

    @property
    def few(self) -> bool:
        """Whether the lines say enough in the event's own line."""
        return 0 < len(self.lines) <= FEW and not self.created

    @property
    def created(self) -> bool:
        return self.change.event.endswith(".created")

    @property
    def undoable(self) -> bool:
        return bool(self.lines) or self.change.event.rpartition(".")[2] in UNDONE_AS_ONE


def tell_changes(
    changes: Sequence[Change], *, to: User, about: tuple[str, int] | None = None, known: Titles | None = None, own: Any = None
) -> list[Told]:
    """The changes in words. `about` is the record whose page this is (it is “this deal”), `own` that record itself."""
    if known is None:
        known = titles(wanted_titles(changes, to=to), to=to)
    return [_tell(change, to=to, about=about, known=known, own=own) for change in changes]


def _tell(change: Change, *, to: User, about: tuple[str, int] | None, known: Titles, own: Any) -> Told:
    entity = entity_named(change.entity)
    mine = about == (change.entity, change.record_id)
    values = _own_values(entity, own) if mine and own is not None else {}
    lines, kept = _lines(entity, change, to=to, known=known, values=values)
    kind = change.event.rpartition(".")[2]
    saying = SAYINGS.get(change.event) or (PARTS.get(kind) if entity.part_of else None) or SAYINGS.get(kind) or SAYINGS["edited"]
    return Told(
        change=change,
        icon=saying.icon,
        tone=saying.tone,
        words=sentence(str(saying.words), who=who_of(change), what=what_of(entity, change, mine, to=to), files=files_in(change, to=to)),
        when=mark_safe(Moment().html(change.at, to.locale, {})),  # noqa: S308 - the kind escapes
        origin=str(ORIGINS.get(change.origin, "")),
        lines=lines,
        kept=kept,
        note=" ".join(BESIDES[name](change.diff[name][1], change, to) for name in BESIDES if name in change.diff),
    )


def _own_values(entity: Entity, record: Any) -> dict[str, Any]:
    names = {getattr(one.k, "currency", "") for one in entity.bound.values()}
    return {name: getattr(record, name, "") for name in names if name}


def _lines(entity: Entity, change: Change, *, to: User, known: Titles, values: Mapping[str, Any]) -> tuple[list[Line], list[Line]]:
    """The readable fields of a change, those people set and those the system keeps."""
    typed: list[Line] = []
    kept: list[Line] = []
    masked = {name for name in change.diff if name in entity.fields and not clear(entity, entity.fields[name], to=to)}
    order = {name: place for place, name in enumerate(entity.fields)}
    for name, (before, after) in sorted(readable_diff(change, to=to).items(), key=lambda pair: order[pair[0]]):
        one = entity.fields[name]
        if name in masked:
            texts = [str(before or ""), str(after or "")]
        else:
            currency = currency_in(change, one, values)
            texts = [value_text(one, stored, to=to, known=known, currency=currency) for stored in (before, after)]
        if texts[0] == texts[1] and name not in masked:
            continue
        (kept if one.read_only else typed).append(Line(name, str(one.label), *texts))
    return typed, kept


def who_of(change: Change) -> SafeString:
    """Who wrote it, as HTML."""
    name = people().get(change.by_id or 0)
    return format_html("<b>{}</b>", name or _("Guanxi"))


def what_of(entity: Entity, change: Change, mine: bool, *, to: User) -> SafeString:
    """What was written, as HTML: “this deal” on its own page, else its noun and title with a link."""
    if mine:
        return format_html("{}", _("this %(noun)s") % {"noun": entity.noun.one})
    named = clear(entity, entity.fields[entity.title], to=to) if entity.title in entity.fields else False
    title = change.title if named and change.title else f"#{change.record_id}"
    if entity.part_of:
        return format_html("{} “{}”", entity.noun.one, title)
    return format_html('{} <a href="/{}/{}"><b>{}</b></a>', entity.noun.one, entity.path, change.record_id, title)


def files_in(change: Change, *, to: User) -> SafeString:
    """The files a change tells of, by name, as HTML: what a renamed one was called and is."""
    told = files_told(change, to=to)
    if told is None:
        return format_html("{}", _("a file"))
    before, after = ([one["name"] for one in side] for side in told)
    names = [f"{was} → {new}" for was, new in zip(before, after, strict=True)] if before and after else before or after
    shown = format_html_join(", ", "<b>{}</b>", ((name,) for name in names[:FEW_FILES]))
    return format_html("{} …", shown) if len(names) > FEW_FILES else shown


def sentence(words: str, **parts: SafeString) -> SafeString:
    """A translated sentence with HTML in its places; it begins with a capital, whatever stands first."""
    return mark_safe(capfirst(str(escape(words)) % parts))  # noqa: S308 - words are escaped, parts are safe; a capital changes no markup


def titles_wanted(changes: Iterable[Change], *, to: User) -> dict[str, set[int]]:
    """Records these changes lead to; for callers that look up titles of several things at once."""
    return wanted_titles(changes, to=to)
