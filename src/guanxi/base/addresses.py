"""Postal addresses by parts: country, province, city, district, street, postcode, or text alone.

`country` is an ISO 3166 code (CN). Chinese addresses are read from one line by the table of divisions;
others keep their line as `text`.
"""

import re
from collections.abc import Mapping
from typing import TypeVar

from guanxi.base.divisions import Division, cities, districts, divisions, english_name, provinces
from guanxi.base.languages import is_chinese, locale_of

__all__ = ["PARTS", "Division", "cities", "districts", "english_name", "one_line", "parse_address", "provinces"]

PARTS = ("country", "province", "city", "district", "street", "postcode", "text")

_Named = TypeVar("_Named")
_HAN = re.compile(r"[\u3400-\u9fff]")


def one_line(address: Mapping[str, str], language: str) -> str:
    """The address in a line, largest part first in Chinese (上海市浦东新区东方路88号), last elsewhere.

    A Chinese address with a street in characters stays in characters in every language: it is what a
    courier needs. Without one the divisions are named in the reader's language.
    """
    province, city, district, street, postcode = (
        (address.get(part) or "").strip() for part in ("province", "city", "district", "street", "postcode")
    )
    country = (address.get("country") or "").strip()
    if not (province or city or district or street):
        return _joined([(address.get("text") or "").strip(), postcode, _country_name(country, language)])
    if city == province:
        city = ""
    chinese = _HAN.search(province + city + district + street)
    if chinese and (is_chinese(language) or _HAN.search(street)):
        line = province + city + district + street
        abroad = "" if country in ("", "CN", "中国") else _country_name(country, language)
        return abroad + line + (f" {postcode}" if postcode else "")
    if chinese:
        province, city, district = (english_name(part) if part else "" for part in (province, city, district))
    region = " ".join(part for part in (province, postcode) if part)
    return _joined([street, district, city, region, _country_name(country, language)])


def _joined(parts: list[str]) -> str:
    return ", ".join(part for part in parts if part)


def _country_name(country: str, language: str) -> str:
    return str(locale_of(language).territories.get(country, country)) if country else ""


def parse_address(text: str) -> dict[str, str]:
    """The parts of a Chinese address in one line; {"text": …} for what is not one; {} for nothing.

    Provinces and cities are known with and without 省 and 市, districts by their full names. A district
    alone is placed where only one city has it; a street's name (北京东路) is never taken for a city.
    """
    text = " ".join(text.split())
    if not text:
        return {}
    rest, postcode = _without_postcode(text)
    rest, said_china = _without_country(rest)
    found, rest = _divisions_at_start(rest)
    if not found and not (said_china and _HAN.search(rest)):
        return {"text": text}
    parts = {"country": "CN", **found, "street": rest.strip(" ,，、-"), "postcode": postcode}
    return {part: value for part, value in parts.items() if value}


_POSTCODE = re.compile(
    r"^[(（\[]?(?:邮编|邮政编码)?[:：]?\s*(\d{6})[)）\]]?[\s,，]+(?=\D)"
    r"|[\s,，(（\[]*(?:邮编|邮政编码)[:：]?\s*(\d{6})[)）\]]?$"
    r"|[\s,，(（\[]+(\d{6})[)）\]]?$"
)
_CHINA = re.compile(r"^(?:中华人民共和国|中国大陆|中国)[\s,，]*(?![一-鿿]{0,4}(?:路|街|道|银行|大厦|公司))")
# What makes the name of a city, said without 市, a part of another name: 北京东路, 朝阳区, 吉林市.
_OTHER_NAME = re.compile(r"[市区县旗镇乡村]|[东西南北中一二三四五六]{0,2}[大小]?(?:路|街|道|巷|弄|胡同)")
_BETWEEN = re.compile(r"[\s,，、/-]*")


def _without_postcode(text: str) -> tuple[str, str]:
    match = _POSTCODE.search(text)
    if not match:
        return text, ""
    return (text[: match.start()] + text[match.end() :]).strip(), next(filter(None, match.groups()))


def _without_country(text: str) -> tuple[str, bool]:
    match = _CHINA.match(text)
    return (text[match.end() :], True) if match else (text, False)


def _divisions_at_start(text: str) -> tuple[dict[str, str], str]:
    """(the province, city and district the text begins with, the rest of it)."""
    found: dict[str, str] = {}
    rest = text
    province = next((one for one in provinces() if _said(one, text)), None)
    candidates = _longest(text, divisions().cities_by_name)
    if candidates and text.startswith(candidates[0].city.name) and not text.startswith(candidates[0].province.name):
        province = None  # 海南藏族自治州 is no part of 海南
    if province:
        found["province"] = province.name
        rest = _after(rest, province)
        candidates = _longest(rest, divisions().cities_by_name)
        if province.name.endswith("市"):
            found["city"] = province.name
            rest = _after(rest.removeprefix("市辖区"), province)
            rest = rest.removeprefix("县")  # what some exports write between 重庆市 and its counties
    for at in candidates:
        if found.get("city", at.city.name) == at.city.name and found.get("province", at.province.name) == at.province.name:
            if not _said(at.city, rest):
                continue
            found |= {"province": at.province.name, "city": at.city.name}
            rest = _after(rest, at.city)
            break
    return _district_at_start(found, rest)


def _district_at_start(found: dict[str, str], rest: str) -> tuple[dict[str, str], str]:
    places = [
        (at, district)
        for at, district in _longest(rest, divisions().districts_by_name)
        if found.get("city", at.city.name) == at.city.name and found.get("province", at.province.name) == at.province.name
    ]
    if len(places) == 1:
        at, district = places[0]
        found |= {"province": at.province.name, "city": at.city.name, "district": district.name}
        rest = _after(rest, district)
    return found, rest


def _longest(text: str, by_name: dict[str, list[_Named]]) -> list[_Named]:
    """What the longest known name at the start of the text names."""
    for length in range(min(15, len(text)), 1, -1):
        if text[:length] in by_name:
            return by_name[text[:length]]
    return []


def _said(division: Division, text: str) -> str:
    """How the text names the division at its start; empty if it does not."""
    if text.startswith(division.name):
        return division.name
    short = division.short
    return short if text.startswith(short) and not _OTHER_NAME.match(text, len(short)) else ""


def _after(text: str, division: Division) -> str:
    return _BETWEEN.sub("", text[len(_said(division, text)) :], count=1)
