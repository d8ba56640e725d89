"""What is done with a target: split over those below, or over the quarters or months of its period. No cent is lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.access.models import User
from guanxi.access.titles import people, teams
from guanxi.base.money import minor_units, split
from guanxi.crm.forecast.rights import reach
from guanxi.crm.forecast.spans import Span, named
from guanxi.crm.forecast.tree import Key, Tree, parents, within_reach
from guanxi.crm.targets.measures import COUNTED
from guanxi.crm.targets.queries import aim_of, key_of, targets
from guanxi.crm.targets.results import results
from guanxi.entity.actors import Actor
from guanxi.entity.field import Field
from guanxi.entity.kinds import Choice, LongText, options
from guanxi.entity.registry import entity_named
from guanxi.record.changes import Origin, insert, update
from guanxi.record.cleaning import check_reach, prepare
from guanxi.record.refusals import Forbidden, Refused
from guanxi.record.verbs import verb

WAYS = Choice(
    options(
        ("heads", gettext_lazy("By heads")),
        ("weights", gettext_lazy("By weights")),
        ("results", gettext_lazy("By results of the period before")),
    ),
    plain=True,
)
UNITS = Choice(options(("quarter", gettext_lazy("Quarters")), ("month", gettext_lazy("Months"))), plain=True)
RHYTHMS = Choice(options(("evenly", gettext_lazy("Evenly")), ("season", gettext_lazy("As last year’s results"))), plain=True)


@dataclass(frozen=True)
class Share:
    """A part of a target: whose, of which period, how heavy."""

    key: Key
    period: str
    weight: Decimal
    kept: Decimal | None = None
    """The weight as it is written down, where it was given by hand."""


def may_split(user: Actor) -> Q:
    """Targets of teams and of the company."""
    return Q(owner__isnull=True)


def may_spread(user: Actor) -> Q:
    """Targets of more than a month."""
    return Q(period__regex=r"^\d{4}(-Q\d)?$")


def tree_of(by: Actor) -> Tree:
    """Those for whom this actor may set targets, and who work here."""
    whose = reach(by, "create", "targets")
    living = {key: one for key, one in within_reach(by, whose).items() if one.is_active}
    return Tree(whose, living, parents())


def name_of(key: Key) -> str:
    """What a person or team is called."""
    return (people() if key[0] == "person" else teams()).get(key[1], "–")


def below(target: Any, tree: Tree) -> list[Key]:
    """The teams with people in them, and the people, right below."""
    return [key for key in tree.right_below(target.team_id) if key[0] == "person" or tree.heads(key[1])]


def proposed(target: Any, by: Actor) -> Mapping[str, Any]:
    """A line for each of those below, with the weight their target has."""
    rows = targets(aim_of(target, named(target.period)), [named(target.period)], to=by)
    known = {key_of(one): one.weight for one in rows if one.weight}
    lines = [f"{name_of(key)}: {(known.get(key) or Decimal(1)).normalize():f}" for key in below(target, tree_of(by))]
    return {"weights": "\n".join(lines)}


@verb(
    gettext_lazy("Split over those below"),
    icon="arrows-split",
    rule=may_split,
    bulk=False,
    fields=(
        Field("way", kind=WAYS, label=gettext_lazy("How"), required=True, default="heads"),
        Field("weights", kind=LongText(20_000), label=gettext_lazy("Weights"), hint=gettext_lazy("For “by weights”: one a line, such as Bob Reyes: 1.5")),
    ),
    starts=proposed,
    done=gettext_lazy("%(record)s is split over those below."),
)  # fmt: skip
def split_below(target: Any, *, by: Actor, origin: Origin, way: str, weights: str) -> None:
    tree = tree_of(by)
    keys = below(target, tree)
    if not keys:
        raise Refused({"": _("There is nobody to split it over.")})
    shares = _weighed(target, keys, tree, way, weights, by)
    _put(target, [one for one in shares if one.weight or way == "results"], by=by, origin=origin)


def _weighed(target: Any, keys: Sequence[Key], tree: Tree, way: str, weights: str, by: Actor) -> list[Share]:
    if way == "weights":
        given = _given(weights, keys)
        return [Share(key, target.period, given[key], given[key] or None) for key in keys]
    if way == "results":
        done = _done_in(target, [named(target.period).moved(-1)], by)[0]
        return [Share(key, target.period, max(done.of(key), Decimal(0))) for key in keys]
    return [Share(key, target.period, Decimal(1 if key[0] == "person" else tree.heads(key[1]))) for key in keys]


def _given(text: str, keys: Sequence[Key]) -> dict[Key, Decimal]:
    """The weights of a text, a line each; those it does not name get nothing. Refused."""
    called: dict[str, list[Key]] = {}
    for key in keys:
        called.setdefault(name_of(key), []).append(key)
    found = dict.fromkeys(keys, Decimal(0))
    for line in filter(str.strip, text.splitlines()):
        name, _colon, number = line.replace("：", ":").rpartition(":")
        several = called.get(name.strip(), [])
        if len(several) != 1:
            raise Refused(
                {
                    "weights": _("“%(name)s” is not right below, or not the only one of that name.")
                    % {"name": name.strip()[:60] or line[:60]}
                }
            )
        found[several[0]] = _weight(number)
    if not any(found.values()):
        raise Refused({"weights": _("Give at least one weight above zero.")})
    return found


def _weight(text: str) -> Decimal:
    plain = text.strip()
    try:
        number = Decimal(plain) if len(plain) < 12 else None
    except ArithmeticError:
        number = None
    if number is None or not number.is_finite() or not 0 <= number < 100_000 or number != round(number, 4):
        raise Refused({"weights": _("“%(text)s” is not a weight: write a number such as 1.5.") % {"text": plain[:40]}})
    return number


@verb(
    gettext_lazy("Split over the period"),
    icon="calendar-stats",
    rule=may_spread,
    bulk=False,
    fields=(
        Field("into", kind=UNITS, label=gettext_lazy("Into"), required=True, default="month"),
        Field("rhythm", kind=RHYTHMS, label=gettext_lazy("How"), required=True, default="evenly"),
    ),
    done=gettext_lazy("%(record)s is split over its period."),
)
def split_over_time(target: Any, *, by: Actor, origin: Origin, into: str, rhythm: str) -> None:
    span = named(target.period)
    if into == span.unit:
        raise Refused({"into": _("A quarter is split into months.")})
    parts = span.parts(into)
    weights = [Decimal(1)] * len(parts)
    if rhythm == "season":
        weights = [max(one.of(key_of(target)), Decimal(0)) for one in _done_in(target, [part.year_before for part in parts], by)]
        if not any(weights):
            raise Refused({"rhythm": _("There was nothing last year to go by.")})
    _put(target, [Share(key_of(target), part.name, weight) for part, weight in zip(parts, weights, strict=True)], by=by, origin=origin)


def _done_in(target: Any, spans: Sequence[Span], by: Actor) -> list[Any]:
    """What was done of the same in other periods, as far as the actor sees it. Forbidden."""
    assert isinstance(by, User)  # the system splits by heads
    return [results(aim_of(target, span), by) for span in spans]


def _put(target: Any, shares: Sequence[Share], *, by: Actor, origin: Origin) -> None:
    """The parts as targets: those that are there get new values, the others are made. Refused, Forbidden."""
    entity = entity_named("targets")
    if not by.rights.may("create", entity.path):
        raise Forbidden(_("You may not create %(many)s.") % {"many": entity.noun.many})
    units = 0 if target.measure in COUNTED else minor_units(target.currency)
    values = split(target.value.normalize() + 0, [one.weight for one in shares], units)
    spans = [named(name) for name in dict.fromkeys(one.period for one in shares)]
    there = {(key_of(one), one.period): one for one in targets(aim_of(target, spans[0]), spans, to=by).select_for_update(of=("self",))}
    origin, note = origin.batched(), _("Split from %(target)s") % {"target": target.name}
    renewed, made = [], []
    for share, value in zip(shares, values, strict=True):
        said = {"value": value, "currency": target.currency, "note": note, **({"weight": share.kept} if share.kept is not None else {})}
        old = there.get((share.key, share.period))
        if old is not None:
            renewed.append((old, said))
        else:
            made.append(prepare(entity, {**_subject(share.key), **_of(target), "period": share.period, **said}, by=by))
    if renewed:
        check_reach(entity, [one for one, _said in renewed], "edit", by=by)
        update(entity, renewed, by=by, event="split", origin=origin)
    insert(entity, made, by=by, origin=origin)
    check_reach(entity, made, "create", by=by)


def _subject(key: Key) -> dict[str, Any]:
    return {"owner": key[1]} if key[0] == "person" else {"owner": None, "team": key[1]} if key[0] == "team" else {"owner": None}


def _of(target: Any) -> dict[str, Any]:
    return {"measure": target.measure, "pipeline": target.pipeline_id, "product": target.product_id, "family": target.family}
