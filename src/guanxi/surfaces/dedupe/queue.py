"""The pairs that wait for a decision, as one person may see them: only those of which they see both records."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from guanxi.access.models import User
from guanxi.access.sight import clear
from guanxi.access.titles import titles_for
from guanxi.entity.entity import Entity
from guanxi.entity.registry import entity_named
from guanxi.record.reach import visible
from guanxi.record.refusals import Missing, Refused
from guanxi.surfaces.dedupe.likeness import CERTAIN, LIKELY
from guanxi.surfaces.dedupe.model import DECISIONS, DuplicatePair
from guanxi.surfaces.dedupe.subject import joinable
from guanxi.surfaces.history.values import value_text
from guanxi.surfaces.listing.rows import title_for

PAGE = 20
SHOWN: dict[str, Any] = {
    "likely": pgettext_lazy("duplicates", "Likely"),
    "possible": pgettext_lazy("duplicates", "Possible"),
    "later": pgettext_lazy("duplicates", "Later"),
    "different": gettext_lazy("Not the same"),
}
"""The parts of the queue."""
PARTS = {"street": gettext_lazy("Street"), "place": gettext_lazy("Place"), "postcode": gettext_lazy("Postcode")}
"""What a part of an address is called."""


@dataclass(frozen=True)
class Reason:
    """One thing compared, and whether they agree."""

    field: str
    part: str
    label: str
    told: str
    """`same`, `alike` or `differs`."""
    texts: tuple[str, str]


@dataclass(frozen=True)
class Pair:
    """Two records that may be one, ready to be shown."""

    pair: DuplicatePair
    key: int
    first: Any
    second: Any
    other: Entity
    """That of the second record."""
    join: str
    """Where the first, of another entity, goes into the second; empty for two that are merged."""
    titles: tuple[str, str]
    grade: str
    certain: bool
    reasons: list[Reason]
    bits: float
    decision: str


def open_to(entity: Entity, user: User) -> QuerySet[DuplicatePair]:
    """The pairs of which the person sees both records, and which can still become one."""
    seen = visible(entity, to=user)
    first = Q(Exists(seen.filter(pk=OuterRef("first_id"))))
    found = Q(other="") & first & Q(Exists(seen.filter(pk=OuterRef("second_id"))))
    for kin in entity.kin:
        if user.rights.may("see", kin.entity):
            able = joinable(seen, entity, user).filter(pk=OuterRef("first_id"))
            second = visible(entity_named(kin.entity), to=user).filter(pk=OuterRef("second_id"))
            found |= Q(other=kin.entity) & Q(Exists(able)) & Q(Exists(second))
    return DuplicatePair.objects.filter(found, entity=entity.path)


def part(entity: Entity, show: str, user: User) -> QuerySet[DuplicatePair]:
    """One part of the queue, likeliest first; all of it when none is named."""
    found = open_to(entity, user).order_by("-bits", "id")
    if not show:
        return found
    if show in {"later", "different"}:
        return found.filter(decision=show)
    return found.filter(decision="", **{"bits__gte" if show == "likely" else "bits__lt": LIKELY})


def page(entity: Entity, show: str, user: User, after: str = "", most: int = PAGE) -> tuple[list[Pair], str]:
    """A page of one part, and where it goes on. Refused when `after` is no place in it."""
    found = part(entity, show, user)
    if after:
        found = found.filter(_behind(after))
    rows = list(found.select_related("decided_by")[: most + 1])
    more = f"{rows[most - 1].bits!r}~{rows[most - 1].pk}" if len(rows) > most else ""
    return shown(entity, rows[:most], user), more


def _behind(after: str) -> Q:
    text, _sign, key = after.partition("~")
    try:
        bits = float(text)
    except ValueError:
        bits = float("nan")
    if bits != bits or not (key.isascii() and key.isdigit() and len(key) < 19):
        raise Refused({"": _("This is no place in the list; open it again.")})
    return Q(bits__lt=bits) | Q(bits=bits, pk__gt=int(key))


class _Side:
    """The records of one entity that are in pairs, as the person may see them."""

    def __init__(self, entity: Entity, keys: Iterable[int], names: Iterable[str], user: User) -> None:
        self.entity, self.user = entity, user
        self.records = {record.pk: record for record in visible(entity, to=user).filter(pk__in=set(keys))}
        self.fields = {name: one for name in names if (one := entity.fields.get(name)) is not None and clear(entity, one, to=user)}
        self.known = titles_for(self.records.values(), list(self.fields.values()), to=user)
        self.title = title_for(entity, to=user)

    def text(self, name: str, key: int) -> str | None:
        """What a field says; None when the person may not know."""
        one, record = self.fields.get(name), self.records[key]
        if one is None or self.entity.keeps_back(name, record, self.user):
            return None
        return value_text(one, one.k.dump(one.of(record)), to=self.user, known=self.known)


def shown(entity: Entity, pairs: Sequence[DuplicatePair], user: User) -> list[Pair]:
    """The pairs in words."""
    told = {other: [pair for pair in pairs if pair.other == other] for other in dict.fromkeys(pair.other for pair in pairs)}
    found = {
        pair.pk: one for other, several in told.items() for pair, one in zip(several, _of_one(entity, other, several, user), strict=True)
    }
    return [found[pair.pk] for pair in pairs]


def _of_one(entity: Entity, other: str, pairs: Sequence[DuplicatePair], user: User) -> list[Pair]:
    """Those of them whose second record is of that entity."""
    ours, theirs = {pair.first_id for pair in pairs}, {pair.second_id for pair in pairs}
    first = _Side(entity, ours if other else ours | theirs, {name for pair in pairs for name, *_rest in pair.why}, user)
    second = _Side(entity_named(other), theirs, {why[-1] for pair in pairs for why in pair.why}, user) if other else first
    return [_pair(first, second, pair, user) for pair in pairs]


def _pair(first: _Side, second: _Side, pair: DuplicatePair, user: User) -> Pair:
    both = (first.records[pair.first_id], second.records[pair.second_id])
    grade = _("Very likely") if pair.bits >= CERTAIN else _("Likely") if pair.bits >= LIKELY else _("Possible")
    join = ""
    if pair.other:
        asked = {name: "" if value is None else value for name, value in joining(first.entity, pair.other, both[1], user).items()}
        join = f"/{first.entity.path}/{pair.first_id}/do/{first.entity.joins}?{urlencode(asked)}"
    return Pair(
        pair, pair.pk, *both, second.entity, join, (first.title(both[0]), second.title(both[1])),
        str(grade), pair.bits >= CERTAIN, _reasons(first, second, pair), pair.bits, pair.decision,
    )  # fmt: skip


def joining(entity: Entity, other: str, record: Any, user: User) -> dict[str, Any]:
    """What the verb is told for a record to go into this one; links that the person does not see are left to the verb."""
    values = dict(next(kin for kin in entity.kin if kin.entity == other).into(record))
    for one in entity.verb(entity.joins).fields:
        linked = one.k.linked()
        if linked and values.get(one.name) and not visible(entity_named(linked), to=user).filter(pk=values[one.name]).exists():
            values[one.name] = None
    return values


def _reasons(first: _Side, second: _Side, pair: DuplicatePair) -> list[Reason]:
    """What they agree on and in what they differ, of what the person may read of both."""
    found: dict[str, Reason] = {}
    for name, role, told, *rest in pair.why:
        ours, theirs = first.text(name, pair.first_id), second.text(rest[0] if rest else name, pair.second_id)
        if ours is None or theirs is None or (rest and not theirs):
            continue
        label = str(PARTS.get(role, first.fields[name].label))
        found.setdefault(f"{name}:{role}", Reason(name, role, label, told, (ours, theirs)))
    order = {"same": 0, "alike": 1, "differs": 2}
    return sorted(found.values(), key=lambda reason: order[reason.told])


def one(entity: Entity, key: int, user: User) -> DuplicatePair:
    """One pair of the queue. Missing when the person does not see both records."""
    pair = open_to(entity, user).select_related("decided_by").filter(pk=key).first()
    if pair is None:
        raise Missing(_("There is no such pair, or you may not see both records."))
    return pair


def decide(entity: Entity, key: int, decision: str, *, by: User) -> DuplicatePair:
    """Note what somebody thinks of a pair; empty opens it again. Missing, Refused."""
    if decision not in dict(DECISIONS):
        raise Refused({"decision": _("Choose one of these.")})
    pair = one(entity, key, by)
    pair.decision, pair.decided_by, pair.decided_at = decision, by, timezone.now()
    pair.save(update_fields=["decision", "decided_by", "decided_at"])
    return pair
