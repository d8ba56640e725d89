"""Kinds that count: whole and decimal numbers, money, percentages, durations, yes or no."""

from __future__ import annotations

import math
import re
from decimal import Decimal, InvalidOperation
from html import escape
from typing import Any, ClassVar

from django.http import QueryDict
from django.utils.translation import gettext as _

from guanxi.base.money import CURRENCIES, Money, format_in_full, format_money, parse_money
from guanxi.entity.actors import Locale, Titles
from guanxi.entity.kinds.base import EMPTINESS, ORDER, Kind

COMPARE = ("=", "!=", "in", "not in", *ORDER, *EMPTINESS)
FARTHEST = 100
"""Digits before or after the point beyond which a number means nothing here, and would only cost memory."""
GROUPS = re.compile(r"^-?\d{1,3}(,\d{3})+(\.\d+)?$")


def decimal_of(raw: object) -> Decimal:
    """The number in a text such as `1,234.50`; ValueError when there is none."""
    if isinstance(raw, bool):
        raise ValueError(_("Type a number."))
    text = str(raw).strip().replace("−", "-").replace(" ", "").replace(" ", "")
    text = text.translate(str.maketrans("０１２３４５６７８９．，－", "0123456789.,-"))
    if GROUPS.match(text):
        text = text.replace(",", "")
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise ValueError(_("“%(text)s” is not a number.") % {"text": str(raw)[:40]}) from None
    if not number.is_finite():
        raise ValueError(_("“%(text)s” is not a number.") % {"text": str(raw)[:40]})
    if abs(number.adjusted()) > FARTHEST:
        raise ValueError(_("This number is too large."))
    return number


class Number(Kind):
    """A decimal number."""

    name = "number"
    template = "kinds/number.html"
    icon = "number"
    operators = COMPARE
    numeric = True

    def __init__(self, digits: int = 20, places: int = 4) -> None:
        self.digits, self.places = digits, places

    def clean(self, raw: object, locale: Locale) -> Any:
        if raw is None or raw == "":
            return None
        number = decimal_of(raw)
        if abs(number) >= Decimal(10) ** (self.digits - self.places):
            raise ValueError(_("This number is too large."))
        return round(number, self.places)

    def format(self, value: Any, locale: Locale, titles: Titles) -> str:
        if value is None:
            return ""
        text = f"{value:,f}"
        return text.rstrip("0").rstrip(".") if "." in text else text

    def dump(self, value: Any) -> Any:
        if not isinstance(value, Decimal):
            return value
        plain = f"{value:f}"
        return plain.rstrip("0").rstrip(".") if "." in plain else plain

    def keep(self, value: Any) -> Any:
        if value is None:
            return None
        amount = value.amount if isinstance(value, Money) else value
        return int(amount) if amount == int(amount) else float(amount)

    def load(self, stored: Any) -> Any:
        return None if stored is None else Decimal(str(stored))

    def tokens(self, value: Any) -> list[str]:
        return []

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "format": "decimal", "pattern": r"^-?\d+(\.\d+)?$"}

    def sample(self) -> Any:
        return "12.5"


class Whole(Number):
    """A whole number."""

    name = "whole number"

    def __init__(self, lowest: int = -(2**31), highest: int = 2**31 - 1) -> None:
        super().__init__(20, 0)
        self.lowest, self.highest = lowest, highest

    def clean(self, raw: object, locale: Locale) -> int | None:
        if raw is None or raw == "":
            return None
        number = decimal_of(raw)
        if number != number.to_integral_value():
            raise ValueError(_("Type a whole number."))
        if not self.lowest <= number <= self.highest:
            raise ValueError(_("Type a number from %(low)s to %(high)s.") % {"low": self.lowest, "high": self.highest})
        return int(number)

    def format(self, value: Any, locale: Locale, titles: Titles) -> str:
        return "" if value is None else f"{value:,}"

    def dump(self, value: Any) -> Any:
        return value

    def load(self, stored: Any) -> Any:
        return None if stored is None else int(stored)

    def schema(self) -> dict[str, Any]:
        return {"type": "integer", "minimum": self.lowest, "maximum": self.highest}

    def sample(self) -> Any:
        return max(self.lowest, 1)


