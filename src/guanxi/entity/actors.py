"""Who acts and who reads, as the lower floors see a person: no model, only what they rely on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Literal, Protocol, Self
from zoneinfo import ZoneInfo

from django.db.models import Q

Action = Literal["see", "create", "edit", "delete", "export", "import", "reassign", "bulk", "approve"]
ACTIONS: tuple[Action, ...] = ("see", "create", "edit", "delete", "export", "import", "reassign", "bulk", "approve")

Titles = Mapping[tuple[str, int], str]
"""The titles a reader may see, by (entity, key); a missing one stands for a record they may not."""


class Toned(str):
    """A title with a tone: a stage is shown as a tag wherever a record leads to it."""

    tone: str

    def __new__(cls, title: str, tone: str) -> Self:
        made = super().__new__(cls, title)
        made.tone = tone
        return made


class Level(IntEnum):
    """What one may do with a field; roles merge to the highest."""

    HIDDEN = 0
    MASKED = 1
    READ = 2
    EDIT = 3


@dataclass(frozen=True, slots=True)
class Locale:
    """How a person reads and types: language, time zone, currency, phone region."""

    language: str = "en"
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    currency: str = "USD"
    region: str = "US"
    day_first: bool = False

    @property
    def now(self) -> dt.datetime:
        return dt.datetime.now(self.zone)

    @property
    def today(self) -> dt.date:
        return self.now.date()


class Rights(Protocol):
    """What a person may do, merged over their roles."""

    @property
    def everything(self) -> bool:
        """Whether nothing is withheld: administrators, the system."""

    def may(self, action: Action, entity: str) -> bool:
        """Whether any record of the entity could be acted on so."""

    def where(self, action: Action, entity: str) -> Q:
        """The records on which the action is allowed; `Q(pk__in=[])` for none."""

    def level(self, entity: str, field: str) -> Level:
        """What may be done with the field's values."""


class Actor(Protocol):
    """Whoever writes or reads: a person, an API key, the system itself."""

    @property
    def pk(self) -> int | None: ...

    @property
    def rights(self) -> Rights: ...

    @property
    def locale(self) -> Locale: ...

    @property
    def team_id(self) -> int | None: ...

    @property
    def team_ids(self) -> tuple[int, ...]:
        """Teams the person belongs to; what `my_team` means in a condition."""

    @property
    def roles(self) -> Sequence[int]:
        """The keys of their roles: pools are open to some."""


class _Everything:
    everything = True

    def may(self, action: Action, entity: str) -> bool:
        return True

    def where(self, action: Action, entity: str) -> Q:
        return Q()

    def level(self, entity: str, field: str) -> Level:
        return Level.EDIT


@dataclass(frozen=True)
class System:
    """Guanxi itself acting: jobs, migrations, demo data. Has every right and no name."""

    locale: Locale = field(default_factory=Locale)
    pk: None = None
    team_id: None = None
    team_ids: tuple[int, ...] = ()
    roles: tuple[int, ...] = ()
    rights: Rights = field(default_factory=_Everything)


SYSTEM = System()

Clock = Callable[[], dt.datetime]
