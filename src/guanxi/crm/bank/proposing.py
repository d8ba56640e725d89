"""Which instalments a line of a bank statement pays: proposals, each with a score and the evidence in words.

Nothing is written here. A proposal is sure when its score is high, its amount fits, and no other comes near.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from guanxi.base.money import Money, format_money
from guanxi.crm.accounts.model import Account
from guanxi.crm.bank.clues import Clues, alikeness, by_account, clues_of, readable
from guanxi.crm.rates.converting import Converter
from guanxi.entity.registry import entity_named
from guanxi.record.reach import visible

MOST = 3
SURE, AHEAD, LEAST = 75, 10, 35
NAMED, CALLED, ALIKE, BEFORE, RECORDED = 40, 40, 22, 35, 45
EXACT, SUM, ABOUT, FIRST_DUE = 40, 36, 24, 5
FITS = ABOUT
CONSIDERED = 12
"""Open instalments of one account that are tried in sums, longest due first."""
PARTS = 4
NEAR = dt.timedelta(days=10)
CHARGES = Decimal("0.03")
MOST_CHARGES = Decimal(50)
RATES = Decimal("0.01")
"""How far a bank's rate may be from ours."""


@dataclass(frozen=True)
class Proposal:
    """What a line may pay: instalments of one account, or a payment recorded before."""

    account: int
    account_name: str
    instalments: tuple[Any, ...]
    payment: Any
    score: int
    evidence: tuple[str, ...]
    fits: bool
    """The amount is that of what it pays, or nearly."""
    sure: bool = False

    @property
    def keys(self) -> tuple[int, ...]:
        return tuple(one.pk for one in self.instalments)

    @property
    def title(self) -> str:
        """What is paid, in a few words."""
        if self.payment is not None:
            return _("Payment %(number)s") % {"number": self.payment.number}
        return between(dict.fromkeys(one.name for one in self.instalments)) or _("On account")


def between(several: Iterable[str]) -> str:
    """Things side by side, as the language separates them."""
    return pgettext("between things that are listed", ", ").join(several)


def propose(lines: Sequence[Any], *, by: Any) -> dict[int, list[Proposal]]:
    """The best proposals for each line of which something is left, by its key, best first; of what this person may see (a User, or the system)."""
    open_ = [line for line in lines if line.amount > 0 and line.left > 0 and not line.aside]
    seen = readable("instalments", ("account", "amount", "open", "currency", "due_on"), by) and readable("accounts", ("name",), by)
    if not open_ or not seen:
        return {line.pk: [] for line in lines}
    clues = clues_of(open_, by)
    desk = _Desk(open_, clues, by)
    return {line.pk: desk.judged(line) for line in open_} | {line.pk: [] for line in lines if line not in open_}