class Year(Whole):
    """A calendar year: no thousands separator."""

    name = "year"

    def __init__(self) -> None:
        super().__init__(1000, 9999)

    def format(self, value: Any, locale: Locale, titles: Titles) -> str:
        return "" if value is None else str(value)

    def sample(self) -> Any:
        return 1996


class Percent(Number):
    """A fraction, typed and shown as per cent."""

    name = "percent"
    template = "kinds/percent.html"
    icon = "percentage"

    def __init__(self) -> None:
        super().__init__(7, 4)

    def clean(self, raw: object, locale: Locale) -> Decimal | None:
        if raw is None or raw == "":
            return None
        text = str(raw).strip()
        number = decimal_of(text.rstrip("%％")) / 100 if text[-1:] in "%％" else decimal_of(text)
        if not -10 <= number <= 10:
            raise ValueError(_("Type a percentage, such as 60%%.") % ())
        return round(number, 4)

    def format(self, value: Any, locale: Locale, titles: Titles) -> str:
        return "" if value is None else f"{value * 100:.2f}".rstrip("0").rstrip(".") + "%"

    def text(self, value: Any) -> str:
        return "" if value is None else f"{(Decimal(value) * 100).normalize():f}%"

    def sample(self) -> Any:
        return "0.6"

    def read(self, posted: QueryDict, name: str) -> object:
        typed = str(posted.get(name, "")).strip()
        return typed if not typed or typed[-1:] in "%％" else f"{typed}%"


class MoneyKind(Number):
    """An amount whose currency stands in another field of the record."""

    name = "money"
    template = "kinds/money.html"
    icon = "coin"

    def __init__(self, currency: str = "currency", digits: int = 20, places: int = 4, *, negative: bool = True) -> None:
        super().__init__(digits, places)
        self.currency, self.negative = currency, negative

    def clean(self, raw: object, locale: Locale) -> Any:
        """The amount; a currency written beside it is refused unless it is the record's own."""
        if raw is None or raw == "":
            return None
        plain = isinstance(raw, (int, float, Decimal)) and not isinstance(raw, bool)
        amount = super().clean(raw if plain else parse_money(str(raw), locale.currency).amount, locale)
        if amount < 0 and not self.negative:
            raise ValueError(_("An amount is not below zero."))
        return amount

    def format(self, value: Any, locale: Locale, titles: Titles) -> str:
        if value is None:
            return ""
        if isinstance(value, Money):
            return format_money(value.amount, value.currency, locale.language)
        return format_money(value, locale.currency, locale.language)

    def of(self, field: Any, record: Any) -> Any:
        amount = super().of(field, record)
        currency = getattr(record, self.currency, None)
        return Money(amount, currency) if amount is not None and currency else amount

    def dump(self, value: Any) -> Any:
        return super().dump(value.amount if isinstance(value, Money) else value)

    def input(self, value: Any, locale: Locale, titles: Titles) -> dict[str, Any]:
        amount = value.amount if isinstance(value, Money) else value
        currency = value.currency if isinstance(value, Money) else locale.currency
        return {"text": "" if amount is None else super().format(amount, locale, titles), "currency": currency}

    def sample(self) -> Any:
        return "1284.5"


class UnitPrice(MoneyKind):
    """What one piece costs: never rounded to coins, as a screw may cost a cent and a quarter. Written as on papers ($890.00, $0.0125)."""

    def format(self, value: Any, locale: Locale, titles: Titles) -> str:
        if value is None:
            return ""
        money = value if isinstance(value, Money) else Money(value, locale.currency)
        return format_in_full(money.amount, money.currency, locale.language)


