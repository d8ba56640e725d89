"""The parts of an address as inputs: divisions to choose from in mainland China, free form elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_GET

from guanxi.base.divisions import Division, cities, districts, provinces
from guanxi.base.languages import locale_of
from guanxi.base.ordering import in_order
from guanxi.entity.actors import Locale
from guanxi.surfaces.pages import user_of

MAINLAND = "CN"
COMMON = ("CN", "HK", "TW", "MO", "US", "GB", "DE", "JP", "KR", "SG")


@dataclass(frozen=True)
class Choice:
    """One country or division to choose."""

    value: str
    label: str
    code: str
    chosen: bool


@dataclass(frozen=True)
class Level:
    """A select of divisions: provinces, cities or districts."""

    part: str
    label: str
    choices: list[Choice]


@dataclass(frozen=True)
class AddressInput:
    """What the template of an address needs."""

    parts: Mapping[str, str]
    countries: list[Choice]
    levels: list[Level]
    """Selects for mainland China; none elsewhere, where the parts are typed."""
    lines: list[tuple[str, str, str]]
    """(part, text, label) of the parts that are typed."""
    offered: str = ""
    """The country that stands there unasked; alone it is no address."""


def address_input(parts: Mapping[str, str], labels: Mapping[str, str], locale: Locale) -> AddressInput:
    """The address as it stands, ready to be edited. Nothing that stands in it is lost for not being in a list."""
    typed = any(parts.get(part) for part in ("province", "city", "district", "street", "text"))
    offered = "" if typed or parts.get("country") else locale.region
    country = parts.get("country") or offered
    chinese = country == MAINLAND
    levels = _levels(parts, labels, locale) if chinese else []
    free = ["postcode"] if chinese else ["district", "city", "province", "postcode"]
    if parts.get("text"):
        free.append("text")
    lines = [(part, parts.get(part, ""), labels[part]) for part in free]
    return AddressInput(parts, _countries(country, locale.language), levels, lines, offered)


def _levels(parts: Mapping[str, str], labels: Mapping[str, str], locale: Locale) -> list[Level]:
    province, city = parts.get("province", ""), parts.get("city", "")
    offered = (
        ("province", provinces()),
        ("city", cities(province) if province else []),
        ("district", districts(city) if city else []),
    )
    return [Level(part, labels[part], _choices(found, parts.get(part, ""), locale.language)) for part, found in offered]


def _choices(found: Sequence[Division], present: str, language: str) -> list[Choice]:
    choices = [Choice(one.name, one.title(language), one.code, present in {one.name, one.short}) for one in found]
    if present and not any(one.chosen for one in choices):
        choices.insert(0, Choice(present, present, "", True))
    return choices


def _countries(present: str, language: str) -> list[Choice]:
    named = territories(language)
    choices = [Choice(code, label, code, code == present) for code, label in named.items()]
    if present and present not in named:
        choices.insert(0, Choice(present, present, "", True))
    return choices


@lru_cache(maxsize=8)
def territories(language: str) -> dict[str, str]:
    """Countries by their codes, named in the language: the common ones, then all by name."""
    names = {code: str(name) for code, name in locale_of(language).territories.items() if len(code) == 2 and code.isalpha()}
    every = sorted(names.items(), key=lambda pair: in_order(pair[1]))
    return {code: names[code] for code in COMMON} | dict(every)


@require_GET
def regions(request: HttpRequest) -> HttpResponse:
    """The divisions below one, by its code: cities of a province, districts of a city."""
    parent = request.GET.get("parent", "")[:40]
    language = user_of(request).locale.language
    found = cities(parent) or districts(parent)
    return JsonResponse([{"value": one.name, "label": one.title(language), "code": one.code} for one in found], safe=False)
