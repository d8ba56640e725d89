"""Who is told what becomes of large deals: their owners, and those who manage the owners' teams.

Nobody is told of a deal they may not see, or of what a field says that is not clear to them. Imports tell nothing: they bring history.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy

from guanxi.access.models import User
from guanxi.access.sight import clear
from guanxi.crm.managing import managers
from guanxi.crm.pipelines.model import Pipeline
from guanxi.crm.pipelines.queries import stages
from guanxi.crm.rates.converting import rate_on
from guanxi.crm.starting import company_day
from guanxi.entity.actors import Actor
from guanxi.entity.entity import Write
from guanxi.entity.registry import entity_named
from guanxi.record.memory import remember
from guanxi.record.reach import visible
from guanxi.surfaces.inbox.telling import tell
from guanxi.surfaces.inbox.words import Said

NEWS: Mapping[str, Said] = {
    "large new": Said("coin", gettext_lazy("%(by)s opened a large deal: %(record)s"), "info"),
    "large grown": Said("coin", gettext_lazy("%(record)s has become a large deal"), "info"),
    "large back": Said("arrow-back-up", gettext_lazy("%(by)s moved the large deal %(record)s back a stage"), "warn"),
    "large slipped": Said("calendar-time", gettext_lazy("The large deal %(record)s slipped into a later quarter"), "warn"),
    "large won": Said("trophy", gettext_lazy("%(by)s won the large deal %(record)s"), "good"),
    "large lost": Said("circle-x", gettext_lazy("%(by)s lost the large deal %(record)s"), "bad"),
    "large many": Said("coin", gettext_lazy("There is news of %(count)s large deals"), "info"),
}
TOLD_BY: Mapping[str, str] = {"large back": "stage", "large slipped": "closes_on", "large won": "outcome", "large lost": "outcome"}
"""The field that an alert tells of, besides the amount."""
UNSAID = frozenset({"import", "demo"})
SINGLY = 3
"""So many deals of one write are told of one by one; of more, how many they are."""


def thresholds() -> dict[int, tuple[Decimal, str]]:
    """From which amount on deals of a pipeline are large; remembered."""

    def read() -> dict[int, tuple[Decimal, str]]:
        found = Pipeline.objects.filter(large_from__isnull=False, deleted_at__isnull=True)
        return {key: (amount, currency) for key, amount, currency in found.values_list("pk", "large_from", "currency")}

    return remember("large deals", read)


class Rates(dict[tuple[str, str], Decimal | None]):
    """Today's rates between currencies, each looked up once."""

    def __missing__(self, pair: tuple[str, str]) -> Decimal | None:
        source, target = pair
        self[pair] = rate_on(source, target, company_day()) if source and target and source != target else Decimal(1)
        return self[pair]


def is_large(amount: Any, currency: str, pipeline: int | None, rates: Rates) -> bool:
    """Whether an amount is large on a pipeline, by today's rate; not where none is known."""
    least, own = thresholds().get(pipeline or 0, (None, ""))
    if amount is None or least is None:
        return False
    rate = rates[currency, own]
    return rate is not None and Decimal(amount) * rate >= least


def alert(writes: Sequence[Write], by: Actor) -> None:
    """Tell of what these writes made of large deals."""
    if not thresholds():
        return
    spoken = [one for one in writes if not (one.origin and (one.origin.kept or one.origin.via in UNSAID))]
    rates = Rates()
    news = [(one.record, what) for one in spoken if (what := happened(one, rates))]
    for person, theirs in _heard(news, by):
        if len(theirs) > SINGLY:
            tell([person], "large many", entity="deals", by=by, count=len(theirs))
            continue
        for deal, what in theirs:
            tell([person], what, deal, by=by)


def happened(one: Write, rates: Rates) -> str:
    """What a write made of a large deal; empty where it is no news."""
    deal, before = one.record, one.before
    if deal.deleted_at or not is_large(deal.amount, deal.currency, deal.pipeline_id, rates):
        return ""
    if one.created:
        return "large new" if deal.outcome == "open" else f"large {deal.outcome}"
    if deal.outcome != "open":
        return f"large {deal.outcome}" if "outcome" in before else ""
    currency, pipeline = before.get("currency", deal.currency), before.get("pipeline", deal.pipeline_id)
    if not is_large(before.get("amount", deal.amount), currency, pipeline, rates):
        return "large grown"
    if "outcome" not in before and _back(before.get("stage"), deal.stage_id):
        return "large back"
    return "large slipped" if _slipped(before.get("closes_on"), deal.closes_on) else ""


def _back(old: int | None, new: int) -> bool:
    there, here = stages().get(old or 0), stages().get(new)
    return bool(there and here and there.pipeline_id == here.pipeline_id and (here.position, here.pk) < (there.position, there.pk))


def _slipped(old: str | None, new: dt.date | str | None) -> bool:
    """From one quarter into a later one."""
    return bool(old and new) and _quarter(str(new)) > _quarter(str(old))


def _quarter(day: str) -> tuple[int, int]:
    return int(day[:4]), (int(day[5:7]) - 1) // 3


def _heard(news: Sequence[tuple[Any, str]], by: Actor) -> Iterable[tuple[int, list[tuple[Any, str]]]]:
    """Each person with the news that concerns them and that they may hear."""
    concerned: dict[int, list[tuple[Any, str]]] = {}
    for deal, what in news:
        for key in {deal.owner_id, *managers().get(("deals", deal.team_id or 0), ())} - {None, by.pk}:
            concerned.setdefault(key, []).append((deal, what))
    for person in present(concerned):
        seen = may_see([deal.pk for deal, _what in concerned[person.pk]], person)
        fields = {what: ("amount", "currency", *filter(None, [TOLD_BY.get(what)])) for _deal, what in concerned[person.pk]}
        theirs = [(deal, what) for deal, what in concerned[person.pk] if deal.pk in seen and sees_all(fields[what], person)]
        if theirs:
            yield person.pk, theirs


def present(keys: Iterable[int]) -> list[User]:
    """Those of these people who still work here."""
    return list(User.objects.filter(pk__in=list(keys), is_active=True, deleted_at__isnull=True).order_by("pk"))


def may_see(keys: Sequence[int], person: User) -> set[int]:
    """Those of these deals that somebody may see."""
    if not person.rights.may("see", "deals"):
        return set()
    return set(visible(entity_named("deals"), to=person).filter(pk__in=keys).values_list("pk", flat=True))


def sees_all(names: Iterable[str], person: User) -> bool:
    """Whether these fields of deals are clear to somebody."""
    deals = entity_named("deals")
    return all(clear(deals, deals.fields[name], to=person) for name in names)
