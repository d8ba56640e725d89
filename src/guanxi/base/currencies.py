"""Currencies in use: codes, smallest coins, and the names and symbols people write them with.

Amounts live in money.
"""

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

from babel.core import get_global
from babel.numbers import get_currency_symbol

from guanxi.base.languages import locale_of

# ISO 4217. Babel's own figures are for cash: they would round the cents of a Serbian invoice away.
_NO_MINOR_UNITS = frozenset(
    {"BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW"} | {"PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"}
)
_THOUSANDTHS = frozenset({"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"})


class Currency(NamedTuple):
    """A currency in use: its ISO 4217 code and how many decimals its smallest coin needs."""

    code: str
    minor_units: int

    def symbol(self, language: str) -> str:
        """How the currency is written before an amount: $, CN¥, CHF."""
        return get_currency_symbol(self.code, locale_of(language))

    def name(self, language: str) -> str:
        """What the currency is called: US Dollar, 美元."""
        return str(locale_of(language).currencies.get(self.code, self.code))


def _currencies_in_use() -> dict[str, Currency]:
    in_use = {
        code for history in get_global("territory_currencies").values() for code, _start, end, tender in history if end is None and tender
    }
    return {code: Currency(code, 0 if code in _NO_MINOR_UNITS else 3 if code in _THOUSANDTHS else 2) for code in sorted(in_use)}


CURRENCIES: Mapping[str, Currency] = MappingProxyType(_currencies_in_use())


def minor_units(currency: str) -> int:
    """How many decimals the currency's smallest coin needs; two where it is not known."""
    known = CURRENCIES.get(currency)
    return known.minor_units if known else 2


def currency_at_start(plain: str) -> tuple[tuple[str, ...], str]:
    """(the currencies meant by what folded text begins with, commonest first; the rest of the text)."""
    names = _names()
    match = names.at_start.match(plain)
    return (names.meanings[match[1]], plain[match.end() :].strip()) if match else ((), plain)


def currency_at_end(plain: str) -> tuple[tuple[str, ...], str]:
    """(the currencies meant by what folded text ends with, commonest first; the rest of the text)."""
    names = _names()
    match = names.at_end.search(plain)
    return (names.meanings[match[1]], plain[: match.start()].strip()) if match else ((), plain)


# Names and symbols of several currencies, the commonest first.
_SHARED_SYMBOLS: dict[str, tuple[str, ...]] = {
    "$": ("USD", *sorted(code for code in CURRENCIES if code.endswith("D")), "MXN", "ARS", "CLP", "COP", "UYU"),
    "¥": ("CNY", "JPY"),
    "元": ("CNY", "TWD", "HKD", "MOP", "USD"),
    "圆": ("CNY", "JPY", "TWD"),
    "块": ("CNY", "TWD"),
    "円": ("JPY",),
    "rmb": ("CNY",),
    "yuan": ("CNY",),
    "港币": ("HKD",),
    "港元": ("HKD",),
    "台币": ("TWD",),
    "美金": ("USD",),
    "欧": ("EUR",),
    "dollars": ("USD", "CAD", "AUD", "NZD", "SGD", "HKD"),
    "euro": ("EUR",),
    "euros": ("EUR",),
    "pounds": ("GBP",),
    "£": ("GBP", "EGP"),
    "us$": ("USD",),
    "c$": ("CAD",),
    "s$": ("SGD",),
    "cn¥": ("CNY",),
    "jp¥": ("JPY",),
    "kr": ("SEK", "NOK", "DKK", "ISK"),
    "zł": ("PLN",),
    "kč": ("CZK",),
    "₽": ("RUB",),
    "₺": ("TRY",),
    "₴": ("UAH",),
    "฿": ("THB",),
    "₱": ("PHP",),
    "rs": ("INR", "PKR", "LKR", "NPR"),
    "rs.": ("INR", "PKR", "LKR", "NPR"),
}


def _meanings() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for code, currency in CURRENCIES.items():
        found[currency.name("zh-hans").casefold()] = (code,)
        for locale in ("en", "zh-hans"):
            symbol = unicodedata.normalize("NFKC", currency.symbol(locale)).casefold()
            if len(symbol) > 1 or not symbol.isalpha():
                found[symbol] = (code,)
        found[code.casefold()] = (code,)
    return found | _SHARED_SYMBOLS


class _Names(NamedTuple):
    meanings: dict[str, tuple[str, ...]]
    at_start: re.Pattern[str]
    at_end: re.Pattern[str]


@lru_cache(maxsize=1)
def _names() -> _Names:
    """What currencies are called, made at first use: it takes the names of two languages."""
    meanings = _meanings()
    any_name = "|".join(re.escape(name) for name in sorted(meanings, key=len, reverse=True))
    return _Names(meanings, re.compile(rf"({any_name})"), re.compile(rf"({any_name})$"))
