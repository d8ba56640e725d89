"""Money: an amount with its currency; how it is written, read and divided.

Amounts are exact (`Decimal`). Exchange rates and what a deal is worth do not live here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple, Self

from babel.numbers import get_currency_symbol
from django.utils.translation import gettext

from guanxi.base.amounts import decimals_of, parse_amount, plain_number_text
from guanxi.base.currencies import CURRENCIES, Currency, currency_at_end, currency_at_start, minor_units
from guanxi.base.languages import is_chinese, locale_of

__all__ = ["CURRENCIES", "Currency", "Money", "format_money", "minor_units", "parse_money", "split"]


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in one currency. Adding or comparing two currencies raises ValueError."""

    amount: Decimal
    currency: str

    def __add__(self, other: "Money") -> "Money":
        return Money(self.amount + self._same(other), self.currency)

    def __radd__(self, other: object) -> Self:
        if other == 0:  # what sum() starts with
            return self
        return NotImplemented

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.amount - self._same(other), self.currency)

    def __mul__(self, factor: Decimal | int) -> "Money":
        return Money(self.amount * factor, self.currency)

    __rmul__ = __mul__

    def __truediv__(self, divisor: Decimal | int) -> "Money":
        return Money(self.amount / divisor, self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.amount, self.currency)

    def __abs__(self) -> "Money":
        return Money(abs(self.amount), self.currency)

    def __bool__(self) -> bool:
        return bool(self.amount)

    def __lt__(self, other: "Money") -> bool:
        return self.amount < self._same(other)

    def __le__(self, other: "Money") -> bool:
        return self.amount <= self._same(other)

    def __gt__(self, other: "Money") -> bool:
        return self.amount > self._same(other)

    def __ge__(self, other: "Money") -> bool:
        return self.amount >= self._same(other)

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"

    def rounded(self) -> "Money":
        """To the currency's smallest coin, halves away from zero."""
        return Money(_rounded(self.amount, minor_units(self.currency)), self.currency)

    def _same(self, other: "Money") -> Decimal:
        if self.currency != other.currency:
            raise ValueError(
                gettext("%(one)s and %(other)s cannot be added or compared: convert one of them first.")
                % {"one": self.currency, "other": other.currency}
            )
        return other.amount


def format_money(amount: Decimal, currency: str, language: str, short: bool = False) -> str:
    """An amount for reading: $184,000, $0.50, -¥1,745,300; `short`: $1.4M, ¥135 万.

    Rounded to the currency's smallest coin; decimals only where there are any.
    """
    way = _way_of_writing(currency, language)
    number = _short_number(abs(amount), way) if short else _grouped(_rounded(abs(amount), way.minor_units), way)
    sign = "-" if amount < 0 and number.strip("0.,") else ""
    return sign + way.symbol + number


def format_sum(amount: Decimal, currency: str, language: str, *, bare: bool = False) -> str:
    """What is added up of many, converted or estimated: a large one without its coins, $501,470; `bare` where the currency stands elsewhere."""
    written = format_money(amount.quantize(Decimal(1), ROUND_HALF_UP) if abs(amount) >= _LARGE else amount, currency, language)
    return written.replace(_way_of_writing(currency, language).symbol, "") if bare else written


_LARGE = 1000


def format_in_full(amount: Decimal, currency: str, language: str) -> str:
    """An amount as papers write it: with its coins always ($890.00), and a price with all of its decimals ($0.0125)."""
    way = _way_of_writing(currency, language)
    most = len(f"{amount:.4f}".rstrip("0").partition(".")[2])
    written = f"{abs(amount):,.{max(way.minor_units, most)}f}".translate({ord("."): way.point, ord(","): way.group})
    return ("-" if amount < 0 else "") + way.symbol + written


class _Way(NamedTuple):
    """What writing amounts of one currency in one language needs."""

    symbol: str
    minor_units: int
    point: str
    group: str
    steps: tuple[tuple[Decimal, str], ...]


_MYRIADS = ((Decimal(10) ** 8, "\u00a0亿"), (Decimal(10) ** 4, "\u00a0万"))
_THOUSANDS = ((Decimal(10) ** 9, "B"), (Decimal(10) ** 6, "M"), (Decimal(10) ** 3, "K"))


@lru_cache(maxsize=512)
def _way_of_writing(currency: str, language: str) -> _Way:
    locale = locale_of(language)
    symbol = get_currency_symbol(currency, locale)
    if symbol[-1:].isalpha() or symbol.endswith("."):
        symbol += "\u00a0"
    numbers = locale.number_symbols["latn"]
    steps = _MYRIADS if is_chinese(language) else _THOUSANDS
    return _Way(symbol, minor_units(currency), numbers["decimal"], numbers["group"], steps)