class _Desk:
    """Everything that may be paid by some lines, fetched once."""

    def __init__(self, lines: Sequence[Any], clues: Clues, by: Any) -> None:
        self.clues, self.by = clues, by
        instalments = visible(entity_named("instalments"), to=by).filter(~Q(state="paid"), open__gt=0)
        amounts, currencies = {line.left for line in lines}, {line.currency for line in lines}
        same = instalments.filter(open__in=amounts, currency__in=currencies).order_by("due_on", "pk")[:500]
        wanted = {key for line in lines for key in clues.accounts(line.pk)}
        their = Account.objects.filter(pk__in=wanted).order_by().values("pk").union(same.values("account"))
        self.owed: Mapping[int, list[Any]] = by_account(instalments.filter(account__in=their).order_by("due_on", "pk")[:2000])
        self.recorded = self._payments(amounts, currencies, lines)
        wanted |= {*self.owed, *(one.account_id for one in self.recorded)}
        self.names = {key: name for key, name in clues.names.items() if key in wanted}
        if unknown := wanted - self.names.keys():
            self.names |= visible(entity_named("accounts"), to=by).filter(pk__in=unknown).values_list("pk", "name")
        self.rates = self._rates(lines)

    def _rates(self, lines: Sequence[Any]) -> Mapping[str, Converter]:
        """For each currency of the lines, what the currencies owed were worth in it on their days."""
        owed = {one.currency for several in self.owed.values() for one in several}
        rates = {line.currency: Converter(line.currency) for line in lines}
        for target, converter in rates.items():
            converter.learn((currency, line.booked_on) for line in lines if line.currency == target for currency in owed)
        return rates

    def _payments(self, amounts: set[Decimal], currencies: set[str], lines: Sequence[Any]) -> list[Any]:
        """Payments that somebody recorded before the statement came."""
        if not readable("payments", ("account", "amount", "currency", "received_on", "bank_line"), self.by):
            return []
        first, last = min(line.booked_on for line in lines) - NEAR, max(line.booked_on for line in lines) + NEAR
        found = visible(entity_named("payments"), to=self.by).filter(bank_line__isnull=True, amount__in=amounts, currency__in=currencies)
        return list(found.filter(received_on__range=(first, last)).order_by("pk")[:500])

    def judged(self, line: Any) -> list[Proposal]:
        """A line's proposals, the best first."""
        found = [*self._by_payment(line), *(one for key in self.names for one in self._of_account(line, key))]
        best: dict[tuple[Any, ...], Proposal] = {}
        for one in sorted(found, key=lambda each: -each.score):
            if one.score >= LEAST:
                best.setdefault((one.account, one.keys, one.payment.pk if one.payment else None), one)
        ranked = list(best.values())[:MOST]
        if ranked and ranked[0].fits and ranked[0].score >= SURE:
            rivals = [one for one in ranked[1:] if one.fits and one.score > ranked[0].score - AHEAD]
            if not rivals:
                ranked[0] = Proposal(**{**ranked[0].__dict__, "sure": True})
        return ranked

    # ——— what speaks for an account ———

    def _who(self, line: Any, account: int) -> tuple[int, list[str]]:
        """How much speaks for the account, and what."""
        name = self.names.get(account, "")
        alike = self.clues.called[line.pk].get(account) or (alikeness(line.payer, name) if line.payer and name else 0)
        score, told = 0, []
        if alike == 1:
            score, told = CALLED, [_("The payer is called as the account")]
        elif alike >= 0.72:
            score, told = ALIKE, [_("The payer's name is like the account's")]
        if account in self.clues.before[line.pk]:
            score = max(score, BEFORE) + (3 if score else 0)
            told.append(_("This payer has paid for the account before"))
        return score, told

    def _papers(self, line: Any, account: int) -> tuple[set[int], set[int], list[str]]:
        """The orders and contracts of the account that the text names, and in which words."""
        theirs = [paper for paper in self.clues.named[line.pk] if paper.account == account]
        words = {"orders": _("The text names order %(number)s"), "contracts": _("The text names contract %(number)s")}
        told = [words.get(paper.path, _("The text names invoice %(number)s")) % {"number": paper.number} for paper in theirs]
        return {one.order for one in theirs if one.order}, {one.contract for one in theirs if one.contract}, told

    # ——— what is paid ———

    def _of_account(self, line: Any, account: int) -> Iterator[Proposal]:
        who, said = self._who(line, account)
        orders, contracts, named = self._papers(line, account)
        owed = self.owed.get(account, [])
        name = self.names[account]
        of_papers = [one for one in owed if one.order_id in orders or one.contract_id in contracts]
        for several, bonus, told in (
            (of_papers, NAMED, named),
            (owed, NAMED if named and not of_papers else 0, named if not of_papers else []),
        ):
            for paid, score, words in self._amounts(line, several):
                if score >= FITS or who or bonus:
                    yield Proposal(account, name, paid, None, min(who + bonus + score, 99), (*words, *told, *said), score >= FITS)
        if not owed and (who >= BEFORE or named):
            nothing = _("Nothing of this account is open: the money stays on account")
            yield Proposal(account, name, (), None, max(min(who + (NAMED if named else 0), 60), LEAST), (*named, *said, nothing), False)

    def _by_payment(self, line: Any) -> Iterator[Proposal]:
        for one in self.recorded:
            close = abs(one.received_on - line.booked_on) <= NEAR
            if one.amount != line.left or one.currency != line.currency or not close or one.account_id not in self.names:
                continue
            who, said = self._who(line, one.account_id)
            same = bool(line.reference) and one.reference == line.reference
            told = [_("The same amount was recorded as payment %(number)s") % {"number": one.number}]
            if same:
                told.append(_("With the same bank reference"))
            name = self.names[one.account_id]
            yield Proposal(one.account_id, name, (), one, min(RECORDED + who + (NAMED if same else 0), 99), (*told, *said), True)

    def _amounts(self, line: Any, owed: Sequence[Any]) -> Iterator[tuple[tuple[Any, ...], int, list[str]]]:
        """Which of these the amount may pay: (instalments, score, words), each way of fitting at most once."""
        if not owed:
            return
        worth = [(one, self._worth(one, line)) for one in owed]
        known = [(one, value) for one, value in worth if value is not None]
        exact = next((one for one, value in known if one.currency == line.currency and value == line.left), None)
        if exact is not None:
            yield (exact,), EXACT, [_("“%(instalment)s” to the last coin") % {"instalment": exact.name}]
        elif several := self._sum(line.left, [pair for pair in known if pair[0].currency == line.currency]):
            words = ngettext(
                "%(count)d instalment together, to the last coin", "%(count)d instalments together, to the last coin", len(several)
            )
            yield several, SUM, [words % {"count": len(several)}]
        else:
            about = min(((abs(value - line.left), place, one, value) for place, (one, value) in enumerate(known)), default=None)
            if about is not None and self._about(line.left, about[3], about[2].currency != line.currency):
                yield (about[2],), ABOUT, [self._nearly(line, about[2], about[3])]
        first = self._first_due(line.left, known)
        if first and (exact is None or first != (exact,)):
            yield first, FIRST_DUE, [_("Longest due first")]

    def _worth(self, one: Any, line: Any) -> Decimal | None:
        """What is open of an instalment, in the currency of the line."""
        if one.currency == line.currency:
            return Decimal(one.open)
        rate = self.rates[line.currency].rate(one.currency, line.booked_on)
        return None if rate is None else Money(one.open * rate, line.currency).rounded().amount

    def _sum(self, amount: Decimal, known: Sequence[tuple[Any, Decimal]]) -> tuple[Any, ...]:
        """Instalments that add up to the amount: the longest due of all, or any few."""
        total = Decimal(0)
        for place, (_one, value) in enumerate(known, 1):
            total += value
            if total == amount and place > 1:
                return tuple(one for one, _value in known[:place])
        for size in range(2, PARTS + 1):
            for several in combinations(known[:CONSIDERED], size):
                if sum(value for _one, value in several) == amount:
                    return tuple(one for one, _value in several)
        return ()

    def _about(self, amount: Decimal, worth: Decimal, converted: bool) -> bool:
        """Whether bank charges, or the bank's own rate, may be all that is between them."""
        between = abs(worth - amount)
        return between <= min(worth * CHARGES, MOST_CHARGES) or (converted and between <= worth * RATES)

    def _nearly(self, line: Any, one: Any, worth: Decimal) -> str:
        between = format_money(abs(worth - line.left), line.currency, self.by.locale.language)
        values = {"instalment": one.name, "amount": between}
        if one.currency != line.currency:
            return _("“%(instalment)s” by the rate of the day, %(amount)s apart") % values
        if line.left < worth:
            return _("%(amount)s less than “%(instalment)s”: bank charges?") % values
        return _("%(amount)s more than “%(instalment)s”") % values

    def _first_due(self, amount: Decimal, known: Sequence[tuple[Any, Decimal]]) -> tuple[Any, ...]:
        """As many of the longest due as the amount reaches."""
        taken, left = [], amount
        for one, value in known:
            if left <= 0:
                break
            taken.append(one)
            left -= value
        return tuple(taken)
