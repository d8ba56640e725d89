"""Provinces, cities and districts of mainland China, for pickers and for reading addresses.

The table is made by tools/divisions.py. Hong Kong, Macau and Taiwan are written by their countries'
codes (HK, MO, TW) and free form, as their addresses follow other rules.
"""

import json
import re
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from guanxi.base.languages import is_chinese
from guanxi.base.pinyin import pinyin


class Division(NamedTuple):
    """A province, city or district: its GB/T 2260 code and Chinese name."""

    code: str
    name: str

    @property
    def short(self) -> str:
        """The name as people say it: 上海, 内蒙古, 恩施."""
        return _short_name(self.name)

    def title(self, language: str) -> str:
        """The name in a language: 浦东新区 in Chinese, Pudong New Area in others."""
        return self.name if is_chinese(language) else english_name(self.name)


class _City(NamedTuple):
    province: Division
    city: Division
    districts: list[Division]


class _Table(NamedTuple):
    provinces: list[Division]
    cities: list[_City]
    cities_by_name: dict[str, list[_City]]
    districts_by_name: dict[str, list[tuple[_City, Division]]]


def provinces() -> list[Division]:
    """The provinces, municipalities and autonomous regions, in the order of their codes."""
    return divisions().provinces


def cities(province: str) -> list[Division]:
    """The cities of a province, given by code or name; none for an unknown one."""
    return [at.city for at in divisions().cities if province in at.province or province == at.province.short]


def districts(city: str) -> list[Division]:
    """The districts and counties of a city, given by code or name; none for an unknown one."""
    return [district for at in divisions().cities if city in at.city or city == at.city.short for district in at.districts]


@lru_cache(maxsize=1)
def divisions() -> _Table:
    """The whole table, read at first use."""
    file = Path(__file__).with_name("china_divisions.json")
    table = _Table([], [], {}, {})
    for province_key, province_cities in json.loads(file.read_text(encoding="utf-8")).items():
        province = _division(province_key)
        table.provinces.append(province)
        for city_key, district_keys in province_cities.items():
            at = _City(province, _division(city_key), list(map(_division, district_keys)))
            table.cities.append(at)
            for name in {at.city.name, at.city.short}:
                table.cities_by_name.setdefault(name, []).append(at)
            for district in at.districts:
                table.districts_by_name.setdefault(district.name, []).append((at, district))
    return table


def _division(key: str) -> Division:
    code, _, name = key.partition(" ")
    return Division(code, name)


# The peoples in names of autonomous places; those of one character are never named without 族.
_PEOPLES = (
    "(?:蒙古|维吾尔|哈萨克|柯尔克孜|塔吉克|锡伯|朝鲜|土家|布依|哈尼|景颇|傈僳|纳西|拉祜|仡佬|毛南|仫佬|达斡尔|鄂温克|鄂伦春|普米|布朗"
    "|保安|东乡|撒拉|裕固|独龙|阿昌|德昂)族?|[回藏苗彝壮侗瑶白傣黎畲水佤羌土满怒各]族"
)
_SUFFIX = re.compile(rf"(?:(?:{_PEOPLES})*自治[区州县旗]|省|市|地区|盟|新区|林区|特区|区|县|旗)$")


@lru_cache(maxsize=4096)
def _short_name(name: str) -> str:
    short = "内蒙古" if name == "内蒙古自治区" else _SUFFIX.sub("", name)
    return short if len(short) > 1 else name


# Names that English does not take from pinyin.
_ENGLISH = {
    "内蒙古": "Inner Mongolia",
    "陕西": "Shaanxi",
    "西藏": "Tibet",
    "呼和浩特": "Hohhot",
    "乌鲁木齐": "Urumqi",
    "拉萨": "Lhasa",
    "日喀则": "Shigatse",
    "林芝": "Nyingchi",
    "山南": "Shannan",
    "哈尔滨": "Harbin",
    "齐齐哈尔": "Qiqihar",
    "鄂尔多斯": "Ordos",
    "呼伦贝尔": "Hulunbuir",
    "乌兰察布": "Ulanqab",
    "巴彦淖尔": "Bayannur",
    "锡林郭勒": "Xilingol",
    "阿拉善": "Alxa",
    "兴安": "Hinggan",
    "克拉玛依": "Karamay",
    "吐鲁番": "Turpan",
    "喀什": "Kashgar",
    "和田": "Hotan",
    "阿克苏": "Aksu",
    "阿勒泰": "Altay",
    "塔城": "Tacheng",
    "伊犁": "Ili",
    "克孜勒苏": "Kizilsu",
    "博尔塔拉": "Bortala",
    "巴音郭楞": "Bayingolin",
    "甘孜": "Garze",
    "阿坝": "Ngawa",
}
_KINDS = (("新区", " New Area"), ("林区", " Forestry District"), ("区", " District"), ("县", " County"), ("旗", " Banner"))


@lru_cache(maxsize=4096)
def english_name(name: str) -> str:
    """A division's name in English by pinyin: 上海市 → Shanghai, 西安市 → Xi'an, 浦东新区 → Pudong New Area."""
    short = _short_name(name)
    kind = "" if name.endswith(("自治区", "地区")) else next((word for end, word in _KINDS if name.endswith(end)), "")
    if short in _ENGLISH and not kind:
        return _ENGLISH[short]
    syllables = pinyin(short).split(" ")
    joined = syllables[0] + "".join("'" + syllable if syllable[0] in "aeo" else syllable for syllable in syllables[1:])
    return joined.replace("v", "ü").capitalize() + kind