def _rounded(amount: Decimal, digits: int) -> Decimal:
    return amount.quantize(_QUANTA[digits], ROUND_HALF_UP)


_QUANTA = {digits: Decimal(1).scaleb(-digits) for digits in range(4)}


def _grouped(amount: Decimal, way: _Way) -> str:
    written = f"{amount:,}"
    whole, _, coins = written.partition(".")
    if not coins.strip("0"):
        written = whole
    if way.point != "." or way.group != ",":
        written = written.translate({ord("."): way.point, ord(","): way.group})
    return written


def _short_number(amount: Decimal, way: _Way) -> str:
    for at, (step, word) in enumerate(way.steps):
        if amount >= step:
            shown = _three_digits(amount / step)
            if at and shown * step >= way.steps[at - 1][0]:  # 999,950 is 1M, not 1,000K
                return "1" + way.steps[at - 1][1]
            return _grouped(shown, way) + word
    return _grouped(_rounded(amount, 0 if amount >= 100 else way.minor_units), way)


def _three_digits(number: Decimal) -> Decimal:
    return _rounded(number, 1) if number < 100 else _rounded(number, 0)


def parse_money(text: str, default_currency: str) -> Money:
    """Money as people write it; ValueError says what is wrong with it.

    Takes 1,054.00 · ¥1 234,50 · USD 1.5k · 12万元 · ￥3.2亿 · (500) · −500 · 500-; how the number is
    read says amounts.parse_amount. A currency is its code, symbol or name; a symbol of several
    currencies ($, ¥, kr) means the default currency if that is one of them, else the commonest.
    """
    plain = plain_number_text(text).replace(".--", "").replace(".-", "")  # Swiss whole francs: 12.–
    if not plain:
        raise ValueError(gettext("Enter an amount, for example 1,054.00."))
    negative, currencies, number = _take_apart(plain)
    if not any(map(str.isdecimal, number)):
        raise ValueError(gettext("“%(text)s” is not an amount: write it like 1,054.00.") % {"text": text.strip()})
    try:
        amount = parse_amount(number)
    except ValueError as problem:
        if number == plain:
            raise
        raise ValueError(
            gettext("“%(text)s” is not an amount of money. %(problem)s") % {"text": text.strip(), "problem": problem}
        ) from None
    return Money(-amount if negative and amount else amount, _chosen(currencies, default_currency))


def _take_apart(plain: str) -> tuple[bool, tuple[str, ...], str]:
    """(is it negative, the currencies it may mean, the number), whatever the order they come in."""
    negative, plain = _without_sign(plain)
    before, plain = currency_at_start(plain)
    also_negative, plain = _without_sign(plain)
    after, plain = currency_at_end(plain.removesuffix("整").removesuffix("正"))
    if not after and not also_negative:
        also_negative, plain = _without_sign(plain)
        after, plain = currency_at_end(plain)
    if before and after:
        before = tuple(currency for currency in before if currency in after)
        after = ()
        if not before:
            raise ValueError(gettext("There are two different currencies in one amount."))
    return negative != also_negative, before or after, plain


def _without_sign(plain: str) -> tuple[bool, str]:
    """(is it negative by a minus at either end or by brackets, the text without them)."""
    if plain.startswith("(") and plain.endswith(")"):
        return True, plain[1:-1].strip()
    if plain.endswith("-") and plain[0] not in "+-":
        return True, plain[:-1].strip()
    if plain.startswith(("+", "-")):
        return plain[0] == "-", plain[1:].strip()
    return False, plain


def _chosen(currencies: tuple[str, ...], default_currency: str) -> str:
    if not currencies or default_currency in currencies:
        return default_currency
    return currencies[0]


def split(amount: Decimal, weights: Sequence[Decimal | int], minor_units: int = 2) -> list[Decimal]:
    """The amount divided by weights into whole coins that sum to exactly the amount.

    What does not divide goes coin by coin to the largest remainders, first come first. Weights are
    not negative; all zero means equal shares. An amount finer than the coin is divided as fine as
    it is, so that nothing is lost.
    """
    if not weights or any(weight < 0 for weight in weights):
        raise ValueError(gettext("An amount is divided by one or more weights that are not negative."))
    digits = max(minor_units, decimals_of(amount))
    coins = abs(int(amount.scaleb(digits)))
    fractions = [Fraction(weight) for weight in weights]
    total = sum(fractions)
    if not total:
        fractions, total = [Fraction(1)] * len(weights), Fraction(len(weights))
    exact = [coins * weight / total for weight in fractions]
    shares = [int(share) for share in exact]
    by_remainder = sorted(range(len(shares)), key=lambda at: shares[at] - exact[at])
    for at in by_remainder[: coins - sum(shares)]:
        shares[at] += 1
    sign = -1 if amount < 0 else 1
    return [Decimal(sign * share).scaleb(-digits) for share in shares]
