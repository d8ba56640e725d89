"""What a line of a bank statement says of who paid what: numbers in its text, the payer's name, who paid before. Asks the database a fixed number of times for many lines."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db.models import BigIntegerField, Value
from django.db.models.functions import Cast

from guanxi.access.models import User
from guanxi.access.sight import clear
from guanxi.base.names import company_core
from guanxi.base.words import fold
from guanxi.entity.registry import entity_named
from guanxi.record.models import Identity
from guanxi.record.reach import visible
from guanxi.surfaces.imports.names import ALIKE, likeness
from guanxi.surfaces.search.query import with_words

NUMBER = re.compile(r"[A-Za-z]{0,6}[-/_.]?\d[0-9A-Za-z]*(?:[-/_.][0-9A-Za-z]+)*")
OWN = re.compile(r"(SO|CT|QT|PY)[ -]?(20\d{2})[ -]?(\d{5,})$")
SHORTEST = 4
MOST_NUMBERS = 12
NOTHING = Cast(Value(None), BigIntegerField())
PAPERS = {"orders": ("pk", NOTHING), "contracts": (NOTHING, "pk"), "invoices": ("order", "contract")}
"""What a payer names in the text, each with a `number`; and the order and the contract that is about."""


class Paper(NamedTuple):
    """A paper that a line's text names."""

    path: str
    key: int
    number: str
    account: int | None
    order: int | None
    contract: int | None


@dataclass
class Clues:
    """What is known of each line, by its key."""

    named: dict[int, list[Paper]] = field(default_factory=lambda: defaultdict(list))
    """The papers that a line's text names."""
    called: dict[int, dict[int, float]] = field(default_factory=lambda: defaultdict(dict))
    """Accounts called as the payer, each with how alike the names are, to 1."""
    names: dict[int, str] = field(default_factory=dict)
    """What accounts that came up are called, as far as the reader sees them."""
    before: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    """Accounts for which this payer paid before."""

    def accounts(self, key: int) -> set[int]:
        """Every account that something speaks for."""
        return {paper.account for paper in self.named[key] if paper.account} | set(self.called[key]) | self.before[key]


def readable(path: str, names: Iterable[str], user: User) -> bool:
    """Whether the reader sees these fields of the entity themselves."""
    entity = entity_named(path)
    return user.rights.may("see", path) and all(clear(entity, entity.field(name), to=user) for name in names)


def numbers_in(text: str) -> list[str]:
    """What may be a number of a paper in a text; ours with their dashes, which banks leave out."""
    found: dict[str, None] = {}
    for raw in NUMBER.findall(text.upper().translate(str.maketrans("－—–／", "---/"))):
        one = raw.strip("-/_.")
        if len(one) >= SHORTEST and any(letter.isdigit() for letter in one):
            found[one] = None
            if ours := OWN.match(one):
                found["-".join(ours.groups())] = None
    return list(found)[:MOST_NUMBERS]


def clues_of(lines: Sequence[Any], user: User) -> Clues:
    """The clues of many lines, as far as this person may see what they lead to."""
    clues = Clues()
    _numbers(lines, clues, user)
    _payers_before(lines, clues, user)
    _names(lines, clues, user)
    return clues


def _numbers(lines: Sequence[Any], clues: Clues, user: User) -> None:
    wanted: dict[str, list[int]] = defaultdict(list)
    for line in lines:
        for number in numbers_in(f"{line.text} {line.reference}"):
            wanted[number].append(line.pk)
    if not wanted:
        return
    told = [
        visible(entity_named(path), to=user)
        .filter(number__in=list(wanted))
        .order_by()
        .values_list(Value(path), "pk", "number", "account", *leads)[:500]
        for path, leads in PAPERS.items()
        if readable(path, ("number", "account"), user)
    ]
    if not told:
        return
    for row in sorted(told[0].union(*told[1:], all=True)):
        paper = Paper(*row)
        for key in wanted[paper.number.upper()]:
            clues.named[key].append(paper)


def _payers_before(lines: Sequence[Any], clues: Clues, user: User) -> None:
    wanted: dict[str, list[int]] = defaultdict(list)
    for line in lines:
        if line.payer:
            wanted[line.payer].append(line.pk)
    if wanted and readable("payments", ("payer", "account"), user):
        paid = visible(entity_named("payments"), to=user).filter(payer__in=list(wanted)).order_by()
        for payer, account in paid.values_list("payer", "account").distinct()[:500]:
            for key in wanted[payer]:
                clues.before[key].add(account)


def _names(lines: Sequence[Any], clues: Clues, user: User) -> None:
    """Accounts by their names: the same in full, or the same without place and legal form."""
    if not readable("accounts", ("name",), user):
        return
    by_payer: dict[str, list[Any]] = defaultdict(list)
    for line in lines:
        if line.payer:
            by_payer[line.payer].append(line)
    entity = entity_named("accounts")
    if not by_payer:
        return
    texts = {fold(text)[:200] for payer in by_payer for text in (payer, company_core(payer))}
    same = Identity.objects.filter(entity="accounts", what="name", value__in=texts).values_list("record_id", flat=True)[:1000]
    found = visible(entity, to=user).filter(pk__in=with_words([company_core(payer) for payer in by_payer], entity, to=user).union(same))
    clues.names = dict(found.values_list("pk", "name"))
    for account_key, name in clues.names.items():
        for payer, theirs in by_payer.items():
            alike = alikeness(payer, name)
            if alike >= ALIKE:
                for line in theirs:
                    clues.called[line.pk][account_key] = alike


def alikeness(payer: str, name: str) -> float:
    """How alike a payer's name and an account's are, whatever they are in law; 1 for the same."""
    if fold(payer) == fold(name) or company_core(payer) == company_core(name):
        return 1.0
    return min(likeness(payer, name), 0.99)


def by_account(rows: Iterable[Any]) -> Mapping[int, list[Any]]:
    """Instalments by their accounts, in the order they came."""
    found: dict[int, list[Any]] = defaultdict(list)
    for one in rows:
        found[one.account_id].append(one)
    return found
