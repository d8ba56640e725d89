"""The pairs that wait for a decision, as one person may see them: only those of which they see both records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from guanxi.access.models import User
from guanxi.access.sight import clear
from guanxi.access.titles import titles_for
from guanxi.entity.entity import Entity
from guanxi.record.reach import visible
from guanxi.record.refusals import Missing, Refused
from guanxi.surfaces.dedupe.likeness import CERTAIN, LIKELY
from guanxi.surfaces.dedupe.model import DECISIONS, DuplicatePair
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
    titles: tuple[str, str]
    grade: str
    certain: bool
    reasons: list[Reason]
    bits: float
    decision: str


def open_to(entity: Entity, user: User) -> QuerySet[DuplicatePair]:
    """The pairs of which the person sees both records."""
    seen = visible(entity, to=user)
    both = Q(Exists(seen.filter(pk=OuterRef("first_id")))) & Q(Exists(seen.filter(pk=OuterRef("second_id"))))
    return DuplicatePair.objects.filter(both, entity=entity.path)


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


def shown(entity: Entity, pairs: Sequence[DuplicatePair], user: User) -> list[Pair]:
    """The pairs in words."""
    keys = {key for pair in pairs for key in (pair.first_id, pair.second_id)}
    records = {record.pk: record for record in visible(entity, to=user).filter(pk__in=keys)}
    fields = [entity.fields[name] for name in {name for pair in pairs for name, *_rest in pair.why} if name in entity.fields]
    known = titles_for(records.values(), [one for one in fields if clear(entity, one, to=user)], to=user)
    name = title_for(entity, to=user)
    return [
        Pair(
            pair, pair.pk, records[pair.first_id], records[pair.second_id], (name(records[pair.first_id]), name(records[pair.second_id])),
            str(_("Very likely") if pair.bits >= CERTAIN else _("Likely") if pair.bits >= LIKELY else _("Possible")), pair.bits >= CERTAIN,
            _reasons(entity, pair, records, user, known), pair.bits, pair.decision,
        )
        for pair in pairs
    ]  # fmt: skip


def _reasons(entity: Entity, pair: DuplicatePair, records: dict[int, Any], user: User, known: Any) -> list[Reason]:
    """What they agree on and in what they differ, of the fields that the person may read."""
    found: dict[str, Reason] = {}
    for name, role, told in pair.why:
        one = entity.fields.get(name)
        if one is None or not clear(entity, one, to=user):
            continue
        label = str(PARTS.get(role, one.label))
        texts = [value_text(one, one.k.dump(one.of(records[key])), to=user, known=known) for key in (pair.first_id, pair.second_id)]
        found.setdefault(f"{name}:{role}", Reason(name, role, label, told, (texts[0], texts[1])))
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
