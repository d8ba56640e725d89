"""What was done of a measure in a period, by person, as far as the reader may see the records."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import F
from django.db.models.functions import TruncDate
from django.utils.translation import gettext as _

from guanxi.access.models import User
from guanxi.access.sight import clear
from guanxi.crm.deals.selling import sees_sold, selling
from guanxi.crm.forecast.rights import reach
from guanxi.crm.forecast.tree import Key, Tree, parents, place_of, within_reach
from guanxi.crm.products.model import Product
from guanxi.crm.rates.summing import Sums, sums_by
from guanxi.crm.targets.queries import Aim
from guanxi.entity.conditions import ConditionError, parse
from guanxi.entity.conditions import compile as compile_condition
from guanxi.entity.kinds import Moment
from guanxi.entity.registry import entity_named
from guanxi.record.reach import visible
from guanxi.record.refusals import Forbidden

ZERO = Decimal(0)


@dataclass
class Results:
    """What was done, in the company's currency or as a number."""

    tree: Tree
    by_person: dict[int, Decimal] = field(default_factory=dict)
    by_team: dict[int, Decimal] = field(default_factory=dict)
    total: Decimal = ZERO
    used: set[str] = field(default_factory=set)
    """Currencies that were converted."""
    missing: dict[str, Decimal] = field(default_factory=dict)
    """What is left out, because there is no rate."""

    def of(self, key: Key) -> Decimal:
        """What one did."""
        return (
            self.by_person.get(key[1], ZERO) if key[0] == "person" else self.by_team.get(key[1], ZERO) if key[0] == "team" else self.total
        )


def may_measure(aim: Aim, reader: User) -> bool:
    """Whether the reader sees such records, and all by which they are measured."""
    measure = aim.by
    if not reader.rights.may("see", measure.entity):
        return False
    entity = entity_named(measure.entity)
    needed = ("owner", measure.on, *(("currency", measure.amount) if measure.amount else ()))
    if (aim.product or aim.family) and not sees_sold(reader):
        return False
    return all(clear(entity, entity.fields[name], to=reader) for name in needed)


def tree_for(reader: User, path: str) -> Tree:
    """Those who work here and whose records of an entity the reader sees."""
    whose = reach(reader, "see", path)
    living = {key: one for key, one in within_reach(reader, whose).items() if one.is_active}
    return Tree(whose, living, parents())


def results(aim: Aim, reader: User, *, only: int | None = None) -> Results:
    """What was done; of one person alone where `only` names them. One query. Forbidden."""
    if not may_measure(aim, reader):
        raise Forbidden(_("You may not see what this is measured by."))
    whose = reach(reader, "see", aim.by.entity)
    chosen = within_reach(reader, whose)
    sums = summed(aim, reader, only=only)
    kept = {owner for one in sums.groups for owner in one.group}
    found = Results(Tree(whose, {key: one for key, one in chosen.items() if one.is_active or key in kept}, parents()))
    found.used, found.missing = {*sums.converted, *sums.missing}, sums.missing
    for one in sums.groups:
        key, value = place_of(one.group[0], found.tree.people), one.amount if aim.by.amount else Decimal(one.count)
        found.by_person[key] = found.by_person.get(key, ZERO) + value
        found.total += value
        for team in found.tree.above(found.tree.people[key]) if key in found.tree.people else ():
            found.by_team[team] = found.by_team.get(team, ZERO) + value
    return found


def summed(aim: Aim, reader: User, *, only: int | None = None) -> Sums:
    """By owner: how many, and what they come to by the rates of their days."""
    measure = aim.by
    entity = entity_named(measure.entity)
    try:
        where = compile_condition(parse(aim.condition), entity, reader)
    except ConditionError as unseen:
        raise Forbidden(str(unseen)) from None
    found = visible(entity, to=reader).filter(where)
    if measure.only is not None:
        found = found.filter(measure.only())
    if only is not None:
        found = found.filter(owner=only)
    moment = isinstance(entity.fields[measure.on].k, Moment)
    day, amount = TruncDate(measure.on, tzinfo=reader.locale.zone) if moment else F(measure.on), measure.amount
    if amount and (aim.product or aim.family):  # of a deal only what it sells of them
        found, amount = selling(found), "worth"
        found = found.filter(sold=aim.product) if aim.product else found
        found = found.filter(sold__in=Product.objects.filter(family=aim.family).values("pk")) if aim.family else found
    return sums_by(found, [F("owner_id")], target=reader.locale.currency, today=reader.locale.today, closed=day, amount=amount)
