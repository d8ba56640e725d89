"""Encodings are told apart by a few names, in every language that CRM files come in."""

import gzip
import random
from pathlib import Path

import pytest
from babel import Locale

from guanxi.surfaces.imports.encodings import detect
from guanxi.surfaces.imports.findings import is_mojibake
from guanxi.surfaces.imports.letters import best_of, simplified

WRITTEN = [
    *(("cp1252", language) for language in ("fr", "de", "es", "pt", "sv", "da", "nl", "is")),
    *(("cp1250", language) for language in ("cs", "sk", "pl", "hr")),
    *(("cp1251", language) for language in ("ru", "uk", "bg")),
    ("cp1254", "tr"),
    ("cp1257", "lt"),
    ("cp1253", "el"),
    ("cp1255", "he"),
    ("cp1256", "ar"),
    ("cp874", "th"),
    ("koi8_r", "ru"),
    ("mac_roman", "fr"),
    ("gb18030", "zh"),
    ("cp950", "zh_Hant"),
    ("gb18030", "zh_Hant"),
    ("cp932", "ja"),
    ("cp949", "ko"),
]


def words(language: str, encoding: str) -> list[str]:
    """Names of countries and languages that the encoding can write."""
    locale = Locale.parse(language)
    names = [*locale.territories.values(), *locale.languages.values()]
    return [name for name in names if not name.isascii() and name.encode(encoding, "ignore").decode(encoding) == name]


@pytest.mark.parametrize(("encoding", "language"), WRITTEN)
def test_thirty_names_are_enough_to_tell_an_encoding(encoding: str, language: str) -> None:
    names = words(language, encoding)
    chance = random.Random(3)
    for _turn in range(10):
        text = "".join(f"{number},{chance.choice(names)},x\r\n" for number in range(30))
        raw = text.encode(encoding)
        assert raw.decode(best_of(raw.splitlines(keepends=True))[0]) == text


def test_three_chinese_company_names_are_enough(shared_data: Path) -> None:
    with gzip.open(shared_data / "cn_companies" / "company_short_forms.txt.gz", "rt", encoding="utf-8") as packed:
        names = packed.read().split("\n")
    chance = random.Random(4)
    turns = 300
    right = 0
    for _turn in range(turns):
        raw = "\n".join(chance.choices(names, k=3)).encode("gb18030")
        right += best_of(raw.splitlines(keepends=True))[0] == "gb18030"
    assert right >= 0.99 * turns


def test_a_wrong_guess_cannot_hide_behind_a_long_file(tmp_path: Path) -> None:
    """The foreign letters may come only at the very end of a large file."""
    path = tmp_path / "late.csv"
    path.write_bytes(b"id,name\n" + b"1,plain\n" * 300_000 + "2,北京示例科技有限公司\n3,上海样品贸易有限公司\n".encode("gbk"))

    assert detect(path).name == "gb18030"


def test_damaged_text_is_told_from_good_text(shared_data: Path) -> None:
    with gzip.open(shared_data / "cn_companies" / "company_short_forms.txt.gz", "rt", encoding="utf-8") as packed:
        names = random.Random(5).sample(packed.read().split("\n"), 5000)

    assert sum(map(is_mojibake, names)) <= 1
    long = [name for name in names if len(name) > 3]
    assert sum(is_mojibake(name.encode().decode("gb18030", "replace")) for name in long) > 0.9 * len(long)
    german = ["Müller", "Größe", "Straße", "Köln", "Übung"]
    assert [is_mojibake(word) for word in german] == [False] * 5
    assert [is_mojibake(word.encode().decode("cp1252", "replace")) for word in german] == [True] * 5


def test_traditional_characters_are_compared_as_simplified_ones() -> None:
    assert simplified("臺灣積體電路製造股份有限公司 客戶名稱 電話") == "台湾积体电路制造股份有限公司 客户名称 电话"
