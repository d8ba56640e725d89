"""An entity: one declaration from which every surface follows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.db import models
from django.db.models import Q
from django.utils.functional import Promise

from guanxi.base.words import similar
from guanxi.entity.actors import Action, Actor
from guanxi.entity.field import Field
from guanxi.entity.public import Public

T = TypeVar("T")

Words = str | Promise


@dataclass(frozen=True)
class Noun:
    """What a person calls one and several of them."""

    one: Words
    many: Words


@dataclass(frozen=True)
class Section:
    """A titled group of fields on the form and the detail page."""

    label: Words
    fields: tuple[str, ...]


@dataclass(frozen=True)
class Related:
    """Records of another entity that lead here by their field `by`; also a path in conditions."""

    name: str
    entity: str
    by: str
    label: Words = ""
    glance: tuple[str, ...] = ()
    """Fields of each row on the detail page; the title comes first by itself."""
    order: str = "-id"
    aside: bool = True
    """In the right column of the detail page."""
    columns: tuple[str, ...] = ()
    """Where the record consists of these: shown as a table in the middle of its page, edited in place. The title comes first by itself."""
    begun_with: tuple[str, ...] = ()
    """The fields that the row below such a table asks for; a form asks for the others."""
    by_verb: bool = False
    """Made by a verb of the record: not what its page offers to add when that verb is done with."""


@dataclass(frozen=True)
class Board:
    """Lanes by a choice or link; `total` and `weighted` name summed fields."""

    by: str
    total: str = ""
    weighted: str = ""
    scope: str = ""
    """A link field whose value decides which lanes there are (deals: pipeline)."""
    settles: str = ""
    """The choice that follows from the lane, whose record has a field of that name (deals: outcome, by the stage's)."""
    stuck: str = ""
    """The condition, as text, under which a card is marked as stuck."""


@dataclass(frozen=True)
class Verb:
    """What the business does to a record. Calling it does it: `win(deal, by=user)`."""

    name: str
    run: Callable[..., Any]
    label: Words
    icon: str = "bolt"
    tone: str = ""
    rule: Callable[[Actor], Q] | None = None
    """Which records it can be done to, by this actor; beyond the right to `action`."""
    action: str = "edit"
    fields: tuple[Field, ...] = ()
    """What it asks for."""
    primary: bool = False
    bulk: bool = True
    key: str = ""
    done: Words = ""
    """What the toast says, with %(record)s."""
    hint: Words = ""
    too_late: Words | Callable[[Entity, int, Actor], str] = ""
    """What is said when the rule holds no more, where others may have been faster. A function is also asked of keys that are out
    of sight, of which there may be no record at all, and says nothing unless the actor may know."""
    shares: bool = False
    """It makes a public link, which the dialog shows once it is done."""
    starts: Callable[[Any, Actor], Mapping[str, Any]] | None = None
    """What the dialog proposes for this record; a program that calls the verb says what it means itself. Refused says why it cannot be done here."""
    offers: Callable[[Any, Actor], Mapping[str, Sequence[tuple[Any, str]]]] | None = None
    """Values that the dialog offers for a field beside those proposed, each with what it is called."""
    again: Mapping[str, Callable[[Any, Actor, Any], Mapping[str, Any]]] = field(default_factory=dict)
    """Fields whose change asks the dialog anew, each with what it then proposes for those `renewed`."""
    renewed: tuple[str, ...] = ()

    def late(self, entity: Entity, key: int, by: Actor) -> str:
        """What `too_late` says of this record; empty when it says nothing."""
        return self.too_late(entity, key, by) if callable(self.too_late) else str(self.too_late)

    def late_out_of_sight(self, entity: Entity, key: int, by: Actor) -> str:
        """The same of a record that the actor does not see, if there is one: only a function knows whom it may tell of it."""
        return self.too_late(entity, key, by) if callable(self.too_late) else ""

    def __call__(self, record: Any, *, by: Actor, **values: Any) -> Any:
        return self.run(record, by=by, **values)


@dataclass(frozen=True)
class Preset:
    """A view that comes with the product: condition text, order, shape."""

    name: str
    label: Words
    condition: str = ""
    order: tuple[str, ...] = ()
    shape: str = "table"


@dataclass(frozen=True)
class Page:
    """A page about the entity's records besides its lists, at `/<entity>/<name>`; the room that declares it serves it."""

    name: str
    label: Words
    icon: str
    needs: str = ""
    """Another entity that the reader must be able to see."""


@dataclass(frozen=True)
class Veil:
    """Fields that records of some kinds keep from a reader: which, by the values of one column (the pools they are in)."""

    column: str
    hidden: Mapping[str, frozenset[int]]
    masked: Mapping[str, frozenset[int]]

    @property
    def names(self) -> frozenset[str]:
        return frozenset({*self.hidden, *self.masked})

    def keys(self, name: str) -> frozenset[int]:
        """The values of the column by which a record keeps the field back."""
        return self.hidden.get(name, frozenset()) | self.masked.get(name, frozenset())

    def of(self, name: str) -> Q:
        """The records that keep the field back."""
        return Q(**{f"{self.column}__in": sorted(self.keys(name))})

    def any(self) -> Q:
        """The records that keep something back."""
        return Q(**{f"{self.column}__in": sorted({key for keys in (*self.hidden.values(), *self.masked.values()) for key in keys})})


@dataclass(frozen=True)
class Kin:
    """Another entity among which the same person or company may be: a lead may be an account already."""

    entity: str
    called: str
    """The field that says what it is called there: the company of a lead is the name of an account."""
    into: Callable[[Any], Mapping[str, Any]]
    """What the verb `joins` is told for a record to go into this one."""


@dataclass(frozen=True)
class Write:
    """One record's write inside a transaction, as `follow` sees it."""

    record: Any
    created: bool
    before: Mapping[str, Any]
    """Values before, of the fields that changed."""
    origin: Any = None
    """By what the write came, for what follows from it to come by the same and be undone with it."""

    def changed(self, name: str) -> bool:
        return self.created or name in self.before


@dataclass(eq=False)
class Entity:
    """A kind of record, and everything surfaces need to know of it."""

    path: str
    """Its name everywhere: address, API, conditions, rights."""
    model: type[models.Model]
    noun: Noun
    icon: str
    title: str
    fields_declared: Sequence[Field]
    sections: Sequence[Section] = ()
    subtitle: tuple[str, ...] = ()
    """Fields shown beside the title in search and links."""
    verbs: Sequence[Verb] = ()
    related: Sequence[Related] = ()
    board: Board | None = None
    calendar: str = ""
    order: tuple[str, ...] = ("-id",)
    views: Sequence[Preset] = ()
    part_of: str = ""
    """The link to the record it is a part of; rights, and being in the trash, follow that record."""
    parent: str = ""
    """The link whose record's timeline tells of this one too (a deal's account)."""
    about: str = ""
    """The field of activities that leads here, when activities have one."""
    group: str = ""
    """The group of the side bar; empty keeps it out."""
    searchable: bool = True
    settings: bool = False
    """Set up by administrators: pipelines, products. Everyone who sees anything sees these."""
    managed: bool = False
    """Set for people by those who manage them: roles that hand nothing over start with reading."""
    arranged: str = ""
    """The whole number by which people put the records in order by hand."""
    mergeable: bool = False
    """Two records may turn out to be one: they can be merged, and are looked for."""
    settles: Callable[[Any, Any], Mapping[str, Any]] | None = None
    """What a merge decides by itself: values of the record that is kept, which nobody chooses, of (kept, gone)."""
    derive: Callable[[Any, set[str]], None] | None = None
    """Sets what follows from other values of the same record, before it is saved."""
    late: Mapping[str, str] = field(default_factory=dict)
    """Fields shown in red, each with the condition, as text, under which it is late."""
    check: Callable[[Any, set[str], Actor], Mapping[str, str]] | None = None
    """Errors across fields, by field name."""
    may_delete: Callable[[Actor], Q] | None = None
    """Which records may go to the trash, beyond the right to delete: not what was signed, issued or paid."""
    open_to: Callable[[Any, Action], Q | None] | None = None
    """Records on which a user may act so beyond their roles' scopes, as long as a role allows it on some: those in a pool of theirs."""
    veil: Callable[[Actor], Veil | None] | None = None
    """What some records keep from a reader until they are theirs; None for those from whom nothing is kept."""
    opened: Callable[[Any, Actor], None] | None = None
    """Told of one record that is opened by itself, before it is shown. Forbidden when that is one too many today."""
    taken_along: Callable[[Any, Sequence[Field], Actor], None] | None = None
    """Told of records that leave in a file or to a program, as a queryset, with the fields told of them. Forbidden when they are too many today."""
    follow_sweep: Callable[[str, frozenset[str]], None] | None = None
    """What `follow` does, for a sweep: set-based, over the temporary table of that name and the fields that were set."""
    follow: Callable[[Sequence[Write], Actor], None] | None = None
    """Writes what else follows, in the same transaction; gets many at once from bulk paths."""
    advice: Callable[[Any, Actor], str] | None = None
    """What the reader should do next with a record for which nothing is planned; empty for nothing."""
    kin: tuple[Kin, ...] = ()
    """Other entities among which the same person or company may be. Said once: the others know it from here, see `registry.kin_of`."""
    joins: str = ""
    """The verb by which a record goes into one of its kin."""
    counts_files: str = ""
    """The read-only number in which it is kept how many files a record has, so that conditions can ask for it."""
    files_stand: Callable[[Actor], Q] | None = None
    """The records whose files can be neither renamed nor removed: what was decided by them."""
    pages: tuple[Page, ...] = ()
    """Pages besides the list, offered on it."""
    public: Public | None = None
    """What a link shows of a record to somebody outside; also what its PDF shows."""
    alias: Callable[[str], int | None] | None = None
    """The key of the record that a name from elsewhere means, though it is called otherwise here (“Closed Won”)."""
    fields: dict[str, Field] = field(default_factory=dict)
    """Bound fields by name; custom ones included."""
    bound: dict[str, Field] = field(default_factory=dict)
    """Bound fields without the custom ones."""
    memo: dict[str, Any] = field(default_factory=dict)
    """What was worked out from the fields as they are now; emptied when they change."""

    def __repr__(self) -> str:
        return f"<Entity {self.path}>"

    def field(self, name: str) -> Field:
        """The field of that name; LookupError with near names when there is none."""
        try:
            return self.fields[name]
        except KeyError:
            near = similar(name, list(self.fields))
            hint = f" Did you mean {' or '.join(near)}?" if near else ""
            raise LookupError(f"{self.path} has no field “{name}”.{hint}") from None

    def verb(self, name: str) -> Verb:
        """The verb of that name; LookupError when there is none."""
        for verb in self.verbs:
            if verb.name == name:
                return verb
        raise LookupError(f"{self.path} has no verb “{name}”.")

    def relation(self, name: str) -> Related | None:
        """The related list of that name."""
        return next((one for one in self.related if one.name == name), None)

    def veil_for(self, actor: Actor) -> Veil | None:
        """What its records keep from this reader."""
        return self.veil(actor) if self.veil and not actor.rights.everything else None

    def keeps_back(self, name: str, record: Any, actor: Actor) -> bool:
        """Whether this record keeps the field from this reader."""
        veil = self.veil_for(actor)
        return veil is not None and getattr(record, veil.column) in veil.keys(name)

    @property
    def glance(self) -> list[Field]:
        """The list's default columns."""
        return [one for one in self.fields.values() if one.glance]

    @property
    def data_fields(self) -> list[Field]:
        """Fields on data surfaces."""
        return [one for one in self.fields.values() if one.data]

    @property
    def owned(self) -> bool:
        """Whether records have an owner and a team."""
        return "owner" in self.bound

    def once(self, what: str, make: Callable[[], T]) -> T:
        """What follows from the declarations alone, worked out once and anew when fields are added."""
        if what not in self.memo:
            self.memo[what] = make()
        found: T = self.memo[what]
        return found

    def title_of(self, record: Any) -> str:
        """What a record is called."""
        return str(getattr(record, self.title) or f"#{record.pk}")