class Currency(Kind):
    """A currency by its ISO 4217 code."""

    name = "currency"
    template = "kinds/choice.html"
    icon = "currency"
    operators: ClassVar[tuple[str, ...]] = ("=", "!=", "in", "not in")
    empty = ""

    def clean(self, raw: object, locale: Locale) -> str:
        code = str(raw or "").strip().upper()
        if code and code not in CURRENCIES:
            raise ValueError(_("“%(code)s” is not a currency code.") % {"code": code[:10]})
        return code

    def input(self, value: Any, locale: Locale, titles: Titles) -> dict[str, Any]:
        common = dict.fromkeys([locale.currency, "CNY", "USD", "EUR", "GBP", "JPY", "HKD", "TWD", "SGD"])
        every = [*common, *(code for code in CURRENCIES if code not in common)]
        return {"text": value, "options": [(code, code, code == value) for code in every]}

    def tokens(self, value: Any) -> list[str]:
        return []

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": "^[A-Z]{3}$"}

    def sample(self) -> str:
        return "CNY"


class Duration(Whole):
    """Minutes; typed as `90`, `1h30`, `1:30`."""

    name = "duration"
    template = "kinds/text.html"
    icon = "hourglass"

    def __init__(self) -> None:
        super().__init__(0, 60 * 24 * 366)

    def clean(self, raw: object, locale: Locale) -> int | None:
        text = str(raw if raw is not None else "").strip().lower()
        hours = re.fullmatch(r"(\d+)\s*(?:h|:|小时)\s*(\d*)\s*(?:m|min|分|分钟)?", text)
        if hours:
            return super().clean(int(hours[1]) * 60 + int(hours[2] or 0), locale)
        return super().clean(re.sub(r"\s*(m|min|分钟?)$", "", text), locale)

    def format(self, value: Any, locale: Locale, titles: Titles) -> str:
        if value is None:
            return ""
        hours, minutes = divmod(value, 60)
        if not hours:
            return _("%(minutes)d min") % {"minutes": minutes}
        return _("%(hours)d h %(minutes)02d") % {"hours": hours, "minutes": minutes} if minutes else _("%(hours)d h") % {"hours": hours}


class YesNo(Kind):
    """Yes or no."""

    name = "yes/no"
    template = "kinds/yesno.html"
    icon = "toggle-left"
    operators = ("=", "!=")
    empty = False

    YES = frozenset({"1", "true", "yes", "y", "on", "t", "是", "真", "对", "√", "✓", "有"})
    NO = frozenset({"", "0", "false", "no", "n", "off", "f", "否", "假", "错", "×", "无"})

    def clean(self, raw: object, locale: Locale) -> bool:
        if isinstance(raw, bool):
            return raw
        text = "" if raw is None else str(raw).strip().lower()
        if text in self.YES:
            return True
        if text in self.NO or (isinstance(raw, float) and math.isclose(raw, 0)):
            return False
        raise ValueError(_("“%(text)s” is neither yes nor no.") % {"text": text[:40]})

    def format(self, value: Any, locale: Locale, titles: Titles) -> str:
        return _("Yes") if value else _("No")

    def html(self, value: Any, locale: Locale, titles: Titles) -> str:
        return escape(self.format(value, locale, titles)) if value else '<span class="dim">' + escape(_("No")) + "</span>"

    def text(self, value: Any) -> str:
        return "true" if value else "false"

    def dump(self, value: Any) -> Any:
        return bool(value)

    def is_empty(self, value: Any) -> bool:
        return value is None

    def input(self, value: Any, locale: Locale, titles: Titles) -> dict[str, Any]:
        return {"on": bool(value)}

    def tokens(self, value: Any) -> list[str]:
        return []

    def schema(self) -> dict[str, Any]:
        return {"type": "boolean"}

    def sample(self) -> bool:
        return True
